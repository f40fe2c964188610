"""A guard around an agent: input, history, tool arguments, tool results and output."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, ToolMessage

from langchain_ngsd._chat_model import ChatNGSD
from langchain_ngsd._judging import (
    areplacement,
    cuts,
    replacement,
    stopped_message,
    stops,
    turns_of,
)
from langchain_ngsd._screening import ScreenedChatModel, ascreened, is_judged, screened
from ngsd_guard import Guard, MissingDependencyError, Verdict

try:
    from langchain.agents.middleware import AgentMiddleware, ModelRequest, hook_config
    from langgraph.prebuilt.tool_node import ToolCallRequest
    from langgraph.types import Command

    from langchain_ngsd._human_review import decision_on
    from langchain_ngsd._tool_results import ToolResult
except ImportError as error:
    raise MissingDependencyError(
        "NGSDMiddleware needs langchain; install it with: pip install 'ngsd-guard[agents]'"
    ) from error


class NGSDMiddleware(AgentMiddleware):
    """Guards an agent of `create_agent` with any model.

    - The input is judged, the request with its history. A blocked one ends the run with the
      policy's message. An escalated one waits for a person (LangGraph's `interrupt`, resumed with
      True, False or a mapping that also names the reviewer), whose decision is recorded.
    - The model's text and its tool calls are judged before any part of them leaves, also while
      streaming; a `ChatNGSD` guards its own text.
    - Tool results are judged, for harm and for hidden instructions, before the model reads them.

    Args:
        guard: the guard that judges.
    """

    def __init__(self, guard: Guard) -> None:
        super().__init__()
        self.guard = guard

    @hook_config(can_jump_to=["end"])
    def before_agent(self, state: Any, runtime: Any) -> dict[str, Any] | None:
        """Judge the agent's input."""
        messages = turns_of(state["messages"])
        verdict = self.guard.check(messages)
        if _may_go_on(self.guard, verdict):
            return None
        return _ended(verdict, replacement(self.guard, verdict, messages))

    @hook_config(can_jump_to=["end"])
    async def abefore_agent(self, state: Any, runtime: Any) -> dict[str, Any] | None:
        """Judge the agent's input."""
        messages = turns_of(state["messages"])
        verdict = await self.guard.acheck(messages)
        if await _amay_go_on(self.guard, verdict):
            return None
        return _ended(verdict, await areplacement(self.guard, verdict, messages))

    def wrap_model_call(
        self, request: ModelRequest[Any], handler: Callable[[ModelRequest[Any]], Any]
    ) -> Any:
        """Judge the model's answers before anybody sees them."""
        response = handler(self._screened(request))
        return _with_answers(
            response,
            [screened(self.guard, request.messages, answer) for answer in _unjudged(response)],
        )

    async def awrap_model_call(
        self, request: ModelRequest[Any], handler: Callable[[ModelRequest[Any]], Awaitable[Any]]
    ) -> Any:
        """Judge the model's answers before anybody sees them."""
        response = await handler(self._screened(request))
        return _with_answers(
            response,
            [
                await ascreened(self.guard, request.messages, answer)
                for answer in _unjudged(response)
            ],
        )

    def wrap_tool_call(
        self, request: ToolCallRequest, handler: Callable[[ToolCallRequest], Any]
    ) -> Any:
        """Judge a tool's arguments, unless that was done, and its result."""
        question = _call_question(request)
        if question is not None:
            verdict = self.guard.check(**question)
            if stops(verdict):
                return _refused(request, replacement(self.guard, verdict))
        result = ToolResult(handler(request), _conversation(request))
        return self._mended(request, result, self.guard.check_batch(result.questions))

    async def awrap_tool_call(
        self, request: ToolCallRequest, handler: Callable[[ToolCallRequest], Awaitable[Any]]
    ) -> Any:
        """Judge a tool's arguments, unless that was done, and its result."""
        question = _call_question(request)
        if question is not None:
            verdict = await self.guard.acheck(**question)
            if stops(verdict):
                return _refused(request, replacement(self.guard, verdict))
        result = ToolResult(await handler(request), _conversation(request))
        return self._mended(request, result, await self.guard.acheck_batch(result.questions))

    def _screened(self, request: ModelRequest[Any]) -> ModelRequest[Any]:
        if isinstance(request.model, ChatNGSD):
            return request
        return request.override(model=ScreenedChatModel(inner=request.model, guard=self.guard))

    def _mended(
        self, request: ToolCallRequest, result: ToolResult, verdicts: Sequence[Verdict]
    ) -> Any:
        return result.mended(
            verdicts,
            lambda verdict: replacement(self.guard, verdict),
            lambda text: _refused(request, text),
        )


def _may_go_on(guard: Guard, verdict: Verdict) -> bool:
    """Return whether a conversation may be answered; asks a person if the policy wants that."""
    if _is_escalated(verdict):
        decision = decision_on(verdict)
        decision.record(guard, verdict)
        return decision.allows
    return not (stops(verdict) or cuts(verdict))  # a conversation cannot be redacted


async def _amay_go_on(guard: Guard, verdict: Verdict) -> bool:
    """Return the same without blocking the event loop."""
    if _is_escalated(verdict):
        decision = decision_on(verdict)
        await asyncio.to_thread(decision.record, guard, verdict)
        return decision.allows
    return _may_go_on(guard, verdict)


def _is_escalated(verdict: Verdict) -> bool:
    return verdict.enforced and verdict.action == "escalate"


def _ended(verdict: Verdict, text: str) -> dict[str, Any]:
    return {"messages": [stopped_message(verdict, text)], "jump_to": "end"}


def _unjudged(response: Any) -> list[AIMessage]:
    """Return the answers that bypassed the screened model, such as a middleware's fallback."""
    response = getattr(response, "model_response", response)
    messages = [response] if isinstance(response, BaseMessage) else response.result
    return [m for m in messages if isinstance(m, AIMessage) and not is_judged(m)]


def _with_answers(response: Any, answers: Sequence[AIMessage]) -> Any:
    """Return a model's response with its unjudged answers replaced by judged ones."""
    if not answers:
        return response
    if hasattr(response, "model_response"):
        return replace(response, model_response=_with_answers(response.model_response, answers))
    if isinstance(response, BaseMessage):
        return answers[0]
    old = _unjudged(response)
    if any(one.content != other.content for one, other in zip(old, answers, strict=True)):
        # What was parsed from it, or answers its calls, must not go on either.
        return replace(response, result=list(answers), structured_response=None)
    mended = {id(one): other for one, other in zip(old, answers, strict=True)}
    return replace(response, result=[mended.get(id(m), m) for m in response.result])


def _conversation(request: ToolCallRequest) -> list[BaseMessage]:
    state = request.state
    if isinstance(state, list):
        return list(state)
    messages = state.get("messages") if isinstance(state, Mapping) else state.messages
    return list(messages or ())


def _call_question(request: ToolCallRequest) -> dict[str, Any] | None:
    """Return the arguments of the check of a tool call; None if it was judged before."""
    messages = _conversation(request)
    last = messages[-1] if messages else None
    if isinstance(last, AIMessage):
        verdict = last.response_metadata.get("ngsd_guard", {})
        if verdict.get("stage") == "tool_args" and request.tool_call in last.tool_calls:
            return None
        messages.pop()  # its other calls have checks of their own
    call = AIMessage("", tool_calls=[request.tool_call])
    return {"messages": turns_of([*messages, call]), "stage": "tool_args"}


def _refused(request: ToolCallRequest, text: str) -> ToolMessage:
    return ToolMessage(
        content=text,
        tool_call_id=request.tool_call["id"],
        name=request.tool_call["name"],
        status="error",
    )


def guard_node(guard: Guard, *, then: str) -> Callable[[Any], Command[Any]]:
    """Return a LangGraph node that judges the conversation in `state["messages"]`.

    A request that may be answered goes on to another node. Otherwise the node adds the policy's
    message and ends the graph. Add no edge from this node: LangGraph follows an edge whatever a
    node decides, so that a stopped request would be answered all the same.

    Args:
        guard: the guard that judges.
        then: name of the next node.
    """

    def judge(state: Any) -> Command[Any]:
        messages = turns_of(state["messages"])
        verdict = guard.check(messages)
        if _may_go_on(guard, verdict):
            return Command(goto=then)
        text = replacement(guard, verdict, messages)
        return Command(goto="__end__", update={"messages": [stopped_message(verdict, text)]})

    judge.__name__ = "guard"
    return judge
