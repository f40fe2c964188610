"""What does the guard cost in vLLM? Guarded and plain tokens per second, in turn, in one run."""

import argparse
import time
from typing import Any

import _host
from _prompts import Prompt, Prompts
from _timing import Measurements, Run, ratio, rotated, rounds_with_warm_up
from ngsd_guard.pairs import load_pair

_GUARDED, _PLAIN = "guarded", "plain"
_WANTED = 0.7


def _run(llm: Any, prompts: list[Prompt], params: Any) -> Run:
    started = time.perf_counter()
    outputs = llm.generate(_host.token_prompts(prompts), params, use_tqdm=False)
    return Run(
        time.perf_counter() - started, [tuple(output.outputs[0].token_ids) for output in outputs]
    )


def main() -> None:
    """Time both at several batch sizes, risk reading and prefill included."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batch-sizes", type=int, nargs="+", default=(1, 8, 16))
    parser.add_argument("--max-new-tokens", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--risk", default="pair", choices=("pair", "expert"))
    parser.add_argument("--expert", help="the pair's first, if not given")
    args = parser.parse_args()
    from vllm import SamplingParams

    pair = load_pair("ngsd-mini")
    expert = {"expert": args.expert} if args.expert else {}
    hosts = {
        _GUARDED: _host.start_llm(_host.guard_options(risk=args.risk, **expert)),
        _PLAIN: _host.start_llm(),
    }
    makes, measured = Prompts(pair.base, pair.expert, seed=1), Measurements()  # type: ignore[arg-type]
    length = args.max_new_tokens
    params = SamplingParams(temperature=0.0, max_tokens=length, min_tokens=length)
    for number in rounds_with_warm_up(args.rounds):
        for size in args.batch_sizes:
            prompts = [makes.of_length(64) for _ in range(size)]
            for name in rotated([_GUARDED, _PLAIN], number + 1):
                measured.add(str(size), name, number, _run(hosts[name], prompts, params))
    findings = _host.Findings()
    for size in args.batch_sizes:
        rates = [measured.rates(str(size), name) for name in (_GUARDED, _PLAIN)]
        share = ratio(*rates)
        medians = [sorted(rate.values())[len(rate) // 2] for rate in rates]
        findings.add(
            f"guarded ÷ plain tokens per second, batch {size}",
            f"{share} ({medians[0]:.0f} ÷ {medians[1]:.0f})",
            passed=True,
            target=f">= {_WANTED} at 8 and 16; reported, since a busy machine varies",
        )
    findings.close()


if __name__ == "__main__":
    main()
