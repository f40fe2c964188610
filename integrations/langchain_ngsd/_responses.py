"""The answers in what a model call of an agent returns."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage

from langchain_ngsd._refusals import with_refusal
from langchain_ngsd._screening import is_judged
from ngsd_guard import Guard


def answers_of(response: Any) -> list[AIMessage]:
    """Return the answers in a response."""
    response = getattr(response, "model_response", response)
    messages = [response] if isinstance(response, BaseMessage) else response.result
    return [message for message in messages if isinstance(message, AIMessage)]


def unjudged_answers(guard: Guard, response: Any) -> list[AIMessage]:
    """Return the answers that bypassed the screened model, such as a middleware's fallback."""
    return [answer for answer in answers_of(response) if not is_judged(guard, answer)]


def with_answers(response: Any, old: Sequence[AIMessage], new: Sequence[AIMessage]) -> Any:
    """Return a response with its unjudged answers replaced by judged ones.

    The standard block is added to answers that were stopped while they streamed.
    """
    judged = _with_judged(response, old, new) if old else response
    return _mapped(judged, with_refusal)


def _with_judged(response: Any, old: Sequence[AIMessage], new: Sequence[AIMessage]) -> Any:
    if hasattr(response, "model_response"):
        inner = _with_judged(response.model_response, old, new)
        return replace(response, model_response=inner)
    if isinstance(response, BaseMessage):
        return new[0]
    if any(one.content != other.content for one, other in zip(old, new, strict=True)):
        # What was parsed from it, or answers its calls, must not go on either.
        return replace(response, result=list(new), structured_response=None)
    mended = {id(one): other for one, other in zip(old, new, strict=True)}
    return replace(response, result=[mended.get(id(m), m) for m in response.result])


def _mapped(response: Any, change: Callable[[AIMessage], AIMessage]) -> Any:
    """Return a response with its answers changed; itself if none is."""
    if hasattr(response, "model_response"):
        inner = _mapped(response.model_response, change)
        if inner is response.model_response:
            return response
        return replace(response, model_response=inner)
    if isinstance(response, AIMessage):
        return change(response)
    changed = [change(m) if isinstance(m, AIMessage) else m for m in response.result]
    is_same = all(one is other for one, other in zip(changed, response.result, strict=True))
    return response if is_same else replace(response, result=changed)
