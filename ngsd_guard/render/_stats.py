"""Statistics of a log for the terminal."""

from collections.abc import Iterator, Mapping
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ngsd_guard.audit import LogStats
from ngsd_guard.render._labels import visible_label
from ngsd_guard.render._terminal import SPIKE_STYLE, TRACE_STYLE

_FAINT: Final = "bright_black"
_RISING: Final = "▁▂▃▄▅▆▇█"
_MAX_CATEGORIES: Final = 12
_NAME_CELLS: Final = 32


def print_stats(stats: LogStats, console: Console) -> None:
    """Print the statistics of a log."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style=_FAINT, no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in _lines(stats, console.width - 20):
        table.add_row(name, Text(visible_label(value)) if isinstance(value, str) else value)
    console.print(table)


def _lines(stats: LogStats, width: int) -> Iterator[tuple[str, str | Text]]:
    chains = "1 chain" if stats.num_chains == 1 else f"{stats.num_chains} chains"
    yield "records", f"{sum(stats.by_kind.values()):,} in {chains}"
    if stats.num_unreadable:
        yield "unreadable", f"{stats.num_unreadable:,} lines are not records"
    yield "from", stats.first_time_utc or "unknown"
    yield "to", stats.last_time_utc or "unknown"
    if stats.requests.num_requests:
        yield from _request_lines(stats, width)
    if stats.verdicts.num_verdicts:
        yield from _verdict_lines(stats, width)
    for name, counts in (("errors", stats.by_error), ("gaps", stats.by_gap),
                         ("human overrides", stats.by_override)):  # fmt: skip
        if counts:
            yield name, _counts(counts)
    if stats.num_records_lost:
        yield "records lost", f"{stats.num_records_lost:,}"
    for name, latency in stats.latency.items():
        if latency.p50_s is not None and latency.p95_s is not None and latency.max_s is not None:
            yield (
                name,
                (f"p50 {_ms(latency.p50_s)}, p95 {_ms(latency.p95_s)}, max {_ms(latency.max_s)}"),
            )


def _request_lines(stats: LogStats, width: int) -> Iterator[tuple[str, str | Text]]:
    requests = stats.requests
    yield "requests", f"{requests.num_requests:,}: {_counts(requests.by_status)}"
    yield "evaluation", _counts(requests.by_evaluation)
    if requests.by_finish_reason:
        yield "ended by", _counts(requests.by_finish_reason)
    if requests.by_error_type:
        yield "failed by", _counts(requests.by_error_type)
    yield "intervened in", _share(requests.num_intervened, requests.num_requests, "requests")
    yield "overridden", _share(requests.num_tokens_overridden, requests.num_tokens_released,
                               "tokens")  # fmt: skip
    counts = [bucket.num_requests for bucket in stats.timeline]
    marked = [bucket.num_intervened for bucket in stats.timeline]
    yield "over time", _bars(counts, marked, width)
    if stats.request_risk.num_values:
        yield "risk 0 to 10", _bars(stats.request_risk.counts, stats.request_risk.num_marked, width)


def _verdict_lines(stats: LogStats, width: int) -> Iterator[tuple[str, str | Text]]:
    verdicts = stats.verdicts
    yield "verdicts", f"{verdicts.num_verdicts:,}: {_counts(verdicts.by_evaluation)}"
    yield "flagged", _share(verdicts.num_flagged, verdicts.num_verdicts, "verdicts")
    yield "actions", _counts(verdicts.by_action)
    if verdicts.num_shadow:
        yield (
            "in shadow mode",
            (f"{verdicts.num_shadow:,}, of which {verdicts.num_not_enforced:,} were not enforced"),
        )
    counts = [bucket.num_verdicts for bucket in stats.timeline]
    marked = [bucket.num_flagged for bucket in stats.timeline]
    yield "over time", _bars(counts, marked, width)
    for stage in verdicts.stages:
        yield f"  {stage.stage}", f"{stage.num_verdicts:,}: {_counts(stage.by_action)}"
    found = [c for c in verdicts.categories if c.num_flagged or c.num_shadow]
    for category in found[:_MAX_CATEGORIES]:
        shadow = f", {category.num_shadow:,} in shadow" if category.num_shadow else ""
        yield (
            f"  {visible_label(category.name, max_cells=_NAME_CELLS)}",
            (f"{category.num_flagged:,} flagged of {category.num_scored:,}{shadow}"),
        )


def _bars(counts: tuple[int, ...] | list[int], marked: tuple[int, ...] | list[int],
          width: int) -> Text:  # fmt: skip
    """Draw counts as one line of blocks; blocks with marked values are highlighted."""
    step = -(-len(counts) // max(1, width)) if counts else 1
    sums = [sum(counts[i : i + step]) for i in range(0, len(counts), step)]
    marks = [sum(marked[i : i + step]) for i in range(0, len(marked), step)]
    highest, line = max(sums, default=0), Text(no_wrap=True)
    for count, mark in zip(sums, marks, strict=True):
        block = _RISING[min(7, 8 * count // (highest + 1))] if count else " "
        line.append(block, SPIKE_STYLE if mark else TRACE_STYLE)
    return line


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{number:,} {name}" for name, number in counts.items()) or "none"


def _share(number: int, total: int, noun: str) -> str:
    share = f" ({number / total:.2%})" if total else ""
    return f"{number:,} of {total:,} {noun}{share}"


def _ms(duration_s: float) -> str:
    return f"{1000 * duration_s:.1f} ms" if duration_s < 1 else f"{duration_s:.2f} s"
