"""A guard around an agent: input, history, tool arguments, tool results and output."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from langchain_core.messages import AIMessage, ToolMessage

from langchain_ngsd._chat_model import ChatNGSD
from langchain_ngsd._judging import (
    areplacement,
    cuts,
    replacement,
    stopped_message,
    stops,
    told,
)
from langchain_ngsd._messages import text_content, to_engine_messages
from langchain_ngsd._screening import ScreenedChatModel
from ngsd_guard import Guard, MissingDependencyError, Verdict

try:
    from langchain.agents.middleware import AgentMiddleware, ModelRequest, hook_config
    from langgraph.prebuilt.tool_node import ToolCallRequest
    from langgraph.types import Command, interrupt
except ImportError as error:
    raise MissingDependencyError(
        "NGSDMiddleware needs langchain; install it with: pip install 'ngsd-guard[agents]'"
    ) from error


class NGSDMiddleware(AgentMiddleware):
    """Guards an agent of `create_agent`, whatever its model.

    - What the agent is begun with is judged, the request with its history; a blocked one ends the
      run with the policy's message, an escalated one waits for a person (LangGraph's `interrupt`,
      resumed with True to go on).
    - The model's text and its tool calls are judged before anything of them leaves, also while
      streaming; a `ChatNGSD` guards its own text.
    - Tool results are judged, for harm and for instructions hidden in them, before the model reads
      them.

    Args:
        guard: judges.
    """

    def __init__(self, guard: Guard) -> None:
        super().__init__()
        self.guard = guard

    @hook_config(can_jump_to=["end"])
    def before_agent(self, state: Any, runtime: Any) -> dict[str, Any] | None:
        """Judge what an agent is begun with."""
        messages = to_engine_messages(state["messages"])
        verdict = self.guard.check(messages)
        if _may_go_on(verdict):
            return None
        return _ended(verdict, replacement(self.guard, verdict, messages))

    @hook_config(can_jump_to=["end"])
    async def abefore_agent(self, state: Any, runtime: Any) -> dict[str, Any] | None:
        """Judge what an agent is begun with."""
        messages = to_engine_messages(state["messages"])
        verdict = await self.guard.acheck(messages)
        if _may_go_on(verdict):
            return None
        return _ended(verdict, await areplacement(self.guard, verdict, messages))

    def wrap_model_call(
        self, request: ModelRequest[Any], handler: Callable[[ModelRequest[Any]], Any]
    ) -> Any:
        """Let the model speak through the guard."""
        return handler(self._screened(request))

    async def awrap_model_call(
        self, request: ModelRequest[Any], handler: Callable[[ModelRequest[Any]], Awaitable[Any]]
    ) -> Any:
        """Let the model speak through the guard."""
        return await handler(self._screened(request))

    def wrap_tool_call(
        self, request: ToolCallRequest, handler: Callable[[ToolCallRequest], Any]
    ) -> Any:
        """Judge what a tool is called with, unless it was, and what it returns."""
        question = _call_question(request)
        if question is not None:
            verdict = self.guard.check(**question)
            if stops(verdict):
                return _refused(request, replacement(self.guard, verdict))
        result = handler(request)
        verdicts = self.guard.check_batch([_result_question(m) for m in _tool_messages(result)])
        return self._mended(result, verdicts)

    async def awrap_tool_call(
        self, request: ToolCallRequest, handler: Callable[[ToolCallRequest], Awaitable[Any]]
    ) -> Any:
        """Judge what a tool is called with, unless it was, and what it returns."""
        question = _call_question(request)
        if question is not None:
            verdict = await self.guard.acheck(**question)
            if stops(verdict):
                return _refused(request, replacement(self.guard, verdict))
        result = await handler(request)
        questions = [_result_question(m) for m in _tool_messages(result)]
        return self._mended(result, await self.guard.acheck_batch(questions))

    def _screened(self, request: ModelRequest[Any]) -> ModelRequest[Any]:
        if isinstance(request.model, ChatNGSD):
            return request
        return request.override(model=ScreenedChatModel(inner=request.model, guard=self.guard))

    def _mended(self, result: Any, verdicts: Sequence[Verdict]) -> Any:
        """Return what a tool returned, with its messages as they may be read."""
        mended = {
            id(message): self._mended_message(message, verdict)
            for message, verdict in zip(_tool_messages(result), verdicts, strict=True)
        }
        if isinstance(result, ToolMessage):
            return mended[id(result)]
        if not mended:
            return result
        messages = [mended.get(id(message), message) for message in result.update["messages"]]
        return replace(result, update={**result.update, "messages": messages})

    def _mended_message(self, message: ToolMessage, verdict: Verdict) -> ToolMessage:
        if cuts(verdict):
            return message.model_copy(update={"content": verdict.redacted(message.text)})
        if stops(verdict):
            text = replacement(self.guard, verdict)
            return message.model_copy(update={"content": text, "status": "error"})
        return message


def _may_go_on(verdict: Verdict) -> bool:
    """Say whether a conversation may be answered; asks a person where the policy wants that."""
    if verdict.enforced and verdict.action == "escalate":
        return interrupt({"ngsd_guard": told(verdict)}) is True
    return not (stops(verdict) or cuts(verdict))  # nothing can be cut out of a conversation


def _ended(verdict: Verdict, text: str) -> dict[str, Any]:
    return {"messages": [stopped_message(verdict, text)], "jump_to": "end"}


def _call_question(request: ToolCallRequest) -> dict[str, Any] | None:
    """Return the arguments of the check of a tool call; None where it was judged before."""
    messages = list(request.state["messages"])
    last = messages[-1] if messages else None
    if isinstance(last, AIMessage) and "ngsd_guard" in last.response_metadata:
        return None
    call = AIMessage("", tool_calls=[request.tool_call])
    before = [message for message in messages if message is not last]
    return {"messages": to_engine_messages([*before, call]), "stage": "tool_args"}


def _refused(request: ToolCallRequest, text: str) -> ToolMessage:
    return ToolMessage(
        content=text,
        tool_call_id=request.tool_call["id"],
        name=request.tool_call["name"],
        status="error",
    )


def _tool_messages(result: Any) -> list[ToolMessage]:
    """Return the messages in what a tool returned, which may be a command to the graph."""
    if isinstance(result, ToolMessage):
        return [result]
    update = getattr(result, "update", None)
    messages = update.get("messages", ()) if isinstance(update, Mapping) else ()
    return [message for message in messages if isinstance(message, ToolMessage)]


def _result_question(result: ToolMessage) -> dict[str, Any]:
    return {
        "messages": [{"role": "user", "content": text_content(result.content)}],
        "stage": "tool_result",
        "source_id": result.name or result.tool_call_id,
    }


def guard_node(guard: Guard) -> Callable[[Any], Any]:
    """Return a LangGraph node that judges the conversation in `state["messages"]`.

    It changes nothing where the request may go on; otherwise it adds the policy's message and goes
    to the end of the graph.

    Args:
        guard: judges.
    """

    def judge(state: Any) -> Command[Any] | dict[str, Any]:
        messages = to_engine_messages(state["messages"])
        verdict = guard.check(messages)
        if _may_go_on(verdict):
            return {}
        text = replacement(guard, verdict, messages)
        return Command(goto="__end__", update={"messages": [stopped_message(verdict, text)]})

    judge.__name__ = "guard"
    return judge
