"""A fake model, tool and agent, and a guard that looks for one word."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from langchain_core.language_models import GenericFakeChatModel
from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.outputs import ChatGenerationChunk
from langchain_core.tools import tool

from ngsd_guard import Guard, InvalidRequestError, Policy, Verdict
from ngsd_guard.guard import Action, CheckRequest, Span, Stage
from ngsd_guard.guard._subject import read_subject
from ngsd_guard.testing import scripted_engine

BAD = "xyzzy"
STOPPED = Policy.default().message


class KeywordGuard(Guard):
    """Flags texts with one word, and records its requests."""

    def __init__(self, action: Action = "block", *, enforced: bool = True, fails: bool = False):
        super().__init__(scripted_engine("A harmless answer.", "A harmless answer."))
        self.action: Action = action
        self.enforced = enforced
        self.fails = fails
        self.asked: list[tuple[Stage, str]] = []

    def check(
        self,
        messages: str | Sequence[Mapping[str, Any]],
        *,
        response: str | None = None,
        stage: Stage = "input",
        explain: bool = False,
        source_id: str | None = None,
    ) -> Verdict:
        try:
            subject = read_subject(CheckRequest(messages, response, stage))
        except InvalidRequestError:
            return self._failed(stage)
        text = subject.rated_text if stage == "input" else subject.text
        self.asked.append((stage, text))
        if self.fails:
            return self._failed(stage)
        start = text.find(BAD)
        flagged = start >= 0
        action: Action = self.action if flagged else "allow"
        spans = (Span(start, start + len(BAD), "harm"),) if flagged else ()
        return Verdict("evaluated", flagged, action, self.enforced, stage, spans=spans)

    def _failed(self, stage: Stage) -> Verdict:
        return Verdict("error", True, "block", True, stage, error_type="MemoryError",
                       message=self.policy.failure_message)  # fmt: skip

    async def acheck(self, messages: Any, **options: Any) -> Verdict:
        await asyncio.sleep(0)
        return self.check(messages, **options)

    def check_batch(self, requests: Any, *, explain: bool = False) -> list[Verdict]:
        return [self.check(**request) for request in requests]

    async def acheck_batch(self, requests: Any, *, explain: bool = False) -> list[Verdict]:
        return self.check_batch(requests)


class Scripted(GenericFakeChatModel):
    """Gives scripted answers, and accepts tools."""

    def bind_tools(self, tools: Any, **_: Any) -> Any:
        return self

    def _stream(self, *args: Any, **options: Any) -> Iterator[Any]:
        message = next(self.messages)
        assert isinstance(message, AIMessage)
        for word in message.text.split(" "):
            piece = AIMessageChunk(content=f"{word} ")
            yield ChatGenerationChunk(message=piece)
        if message.tool_calls:
            calls = [
                {"name": call["name"], "args": str(call["args"]).replace("'", '"'),
                 "id": call["id"], "index": index, "type": "tool_call_chunk"}
                for index, call in enumerate(message.tool_calls)
            ]  # fmt: skip
            yield ChatGenerationChunk(
                message=AIMessageChunk(content="", tool_call_chunks=calls)  # type: ignore[arg-type]
            )


calls: list[str] = []


@tool
def search(query: str) -> str:
    """Search for something."""
    calls.append(query)
    return f"found {query}"


def says(*messages: AIMessage) -> Scripted:
    return Scripted(messages=iter(messages))


def calling(query: str) -> AIMessage:
    call = {"name": "search", "args": {"query": query}, "id": "c1", "type": "tool_call"}
    return AIMessage("", tool_calls=[call])  # type: ignore[list-item]


async def run(agent: Any, messages: list[Any], surface: str) -> tuple[list[Any], str]:
    """Run an agent; return its messages and all streamed text."""
    asked = {"messages": messages}
    if surface == "invoke":
        return agent.invoke(asked)["messages"], ""
    if surface == "ainvoke":
        return (await agent.ainvoke(asked))["messages"], ""
    seen, last = "", None
    if surface == "stream":
        parts: Any = list(agent.stream(asked, stream_mode=["messages", "values"]))
    else:
        parts = [p async for p in agent.astream(asked, stream_mode=["messages", "values"])]
    for mode, part in parts:
        if mode == "messages":
            seen += f"{part[0].content}{getattr(part[0], 'tool_call_chunks', '')}\n"
        else:
            last = part["messages"]
    assert last is not None
    return last, seen


SURFACES = ["invoke", "ainvoke", "stream", "astream"]
