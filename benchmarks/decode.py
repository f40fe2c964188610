"""Measure the cost of guarding with the embedded pair, compared with Hugging Face and a plain loop.

Example: `python benchmarks/decode.py --plot decode.svg --json decode.json`. Of another known pair,
`--pair smollm2` measures answers, first tokens and streams in `--dtypes`, in one run.
"""

import argparse
from collections.abc import Callable
from pathlib import Path

import torch

from _contenders import GUARDED, Models
from _growth import measure_growth
from _latency import measure_first_token, measure_steps
from _memory import measure_memory
from _natural import measure_natural
from _pair_costs import Sizes, measure_pair
from _profile import profile_answer
from _report import Section, print_sections, write_json
from _settings import Settings
from _speed import measure_speed
from _svg import write_plot
from ngsd_guard.pairs import DEFAULT_PAIR, find_pair

_SECTIONS = ("natural", "first-token", "steps", "growth", "speed", "memory")


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, help="of every section; 5, or 2 with --quick")
    parser.add_argument("--slow-rounds", type=int, default=2, help="of the loop without a cache")
    parser.add_argument("--quick", action="store_true", help="tiny sizes, to see that it works")
    parser.add_argument("--threads", type=int, help="of torch; as many as it likes by default")
    pair = find_pair(DEFAULT_PAIR)
    experts = () if pair is None else [expert.name for expert in pair.experts]
    parser.add_argument("--expert", default=DEFAULT_PAIR, choices=sorted(experts))
    parser.add_argument(
        "--pair", default=DEFAULT_PAIR, help="known pair; not all have all sections"
    )
    parser.add_argument("--dtypes", nargs="+", default=("float32", "bfloat16"), help="of --pair")
    parser.add_argument("--streams", type=int, nargs="+", default=(1, 4, 8, 16), help="of --pair")
    parser.add_argument("--late", action="store_true", help="of --pair: steps after 1,984 tokens")
    parser.add_argument("--data", type=Path, help="folder of the public sets, for attacks")
    parser.add_argument("--only", nargs="+", choices=_SECTIONS, default=_SECTIONS)
    parser.add_argument("--batch-sizes", type=int, nargs="+", default=(1, 8, 32))
    parser.add_argument("--prompt-lengths", type=int, nargs="+", default=(64, 512), help="tokens")
    parser.add_argument("--output-lengths", type=int, nargs="+", default=(128, 512), help="tokens")
    parser.add_argument("--profile", action="store_true", help="only profile one answer")
    parser.add_argument("--contender", default=GUARDED, help="contender to profile")
    parser.add_argument("--json", type=Path, help="file for all measurements")
    parser.add_argument("--plot", type=Path, help="SVG file for the plot of cost by length")
    return parser.parse_args()


def _settings(args: argparse.Namespace) -> Settings:
    rounds = args.rounds or (2 if args.quick else 5)
    if args.quick:
        return Settings.quick(rounds, args.data)
    return Settings(
        rounds=rounds,
        slow_rounds=args.slow_rounds,
        batch_sizes=tuple(args.batch_sizes),
        prompt_lengths=tuple(args.prompt_lengths),
        output_lengths=tuple(args.output_lengths),
        data=args.data,
    )


def _pair_sizes(args: argparse.Namespace) -> Sizes:
    streams = tuple(args.streams)
    if args.quick:
        return Sizes(1, 1, 8, prompt_lengths=(64,), streams=streams[:2], late=args.late)
    lengths = tuple(args.prompt_lengths)
    return Sizes(args.rounds or 3, prompt_lengths=lengths, streams=streams, late=args.late)


def _measure(args: argparse.Namespace, models: Models) -> dict[str, Section]:
    """Run the requested sections, in the order in which they are listed."""
    settings = _settings(args)

    def growth() -> list[Section]:
        sections, plot = measure_growth(models, settings)
        if args.plot is not None:
            write_plot(args.plot, plot)
        return sections

    measures: dict[str, Callable[[], list[Section]]] = {
        "natural": lambda: measure_natural(models, settings),
        "first-token": lambda: measure_first_token(models, settings),
        "steps": lambda: measure_steps(models, settings),
        "growth": growth,
        "speed": lambda: measure_speed(models, settings),
        "memory": lambda: measure_memory(models, settings, args.expert),
    }
    sections = {}
    for name in _SECTIONS:
        if name in args.only:
            for number, section in enumerate(measures[name]()):
                sections[name if number == 0 else f"{name}-{number}"] = section
    return sections


def main() -> None:
    """Parse the arguments, measure, and print and write the results."""
    args = _parse()
    if args.threads is not None:
        torch.set_num_threads(args.threads)
    if args.pair != DEFAULT_PAIR:
        sections = measure_pair(args.pair, args.dtypes, _pair_sizes(args))
        print_sections(f"{args.pair}, {torch.get_num_threads()} threads", list(sections.values()))
        if args.json is not None:
            write_json(args.json, "decode", args, sections)
        return
    models = Models.load(args.expert)
    if args.profile:
        num_tokens = 24 if args.quick else 128
        found = profile_answer(models, args.contender, num_tokens)
        sections = {f"profile-{number}": section for number, section in enumerate(found)}
    else:
        sections = _measure(args, models)
    print_sections(f"ngsd-mini + {args.expert}", list(sections.values()))
    if args.json is not None:
        write_json(args.json, "decode", args, sections)


if __name__ == "__main__":
    main()
