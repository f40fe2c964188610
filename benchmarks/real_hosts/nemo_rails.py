"""NeMo Guardrails with a rail of our own that returns a RailOutcome."""

import os
from importlib.metadata import version
from typing import Any

from nemoguardrails import LLMRails, RailsConfig

import _hosts

_REFUSAL = "I'm sorry, I can't respond to that."


def _rails(model: _hosts.Upstream, name: str) -> LLMRails:
    config = RailsConfig.from_path(str(_hosts.HERE / "nemo"))
    config.models[0].model = name
    config.models[0].parameters = {"base_url": model.url}
    return LLMRails(config)


def _ask(rails: LLMRails, text: str) -> str:
    answer: Any = rails.generate(messages=[{"role": "user", "content": text}])
    return str(answer["content"])


def _check_only(rails: LLMRails, text: str) -> str:
    result: Any = rails.check([{"role": "user", "content": text}])
    return f"{result.status.value}: {result.content}"


def _redacted(model: _hosts.Upstream) -> str:
    """Return the mark of redaction if it took the place of the harmful text."""
    asked, mark = model.asked[-1], "[redacted]"
    return mark if mark in asked and _hosts.HARMFUL not in asked else asked


def main() -> None:
    """Ask for harmless and harmful texts, with and without answers, and without the guard."""
    os.environ |= {"OPENAI_API_KEY": "none", "NEMO_GUARDRAILS_NO_USAGE_STATS": "1"}
    with _hosts.Upstream() as model:
        check = _hosts.Checks(f"NeMo Guardrails {version('nemoguardrails')}", model)
        harmless, harmful = _hosts.HARMLESS, _hosts.HARMFUL
        with _hosts.guard_server() as guard:
            os.environ["NGSD_URL"] = guard
            rails, badly = _rails(model, "harmless"), _rails(model, "harmful")
            check.passes("RailOutcome, harmless", lambda: _ask(rails, harmless))
            check.blocks(
                "RailOutcome, harmful request", lambda: _ask(rails, harmful),
                kept_from_model=True, said=_REFUSAL,
            )  # fmt: skip
            check.blocks(
                "RailOutcome, harmful answer", lambda: _ask(badly, harmless), said=_REFUSAL
            )
            check.passes(
                "check without an answer, harmless", lambda: _check_only(rails, harmless),
                wanted=f"passed: {harmless}",
            )  # fmt: skip
            check.blocks(
                "check without an answer, harmful", lambda: _check_only(rails, harmful),
                kept_from_model=True, said="blocked",
            )  # fmt: skip
            took = _hosts.median_ms(lambda: _ask(rails, harmless))
            check.note("RailOutcome, harmless, median of 5", took)
        with _hosts.guard_server(policy=_hosts.HERE / "redacting.yaml") as guard:
            os.environ["NGSD_URL"] = guard
            check.passes("RailOutcome, redacted request", lambda: _ask(rails, harmful))
            check.passes("what the model was asked", lambda: _redacted(model), wanted="[redacted]")
        check.blocks(
            "without the guard", lambda: _ask(rails, harmless), kept_from_model=True, said=_REFUSAL
        )
    check.close()


if __name__ == "__main__":
    main()
