"""What a verdict does to a text, whichever host holds it."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from ngsd_guard.guard._guard import Guard
from ngsd_guard.guard._verdict import Verdict


def stops(verdict: Verdict) -> bool:
    """Return whether a verdict stops a text altogether.

    Tool calls are stopped where the policy would redact them: half a call is not a call.
    """
    if not verdict.enforced:
        return False
    half = verdict.action == "redact" and verdict.stage == "tool_args"
    return half or verdict.action in ("block", "escalate", "rewrite", "steer")


def cuts(verdict: Verdict) -> bool:
    """Return whether a text may only go on with parts cut out."""
    return verdict.enforced and verdict.action == "redact" and verdict.stage != "tool_args"


def replacement(guard: Guard, verdict: Verdict, messages: Sequence[Mapping[str, Any]] = ()) -> str:
    """Return the text that replaces one that is stopped.

    Under the actions `rewrite` and `steer` that is an answer of the local pair, which takes time.

    Args:
        guard: the guard.
        verdict: the verdict that stops the text.
        messages: the conversation to answer.
    """
    if verdict.action in ("rewrite", "steer") and messages:
        try:
            return guard.rewrite(messages).text
        except Exception:  # the pair has recorded the failure; the text stays stopped
            return guard.policy.failure_message
    return verdict.message or guard.policy.message


async def areplacement(
    guard: Guard, verdict: Verdict, messages: Sequence[Mapping[str, Any]] = ()
) -> str:
    """Return the same without blocking the event loop."""
    return await asyncio.to_thread(replacement, guard, verdict, messages)


def is_refused(guard: Guard, verdict: Verdict, text: str) -> bool:
    """Return whether the text that replaces what was stopped is a refusal.

    An answer that the local pair wrote in its place is not.
    """
    is_rewritten = verdict.action in ("rewrite", "steer")
    return not is_rewritten or not guard.unsettled([{"role": "assistant", "content": text}])
