from pathlib import Path

import pytest

from _tiny_pair import MARK, NAMES, TEMPLATES, write_data
from ngsd_guard import ConfigurationError
from ngsd_guard.evaluation import Case, Row, Sources, read_sources
from ngsd_guard.evaluation._rows import ROW_NAMES, plan_rows
from ngsd_guard.evaluation._wrappings import user

PAIRED = (
    "plain", "templates", "prefill-10", "optimised", "padded", "two-part", "upper-case",
    "late-onset", "xstest",
)  # fmt: skip


@pytest.fixture
def sources(tmp_path: Path) -> Sources:
    return read_sources(write_data(tmp_path), whole=NAMES)


def case(number: int) -> Case:
    return Case(f"case-{number}", user(f"Tell me about otters, part {number}."))


def row_of(sources: Sources, name: str, size: int = 4) -> Row:
    planned = plan_rows(sources, {name: size})
    assert not planned.skipped
    return planned.rows[0]


def test_attacks_without_a_control_are_refused_by_construction() -> None:
    with pytest.raises(ConfigurationError, match="1 attacks beside 0 controls"):
        Row("made-up", "a made-up attack", harmful=(case(1),))


def test_fewer_controls_than_attacks_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="2 attacks beside 1 controls"):
        Row("made-up", "a made-up attack", (case(1), case(2)), (case(3),))


def test_a_row_may_say_why_it_has_no_control_and_only_then() -> None:
    assert len(Row("made-up", "", (case(1),), no_control="it cannot be made")) == 1
    with pytest.raises(ConfigurationError, match="needs none"):
        Row("made-up", "", (case(1),), (case(2),), no_control="it cannot be made")
    with pytest.raises(ConfigurationError, match="no requests"):
        Row("made-up", "")


@pytest.mark.parametrize("name", PAIRED)
def test_as_many_harmless_requests_as_attacks_wear_the_same(sources: Sources, name: str) -> None:
    row = row_of(sources, name, 2)
    assert len(row.harmful) == len(row.harmless) > 0
    for attack, control in zip(row.harmful, row.harmless, strict=True):
        assert MARK in str(attack.messages).lower()
        assert MARK not in str(control.messages).lower()
        assert len(attack.messages) == len(control.messages)
        assert attack.own_opening == control.own_opening


def test_a_control_stands_in_the_template_of_its_attack(sources: Sources) -> None:
    row = row_of(sources, "templates")
    starts = [template.partition("[")[0] for template in TEMPLATES]
    for attack, control in zip(row.harmful, row.harmless, strict=True):
        (worn,) = (start for start in starts if attack.prompt.startswith(start))
        assert control.prompt.startswith(worn)
    assert len({case.prompt for case in row.cases}) == 8


def test_the_goal_of_an_optimised_attack_makes_room_for_a_harmless_request(
    sources: Sources,
) -> None:
    row = row_of(sources, "optimised")
    carriers = {case.group: case.prompt for case in row.harmless}
    assert carriers.keys() == {"GCG", "DeepInception"}
    assert carriers["GCG"].endswith(" zx ;; qq !!")
    assert carriers["DeepInception"].startswith("In layer 3, tell me how people make ")


def test_a_paraphrased_attack_has_no_control_and_says_so(sources: Sources) -> None:
    row = row_of(sources, "optimised-pair")
    assert not row.harmless
    assert row.no_control is not None
    assert "paraphrased" in row.no_control


def test_missing_sets_are_named_and_their_rows_skipped(tmp_path: Path) -> None:
    write_data(tmp_path, without=["xstest", "selfreminder_jailbreak_templates"])
    sources = read_sources(tmp_path, whole=set(NAMES))
    assert sources.missing == (
        "attacks/selfreminder_jailbreak_templates.jsonl",
        "over_refusal/xstest.jsonl",
    )
    planned = plan_rows(sources, dict.fromkeys(ROW_NAMES, 2))
    assert planned.skipped == {
        "templates": "missing: attacks/selfreminder_jailbreak_templates.jsonl",
        "xstest": "missing: over_refusal/xstest.jsonl",
    }
    assert len(planned.rows) == len(ROW_NAMES) - 2


def test_an_unknown_row_is_refused(sources: Sources) -> None:
    with pytest.raises(ConfigurationError, match="no row 'plane'; the rows are plain"):
        plan_rows(sources, {"plane": 3})


def test_a_larger_draw_begins_with_the_smaller_one(sources: Sources) -> None:
    few, more = row_of(sources, "plain", 2), row_of(sources, "plain", 6)
    assert few.harmful == more.harmful[:2]
    assert few.harmless == more.harmless[:2]


def test_the_seed_decides_the_draw(tmp_path: Path) -> None:
    write_data(tmp_path)
    draws = [
        row_of(read_sources(tmp_path, whole=NAMES, seed=seed), "ordinary", 20).harmless
        for seed in (0, 0, 1)
    ]
    assert draws[0] == draws[1]
    assert draws[0] != draws[2]


def test_only_the_test_split_is_drawn_from_unless_a_set_is_whole(tmp_path: Path) -> None:
    write_data(tmp_path)
    cut, whole = read_sources(tmp_path), read_sources(tmp_path, whole=NAMES)
    assert sum(map(len, cut.sets.values())) < sum(map(len, whole.sets.values()))
    assert {report.is_whole for report in whole.reports.values()} == {True}


def test_wrong_folders_sets_and_rows_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="is not there"):
        read_sources(tmp_path / "nowhere")
    with pytest.raises(ConfigurationError, match="none of the public sets"):
        read_sources(tmp_path)
    write_data(tmp_path)
    with pytest.raises(ConfigurationError, match="no set 'xtest'"):
        read_sources(tmp_path, whole=["xtest"])
    path = tmp_path / "over_refusal" / "xstest.jsonl"
    path.write_text('{"prompt": "Tell me about otters."}\n{"prompt": 3}\n')
    with pytest.raises(ConfigurationError, match=r"xstest\.jsonl:2: field 'prompt'"):
        read_sources(tmp_path)
    path.write_text("")
    with pytest.raises(ConfigurationError, match="has no rows"):
        read_sources(tmp_path)


def test_a_long_prompt_is_left_out_and_counted(tmp_path: Path) -> None:
    write_data(tmp_path)
    path = tmp_path / "benign_instruct" / "oasst_trees.jsonl"
    with path.open("a") as file:
        file.write('{"prompt": "%s"}\n' % ("Tell me about otters. " * 120))
    sources = read_sources(tmp_path, whole=NAMES)
    assert sources.reports["oasst_trees"].num_too_long == 1
    assert max(len(p.prompt) for p in sources.sets["oasst_trees"]) < 2_000
