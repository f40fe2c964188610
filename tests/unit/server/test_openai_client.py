"""OpenAI's own client against the server."""

from collections.abc import Iterator
from typing import Any

import pytest

from _guard_fakes import BENIGN, HARMFUL, SECRET, WEAPONS
from _served import keyword_app, serving

openai = pytest.importorskip("openai", minversion="3.57")


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    with (
        serving(keyword_app(model_name="keyword")) as (url, _),
        openai.OpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0) as connected,
    ):
        yield connected


QUESTIONS: list[Any] = [
    {"type": "predicate", "name": "ngsd.harm", "instructions": "harmful"},
    {"type": "predicate", "name": "ngsd.weapons", "instructions": "the policy's category"},
    {"type": "predicate", "instructions": [{"type": "input_text", "text": WEAPONS}]},
    {
        "type": "choice",
        "name": "topic",
        "instructions": WEAPONS,
        "choices": [{"value": "yes", "description": "it is"}, {"value": True}, {"value": "true"}],
    },
    {
        "type": "score",
        "name": "degree",
        "instructions": WEAPONS,
        "levels": [{"label": "none"}, {"label": "some"}, {"label": "much"}],
    },
]


def test_decisions_are_typed_and_in_order(client: Any) -> None:
    decision = client.decisions.create(model="keyword", input=HARMFUL, questions=QUESTIONS)
    harm, category, free, topic, degree = decision.answers
    assert [answer.type for answer in decision.answers] == [each["type"] for each in QUESTIONS]
    assert harm.name == "ngsd.harm"
    assert free.name is None
    assert harm.probability > 0.5
    assert category.probability == free.probability == pytest.approx(0.9, abs=0.01)
    assert [each.value for each in topic.probabilities] == ["yes", True, "true"]
    assert sum(each.probability for each in topic.probabilities) == pytest.approx(1)
    assert 0 <= topic.confidence <= 1
    assert [each.label for each in degree.probabilities] == ["none", "some", "much"]
    assert [each.value for each in degree.probabilities] == [0, 1, 2]
    assert degree.score == pytest.approx(2, abs=0.01)
    assert decision.usage.total_tokens == decision.usage.input_tokens > 0
    assert decision.ngsd["action"] == "block"
    assert SECRET not in str(decision.ngsd)


def test_decisions_about_a_harmless_text_are_low(client: Any) -> None:
    decision = client.decisions.create(model="keyword", input=BENIGN, questions=QUESTIONS)
    harm, category, free, _, degree = decision.answers
    assert max(harm.probability, category.probability, free.probability) < 0.2
    assert degree.score < 0.2
    assert decision.ngsd["action"] == "allow"


def test_decisions_read_conversations_with_calls(client: Any) -> None:
    decision = client.decisions.create(
        model="keyword",
        input=[
            {"role": "user", "content": [{"type": "input_text", "text": "Look it up."}]},
            {"type": "function_call", "call_id": "1", "name": "find", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "1", "output": HARMFUL},
            {"role": "assistant", "content": [{"type": "output_text", "text": "Found."}]},
            {"role": "user", "content": "And?"},
        ],
        questions=[{"type": "predicate", "instructions": WEAPONS}],
    )
    assert decision.answers[0].probability > 0.8


@pytest.mark.parametrize("stage", ["input", "tool_result"])
def test_stage_can_be_named(client: Any, stage: str) -> None:
    decision = client.decisions.create(
        model="keyword",
        input=BENIGN,
        questions=QUESTIONS[:1],
        extra_body={"ngsd": {"stage": stage}},
    )
    assert decision.ngsd["stage"] == stage


def test_unknown_models_are_not_found(client: Any) -> None:
    with pytest.raises(openai.NotFoundError, match="use 'keyword'"):
        client.decisions.create(model=SECRET, input=BENIGN, questions=QUESTIONS)
    with pytest.raises(openai.NotFoundError):
        client.moderations.create(model=SECRET, input=BENIGN)


@pytest.mark.parametrize(
    "change",
    [
        {"questions": []},
        {"questions": [{"type": "predicate", "instructions": " "}]},
        {"questions": [{"type": "predicate", "name": "ngsd.nothing", "instructions": "a"}]},
        {"questions": [{"type": SECRET, "instructions": "a"}]},
        {"questions": [{"type": "score", "instructions": "a", "levels": [{"label": "a"}]}]},
        {"questions": [{"type": "predicate", "instructions": "a"}] * 65},
        {"questions": [{"type": "predicate", "instructions": "word " * 3000}]},
        {"input": "  "},
        {"input": []},
        {"input": [{"role": "user", "content": [{"type": "input_image", "image_url": "x"}]}]},
        {"ngsd": {"stage": SECRET}},
    ],
)
def test_wrong_decisions_are_bad_requests(client: Any, change: dict[str, Any]) -> None:
    request = {"model": "keyword", "input": BENIGN, "questions": QUESTIONS, **change}
    with pytest.raises(openai.BadRequestError) as caught:
        client.post("/decisions", body=request, cast_to=object)
    assert SECRET not in str(caught.value)


def test_moderations_flag_each_text(client: Any) -> None:
    answer = client.moderations.create(input=[HARMFUL, BENIGN], model="omni-moderation-latest")
    harmful, benign = answer.results
    assert answer.model == "keyword"
    assert harmful.flagged
    assert harmful.categories.illicit_violent
    assert harmful.category_scores.illicit_violent > 0.8
    assert harmful.category_applied_input_types.illicit_violent == ["text"]
    assert not benign.flagged
    assert benign.ngsd["action"] == "allow"


def test_categories_without_a_counterpart_are_empty(client: Any) -> None:
    (result,) = client.moderations.create(input=HARMFUL).results
    assert not result.categories.sexual_minors
    assert result.category_applied_input_types.sexual_minors == []
    assert result.category_scores.sexual_minors == 0


def test_parts_of_a_message_are_one_text(client: Any) -> None:
    parts: list[Any] = [{"type": "text", "text": BENIGN}, {"type": "text", "text": HARMFUL}]
    (result,) = client.moderations.create(input=parts).results
    assert result.flagged


@pytest.mark.parametrize(
    "given",
    [[], ["a"] * 65, [{"type": "image_url", "image_url": {"url": SECRET}}]],
)
def test_images_and_too_many_texts_are_bad_requests(client: Any, given: list[Any]) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        client.moderations.create(input=given)
    assert SECRET not in str(caught.value)
