"""In bfloat16 drafts and neighbours change no bit, and so no token."""

from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file

from ngsd_guard import Engine, GateConfig, Message, NGSDConfig, ReflectionConfig, load_engine
from ngsd_guard.config import DecodingConfig
from ngsd_guard.models import HFCausalLM
from ngsd_guard.models.forward._lean import LeanDecoder
from tiny_models import save_model

CONFIG = NGSDConfig(
    gate=GateConfig(v_threshold=0.35, reset_retention=0.6),
    reflection=ReflectionConfig(alpha_knots=((0.0, 0.8), (10.0, 0.9))),
    decoding=DecodingConfig(max_draft_length=6),
)
WORDS = ("fox", "dog", "rate", "7", "seven", "lazy", "quick", "the", "over")
slowly = settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
prompts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=40).map(" ".join)
samplings: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.just({}),
    st.fixed_dictionaries(
        {"temperature": st.sampled_from((0.3, 1.0, 1.7)), "seed": st.integers(0, 2**31)}
    ),
)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """A base, and an expert that is the base with a little noise: most drafts are accepted."""
    root = tmp_path_factory.mktemp("bfloat16")
    base = save_model(root / "base", "llama", seed=1, padding=12)
    expert = save_model(root / "expert", "llama", seed=1, padding=12)
    path: Path = expert / "model.safetensors"
    generator = torch.Generator().manual_seed(3)
    weights = {
        name: weight + 0.03 * weight.std() * torch.randn(weight.shape, generator=generator)
        for name, weight in load_file(path).items()
    }
    save_file(weights, path, metadata={"format": "pt"})
    return load_engine(base, expert, CONFIG, dtype="bfloat16")


def user(text: str) -> list[Message]:
    return [{"role": "user", "content": text}]


def test_the_lean_forward_pass_is_in_use(engine: Engine) -> None:
    for model in (engine.base, engine.expert):
        assert isinstance(model, HFCausalLM)
        assert isinstance(model._reading, LeanDecoder)


@slowly
@given(text=prompts, sampling=samplings)
def test_drafts_change_no_token(engine: Engine, text: str, sampling: dict[str, Any]) -> None:
    options = {"max_new_tokens": 28, "trace": True, **sampling}
    stepwise = engine.generate(user(text), speculative=False, **options)
    drafted = engine.generate(user(text), speculative=True, **options)
    assert drafted.token_ids == stepwise.token_ids
    assert drafted.steps is not None
    assert stepwise.steps is not None
    for first, second in zip(drafted.steps, stepwise.steps, strict=True):
        assert first.spiked == second.spiked
        assert first.current == pytest.approx(second.current, abs=1e-6)


def test_drafts_are_accepted_and_rejected(engine: Engine) -> None:
    """Otherwise the test above would compare stepwise runs with each other."""
    answers = [engine.generate(user(text), max_new_tokens=28) for text in ("The fox", "Seven dogs")]
    drafted = sum(answer.speculation.num_drafted for answer in answers)
    assert 0 < sum(answer.speculation.num_accepted for answer in answers) < drafted


@slowly
@given(requests=st.lists(st.tuples(prompts, samplings), min_size=2, max_size=5))
def test_neighbours_change_no_token(
    engine: Engine, requests: list[tuple[str, dict[str, Any]]]
) -> None:
    conversations = [user(text) for text, _ in requests]
    each = [{"max_new_tokens": 12, **sampling} for _, sampling in requests]
    together = engine.generate_batch(conversations, each=each)
    for messages, options, answer in zip(conversations, each, together, strict=True):
        alone = engine.generate(messages, speculative=False, **options)
        assert answer.token_ids == alone.token_ids
