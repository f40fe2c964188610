from pathlib import Path

import pytest
from typer.testing import CliRunner

from _samples import OLD_LINE, category, request, trace, verdict, write_log
from ngsd_guard import AuditError, AuditLog
from ngsd_guard.audit import read_story
from ngsd_guard.cli import app
from ngsd_guard.render import potential_plot
from ngsd_guard.testing import scripted_engine

USER = [{"role": "user", "content": "Tell me."}]


def show(path: Path, event_id: str) -> str:
    result = CliRunner().invoke(app, ["audit", "show", str(path), event_id])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_story_of_a_request_contains_all_records_about_it(tmp_path: Path) -> None:
    with AuditLog(tmp_path, trace_rate=1.0) as log:
        engine = scripted_engine(audit=log)
        engine.generate(USER)
        answer = engine.generate(USER)
        log.override(answer.id, "allow", reviewer="r1", reason_code="fp")
    story = read_story(tmp_path, answer.id)
    assert story.record.event_id == answer.id
    assert story.is_sound
    assert story.trace is not None
    assert len(story.trace.potentials) == answer.usage.output_tokens
    assert [override.reviewer for override in story.overrides] == ["r1"]
    assert {change.subject for change in story.in_force} >= {"base", "expert", "config"}
    assert story.before is not None
    assert story.before.hash == story.record.prev_hash
    assert story.after is not None
    assert story.after.prev_hash == story.record.hash


def test_story_takes_the_change_that_was_in_force(tmp_path: Path) -> None:
    with AuditLog(tmp_path) as log:
        log.declare("config", "default", "0" * 64)
        log.declare("config", "default", "c" * 64)
        log.write(request())
        log.declare("config", "default", "1" * 64)
    (change,) = read_story(tmp_path, "request-1").in_force
    assert (change.digest, change.previous_digest) == ("c" * 64, "0" * 64)


def test_overrides_are_found_in_every_chain(tmp_path: Path) -> None:
    first = AuditLog(tmp_path)
    first.write(verdict())
    path = write_log(tmp_path / "audit-2.jsonl")
    with AuditLog(path) as second:
        second.override("verdict-1", "block", reviewer="r2")
    first.close()
    assert [o.decision for o in read_story(tmp_path, "verdict-1").overrides] == ["block"]


def test_prefix_of_an_id_is_enough(tmp_path: Path) -> None:
    write_log(tmp_path, request("abcd-1"), request("abce-1"), verdict("abcd-10"))
    assert read_story(tmp_path, "abce").record.event_id == "abce-1"
    assert read_story(tmp_path, "abcd-1").record.event_id == "abcd-1"  # an exact match wins
    with pytest.raises(AuditError, match="several ids start with 'abcd': abcd-1, abcd-10"):
        read_story(tmp_path, "abcd")


@pytest.mark.parametrize(
    ("event_id", "message"), [("nobody", "no request or verdict"), ("abc", "at least 4")]
)
def test_missing_record_is_an_error(tmp_path: Path, event_id: str, message: str) -> None:
    write_log(tmp_path, request("abcd"))
    with pytest.raises(AuditError, match=message):
        read_story(tmp_path, event_id)


def test_changed_record_is_reported(tmp_path: Path) -> None:
    path = write_log(tmp_path / "audit.jsonl", request(), verdict())
    path.write_bytes(path.read_bytes().replace(b'"risk":1.2', b'"risk":1.1'))
    assert read_story(path, "request-1").is_sound is False
    assert "HASH DOES NOT MATCH" in show(path, "request-1")


def test_record_whose_predecessor_was_removed_is_reported(tmp_path: Path) -> None:
    path = write_log(
        tmp_path / "audit.jsonl", request(), request("request-2"), request("request-3")
    )
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(line for line in lines if b'"request-2"' not in line))
    assert read_story(path, "request-3").is_sound is False


def test_record_of_version_1_has_a_story(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    path.write_text(OLD_LINE)
    story = read_story(path, "old-request")
    assert (story.is_sound, story.before, story.after, story.trace) == (None, None, None, None)
    assert "a record of version 1" in show(path, "old-request")


def test_command_draws_the_potential(tmp_path: Path) -> None:
    write_log(tmp_path, request(spike_indices=(1,), override_indices=(1,)), trace())
    shown = show(tmp_path, "request-1")
    assert "the gate intervened once" in shown
    assert "█" in shown
    assert "2.00 ┤" in shown
    assert "hash valid" in shown


def test_command_explains_how_to_record_the_potential(tmp_path: Path) -> None:
    write_log(tmp_path, request())
    assert "trace_rate=1.0" in show(tmp_path, "request-1")


def test_command_shows_a_verdict(tmp_path: Path) -> None:
    found = verdict(
        flagged=True, action="redact", enforced=False, source_id="kb/1",
        categories=(category("weapons"), category("new", shadow=True)),
    )  # fmt: skip
    write_log(tmp_path, found)
    shown = " ".join(show(tmp_path, "verdict-1").split())
    assert "flagged input: redact not enforced" in shown
    assert "weapons 7.0 of 10, flagged from 5 · flagged" in shown
    assert "new 7.0 of 10, flagged from 5 · shadow" in shown


def test_command_prints_no_control_characters(tmp_path: Path) -> None:
    hostile = "\x1b[2J\u202e[bold]"
    write_log(tmp_path, verdict(source_id=hostile, categories=(category(hostile),)))
    shown = show(tmp_path, "verdict-1")
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert "[bold]" in shown


@pytest.mark.parametrize("num_tokens", [1, 3, 70, 5_000])
@pytest.mark.parametrize("width", [10, 40, 200])
def test_plot_fits_its_width(num_tokens: int, width: int) -> None:
    potentials = [0.1 * (index % 25) for index in range(num_tokens)]
    lines = potential_plot(
        potentials, 2.0, spike_indices=[0], override_indices=[0], width=width
    ).plain.split("\n")
    assert len(lines) == 11
    assert max(map(len, lines)) <= width
    assert lines[-2].split() == ["spike", "▲"]


def test_plot_draws_nan_at_the_top() -> None:
    plot = potential_plot([float("nan"), float("inf"), 0.0], 1.0, height=4, width=30).plain
    assert plot.split("\n")[0].endswith("██████╌╌╌")
