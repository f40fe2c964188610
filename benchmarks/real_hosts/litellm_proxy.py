"""LiteLLM's proxy with its own guardrails, asked by an OpenAI client."""

import secrets
import socket
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from openai import OpenAI

import _hosts

_KEY: Final = f"sk-{secrets.token_hex(16)}"
"""The proxy does not start without a key."""


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


class Asking:
    """Asks the proxy, with a guardrail or without one."""

    def __init__(self, url: str, guardrail: str | None) -> None:
        self._client = OpenAI(base_url=f"{url}/v1", api_key=_KEY, max_retries=0)
        self._options: dict[str, Any] = (
            {"extra_body": {"guardrails": [guardrail]}} if guardrail else {}
        )

    def __call__(self, text: str, model: str = "answers") -> str:
        """Return a whole answer."""
        messages: Any = [{"role": "user", "content": text}]
        answer = self._client.chat.completions.create(
            model=model, messages=messages, **self._options
        )
        return answer.choices[0].message.content or ""

    def stream(self, text: str, model: str = "answers") -> str:
        """Return what a client of a stream has read when it ends, with its error if it has one."""
        messages: Any = [{"role": "user", "content": text}]
        read = ""
        try:
            for chunk in self._client.chat.completions.create(
                model=model, messages=messages, stream=True, **self._options
            ):
                for choice in chunk.choices:
                    read += choice.delta.content or ""
        except Exception as error:
            return f"{read} {error}" if read else str(error)
        return read


def main() -> None:
    """Ask for harmless and harmful texts, whole and streamed, and once without the guard."""
    program, port = Path(sys.executable).with_name("litellm"), _free_port()
    command = [str(program), "--config", str(_hosts.HERE / "litellm.yaml")]
    command += ["--host", "127.0.0.1", "--port", str(port)]
    url, is_ready = f"http://127.0.0.1:{port}", lambda line: "Application startup complete" in line
    quiet = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_TELEMETRY": "False"}
    options = {**quiet, "LITELLM_MASTER_KEY": _KEY}
    with _hosts.Upstream() as model:
        check = _hosts.Checks(f"LiteLLM {version('litellm')}", model)
        with _hosts.guard_server() as guard:
            urls = {"MODEL_URL": model.url, "NGSD_URL": guard, "NGSD_V1_URL": f"{guard}/v1"}
            with _hosts.running(command, is_ready, **urls, **options):
                _check(check, url)
        urls["NGSD_URL"] = urls["NGSD_V1_URL"] = "http://127.0.0.1:9"
        with _hosts.running(command, is_ready, **urls, **options):
            for name in ("ngsd", "ngsd-questions"):
                _check_without_guard(check, name, Asking(url, name))
    check.close()


def _check_guardrail(check: _hosts.Checks, shown: str, ask: Asking, plain: Asking) -> None:
    harmless, harmful = _hosts.HARMLESS, _hosts.HARMFUL
    check.passes(f"{shown}, harmless", lambda: ask(harmless))
    check.blocks(f"{shown}, harmful request", lambda: ask(harmful), kept_from_model=True)
    check.blocks(f"{shown}, harmful answer", lambda: ask(harmless, "harmful-answers"))
    took = _hosts.median_ms(lambda: ask(harmless))
    without = _hosts.median_ms(lambda: plain(harmless))
    check.note(f"{shown}, harmless, median of 5", f"{took}; without a guardrail {without}")


def _check_without_guard(check: _hosts.Checks, name: str, ask: Asking) -> None:
    check.blocks(f"{name}, without the guard", lambda: ask(_hosts.HARMLESS), kept_from_model=True)


def _check(check: _hosts.Checks, url: str) -> None:
    harmless, harmful = _hosts.HARMLESS, _hosts.HARMFUL
    for name, shown in (("ngsd", "generic_guardrail_api"), ("ngsd-questions", "decision_model")):
        _check_guardrail(check, shown, Asking(url, name), Asking(url, None))
    ask = Asking(url, "ngsd")
    check.passes("buffered stream, harmless", lambda: ask.stream(harmless))
    check.blocks(
        "buffered stream, harmful request", lambda: ask.stream(harmful), kept_from_model=True
    )
    check.blocks("buffered stream, harmful answer", lambda: ask.stream(harmless, "harmful-answers"))
    read, took = _hosts.timed(
        lambda: Asking(url, "ngsd-intervals").stream(harmless, "harmful-answers")
    )
    check.note("stream scanned at intervals, harmful answer", f"{read!r:.200}, {took}")


if __name__ == "__main__":
    main()
