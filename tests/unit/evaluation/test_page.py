import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from _tiny_pair import NAMES, tiny_engine, write_data
from ngsd_guard import ConfigurationError
from ngsd_guard.evaluation import (
    Report,
    Store,
    Suite,
    as_html,
    as_markdown,
    evaluate,
    read_report,
    read_sources,
    save_report,
)

SUITE = Suite(
    name="quick",
    sizes={"plain": 2, "templates": 2, "optimised-pair": 1, "ordinary": 2, "trivia": 1},
    contenders=("base", "ours"),
    rails={"input-rail": (1, 2)},
    max_new_tokens=40,
)


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    sources = read_sources(write_data(tmp_path_factory.mktemp("data")), whole=NAMES)
    out, engine = tmp_path_factory.mktemp("out"), tiny_engine()
    store = Store(out)
    figures = evaluate(engine, sources, SUITE, store)
    store.close()
    threshold = engine.config.gate.v_threshold
    report = Report(figures, SUITE, sources, dict(engine.pair.identity), (), v_threshold=threshold)
    save_report(report, out)
    return out


@pytest.fixture(scope="module")
def report(saved: Path) -> Report:
    return read_report(saved / "results.json")


class Elements(HTMLParser):
    """Collects elements, their attributes, and the text of each."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in ("meta", "link"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: Any) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_a_saved_report_reads_back_as_it_was(saved: Path, report: Report) -> None:
    assert as_markdown(report) == (saved / "results.md").read_text()
    assert as_html(report) == (saved / "results.html").read_text()
    assert json.loads(json.dumps(report.as_dict())) == json.loads(
        (saved / "results.json").read_text()
    )


def test_outcomes_and_traces_are_kept_by_request(report: Report) -> None:
    plain = report.figures.rows[0]
    attacked, control = (side["ours"].outcomes for side in (plain.harmful, plain.harmless))
    assert [outcome.verdict for outcome in attacked] == ["refused", "refused"]
    assert [outcome.is_same for outcome in control] == [True, True]
    assert len({outcome.id for outcome in attacked}) == 2
    assert report.v_threshold is not None
    assert max(attacked[0].potentials) >= report.v_threshold
    assert max(control[0].potentials) < report.v_threshold
    assert attacked[0].peak_potential == pytest.approx(max(attacked[0].potentials), abs=1e-3)
    assert plain.harmful["base"].outcomes[0].potentials == ()


def test_the_page_is_well_formed_and_loads_nothing(report: Report) -> None:
    page = as_html(report)
    elements = Elements(page)
    assert elements.open == []
    tags = {tag for tag, _ in elements.found}
    assert not tags & {"script", "img", "iframe", "object", "form", "input"}
    for tag, attributes in elements.found:
        assert "style" not in attributes, tag  # the content security policy would drop it
        assert not any(name.startswith("on") for name in attributes)
        for name in ("href", "src"):
            assert (attributes.get(name) or "#").startswith(("#", "data:"))
    assert not re.search(r"url\(|@import|https?://", page)
    assert "default-src 'none'; style-src 'sha256-" in page.replace("&#39;", "'")
    ids = [value for _, attributes in elements.found if (value := attributes.get("id"))]
    assert len(ids) == len(set(ids))
    targets = [a["href"] for _, a in elements.found if (a.get("href") or "").startswith("#")]
    assert {target.removeprefix("#") for target in targets if target} <= set(ids)


def test_the_page_says_in_words_and_bars_what_was_measured(report: Report) -> None:
    page = as_html(report)
    assert "2 of 2 harmful requests refused, and 0 of 2 harmless ones" in page
    assert "In no row are more harmless requests refused than by the base alone." in page
    assert page.count('class="bar-attack"') > 4
    assert "No control: the goal is paraphrased" in page
    for heading in ("Safety, utility and cost", "Degenerate answers", "Row by row", "Notes"):
        assert f"<h2>{heading}</h2>" in page
    assert 'class="trace-attack still"' in page
    assert 'class="limit still"' in page
    assert 'class="refused" title="' in page


def test_names_from_outside_are_escaped(report: Report) -> None:
    pair = {**report.pair, "base": "<b>bold\u202e</b>", "expert": "\"'><script>"}
    page = as_html(replace(report, pair=pair))
    assert "<b>" not in page
    assert "<script>" not in page
    assert "\u202e" not in page


def test_a_report_without_attacks_or_the_pair_has_a_page(report: Report) -> None:
    ordinary = [row for row in report.figures.rows if row.name == "ordinary"]
    page = as_html(replace(report, figures=replace(report.figures, rows=tuple(ordinary))))
    assert "No row with attacks beside controls was measured" in page
    alone = [
        replace(r, harmful={"base": r.harmful["base"]}, harmless={"base": r.harmless["base"]})
        for r in report.figures.rows[:1]
    ]
    page = as_html(replace(report, figures=replace(report.figures, rows=tuple(alone))))
    assert "0 of 2 harmful requests refused" in page


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "is not JSON"),
        ("[]", "schema_version=None"),
        ('{"schema_version": 99}', "schema_version=99.*reads 1, 2"),
        ('{"schema_version": 2, "sets": {}}', "is damaged"),
    ],
)
def test_a_report_of_another_kind_is_refused(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "results.json"
    path.write_text(text)
    with pytest.raises(ConfigurationError, match=told):
        read_report(path)
    with pytest.raises(ConfigurationError, match="cannot read"):
        read_report(tmp_path / "none.json")


def test_a_report_of_version_1_has_no_outcomes(saved: Path, tmp_path: Path) -> None:
    fields = json.loads((saved / "results.json").read_text())
    fields["schema_version"] = 1
    del fields["v_threshold"]
    for row in fields["rows"]:
        for side in (*row["harmful"].values(), *row["harmless"].values()):
            del side["outcomes"]
    (tmp_path / "old.json").write_text(json.dumps(fields))
    old = read_report(tmp_path / "old.json")
    assert old.figures.rows[0].harmful["ours"].outcomes == ()
    assert 'class="trace-attack still"' not in as_html(old)
