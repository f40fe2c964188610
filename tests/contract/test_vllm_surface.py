"""The V1 interface of vLLM's logits processors, without vLLM."""

import importlib
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
import torch

import ngsd_guard
from _fakes import EOS, USER, read_records
from _hosted import MoveDirectionality
from ngsd_guard import ConfigurationError, Engine, MissingDependencyError, VocabularyMismatchError
from ngsd_guard.errors import ShapeMismatchError
from ngsd_guard.hosting import HostGate
from ngsd_guard.pairs import load_pair
from ngsd_guard.testing import scripted_engine
from tiny_models import make_tokenizer, save_model
from vllm_ngsd._batch import PersistentBatch
from vllm_ngsd._options import HostOptions

MINI = Path(ngsd_guard.__file__).parent / "assets" / "mini" / "base"
SWAP, ONE_WAY = MoveDirectionality.SWAP, MoveDirectionality.UNIDIRECTIONAL


@pytest.fixture
def processor_class(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The class, over a stand-in for vLLM's base class."""
    names = ["vllm", "vllm.v1", "vllm.v1.sample", "vllm.v1.sample.logits_processor"]
    for name in names:
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    sys.modules[names[-1]].LogitsProcessor = type("LogitsProcessor", (), {})  # type: ignore[attr-defined]
    module = importlib.import_module("vllm_ngsd._processor")
    yield module.NGSDLogitsProcessor
    sys.modules.pop("vllm_ngsd._processor")


def config(ngsd: Any = None, *, folder: Path = MINI, vocab: int | None = None, **other: Any) -> Any:
    width = vocab or load_pair().base.vocab_size
    return SimpleNamespace(
        additional_config={} if ngsd is None else {"ngsd": ngsd},
        model_config=SimpleNamespace(
            model=str(folder), tokenizer=str(folder), get_vocab_size=lambda: width
        ),
        **{"speculative_config": None, "parallel_config": SimpleNamespace()} | other,
    )


def make(processor_class: Any, vllm_config: Any) -> Any:
    return processor_class(vllm_config, torch.device("cpu"), False)


def update(
    *,
    removed: Sequence[int] = (),
    added: Sequence[Any] = (),
    moved: Sequence[Any] = (),
) -> Any:
    return SimpleNamespace(batch_size=0, removed=removed, added=added, moved=moved)


def params(max_tokens: int = 40, **other: Any) -> Any:
    return SimpleNamespace(max_tokens=max_tokens, temperature=0.0, extra_args=None, **other)


def test_vllm_is_not_needed_to_import_the_package() -> None:
    assert "NGSDLogitsProcessor" in importlib.import_module("vllm_ngsd").__all__


def test_missing_vllm_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "vllm", None)
    with pytest.raises(MissingDependencyError, match=r"ngsd-guard\[vllm\]"):
        getattr(importlib.import_module("vllm_ngsd"), "NGSDLogitsProcessor")  # noqa: B009


def test_interface_is_complete(processor_class: Any) -> None:
    for name in ("validate_params", "update_state", "apply", "is_argmax_invariant"):
        assert callable(getattr(processor_class, name))


def test_processor_without_configuration_does_nothing(processor_class: Any) -> None:
    processor = make(processor_class, config(vocab=300, speculative_config="a draft model"))
    processor.update_state(None)
    processor.update_state(update(added=[(0, params(), [1, 2], [])]))
    logits = torch.randn(1, 300)
    assert processor.apply(logits) is logits
    assert not processor.needs_output_token_ids()


def test_greedy_answers_are_the_engines(processor_class: Any, tmp_path: Path) -> None:
    """Two requests in one batch, which are swapped, moved, and one of them preempted."""
    pair = load_pair()
    engine = Engine(pair)
    questions = ["What is the capital of France?", "Tell me how to steal a car."]
    turns = [[{"role": "user", "content": text}] for text in questions]
    expected = [list(engine.generate(t, max_new_tokens=40).token_ids) for t in turns]
    processor = make(
        processor_class, config({"pair": "ngsd-mini", "audit": str(tmp_path / "audit.jsonl")})
    )
    prompts = [pair.base.encode_chat(turn) for turn in turns]
    outputs: list[list[int]] = [[], []]
    places = [1, 0]  # of the requests
    kept = params()  # vLLM keeps the parameters of a request that it preempts
    processor.update_state(
        update(added=[(1, params(), prompts[0], outputs[0]), (0, kept, prompts[1], outputs[1])])
    )
    for step in range(8):
        if step == 3:
            places = [0, 1]
            processor.update_state(update(moved=[(0, 1, SWAP)]))
        if step == 5:  # the second is preempted, comes back, and the first moves up
            places = [1, 0]
            back = (0, kept, prompts[1], list(outputs[1]))
            processor.update_state(update(removed=[1], added=[], moved=[(0, 1, ONE_WAY)]))
            processor.update_state(update(added=[back]))
            outputs[1] = back[3]
        rows = [places.index(place) for place in range(2)]
        logits = torch.stack(
            [
                pair.base.read([[*prompts[r], *outputs[r]]], pair.base.new_cache())[0, -1]
                for r in rows
            ]
        )
        chosen = processor.apply(logits).argmax(dim=-1).tolist()
        for row, token_id in zip(rows, chosen, strict=True):
            outputs[row].append(token_id)
    assert outputs[0] == expected[0][:8]
    assert outputs[1] == expected[1][:8]
    processor._batch.close()
    records = read_records(tmp_path / "audit.jsonl")
    assert sorted(r["status"] for r in records) == ["cancelled", "completed"]
    assert sum(len(r["spike_indices"]) for r in records) > 0


def scripted_batch(**options: Any) -> tuple[PersistentBatch, Engine]:
    engine = scripted_engine()
    gate = HostGate[int](engine.pair, on_failure="end")
    return PersistentBatch(gate, **options), engine


def test_placeholders_are_filled_in_before_logits_come() -> None:
    batch, engine = scripted_batch()
    prompt, output = engine.base.encode_chat(USER), list[int]()
    batch.update(update(added=[(0, params(), prompt, output)]))
    answer = list(engine.generate(USER, max_new_tokens=12).token_ids)
    for _ in answer:
        text = [*prompt, *output]
        logits = engine.base.read([text], engine.base.new_cache())[:, -1]
        chosen = int(batch.apply(logits).argmax())
        output.append(-1)
        batch.update(update())
        output[-1] = chosen
    assert output == answer


def test_placeholder_that_is_not_filled_in_ends_the_answer() -> None:
    batch, engine = scripted_batch()
    output: list[int] = []
    batch.update(update(added=[(0, params(), engine.base.encode_chat(USER), output)]))
    batch.apply(torch.randn(1, 257))
    output.append(-1)
    gated = batch.apply(torch.randn(1, 257))
    assert gated.argmax() == EOS
    assert int((gated > -torch.inf).sum()) == 1


def test_prompt_of_embeddings_ends_the_answer() -> None:
    batch, _ = scripted_batch()
    batch.update(update(added=[(0, params(), None, [])]))
    assert int((batch.apply(torch.randn(1, 257)) > -torch.inf).sum()) == 1


def test_request_that_vllm_drops_is_recorded_and_forgotten() -> None:
    batch, engine = scripted_batch()
    request, kept = params(), params()
    ids = engine.base.encode_chat(USER)
    batch.update(update(added=[(0, request, ids, []), (1, kept, ids, [])]))
    batch.update(update(removed=[0, 1]))
    assert batch.num_parked == 2
    del request
    assert batch.num_parked == 1
    batch.update(update(added=[(0, kept, ids, [])]))
    assert batch.num_rows == 1


def test_row_that_was_never_added_is_refused() -> None:
    batch, _ = scripted_batch()
    with pytest.raises(ConfigurationError, match="never added"):
        batch.apply(torch.randn(2, 257))


@pytest.mark.parametrize("allowed", [True, False])
def test_guard_is_off_only_where_the_operator_allows_it(allowed: bool) -> None:
    batch, engine = scripted_batch(allow_unguarded=allowed)
    request = params()
    request.extra_args = {"ngsd_guarded": False}
    batch.update(update(added=[(0, request, engine.base.encode_chat(USER), [])]))
    logits = torch.zeros(1, 257)
    logits[0, ord("S")] = 30.0
    assert torch.equal(batch.apply(logits.clone()), logits) == allowed


@pytest.mark.parametrize(
    "extra_args", [{"ngsd_guarded": "maybe"}, {"ngsd_gaurded": True}, {"ngsd_alpha": 0.1}]
)
def test_wrong_options_of_a_request_are_value_errors(
    processor_class: Any, extra_args: dict[str, Any]
) -> None:
    with pytest.raises(ValueError, match="ngsd_"):
        processor_class.validate_params(SimpleNamespace(extra_args=extra_args))


def test_right_options_of_a_request_pass(processor_class: Any) -> None:
    for extra_args in (None, {}, {"ngsd_guarded": True}, {"other": 1}):
        processor_class.validate_params(SimpleNamespace(extra_args=extra_args))


def test_speculative_decoding_is_refused(processor_class: Any) -> None:
    with pytest.raises(ConfigurationError, match="speculative"):
        make(processor_class, config({"pair": "ngsd-mini"}, speculative_config="a draft model"))


@pytest.mark.parametrize("name", ["tensor_parallel_size", "pipeline_parallel_size"])
def test_several_ranks_are_refused(processor_class: Any, name: str) -> None:
    parallel = SimpleNamespace(**{name: 2})
    with pytest.raises(ConfigurationError, match=name):
        make(processor_class, config({"pair": "ngsd-mini"}, parallel_config=parallel))


def test_other_vocabularies_are_refused(processor_class: Any, tmp_path: Path) -> None:
    with pytest.raises(ShapeMismatchError):
        make(processor_class, config({"pair": "ngsd-mini"}, vocab=100))
    folder = save_model(tmp_path, "llama", seed=1, tokenizer=make_tokenizer(["<other>"]))
    with pytest.raises(VocabularyMismatchError):
        make(processor_class, config({"pair": "ngsd-mini"}, folder=folder, vocab=10**6))


@pytest.mark.parametrize("ngsd", [{"pari": "ngsd-mini"}, "ngsd-mini", {"risk": "none"}])
def test_wrong_configuration_is_refused(processor_class: Any, ngsd: Any) -> None:
    with pytest.raises(ConfigurationError):
        make(processor_class, config(ngsd))


def test_options_have_the_documented_names() -> None:
    assert {"pair", "expert", "calibration", "audit"} <= set(HostOptions.model_fields)
