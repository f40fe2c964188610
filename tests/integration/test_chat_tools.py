"""Tools and schemas on the embedded pair: what is called exists, and what is asked for fits."""

from collections.abc import Callable
from typing import Annotated, Any, TypedDict

import pytest
from langchain_core.messages import AIMessage, AIMessageChunk, HumanMessage, ToolMessage
from langchain_core.runnables import RunnableLambda
from langchain_core.tools import tool
from pydantic import BaseModel, Field

from langchain_ngsd import ChatNGSD
from ngsd_guard import ConfigurationError, Engine, InvalidRequestError, load_engine
from ngsd_guard.pairs import Pair
from ngsd_guard.testing import ScriptedModel, scripted_engine
from ngsd_guard.tool_calling import HERMES
from tiny_models import save_model

ASK = "Set a timer for 12 minutes."


@tool
def set_timer(minutes: int) -> str:
    """Start a timer."""
    return f"{minutes} minutes"


@tool
def now() -> str:
    """Tell the time."""
    return "12:00"


class Weather(BaseModel):
    """Get the weather for a city."""

    city: str = Field(description="name of the city")


class Person(BaseModel):
    """A person."""

    name: str
    year: int = Field(ge=1900, le=2100)


class Unrepresentable(BaseModel):
    """Takes a function, which no JSON can hold."""

    function: Callable[[], int]


class PersonDict(TypedDict):
    """A person."""

    name: Annotated[str, ..., "first name"]
    year: int


@pytest.fixture(scope="module")
def mini() -> ChatNGSD:
    return ChatNGSD.from_engine(load_engine(), max_tokens=96)


def says(reply: str, *, template: str = "{% if tools %}<tool_call>{% endif %}") -> ChatNGSD:
    """A model that says one thing, in a template that takes tools."""
    models = [ScriptedModel(reply), ScriptedModel(reply)]
    models[0].chat_template = template  # type: ignore[attr-defined]
    return ChatNGSD.from_engine(Engine(Pair(*models)))


def merged(chunks: Any) -> AIMessageChunk:
    whole: AIMessageChunk | None = None
    for chunk in chunks:
        whole = chunk if whole is None else whole + chunk
    assert whole is not None
    return whole


def without_ids(message: AIMessage) -> list[tuple[str, Any]]:
    return [(call["name"], call["args"]) for call in message.tool_calls]


@pytest.mark.parametrize("choice", ["any", "required", True, "set_timer"])
def test_forced_call_is_made_whatever_is_said(mini: ChatNGSD, choice: Any) -> None:
    message = mini.bind_tools([set_timer], tool_choice=choice).invoke("Good morning!")
    (call,) = message.tool_calls
    assert call["name"] == "set_timer"
    assert set(call["args"]) == {"minutes"}
    assert type(call["args"]["minutes"]) is int
    assert message.response_metadata["finish_reason"] == "tool_calls"
    assert message.text == ""


def test_named_tool_is_the_one_called(mini: ChatNGSD) -> None:
    for name in ("now", "set_timer", "Weather"):
        bound = mini.bind_tools([set_timer, now, Weather], tool_choice=name)
        assert {call["name"] for call in bound.invoke(ASK).tool_calls} == {name}


def test_tool_choice_none_calls_nothing(mini: ChatNGSD) -> None:
    message = mini.bind_tools([set_timer], tool_choice="none").invoke(ASK)
    assert message.tool_calls == []
    assert "<tool_call>" not in message.text


def test_tool_without_arguments_is_called_with_none(mini: ChatNGSD) -> None:
    (call, *_) = mini.bind_tools([now], tool_choice="any").invoke("What time is it?").tool_calls
    assert (call["name"], call["args"]) == ("now", {})


def test_several_calls_of_one_answer_are_all_read() -> None:
    calls = '<tool_call>\n{"name": "now", "arguments": {}}\n</tool_call>'
    both = says(f"{calls}\n{calls}").bind_tools([now]).invoke(ASK)
    assert [call["name"] for call in both.tool_calls] == ["now", "now"]
    assert len({call["id"] for call in both.tool_calls}) == 2


@pytest.mark.parametrize(("parallel", "may_go_on"), [(None, True), (True, True), (False, False)])
def test_parallel_calls_can_be_forbidden(
    mini: ChatNGSD, parallel: bool | None, may_go_on: bool
) -> None:
    call = '<tool_call>\n{"name": "set_timer", "arguments": {"minutes": 5}}\n</tool_call>'
    bound = mini.bind_tools([set_timer], tool_choice="any", parallel_tool_calls=parallel)
    constraint = constraint_of(mini, bound)
    for token_id in mini.get_token_ids(call):
        assert constraint.mask()[token_id]
        constraint.advance(token_id)
    assert constraint.mask()[list(mini.engine.base.eos_token_ids)].all()
    assert bool(constraint.mask()[mini.get_token_ids("\n")].all()) is may_go_on


def constraint_of(model: ChatNGSD, bound: Any) -> Any:
    """Return the constraint that a bound model's next answer is held to."""
    return model._call([HumanMessage(ASK)], None, bound.kwargs).new_constraint()


async def test_streamed_calls_are_those_of_invoke(mini: ChatNGSD) -> None:
    bound = mini.bind_tools([set_timer, Weather], tool_choice="any")
    invoked = bound.invoke(ASK)
    streamed = merged(bound.stream(ASK))
    chunks = [chunk async for chunk in bound.astream(ASK)]
    batched = bound.batch([ASK, "Hello!"])[0]
    for message in (streamed, merged(chunks), batched, await bound.ainvoke(ASK)):
        assert without_ids(message) == without_ids(invoked)
        assert message.response_metadata["finish_reason"] == "tool_calls"
    pieces = [piece for chunk in chunks for piece in chunk.tool_call_chunks]
    assert pieces[0]["name"] == invoked.tool_calls[0]["name"]
    assert len(pieces) > 2  # the arguments came in pieces
    assert all(chunk.text == "" for chunk in chunks)


@pytest.mark.parametrize(
    ("reply", "text", "calls"),
    [
        ("Just text.", "Just text.", []),
        (
            'I look.\n<tool_call>\n{"name": "Weather", "arguments": {"city": "Rome"}}\n'
            "</tool_call>",
            "I look.",
            [("Weather", {"city": "Rome"})],
        ),
    ],
)
def test_text_and_calls_are_told_apart(reply: str, text: str, calls: list[Any]) -> None:
    model = says(reply).bind_tools([Weather])
    for message in (model.invoke(ASK), merged(model.stream(ASK))):
        assert message.text == text
        assert without_ids(message) == calls


def test_broken_call_is_listed_as_invalid_and_not_lost() -> None:
    reply = '<tool_call>\n{"name": "Weather", "arguments": {"city": \n</tool_call>'
    model = says(reply).bind_tools([Weather])
    for message in (model.invoke(ASK), merged(model.stream(ASK))):
        assert message.tool_calls == []
        (invalid,) = message.invalid_tool_calls
        assert "city" in (invalid["args"] or "")


def test_call_and_result_reach_the_template() -> None:
    model = ChatNGSD.from_engine(load_engine())
    call = {"name": "set_timer", "args": {"minutes": 12}, "id": "a1", "type": "tool_call"}
    history = [
        HumanMessage(ASK),
        AIMessage("", tool_calls=[call]),  # type: ignore[list-item]
        ToolMessage('{"status": "done"}', tool_call_id="a1", name="set_timer"),
    ]
    seen = prompt_of(model, history, [set_timer])
    assert '"name": "set_timer"' in seen.split("</tools>")[0]
    assert '{"name": "set_timer", "arguments": {"minutes": 12}}' in seen
    assert '<tool_response>\n{"status": "done"}\n</tool_response>' in seen
    assert "timer" in model.bind_tools([set_timer]).invoke(history).text


def test_failed_result_is_told_as_an_error() -> None:
    model = ChatNGSD.from_engine(load_engine())
    call = {"name": "now", "args": {}, "id": "a1", "type": "tool_call"}
    history = [
        HumanMessage(ASK),
        AIMessage("", tool_calls=[call]),  # type: ignore[list-item]
        ToolMessage("no clock", tool_call_id="a1", status="error"),
    ]
    assert "<tool_response>\nError: no clock\n" in prompt_of(model, history, [now])


def prompt_of(model: ChatNGSD, messages: list[Any], tools: list[Any]) -> str:
    seen: list[str] = []
    encode = model.engine.base.encode

    def spy(text: str) -> list[int]:
        seen.append(text)
        return encode(text)

    model.engine.base.encode = spy  # type: ignore[method-assign]
    model.get_num_tokens_from_messages(messages, tools=tools)
    return seen[-1]


@pytest.mark.filterwarnings("ignore::langchain_core._api.beta_decorator.LangChainBetaWarning")
def test_runnable_is_offered_as_a_tool(mini: ChatNGSD) -> None:
    def shout(arguments: dict[str, str]) -> str:
        return arguments["word"].upper()

    runnable = RunnableLambda(shout).as_tool(name="shout", description="Shout a word.",
                                             arg_types={"word": str})  # fmt: skip
    (call, *_) = mini.bind_tools([runnable], tool_choice="any").invoke("Shout hello").tool_calls
    assert set(call["args"]) == {"word"}


@pytest.mark.parametrize("method", ["json_schema", "function_calling", "json_mode"])
@pytest.mark.parametrize("schema", [Person, PersonDict, Person.model_json_schema()])
def test_structured_output_fits_its_schema(mini: ChatNGSD, method: Any, schema: Any) -> None:
    asked = "Anna was born in 1984. Return JSON with the keys name and year."
    structured = mini.with_structured_output(schema, method=method)
    found = structured.invoke(asked)
    Person.model_validate(found if isinstance(found, dict) else found.model_dump())
    assert isinstance(found, Person if schema is Person else dict)
    *_, last = structured.stream(asked)
    assert last == found


def test_raw_message_comes_with_what_was_parsed(mini: ChatNGSD) -> None:
    found = mini.with_structured_output(Person, include_raw=True).invoke("Anna, born in 1984")
    assert isinstance(found["raw"], AIMessage)
    assert isinstance(found["parsed"], Person)
    assert found["parsing_error"] is None


@pytest.mark.parametrize("max_tokens", [24, 40, 96])
def test_schema_holds_however_few_tokens_there_are(mini: ChatNGSD, max_tokens: int) -> None:
    bound = mini.model_copy(update={"max_tokens": max_tokens}).with_structured_output(Person)
    for asked in ("Tell me a story.", "Anna was born in 1984."):
        assert isinstance(bound.invoke(asked), Person)


WRONG: list[tuple[Callable[[ChatNGSD], Any], type[Exception], str]] = [
    (lambda m: m.bind_tools([set_timer], tool_choice="get_time"), ConfigurationError, "set_timer"),
    (lambda m: m.bind_tools([], tool_choice="any"), ConfigurationError, "tool_choice"),
    (lambda m: m.bind_tools([lambda x: x]), ConfigurationError, "<lambda>"),
    (
        lambda m: m.bind_tools([Unrepresentable]),
        ConfigurationError,
        "'Unrepresentable' has no JSON",
    ),
    (
        lambda m: m.bind_tools([{"name": "f", "parameters": {"type": "array"}}]),
        ConfigurationError,
        "'f'",
    ),
    (
        lambda m: m.bind_tools(
            [
                {
                    "name": "f",
                    "parameters": {"type": "object", "properties": {"x": {"not": {}}}},
                }
            ],
            tool_choice="any",
        ).invoke(ASK),
        ConfigurationError,
        "cannot compile",
    ),
    (
        lambda m: m.bind_tools([set_timer], response_format={"type": "json_object"}).invoke(ASK),
        ConfigurationError,
        "both tools and response_format",
    ),
    (
        lambda m: m.bind_tools([set_timer], tool_choice="any").invoke(
            [HumanMessage(ASK), AIMessage("Sure")]
        ),
        InvalidRequestError,
        "end with a human or tool message",
    ),
    (
        lambda m: m.bind_tools([set_timer]).invoke(
            [HumanMessage(ASK), ToolMessage("done", tool_call_id="nobody")]
        ),
        InvalidRequestError,
        "nobody",
    ),
    (lambda m: m.invoke(ASK, top_logprobs=3), ConfigurationError, "logprobs=True"),
    (lambda m: m.with_structured_output(Person, method="xml"), ConfigurationError, "json_schema"),
    (lambda m: m.with_structured_output(None), ConfigurationError, "needs a schema"),
    (lambda m: m.invoke(ASK, response_format={"type": "xml"}), ConfigurationError, "json_object"),
]


@pytest.mark.parametrize(("call", "error", "remedy"), WRONG)
def test_what_cannot_be_is_a_typed_error_with_the_remedy(
    mini: ChatNGSD, call: Callable[[ChatNGSD], Any], error: type[Exception], remedy: str
) -> None:
    with pytest.raises(error, match=remedy):
        call(mini)


def test_template_without_tools_says_what_to_do_instead(tmp_path: Any) -> None:
    folder = str(save_model(tmp_path / "tiny", "gpt2", seed=3))
    model = ChatNGSD(model=folder, expert=folder, max_tokens=8)
    with pytest.raises(ConfigurationError, match="with_structured_output"):
        model.bind_tools([set_timer]).invoke(ASK)
    assert isinstance(
        model.model_copy(update={"max_tokens": 60}).with_structured_output(Person).invoke(ASK),
        Person,
    )


def test_reasoning_is_a_content_block_of_its_own() -> None:
    template = "{% if x %}<think>{% endif %}</think><tool_call>{{ tools }}"
    model = says("<think>\nFirst I think.\n</think>\n\nThen I speak.", template=template)
    for message in (model.invoke(ASK), merged(model.stream(ASK))):
        assert message.text == "Then I speak."
        kinds = [block["type"] for block in message.content_blocks]
        assert kinds == ["reasoning", "text"]
        assert "First I think." in message.content_blocks[0]["reasoning"]  # type: ignore[typeddict-item]


def test_formats_of_ones_own_models_are_found_by_template() -> None:
    assert says("Hi").engine.base.chat_template  # type: ignore[attr-defined]
    shared = says("Hi").shared
    assert shared is not None
    assert shared.tool_format is HERMES
    assert ChatNGSD.from_engine(scripted_engine()).shared.tool_format is None  # type: ignore[union-attr]
