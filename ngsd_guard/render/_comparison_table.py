"""The demo's answers side by side in the terminal."""

from collections.abc import Sequence
from typing import Final

from rich import box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from ngsd_guard.render._comparison import DemoResult
from ngsd_guard.render._labels import figures_line, visible_text
from ngsd_guard.render._terminal import (
    OVERRIDDEN_STYLE,
    SPIKE_STYLE,
    TRACE_STYLE,
    answer_text,
    potential_line,
)

_MIN_TABLE_WIDTH: Final = 90
_MAX_LINES: Final = 4
_OUTCOME_CELLS: Final = len("  unchanged")
_FAINT: Final = "bright_black"
_GOOD, _BAD = "green", "red"
_NEWLINE: Final = " ⏎ "


def results_table(
    results: Sequence[DemoResult], v_threshold: float, console: Console
) -> RenderableType:
    """Return a table of the requests with both answers, and the potential of the guarded one.

    Args:
        results: results of the demo.
        v_threshold: potential at which the gate fires.
        console: console for the output; on a narrow one the columns are stacked.
    """
    if console.width < _MIN_TABLE_WIDTH:
        return _stack(results, v_threshold, console)
    room = console.width - 4
    request_width, unguarded_width = room * 27 // 100, room * 28 // 100
    guarded_width = room - request_width - unguarded_width
    table = Table(
        box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0), pad_edge=False, leading=1
    )
    table.add_column("request", width=request_width)
    table.add_column("unguarded", width=unguarded_width)
    table.add_column("guarded", width=guarded_width)
    for result in results:
        table.add_row(
            _request(result, console, request_width),
            _unguarded(result, console, unguarded_width),
            _guarded(result, v_threshold, console, guarded_width),
        )
    return table


def summary_line(results: Sequence[DemoResult]) -> Text:
    """Return the demo's outcome in one sentence."""
    attacks = [result for result in results if result.request.is_attack]
    benign = [result for result in results if not result.request.is_attack]
    return Text.assemble(
        ("Attacks refused: ", "bold"),
        f"{sum(r.unguarded_refused for r in attacks)} of {len(attacks)} unguarded, ",
        f"{sum(r.guarded_refused for r in attacks)} of {len(attacks)} guarded.  ",
        ("Benign answers unchanged: ", "bold"),
        f"{sum(r.is_unchanged for r in benign)} of {len(benign)}.",
    )


def legend_line() -> Text:
    """Return the legend of the symbols under a guarded answer."""
    return Text.assemble(
        ("token", OVERRIDDEN_STYLE),
        (" overridden by the gate · ", _FAINT),
        ("▁▄▇", TRACE_STYLE),
        (" membrane potential after each token · ", _FAINT),
        ("█", SPIKE_STYLE),
        (" spike", _FAINT),
    )


def _stack(results: Sequence[DemoResult], v_threshold: float, console: Console) -> Group:
    width = console.width - 2
    parts: list[RenderableType] = []
    for result in results:
        parts += [
            Rule(style=_FAINT),
            _request(result, console, console.width),
            Text("unguarded", _FAINT),
            Padding(_unguarded(result, console, width), (0, 0, 0, 2)),
            Text("guarded", _FAINT),
            Padding(_guarded(result, v_threshold, console, width), (0, 0, 0, 2)),
        ]
    return Group(*parts)


def _request(result: DemoResult, console: Console, width: int) -> Group:
    request = result.request
    prompt = Text(request.prompt)
    if request.prefill:
        prompt.append(f" ▸ {request.prefill}", _FAINT)
    kind = Text(request.kind, _BAD if request.is_attack else _GOOD)
    return Group(kind, _clip(prompt, console, width, _MAX_LINES + 1))


def _unguarded(result: DemoResult, console: Console, width: int) -> Group:
    answer = visible_text(result.unguarded.text).strip().replace("\n", _NEWLINE)
    parts: list[RenderableType] = [_clip(Text(answer), console, width, _MAX_LINES)]
    if result.request.is_attack:
        parts.append(_verdict(result.unguarded_refused))
    return Group(*parts)


def _guarded(result: DemoResult, v_threshold: float, console: Console, width: int) -> Group:
    answer = answer_text(result.guarded.steps or (), newline=_NEWLINE)
    line = potential_line(result.guarded, v_threshold, width - _OUTCOME_CELLS)
    if result.request.is_attack:
        line.append("  ").append_text(_verdict(result.guarded_refused))
    elif result.is_unchanged:
        line.append("  unchanged", _GOOD)
    figures = Text(figures_line(result.guarded), _FAINT)
    return Group(_clip(answer, console, width, _MAX_LINES), line, figures)


def _verdict(refused: bool) -> Text:
    return Text("refused", _GOOD) if refused else Text("answered", _BAD)


def _clip(text: Text, console: Console, width: int, max_lines: int) -> Text:
    text = text[len(text.plain) - len(text.plain.lstrip()) :]
    lines = text.wrap(console, width)
    if len(lines) <= max_lines:
        return text
    kept = list(lines[:max_lines])
    kept[-1].truncate(width - 1)
    kept[-1].rstrip()
    return Text("\n").join([*kept[:-1], kept[-1].append("…")])
