"""What a verdict means for a text, a message or a conversation."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.prompt_values import PromptValue

from langchain_ngsd._messages import to_engine_messages
from ngsd_guard import ConfigurationError, Guard, GuardBlockedError, Verdict

Conversation = str | list[dict[str, Any]]


def conversation_of(value: Any) -> Conversation:
    """Return what a chain passes on as the guard takes it.

    Raises:
        ConfigurationError: it is neither text, messages nor a prompt.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, PromptValue):
        return to_engine_messages(value.to_messages())
    if isinstance(value, BaseMessage):
        return to_engine_messages([value])
    if isinstance(value, Sequence) and all(isinstance(item, BaseMessage) for item in value):
        return to_engine_messages(value)
    raise ConfigurationError(
        f"a guard cannot judge a {type(value).__name__}; put it where the chain passes text, "
        "messages or a prompt"
    )


def text_of(value: Any) -> str:
    """Return the text of an answer.

    Raises:
        ConfigurationError: it is neither text nor a message.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, BaseMessage):
        return value.text
    raise ConfigurationError(
        f"a guard cannot judge a {type(value).__name__} as an answer; put it behind a model or a "
        "string parser"
    )


def stops(verdict: Verdict) -> bool:
    """Say whether a verdict keeps a text from going on, in whole or with parts cut out.

    Tool calls are stopped where the policy would have them redacted: half a call is none.
    """
    if not verdict.enforced:
        return False
    half = verdict.action == "redact" and verdict.stage == "tool_args"
    return half or verdict.action in ("block", "escalate", "rewrite", "steer")


def cuts(verdict: Verdict) -> bool:
    """Say whether a text may go on with parts cut out, and not as it is."""
    return verdict.enforced and verdict.action == "redact" and verdict.stage != "tool_args"


def replacement(guard: Guard, verdict: Verdict, messages: Sequence[Mapping[str, Any]] = ()) -> str:
    """Return what is said in place of a text that is stopped.

    Where the policy wants it, that is an answer of the local pair, which takes its time.
    """
    if verdict.action in ("rewrite", "steer") and messages:
        return guard.rewrite(messages).text
    return verdict.message or guard.policy.message


async def areplacement(
    guard: Guard, verdict: Verdict, messages: Sequence[Mapping[str, Any]] = ()
) -> str:
    """Return the same without holding up the event loop."""
    return await asyncio.to_thread(replacement, guard, verdict, messages)


def blocked(verdict: Verdict) -> GuardBlockedError:
    """Return the error that stops a chain."""
    return GuardBlockedError(
        f"a guard stopped this at the stage {verdict.stage} (evaluation {verdict.evaluation}, "
        f"record {verdict.record_id}); the policy sets what is flagged and what is done",
        verdict,
    )


def stopped_message(verdict: Verdict, text: str) -> AIMessage:
    """Return the message an assistant says in place of what was stopped."""
    return AIMessage(content=text, response_metadata={"ngsd_guard": told(verdict)})


def told(verdict: Verdict) -> dict[str, Any]:
    """Return what a message may say of a verdict."""
    return {
        "record_id": verdict.record_id,
        "stage": verdict.stage,
        "evaluation": verdict.evaluation,
        "flagged": verdict.flagged,
        "action": verdict.action,
        "enforced": verdict.enforced,
        "risk": verdict.risk,
        "categories": [score.name for score in verdict.categories if score.flagged],
    }
