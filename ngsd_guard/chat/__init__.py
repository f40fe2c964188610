"""Chat for every host: a request becomes events. No host is known here.

::

    chat = ChatEngine(engine)                   or shared_chat_engine(EngineChoice("ngsd-mini"))
    request = ChatRequest(messages=[...], tools=[...], tool_choice="auto", timeout_s=30)
    for event in chat.stream(request): ...      async for event in chat.astream(request): ...
    answer = chat.answer(request)               answer = await chat.aanswer(request)

The events of one answer, in order: `ReasoningDelta`, `TextDelta`, `ToolCallStarted`,
`ArgumentsDelta`, `CallEnded` and `ToolCallBroken` as they are decided; a `StepsDecoded` after the
events that some steps released; and one `Finished` at the end. Closing a stream cancels its answer.
"""

from ngsd_guard.chat._answer import BrokenToolCall, ChatAnswer, ChatToolCall, fold
from ngsd_guard.chat._engine import ChatEngine
from ngsd_guard.chat._events import (
    ChatEvent,
    ChatFinishReason,
    Finished,
    StepReport,
    StepsDecoded,
    TokenLogprob,
    ToolCallBroken,
    ToolCallStarted,
)
from ngsd_guard.chat._reading import IncompleteJsonError
from ngsd_guard.chat._registry import EngineChoice, shared_chat_engine
from ngsd_guard.chat._request import ChatRequest
from ngsd_guard.tool_calling import ArgumentsDelta, CallEnded, ReasoningDelta, TextDelta

__all__ = [
    "ArgumentsDelta",
    "BrokenToolCall",
    "CallEnded",
    "ChatAnswer",
    "ChatEngine",
    "ChatEvent",
    "ChatFinishReason",
    "ChatRequest",
    "ChatToolCall",
    "EngineChoice",
    "Finished",
    "IncompleteJsonError",
    "ReasoningDelta",
    "StepReport",
    "StepsDecoded",
    "TextDelta",
    "TokenLogprob",
    "ToolCallBroken",
    "ToolCallStarted",
    "fold",
    "shared_chat_engine",
]
