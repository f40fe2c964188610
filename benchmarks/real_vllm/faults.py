"""An expert that fails, and set-ups that would bypass the guard."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import _host
from _prompts import Prompts
from ngsd_guard.pairs import load_pair

_FAILING_STEP = 6


class _Fault:
    """Stands for an expert's `read`, and fails from some step on."""

    def __init__(self, read: Any) -> None:
        self._read = read
        self.num_left = _FAILING_STEP

    def __call__(self, *args: Any, **options: Any) -> Any:
        self.num_left -= 1
        if self.num_left < 0:
            raise RuntimeError("injected fault")
        return self._read(*args, **options)


def check_killed_expert(findings: _host.Findings) -> None:
    """Kill the expert in the middle of answers, and see that nothing else leaves."""
    from vllm import SamplingParams

    pair = load_pair("ngsd-mini")
    makes = Prompts(pair.base, pair.expert)  # type: ignore[arg-type]
    prompts = [*makes.attacked(None, 4), *makes.everyday(4)]
    expected = _host.engine_answers(pair, prompts, 40)
    llm = _host.start_llm(_host.guard_options())
    expert: Any = _host.batch_of(llm).gate.pair.expert
    read = expert.read
    fault = _Fault(read)
    expert.read = fault
    params = SamplingParams(temperature=0.0, max_tokens=40)
    outputs = llm.generate(_host.token_prompts(prompts), params, use_tqdm=False)
    eos = pair.base.eos_token_ids
    unguarded = 0
    for answer, output in zip(expected, outputs, strict=True):
        found = [t for t in output.outputs[0].token_ids if t not in eos]
        unguarded += found != list(answer.token_ids)[: len(found)] or len(found) > _FAILING_STEP
    ended = sum(output.finished for output in outputs)
    findings.add(
        "answers with a token that was not gated, expert killed",
        f"{unguarded} of {len(outputs)}, {ended} ended",
        passed=unguarded == 0 and ended == len(outputs) and fault.num_left < 0,
        target="0, all ended",
    )
    fault.num_left = 0
    outputs = llm.generate(_host.token_prompts(prompts), params, use_tqdm=False)
    empty = sum(set(output.outputs[0].token_ids) <= set(eos) for output in outputs)
    findings.add("new requests without any token", empty, passed=empty == len(outputs), target="8")
    expert.read = read
    outputs = llm.generate(_host.token_prompts(prompts), params, use_tqdm=False)
    equal = sum(
        list(output.outputs[0].token_ids) == list(answer.token_ids)
        for answer, output in zip(expected, outputs, strict=True)
    )
    findings.add(
        "answers equal to the engine's once the expert is back",
        equal,
        passed=equal == 8,
        target="8",
    )


def check_refusals(findings: _host.Findings) -> None:
    """Start vLLM in ways that are refused, each in a process of its own."""
    speculation = {
        "speculative_config": {
            "method": "ngram",
            "num_speculative_tokens": 2,
            "prompt_lookup_max": 3,
        }
    }
    cases: list[tuple[str, dict[str, Any], str]] = [
        ("speculative decoding", {**_host.guard_options(), **speculation}, "speculative decoding"),
        ("an unknown option", _host.guard_options(exprt="ngsd-mini"), "exprt"),
        ("an expert that is missing", _host.guard_options(expert="no/such/folder"), "no/such"),
    ]
    for name, options, wanted in cases:
        result = subprocess.run(
            [sys.executable, "-c", f"import _host\n_host.start_llm(**{options!r})"],
            cwd=Path(__file__).parent,
            capture_output=True,
            text=True,
            check=False,
        )
        said = [line for line in result.stderr.splitlines() if "Error" in line and wanted in line]
        findings.add(
            f"{name} refused at start",
            said[-1].strip()[:140] if said else f"exit {result.returncode}, no such error",
            passed=result.returncode != 0 and bool(said),
        )


def main() -> None:
    """Run both."""
    findings = _host.Findings()
    check_killed_expert(findings)
    check_refusals(findings)
    findings.close()


if __name__ == "__main__":
    main()
