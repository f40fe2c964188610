"""What a verdict means for a text, a message or a conversation."""

from collections.abc import Sequence
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
    """Say whether a verdict keeps the judged text from going on as it is, unless it is mended."""
    return verdict.enforced and verdict.action in ("block", "escalate", "rewrite", "steer")


def mended_text(guard: Guard, verdict: Verdict, text: str, messages: Conversation) -> str:
    """Return what goes on in place of a judged text."""
    if not verdict.enforced or verdict.action in ("allow", "flag"):
        return text
    if verdict.action == "redact":
        return verdict.redacted(text)
    if verdict.action in ("rewrite", "steer") and messages:
        return guard.rewrite(_as_messages(messages)).text
    return instead(guard, verdict)


def instead(guard: Guard, verdict: Verdict) -> str:
    """Return what to show in place of a text that is stopped."""
    return verdict.message or guard.policy.message


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


def _as_messages(messages: Conversation) -> list[dict[str, Any]]:
    return [{"role": "user", "content": messages}] if isinstance(messages, str) else messages
