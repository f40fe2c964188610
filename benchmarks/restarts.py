"""`ngsd-guard serve` killed under load and started again on the same audit log.

    python restarts.py [--pair ngsd-mini] [--kills 3] [--clients 16] [--seconds 10]

Streaming clients ask until the server is killed (`SIGKILL`); this is repeated on the same log and
port. Then the server is started once more, and each client asks again. Prints one JSON object: how
many answers were complete, how many of the audit records that they name are missing from the log,
whether the log verifies, and how many of the last requests succeeded.
"""

import argparse
import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from ngsd_guard.audit import read_records
from serve import Load, body_of, read, server
from streams import QUESTIONS


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


async def ask_until_killed(url: str, pid: int, options: argparse.Namespace, load: Load) -> None:
    """Let all clients ask until the server is killed."""

    async def ask(client: httpx.AsyncClient, number: int) -> None:
        for turn in range(10_000):
            text = f"{QUESTIONS[(number + turn) % len(QUESTIONS)]} ({number}, {turn})"
            try:
                await read(client, body_of(options.pair, text, options.tokens), load)
            except httpx.HTTPError as error:
                load.statuses[type(error).__name__] += 1
                return

    async def kill() -> None:
        await asyncio.sleep(options.seconds)
        os.kill(pid, signal.SIGKILL)

    async with httpx.AsyncClient(base_url=url, timeout=300) as client:
        await asyncio.gather(kill(), *(ask(client, number) for number in range(options.clients)))


async def ask_once(url: str, options: argparse.Namespace) -> Load:
    """Let each client ask once."""
    load = Load()
    async with httpx.AsyncClient(base_url=url, timeout=300) as client:
        bodies = [
            body_of(options.pair, QUESTIONS[number % len(QUESTIONS)], options.tokens)
            for number in range(options.clients)
        ]
        await asyncio.gather(*(read(client, body, load) for body in bodies))
    return load


def verify(log: Path) -> int:
    """Return the exit status of `ngsd-guard audit verify`."""
    program = "from ngsd_guard.cli import app; app()"
    command = [sys.executable, "-c", program, "audit", "verify", str(log)]
    return subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode


def run(options: argparse.Namespace, log: Path) -> dict[str, Any]:
    """Kill, restart, and compare what was acknowledged with what is in the log."""
    port, load = free_port(), Load()
    for _ in range(options.kills):
        with server(options.pair, max_queue=options.clients, port=port, audit=log) as (url, pid):
            asyncio.run(ask_until_killed(url, pid, options, load))
    started = time.perf_counter()
    with server(options.pair, max_queue=options.clients, port=port, audit=log) as (url, _):
        restart_s = time.perf_counter() - started
        again = asyncio.run(ask_once(url, options))
    recorded = Counter(each.event_id for each in read_records(log) if each.kind == "request")
    acknowledged = load.record_ids + again.record_ids
    return {
        "pair": options.pair,
        "kills": options.kills,
        "clients": options.clients,
        "statuses": dict(load.statuses),
        "acknowledged": len(acknowledged),
        "lost": sum(recorded[each] == 0 for each in acknowledged),
        "recorded_twice": sum(count > 1 for count in recorded.values()),
        "verify_exit_status": verify(log),
        "after_the_restart": dict(again.statuses),
        "malformed_after_the_restart": again.num_malformed,
        "restart_s": round(restart_s, 1),
    }


def main() -> None:
    """Measure, and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pair", default="ngsd-mini")
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--tokens", type=int, default=48)
    options = parser.parse_args()
    with TemporaryDirectory() as folder:
        print(json.dumps(run(options, Path(folder) / "audit.jsonl"), indent=2))


if __name__ == "__main__":
    main()
