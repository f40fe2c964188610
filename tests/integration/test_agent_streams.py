"""What callbacks, events and streams of an agent see of a tool was judged before."""

from typing import Any

import pytest
from _agent_fakes import BAD, STOPPED, KeywordGuard, says
from langchain.agents import create_agent
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from langchain_core.tools import tool
from langgraph.types import Command

from langchain_ngsd import NGSDMiddleware

ASKED: Any = {"messages": [HumanMessage("Go")]}


@tool
def text(query: str) -> str:
    """Return text."""
    return f"So {BAD}."


@tool
async def later(query: str) -> str:
    """Return text later."""
    return f"So {BAD}."


@tool(response_format="content_and_artifact")
def paired(query: str) -> Any:
    """Return text and an artifact."""
    return f"So {BAD}.", {"raw": BAD}


@tool
def mapping(query: str) -> Any:
    """Return a mapping."""
    return {"a": BAD}


@tool
def blocks(query: str) -> Any:
    """Return blocks."""
    return [{"type": "text", "text": BAD}]


@tool
def command(query: str) -> Any:
    """Return a command."""
    return Command(update={"messages": [ToolMessage(BAD, tool_call_id="c1")]})


@tool
def error(query: str) -> str:
    """Fail."""
    raise ValueError(f"So {BAD}.")


SYNC = [text, paired, mapping, blocks, command]


def agent_with(offered: Any, guard: KeywordGuard) -> Any:
    call: Any = {"name": offered.name, "args": {"query": "it"}, "id": "c1", "type": "tool_call"}
    model = says(AIMessage("", tool_calls=[call]), AIMessage("Done."))
    return create_agent(model, [offered], middleware=[NGSDMiddleware(guard)])


class Listener(BaseCallbackHandler):
    """Remembers what it hears of tools."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def on_tool_end(self, output: Any, **_: Any) -> None:
        self.heard.append(repr(output))

    def on_tool_error(self, error: BaseException, **_: Any) -> None:
        self.heard.append(repr(error))


@pytest.mark.parametrize("offered", SYNC, ids=lambda offered: offered.name)
def test_callbacks_and_streams_hear_only_what_was_judged(offered: Any) -> None:
    for action in ("block", "redact"):
        guard, listener = KeywordGuard(action), Listener()  # type: ignore[arg-type]
        modes: Any = ["messages", "values", "updates", "tools"]
        parts = list(
            agent_with(offered, guard).stream(ASKED, {"callbacks": [listener]}, stream_mode=modes)
        )
        assert "tool-finished" in str(parts)
        assert BAD not in str(parts)
        assert listener.heard
        assert BAD not in str(listener.heard)
        judged = [asked for stage, asked in guard.asked if stage == "tool_result"]
        assert len(judged) == 1


@pytest.mark.parametrize("offered", [*SYNC, later], ids=lambda offered: offered.name)
@pytest.mark.parametrize("version", ["v2", "v3"])
@pytest.mark.filterwarnings("ignore:The v3 streaming protocol")
async def test_events_show_only_what_was_judged(offered: Any, version: Any) -> None:
    agent = agent_with(offered, KeywordGuard())
    if version == "v2":
        seen = [event async for event in agent.astream_events(ASKED, version="v2")]
    else:
        run = await agent.astream_events(ASKED, version="v3")
        seen = [event async for event in run]
    assert "Done." in str(seen)
    assert STOPPED in str(seen)
    assert BAD not in str(seen)


def test_an_error_is_judged_before_callbacks_hear_of_it() -> None:
    listener = Listener()
    with pytest.raises(Exception, match="blocked by a guard"):
        agent_with(error, KeywordGuard()).invoke(ASKED, {"callbacks": [listener]})
    assert listener.heard
    assert BAD not in str(listener.heard)


def test_a_harmless_result_keeps_its_shape() -> None:
    @tool(response_format="content_and_artifact")
    def fine(query: str) -> Any:
        """Return text and an artifact."""
        return "Fine.", {"raw": 1}

    guard = KeywordGuard()
    result = agent_with(fine, guard).invoke(ASKED)["messages"][2]
    assert (result.content, result.artifact, result.status) == ("Fine.", {"raw": 1}, "success")
    assert [asked for stage, asked in guard.asked if stage == "tool_result"] == ["Fine."]
