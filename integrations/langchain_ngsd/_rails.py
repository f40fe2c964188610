"""A guard as a step of a chain."""

from collections.abc import AsyncIterator, Iterator
from typing import Any, Literal

from langchain_core.messages import BaseMessage
from langchain_core.prompt_values import ChatPromptValue, PromptValue
from langchain_core.runnables import Runnable, RunnableConfig

from langchain_ngsd._conversation import without_stopped
from langchain_ngsd._judging import (
    blocked,
    calls_of,
    can_cut,
    conversation_of,
    cut,
    messages_of,
    said,
    stopped_chunk,
    stopped_message,
    turn_of,
    turns_of,
)
from ngsd_guard import Guard, Verdict
from ngsd_guard.guard import HeldBack, Stage, cuts, replacement, stops

OnBlock = Literal["raise", "message"]


def guard_runnable(
    guard: Guard, *, stage: Stage = "input", on_block: OnBlock = "raise"
) -> "GuardRunnable":
    """Return a step that passes its input through, or stops the chain.

    Before a model (`input`, `retrieval`, `tool_result`) it takes text, messages or a prompt; after
    one (`output`) it takes a message or text, also as a stream, whose sentences are judged before
    they leave.

    Args:
        guard: the guard that judges.
        stage: stage of the input.
        on_block: raise a `GuardBlockedError`, or return the policy's message instead of the input.
            If the policy redacts, text and messages are redacted; streams and prompts are stopped.

    Raises:
        GuardBlockedError: when the step is run, with `on_block="raise"`.
    """
    return GuardRunnable(guard, stage=stage, on_block=on_block)


class GuardRunnable(Runnable[Any, Any]):
    """A step that passes its input through, or stops the chain; created by `guard_runnable`."""

    def __init__(self, guard: Guard, *, stage: Stage, on_block: OnBlock) -> None:
        self.guard = guard
        self.stage: Stage = stage
        self.on_block = on_block

    def invoke(self, input: Any, config: RunnableConfig | None = None, **kwargs: Any) -> Any:
        """Judge, and return the input or its replacement."""
        return self._call_with_config(self._judge, input, config, run_type="guard", **kwargs)

    async def ainvoke(self, input: Any, config: RunnableConfig | None = None, **kwargs: Any) -> Any:
        """Judge, and return the input or its replacement."""
        return await self._acall_with_config(
            self._ajudge, input, config, run_type="guard", **kwargs
        )

    def transform(
        self, input: Iterator[Any], config: RunnableConfig | None = None, **kwargs: Any
    ) -> Iterator[Any]:
        """Judge a stream sentence by sentence after a model; elsewhere as a whole."""
        if self.stage != "output":
            yield from super().transform(input, config, **kwargs)
            return
        held = HeldBack[Any](said)
        for chunk in input:
            for part in held.add(chunk):
                verdict = self.guard.check(**self._question(held.whole))
                if (stopped := self._stopped(verdict, part, held.whole)) is not None:
                    yield stopped
                    return
                yield part
        for part in held.rest():
            verdict = self.guard.check(**self._question(held.whole))
            stopped = self._stopped(verdict, part, held.whole)
            yield part if stopped is None else stopped

    async def atransform(
        self, input: AsyncIterator[Any], config: RunnableConfig | None = None, **kwargs: Any
    ) -> AsyncIterator[Any]:
        """Judge a stream sentence by sentence after a model; elsewhere as a whole."""
        if self.stage != "output":
            async for chunk in super().atransform(input, config, **kwargs):
                yield chunk
            return
        held = HeldBack[Any](said)
        async for chunk in input:
            for part in held.add(chunk):
                verdict = await self.guard.acheck(**self._question(held.whole))
                if (stopped := self._stopped(verdict, part, held.whole)) is not None:
                    yield stopped
                    return
                yield part
        for part in held.rest():
            verdict = await self.guard.acheck(**self._question(held.whole))
            stopped = self._stopped(verdict, part, held.whole)
            yield part if stopped is None else stopped

    def _judge(self, value: Any) -> Any:
        value = self._settled(value)
        return self._outcome(value, self.guard.check(**self._question(value)))

    async def _ajudge(self, value: Any) -> Any:
        value = self._settled(value)
        return self._outcome(value, await self.guard.acheck(**self._question(value)))

    def _settled(self, value: Any) -> Any:
        """Return a conversation without the requests that a guard stopped in earlier turns."""
        if self.stage != "input" or isinstance(value, str | BaseMessage):
            return value
        messages = messages_of(value)
        kept = without_stopped(messages)
        if kept == messages:
            return value
        return ChatPromptValue(messages=kept) if isinstance(value, PromptValue) else kept

    def _question(self, value: Any) -> dict[str, Any]:
        """Return the arguments of the check of the step's input."""
        if self.stage == "input" and not isinstance(value, str):
            turns = self.guard.unsettled(turns_of(messages_of(value)))
            return {"messages": turns, "stage": "input"}
        if self.stage != "output":
            return {"messages": conversation_of(value), "stage": self.stage}
        if isinstance(value, BaseMessage):
            return {"messages": [turn_of(value) | {"role": "assistant"}], "stage": "output"}
        return {"messages": "", "response": said(value), "stage": "output"}

    def _outcome(self, value: Any, verdict: Verdict) -> Any:
        if cuts(verdict) and isinstance(value, str):
            return verdict.redacted(value)
        is_message = isinstance(value, BaseMessage)
        if cuts(verdict) and is_message and can_cut(value) and not calls_of(value):
            return cut(value, verdict)
        if not (stops(verdict) or cuts(verdict)):  # nothing can be cut out of a conversation
            return value
        if self.on_block == "raise":
            raise blocked(verdict)
        text = replacement(self.guard, verdict)
        return text if isinstance(value, str) else stopped_message(self.guard, verdict, text)

    def _stopped(self, verdict: Verdict, part: Any, whole: Any) -> Any:
        """Return what replaces a part of a stream and ends it; None if the part may go on."""
        if not (stops(verdict) or cuts(verdict)):
            return None
        if self.on_block == "raise":
            raise blocked(verdict)
        text = replacement(self.guard, verdict)
        if isinstance(part, str):
            return text
        earlier = () if whole is part else (whole,)
        return stopped_chunk(self.guard, verdict, text, earlier)
