"""Complete answers to benign and attack prompts, batch 1."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field

from rich.table import Table

from _agreement import Agreement
from _contenders import ASSISTED, GENERATE, GUARDED, STEPWISE, UNGUARDED, Models, Ours, line_up
from _prompts import Prompt, Prompts
from _report import Figure, Section, make_table, note, show
from _settings import Settings
from _timing import Measurements, Ratio, median, ratio, rotated, rounds_with_warm_up, timed
from ngsd_guard import Generation

_NAMES = (GUARDED, STEPWISE, UNGUARDED, GENERATE, ASSISTED)
_NUM_WARM_UP = 2
_TARGETS = ((GENERATE, ">= 1.5"), (UNGUARDED, ">= 1.2"))


@dataclass(slots=True)
class _Kind:
    """Measurements of one kind of prompt."""

    prompts: list[Prompt]
    found: Measurements = field(default_factory=Measurements)
    """One cell per prompt."""
    generations: list[Generation] = field(default_factory=list)
    """The guarded answers."""

    def overall_rates(self, name: str) -> dict[int, float]:
        """Return all tokens divided by all seconds, by round."""
        totals: dict[int, tuple[int, float]] = {}
        for number in range(len(self.prompts)):
            for r, run in self.found.runs.get((str(number), name), {}).items():
                tokens, seconds = totals.get(r, (0, 0.0))
                totals[r] = tokens + run.num_tokens, seconds + run.seconds
        return {r: tokens / seconds for r, (tokens, seconds) in totals.items()}

    def overall_seconds(self, name: str) -> dict[int, float]:
        """Return the mean seconds per answer, by round."""
        rows = [self.found.seconds(str(n), name) for n in range(len(self.prompts))]
        return {r: statistics.fmean(row[r] for row in rows) for r in rows[0]}

    def ratios_by_prompt(self, top: str, bottom: str) -> list[float]:
        """Return the ratio of tokens per second of each prompt, medians over rounds."""
        ratios = []
        for number in range(len(self.prompts)):
            rates = (median(self.found.rates(str(number), name)) for name in (top, bottom))
            first, second = rates
            if first is not None and second is not None:
                ratios.append(first / second)
        return ratios


def measure_natural(models: Models, settings: Settings) -> list[Section]:
    """Answer every prompt with every contender, in every round."""
    prompts = Prompts(models.base, models.expert, seed=2)
    attacked = prompts.attacked(settings.data, settings.num_natural)
    kinds = {
        "benign": _Kind(_that_fit(prompts.benign(settings.num_natural), models, settings)),
        "everyday": _Kind(prompts.everyday(settings.num_natural)),
        "attacked": _Kind(_that_fit(attacked, models, settings)),
    }
    contenders = line_up(models, endless=False, no_cache=False)
    agreement = Agreement(models.plain_base)
    for round_index in rounds_with_warm_up(settings.rounds):
        note(f"natural answers, round {round_index + 1} of {settings.rounds}")
        for contender in contenders:
            contender.renew()
        for kind in kinds.values():
            asked = kind.prompts[:_NUM_WARM_UP] if round_index < 0 else kind.prompts
            for number, prompt in enumerate(asked):
                runs = {}
                for contender in rotated(contenders, round_index + number):
                    run = timed(contender.prepare([prompt], settings.longest_natural))
                    kind.found.add(str(number), contender.name, round_index, run)
                    runs[contender.name] = run
                    if contender.name == GUARDED and round_index == 0:
                        assert_ours: Ours = contender  # type: ignore[assignment]
                        kind.generations += assert_ours.generations
                agreement.compare([prompt], runs)
    return [_section(kinds, settings), agreement.section()]


def _that_fit(prompts: Sequence[Prompt], models: Models, settings: Settings) -> list[Prompt]:
    longest = models.context_length - settings.longest_natural
    return [prompt for prompt in prompts if len(prompt.base_ids) <= longest]


def _section(kinds: dict[str, _Kind], settings: Settings) -> Section:
    section = Section(
        tables=[_rates(kinds), _ratios(kinds), _speculation(kinds)],
        data={name: kind.found.as_json() for name, kind in kinds.items()},
    )
    if settings.data is None:
        section.notes.append(
            "The attack prompts are those of the demo; `--data PATH` uses the public sets."
        )
    for name, kind in kinds.items():
        for bottom, target in _TARGETS:
            measured = show(_overall(kind, GUARDED, bottom))
            what = f"guarded ÷ {bottom}, natural answers, {name}"
            section.figures.append(Figure(what, measured, target))
    return section


def _rates(kinds: dict[str, _Kind]) -> Table:
    columns = ("prompts", "tokens/answer", "tokens/s", "seconds/answer")
    table = make_table("Natural answers, batch 1, medians", ["kind", "contender"], columns)
    for name, kind in kinds.items():
        for contender in _NAMES:
            rate = median(kind.overall_rates(contender))
            if rate is None:
                continue
            seconds = median(kind.overall_seconds(contender)) or 0.0
            table.add_row(
                name,
                contender,
                str(len(kind.prompts)),
                f"{rate * seconds:.1f}",
                f"{rate:.0f}",
                f"{seconds:.3f}",
            )
    return table


def _ratios(kinds: dict[str, _Kind]) -> Table:
    table = make_table(
        "Ratios of tokens per second: all tokens ÷ all seconds [lowest, highest within a round], "
        "and by prompt",
        ["kind", "ratio"],
        ("overall", "median prompt", "lowest", "highest"),
    )
    pairs = ((GUARDED, GENERATE), (GUARDED, UNGUARDED), (GUARDED, STEPWISE), (GUARDED, ASSISTED),
             (STEPWISE, GENERATE), (UNGUARDED, GENERATE))  # fmt: skip
    for name, kind in kinds.items():
        for top, bottom in pairs:
            by_prompt = kind.ratios_by_prompt(top, bottom)
            if by_prompt:
                middle = statistics.median(by_prompt)
                figures = (f"{x:.2f}" for x in (middle, min(by_prompt), max(by_prompt)))
                overall = show(_overall(kind, top, bottom))
                table.add_row(name, f"{top} ÷ {bottom}", overall, *figures)
    return table


def _speculation(kinds: dict[str, _Kind]) -> Table:
    columns = ("drafted", "accepted", "acceptance", "tokens/base forward", "without drafts",
               "reflection's share", "with a spike")  # fmt: skip
    table = make_table("Speculation in the guarded answers", ["kind", "status"], columns)
    for name, kind in kinds.items():
        answers = kind.generations
        made = [answer.speculation for answer in answers]
        drafted, accepted = (sum(getattr(s, f"num_{n}") for s in made) for n in _COUNTS)
        # The first token comes from the prefill.
        forwards = sum(s.num_rounds + 1 for s in made)
        tokens = sum(answer.usage.output_tokens for answer in answers)
        reflecting = sum(answer.timing.reflection_s for answer in answers)
        table.add_row(
            name,
            ", ".join(sorted({s.status for s in made})),
            str(drafted),
            str(accepted),
            f"{accepted / max(drafted, 1):.0%}",
            f"{tokens / max(forwards, 1):.2f}",
            f"{sum(s.num_drafted == 0 for s in made)} of {len(made)}",
            f"{reflecting / sum(answer.timing.total_s for answer in answers):.0%}",
            f"{sum(answer.num_spikes > 0 for answer in answers)} of {len(answers)}",
        )
    return table


_COUNTS = ("drafted", "accepted")


def _overall(kind: _Kind, top: str, bottom: str) -> Ratio | None:
    return ratio(kind.overall_rates(top), kind.overall_rates(bottom))
