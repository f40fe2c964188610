"""OpenAI Guardrails: its moderation check asks the guard, and its client asks the model."""

from pathlib import Path

from guardrails import GuardrailsOpenAI
from guardrails.context import GuardrailsContext, set_context
from openai import OpenAI


def guarded_client(model_url: str, guard_url: str, config: str) -> GuardrailsOpenAI:
    """Return an OpenAI client whose requests and answers are judged."""
    guard = OpenAI(base_url=f"{guard_url}/v1", api_key="none", max_retries=0)
    set_context(GuardrailsContext(guardrail_llm=guard))
    return GuardrailsOpenAI(
        config=Path(config), base_url=model_url, api_key="none", raise_guardrail_errors=True
    )
