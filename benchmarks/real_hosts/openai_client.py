"""OpenAI Guardrails, whose moderation check asks the guard's server."""

import os
from importlib.metadata import version
from typing import Any

import _hosts
from openai_setup import guarded_client


def _ask(client: Any, text: str, model: str = "harmless", *, stream: bool = False) -> str:
    messages = [{"role": "user", "content": text}]
    answer = client.chat.completions.create(model=model, messages=messages, stream=stream)
    if not stream:
        return str(answer.choices[0].message.content)
    read = ""
    try:
        for chunk in answer:
            read += "".join(choice.delta.content or "" for choice in chunk.choices)
    except Exception as error:
        return f"{read} {error}"
    return read


def main() -> None:
    """Ask for harmless and harmful texts, whole and streamed, and once without the guard."""
    os.environ["OPENAI_API_KEY"] = "none"
    with _hosts.Upstream() as model:
        check = _hosts.Checks(f"OpenAI Guardrails {version('openai-guardrails')}", model)
        harmless, harmful, tripped = _hosts.HARMLESS, _hosts.HARMFUL, "tripwire"
        with _hosts.guard_server() as guard:
            client = guarded_client(model.url, guard, str(_hosts.HERE / "openai_guardrails.json"))
            check.passes("Moderation, harmless", lambda: _ask(client, harmless))
            check.blocks(
                "Moderation, harmful request", lambda: _ask(client, harmful),
                kept_from_model=True, said=tripped,
            )  # fmt: skip
            check.blocks(
                "Moderation, harmful answer", lambda: _ask(client, harmless, "harmful"),
                said=tripped,
            )  # fmt: skip
            check.passes("stream, harmless", lambda: _ask(client, harmless, stream=True))
            read, took = _hosts.timed(lambda: _ask(client, harmless, "harmful", stream=True))
            check.note("stream, harmful answer", f"{read!r:.200}, {took}")
            took = _hosts.median_ms(lambda: _ask(client, harmless))
            check.note("Moderation, harmless, median of 5", took)
        check.blocks("without the guard", lambda: _ask(client, harmless), kept_from_model=True)
    check.close()


if __name__ == "__main__":
    main()
