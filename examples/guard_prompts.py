"""Count refusals and interventions of base, expert and guarded pair on a file of prompts.

    python examples/guard_prompts.py PROMPTS.jsonl --limit 100

Each line of the file is a JSON object with a `prompt`. Runs offline on the embedded pair.
"""

import json
import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from ngsd_guard import ContextOverflowError, Engine, Generation
from ngsd_guard.config import DecodingConfig
from ngsd_guard.evaluation import is_refusal, rate
from ngsd_guard.pairs import Pair, load_pair

console = Console()


@dataclass
class Counts:
    """The answers of one decoder."""

    answers: list[Generation] = field(default_factory=list)

    def row(self) -> tuple[str, ...]:
        """Return the shares refused, with an intervention and overridden, and the mean risk."""
        n = len(self.answers)
        refused = rate(sum(is_refusal(answer.text) for answer in self.answers), n)
        if not any(answer.guarded for answer in self.answers):
            return str(refused), "", "", ""
        touched = rate(sum(answer.num_spikes > 0 for answer in self.answers), n)
        num_tokens = sum(answer.usage.output_tokens for answer in self.answers)
        overridden = sum(answer.num_overrides for answer in self.answers) / num_tokens
        mean_risk = sum(answer.risk or 0.0 for answer in self.answers) / n
        return str(refused), str(touched), f"{overridden:.1%}", f"{mean_risk:.2f}"


def read_prompts(path: Path) -> list[str]:
    """Return the prompts of a JSONL file.

    Raises:
        typer.BadParameter: a line has no prompt; the message names the line.
    """
    prompts = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            prompts.append(str(json.loads(line)["prompt"]))
        except (ValueError, KeyError, TypeError) as error:
            raise typer.BadParameter(
                f"{path}:{number} is not a JSON object with a 'prompt'; correct the line"
            ) from error
    return prompts


def main(
    path: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    base: str = "ngsd-mini",
    expert: str | None = None,
    limit: Annotated[int | None, typer.Option(help="Use a random sample of this size.")] = None,
    max_new_tokens: int = 48,
) -> None:
    """Print refusal rate, intervention rate and mean risk for base, expert and guarded pair."""
    prompts = read_prompts(path)
    if limit is not None and limit < len(prompts):
        prompts = random.Random(0).sample(prompts, limit)
    decoding = DecodingConfig(max_new_tokens=max_new_tokens, special_tokens="neutralise")
    pair = load_pair(base, expert)
    config = pair.config.replace(decoding=decoding)
    engine = Engine(pair.with_config(config))
    expert_only = Engine(Pair(pair.expert, pair.expert, config))
    counts = {"base": Counts(), "expert": Counts(), "guarded": Counts()}
    for prompt in track(prompts, description=path.name, console=console):
        messages = [{"role": "user", "content": prompt}]
        try:
            answers = {
                "base": engine.generate(messages, guarded=False),
                "expert": expert_only.generate(messages, guarded=False),
                "guarded": engine.generate(messages),
            }
        except ContextOverflowError:
            continue
        for name, answer in answers.items():
            counts[name].answers.append(answer)
    show(path, counts, num_too_long=len(prompts) - len(counts["base"].answers))


def show(path: Path, counts: dict[str, Counts], num_too_long: int) -> None:
    """Print the table."""
    n = len(counts["base"].answers)
    table = Table(title=f"{path.name}: {n} prompts, {num_too_long} too long; 95 % intervals")
    for column in ("", "refused", "any intervention", "tokens overridden", "mean risk"):
        table.add_column(column, justify="right" if column else "left", no_wrap=True)
    for name, count in counts.items():
        table.add_row(name, *(count.row() if n else ("",) * 4))
    console.print(table)


if __name__ == "__main__":
    typer.run(main)
