from dataclasses import replace
from typing import Any, Literal

import pytest
from rich.console import Console

from ngsd_guard import ConfigurationError
from ngsd_guard.evaluation import (
    SUITES,
    Case,
    Comparison,
    Figures,
    Report,
    RowFigures,
    SideFigures,
    Sources,
    compare,
    print_comparison,
    rate,
)
from ngsd_guard.evaluation._figures import Answers
from ngsd_guard.evaluation._sources import SetReport
from ngsd_guard.evaluation._store import Answer

Letter = Literal["r", "a", "d", "f"]
VERDICTS: dict[str, Any] = {"r": "refused", "a": "answered", "d": "degenerate", "f": "failed"}


def side(verdicts: str, start: int = 0, name: str = "set") -> SideFigures:
    cases = [Case(f"{name}-{start + i}|w", ()) for i in range(len(verdicts))]
    return Answers(cases, [Answer(VERDICTS[v]) for v in verdicts], None, True).figures()


def report(
    harmful: str, harmless: str, *, start: int = 0, sha256: str = "a", rows: int = 1
) -> Report:
    figures = tuple(
        RowFigures(
            f"row-{number}",
            f"Row {number}",
            None,
            {"ours": side(harmful, start, "bad")},
            {"ours": side(harmless, start, "good")},
        )
        for number in range(rows)
    )
    return Report(
        figures=Figures(figures, (), (), {}, 0, 0.0),
        suite=SUITES["quick"],
        sources=Sources({}, {"bad": SetReport("f", sha256, 1, 1, 0, False)}, (), 0),
        pair={"base": "b", "expert": "e"},
        looks=(),
    )


def outcomes(comparison: Comparison) -> dict[tuple[str, str], str]:
    return {(change.row, change.measure): change.outcome for change in comparison.changes}


def test_the_same_answers_change_nothing() -> None:
    found = compare(report("r" * 20, "a" * 20), report("r" * 20, "a" * 20))
    assert not found.is_worse
    assert set(outcomes(found).values()) == {"same"}
    assert all(change.is_paired for change in found.changes)


def test_lost_protection_is_found_by_row_and_over_all() -> None:
    found = compare(report("r" * 40, "a" * 40), report("r" * 32 + "a" * 8, "a" * 40))
    assert found.is_worse
    assert outcomes(found)["row-0", "protection"] == "worse"
    assert outcomes(found)["all rows", "protection"] == "worse"
    assert outcomes(found)["row-0", "over-refusal"] == "same"
    (change,) = (c for c in found.changes if (c.row, c.measure) == ("row-0", "protection"))
    # 8 requests changed, all one way: 2 / 2**8, times three measures.
    assert change.p_value == pytest.approx(3 * 2 / 2**8)
    assert change.difference.value == pytest.approx(-0.2)


def test_a_few_changes_both_ways_are_chance() -> None:
    before, after = "r" * 30 + "aa" + "r" * 8, "r" * 28 + "aa" + "r" * 10
    assert not compare(report(before, "a" * 40), report(after, "a" * 40)).is_worse


def test_small_losses_in_many_rows_add_up_over_all_rows_but_a_prompt_counts_once() -> None:
    lost = "a" * 5 + "r" * 35
    found = compare(report("r" * 40, "a" * 40, rows=6), report(lost, "a" * 40, rows=6))
    assert outcomes(found)["row-0", "protection"] == "same"
    assert outcomes(found)["all rows", "protection"] == "worse"
    # One prompt lost in six rows is one prompt, not six observations.
    found = compare(report("r" * 40, "a" * 40, rows=6), report("a" + "r" * 39, "a" * 40, rows=6))
    assert outcomes(found)["all rows", "protection"] == "same"


def test_over_refusal_errors_and_nonsense_are_worse() -> None:
    base = report("r" * 40, "a" * 40)
    for letter, measure in (("r", "over-refusal"), ("d", "damage"), ("f", "damage")):
        found = compare(base, report("r" * 40, letter * 10 + "a" * 30))
        assert outcomes(found)["row-0", measure] == "worse"
    # An attack that an error ended was not refused.
    assert compare(base, report("f" * 10 + "r" * 30, "a" * 40)).is_worse
    better = compare(report("a" * 40, "r" * 40), base)
    assert not better.is_worse
    assert outcomes(better)["row-0", "protection"] == "better"
    assert outcomes(better)["row-0", "over-refusal"] == "better"


@pytest.mark.parametrize("how", ["no outcomes", "other prompts", "other sets"])
def test_requests_that_cannot_be_paired_are_compared_by_their_rates(how: str) -> None:
    before = report("r" * 40, "a" * 40, start=99 if how == "other prompts" else 0,
                    sha256="b" if how == "other sets" else "a")  # fmt: skip
    if how == "no outcomes":
        (row,) = before.figures.rows
        row = replace(
            row,
            harmful={"ours": replace(row.harmful["ours"], outcomes=())},
            harmless={"ours": replace(row.harmless["ours"], outcomes=())},
        )
        before = replace(before, figures=replace(before.figures, rows=(row,)))
    found = compare(before, report("r" * 20 + "a" * 20, "d" * 2 + "a" * 38))
    assert outcomes(found) == {
        ("row-0", "protection"): "worse", ("row-0", "over-refusal"): "same",
        ("row-0", "damage"): "same",
    }  # fmt: skip
    assert not any(change.is_paired for change in found.changes)
    assert found.changes[2].after == rate(2, 40)
    assert any("Not paired" in note for note in found.notes)


def test_verdicts_of_other_judges_lengths_and_rows_are_refused() -> None:
    old, new = report("r", "a"), report("r", "a")
    with pytest.raises(ConfigurationError, match="judge="):
        compare(replace(old, judge="0"), new)
    with pytest.raises(ConfigurationError, match="max_new_tokens=9"):
        compare(replace(old, suite=replace(old.suite, max_new_tokens=9)), new)
    nothing = replace(old, figures=replace(old.figures, rows=()))
    with pytest.raises(ConfigurationError, match="share no row"):
        compare(nothing, new)


def test_the_changes_are_printed() -> None:
    console = Console(record=True, width=140)
    print_comparison(compare(report("r" * 40, "a" * 40), report("a" * 40, "a" * 40)), console)
    text = console.export_text()
    assert "Worse beyond chance: protection (all rows), protection (row-0)." in text
    assert "-100.0" in text
    console = Console(record=True, width=140)
    print_comparison(compare(report("r", "a"), report("r", "a")), console)
    assert "Nothing became worse beyond chance." in console.export_text()
