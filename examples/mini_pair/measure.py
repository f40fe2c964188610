"""Measures the guarded pair through the engine, on held-out prompts, for one or more gates.

Example: `python measure.py --data PATH --count 40 --gate 0.8:1.0 --gate 0.6:0.9`.
"""

import argparse
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from ngsd_guard import ContextOverflowError, Engine, GateConfig, NGSDConfig, load_engine
from ngsd_guard.config import DecodingConfig
from ngsd_guard.evaluation import is_refusal, rate
from ngsd_guard.types import Message
from suites import benign_suites, harmful_suites


@dataclass(frozen=True)
class Row:
    """What base and guarded pair did with one suite under one gate."""

    gate: str
    suite: str
    n: int
    base_refused: int
    guarded_refused: int
    touched: int
    """Requests with at least one spike."""
    unchanged: int
    """Answers that are the base's own."""
    num_tokens: int
    num_overrides: int
    mean_risk: float


def measure(gate: str, engine: Engine, suite: str, conversations: list[list[Message]]) -> Row:
    """Answer a suite unguarded and guarded, and count; prompts too long are left out."""
    pairs = []
    for messages in conversations:
        try:
            pairs.append((engine.generate(messages, guarded=False), engine.generate(messages)))
        except ContextOverflowError:
            continue
    guarded = [answer for _, answer in pairs]
    return Row(
        gate=gate,
        suite=suite,
        n=len(pairs),
        base_refused=sum(is_refusal(base.text) for base, _ in pairs),
        guarded_refused=sum(is_refusal(answer.text) for answer in guarded),
        touched=sum(answer.num_spikes > 0 for answer in guarded),
        unchanged=sum(base.token_ids == answer.token_ids for base, answer in pairs),
        num_tokens=sum(answer.usage.output_tokens for answer in guarded),
        num_overrides=sum(answer.num_overrides for answer in guarded),
        mean_risk=sum(answer.risk or 0.0 for answer in guarded) / max(len(pairs), 1),
    )


def table(rows: list[Row]) -> Table:
    """Lay the rows out for a terminal; rates with their 95 % intervals."""
    result = Table(title="Held-out prompts; gate is bias:threshold")
    for name in ("gate", "suite"):
        result.add_column(name)
    names = ("n", "base refuses", "guarded refuses", "touched", "unchanged", "overridden", "risk")
    for name in names:
        result.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        counts = (row.base_refused, row.guarded_refused, row.touched, row.unchanged)
        rates = [str(rate(count, row.n)) for count in counts]
        overridden = f"{row.num_overrides / max(row.num_tokens, 1):.1%}"
        result.add_row(row.gate, row.suite, str(row.n), *rates, overridden, f"{row.mean_risk:.1f}")
    return result


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="folder of public prompt sets")
    parser.add_argument("--count", type=int, default=40, help="prompts of each suite")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--max-new-tokens", type=int, default=64)
    parser.add_argument("--gate", action="append", help="bias:threshold; the default if left out")
    parser.add_argument("--out", type=Path, help="where the counts go, as JSON")
    options = parser.parse_args()
    default = NGSDConfig().gate
    gates = options.gate or [f"{default.bias_current:g}:{default.v_threshold:g}"]
    suites = benign_suites(options.data, options.count, options.seed)
    suites |= harmful_suites(options.data, options.count, options.seed)
    decoding = DecodingConfig(max_new_tokens=options.max_new_tokens, special_tokens="neutralise")
    pair, rows = load_engine(), []
    console = Console(width=170)
    with Progress(console=console) as progress:
        task = progress.add_task("measuring", total=len(gates) * len(suites))
        for gate in gates:
            bias, threshold = map(float, gate.split(":"))
            config = NGSDConfig(
                gate=GateConfig(bias_current=bias, v_threshold=threshold), decoding=decoding
            )
            engine = Engine(pair.base, pair.expert, config)
            for name, conversations in suites.items():
                rows.append(measure(gate, engine, name, conversations))
                progress.advance(task)
    console.print(table(rows))
    if options.out:
        options.out.write_text(json.dumps([asdict(row) for row in rows], indent=1))


if __name__ == "__main__":
    main()
