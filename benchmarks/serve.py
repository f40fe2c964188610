"""Load on `ngsd-guard serve`: many streaming clients, and the cost of HTTP over direct calls.

    python serve.py [--pair ngsd-mini] [--clients 64] [--seconds 300] [--streams 8] [--rounds 5]

Starts the server in a process of its own. Prints one JSON object: how many answers had each status,
streams that were not well formed, time to the first byte and to the end (p50, p99), the server's
resident memory at four points in time, and the throughput of direct engine calls against that of
the server for the same questions, in alternating rounds. Clients and server share the cores.
"""

import argparse
import asyncio
import json
import re
import resource
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from ngsd_guard import Engine, load_engine
from streams import QUESTIONS

_PATH = "/v1/chat/completions"


@dataclass
class Load:
    """What the clients saw."""

    statuses: Counter[str] = field(default_factory=Counter)
    first_byte_s: list[float] = field(default_factory=list)
    total_s: list[float] = field(default_factory=list)
    num_malformed: int = 0
    num_tokens: int = 0
    missing_retry_after: int = 0
    record_ids: list[str] = field(default_factory=list)
    """Audit records that complete answers name."""


@contextmanager
def server(
    pair: str, *, max_queue: int, port: int = 0, audit: Path | None = None
) -> Iterator[tuple[str, int]]:
    """Run the server, on a free port if none is named; yield its URL and process id."""
    options = ["--pair", pair, "--port", str(port), "--max-queue", str(max_queue)]
    options += [] if audit is None else ["--audit", str(audit)]
    process = subprocess.Popen(
        [sys.executable, "-c", "from ngsd_guard.cli import app; app()", "serve", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        for line in process.stdout or ():
            if found := re.search(r"http://[\d.]+:\d+", line):
                yield found[0], process.pid
                break
        else:
            raise RuntimeError("the server did not start")
    finally:
        process.terminate()
        process.wait(30)


def resident_mib(pid: int) -> float:
    """Return a process's resident memory."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def body_of(pair: str, text: str, num_tokens: int) -> dict[str, Any]:
    """Return a request for a stream."""
    return {
        "model": Path(pair).name,
        "messages": [{"role": "user", "content": text}],
        "max_tokens": num_tokens,
        "stream": True,
        "stream_options": {"include_usage": True},
    }


async def read(client: httpx.AsyncClient, body: dict[str, Any], load: Load) -> None:
    """Read one stream, and check its form: role, deltas, one reason, usage, [DONE]."""
    started = time.perf_counter()
    async with client.stream("POST", _PATH, json=body) as answer:
        load.statuses[str(answer.status_code)] += 1
        if answer.status_code != 200:
            await answer.aread()
            load.missing_retry_after += (
                answer.status_code == 429 and "retry-after" not in answer.headers
            )
            await asyncio.sleep(0.5)
            return
        lines: list[str] = []
        async for line in answer.aiter_lines():
            if not lines:
                load.first_byte_s.append(time.perf_counter() - started)
            if line:
                lines.append(line)
    load.total_s.append(time.perf_counter() - started)
    found = checked(lines)
    load.num_malformed += found is None
    if found is not None:
        load.num_tokens += found[0]
        load.record_ids += [found[1]] if found[1] is not None else []


def checked(lines: list[str]) -> tuple[int, str | None] | None:
    """Return a stream's number of tokens and its audit record; None if it is not well formed."""
    if not lines or lines[-1] != "data: [DONE]":
        return None
    try:
        chunks = [json.loads(line.removeprefix("data: ")) for line in lines[:-1]]
        *told, usage = chunks
        choices = [chunk["choices"][0] for chunk in told]
        reasons = [choice["finish_reason"] for choice in choices]
        is_whole = (
            choices[0]["delta"].get("role") == "assistant"
            and reasons[-1] in ("stop", "length")
            and set(reasons[:-1]) == {None}
            and "ngsd" in told[-1]
        )
        if not is_whole:
            return None
        return int(usage["usage"]["completion_tokens"]), told[-1]["ngsd"]["record_id"]
    except (ValueError, KeyError, IndexError, TypeError):
        return None


async def press(url: str, pid: int, options: argparse.Namespace) -> tuple[Load, list[float]]:
    """Let all clients ask until the time is over; return what they saw, and the memory."""
    load, end_s = Load(), time.monotonic() + options.seconds
    memory: list[float] = []

    async def ask(client: httpx.AsyncClient, number: int) -> None:
        turn = 0
        while time.monotonic() < end_s:
            text = f"{QUESTIONS[(number + turn) % len(QUESTIONS)]} ({number}, {turn})"
            try:
                await read(client, body_of(options.pair, text, options.tokens), load)
            except httpx.HTTPError as error:
                load.statuses[type(error).__name__] += 1
            turn += 1

    async def watch() -> None:
        for quarter in range(4):
            await asyncio.sleep(max(0.0, end_s - time.monotonic()) / (4 - quarter))
            memory.append(round(resident_mib(pid), 1))

    limits = httpx.Limits(max_connections=options.clients)
    async with httpx.AsyncClient(base_url=url, timeout=300, limits=limits) as client:
        await asyncio.gather(watch(), *(ask(client, number) for number in range(options.clients)))
    return load, memory


def direct_rate(engine: Engine, texts: list[str], num_tokens: int) -> float:
    """Return tokens a second of engine streams, each read in a thread of its own."""
    counts = [0] * len(texts)

    def work(number: int) -> None:
        messages = [{"role": "user", "content": texts[number]}]
        counts[number] = sum(1 for _ in engine.stream(messages, max_new_tokens=num_tokens))

    threads = [threading.Thread(target=work, args=(n,)) for n in range(len(texts))]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.perf_counter() - started)


async def served_rate(url: str, pair: str, texts: list[str], num_tokens: int) -> float:
    """Return tokens a second of the same answers over HTTP."""
    load = Load()
    async with httpx.AsyncClient(base_url=url, timeout=300) as client:
        started = time.perf_counter()
        bodies = [body_of(pair, text, num_tokens) for text in texts]
        await asyncio.gather(*(read(client, body, load) for body in bodies))
        return load.num_tokens / (time.perf_counter() - started)


def overhead(url: str, options: argparse.Namespace) -> dict[str, Any]:
    """Compare direct calls with the server, in alternation."""
    engine = load_engine(options.pair)
    direct, served = list[float](), list[float]()
    for turn in range(options.rounds + 1):
        texts = [f"{QUESTIONS[n % len(QUESTIONS)]} [{n}, {turn}]" for n in range(options.streams)]
        rates = (
            direct_rate(engine, texts, options.tokens),
            asyncio.run(served_rate(url, options.pair, texts, options.tokens)),
        )
        if turn:  # the first round warms up
            direct.append(rates[0])
            served.append(rates[1])
    ratios = [d / s - 1 for d, s in zip(direct, served, strict=True)]
    return {
        "streams": options.streams,
        "rounds": options.rounds,
        "direct_tokens_per_s": round(statistics.median(direct), 1),
        "served_tokens_per_s": round(statistics.median(served), 1),
        "overhead": round(statistics.median(ratios), 3),
        "overhead_range": [round(min(ratios), 3), round(max(ratios), 3)],
    }


def quantiles(values: list[float]) -> dict[str, float]:
    """Return p50 and p99."""
    ordered = sorted(values) or [0.0]
    return {f"p{p}": round(ordered[min(len(ordered) - 1, len(ordered) * p // 100)], 3)
            for p in (50, 99)}  # fmt: skip


def main() -> None:
    """Measure, and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pair", default="ngsd-mini")
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--max-queue", type=int, default=64)
    parser.add_argument("--streams", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--tokens", type=int, default=48)
    options = parser.parse_args()
    with server(options.pair, max_queue=options.max_queue) as (url, pid):
        compared = overhead(url, options)
        before = round(resident_mib(pid), 1)
        load, memory = asyncio.run(press(url, pid, options))
    report = {
        "pair": options.pair,
        "clients": options.clients,
        "seconds": options.seconds,
        "statuses": dict(load.statuses),
        "malformed_streams": load.num_malformed,
        "429_without_retry_after": load.missing_retry_after,
        "tokens_per_s": round(load.num_tokens / options.seconds, 1),
        "first_byte_s": quantiles(load.first_byte_s),
        "total_s": quantiles(load.total_s),
        "resident_mib": {"before": before, "at_quarters": memory},
        "against_direct_calls": compared,
    }
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
