"""Checks a second: one plain server against Ray Serve with one and two replicas, in one run.

python rates.py [--clients 8] [--seconds 10] [--rounds 3]

Each process has one thread for matrix products. All servers run at the same time; the load goes to
one after the other, in an order that rotates. Clients and servers share the machine's cores.
Processor time does not depend on what else the machine does; Ray's includes its proxy and its own
processes, but not the clients.
"""

import argparse
import asyncio
import itertools
import statistics
import time

import httpx

from _cluster import MODEL, check_body, children, local_ray, processor_s, serving
from _findings import Findings
from _timing import ratio, rotated, rounds_with_warm_up
from ray_ngsd import ServeOptions
from serve import server

_PLAIN, _ONE, _TWO = "plain server", "1 replica", "2 replicas"
_numbers = itertools.count()


async def rate(url: str, num_clients: int, seconds: float) -> tuple[float, list[float]]:
    """Return checks a second, and the seconds of each."""
    times: list[float] = []
    end_s = time.perf_counter() + seconds

    async def ask(client: httpx.AsyncClient) -> None:
        while (started := time.perf_counter()) < end_s:
            answer = await client.post("/v1/moderations", json=check_body(next(_numbers)))
            answer.raise_for_status()
            times.append(time.perf_counter() - started)

    started = time.perf_counter()
    async with httpx.AsyncClient(base_url=url, timeout=120) as client:
        await asyncio.gather(*(ask(client) for _ in range(num_clients)))
    return len(times) / (time.perf_counter() - started), times


def main() -> None:
    """Measure all in turn."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    findings = Findings()
    rates: dict[str, dict[int, float]] = {_PLAIN: {}, _ONE: {}, _TWO: {}}
    latencies: dict[str, list[float]] = {name: [] for name in rates}
    costs_ms: dict[str, dict[int, float]] = {name: {} for name in rates}
    applications = {f"/r{n}": ServeOptions(pair=MODEL, num_replicas=n) for n in (1, 2)}
    with (
        server(MODEL, max_queue=64) as (plain, plain_pid),
        local_ray(6),
        serving(applications) as address,
    ):
        urls = {_PLAIN: plain, _ONE: f"{address}/r1", _TWO: f"{address}/r2"}
        own = children() - {plain_pid}
        processes = {_PLAIN: {plain_pid}, _ONE: own, _TWO: own}
        for number in rounds_with_warm_up(options.rounds):
            seconds = options.seconds if number >= 0 else 3.0
            for name in rotated(list(urls), number + 1):
                before_s = processor_s(processes[name])
                found, times = asyncio.run(rate(urls[name], options.clients, seconds))
                cost_s = processor_s(processes[name]) - before_s
                if number >= 0:
                    costs_ms[name][number] = 1000 * cost_s / len(times)
                    rates[name][number] = found
                    latencies[name] += times
    for name, by_round in rates.items():
        median = statistics.median(by_round.values())
        p50, p99 = (statistics.quantiles(latencies[name], n=100)[k] for k in (49, 98))
        findings.add(
            f"checks a second, {name}, {options.clients} clients",
            f"{median:.1f} of {len(latencies[name])} checks; p50 {p50:.2f} s, p99 {p99:.2f} s",
            passed=True,
        )
        findings.add(
            f"processor time of a check, {name}",
            f"{statistics.median(costs_ms[name].values()):.1f} ms",
            passed=True,
        )
        if name != _PLAIN:
            cost = ratio(costs_ms[name], costs_ms[_PLAIN])
            findings.add(f"processor time, {name} ÷ {_PLAIN}", cost, passed=True)
            findings.add(f"{name} ÷ {_PLAIN}", ratio(by_round, rates[_PLAIN]), passed=True)
    findings.add(f"{_TWO} ÷ {_ONE}", ratio(rates[_TWO], rates[_ONE]), passed=True)
    findings.close()


if __name__ == "__main__":
    main()
