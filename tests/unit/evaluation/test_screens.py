"""Baselines that keep or replace a whole answer: Self-Exam, and the training-free anchor."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from torch import Tensor

from _fakes import CountingModel, constant
from _tiny_pair import NAMES, tiny_engine, write_data
from ngsd_guard import ContextOverflowError, Engine
from ngsd_guard.errors import NonFiniteLogitsError
from ngsd_guard.evaluation import Figures, Store, Suite, evaluate, read_sources
from ngsd_guard.evaluation.baselines import Anchor, Screening, SelfExam, screen_options
from ngsd_guard.pairs import Pair
from ngsd_guard.testing import ScriptedCache, ScriptedModel
from ngsd_guard.types import Message

ASK: list[Message] = [{"role": "user", "content": "Hello"}]


def figures_of(tmp_path: Path, contenders: Any, **options: Any) -> Figures:
    sources = read_sources(write_data(tmp_path / "data"), whole=NAMES)
    suite = Suite(
        name="quick",
        sizes={"plain": 2, "prefill-10": 2},
        contenders=contenders,
        rails={},
        max_new_tokens=40,
        num_matching=4,
        **options,
    )
    store = Store(tmp_path / "out")
    try:
        return evaluate(tiny_engine(), sources, suite, store)
    finally:
        store.close()


def replies(*texts: str) -> list[Any]:
    """Return what Self-Exam says where the base replies to its questions with these texts."""
    asked: list[list[Message]] = []

    class Replying:
        def generate_batch(self, conversations: Any, **options: Any) -> list[Any]:
            assert options["guarded"] is False
            asked.extend(conversations)
            return [type("Reply", (), {"text": text})() for text in texts]

    engine: Any = Replying()
    opened = [*ASK, {"role": "assistant", "content": "Sure, here"}]
    said = SelfExam().screen(engine, [opened] * len(texts), [" is it"] * len(texts))
    assert all("content: Sure, here is it \nRespond" in turns[0]["content"] for turns in asked)
    return said


def test_a_yes_replaces_an_answer_and_anything_else_keeps_it() -> None:
    said = replies("Yes, this is harmful", "No, this is not harmful", "It is: YES", "Hm")
    assert said == [Screening(True), Screening(False), Screening(True), Screening(False)]


def test_the_anchor_is_the_likelihood_of_its_sentence() -> None:
    model = constant(t83=0.6, t110=0.2, t65=0.2)
    anchor = Anchor(5.9, sentence="S")
    assert anchor.risk(model, ASK) == pytest.approx(6.0, abs=1e-3)
    # Of more tokens the geometric mean counts: the root of 0.6 * 0.2.
    assert Anchor(7.0, sentence="SA").risk(model, ASK) == pytest.approx(3.4641, abs=1e-3)
    engine = Engine(Pair(model, model))
    assert anchor.screen(engine, [ASK], ["ignored"]) == [Screening(True, anchor.risk(model, ASK))]
    strict = Anchor(6.1, sentence="S")
    assert strict.screen(engine, [ASK], [""]) == [Screening(False, anchor.risk(model, ASK))]


def test_the_anchor_reads_the_request_before_a_prefilled_answer() -> None:
    seen: list[int] = []

    class Noting(ScriptedModel):
        def forward(self, input_ids: Sequence[int], cache: ScriptedCache) -> Tensor:
            seen[:] = input_ids
            return super().forward(input_ids, cache)

    model = Noting("A")
    opened: list[Message] = [*ASK, {"role": "assistant", "content": "Sure, here is"}]
    plain = Anchor(5.0).risk(model, ASK)
    read = list(seen)
    assert Anchor(5.0).risk(model, opened) == plain
    assert seen == read


def test_what_the_anchor_cannot_read_has_failed_and_is_not_called_safe() -> None:
    broken = constant(t65=math.nan)
    assert isinstance(
        Anchor(5.0).screen(Engine(Pair(broken, broken)), [ASK], [""])[0], NonFiniteLogitsError
    )
    small = CountingModel("A", context_length=8)
    with pytest.raises(ContextOverflowError):
        Anchor(5.0).risk(small, [{"role": "user", "content": "x" * 20}])


def test_another_question_or_threshold_is_another_contender() -> None:
    assert screen_options(SelfExam()) != screen_options(SelfExam(question="Harmful: {answer}?"))
    assert screen_options(Anchor(1.0)) != screen_options(Anchor(2.0))
    assert screen_options(Anchor(1.0))["kind"] == "Anchor"


def test_screens_stand_in_every_row_beside_their_controls_and_are_cached(tmp_path: Path) -> None:
    names = ("base", "self-exam", "anchor", "ours")
    figures = figures_of(tmp_path, names)
    assert figures.matched is not None
    assert figures.matched.thresholds.keys() == {"anchor"}
    for row in figures.rows:
        for name in ("self-exam", "anchor"):
            for side in (row.harmful[name], row.harmless[name]):
                assert side.n == 2
                assert side.num_failed == 0
                assert side.touched is not None
                # The tiny base says neither yes nor the sentence: it keeps its answers.
                assert side.identical is not None
                assert side.identical.value == 1.0
    assert {risk.contender for risk in figures.risks} == {"ours", "anchor"}
    assert figures_of(tmp_path, names).num_new == 0


def test_a_replaced_answer_counts_as_refused_and_as_touched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def screen(self: Any, engine: Any, conversations: Any, answers: Any) -> list[Screening]:
        return [Screening("contraband" in turns[0]["content"]) for turns in conversations]

    monkeypatch.setattr(SelfExam, "screen", screen)
    for row in figures_of(tmp_path, ("self-exam",)).rows:
        attacked, control = row.harmful["self-exam"], row.harmless["self-exam"]
        assert attacked.refused.value == 1.0
        assert control.refused.value == 0.0
        assert attacked.touched is not None
        assert control.touched is not None
        assert (attacked.touched.value, control.touched.value) == (1.0, 0.0)
        assert attacked.overridden is not None
        assert attacked.overridden.value == 1.0
        assert attacked.identical is not None
        assert attacked.identical.value == 0.0


def test_a_screen_that_fails_counts_as_a_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def screen(self: Any, engine: Any, conversations: Any, answers: Any) -> list[Any]:
        return [ContextOverflowError(9, 8, what="a question") for _ in conversations]

    monkeypatch.setattr(SelfExam, "screen", screen)
    for row in figures_of(tmp_path, ("self-exam",)).rows:
        assert row.harmful["self-exam"].num_failed == 2
        assert row.harmful["self-exam"].refused.value == 0.0
