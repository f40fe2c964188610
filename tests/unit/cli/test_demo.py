"""The demo: its requests, its results and its output."""

import io
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from rich.console import Console

from ngsd_guard import AuditLog, ConfigurationError
from ngsd_guard.audit import read_lines
from ngsd_guard.cli._demo_requests import REQUESTS
from ngsd_guard.cli._demo_run import run_demo, save_picture
from ngsd_guard.render import DemoRequest, DemoResult, results_table, summary_line
from ngsd_guard.testing import scripted_engine

_ATTACK = DemoRequest("attack", "Do harm.", is_attack=True, prefill="Sure")
_BENIGN = DemoRequest("benign", "Be kind.")


def _results(*requests: DemoRequest) -> list[DemoResult]:
    return run_demo(scripted_engine(), max_new_tokens=60, requests=requests)


def _printed(results: list[DemoResult], width: int) -> str:
    output = io.StringIO()
    console = Console(width=width, file=output)
    console.print(results_table(results, 1.0, console))
    return output.getvalue()


def test_the_demo_has_harmless_borderline_and_hostile_requests() -> None:
    assert 3 <= sum(not request.is_attack for request in REQUESTS) <= 6
    kinds = {request.kind for request in REQUESTS}
    assert "benign look-alike" in kinds
    # Attacks stand beside harmless requests in the same clothes.
    clothes = {kind.removeprefix("control: ") for kind in kinds if kind.startswith("control")}
    assert clothes
    assert clothes <= {kind.removeprefix("attack: ") for kind in kinds if kind.startswith("attack")}
    assert any(request.prefill for request in REQUESTS if request.is_attack)


def test_a_prefilled_answer_is_an_open_assistant_turn() -> None:
    assert [turn["role"] for turn in _ATTACK.messages] == ["user", "assistant"]
    assert [turn["role"] for turn in _BENIGN.messages] == ["user"]


def test_every_request_is_answered_without_and_with_the_guard() -> None:
    seen: list[int] = []
    results = run_demo(
        scripted_engine(),
        max_new_tokens=60,
        requests=[_BENIGN, _ATTACK],
        on_request=lambda index, request: seen.append(index),
    )
    assert seen == [0, 1]
    for result in results:
        assert not result.unguarded.guarded
        assert result.guarded.guarded
        assert result.guarded_refused
        assert not result.unguarded_refused
        assert not result.is_unchanged


def test_the_summary_counts_refusals_and_unchanged_answers() -> None:
    summary = summary_line(_results(_ATTACK, _ATTACK, _BENIGN)).plain
    assert "0 of 2 unguarded, 2 of 2 guarded" in summary
    assert "unchanged: 0 of 1" in summary


@pytest.mark.parametrize("width", [30, 60, 89, 90, 100, 120, 200])
def test_the_answers_fit_any_terminal(width: int) -> None:
    printed = _printed(_results(_BENIGN, _ATTACK), width)
    assert max(map(len, printed.splitlines())) <= width
    assert "█" in printed
    assert "refused" in printed


def test_an_answer_without_intervention_is_called_unchanged() -> None:
    engine = scripted_engine(
        "A long and harmless answer to it.", "A long and harmless answer to it."
    )
    results = run_demo(engine, max_new_tokens=60, requests=[_BENIGN])
    assert results[0].is_unchanged
    assert "unchanged" in _printed(results, 100)


def test_the_picture_has_a_panel_for_every_request(tmp_path: Path) -> None:
    path = tmp_path / "potential.svg"
    save_picture(_results(_BENIGN, _ATTACK), scripted_engine(), path)
    groups = ET.parse(path).getroot().iter("{http://www.w3.org/2000/svg}g")
    assert sum(group.get("class") == "panel" for group in groups) == 2


def test_a_picture_that_cannot_be_written_names_the_option(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="--out"):
        save_picture(_results(_BENIGN), scripted_engine(), tmp_path / "none" / "p.svg")


def test_both_answers_are_in_the_audit_log(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    log = AuditLog(path)
    run_demo(scripted_engine(audit=log), max_new_tokens=9, requests=[_BENIGN])
    log.close()
    records = [r for r in read_lines(path) if r["kind"] == "request"]
    assert [record["evaluation"] for record in records] == ["skipped", "evaluated"]
