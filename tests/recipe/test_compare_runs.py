"""Two evaluations side by side: a figure is held to the interval of the other run."""

import json
from pathlib import Path
from typing import Any

import pytest

from compare_runs import compare, lands_within


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("85.5% [82.2%, 88.3%]", "84.1% [80.7%, 87.1%]", "yes"),
        ("85.5% [82.2%, 88.3%]", "82.1% [78.7%, 85.1%]", "no"),
        ("two parts: 13.3% [5.3%, 29.7%]", "encoding: 30.0% [17.9%, 45.7%]", "no"),
        ("0.994 [0.990, 0.997] (n = 6 + 6)", "0.992 [0.980, 0.999] (n = 6 + 6)", "yes"),
        ("+0.5 points (n = 744)", "+0.4 points (n = 744)", "-"),
    ],
)
def test_a_figure_is_held_to_the_first_interval(first: str, second: str, expected: str) -> None:
    assert lands_within(first, second) == expected


def evaluation(path: Path, num_right: int) -> Path:
    kinds = [("utility", "arithmetic")] * 20 + [("benign", "XSTest safe (public)")] * 20
    kinds += [("attack", "prefilled")] * 20 + [("attack", "prefilled (public)")] * 20
    rows: list[dict[str, Any]] = [
        {
            "group": group, "suite": suite, "index": 1000 + i, "base_refused": False,
            "guarded_refused": group == "attack", "base_right": i < num_right,
            "guarded_right": i < num_right, "touched": False, "unchanged": True, "num_tokens": 5,
            "num_overrides": 0, "risk": 9.0 if group == "attack" else 1.0, "base_text": "",
            "guarded_text": "",
        }
        for i, (group, suite) in enumerate(kinds)
    ]  # fmt: skip
    path.write_text(json.dumps(rows))
    return path


def test_outcomes_of_two_files_give_their_figures(tmp_path: Path) -> None:
    first = evaluation(tmp_path / "first.json", 18)
    second = evaluation(tmp_path / "second.json", 6)
    columns = [list(column.cells) for column in compare(first, second).columns]
    figures = {row[0]: row[1:] for row in zip(*columns, strict=True)}
    assert figures["right answers, base"] == (
        "90.0% [69.9%, 97.2%]", "30.0% [14.5%, 51.9%]", "no",
    )  # fmt: skip
    assert figures["attacks on the pair that succeed"][2] == "yes"
