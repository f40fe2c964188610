"""The cost of an answer as a function of its length."""

from collections.abc import Sequence

from _contenders import (
    GUARDED,
    NO_CACHE,
    UNGUARDED,
    Contender,
    HuggingFace,
    Models,
    NoCache,
    Ours,
)
from _prompts import Prompts
from _report import Figure, Section, make_table, note, show
from _settings import Settings
from _svg import Axis, Line, line_plot
from _timing import Measurements, median, ratio, rotated, rounds_with_warm_up, timed

_WARM_UP_TOKENS = 16


def measure_growth(models: Models, settings: Settings) -> tuple[list[Section], str]:
    """Time answers of several lengths to one prompt per round; also return the plot."""
    contenders: list[Contender] = [
        Ours(models, GUARDED, endless=True),
        Ours(models, UNGUARDED, endless=True),
        HuggingFace(models, endless=True),
    ]
    if models.plain_expert is not None:
        contenders.append(NoCache(models, endless=True))
    names = [contender.name for contender in contenders]
    prompts, found = Prompts(models.base, models.expert, seed=5), Measurements()
    for round_index in rounds_with_warm_up(settings.rounds):
        for contender in contenders:
            contender.renew()
        lengths = settings.growth_lengths if round_index >= 0 else (_WARM_UP_TOKENS,)
        for length in lengths:
            note(f"growth, round {round_index + 1} of {settings.rounds}: {length} tokens")
            prompt = prompts.of_length(settings.growth_prompt_length)
            for contender in rotated(contenders, round_index):
                if contender.name == NO_CACHE and round_index >= settings.slow_rounds:
                    continue
                run = timed(contender.prepare([prompt], length))
                found.add(str(length), contender.name, round_index, run)
    return [_section(names, found, settings)], _plot(names, found, settings)


def _section(names: Sequence[str], found: Measurements, settings: Settings) -> Section:
    lengths = settings.growth_lengths
    table = make_table(
        f"Seconds of an answer, batch 1, prompt of {settings.growth_prompt_length} tokens, medians",
        ["contender"],
        (*(f"{length} tokens" for length in lengths), "time per token", "next token"),
    )
    section = Section(tables=[table], data={"runs": found.as_json()})
    short, long = _compared(lengths)
    section.notes.append(
        f"Time per token: of an answer of {long} tokens ÷ of an answer of {short} tokens. Next "
        f"token: time of each of the last {long - lengths[-2]} tokens of the longest answer ÷ time "
        f"of each token from {lengths[0]} to {short}, so that fixed costs do not hide growth. 1 is "
        "linear; attention to a longer text makes any decoder slower."
    )
    for name in names:
        seconds = (median(found.seconds(str(length), name)) for length in lengths)
        per_token = (found.seconds_per_token(str(length), name) for length in (long, short))
        growth = show(ratio(*per_token))
        following = ratio(
            _between(found, name, lengths[-2], long), _between(found, name, lengths[0], short)
        )
        table.add_row(name, *(show(s, ".3f") for s in seconds), growth, show(following))
        if name == GUARDED:
            what = f"guarded, time per token at {long} ÷ at {short}"
            section.figures += [
                Figure(what, growth, "about 1"),
                Figure("guarded, the next token, late ÷ early", show(following), "about 1"),
            ]
    return section


def _between(found: Measurements, name: str, low: int, high: int) -> dict[int, float]:
    """Return the seconds of each token between two lengths, by round."""
    short, long = (found.seconds(str(length), name) for length in (low, high))
    return {r: (long[r] - short[r]) / (high - low) for r in short.keys() & long.keys()}


def _compared(lengths: Sequence[int]) -> tuple[int, int]:
    """Return the lengths between which linear growth is checked: 128 and 512 if available."""
    return (128 if 128 in lengths else lengths[-2]), lengths[-1]


def _plot(names: Sequence[str], found: Measurements, settings: Settings) -> str:
    lines = []
    for name in names:
        points = []
        for length in settings.growth_lengths:
            seconds = median(found.seconds(str(length), name))
            if seconds is not None:
                points.append((float(length), seconds))
        lines.append(Line(name, points))
    return line_plot(
        lines,
        heading="Cost of an answer by its length",
        x=Axis("tokens in the answer", is_log=True, ticks=settings.growth_lengths),
        y=Axis("seconds", is_log=True),
    )
