"""A guard around an agent: input, history, tool arguments, tool results and output."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage

from langchain_ngsd._chat_model import ChatNGSD
from langchain_ngsd._conversation import UnreadMessages, remember_read, withheld
from langchain_ngsd._judging import stopped_message, turn_of, turns_of
from langchain_ngsd._refusals import OnRefusal, check_on_refusal, raise_refusal
from langchain_ngsd._responses import answers_of, unjudged_answers, with_answers
from langchain_ngsd._screening import ScreenedChatModel, ascreened, screened
from langchain_ngsd._shown import remember_call, remember_shown, screened_metadata
from ngsd_guard import Guard, MissingDependencyError, Verdict
from ngsd_guard.guard import areplacement, cuts, replacement, stops

try:
    from langchain.agents.middleware import AgentMiddleware, ModelRequest, hook_config
    from langgraph.prebuilt.tool_node import ToolCallRequest
    from langgraph.types import Command

    from langchain_ngsd._human_review import decision_on
    from langchain_ngsd._screened_tool import ToolScreen, refused
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
        on_refusal: what a stopped answer becomes: a message, or a `ModelRefusalError` that a
            `ModelFallbackMiddleware` before this one catches. A stopped request ends the run with
            a message in any case, since no other model is to be asked.
        trace_payloads: whether traces hold the inputs and outputs of this middleware's own hooks.
            The runs of the agent, its model and its tools have theirs.

    Raises:
        MissingDependencyError: the installed langchain is too old for an option.
    """

    def __init__(
        self, guard: Guard, *, on_refusal: OnRefusal = "message", trace_payloads: bool = True
    ) -> None:
        super().__init__()
        self.guard = guard
        self.on_refusal = check_on_refusal(on_refusal)
        self.transformers = _transformers(guard)
        if not trace_payloads:
            self.trace_policy = _payload_free_policy()

    @hook_config(can_jump_to=["end"])
    def before_agent(self, state: Any, runtime: Any) -> dict[str, Any] | None:
        """Judge the agent's input."""
        opening = _Opening(self.guard, state["messages"])
        verdict = self.guard.check(opening.turns)
        if opening.may_go_on(verdict):
            return None
        return _ended(opening.stopped(verdict, replacement(self.guard, verdict, opening.turns)))

    @hook_config(can_jump_to=["end"])
    async def abefore_agent(self, state: Any, runtime: Any) -> dict[str, Any] | None:
        """Judge the agent's input."""
        opening = _Opening(self.guard, state["messages"])
        verdict = await self.guard.acheck(opening.turns)
        if await opening.amay_go_on(verdict):
            return None
        text = await areplacement(self.guard, verdict, opening.turns)
        return _ended(opening.stopped(verdict, text))

    def wrap_model_call(
        self, request: ModelRequest[Any], handler: Callable[[ModelRequest[Any]], Any]
    ) -> Any:
        """Judge what the model reads unless that was done, and its answers before they leave."""
        unread = UnreadMessages(self.guard, request.messages)
        verdicts = self.guard.check_batch(unread.questions)
        messages, stopped = unread.mended(verdicts, self._said)
        if stopped is not None:
            remember_shown(self.guard, [stopped])
            return stopped
        request = request.override(messages=messages)
        response = handler(self._screened(request))
        unjudged = unjudged_answers(self.guard, response)
        answers = [screened(self.guard, messages, answer) for answer in unjudged]
        return self._answered(response, unjudged, answers)

    async def awrap_model_call(
        self, request: ModelRequest[Any], handler: Callable[[ModelRequest[Any]], Awaitable[Any]]
    ) -> Any:
        """Judge what the model reads unless that was done, and its answers before they leave."""
        unread = UnreadMessages(self.guard, request.messages)
        verdicts = await self.guard.acheck_batch(unread.questions)
        messages, stopped = unread.mended(verdicts, self._said)
        if stopped is not None:
            remember_shown(self.guard, [stopped])
            return stopped
        request = request.override(messages=messages)
        response = await handler(self._screened(request))
        unjudged = unjudged_answers(self.guard, response)
        answers = [await ascreened(self.guard, messages, answer) for answer in unjudged]
        return self._answered(response, unjudged, answers)

    def wrap_tool_call(
        self, request: ToolCallRequest, handler: Callable[[ToolCallRequest], Any]
    ) -> Any:
        """Judge a tool's arguments, unless that was done, and its result or error."""
        question = _call_question(self.guard, request)
        if question is not None:
            verdict = self.guard.check(**question)
            if stops(verdict):
                return refused(request.tool_call, self._said(verdict))
        remember_call(self.guard, request.tool_call)
        screen = ToolScreen(self.guard, request.tool_call, _conversation(request))
        return screen.judged(lambda: handler(_over(screen, request)))

    async def awrap_tool_call(
        self, request: ToolCallRequest, handler: Callable[[ToolCallRequest], Awaitable[Any]]
    ) -> Any:
        """Judge a tool's arguments, unless that was done, and its result or error."""
        question = _call_question(self.guard, request)
        if question is not None:
            verdict = await self.guard.acheck(**question)
            if stops(verdict):
                return refused(request.tool_call, self._said(verdict))
        remember_call(self.guard, request.tool_call)
        screen = ToolScreen(self.guard, request.tool_call, _conversation(request))
        return await screen.ajudged(lambda: handler(_over(screen, request)))

    def _said(self, verdict: Verdict) -> str:
        return replacement(self.guard, verdict)

    def _answered(self, response: Any, old: list[AIMessage], new: list[AIMessage]) -> Any:
        response = with_answers(response, old, new)
        judged = answers_of(response)
        remember_read(self.guard, judged)
        if self.on_refusal == "raise":
            for answer in judged:
                raise_refusal(answer)
        return response

    def _screened(self, request: ModelRequest[Any]) -> ModelRequest[Any]:
        model = request.model
        if not isinstance(model, ChatNGSD):
            model = ScreenedChatModel(inner=model, guard=self.guard)
        metadata = screened_metadata(model.metadata)
        return request.override(model=model.model_copy(update={"metadata": metadata}))


class _Opening:
    """The conversation that an agent or a graph is given, and the decision about it."""

    def __init__(self, guard: Guard, messages: Sequence[BaseMessage]) -> None:
        self._guard = guard
        self._messages = messages
        self._all_turns = turns_of(messages)
        self.turns = guard.unsettled(self._all_turns)
        """The turns to judge."""

    def may_go_on(self, verdict: Verdict) -> bool:
        """Return whether it may be answered; asks a person if the policy wants that."""
        if not _is_escalated(verdict):
            return self._noted(not (stops(verdict) or cuts(verdict)))  # cannot be redacted
        decision = decision_on(verdict)
        decision.record(self._guard, verdict)
        return self._noted(decision.allows, is_approved=decision.allows)

    async def amay_go_on(self, verdict: Verdict) -> bool:
        """Return the same without blocking the event loop."""
        if not _is_escalated(verdict):
            return self.may_go_on(verdict)
        decision = decision_on(verdict)
        await asyncio.to_thread(decision.record, self._guard, verdict)
        return self._noted(decision.allows, is_approved=decision.allows)

    def stopped(self, verdict: Verdict, text: str) -> list[BaseMessage]:
        """Return the messages that a stop leaves: placeholders, and the text in the end."""
        shown = [*withheld(self._messages, verdict), stopped_message(self._guard, verdict, text)]
        remember_shown(self._guard, shown)
        return shown

    def _noted(self, may_go_on: bool, *, is_approved: bool = False) -> bool:
        if may_go_on:
            remember_read(self._guard, self._messages)
        if is_approved:
            self._guard.judged.approve(self._all_turns)
        return may_go_on


def _transformers(guard: Guard) -> tuple[Any, ...]:
    """Return what keeps v3 streams to judged text; nothing if langgraph has no such streams."""
    try:
        from langchain_ngsd._stream_transformer import JudgedStream
    except ImportError:
        return ()
    return (partial(JudgedStream, guard=guard),)


def _payload_free_policy() -> Any:
    if not hasattr(AgentMiddleware, "trace_policy"):
        raise MissingDependencyError(
            "trace_payloads=False needs a langchain whose AgentMiddleware has `trace_policy`; "
            "upgrade it with: pip install -U langchain, or leave trace_payloads out"
        )
    from langchain.agents.middleware import TracePolicy, omit_payload

    return TracePolicy(process_inputs=omit_payload, process_outputs=omit_payload)


def _is_escalated(verdict: Verdict) -> bool:
    return verdict.enforced and verdict.action == "escalate"


def _ended(messages: Sequence[BaseMessage]) -> dict[str, Any]:
    return {"messages": list(messages), "jump_to": "end"}


def _conversation(request: ToolCallRequest) -> list[BaseMessage]:
    state = request.state
    if isinstance(state, list):
        return list(state)
    messages = state.get("messages") if isinstance(state, Mapping) else state.messages
    return list(messages or ())


def _call_question(guard: Guard, request: ToolCallRequest) -> dict[str, Any] | None:
    """Return the arguments of the check of a tool call; None if it was judged before."""
    messages = _conversation(request)
    last = messages[-1] if messages else None
    if isinstance(last, AIMessage):
        was_judged = guard.judged.holds("answer", turn_of(last))
        if was_judged and request.tool_call in last.tool_calls:
            return None
        messages.pop()  # its other calls have checks of their own
    call = AIMessage("", tool_calls=[request.tool_call])
    return {"messages": turns_of([*messages, call]), "stage": "tool_args"}


def _over(screen: ToolScreen, request: ToolCallRequest) -> ToolCallRequest:
    """Return a request whose tool is judged before callbacks and streams see its result."""
    tool = getattr(request, "tool", None)
    return request if tool is None else request.override(tool=screen.over(tool))


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
        opening = _Opening(guard, state["messages"])
        verdict = guard.check(opening.turns)
        if opening.may_go_on(verdict):
            return Command(goto=then)
        messages = opening.stopped(verdict, replacement(guard, verdict, opening.turns))
        return Command(goto="__end__", update={"messages": messages})

    judge.__name__ = "guard"
    return judge
