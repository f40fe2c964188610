"""The interface of vLLM's Model Runner V2, without vLLM."""

import importlib
import sys
from collections.abc import Iterator
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
import torch

import vllm_ngsd
from _fakes import EOS, USER
from ngsd_guard import ConfigurationError, Engine, MissingDependencyError
from ngsd_guard.hosting import HostGate
from ngsd_guard.testing import scripted_engine
from vllm_ngsd._slots import SlotBatch

_INTERFACE = "vllm.v1.worker.gpu.sample.logits_processor"
_LONGEST = 128


class Slots:
    """vLLM's tokens of each slot, and requests that it decodes greedily."""

    def __init__(self, engine: Engine, **options: Any) -> None:
        self.engine = engine
        self.all_token_ids = SimpleNamespace(gpu=torch.zeros(4, _LONGEST, dtype=torch.int32))
        self.total_len = SimpleNamespace(gpu=torch.zeros(4, dtype=torch.int32))
        self.prompt_len = SimpleNamespace(np=[0] * 4)
        self.prefill_len = SimpleNamespace(np=[0] * 4)
        self.gate = HostGate[int](engine.pair, on_failure="end", on_end=self._keep)
        self.reports: list[Any] = []
        self.batch = SlotBatch(self.gate, self, **options)

    def _keep(self, report: Any) -> None:
        self.reports.append(report)

    def add(self, slot: int, prompt: list[int], output: list[int], params: Any) -> bool:
        is_guarded = self.batch.add(slot, params)
        tokens = [*prompt, *output]
        self.all_token_ids.gpu[slot] = 0
        self.all_token_ids.gpu[slot, : len(tokens)] = torch.tensor(tokens)
        self.total_len.gpu[slot] = len(tokens)
        self.prompt_len.np[slot] = len(prompt)
        self.prefill_len.np[slot] = len(tokens)
        return is_guarded

    def answer(self, slot: int) -> list[int]:
        tokens: list[int] = self.all_token_ids.gpu[slot, : self.total_len.gpu[slot]].tolist()
        return tokens[self.prompt_len.np[slot] :]

    def apply(self, slots: list[int], num_unread: int = 0) -> torch.Tensor:
        rows = []
        for slot in slots:
            text = self.all_token_ids.gpu[slot, : self.total_len.gpu[slot]].tolist()
            base = self.engine.base
            rows.append(base.read([text[: len(text) - num_unread]], base.new_cache())[0, -1])
        lengths = self.total_len.gpu[slots] - num_unread
        context = SimpleNamespace(expanded_idx_mapping=torch.tensor(slots), pos=lengths - 1)
        return self.batch.apply(torch.stack(rows), context)

    def step(self, slots: list[int]) -> None:
        for slot, token_id in zip(slots, self.apply(slots).argmax(dim=-1).tolist(), strict=True):
            self.all_token_ids.gpu[slot, self.total_len.gpu[slot]] = token_id
            self.total_len.gpu[slot] += 1


def params(**options: Any) -> Any:
    return SimpleNamespace(**{"max_tokens": 40, "extra_args": None, **options})


@pytest.fixture
def slots() -> Slots:
    return Slots(scripted_engine())


def expected(engine: Engine) -> tuple[list[int], list[int]]:
    answer = engine.generate(USER, max_new_tokens=40)
    assert answer.num_overrides > 0
    return engine.base.encode_chat(USER), list(answer.token_ids)


def test_answers_are_the_engines_in_any_order_of_rows(slots: Slots) -> None:
    prompt, answer = expected(slots.engine)
    slots.add(2, prompt, [], params())
    slots.add(0, prompt, [], params())
    for step in range(len(answer)):
        slots.step([0, 2] if step % 2 else [2, 0])
    assert slots.answer(0) == slots.answer(2) == answer


def test_preempted_request_goes_on_in_another_slot(slots: Slots) -> None:
    prompt, answer = expected(slots.engine)
    slots.add(1, prompt, [], params())
    for _ in range(3):
        slots.step([1])
    output = slots.answer(1)
    slots.add(1, prompt, [], params())  # another request is given its slot
    slots.add(3, prompt, output, params())
    for _ in answer[3:]:
        slots.step([3])
    assert slots.answer(3) == answer


def test_prompt_in_pieces_is_read_whole_by_the_expert(slots: Slots) -> None:
    prompt, answer = expected(slots.engine)
    slots.add(0, prompt, [], params())
    slots.apply([0], num_unread=4)
    for _ in answer:
        slots.step([0])
    assert slots.answer(0) == answer


def test_ended_request_is_recorded_when_its_slot_is_used_again(slots: Slots) -> None:
    prompt, answer = expected(slots.engine)
    slots.add(0, prompt, [], params())
    for _ in answer:
        slots.step([0])
    slots.add(0, prompt, [], params())
    assert [report.num_tokens for report in slots.reports] == [len(answer)]
    assert slots.reports[0].finish_reason == ("stop" if answer[-1] == EOS else "length")


def test_answer_whose_gate_is_not_known_ends(slots: Slots) -> None:
    prompt, answer = expected(slots.engine)
    slots.add(0, prompt, answer[:3], params())
    assert int((slots.apply([0]) > -torch.inf).sum()) == 1


def test_rows_of_draft_tokens_and_unknown_slots_are_refused(slots: Slots) -> None:
    prompt, _ = expected(slots.engine)
    slots.add(0, prompt, [], params())
    for wrong in ([0, 0], [0, 1]):
        with pytest.raises(ConfigurationError, match="one row for each request"):
            slots.apply(wrong)


@pytest.mark.parametrize("allowed", [True, False])
def test_guard_is_off_only_where_the_operator_allows_it(allowed: bool) -> None:
    slots = Slots(scripted_engine(), allow_unguarded=allowed)
    prompt, answer = expected(slots.engine)
    off = params(extra_args={"ngsd_guarded": False})
    assert slots.add(0, prompt, [], off) != allowed
    slots.add(1, prompt, [], params())
    for _ in answer:
        slots.step([0, 1])
    assert (slots.answer(0) != answer) == allowed
    assert slots.answer(1) == answer


@pytest.fixture
def processor_class(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    parts = _INTERFACE.split(".")
    for end in range(1, len(parts) + 1):
        name = ".".join(parts[:end])
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    sys.modules[_INTERFACE].LogitsProcessor = type("LogitsProcessor", (), {})  # type: ignore[attr-defined]
    yield importlib.import_module("vllm_ngsd._processor_v2").NGSDLogitsProcessorV2
    sys.modules.pop("vllm_ngsd._processor_v2")
    del vllm_ngsd._processor_v2  # type: ignore[attr-defined]


def test_processor_without_configuration_does_nothing(processor_class: Any) -> None:
    processor = processor_class(SimpleNamespace(additional_config={}), SimpleNamespace())
    logits = torch.randn(1, 300)
    assert not processor.add_request(0, params())
    assert processor.apply(logits, SimpleNamespace()) is logits


def test_speculative_decoding_is_refused(processor_class: Any) -> None:
    config = SimpleNamespace(
        additional_config={"ngsd": {"pair": "ngsd-mini"}}, speculative_config="a draft model"
    )
    with pytest.raises(ConfigurationError, match="speculative"):
        processor_class(config, SimpleNamespace(device="cpu"))


def test_missing_runner_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "vllm", None)
    with pytest.raises(MissingDependencyError, match="Model Runner V2"):
        getattr(importlib.import_module("vllm_ngsd"), "NGSDLogitsProcessorV2")  # noqa: B009
