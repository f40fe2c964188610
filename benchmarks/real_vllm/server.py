"""`vllm serve`, a stock OpenAI client that streams guarded answers, and LangChain's ChatOpenAI."""

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import _host
from _prompts import Prompt, Prompts
from ngsd_guard.pairs import load_pair

_START_S = 300
_LENGTH = 40


@contextmanager
def serving(folder: Path, **options: Any) -> Iterator[str]:
    """Run `vllm serve` with the guard; yields its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    guard = _host.guard_options(**options)
    command = [
        sys.executable, str(Path(__file__).with_name("_serve.py")), "serve", str(_host.MINI),
        "--host", "127.0.0.1", "--port", str(port), "--served-model-name", "mini",
        "--dtype", "float32", "--max-model-len", "512", "--enforce-eager",
        "--logits-processors", _host.PROCESSOR, "--middleware", "vllm_ngsd.NGSDRecords",
        "--enable-auto-tool-choice", "--tool-call-parser", "hermes",
        "--structured-outputs-config", '{"backend": "xgrammar", "disable_any_whitespace": true}',
        "--additional-config", json.dumps(guard["additional_config"]),
    ]  # fmt: skip
    environment = {
        **os.environ,
        "VLLM_ENABLE_V1_MULTIPROCESSING": "1",
        "PROMETHEUS_MULTIPROC_DIR": str(folder),  # counters of the engine's process too
    }
    with (folder / "server.log").open("w") as log:
        process = subprocess.Popen(
            command, env=environment, stdout=log, stderr=log, start_new_session=True
        )
    try:
        address = f"http://127.0.0.1:{port}"
        _wait(address, process, folder / "server.log")
        yield address
    finally:
        process.terminate()
        process.wait(60)


def _wait(address: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    started = time.monotonic()
    while time.monotonic() - started < _START_S:
        if process.poll() is not None:
            raise RuntimeError("vllm serve ended:\n" + log.read_text()[-3000:])
        try:
            with urllib.request.urlopen(f"{address}/health", timeout=5):
                return
        except OSError:
            time.sleep(1)
    raise RuntimeError("vllm serve did not start in time")


def _stream(client: Any, messages: Any, **extra: Any) -> str:
    extra |= _continued(messages).get("extra_body", {})  # an answer that the attack started
    stream = client.chat.completions.create(
        model="mini",
        messages=list(messages),
        temperature=0.0,
        max_tokens=_LENGTH,
        stream=True,
        extra_body=extra or None,
    )
    return "".join(chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices)


def _call_tool(client: Any) -> dict[str, Any]:
    """Have a tool called by name; returns the call's arguments."""
    function = {
        "name": "weather",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string", "enum": ["Paris", "Rome"]}},
            "required": ["city"],
        },
    }
    answer = client.chat.completions.create(
        model="mini",
        messages=[{"role": "user", "content": "What is the weather in Rome?"}],
        tools=[{"type": "function", "function": function}],
        tool_choice={"type": "function", "function": {"name": "weather"}},
        temperature=0.0,
        max_tokens=_LENGTH,
    )
    return dict(json.loads(answer.choices[0].message.tool_calls[0].function.arguments))


def _check_records(
    findings: _host.Findings, address: str, prompts: Sequence[Prompt], engine: Sequence[Any]
) -> None:
    """Ask with LangChain's model for OpenAI, then for the record of each answer."""
    from langchain_openai import ChatOpenAI

    model = ChatOpenAI(
        base_url=f"{address}/v1",
        api_key="none",
        model="mini",
        temperature=0.0,
        max_completion_tokens=_LENGTH,
        include_response_headers=True,
    )
    equal, times = 0, []
    for prompt, expected in zip(prompts, engine, strict=True):
        message = model.invoke(list(prompt.messages), **_continued(prompt.messages))
        request_id = message.response_metadata["headers"]["x-ngsd-request-id"]
        started = time.perf_counter()
        with urllib.request.urlopen(f"{address}/v1/ngsd/records/{request_id}") as response:
            (record,) = json.load(response)["records"]
        times.append(time.perf_counter() - started)
        equal += (
            len(record["spike_indices"]) == expected.num_spikes
            and len(record["override_indices"]) == expected.num_overrides
            and abs(record["reflection"]["risk"] - expected.risk) < 1e-3
        )
    findings.add(
        "records by request id, after ChatOpenAI, with the engine's risk, spikes and overrides",
        f"{equal} of {len(prompts)}, {sum(e.num_spikes > 0 for e in engine)} with a spike; "
        f"{1000 * max(times):.0f} ms at most",
        passed=equal == len(prompts),
        target="all",
    )
    try:
        urllib.request.urlopen(f"{address}/v1/ngsd/records/unknown")
        status, retry = 200, None
    except urllib.error.HTTPError as error:
        status, retry = error.code, error.headers["Retry-After"]
    findings.add(
        "an unknown id", f"{status}, Retry-After {retry}", passed=(status, retry) == (404, "1")
    )


def _continued(messages: Any) -> dict[str, Any]:
    if messages[-1]["role"] != "assistant":
        return {}
    return {"extra_body": {"add_generation_prompt": False, "continue_final_message": True}}


def main() -> None:
    """Stream answers from a server that lets nobody turn the guard off, and one that does."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--prompts", type=int, default=8)
    args = parser.parse_args()
    from openai import OpenAI

    findings, pair = _host.Findings(), load_pair("ngsd-mini")
    prompts = Prompts(pair.base, pair.expert).attacked(None, args.prompts)  # type: ignore[arg-type]
    engine = _host.engine_answers(pair, prompts, _LENGTH)
    expected = [answer.text.strip() for answer in engine]
    off = {"vllm_xargs": {"ngsd_guarded": "false"}}
    for allowed in (False, True):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            audit = folder / "audit.jsonl"
            with serving(folder, audit=str(audit), allow_unguarded=allowed) as address:
                client = OpenAI(base_url=f"{address}/v1", api_key="none")
                guarded = [_stream(client, p.messages).strip() for p in prompts]
                unguarded = [_stream(client, p.messages, **off).strip() for p in prompts]
                arguments = _call_tool(client)
                if not allowed:
                    _check_records(findings, address, prompts, engine)
                with urllib.request.urlopen(f"{address}/metrics", timeout=10) as response:
                    metrics = response.read().decode()
            equal = sum(a == b for a, b in zip(guarded, expected, strict=True))
            for one, other in zip(guarded, expected, strict=True):
                if one != other:
                    print("  different:", repr(one[:80]), "engine:", repr(other[:80]))
            same = sum(a == b for a, b in zip(unguarded, expected, strict=True))
            who = "allows" if allowed else "does not allow"
            findings.add(
                f"streamed answers equal to the engine's, operator {who} turning it off",
                f"{equal} of {len(prompts)}; {same} of {len(prompts)} with ngsd_guarded=false",
                passed=equal == len(prompts) and (same == len(prompts)) != allowed,
                target="all; all unless allowed",
            )
            findings.add(
                "arguments of a tool that is called by name",
                arguments,
                passed=arguments.get("city") in ("Paris", "Rome"),
            )
            shown = [line for line in metrics.splitlines() if line.startswith("ngsd_")]
            counted = sum(float(x.split()[-1]) for x in shown if x.startswith("ngsd_requests"))
            findings.add("requests counted at /metrics", counted, passed=counted > 0, target="some")
            records = _host.records_of(audit)
            wanted = 1 + len(prompts) * (1 if allowed else 3)
            findings.add(
                "audit records of that server", len(records),
                passed=len(records) == wanted, target=str(wanted),
            )  # fmt: skip
    findings.close()


if __name__ == "__main__":
    main()
