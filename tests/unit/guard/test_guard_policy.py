"""The policy: strict, from YAML, with exemptions limited to their matches."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from _fakes import read_records
from _guard_fakes import HARMFUL, POLICY, STAGES, WEAPONS, keyword_guard, log_at
from ngsd_guard import ConfigurationError, Guard, Policy
from ngsd_guard.guard import Category, RegexRule, StagePolicy
from ngsd_guard.guard._allow import AllowList, cut_out
from ngsd_guard.testing import scripted_engine

ONE = {"version": "1", "categories": [{"name": "weapons", "definition": "illegal weapons"}]}
MINIMAL = "version: '1'\ncategories: []\n"


def load(tmp_path: Path, text: str) -> Policy:
    path = tmp_path / "policy.yaml"
    path.write_text(text, encoding="utf-8")
    return Policy.load(path)


def test_the_default_policy_fails_closed_at_every_stage() -> None:
    policy = Policy.default()
    for stage in STAGES:
        assert policy.stages.of(stage).on_failure == "block"
        assert policy.stages.of(stage).action == "block"
        assert policy.stages.of(stage).enabled
    assert not policy.shadow
    assert len(policy.categories) == 21
    injection = policy.categories[0]
    assert injection.definition == "instructions to the assistant hidden in a document"
    assert (injection.scored, injection.stages) == ("always", ("retrieval", "tool_result"))


def test_a_policy_without_a_file_fails_closed() -> None:
    assert StagePolicy().on_failure == StagePolicy().action == "block"


def test_a_policy_is_read_from_yaml(tmp_path: Path) -> None:
    policy = load(
        tmp_path,
        """
version: "7"
allow: [{regex: "a+b"}, "kill a process"]
stages:
  input: {risk_threshold: null, potential_threshold: 1.5, action: escalate, on_failure: flag}
categories:
  - {name: weapons, definition: illegal weapons, threshold: 3, actions: {output: redact}}
""",
    )
    assert policy.version == "7"
    assert policy.allow == (RegexRule(regex="a+b"), "kill a process")
    assert policy.stages.input.potential_threshold == 1.5
    assert policy.stages.input.risk_threshold is None
    assert policy.stages.output == StagePolicy()
    assert policy.categories[0].actions == {"output": "redact"}


def test_a_guard_accepts_the_path_of_a_policy(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text("version: mine\ncategories: []\n")
    for given_path in (path, str(path)):
        assert Guard(scripted_engine(), given_path).policy.version == "mine"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (MINIMAL + "shadowy: true", "shadowy"),
        (MINIMAL + "stages: {inptu: {}}", "inptu"),
        (MINIMAL + "stages: {input: {riskthreshold: 5}}", "riskthreshold"),
        (MINIMAL + "stages: {input: {riskthreshold: 5}}", "stages.input.riskthreshold"),
        ("version: '1'\ncategories: [{name: a, definition: b, treshold: 5}]", "categories.0.tresh"),
        (MINIMAL + "stages: {input: {timeout: 5}}", "stages.input.timeout"),
        (
            "version: '1'\ncategories: [{name: a, definition: b, treshold: 5}]",
            "categories.0.treshold",
        ),
        ("version: '1'\ncategories: [{name: a, definition: b, stages: [imput]}]", "imput"),
        ("version: '1'\ncategories: [{name: a, definition: b, actions: {input: blok}}]", "blok"),
        ("version: '1'\ncategories: [{name: A b, definition: b}]", "A b"),
        ("version: '1'\ncategories: [{name: a}]", "definition"),
        ("version: '1'", "categories"),
        ("categories: []", "version"),
        (MINIMAL + "version: '2'", "line 3"),
        (MINIMAL + "stages: {input: {action: flag, action: block}}", "action"),
        (MINIMAL + "stages: {input: {risk_threshold: 11}}", "risk_threshold"),
        (MINIMAL + "stages: {input: {risk_threshold: .nan}}", "risk_threshold"),
        (MINIMAL + "stages: {input: {potential_threshold: 0}}", "potential_threshold"),
        (MINIMAL + "stages: {input: {on_failure: redact}}", "on_failure"),
        (MINIMAL + "stages: {input: {timeout_s: 0}}", "timeout_s"),
        (MINIMAL + "stages: {retrieval: {action: rewrite}}", "retrieval.action"),
        (MINIMAL + "allow: [{regex: '('}]", "regular expression"),
        (MINIMAL + "allow: [' ']", "blank"),
        ("version: '1'\ncategories: [{name: a, definition: b}, {name: a, definition: c}]", "'a'"),
        (
            "version: '1'\ncategories: [{name: a, definition: b, actions: {tool_args: steer}}]",
            "steer",
        ),
        ("[1, 2]", "mapping"),
        ("", "mapping"),
        ("1: 2", "mapping"),
        ("version: [", "line"),
        ("? [a, b]\n: c", "YAML"),
        ("!!python/object/apply:os.system ['true']", "YAML"),
    ],
)
def test_a_wrong_policy_is_an_error_that_names_the_key_and_the_file(
    tmp_path: Path, text: str, named: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, text)
    assert named in str(caught.value)
    assert "policy.yaml" in str(caught.value)


def test_a_missing_policy_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"nothing\.yaml"):
        Guard(scripted_engine(), tmp_path / "nothing.yaml")


def test_the_digest_changes_with_every_option() -> None:
    policy = Policy(**ONE)
    assert policy.digest == Policy(**ONE).digest
    changed = [
        policy.replace(version="2"),
        policy.replace(shadow=True),
        policy.replace(allow=("x",)),
        policy.replace(stages=policy.stages.replace(input=StagePolicy(on_failure="allow"))),
        policy.replace(categories=[policy.categories[0].replace(threshold=4)]),
    ]
    assert len({policy.digest, *(each.digest for each in changed)}) == 6


def test_a_policy_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Policy.default().shadow = True  # type: ignore[misc]


def allowing(*rules: Any, **changes: Any) -> Policy:
    return POLICY.replace(allow=rules, **changes)


@pytest.mark.parametrize("rule", ["harm a process", RegexRule(regex=r"HARM a \w+")])
def test_an_allowed_phrase_is_exempt(rule: Any) -> None:
    guard = keyword_guard(allowing(rule))
    assert guard.check("How do I HARM a process?").is_clean
    assert guard.check("How do I HARM a person?").flagged == isinstance(rule, str)


@pytest.mark.parametrize("stage", STAGES)
def test_an_allowed_phrase_does_not_exempt_the_text_around_it(stage: Any) -> None:
    guard = keyword_guard(allowing("HARM a process"))
    assert guard.check("HARM a process", response=None, stage=stage).is_clean
    assert guard.check("HARM a process and HARM a person", stage=stage).flagged


def test_spans_refer_to_the_original_text_if_a_phrase_was_removed() -> None:
    guard = keyword_guard(allowing("the HARM phrase"))
    answer = "Say the HARM phrase. Then HARM it. End of it all, all of it."
    verdict = guard.check("Go on", response=answer, stage="output", explain=True)
    assert [answer[s.start : s.end] for s in verdict.spans] == ["Then HARM it."]
    document = "Say the HARM phrase. Then ORDER it.\nEnd."
    verdict = guard.check(document, stage="retrieval")
    assert [document[s.start : s.end] for s in verdict.spans] == ["Then ORDER it."]


def test_exemptions_are_recorded_without_their_text(tmp_path: Path) -> None:
    log = log_at(tmp_path / "audit.jsonl")
    policy = allowing("harm a zebra")
    weapons = policy.categories[1].replace(allow=("person",))
    policy = policy.replace(categories=[weapons])
    keyword_guard(policy, audit=log).check(
        [
            {"role": "user", "content": " "},
            {"role": "user", "content": "HARM a zebra, HARM a person"},
        ]
    )
    (record,) = read_records(log.path)
    assert record["exemptions"] == [
        {"owner": "policy", "rule_index": 0, "turn_index": 0, "start": 0, "end": 12},
        {"owner": "weapons", "rule_index": 0, "turn_index": None, "start": 9, "end": 15},
    ]
    assert "zebra" not in log.path.read_text()


def test_a_categorys_phrase_is_exempt_from_that_category_only() -> None:
    policy = POLICY
    weapons = policy.categories[1].replace(allow=("HARM",))
    policy = policy.replace(categories=[weapons])
    verdict = keyword_guard(policy).check(HARMFUL)
    assert [score.flagged for score in verdict.categories] == [False]
    assert verdict.flagged  # by the rating, which does not depend on categories


def test_a_fully_exempt_text_is_clean_and_not_read() -> None:
    guard = keyword_guard(allowing(RegexRule(regex="(?s).+")))
    for stage in STAGES:
        verdict = guard.check(HARMFUL, stage=stage)
        assert verdict.is_clean
        assert verdict.risk is None


@given(
    st.text(alphabet="ab ", max_size=30), st.lists(st.text(alphabet="ab", min_size=1, max_size=3))
)
def test_removed_and_remaining_parts_make_up_the_text(text: str, phrases: list[str]) -> None:
    matches = AllowList("policy", phrases).matches(text)
    rest, places = cut_out(text, matches)
    exempt = {index for match in matches for index in range(match.start, match.end)}
    kept = [index for index in range(len(text)) if index not in exempt]
    assert rest == "".join(text[index] for index in kept)
    assert (places or list(range(len(text) + 1))) == [*kept, len(text)]


def test_a_wrong_option_of_a_category_is_named() -> None:
    with pytest.raises(ConfigurationError, match="threshold"):
        Category(name="a", definition="b", threshold=0)


TAXONOMY = """
version: "shop-1"
categories:
  gambling: "promoting gambling or betting"
  injection: {definition: "instructions hidden in a document", stages: [retrieval], scored: always}
"""
LISTED = """
version: "shop-1"
categories:
  - {name: gambling, definition: "promoting gambling or betting"}
  - {name: injection, definition: "instructions hidden in a document", stages: [retrieval],
     scored: always}
"""


def test_a_taxonomy_of_names_and_definitions_is_the_list_of_its_categories(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(TAXONOMY, encoding="utf-8")
    (tmp_path / "b.yaml").write_text(LISTED, encoding="utf-8")
    found = Policy.load(tmp_path / "a.yaml")
    assert found == Policy.load(tmp_path / "b.yaml")
    assert found.digest == Policy.load(tmp_path / "b.yaml").digest
    assert [category.name for category in found.categories] == ["gambling", "injection"]
    in_python: Any = {"gambling": "promoting gambling or betting"}
    assert Policy(version="1", categories=in_python).categories == found.categories[:1]


def test_a_guard_scores_texts_for_a_taxonomy_of_its_own() -> None:
    taxonomy: Any = {"arms": WEAPONS, "betting": "promoting gambling or betting"}
    policy = Policy(version="shop-1", categories=taxonomy, stages=POLICY.stages)
    found = keyword_guard(policy).check(HARMFUL, stage="input")
    scores = {score.name: score.flagged for score in found.categories}
    assert scores["arms"]
    assert not scores["betting"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("gambling: 3", r"categories\.gambling: expected a definition"),
        ("gambling: {name: betting, definition: x}", "without a name"),
        ("gambling: {definition: x, treshold: 3}", r"categories\.0\.treshold"),
        ("Gambling: x", "name"),
        ('gambling: ""', "definition"),
        ("harm: x", "reserved"),
    ],
)
def test_a_wrong_taxonomy_is_named(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text(f'version: "1"\ncategories:\n  {line}\n', encoding="utf-8")
    with pytest.raises(ConfigurationError, match=message):
        Policy.load(path)
