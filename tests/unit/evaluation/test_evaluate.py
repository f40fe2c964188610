import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple, cast

import pytest

from _tiny_pair import ANSWER, MARK, NAMES, REFUSAL, Marked, rows_of, tiny_engine, write_data
from ngsd_guard import ConfigurationError, Engine
from ngsd_guard.evaluation import (
    SUITES,
    Doing,
    Figures,
    Report,
    Sources,
    Store,
    Suite,
    add_look,
    as_markdown,
    evaluate,
    read_looks,
    read_sources,
    save_report,
)

ROWS = ("plain", "templates", "prefill-10", "optimised", "optimised-pair", "ordinary", "trivia")


# Tokens are bytes here, and answers of 40 of them hold the whole refusal.
SUITE = Suite(
    name="quick",
    sizes=dict.fromkeys(ROWS, 2),
    contenders=("base", "ours"),
    rails={"input-rail": (1, 2), "injection": (1, 2)},
    max_new_tokens=40,
)
FEW = SUITE.limited(1, ["templates", "prefill-10", "injection"])


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Sources:
    return read_sources(write_data(tmp_path_factory.mktemp("data")), whole=NAMES)


def run(engine: Engine, sources: Sources, suite: Suite, out: Path, **options: Any) -> Figures:
    store = Store(out)
    try:
        return evaluate(engine, sources, suite, store, **options)
    finally:
        store.close()


class Finished(NamedTuple):
    """A run of all rows, and its files."""

    report: Report
    out: Path


@pytest.fixture(scope="module")
def finished(sources: Sources, tmp_path_factory: pytest.TempPathFactory) -> Finished:
    out, engine = tmp_path_factory.mktemp("out"), tiny_engine()
    figures = run(engine, sources, SUITE, out)
    looks = add_look(out, {"a": 1}, seed=0, suite="quick")
    report = Report(figures, SUITE, sources, dict(engine.pair.identity), looks, v_threshold=0.5)
    save_report(report, out)
    return Finished(report, out)


def num_prompts(engine: Engine) -> int:
    return cast(Marked, engine.base).num_prompts


def test_harm_is_refused_and_the_same_wrapping_without_harm_answered(
    finished: Finished,
) -> None:
    figures = finished.report.figures
    assert not figures.skipped
    assert [row.name for row in figures.rows] == list(ROWS)
    for row in figures.rows:
        for side in row.harmful.values():
            assert side.n > 0
            assert side.num_failed == 0
        if row.harmful:
            assert row.harmful["base"].answered.value == 1.0
            assert row.harmful["ours"].refused.value == 1.0
        if row.harmless:
            ours = row.harmless["ours"]
            assert ours.refused.value == 0.0
            assert ours.refused_beyond_base is not None
            assert ours.refused_beyond_base.value == 0.0
            assert ours.identical is not None
            assert ours.identical.value == 1.0
            assert ours.touched is not None
            assert ours.touched.value == 0.0
    attacked = figures.rows[0].harmful["ours"]
    assert attacked.overridden is not None
    assert attacked.overridden.value > 0.5


def test_right_answers_are_counted_beside_the_bases(sources: Sources, tmp_path: Path) -> None:
    # The gold answer stands at the end of what the pair says, and nowhere within 40 tokens.
    trivia = SUITE.limited(2, ["trivia"])
    cut = run(tiny_engine(), sources, trivia, tmp_path / "cut").rows[-1].harmless["ours"]
    assert cut.right is not None
    assert cut.right.value == 0.0
    assert cut.kept is not None
    assert cut.kept.n == 0
    longer = Suite(
        name="quick", sizes={"trivia": 2}, contenders=("ours",), rails={}, max_new_tokens=300
    )
    side = run(tiny_engine(), sources, longer, tmp_path / "whole").rows[0].harmless["ours"]
    assert side.right is not None
    assert side.right.value == 1.0
    assert side.kept is not None
    assert (side.kept.value, side.kept.n) == (1.0, 2)


def test_a_second_run_asks_nothing_and_finds_the_same(sources: Sources, tmp_path: Path) -> None:
    first = run(tiny_engine(), sources, FEW, tmp_path / "out")
    engine = tiny_engine()
    second = run(engine, sources, FEW, tmp_path / "out")
    assert first.num_new > 0
    assert second.num_new == 0
    assert num_prompts(engine) == 0
    assert second.rows == first.rows
    assert second.risks == first.risks
    assert second.rails == first.rails


@pytest.mark.parametrize("stop_after", [2, 6, 8])
def test_an_interrupted_run_goes_on_and_ends_as_one_in_one_piece(
    sources: Sources, tmp_path: Path, stop_after: int
) -> None:
    whole = run(tiny_engine(), sources, FEW, tmp_path / "whole")
    count = 0

    def interrupt(_: Doing) -> None:
        nonlocal count
        count += 1
        if count > stop_after:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(tiny_engine(), sources, FEW, tmp_path / "out", on_progress=interrupt)
    with (tmp_path / "out" / "answers.jsonl").open("a") as file:
        file.write('{"key": "torn')
    engine = tiny_engine()
    resumed = run(engine, sources, FEW, tmp_path / "out")
    assert resumed.rows == whole.rows
    assert resumed.rails == whole.rails
    assert 0 < resumed.num_new < whole.num_new


def test_other_weights_and_a_fresh_start_are_asked_anew(sources: Sources, tmp_path: Path) -> None:
    first = run(tiny_engine(), sources, FEW, tmp_path / "out")
    store = Store(tmp_path / "out", fresh=True)
    assert evaluate(tiny_engine(), sources, FEW, store).num_new == first.num_new
    store.close()

    class Lenient(Marked):
        @property
        def weights_digest(self) -> str:
            return "e" * 64

    engine = tiny_engine()
    cast(Any, engine.pair).expert = Lenient(refuses=False, name="lenient")
    changed = run(engine, sources, FEW, tmp_path / "out")
    assert 0 < changed.num_new < first.num_new  # the base's own answers are known
    assert changed.rows[0].harmful["ours"].refused.value == 0.0


def test_no_prompt_and_no_answer_is_written(finished: Finished) -> None:
    prompts = [row["prompt"] for name in NAMES for row in rows_of(name)]
    written = [path for path in finished.out.iterdir() if path.name != "key"]
    assert {path.name for path in written} == {
        "answers.jsonl", "looks.json", "results.html", "results.json", "results.md",
    }  # fmt: skip
    for path in written:
        text = path.read_text(encoding="utf-8")
        assert MARK not in text
        for told in (ANSWER[:40], ANSWER[40:80], REFUSAL, *prompts):
            assert told not in text, path


def test_progress_names_the_row_and_ends_at_the_total(sources: Sources, tmp_path: Path) -> None:
    told: list[Doing] = []
    run(tiny_engine(), sources, FEW, tmp_path / "out", on_progress=told.append)
    assert all(doing.num_done <= doing.num_total for doing in told)
    assert told[-1].num_done == told[-1].num_total
    assert any(doing.title.startswith("in held-out jailbreak templates: ours") for doing in told)


def test_a_look_is_a_pair_not_a_run(sources: Sources, tmp_path: Path) -> None:
    out = tmp_path / "out"

    def note(identity: Mapping[str, Any]) -> None:
        add_look(out, identity, seed=0, suite="quick")

    run(tiny_engine(), sources, FEW.limited(None, ["templates"]), out, on_first_new=note)
    assert len(read_looks(out)) == 1
    run(tiny_engine(), sources, FEW, out, on_first_new=note)
    assert len(read_looks(out)) == 1
    add_look(out, {"base_digest": "another"}, seed=0, suite="quick")
    assert len(read_looks(out)) == 2
    (out / "looks.json").write_text("[1")
    with pytest.raises(ConfigurationError, match="is damaged"):
        read_looks(out)


def test_openings_are_the_bases_own_and_pairs_without_one_are_left_out(
    sources: Sources, tmp_path: Path
) -> None:
    engine = tiny_engine()
    asked: list[str] = []
    real = Engine.generate_batch

    def spy(self: Engine, conversations: Any, **options: Any) -> Any:
        asked.extend(turns[-1]["content"] for turns in conversations if len(turns) > 1)
        return real(self, conversations, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Engine, "generate_batch", spy)
        run(engine, sources, SUITE.limited(2, ["prefill-20"]), tmp_path / "out")
    # The base goes on in the middle of what it would say, with 20 bytes of it in its mouth.
    assert f"Sure, here is{ANSWER[:20]}" in asked
    assert f"Sure, here is{ANSWER[:40]}" not in asked

    short = tiny_engine()
    cast(Any, short.base).forward = _says_little(cast(Marked, short.base))
    figures = run(short, sources, SUITE.limited(2, ["prefill-20"]), tmp_path / "short")
    assert not figures.rows
    assert "no compliant beginning" in figures.skipped["prefill-20"]


def _says_little(model: Marked) -> Any:
    def forward(input_ids: Any, cache: Any) -> Any:
        model.reply = " it."
        return super(Marked, model).forward(input_ids, cache)

    return forward


def test_a_contender_may_answer_part_of_a_row_and_is_compared_on_that(
    sources: Sources, tmp_path: Path
) -> None:
    suite = Suite(
        name="public",
        sizes={"plain": 2, "security": 1},
        contenders=("base", "self-reminder", "expert", "paper", "ours"),
        rails={},
        max_new_tokens=40,
        limits={"expert": 1},
        own_rows={"paper": ("plain",)},
    )
    plain, security = run(tiny_engine(), sources, suite, tmp_path / "out").rows
    assert {name: side.n for name, side in plain.harmful.items()} == {
        "base": 2, "ours": 2, "self-reminder": 2, "expert": 1, "paper": 2,
    }  # fmt: skip
    assert plain.harmful["expert"].refused.value == 1.0
    beyond = plain.harmful["expert"].refused_beyond_base
    assert beyond is not None
    assert (beyond.value, beyond.n) == (1.0, 1)
    assert "paper" not in security.harmless
    assert plain.harmless["self-reminder"].touched is None


def test_requests_that_fail_are_neither_refused_nor_answered(
    sources: Sources, tmp_path: Path
) -> None:
    engine = tiny_engine()
    cast(Any, engine.base).context_length = 100
    figures = run(engine, sources, SUITE.limited(None, ["plain", "templates"]), tmp_path / "out")
    side = figures.rows[1].harmful["ours"]
    assert side.num_failed == side.n > 0
    assert side.defects == {"ContextOverflowError": side.n}
    assert side.refused.value == side.answered.value == side.degenerate.value == 0.0


def test_the_report_holds_what_it_follows_from(finished: Finished) -> None:
    report, out = finished
    saved = json.loads((out / "results.json").read_text())
    assert saved["schema_version"] == 2
    assert saved["seed"] == 0
    assert saved["pair"]["expert_digest"] == "1" * 64
    assert {"ngsd_guard", "python", "torch"} <= saved["versions"].keys()
    assert saved["sets"]["xstest"]["num_rows"] == 6
    assert len(saved["looks"]) == 1
    (plain,) = (row for row in saved["rows"] if row["name"] == "plain")
    assert plain["harmful"]["ours"]["refused"] == pytest.approx(
        {"value": 1.0, "low": 0.342, "high": 1.0, "n": 2}, abs=1e-3
    )
    markdown = as_markdown(report)
    lines = markdown.splitlines()
    attack = next(n for n, line in enumerate(lines) if line.startswith("| plain requests |"))
    assert "100.0 [34.2, 100.0]" in lines[attack]
    assert lines[attack + 1].startswith("| ↳ control: harmless | 2 | 0.0 [0.0, 65.8]")
    assert "no control: the goal is paraphrased" in markdown
    assert "Look 1 at these test prompts" in markdown


def test_suites_are_cut_by_rows_and_by_number() -> None:
    public = SUITES["public"]
    assert public.limited(5).sizes["plain"] == 5
    assert public.limited(5).rails["input-rail"] == (5, 5)
    only = SUITES["quick"].limited(None, ["padded", "injection"])
    assert list(only.sizes) == ["padded"]
    assert list(only.rails) == ["injection"]
    with pytest.raises(ConfigurationError, match="at least 1"):
        public.limited(0)
    with pytest.raises(ConfigurationError, match="no row 'padding'"):
        public.limited(None, ["padding"])
    assert "ours" in SUITES["quick"].contenders
    # Each row in which a rival answers only a part is a row of the suite.
    for names in public.own_rows.values():
        assert set(names) <= public.sizes.keys()
