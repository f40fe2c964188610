"""Speculative, stepwise, batched and streamed answers are equal, on every architecture."""

from pathlib import Path
from typing import Any

import pytest
import torch
from _ties import assert_same
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file

from ngsd_guard import Engine, GateConfig, Message, NGSDConfig, ReflectionConfig, load_engine
from ngsd_guard.config import DecodingConfig
from ngsd_guard.models import HFCausalLM, RowCache
from ngsd_guard.models.forward._lean import LeanDecoder
from ngsd_guard.models.forward._reading import ModuleReading, SeparateReading
from ngsd_guard.pairs import Pair
from tiny_models import save_model

LEAN = {"llama", "mistral", "mistral_sliding", "qwen3"}
# Fires at about every second token of the close pair below, so that accepted, rejected and mixed
# tokens all occur.
CONFIG = NGSDConfig(
    gate=GateConfig(v_threshold=0.35, reset_retention=0.6),
    reflection=ReflectionConfig(alpha_knots=((0.0, 0.8), (10.0, 0.9))),
)
NUM_TOKENS = 28
WORDS = ("fox", "東京", "dog", "Bär", "rate", "7", "seven", "🦊", "lazy", "quick", "the", "over")


def user(text: str) -> list[Message]:
    return [{"role": "user", "content": text}]


@pytest.fixture(scope="module")
def close_pair(architecture: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A base, and an expert that is the base with a little noise: most drafts are accepted."""
    root = tmp_path_factory.mktemp(f"close-{architecture}")
    base = save_model(root / "base", architecture, seed=1, padding=12)
    expert = save_model(root / "expert", architecture, seed=1, padding=12)
    path = expert / "model.safetensors"
    generator = torch.Generator().manual_seed(3)
    noise = 0.25 if architecture == "gemma3" else 0.03  # its norms remove most of the noise
    weights = {
        name: weight + noise * weight.std() * torch.randn(weight.shape, generator=generator)
        for name, weight in load_file(path).items()
    }
    save_file(weights, path, metadata={"format": "pt"})
    return base, expert


@pytest.fixture(scope="module")
def engine(close_pair: tuple[Path, Path]) -> Engine:
    return load_engine(*close_pair, config=CONFIG)


prompts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=40).map(" ".join)
samplings = st.one_of(
    st.just({}),
    st.fixed_dictionaries(
        {
            "temperature": st.sampled_from((0.3, 1.0, 1.7)),
            "seed": st.integers(0, 2**31),
            "top_p": st.sampled_from((1.0, 0.9)),
        }
    ),
)
slowly = settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def answers(engine: Engine, messages: list[Message], **options: Any) -> Any:
    return engine.generate(messages, max_new_tokens=NUM_TOKENS, trace=True, **options)


def with_drafts(engine: Engine, longest: int) -> Engine:
    config = engine.config.replace(
        decoding=engine.config.decoding.replace(max_draft_length=longest)
    )
    return Engine(Pair(engine.base, engine.expert, config))


@slowly
@given(text=prompts, sampling=samplings, longest=st.integers(1, 8))
def test_speculative_equals_stepwise_equals_streamed(
    engine: Engine, text: str, sampling: dict[str, Any], longest: int
) -> None:
    messages, temperature = user(text), sampling.get("temperature", 0.0)
    drafting = with_drafts(engine, longest)
    stepwise = answers(engine, messages, speculative=False, **sampling)
    speculative = answers(drafting, messages, speculative=True, **sampling)
    assert_same(engine, messages, stepwise, speculative, temperature=temperature)
    stream = drafting.stream(messages, max_new_tokens=NUM_TOKENS, trace=True, **sampling)
    assert "".join(step.text for step in stream) == stream.generation.text
    assert_same(engine, messages, speculative, stream.generation, temperature=temperature)


def test_drafts_are_accepted_and_rejected(engine: Engine) -> None:
    """Otherwise the tests here would compare stepwise runs with each other."""
    totals = [0, 0, 0, 0]
    for text in ("The fox", "Seven wizards rate the request", "東京 🦊"):
        answer = answers(engine, user(text))
        assert answer.speculation.status == "on"
        drafted, accepted = answer.speculation.num_drafted, answer.speculation.num_accepted
        totals = [a + b for a, b in zip(totals, (accepted, drafted - accepted, answer.num_spikes,
                                                 answer.num_overrides), strict=True)]  # fmt: skip
    assert min(totals) > 0


@slowly
@given(
    requests=st.lists(st.tuples(prompts, samplings, st.integers(1, 20)), min_size=2, max_size=6),
    is_guarded=st.booleans(),
)
def test_batched_equals_one_at_a_time(
    engine: Engine, requests: list[tuple[str, dict[str, Any], int]], *, is_guarded: bool
) -> None:
    conversations = [user(text) for text, _, _ in requests]
    each = [sampling | {"max_new_tokens": length} for _, sampling, length in requests]
    together = engine.generate_batch(conversations, each=each, trace=True, guarded=is_guarded)
    for messages, options, answer in zip(conversations, each, together, strict=True):
        alone = engine.generate(messages, trace=True, guarded=is_guarded, **options)
        temperature = options.get("temperature", 0.0)
        assert_same(engine, messages, alone, answer, temperature=temperature)


def test_fast_readings_are_the_ones_in_use(engine: Engine, architecture: str) -> None:
    """A reading that disagrees with transformers would be replaced silently."""
    expected = LeanDecoder if architecture in LEAN else ModuleReading
    for model in (engine.base, engine.expert):
        assert isinstance(model, HFCausalLM)
        assert type(model._reading) is expected


def test_rows_of_any_length_equal_single_rows(engine: Engine) -> None:
    model = engine.base
    assert isinstance(model, HFCausalLM)
    prompts = [list(range(5, 5 + length)) for length in (3, 40, 17)]
    caches = [model.new_cache() for _ in prompts]
    for ids, cache in zip(prompts, caches, strict=True):
        model.read([ids], cache)
    joined = RowCache.join([cache.fork() for cache in caches])
    new = [[7, 8, 9], [10, 11, 12], [13, 14, 15]]
    for _ in range(2):  # the rollback restores the cache
        logits = model.read(new, joined, num_logits=3)
        assert joined.lengths == (6, 43, 20)
        for number, (ids, cache) in enumerate(zip(new, caches, strict=True)):
            alone = model.read([ids], cache.fork(), num_logits=3)
            torch.testing.assert_close(logits[number], alone[0], atol=2e-4, rtol=0)
        joined.roll_back([3, 3, 3])
    fewer = joined.select([2, 0])
    assert fewer.lengths == (17, 3)
    logits = model.read([[13], [7]], fewer)
    torch.testing.assert_close(
        logits[0], model.read([[13]], caches[2].fork())[0], atol=2e-4, rtol=0
    )


@pytest.mark.parametrize("num_read", [0, 30])
def test_branches_equal_forks(engine: Engine, num_read: int) -> None:
    model = engine.base
    assert isinstance(model, HFCausalLM)
    start, new, branches = list(range(3, 3 + num_read)), [40, 41, 42, 43], [(1, 60), (3, 61)]
    cache = model.new_cache()
    if start:
        model.read([start], cache)
    together = cache.fork() if start else model.new_cache()
    ids = [*new, *(token_id for _, token_id in branches)]
    logits = model.read([ids], together, num_logits=6, branches=[index for index, _ in branches])
    assert together.lengths == (num_read + 4,)
    alone = model.new_cache()
    expected = model.read([[*start, *new]], alone, num_logits=4)
    torch.testing.assert_close(logits[:, :4], expected, atol=2e-4, rtol=0)
    for place, (index, token_id) in enumerate(branches, 4):
        branched = [*start, *new[: index + 1], token_id]
        expected = model.read([branched], model.new_cache())
        torch.testing.assert_close(logits[:, place], expected[:, 0], atol=2e-4, rtol=0)
    # Branches are not kept: later tokens do not attend to them.
    torch.testing.assert_close(
        model.read([[9]], together), model.read([[9]], alone), atol=2e-4, rtol=0
    )


def test_conversation_reuses_the_prefix_cache(engine: Engine) -> None:
    """The tokens equal those without a prefix cache; an edited turn is read again."""
    fresh = Engine(Pair(engine.base, engine.expert, CONFIG))
    without = Engine(
        Pair(
            engine.base, engine.expert, CONFIG.replace(decoding=DecodingConfig(prefix_cache_mib=0))
        )
    )
    conversation = user("The quick fox jumps over the lazy dog and seven wizards")
    for number in range(3):
        expected = answers(without, conversation)
        assert_same(engine, conversation, expected, answers(fresh, conversation))
        conversation += [
            {"role": "assistant", "content": expected.text},
            {"role": "user", "content": f"And the dog, number {number}?"},
        ]
    edited = [{"role": "user", "content": "The quick dog jumps over"}, *conversation[1:]]
    expected = answers(without, edited)
    assert_same(engine, edited, expected, answers(fresh, edited))
    prefixes = fresh.pair.base_prefixes
    _, unread = prefixes.start(engine.base.encode_chat(conversation))
    assert len(unread) < len(engine.base.encode_chat(conversation)) / 2
    assert len(without.pair.base_prefixes) == 0


def test_model_run_by_transformers_alone_gives_the_same(
    engine: Engine, architecture: str, close_pair: tuple[Path, Path]
) -> None:
    """One row at a time, and single steps once a sliding window cannot roll back."""
    slow = load_engine(*close_pair, config=CONFIG)
    for model in (slow.base, slow.expert):
        assert isinstance(model, HFCausalLM)
        model._reading = SeparateReading(model.model)
    messages = user("Seven wizards rate the request of a lazy dog")
    expected = answers(slow, messages)
    has_window = architecture in ("gemma3", "mistral_sliding")
    assert expected.speculation.status == ("no_rollback" if has_window else "on")
    assert expected.steps is not None
    assert (expected.steps[-1].num_drafted == 0) or not has_window
    assert_same(slow, messages, expected, answers(engine, messages))
    both = [messages, user("fox")]
    for one, answer in zip(both, slow.generate_batch(both, max_new_tokens=9, trace=True),
                           strict=True):  # fmt: skip
        assert_same(slow, one, slow.generate(one, max_new_tokens=9, trace=True), answer)


def test_lean_weights_are_views_of_the_models(engine: Engine, architecture: str) -> None:
    assert isinstance(engine.base, HFCausalLM)
    model = engine.base.model
    if architecture not in LEAN:
        assert not LeanDecoder.suits(model)
        return
    attention = model.model.layers[0].self_attn
    start = attention.q_proj.weight.untyped_storage().data_ptr()
    assert attention.k_proj.weight.untyped_storage().data_ptr() == start
    assert attention.v_proj.weight.untyped_storage().data_ptr() == start
