"""A rail of NeMo Guardrails that asks the guard's server."""

import os

import httpx
from nemoguardrails.actions import action
from nemoguardrails.actions.rail_outcome import RailOutcome, TransformTarget

TARGETS = {"user": TransformTarget.USER_MESSAGE, "assistant": TransformTarget.BOT_MESSAGE}


@action(is_system_action=True)
async def ngsd_check(role: str, text: str) -> RailOutcome:
    """Judge a user's message or the model's answer."""
    url = os.environ["NGSD_URL"] + "/v1/checks"
    request = {"messages": [{"role": role, "content": text}]}
    try:
        async with httpx.AsyncClient(timeout=60) as client:
            response = (await client.post(url, json=request)).raise_for_status()
    except httpx.HTTPError as error:
        return RailOutcome.failure(reason=type(error).__name__)
    answer = response.json()
    if answer["status"] == "blocked":
        return RailOutcome.block(reason=answer["content"])
    if answer["status"] == "modified":
        return RailOutcome.transform([(TARGETS[role], answer["content"])])
    return RailOutcome.allow()
