"""A guard around an agent: input, history, tool arguments, tool results and output."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage

from langchain_ngsd._chat_model import ChatNGSD
from langchain_ngsd._judging import instead, mended_text, stopped_message, stops, told
from langchain_ngsd._messages import to_engine_messages
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

    - Before the model is called, the request is judged with its history; a blocked one ends the
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
    def before_model(self, state: Any, runtime: Any) -> dict[str, Any] | None:
        """Judge a request that has not been answered yet."""
        messages = _asked(state["messages"])
        return None if messages is None else self._begin(self.guard.check(messages), messages)

    @hook_config(can_jump_to=["end"])
    async def abefore_model(self, state: Any, runtime: Any) -> dict[str, Any] | None:
        """Judge a request that has not been answered yet."""
        messages = _asked(state["messages"])
        if messages is None:
            return None
        return self._begin(await self.guard.acheck(messages), messages)

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
                return _refused(request, instead(self.guard, verdict))
        result = handler(request)
        if not isinstance(result, ToolMessage):
            return result
        return self._mended(result, self.guard.check(**_result_question(result)))

    async def awrap_tool_call(
        self, request: ToolCallRequest, handler: Callable[[ToolCallRequest], Awaitable[Any]]
    ) -> Any:
        """Judge what a tool is called with, unless it was, and what it returns."""
        question = _call_question(request)
        if question is not None:
            verdict = await self.guard.acheck(**question)
            if stops(verdict):
                return _refused(request, instead(self.guard, verdict))
        result = await handler(request)
        if not isinstance(result, ToolMessage):
            return result
        return self._mended(result, await self.guard.acheck(**_result_question(result)))

    def _begin(self, verdict: Verdict, messages: list[dict[str, Any]]) -> dict[str, Any] | None:
        if not stops(verdict):
            return None
        if verdict.action == "escalate" and interrupt({"ngsd_guard": told(verdict)}) is True:
            return None
        text = mended_text(self.guard, verdict, "", messages)
        return {"messages": [stopped_message(verdict, text)], "jump_to": "end"}

    def _screened(self, request: ModelRequest[Any]) -> ModelRequest[Any]:
        if isinstance(request.model, ChatNGSD):
            return request
        return request.override(model=ScreenedChatModel(inner=request.model, guard=self.guard))

    def _mended(self, result: ToolMessage, verdict: Verdict) -> ToolMessage:
        if not verdict.enforced or verdict.action in ("allow", "flag"):
            return result
        text = mended_text(self.guard, verdict, result.text, "")
        status = "success" if verdict.action == "redact" else "error"
        return result.model_copy(update={"content": text, "status": status})


def _asked(messages: Sequence[BaseMessage]) -> list[dict[str, Any]] | None:
    """Return a conversation that ends with a request; None where the model is in the middle."""
    if not messages or not isinstance(messages[-1], HumanMessage):
        return None
    return to_engine_messages(messages)


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


def _result_question(result: ToolMessage) -> dict[str, Any]:
    return {
        "messages": result.text,
        "stage": "tool_result",
        "source_id": result.name or result.tool_call_id,
    }


def guard_node(guard: Guard) -> Callable[[Any], Any]:
    """Return a LangGraph node that judges the request in `state["messages"]`.

    It changes nothing where the request may go on; otherwise it adds the policy's message and goes
    to the end of the graph.

    Args:
        guard: judges.
    """

    def judge(state: Any) -> Command[Any] | dict[str, Any]:
        messages = _asked(state["messages"])
        if messages is None:
            return {}
        verdict = guard.check(messages)
        if not stops(verdict):
            return {}
        text = mended_text(guard, verdict, "", messages)
        return Command(goto="__end__", update={"messages": [stopped_message(verdict, text)]})

    judge.__name__ = "guard"
    return judge
