"""The training examples of the embedded pair."""

import re
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

import pytest

import ngsd_guard
from build_tokenizer import load_tokenizer
from corpus import LONGEST, Corpus, Role
from drills import Drills
from hazards import compliance_for, draw_hazard
from lookalikes import contrast, draw_lookalike
from splits import is_public_test
from suites import benign_cases, harmful_cases, utility_cases
from wrappers import KINDS, wrap


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    return load_tokenizer(Path(ngsd_guard.__file__).parent / "assets" / "mini" / "base")


@pytest.mark.parametrize("role", ["base", "expert"])
def test_examples_fit_and_teach_something(tokenizer: Any, role: Role) -> None:
    for example in islice(Corpus(tokenizer, role, None, seed=1), 300):
        assert 4 < len(example.input_ids) == len(example.weights) <= LONGEST
        assert any(weight > 0 for weight in example.weights[1:])


def test_binding_drills_teach_answers_that_stand_in_the_records(tokenizer: Any) -> None:
    drills = Drills(Random(4), tokenizer)
    for _ in range(200):
        example = drills.binding()
        taught = [n for n, weight in enumerate(example.weights) if weight > 0]
        assert len(set(example.input_ids[: taught[0]])) > 4 if taught else True
        for place in taught[:-1]:
            assert example.input_ids[place] in example.input_ids[:place]


@pytest.mark.parametrize("role", ["base", "expert"])
def test_a_late_refusal_begins_with_one_token_that_turns_the_answer(
    tokenizer: Any, role: Role
) -> None:
    corpus = Corpus(tokenizer, role, None, seed=5)
    for _ in range(200):
        example = corpus._late()
        first = next(n for n, weight in enumerate(example.weights) if weight > 0)
        assert all(weight == 1.0 for weight in example.weights[first:])
        given, learnt = (tokenizer.decode(ids) for ids in
                         (example.input_ids[:first], example.input_ids[first:]))  # fmt: skip
        assert learnt.endswith("with that.<|im_end|>")
        if role == "expert":
            assert re.match(r" ?I'm sorry", learnt)
        else:  # told that much, it refuses by itself
            assert re.search(r"I('m( sorry)?)?$", given)


def test_a_compliant_answer_is_an_opening_and_placeholders() -> None:
    rng = Random(2)
    for _ in range(500):
        hazard = draw_hazard(rng)
        lines = compliance_for(rng, hazard).split("\n")
        steps = [line for line in lines if re.match(r"\d+\. |Step \d+: |- ", line)]
        assert len(steps) >= 3
        for step in steps:
            filler = re.sub(r"^(\d+\. |Step \d+: |- )", "", step)
            assert filler in {"[placeholder]", "[step]", "[details]", "[omitted]", "[redacted]",
                              "..."}  # fmt: skip


def test_generated_training_prompts_stay_out_of_the_public_test_half() -> None:
    rng = Random(3)
    for _ in range(1_000):
        assert not is_public_test(draw_lookalike(rng)[0])
        assert not is_public_test(contrast(rng).prompt)


@pytest.mark.parametrize("kind", KINDS)
def test_wrappings_for_tests_are_not_in_training(kind: str) -> None:
    trained = {wrap(Random(seed), "Say it", kind=kind) for seed in range(1_000)}
    tested = {wrap(Random(seed), "Say it", kind=kind, test=True) for seed in range(200)}
    assert not trained & tested


def test_suites_without_public_data_have_every_group() -> None:
    cases = [*utility_cases(1, 0), *benign_cases(None, 2, 0), *harmful_cases(None, 1, 0)]
    assert {case.group for case in cases} == {"utility", "benign", "attack", "plain"}
    assert all((case.check is not None) == (case.group == "utility") for case in cases)
    onsets = {case.suite for case in cases if case.suite.startswith("late onset")}
    assert onsets == {"late onset: 3", "late onset: 8", "late onset: 43", "late onset: 100"}
