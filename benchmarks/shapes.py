"""Measure the cost of guarding at realistic sizes, and the acceptance at which it costs no time.

The weights are random, so the expert's drafts are not representative. The parts of a token are
timed instead, and tokens per second are computed from them for every acceptance.

Example: `python benchmarks/shapes.py --plot shapes.svg --json shapes.json`.
"""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import torch
from transformers.utils import logging as transformers_logging

from _loops import Loops, predicted_seconds
from _parts import Parts
from _random_models import LORA, SHAPES, make_pair
from _report import Section, note, print_sections, write_json
from _shape_report import Found, Sizes, measure_memory, plot_sweep, report
from _svg import write_plot

_ON_CPU: Final = ("0.6B+0.1B", "0.6B+lora")
_ON_CUDA: Final = ("8B+0.6B", "8B+lora")


def _measure(name: str, sizes: Sizes) -> tuple[Found, Section]:
    note(f"{name}: making random weights")
    pair = make_pair(name, sizes.device, sizes.dtype)
    note(f"{name}: parts, {sizes.rounds} rounds")
    measured = Parts(pair, sizes.context, sizes.longest_draft, sizes.prompt)
    parts = measured.measure(sizes.rounds)
    note(f"{name}: loops, {sizes.loop_rounds} rounds")
    running = Loops(pair, sizes.context, sizes.num_tokens, sizes.longest_draft)
    loops = running.measure(sizes.loop_rounds)
    costs = measured.costs(parts.medians())
    is_adapter = pair.expert.adapts(pair.base)
    own = 0.0
    if not is_adapter:
        itself = replace(costs, expert=costs.base[0] + costs.choice)
        own = predicted_seconds(
            itself, running.speculation, sizes.num_tokens - 1, sizes.longest_draft
        )
    rounds = (
        {name: seconds[r] for name, seconds in parts.by_name.items()} for r in range(sizes.rounds)
    )
    by_round = tuple(measured.costs(seconds) for seconds in rounds)
    found = Found(pair, parts, loops, costs, by_round, own, is_adapter)
    return found, measure_memory(found, running, sizes)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    names = ", ".join(SHAPES)
    parser.add_argument("--pairs", nargs="+", help=f"base+expert of {names}; expert may be {LORA}")
    parser.add_argument("--device", help="cpu or cuda; default: cuda if available")
    parser.add_argument(
        "--dtype", choices=("float32", "bfloat16"), help="default on a CPU: float32"
    )
    parser.add_argument("--rounds", type=int, help="rounds of timing; default: 9 (2 with --quick)")
    parser.add_argument("--quick", action="store_true", help="tiny models, as a smoke test")
    parser.add_argument("--threads", type=int, help="number of torch threads; default: torch's")
    parser.add_argument("--context", type=int, default=256, help="tokens in the cache")
    parser.add_argument("--tokens", type=int, default=32, help="tokens per answer of a loop")
    parser.add_argument("--json", type=Path, help="file for all measurements")
    parser.add_argument("--plot", type=Path, help="SVG file for the first pair's sweep")
    return parser.parse_args()


def _sizes(args: argparse.Namespace) -> Sizes:
    device = torch.device(args.device or ("cuda" if torch.cuda.is_available() else "cpu"))
    default = "float32" if device.type == "cpu" else "bfloat16"
    dtype: Any = getattr(torch, args.dtype or default)
    rounds = args.rounds or (2 if args.quick else 9)
    return Sizes(
        rounds=rounds,
        loop_rounds=max(1, rounds // 3),
        prompt=64,
        context=args.context,
        num_tokens=12 if args.quick else args.tokens,
        longest_draft=8,
        device=device,
        dtype=dtype,
    )


def _names(args: argparse.Namespace, sizes: Sizes) -> Sequence[str]:
    if args.pairs:
        return list(args.pairs)
    if args.quick:
        return ("tiny+tinier", "tiny+lora")
    return _ON_CPU if sizes.device.type == "cpu" else _ON_CUDA


def main() -> None:
    """Parse the arguments, measure each pair, and print and write the results."""
    args = _parse()
    transformers_logging.set_verbosity_error()
    if args.threads is not None:
        torch.set_num_threads(args.threads)
    sizes, sections = _sizes(args), dict[str, Section]()
    plot = ""
    for name in _names(args, sizes):
        found, memory = _measure(name, sizes)
        sections[name] = report(found, sizes)
        sections[f"{name}, memory"] = memory
        plot = plot or ("" if found.is_adapter else plot_sweep(found))
        del found  # free its memory for the next pair
    title = f"random weights, {sizes.dtype}, {sizes.device}"
    print_sections(title, list(sections.values()), sizes.device)
    if args.json is not None:
        write_json(args.json, title, args, sections, sizes.device)
    if args.plot is not None and plot:
        write_plot(args.plot, plot)


if __name__ == "__main__":
    main()
