"""Kill replicas under load: is each acknowledged record kept, and does the client's retry succeed?

python kills.py [--replicas 2] [--kills 3] [--clients 6] [--between 12]
"""

import argparse
import asyncio
import os
import random
import signal
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import httpx

from _cluster import MODEL, check_body, is_alive, living, local_ray, serving
from _findings import Findings
from ngsd_guard.audit import read_records, verify
from ray_ngsd import ServeOptions
from serve import resident_mib

_MAX_TRIES = 60
_START_S = 120.0


class Client:
    """Sends checks and chats, and repeats what did not succeed.

    Args:
        url: of the application.
    """

    def __init__(self, url: str) -> None:
        self._client = httpx.AsyncClient(base_url=url, timeout=60)
        self.record_ids: list[str] = []
        """Of the answers with status 200."""
        self.failures: Counter[str] = Counter()
        self.num_retried = 0
        self.memory_mib: list[float] = []
        """Resident memory of each replica at the end."""
        self.num_lost = 0
        """Requests that did not succeed after all tries."""

    async def ask(self, number: int) -> None:
        """Send one request until it succeeds; every fourth one is a chat."""
        is_chat = number % 4 == 3
        path = "/v1/chat/completions" if is_chat else "/v1/moderations"
        body = check_body(number)
        if is_chat:
            text = body.pop("input")
            body |= {"messages": [{"role": "user", "content": text}], "max_tokens": 8}
        for attempt in range(_MAX_TRIES):
            try:
                answer = await self._client.post(path, json=body)
            except httpx.HTTPError as error:
                self.failures[type(error).__name__] += 1
            else:
                if answer.status_code == 200:
                    self.record_ids.append(_record_id(answer.json()))
                    self.num_retried += attempt > 0
                    return
                self.failures[str(answer.status_code)] += 1
            await asyncio.sleep(min(0.1 * 2**attempt, 2.0))
        self.num_lost += 1

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()


def _record_id(answer: dict[str, Any]) -> str:
    checked = answer["results"][0] if "results" in answer else answer
    return str(checked["ngsd"]["record_id"])


async def press(url: str, audit: Path, options: argparse.Namespace) -> tuple[Client, list[float]]:
    """Let clients ask while replicas are killed; return what they saw, and the times to recover."""
    client, numbers, is_over = Client(url), iter(range(10**9)), asyncio.Event()
    recovery_s: list[float] = []

    async def ask_on() -> None:
        while not is_over.is_set():
            await client.ask(next(numbers))

    async def kill() -> None:
        for _ in range(options.kills):
            await asyncio.sleep(options.between)
            victim = random.Random(len(recovery_s)).choice(living(audit))
            os.kill(victim, signal.SIGKILL)
            killed_s = time.monotonic()
            while is_alive(victim) or len(living(audit)) < options.replicas:
                if time.monotonic() - killed_s > _START_S:
                    raise RuntimeError("the killed replica was not replaced")
                await asyncio.sleep(0.2)
            recovery_s.append(time.monotonic() - killed_s)
        await asyncio.sleep(options.between)
        client.memory_mib = list(map(resident_mib, living(audit)))
        is_over.set()

    await asyncio.gather(kill(), *(ask_on() for _ in range(options.clients)))
    await client.close()
    return client, recovery_s


def main() -> None:
    """Kill, stop, verify the log, and look for the record of each answer."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replicas", type=int, default=2)
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--clients", type=int, default=6)
    parser.add_argument("--between", type=float, default=12.0, help="seconds between kills")
    options = parser.parse_args()
    findings = Findings()
    with tempfile.TemporaryDirectory() as folder:
        audit = Path(folder) / "audit.jsonl"
        served = ServeOptions(pair=MODEL, num_replicas=options.replicas, audit=str(audit))
        with local_ray(2 * options.replicas), serving({"/": served}) as url:
            client, recovery_s = asyncio.run(press(url, audit, options))
        _report(findings, client, audit, options, recovery_s)
    findings.close()


def _report(
    findings: Findings, client: Client, audit: Path, options: Any, recovery_s: list[float]
) -> None:
    report = verify(audit)
    kept = {getattr(record, "event_id", None) for record in read_records(audit)}
    lost = [record_id for record_id in client.record_ids if record_id not in kept]
    unclosed = sum(r.kind == "start" and r.previous_end == "unclosed" for r in read_records(audit))
    findings.add(
        "acknowledged records that are not in the log",
        f"{len(lost)} of {len(client.record_ids)}, {options.kills} replicas killed",
        passed=not lost and len(set(client.record_ids)) == len(client.record_ids) > 0,
        target="0",
    )
    findings.add(
        "the log's chains that verify",
        f"{sum(c.problem is None for c in report.chains)} of {len(report.chains)}",
        passed=report.is_intact,
        target="all",
    )
    findings.add(
        "chains that a new replica went on with after a kill",
        unclosed, passed=unclosed == options.kills, target=str(options.kills),
    )  # fmt: skip
    findings.add(
        "requests that a retry brought to success; that never succeeded",
        f"{client.num_retried}; {client.num_lost}",
        passed=client.num_lost == 0,
        target="any; 0",
    )
    findings.add("failed tries, by status or error", dict(client.failures), passed=True)
    findings.add(
        "seconds from a kill to a new replica",
        ", ".join(f"{each:.1f}" for each in recovery_s), passed=True,
    )  # fmt: skip
    findings.add(
        "resident memory of the replicas, MiB",
        ", ".join(f"{each:.0f}" for each in client.memory_mib), passed=True,
    )  # fmt: skip


if __name__ == "__main__":
    main()
