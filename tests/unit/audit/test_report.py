import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from _logs import lines_of, put_lines, reseal
from _samples import OLD_LINE, category, request, trace, verdict, write_log
from ngsd_guard import AuditError, AuditLog
from ngsd_guard.audit import (
    ErrorRecord,
    GapRecord,
    OverrideRecord,
    write_key_pair,
    write_report,
)
from ngsd_guard.audit.read.views import _report_rows
from ngsd_guard.cli import app

HOSTILE = "</script><img src=x onerror=alert(1)><!--\u2028{{style}}\u202e&amp;"


class Page(HTMLParser):
    """A page parsed as HTML."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self.comments: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.tags:
            self.texts.setdefault(self.tags[-1][0], []).append(data)

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)


def page_of(path: Path, **options: Any) -> str:
    out = path.parent / "report.html"
    write_report(path, out, force=True, **options)
    return out.read_text()


def data_of(page: str) -> Any:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert found
    return json.loads(found[1])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "log" / "audit.jsonl"


def test_page_contains_what_an_auditor_needs(path: Path) -> None:
    write_log(
        path,
        request(),
        request("2", spike_indices=(1,), override_indices=(1,)),
        trace("2"),
        verdict(flagged=True, action="block", categories=(category("weapons"),)),
        GapRecord(reason="torn_tail", num_bytes=7),
        ErrorRecord(source="anchor", error_type="OSError"),
        OverrideRecord(event_id="2", decision="allow", reviewer="r1"),
    )
    data = data_of(page_of(path))
    assert data["verification"]["state"] == "unsigned"
    assert data["stats"]["requests"]["num_intervened"] == 1
    found, intervened, silent = data["rows"]
    assert (found["id"], found["categories"][0]["name"]) == ("verdict-1", "weapons")
    assert (intervened["id"], intervened["trace"]["spikes"]) == ("2", [1])
    assert intervened["trace"]["potential"] == [0.5, 2.2, 0.1]
    assert (silent["id"], "trace" in silent) == ("request-1", False)
    assert {event["kind"] for event in data["events"]} == {"start", "gap", "error", "override"}


def test_page_loads_nothing_and_runs_only_its_own_script(path: Path) -> None:
    page = page_of(write_log(path, request()))
    assert not re.search(r"https?:|//[\w-]+\.|url\(|@import|\bfetch\(|XMLHttp|WebSocket", re.sub(
        re.escape("http://www.w3.org/2000/svg"), "", page  # a name, not an address
    ))  # fmt: skip
    taken = Page(page)
    policy = next(
        attributes["content"]
        for tag, attributes in taken.tags
        if tag == "meta" and attributes.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy is not None
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    for tag in ("style", "script"):
        (text,) = re.findall(f"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    for tag, attributes in taken.tags:
        assert not {
            name for name in attributes if name.startswith("on") or name in ("src", "style")
        }
        assert tag not in ("iframe", "img", "object", "embed", "base", "form")


def test_script_does_not_insert_log_data_as_markup(path: Path) -> None:
    page = page_of(write_log(path, request()))
    for name in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
        assert name not in page


def test_hostile_names_stay_data(path: Path) -> None:
    plain = Page(page_of(write_log(path, verdict())))
    other = path.with_name("hostile.jsonl")
    write_log(
        other,
        verdict(source_id=HOSTILE, categories=(category(HOSTILE),), base=HOSTILE),
        request("3", error_type=HOSTILE, error_message=HOSTILE, status="failed"),
        request(f"4{HOSTILE}", preset="\ud800"),
        OverrideRecord(event_id="3", decision="allow", reviewer="r1"),
        ErrorRecord(source="observer", error_type=HOSTILE),
    )
    put_lines(other, [reseal(line, reviewer=HOSTILE) if b'"override"' in line else line
                      for line in lines_of(other)])  # fmt: skip
    page = page_of(other)
    taken = Page(page)
    assert [tag for tag, _ in taken.tags] == [tag for tag, _ in plain.tags]
    assert taken.comments == []
    assert "<img" not in page
    assert page.count("</script>") == 2
    data = data_of(page)
    by_id = {row["id"]: row for row in data["rows"]}
    assert by_id["verdict-1"]["source"] == HOSTILE
    assert by_id["verdict-1"]["categories"][0]["name"] == HOSTILE
    assert data["stats"]["verdicts"]["categories"][0]["name"] == HOSTILE


def test_hostile_file_name_is_escaped(tmp_path: Path) -> None:
    path = write_log(tmp_path / "<b>&{{data}}.jsonl", request())
    assert "<title>Audit report: &lt;b&gt;&amp;{{data}}.jsonl</title>" in page_of(path)


def test_long_strings_are_cut(path: Path) -> None:
    page = page_of(write_log(path, verdict(source_id="x" * 1_000_000)))
    (row,) = data_of(page)["rows"]
    assert row["source"] == "x" * 300 + "…"


def test_non_finite_numbers_are_null(path: Path) -> None:
    record = request(peak_potential=float("inf"), spike_indices=(0,))
    nan, infinite = float("nan"), float("inf")
    data = data_of(page_of(write_log(path, record, trace(potentials=(infinite, nan, 0.5)))))
    assert data["rows"][0]["peak"] is None if "peak" in data["rows"][0] else True
    assert data["rows"][0]["trace"]["potential"] == [None, None, 0.5]


@pytest.mark.parametrize("text", ["", OLD_LINE, "no record\n", "{}\n" * 3])
def test_any_log_gets_a_page(path: Path, text: str) -> None:
    path.parent.mkdir()
    path.write_text(text)
    data = data_of(page_of(path))
    assert len(data["rows"]) == (1 if text == OLD_LINE else 0)
    assert data["stats"]["num_unreadable"] == len(text.splitlines()) - len(data["rows"])


def test_log_with_only_failures_gets_a_page(path: Path) -> None:
    failed = {"status": "failed", "evaluation": "error", "timing": None, "reflection": None,
              "initial_potential": None, "finish_reason": None, "error_type": "E"}  # fmt: skip
    write_log(path, *(request(str(index), **failed) for index in range(3)),
              verdict(evaluation="error", flagged=True, action="block", risk=None))  # fmt: skip
    data = data_of(page_of(path))
    assert [row["interest"] for row in data["rows"]] == [3, 3, 3, 3]


def test_all_chains_are_on_the_page(path: Path) -> None:
    first = AuditLog(path)
    first.write(request("first"))
    write_log(path.with_name("audit-2.jsonl"), request("second"))
    first.close()
    data = data_of(page_of(path))
    assert {chain["log"] for chain in data["verification"]["chains"]} == {
        "audit.jsonl", "audit-2.jsonl"
    }  # fmt: skip
    assert {row["id"] for row in data["rows"]} == {"first", "second"}


def test_page_reports_the_verification(path: Path, tmp_path: Path) -> None:
    private, public = tmp_path / "key.pem", tmp_path / "key.pub.pem"
    key_id = write_key_pair(private, public)
    write_log(path, request(), request("2"), signing_key=private)
    assert data_of(page_of(path))["verification"]["state"] == "unchecked"
    verification = data_of(page_of(path, public_key=public))["verification"]
    assert (verification["state"], verification["key_id"]) == ("vouched", key_id)
    path.write_bytes(path.read_bytes().replace(b'"risk":1.2', b'"risk":1.1', 1))
    verification = data_of(page_of(path, public_key=public))["verification"]
    assert verification["state"] == "broken"
    assert "audit.jsonl:2" in verification["chains"][0]["problem"]
    assert str(tmp_path) not in page_of(path, public_key=public)


def test_page_is_bounded_and_keeps_the_most_relevant_records(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_report_rows, "MAX_ROWS", 20)
    monkeypatch.setattr(_report_rows, "_MAX_POINTS", 900)
    records: list[Any] = []
    for index in range(100):
        is_hot = index % 20 == 0
        records.append(request(f"r{index}", spike_indices=(0,) if is_hot else ()))
        records.append(trace(f"r{index}", tuple(0.001 * i for i in range(2_100))))
    data = data_of(page_of(write_log(path, *records)))
    assert data["stats"]["requests"]["num_requests"] == 100
    assert [row["id"] for row in data["rows"]][:6] == ["r80", "r60", "r40", "r20", "r0", "r99"]
    assert len(data["rows"]) == 20
    first, _, third = (row["trace"] for row in data["rows"][:3])
    assert (len(first["index"]), first["num_tokens"]) == (400, 2_100)
    assert first["index"][-1] == 2_099  # the maximum of its section
    assert third == "left out"


def test_thinned_trace_keeps_its_spikes() -> None:
    potentials = tuple(2.5 if index == 777 else 0.1 for index in range(10_000))
    points = _report_rows._points(trace(potentials=potentials))
    assert points["spikes"] == points["overridden"] == [777]
    assert len(points["index"]) == len(points["potential"]) == len(points["current"]) == 400


def test_existing_file_is_not_overwritten(path: Path, tmp_path: Path) -> None:
    write_log(path, request())
    out = tmp_path / "report.html"
    out.write_text("mine")
    with pytest.raises(AuditError, match="--force"):
        write_report(path, out)
    assert out.read_text() == "mine"
    write_report(path, out, force=True)
    assert out.read_text().startswith("<!doctype html>")


@pytest.mark.parametrize("name", ["audit.jsonl", "audit.jsonl.head"])
def test_log_is_not_overwritten_by_its_report(path: Path, name: str) -> None:
    write_log(path, request())
    before = path.read_bytes()
    with pytest.raises(AuditError, match="choose another path"):
        write_report(path, path.with_name(name), force=True)
    assert path.read_bytes() == before


def test_command_writes_the_page(path: Path, tmp_path: Path) -> None:
    write_log(path, request())
    out = tmp_path / "report.html"
    result = CliRunner().invoke(app, ["audit", "report", str(path), "--out", str(out)])
    assert result.exit_code == 0
    assert "4 records checked, intact" in " ".join(result.stdout.split())
    assert data_of(out.read_text())["log"] == "audit.jsonl"


def test_command_reports_a_missing_log(tmp_path: Path) -> None:
    result = CliRunner().invoke(
        app, ["audit", "report", str(tmp_path), "--out", str(tmp_path / "report.html")]
    )
    assert result.exit_code == 1
    assert "there is no audit log" in result.stderr
    assert list(tmp_path.iterdir()) == []
