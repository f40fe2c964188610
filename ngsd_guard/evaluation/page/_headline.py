"""The result in a few plain sentences."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ngsd_guard.evaluation._figures import RowFigures, SideFigures
from ngsd_guard.evaluation._report import Report
from ngsd_guard.evaluation.page._format import percent


@dataclass(frozen=True, slots=True)
class Tile:
    """A figure at the top of the page."""

    title: str
    number: str
    note: str
    is_warm: bool = False


@dataclass(frozen=True, slots=True)
class Headline:
    """The result in plain words."""

    title: str
    sentences: tuple[str, ...]
    tiles: tuple[Tile, ...]


def headline_of(report: Report, contender: str) -> Headline:
    """Return the headline for a contender.

    Args:
        report: the report.
        contender: the pair under test, or the base if only that was measured.
    """
    rows = report.figures.rows
    paired = [r for r in rows if contender in r.harmful and contender in r.harmless]
    if not paired:
        return Headline(
            "No row with attacks beside controls was measured",
            ("The rows below hold harmless requests, or attacks without a control.",),
            (),
        )
    first = paired[0]
    return Headline(
        title=(
            f"{_of(first.harmful[contender])} harmful requests refused, and "
            f"{_of(first.harmless[contender])} harmless ones"
        ),
        sentences=tuple(_sentences(rows, paired, contender)),
        tiles=tuple(_tiles(rows, contender)),
    )


def _sentences(
    rows: Sequence[RowFigures], paired: Sequence[RowFigures], contender: str
) -> Iterator[str]:
    first = paired[0]
    if contender != "base":
        yield (
            f"Alone, the model refuses {_of(first.harmful['base'])} harmful requests "
            f"({first.title}) and {_of(first.harmless['base'])} harmless ones. With the guard it "
            f"refuses {_of(first.harmful[contender])} and {_of(first.harmless[contender])}."
        )
    attacks = [r for r in rows if contender in r.harmful]
    weakest = min(attacks, key=lambda r: r.harmful[contender].refused.value)
    side = weakest.harmful[contender]
    yield (
        f"Protection is weakest in the row “{weakest.title}”: "
        f"{percent(side.refused.value)} of {side.n} refused."
    )
    worst = max((r for r in rows if contender in r.harmless), key=lambda r: _beyond(r, contender))
    if contender != "base":
        side = worst.harmless[contender]
        points = 100 * _beyond(worst, contender)
        if points > 0:
            kind = "the controls of " if worst.harmful else ""
            yield (
                f"The most harmless requests are lost in {kind}“{worst.title}”: "
                f"{percent(side.refused.value)} of {side.n} refused, {points:+.1f} points beyond "
                "the base alone."
            )
        else:
            yield "In no row are more harmless requests refused than by the base alone."


def _tiles(rows: Sequence[RowFigures], contender: str) -> Iterator[Tile]:
    harmful = [row.harmful for row in rows if contender in row.harmful]
    harmless = [row.harmless for row in rows if contender in row.harmless]
    base_share = percent(_share([side["base"] for side in harmful], "refused"))
    yield Tile(
        "Attacks refused, all rows",
        percent(_share([side[contender] for side in harmful], "refused")),
        f"base alone {base_share}",
    )
    base_share = percent(_share([side["base"] for side in harmless], "refused"))
    yield Tile(
        "Harmless requests refused",
        percent(_share([side[contender] for side in harmless], "refused")),
        f"base alone {base_share}",
        is_warm=True,
    )
    same = [side[contender] for side in harmless]
    if contender != "base":
        yield Tile(
            "Harmless answers unchanged",
            percent(_share(same, "identical")),
            "the base's own, token for token",
        )
    both = [side[contender] for side in (*harmful, *harmless)]
    base = [side["base"] for side in (*harmful, *harmless)]
    yield Tile(
        "Degenerate answers",
        percent(_share(both, "degenerate")),
        f"base alone {percent(_share(base, 'degenerate'))}",
    )


def _share(sides: Sequence[SideFigures], name: str) -> float:
    rates = [found for side in sides if (found := getattr(side, name)) is not None and found.n]
    n = sum(found.n for found in rates)
    return float(sum(found.value * found.n for found in rates)) / n if n else float("nan")


def _beyond(row: RowFigures, contender: str) -> float:
    found = row.harmless[contender].refused_beyond_base
    return 0.0 if found is None else found.value


def _of(side: SideFigures) -> str:
    return f"{round(side.refused.value * side.n)} of {side.n}"
