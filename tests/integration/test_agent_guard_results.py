"""Each new message in a tool's result is judged before the model reads it."""

import dataclasses
from collections.abc import Callable
from typing import Annotated, Any

import pytest
from _agent_fakes import BAD, SURFACES, KeywordGuard, calling, run, says
from langchain.agents import create_agent
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage
from langchain_core.tools import InjectedToolCallId, tool
from langgraph.types import Command, Overwrite, Send

from langchain_ngsd import NGSDMiddleware
from langchain_ngsd._tool_results import ToolResult

RESULTS: dict[str, Callable[[str], Any]] = {
    "message": lambda i: ToolMessage(f"So {BAD}", tool_call_id=i, artifact=BAD),
    "block": lambda i: ToolMessage([{"type": "text", "text": BAD}], tool_call_id=i),
    "name": lambda i: Command(
        update={"messages": [ToolMessage("", tool_call_id=i), HumanMessage("", name=f"- {BAD}")]}
    ),
    "list": lambda i: [ToolMessage(BAD, tool_call_id=i)],
    "command": lambda i: Command(update={"messages": [ToolMessage(BAD, tool_call_id=i)]}),
    "command in a list": lambda i: [
        ToolMessage("ok", tool_call_id=i),
        Command(update={"messages": [HumanMessage(BAD)]}),
    ],
    "request in a command": lambda i: Command(
        update={"messages": [ToolMessage("ok", tool_call_id=i), HumanMessage(BAD)]}
    ),
    "order in a command": lambda i: Command(
        update={"messages": [ToolMessage("ok", tool_call_id=i), SystemMessage(BAD)]}
    ),
    "call in a command": lambda i: Command(
        update={"messages": [ToolMessage("ok", tool_call_id=i), AIMessage(BAD), calling(BAD),
                             ToolMessage("ok", tool_call_id="c1")]}
    ),
    "message in a command": lambda i: Command(
        update={"messages": ToolMessage(BAD, tool_call_id=i)}
    ),
    "dictionary in a command": lambda i: Command(
        update={"messages": [{"role": "tool", "content": BAD, "tool_call_id": i}]}
    ),
}  # fmt: skip


def fetching(make: Callable[[str], Any]) -> tuple[Any, AIMessage]:
    @tool
    def fetch(query: str, tool_call_id: Annotated[str, InjectedToolCallId]) -> Any:
        """Fetch something."""
        return make(tool_call_id)

    call = {"name": "fetch", "args": {"query": "it"}, "id": "f1", "type": "tool_call"}
    return fetch, AIMessage("", tool_calls=[call])  # type: ignore[list-item]


@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("place", RESULTS)
async def test_every_message_that_a_tool_returns_is_judged(place: str, surface: str) -> None:
    fetch, call = fetching(RESULTS[place])
    for action in ("block", "redact", "escalate"):
        guard = KeywordGuard(action)  # type: ignore[arg-type]
        model = says(call, AIMessage("Done."))
        agent = create_agent(model, [fetch], middleware=[NGSDMiddleware(guard)])
        messages, seen = await run(agent, [HumanMessage("Go")], surface)
        assert BAD not in f"{messages}{seen}"
        assert messages[-1].text.strip() == "Done."


def test_a_conversation_that_a_tool_passes_on_is_not_judged_again() -> None:
    guard, known = KeywordGuard(), [HumanMessage("Go", id="1"), AIMessage("Yes", id="2")]
    handed = Command(update={"messages": [*known, ToolMessage("new", tool_call_id="x")]})
    questions = ToolResult(handed, known).questions
    assert [question["messages"][0]["content"] for question in questions] == ["new"]
    assert ToolResult(Command(goto="there"), known).questions == []
    assert guard.asked == []


SENT: dict[str, Command[Any]] = {
    "text": Command(update={"messages": f"So {BAD}"}, graph=Command.PARENT),
    "dictionary": Command(update={"messages": {"role": "user", "content": BAD}}),
    "sent": Command(goto=Send("model", {"messages": [HumanMessage(BAD)], "rest": 1})),
    "sent as text": Command(goto=[Send("model", {"messages": BAD}), "there"]),
    "sent as a dictionary": Command(
        goto=[Send("model", {"messages": {"role": "user", "content": BAD}})]
    ),
}


@pytest.mark.parametrize("place", SENT)
def test_whatever_a_command_carries_is_judged(place: str) -> None:
    guard, held = KeywordGuard(), ToolResult(SENT[place], [])
    verdicts = guard.check_batch(held.questions)
    assert [verdict.action for verdict in verdicts] == ["block"]
    mended = held.mended(verdicts, lambda verdict: "said", str)
    assert BAD not in str(mended)
    assert "said" in str(mended)
    assert (mended.graph, type(mended.goto)) == (SENT[place].graph, type(SENT[place].goto))
    if place == "sent":
        assert mended.goto.arg["rest"] == 1


@dataclasses.dataclass
class Elsewhere:
    messages: Any


@pytest.mark.parametrize(
    "result",
    [
        BAD,
        Command(update=Elsewhere([HumanMessage(BAD)])),
        Command(update=[("messages", [HumanMessage(BAD)])]),
        Command(update={"messages": Overwrite([HumanMessage(BAD)])}),
        Command(goto=Send("there", BAD)),
        Command(goto=[Send("there", {"messages": Overwrite([HumanMessage(BAD)])})]),
    ],
    ids=str,
)
def test_an_unreadable_result_is_not_clean(result: Any) -> None:
    held = ToolResult(result, [])
    guard = KeywordGuard()
    verdicts = guard.check_batch(held.questions)
    assert [verdict.evaluation for verdict in verdicts] == ["error"]
    assert held.mended(verdicts, lambda verdict: "said", lambda text: text.upper()) == "SAID"
    opened = [dataclasses.replace(verdict, action="allow") for verdict in verdicts]
    assert held.mended(opened, lambda verdict: "said", str.upper) is result


@pytest.mark.parametrize("count", [1, 2, 30])
def test_a_redaction_in_a_result_of_several_blocks_has_the_right_position(count: int) -> None:
    blocks = [{"type": "text", "text": f"Line {n}."} for n in range(count)]
    blocks += [{"type": "text", "text": f"Now {BAD} it."}, {"type": "text", "text": "End."}]
    held = ToolResult(ToolMessage(blocks, tool_call_id="x", artifact=BAD), [])  # type: ignore[arg-type]
    guard = KeywordGuard("redact")
    result = held.mended(guard.check_batch(held.questions), lambda verdict: "said", str)
    assert result.content == "\n".join([*(f"Line {n}." for n in range(count)),
                                        "Now [redacted] it.", "End."])  # fmt: skip
    assert result.artifact is None
