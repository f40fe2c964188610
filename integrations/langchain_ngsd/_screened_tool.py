"""A tool whose result is judged before callbacks, traces and streams see it."""

import json
from collections.abc import Awaitable, Callable, Sequence
from functools import wraps
from typing import Any, Final

from langchain_core.messages import BaseMessage, ToolMessage
from langchain_core.tools import BaseTool
from langgraph.errors import GraphBubbleUp
from langgraph.types import Command

from langchain_ngsd._judging import blocked
from langchain_ngsd._shown import remember_error
from langchain_ngsd._tool_results import ToolResult
from ngsd_guard import Guard, Verdict
from ngsd_guard.guard import cuts, replacement, stops

_ARTIFACT: Final = "content_and_artifact"


class ToolScreen:
    """Judges what one call of a tool returns or raises.

    Args:
        guard: the guard that judges.
        call: the tool call.
        known: the conversation so far.
    """

    def __init__(self, guard: Guard, call: Any, known: Sequence[BaseMessage]) -> None:
        self._guard = guard
        self._call = call
        self._known = known
        self._error: BaseException | None = None  # as it may go on
        self._is_stopped = False

    def over(self, tool: BaseTool) -> BaseTool:
        """Return a copy of a tool whose results are judged when its body returns."""
        copy, run, arun = tool.model_copy(), tool._run, tool._arun

        @wraps(run)
        def judged_run(*args: Any, **options: Any) -> Any:
            return self.judged(lambda: run(*args, **options), tool)

        @wraps(arun)
        async def judged_arun(*args: Any, **options: Any) -> Any:
            return await self.ajudged(lambda: arun(*args, **options), tool)

        object.__setattr__(copy, "_run", judged_run)
        object.__setattr__(copy, "_arun", judged_arun)
        if getattr(copy, "coroutine", arun) is None:
            # Or ainvoke would run tool and check in a thread, where nobody can cancel them.
            object.__setattr__(copy, "coroutine", arun)
        return copy

    def judged(self, work: Callable[[], Any], tool: BaseTool | None = None) -> Any:
        """Return the result of some work as it may be read.

        Raises:
            GuardBlockedError: it raised an error whose text must not go on.
        """
        try:
            result = work()
        except GraphBubbleUp:
            raise
        except Exception as error:
            if self._was_judged(error):
                raise
            verdict = self._guard.check(str(error), stage="tool_result")
            if not (stops(verdict) or cuts(verdict)):
                remember_error(self._guard, error)
                raise
        else:
            output = _Output(result, self._call, tool)
            read = self._read(output.message)
            return self._mended(output, read, self._guard.check_batch(read.questions))
        raise self._blocked(verdict)  # not from the error, which holds the text

    async def ajudged(
        self, work: Callable[[], Awaitable[Any]], tool: BaseTool | None = None
    ) -> Any:
        """Return the same without blocking the event loop; see `judged`."""
        try:
            result = await work()
        except GraphBubbleUp:
            raise
        except Exception as error:
            if self._was_judged(error):
                raise
            verdict = await self._guard.acheck(str(error), stage="tool_result")
            if not (stops(verdict) or cuts(verdict)):
                remember_error(self._guard, error)
                raise
        else:
            output = _Output(result, self._call, tool)
            read = self._read(output.message)
            return self._mended(output, read, await self._guard.acheck_batch(read.questions))
        raise self._blocked(verdict)  # not from the error, which holds the text

    def _read(self, result: Any) -> ToolResult:
        return ToolResult(result, self._known, self._call["name"], self._guard.judged)

    def _mended(self, output: "_Output", read: ToolResult, verdicts: Sequence[Verdict]) -> Any:
        self._is_stopped |= any(map(stops, verdicts))
        mended = output.after(read.mended(verdicts, self._said, self._refused))
        if self._is_stopped and isinstance(mended, ToolMessage):
            return mended.model_copy(update={"status": "error"})
        return mended

    def _was_judged(self, error: BaseException) -> bool:
        was_judged, self._error = error is self._error, error
        return was_judged

    def _blocked(self, verdict: Verdict) -> Exception:
        self._error = error = blocked(verdict)
        remember_error(self._guard, error)
        return error

    def _said(self, verdict: Verdict) -> str:
        return replacement(self._guard, verdict)

    def _refused(self, text: str) -> ToolMessage:
        return refused(self._call, text)


def refused(call: Any, text: str) -> ToolMessage:
    """Return the result of a call that does not take place, or that nobody may read."""
    message = ToolMessage("", tool_call_id=call["id"] or "")
    return message.model_copy(update={"content": text, "name": call["name"], "status": "error"})


class _Output:
    """What a tool returned, and the message that it becomes.

    Args:
        result: what its body returned, or with `tool=None` what the tool node has made of that.
        call: the tool call.
        tool: the tool.
    """

    def __init__(self, result: Any, call: Any, tool: BaseTool | None) -> None:
        self._result = result
        self._has_artifact = tool is not None and tool.response_format == _ARTIFACT
        content = result[0] if self._has_artifact and isinstance(result, tuple) else result
        self._is_bare = tool is not None and not _holds_messages(content)
        self.message: Any = content
        if self._is_bare:
            message = refused(call, content if _is_content(content) else _written(content))
            self.message = message.model_copy(update={"status": "success"})

    def after(self, mended: Any) -> Any:
        """Return the result after the message was judged, in the shape in which it came."""
        if self._is_bare:
            if mended.content == self.message.content:
                return self._result
            mended = mended.content
        return (mended, None) if self._has_artifact else mended


def _holds_messages(content: Any) -> bool:
    items = content if isinstance(content, list) else [content]
    return any(isinstance(item, Command | BaseMessage) for item in items)


def _is_content(content: Any) -> bool:
    return isinstance(content, str) or (
        isinstance(content, list)
        and all(isinstance(item, str | dict) for item in content)
        and all("type" in item for item in content if isinstance(item, dict))
    )


def _written(content: Any) -> str:
    try:
        return json.dumps(content, ensure_ascii=False)
    except Exception:
        return str(content)
