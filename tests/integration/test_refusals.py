"""Refusals of the guard as LangChain's standard blocks and errors."""

from functools import reduce
from operator import add
from typing import Any

import pytest
from _agent_fakes import BAD, STOPPED, KeywordGuard, calling, says, search
from langchain.agents import create_agent
from langchain.agents.middleware import ModelFallbackMiddleware, ModelRefusalMiddleware
from langchain_core import exceptions
from langchain_core.exceptions import ModelRefusalError
from langchain_core.messages import AIMessage, AIMessageChunk, HumanMessage
from langchain_core.output_parsers import StrOutputParser

from langchain_ngsd import ChatNGSD, NGSDMiddleware, ScreenedChatModel, guard_runnable
from langchain_ngsd._chunks import ChunkBuilder
from ngsd_guard import GateConfig, MissingDependencyError, NGSDConfig
from ngsd_guard.chat import ChatRequest
from ngsd_guard.testing import scripted_engine

ASKED: Any = {"messages": [HumanMessage("Go")]}
SORRY = "I'm sorry, but I can't help with that."
ALWAYS = NGSDConfig(gate=GateConfig(v_threshold=0.1, bias_current=0.9))
BAD_ANSWER = f"One sentence. So {BAD} now."


def model_saying(base: str, expert: str, **options: Any) -> ChatNGSD:
    return ChatNGSD.from_engine(scripted_engine(base, expert, config=ALWAYS), **options)


def types_of(message: Any) -> list[str]:
    return [block["type"] for block in message.content_blocks]


def agent(*middleware: Any, guard: KeywordGuard | None = None, **options: Any) -> Any:
    own = NGSDMiddleware(guard or KeywordGuard(), **options)
    return create_agent(says(AIMessage(BAD_ANSWER)), [], middleware=[*middleware, own])


# The chat model.


@pytest.mark.parametrize(
    ("base", "expert", "refused"),
    [("Sure, here is how.", SORRY, True), (SORRY, SORRY, False), ("Paris.", "Lyon.", False)],
    ids=["the gate refuses", "the base refuses", "the gate changes an answer"],
)
def test_a_refusal_is_the_guards_where_it_changed_a_token(
    base: str, expert: str, refused: bool
) -> None:
    model = model_saying(base, expert)
    for message in (model.invoke("Hello"), reduce(add, model.stream("Hello"))):
        assert message.text == expert
        assert message.response_metadata["ngsd"]["refused"] is refused
        assert types_of(message) == (["text", "refusal"] if refused else ["text"])


async def test_a_refusal_raises_on_request() -> None:
    model = model_saying("Sure, here is how.", SORRY, on_refusal="raise")
    with pytest.raises(ModelRefusalError) as caught:
        model.invoke("Hello")
    assert caught.value.raw_message is not None
    assert caught.value.raw_message.text == SORRY
    assert "Hello" not in str(caught.value)
    with pytest.raises(ModelRefusalError):
        await model.ainvoke("Hello")
    with pytest.raises(ModelRefusalError):
        list(model.stream("Hello"))
    with pytest.raises(ModelRefusalError):
        [chunk async for chunk in model.astream("Hello")]
    assert model_saying("Paris.", "Lyon.", on_refusal="raise").invoke("Hello").text == "Lyon."


def test_a_chain_falls_back_on_a_refusal() -> None:
    refusing = model_saying("Sure, here is how.", SORRY, on_refusal="raise")
    other = says(AIMessage("Another answer."))
    chain = refusing.with_fallbacks([other], exceptions_to_handle=(ModelRefusalError,))
    assert chain.invoke("Hello").text == "Another answer."


def test_text_held_to_a_schema_is_no_refusal() -> None:
    chat = model_saying("Sure, here is how.", SORRY).chat
    for is_text in (True, False):
        events = chat.events(ChatRequest(messages=[{"role": "user", "content": "Hello"}]))
        result = ChunkBuilder("m", is_text=is_text).result(events)
        assert result.generations[0].message.response_metadata["ngsd"]["refused"] is is_text


def test_an_old_langchain_core_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(exceptions, "ModelRefusalError")
    for make in (
        lambda: ChatNGSD(on_refusal="raise"),
        lambda: NGSDMiddleware(KeywordGuard(), on_refusal="raise"),
    ):
        with pytest.raises(MissingDependencyError, match=r"langchain-core 1\.7\.5"):
            make()


# The guard around other models.


def test_what_the_guard_stops_has_a_refusal_block_beside_its_text() -> None:
    guard = KeywordGuard()
    screened = ScreenedChatModel(inner=says(AIMessage(BAD_ANSWER)), guard=guard)
    rail = guard_runnable(guard, stage="output", on_block="message")
    bad_model = says(AIMessage(BAD_ANSWER), AIMessage(BAD_ANSWER))
    stopped = [
        reduce(add, screened.stream("Hello")),
        (bad_model | rail).invoke("Hello"),
        agent().invoke(ASKED)["messages"][-1],
        agent().invoke({"messages": [HumanMessage(BAD)]})["messages"][-1],
    ]
    for message in stopped:
        assert message.text.endswith(STOPPED)
        assert types_of(message) == ["text", "refusal"]
        assert StrOutputParser().invoke(message).endswith(STOPPED)


def test_what_passes_has_no_refusal_block() -> None:
    for action in ("allow", "flag", "redact"):
        guard = KeywordGuard(action)  # type: ignore[arg-type]
        assert types_of(agent(guard=guard).invoke(ASKED)["messages"][-1]) == ["text"]


def test_the_names_of_providers_are_not_mixed() -> None:
    class Named(type(says())):  # type: ignore[misc]
        def _stream(self, *args: Any, **options: Any) -> Any:
            for chunk in super()._stream(*args, **options):
                chunk.message.response_metadata["model_provider"] = "openai"
                yield chunk

    model = Named(messages=iter([AIMessage(BAD_ANSWER)] * 2))
    guard = KeywordGuard()
    streamed: Any = reduce(add, ScreenedChatModel(inner=model, guard=guard).stream("Hello"))
    assert streamed.response_metadata["model_provider"] == "openai"
    told = create_agent(model, [], middleware=[NGSDMiddleware(guard)])
    parts = list(told.stream(ASKED, stream_mode=["messages", "values"]))
    last = [part for mode, part in parts if mode == "values"][-1]["messages"][-1]
    assert types_of(last) == ["text", "refusal"]
    assert all(isinstance(p[0], AIMessageChunk) for mode, p in parts if mode == "messages")


def test_langchains_refusal_middleware_sees_a_stopped_answer() -> None:
    with pytest.raises(ModelRefusalError):
        agent(ModelRefusalMiddleware()).invoke(ASKED)


@pytest.mark.parametrize("way", ["option", "middleware"])
@pytest.mark.parametrize("surface", ["invoke", "stream", "ainvoke"])
async def test_langchains_fallback_middleware_tries_the_next_model(way: str, surface: str) -> None:
    guard = KeywordGuard()
    fallback = ModelFallbackMiddleware(says(AIMessage("Another answer.")))
    if way == "option":
        made = agent(fallback, guard=guard, on_refusal="raise")
    else:
        made = agent(fallback, ModelRefusalMiddleware(), guard=guard)
    if surface == "stream":
        last = list(made.stream(ASKED, stream_mode="values"))[-1]["messages"][-1]
    else:
        state = made.invoke(ASKED) if surface == "invoke" else await made.ainvoke(ASKED)
        last = state["messages"][-1]
    assert last.text.strip() == "Another answer."
    assert sum(BAD in asked for stage, asked in guard.asked if stage == "output") == 1
    assert ("output", "Another answer. ".strip()) in [(s, a.strip()) for s, a in guard.asked]


def test_without_the_option_no_other_model_is_asked() -> None:
    fallback = ModelFallbackMiddleware(says())  # has nothing to say
    assert agent(fallback).invoke(ASKED)["messages"][-1].text == STOPPED


def test_a_stopped_request_is_not_given_to_another_model() -> None:
    fallback = ModelFallbackMiddleware(says(AIMessage("Another answer.")))
    state = agent(fallback, on_refusal="raise").invoke({"messages": [HumanMessage(BAD)]})
    assert state["messages"][-1].text == STOPPED


# LangChain warns once in a process that v3 streams may change.
@pytest.mark.filterwarnings("ignore:.*v3 streaming protocol")
def test_a_refusal_in_the_history_can_be_answered_and_replayed() -> None:
    guard = KeywordGuard()
    model = says(AIMessage(BAD_ANSWER), calling("tea"), AIMessage("Done."))
    made = create_agent(model, [search], middleware=[NGSDMiddleware(guard)])
    first = made.stream_events(ASKED, version="v3").output
    assert types_of(first["messages"][-1]) == ["text", "refusal"]
    again = made.invoke({"messages": [*first["messages"], HumanMessage("And tea?")]})
    assert again["messages"][-1].text.strip() == "Done."
    local = model_saying("Paris.", "Paris.")
    assert local.invoke([*first["messages"], HumanMessage("And?")]).text == "Paris."
