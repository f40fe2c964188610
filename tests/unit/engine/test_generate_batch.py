from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from _fakes import (
    EAGER,
    USER,
    VOCAB_SIZE,
    FailingModel,
    FunctionModel,
    logits_with,
    random_logits,
    read_records,
)
from ngsd_guard import AuditLog, ConfigurationError, Engine, NGSDError, NonFiniteLogitsError
from ngsd_guard.config import DecodingConfig, NGSDConfig
from ngsd_guard.pairs import Pair
from ngsd_guard.testing import ScriptedModel, scripted_engine

CONVERSATIONS = [
    [{"role": "user", "content": text}]
    for text in ("Foxes?", "Tell me about dogs.", "Hi", "A " * 9)
]


def whole_text_logits(seed: int) -> Callable[[list[int]], Tensor]:
    """Return logits that look random and depend on every token read."""
    of_three = random_logits(seed)
    return lambda token_ids: of_three([sum(token_ids), *token_ids[-2:]])


def engine(config: NGSDConfig = EAGER, **options: Any) -> Engine:
    models = FunctionModel(whole_text_logits(1)), FunctionModel(whole_text_logits(2))
    return Engine(Pair(*models, config), **options)


@pytest.mark.parametrize("options", [{}, {"temperature": 1.0, "seed": 3}, {"guarded": False}])
def test_answers_are_those_of_generate_in_the_order_asked(options: dict[str, Any]) -> None:
    together = engine().generate_batch(CONVERSATIONS, max_new_tokens=12, **options)
    alone = [engine().generate(c, max_new_tokens=12, **options) for c in CONVERSATIONS]
    assert [a.token_ids for a in together] == [a.token_ids for a in alone]
    assert [a.num_spikes for a in together] == [a.num_spikes for a in alone]
    assert len({a.token_ids for a in together}) > 1


def test_each_conversation_can_have_options_of_its_own() -> None:
    each: list[dict[str, Any]] = [
        {"max_new_tokens": 3},
        {"guarded": False},
        {"temperature": 1.0, "seed": 1},
        {"speculative": False, "trace": True},
    ]
    answers = engine().generate_batch(CONVERSATIONS, each=each, max_new_tokens=8)
    assert [len(a.token_ids) for a in answers] == [3, 8, 8, 8]
    assert [a.guarded for a in answers] == [True, False, True, True]
    assert [a.steps is not None for a in answers] == [False, False, False, True]
    for conversation, own, answer in zip(CONVERSATIONS, each, answers, strict=True):
        alone = engine().generate(conversation, **{"max_new_tokens": 8, **own})
        assert alone.token_ids == answer.token_ids


def test_more_conversations_than_fit_side_by_side_are_all_answered() -> None:
    small = EAGER.replace(decoding=DecodingConfig(max_batch_size=3))
    answers = engine(small).generate_batch(CONVERSATIONS * 2, max_new_tokens=5)
    assert [a.token_ids for a in answers[:4]] == [a.token_ids for a in answers[4:]]


def test_options_must_be_one_for_each() -> None:
    with pytest.raises(ConfigurationError, match="1 entries for 4"):
        engine().generate_batch(CONVERSATIONS, each=[{}])


def test_constraint_cannot_be_shared() -> None:
    with pytest.raises(ConfigurationError, match="each its own"):
        engine().generate_batch(CONVERSATIONS, constraint=object())


def test_constraint_that_fails_leaves_the_others_alone() -> None:
    class Broken:
        """Fails at its second token."""

        num_read = 0

        def mask(self, num_left: int | None = None) -> Tensor:
            if self.num_read > 1:
                raise RuntimeError("broken")
            return torch.ones(VOCAB_SIZE, dtype=torch.bool)

        def advance(self, token_id: int) -> None:
            self.num_read += 1

        def roll_back(self, num_tokens: int) -> None:
            self.num_read -= num_tokens

    for speculative in (True, False):
        each: list[dict[str, Any]] = [{}, {"constraint": Broken()}, {}]
        first, failed, third = engine().generate_batch(
            CONVERSATIONS[:3],
            each=each,
            max_new_tokens=6,
            return_exceptions=True,
            speculative=speculative,
        )
        assert isinstance(failed, NGSDError)
        assert isinstance(failed.__cause__, RuntimeError)
        assert len(first.token_ids) == len(third.token_ids) == 6


def test_nothing_is_no_work() -> None:
    assert engine().generate_batch([]) == []


def test_wrong_request_is_refused_before_any_work_and_named() -> None:
    pair = engine()
    with pytest.raises(ConfigurationError):
        pair.generate_batch([USER, []])
    assert pair.base.lengths == []  # type: ignore[attr-defined]
    first, second = pair.generate_batch([USER, []], return_exceptions=True, max_new_tokens=2)
    assert len(first.token_ids) == 2
    assert isinstance(second, ConfigurationError)


def test_request_that_fails_leaves_the_others_alone(tmp_path: Any) -> None:
    log = AuditLog(tmp_path / "audit.jsonl")

    class Failing(FailingModel):
        """Fails where it is asked about foxes."""

        def forward(self, input_ids: Any, cache: Any) -> Any:
            logits = super().forward(input_ids, cache)
            is_other = b"foxes" not in bytes(i for i in cache.token_ids if i < 256)
            return ScriptedModel.forward(self, [], cache) if is_other else logits

    text = "Sure, here is how."
    base = Failing(text, fail_at=4, fault=logits_with(t70=float("nan")))
    pair = Engine(Pair(base, ScriptedModel(text)), audit=log)
    conversations = [CONVERSATIONS[0], USER, CONVERSATIONS[2]]
    first, failed, third = pair.generate_batch(conversations, return_exceptions=True)
    assert first.text == third.text == text
    assert isinstance(failed, NonFiniteLogitsError)
    assert sorted(record["status"] for record in read_records(log.path)) == [
        "completed",
        "completed",
        "failed",
    ]
    with pytest.raises(NGSDError):
        pair.generate_batch(conversations)
    assert len(read_records(log.path)) == 6


def test_rows_leave_as_they_finish() -> None:
    short, long = CONVERSATIONS[0], CONVERSATIONS[1]
    pair = engine()
    pair.generate_batch(
        [short, long], each=[{"max_new_tokens": 2}, {"max_new_tokens": 30}], speculative=False
    )
    alone = engine()
    alone.generate(long, max_new_tokens=30, speculative=False)
    # Beyond the two ratings and prompts, the short answer costs one step of two rows at most.
    assert pair.expert.num_calls - alone.expert.num_calls <= 2  # type: ignore[attr-defined]


def test_every_answer_of_a_batch_is_recorded(tmp_path: Any) -> None:
    log = AuditLog(tmp_path / "audit.jsonl")
    answers = scripted_engine(audit=log).generate_batch(CONVERSATIONS)
    assert {r["event_id"] for r in read_records(log.path)} == {answer.id for answer in answers}
