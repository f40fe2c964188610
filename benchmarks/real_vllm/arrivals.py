"""Requests that arrive, are preempted and aborted at random: is each gated with its own state?"""

import argparse
import random
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import _host
from _prompts import Prompt
from ngsd_guard.pairs import load_pair


class Traffic:
    """Random requests to a vLLM with little memory.

    Args:
        llm: guarded.
        prompts: of the requests; each is used several times, so that equal texts meet.
        seed: of the arrivals.
        max_new_tokens: of each answer.
    """

    def __init__(self, llm: Any, prompts: Sequence[Prompt], seed: int, max_new_tokens: int) -> None:
        self._engine = llm.llm_engine
        self._prompts = prompts
        self._random = random.Random(seed)
        self._max_new_tokens = max_new_tokens
        self.answers: dict[str, list[int]] = {}
        self.aborted: dict[str, list[int]] = {}
        self.prompt_of: dict[str, int] = {}
        self.num_preemptions = 0
        self._count_preemptions()

    def run(self, num_requests: int) -> None:
        """Send requests until all have ended or were aborted."""
        requests = (number for number in range(num_requests))
        so_far: dict[str, list[int]] = {}
        waiting = num_requests
        while waiting or self._engine.has_unfinished_requests():
            while waiting and self._random.random() < 0.45:
                name = self._add(next(requests))
                so_far[name] = []
                waiting -= 1
            for output in self._engine.step():
                so_far[output.request_id] = list(output.outputs[0].token_ids)
                if output.finished:
                    self.answers[output.request_id] = so_far.pop(output.request_id)
            if so_far and self._random.random() < 0.04:
                name = self._random.choice(sorted(filter(so_far.get, so_far)) or sorted(so_far))
                self._engine.abort_request([name])
                self.aborted[name] = so_far.pop(name)

    def run_another(self) -> None:
        """Send one more request: vLLM takes rows out of its batch with the step after their end."""
        self._add(-1)
        while self._engine.has_unfinished_requests():
            self._engine.step()

    def _add(self, number: int) -> str:
        from vllm import SamplingParams

        place = self._random.randrange(len(self._prompts))
        self.prompt_of[str(number)] = place
        params = SamplingParams(temperature=0.0, max_tokens=self._max_new_tokens)
        (prompt,) = _host.token_prompts([self._prompts[place]])
        self._engine.add_request(str(number), prompt, params)
        return str(number)

    def _count_preemptions(self) -> None:
        scheduler = self._engine.engine_core.engine_core.scheduler
        preempt = scheduler._preempt_request

        def counted(*args: Any, **options: Any) -> Any:
            self.num_preemptions += 1
            return preempt(*args, **options)

        scheduler._preempt_request = counted


def main() -> None:
    """Compare each answer with the engine's own, and look at what is left."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=500)
    parser.add_argument("--prompts", type=int, default=60)
    parser.add_argument("--max-new-tokens", type=int, default=48)
    parser.add_argument("--blocks", type=int, default=14, help="memory, in blocks of the KV cache")
    parser.add_argument("--block-size", type=int, default=32)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    findings, pair = _host.Findings(), load_pair("ngsd-mini")
    prompts = _host.varied_prompts(pair, args.prompts)
    with tempfile.TemporaryDirectory() as folder:
        audit, engines = Path(folder) / "audit.jsonl", Path(folder) / "engine.jsonl"
        answers = _host.engine_answers(pair, prompts, args.max_new_tokens, engines)
        expected = [list(answer.token_ids) for answer in answers]
        llm = _host.start_llm(
            _host.guard_options(audit=str(audit)),
            num_gpu_blocks_override=args.blocks,
            block_size=args.block_size,
            max_num_batched_tokens=64,
            max_model_len=384,
        )
        traffic = Traffic(llm, prompts, args.seed, args.max_new_tokens)
        traffic.run(args.requests)
        traffic.run_another()
        batch = _host.batch_of(llm)
        _report(findings, traffic, expected)
        rows, parked = batch.num_rows, batch.num_parked
        findings.add(
            "rows left in the guard after one more request",
            rows,
            passed=rows <= 1,
            target="that one, which vLLM takes out with its next step",
        )
        findings.add("answers still waiting to come back", parked, passed=parked == 0, target="0")
        batch.close()
        records = _host.records_of(audit)
        _compare_gates(findings, records, _host.records_of(engines))
        failed = sum(record["status"] == "failed" for record in records)
        findings.add(
            "audit records, of which failed",
            f"{len(records)}, {failed}",
            passed=failed == 0 and len(traffic.answers) <= len(records) <= args.requests + 1,
            target="one a request that began, none failed",
        )
    findings.close()


def _compare_gates(
    findings: _host.Findings, records: list[dict[str, Any]], engines: list[dict[str, Any]]
) -> None:
    """Compare the gate's course, which a state of another answer would change."""
    whole = [record for record in records if record["status"] == "completed"]
    spiked = sum(bool(record["spike_indices"]) for record in whole)
    equal = sum(any(_is_same_course(record, engine) for engine in engines) for record in whole)
    findings.add(
        "gates with the risk, spikes and peak potential of an answer of the engine",
        f"{equal} of {len(whole)}, {spiked} with a spike",
        passed=equal == len(whole) and spiked > 0,
        target="all, some with a spike",
    )


def _is_same_course(record: dict[str, Any], engine: dict[str, Any]) -> bool:
    risks = [each["reflection"]["risk"] for each in (record, engine)]
    peaks = [each["peak_potential"] for each in (record, engine)]
    exact = ("spike_indices", "override_indices", "num_tokens_released")
    return (
        abs(risks[0] - risks[1]) < 1e-3
        and abs(peaks[0] - peaks[1]) < 1e-3
        and all(record[name] == engine[name] for name in exact)
    )


def _report(findings: _host.Findings, traffic: Traffic, expected: list[list[int]]) -> None:
    equal = sum(ids == expected[traffic.prompt_of[name]] for name, ids in traffic.answers.items())
    starts = sum(
        ids == expected[traffic.prompt_of[name]][: len(ids)]
        for name, ids in traffic.aborted.items()
    )
    findings.add(
        "whole answers equal to the engine's",
        f"{equal} of {len(traffic.answers)}",
        passed=equal == len(traffic.answers),
        target="all",
    )
    findings.add(
        "aborted answers that are a start of the engine's",
        f"{starts} of {len(traffic.aborted)}, {sum(map(bool, traffic.aborted.values()))} started",
        passed=starts == len(traffic.aborted) > 0,
        target="all",
    )
    findings.add(
        "preemptions",
        traffic.num_preemptions,
        passed=traffic.num_preemptions > 0,
        target="some",
    )


if __name__ == "__main__":
    main()
