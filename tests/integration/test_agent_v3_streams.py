"""Events of `stream_events(version="v3")` show what was judged, wherever the text comes from."""

from collections.abc import Callable
from typing import Any

import pytest
from _agent_fakes import BAD, STOPPED, KeywordGuard, Scripted, calling, says, search
from langchain.agents import create_agent
from langchain.agents.middleware import ModelFallbackMiddleware
from langchain_core.language_models import GenericFakeChatModel
from langchain_core.messages import AIMessage, HumanMessage
from langchain_core.tools import tool
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.prebuilt import ToolRuntime

from langchain_ngsd import ChatNGSD, NGSDMiddleware
from ngsd_guard.testing import scripted_engine

pytestmark = pytest.mark.filterwarnings("ignore:The v3 streaming protocol")
HARM = f"So {BAD} now."


class Down(Scripted):
    """A model that does not answer."""

    def _stream(self, *args: Any, **options: Any) -> Any:
        raise RuntimeError("down")

    def _generate(self, *args: Any, **options: Any) -> Any:
        raise RuntimeError("down")


class Whole(GenericFakeChatModel):
    """A model that does not stream."""

    _stream = GenericFakeChatModel.__base__._stream  # type: ignore[assignment, union-attr]

    def bind_tools(self, tools: Any, **_: Any) -> Any:
        return self


@tool
def ask(query: str) -> str:
    """Ask another agent, which nobody guards."""
    other = create_agent(says(calling(HARM), AIMessage(HARM)), [search], name="other")
    return str(other.invoke({"messages": [HumanMessage(HARM)]})["messages"][-1].text)


@tool
def write(query: str, runtime: ToolRuntime) -> str:
    """Write while it runs."""
    runtime.emit_output_delta(HARM)
    return HARM


@tool
def fail(query: str) -> str:
    """Fail."""
    raise ValueError(HARM)


def calling_tool(name: str) -> AIMessage:
    call: Any = {"name": name, "args": {"query": "it"}, "id": "c1", "type": "tool_call"}
    return AIMessage("", tool_calls=[call])


def fallback_inside(own: NGSDMiddleware) -> Any:
    return create_agent(
        Down(messages=iter(())),
        [],
        middleware=[own, ModelFallbackMiddleware(says(AIMessage(HARM)))],
    )


def silent_fallback_inside(own: NGSDMiddleware) -> Any:
    other = ModelFallbackMiddleware(Whole(messages=iter([AIMessage(HARM)])))
    return create_agent(Down(messages=iter(())), [], middleware=[own, other])


def agent_in_a_tool(own: NGSDMiddleware) -> Any:
    return create_agent(says(calling_tool("ask"), AIMessage("Done.")), [ask], middleware=[own])


def writing_tool(own: NGSDMiddleware) -> Any:
    return create_agent(says(calling_tool("write"), AIMessage("Done.")), [write], middleware=[own])


def harmless_model(own: NGSDMiddleware) -> Any:
    return create_agent(says(AIMessage("Done.")), [], middleware=[own])


LEAKS: list[tuple[Callable[[NGSDMiddleware], Any], str]] = [
    (fallback_inside, "Go"),
    (silent_fallback_inside, "Go"),
    (agent_in_a_tool, "Go"),
    (writing_tool, "Go"),
    (harmless_model, HARM),
]


async def seen_by(agent: Any, request: str, way: str) -> str:
    """Return everything that events, projections and handles of subgraphs show, as text."""
    asked = {"messages": [HumanMessage(request)]}
    if way == "events":
        return str(list(agent.stream_events(asked, version="v3")))
    if way == "async events":
        return str([event async for event in await agent.astream_events(asked, version="v3")])
    run = agent.stream_events(asked, version="v3")
    seen: list[Any] = []
    for name, item in run.interleave("messages", "values", "tool_calls", "subgraphs"):
        if name == "messages":
            seen.append(item.output)
        elif name == "tool_calls":
            seen += [item.input, list(item.output_deltas), item.output, item.error]
        elif name == "subgraphs":
            seen += [list(item.messages), list(item)]
        else:
            seen.append(item)
    return str(seen)


@pytest.mark.parametrize("way", ["events", "async events", "projections"])
@pytest.mark.parametrize(("make", "request_text"), LEAKS, ids=lambda m: getattr(m, "__name__", ""))
async def test_stopped_text_is_in_no_event(make: Any, request_text: str, way: str) -> None:
    seen = await seen_by(make(NGSDMiddleware(KeywordGuard())), request_text, way)
    assert BAD not in seen
    assert STOPPED in seen


@pytest.mark.parametrize(("make", "request_text"), LEAKS, ids=lambda m: getattr(m, "__name__", ""))
async def test_without_the_transformer_it_would_be(make: Any, request_text: str) -> None:
    own = NGSDMiddleware(KeywordGuard())
    own.transformers = ()
    assert BAD in await seen_by(make(own), request_text, "events")


async def test_a_harmless_run_is_shown_with_its_tokens_calls_and_results() -> None:
    model = says(calling("tea"), AIMessage("It is brown. It is hot."))
    agent = create_agent(model, [search], middleware=[NGSDMiddleware(KeywordGuard())])
    asked: Any = {"messages": [HumanMessage("Find tea")]}
    events = [event async for event in await agent.astream_events(asked, version="v3")]
    deltas = [
        event["params"]["data"][0]["delta"]["text"]
        for event in events
        if event["method"] == "messages"
        and event["params"]["data"][0].get("event") == "content-block-delta"
    ]
    assert [delta.strip() for delta in deltas if delta.strip()] == ["It is brown.", "It is hot."]
    tools = [event["params"]["data"] for event in events if event["method"] == "tools"]
    assert tools[0]["input"] == {"query": "tea"}
    assert tools[-1]["output"].content == "found tea"
    snapshots = [event["params"]["data"] for event in events if event["method"] == "values"]
    kinds = [[message.type for message in snapshot["messages"]] for snapshot in snapshots]
    assert kinds[-1] == ["human", "ai", "tool", "ai"]
    assert kinds == [kinds[-1][:length] for length in sorted(map(len, kinds))]


def test_a_harmless_fallback_is_shown_once_it_was_judged() -> None:
    other = ModelFallbackMiddleware(says(AIMessage("All is well.")))
    own = NGSDMiddleware(KeywordGuard())
    agent = create_agent(Down(messages=iter(())), [], middleware=[own, other])
    run = agent.stream_events({"messages": [HumanMessage("Go")]}, version="v3")
    seen = list(run.interleave("messages", "values"))
    assert [name for name, _ in seen if name == "messages"] == []
    assert seen[-1][1]["messages"][-1].text.strip() == "All is well."


def test_a_guarded_pair_streams_its_own_tokens() -> None:
    pair = ChatNGSD.from_engine(scripted_engine("All is well.", "All is well."))
    agent = create_agent(pair, [], middleware=[NGSDMiddleware(KeywordGuard())])
    run = agent.stream_events({"messages": [HumanMessage("Go")]}, version="v3")
    (message,) = run.messages
    assert len(list(message.text)) > 1
    assert str(message.text) == "All is well."


@pytest.mark.parametrize(("action", "shown"), [("block", False), ("allow", True)])
def test_the_text_of_an_error_is_hidden_unless_it_may_go_on(action: Any, shown: bool) -> None:
    own = NGSDMiddleware(KeywordGuard(action))
    agent = create_agent(says(calling_tool("fail")), [fail], middleware=[own])
    seen: list[Any] = []
    with pytest.raises(Exception, match=BAD if shown else "blocked by a guard"):
        seen.extend(agent.stream_events({"messages": [HumanMessage("Go")]}, version="v3"))
    (error,) = [e["params"]["data"] for e in seen if "tool-error" in str(e["params"]["data"])]
    assert (BAD in error["message"]) is shown
    assert (BAD in str(seen)) is shown


def test_a_request_that_waits_for_a_person_is_not_shown() -> None:
    own = NGSDMiddleware(KeywordGuard("escalate"))
    agent = create_agent(
        says(AIMessage("Done.")), [], middleware=[own], checkpointer=InMemorySaver()
    )
    thread: Any = {"configurable": {"thread_id": "1"}}
    run = agent.stream_events({"messages": [HumanMessage(HARM)]}, thread, version="v3")
    assert BAD not in str(list(run))
    assert run.interrupted


def test_metadata_of_a_caller_does_not_mark_a_model_as_screened() -> None:
    agent = fallback_inside(NGSDMiddleware(KeywordGuard()))
    config: Any = {"metadata": {"ngsd_screened": True}}
    run = agent.stream_events({"messages": [HumanMessage("Go")]}, config, version="v3")
    assert BAD not in str(list(run))


@pytest.mark.parametrize("protected", [True, False])
def test_a_graph_around_an_agent_takes_its_transformers(protected: bool) -> None:
    own = NGSDMiddleware(KeywordGuard())
    builder = StateGraph(MessagesState)
    builder.add_node("agent", fallback_inside(own))
    builder.add_edge(START, "agent")
    graph = builder.compile(transformers=own.transformers if protected else ())
    run = graph.stream_events({"messages": [HumanMessage("Go")]}, version="v3")
    assert (BAD in str(list(run))) is not protected


async def test_a_conversation_is_shown_again_in_its_next_turn() -> None:
    model = says(AIMessage("One."), AIMessage("Two."))
    own = NGSDMiddleware(KeywordGuard())
    agent = create_agent(model, [], middleware=[own], checkpointer=InMemorySaver(), name="desk")
    thread: Any = {"configurable": {"thread_id": "1"}}
    for request in ("First", "Second"):
        asked: Any = {"messages": [HumanMessage(request)]}
        run = await agent.astream_events(asked, thread, version="v3")
        values = [event["params"]["data"] async for event in run if event["method"] == "values"]
    texts = [[message.text.strip() for message in value["messages"]] for value in values]
    assert texts[0] == ["First", "One."]
    assert texts[-1] == ["First", "One.", "Second", "Two."]
