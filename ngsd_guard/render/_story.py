"""A request or verdict of a log, explained in the terminal."""

from collections.abc import Iterator
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ngsd_guard.audit import AnyRecord, RequestRecord, Story, VerdictRecord
from ngsd_guard.render._labels import visible_label
from ngsd_guard.render._plot import potential_plot
from ngsd_guard.types import RiskScores

_GOOD: Final = "green"
_BAD: Final = "bold red"
_WARNED: Final = "bold #e07b39"
_FAINT: Final = "bright_black"
_MAX_INDICES: Final = 12
_HASH_CHARACTERS: Final = 16


def print_story(story: Story, console: Console) -> None:
    """Print all records about one request or verdict, with a plot of the potential."""
    record = story.record
    console.print(_headline(story), soft_wrap=True)
    console.print()
    if story.trace is not None and story.trace.potentials:
        console.print(
            potential_plot(
                story.trace.potentials,
                story.trace.v_threshold,
                spike_indices=story.trace.spike_indices,
                override_indices=story.trace.override_indices,
                width=console.width,
            )
        )
        console.print()
    table = Table.grid(padding=(0, 2))
    table.add_column(style=_FAINT, no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in (*_own_lines(record), *_common_lines(story)):
        table.add_row(name, Text(visible_label(value)) if isinstance(value, str) else value)
    console.print(table)


def _own_lines(record: RequestRecord | VerdictRecord) -> Iterator[tuple[str, str | Text]]:
    if isinstance(record, RequestRecord):
        yield from _request_lines(record)
    else:
        yield from _verdict_lines(record)


def _headline(story: Story) -> Text:
    record = story.record
    if isinstance(record, RequestRecord):
        line = Text(f"request {visible_label(record.event_id)}  ", "bold")
        if record.status == "failed" or record.evaluation == "error":
            line.append(f"failed ({visible_label(record.error_type or 'unknown')})", _BAD)
        elif record.evaluation == "skipped":
            line.append(f"{record.status}, the gate was off")
        elif record.spike_indices:
            times = _times(len(record.spike_indices))
            line.append(f"{record.status}, the gate intervened {times}", _WARNED)
        else:
            line.append(f"{record.status}, no intervention", _GOOD)
    else:
        line = Text(f"verdict {visible_label(record.event_id)}  ", "bold")
        if record.evaluation in ("error", "timeout"):
            line.append(f"not judged: {record.evaluation}", _BAD)
        else:
            line.append(*(("flagged", _WARNED) if record.flagged else ("clean", _GOOD)))
        line.append(f"  {record.stage}: {record.action}", "bold")
        if not record.enforced:
            line.append("  not enforced", _FAINT)
    for override in story.overrides:
        line.append(f"  overridden: {override.decision}", _WARNED)
    return line


def _request_lines(record: RequestRecord) -> Iterator[tuple[str, str]]:
    if record.reflection is not None:
        yield "risk", _risk(record.reflection)
    if record.initial_potential is not None:
        yield (
            "potential",
            (
                f"from {record.initial_potential:.2f} to at most {record.peak_potential:.2f}; "
                f"the gate fires at {record.v_threshold:g}"
            ),
        )
    yield "spikes", _indices(record.spike_indices)
    yield "overridden", _indices(record.override_indices)
    if record.error_type is not None:
        yield "error", f"{record.error_type}: {record.error_message or ''}"
    yield "answer", _answer(record)
    if record.timing is not None:
        timing = record.timing
        yield (
            "time",
            (
                f"{_ms(timing.total_s)}: reflection {_ms(timing.reflection_s)}, prefill "
                f"{_ms(timing.prefill_s)}, first token after {_ms(timing.time_to_first_token_s)}"
            ),
        )


def _verdict_lines(record: VerdictRecord) -> Iterator[tuple[str, str | Text]]:
    if record.source_id is not None:
        yield "source", record.source_id
    if record.risk is not None:
        limit = "" if record.risk_threshold is None else f"; flagged from {record.risk_threshold:g}"
        yield "risk", f"{record.risk:.1f} of 10{limit}"
    if record.injection is not None:
        yield "injection", f"{record.injection:.1f} of 10"
    if record.peak_potential is not None:
        fires_at = record.potential_threshold
        yield (
            "potential",
            (
                f"at most {record.peak_potential:.2f}"
                + ("" if fires_at is None else f"; flagged from {fires_at:g}")
            ),
        )
    if record.spike_indices:
        yield "spikes", _indices(record.spike_indices)
    for category in record.categories:
        line = Text(f"{category.score:.1f} of 10, flagged from {category.threshold:g}")
        if category.flagged:
            line.append(" · shadow" if category.shadow else " · flagged", _WARNED)
        yield visible_label(category.name, max_cells=24), line
    if record.exemptions:
        yield "allowed", f"{len(record.exemptions)} matches of allow rules were removed"
    if record.error_type is not None:
        yield "error", record.error_type
    yield "time", _ms(record.latency_s)


def _common_lines(story: Story) -> Iterator[tuple[str, str | Text]]:
    record = story.record
    if isinstance(record, RequestRecord) and story.trace is None:
        yield "trace", "not recorded; AuditLog(..., trace_rate=1.0) records all traces"
    yield "written", f"{_clock(record.time_utc)} by process {record.process_id}"
    for name in ("session_id", "trace_id", "actor_hmac", "prompt_hmac", "output_hmac",
                 "content_ref"):  # fmt: skip
        value = getattr(record, name)
        if value is not None:
            yield name, value
    yield "pair", f"{record.base} with {record.expert}, ngsd-guard {record.package_version}"
    yield "options", f"{record.preset}  {record.config_digest}"
    for change in story.in_force:
        yield (
            f"  {change.subject}",
            (
                f"{change.name}  {change.digest[:_HASH_CHARACTERS]}  since record "
                f"{change.sequence}, {_clock(change.time_utc)}"
            ),
        )
    for override in story.overrides:
        reason = f" ({override.reason_code})" if override.reason_code else ""
        yield (
            "override",
            f"{override.decision} by {override.reviewer}{reason}, {_clock(override.time_utc)}",
        )
    yield from _chain_lines(story)


def _chain_lines(story: Story) -> Iterator[tuple[str, str | Text]]:
    record = story.record
    if record.hash is None:
        yield "chain", f"none: a record of version {record.schema_version}, in {story.file}"
        return
    yield "chain", f"{record.chain_id}, in {story.file}"
    if story.before is not None:
        yield "  before", _link(story.before)
    line = Text(_link(record))
    if story.is_sound:
        line.append("  hash valid", _GOOD)
    else:
        line.append("  HASH DOES NOT MATCH; run: ngsd-guard audit verify", _BAD)
    yield "  this", line
    if story.after is not None:
        yield "  after", _link(story.after)


def _link(record: AnyRecord) -> str:
    digest = (record.hash or "")[:_HASH_CHARACTERS]
    return f"record {record.sequence}  {record.kind:10}  {digest}"


def _risk(scores: RiskScores) -> str:
    names = ("severity", "actionability", "evasion", "targeting")
    values = [(name, getattr(scores, name)) for name in names]
    rubric = ", ".join(f"{name} {value:.1f}" for name, value in values if value is not None)
    return f"{scores.risk:.1f} of 10{': ' + rubric if rubric else ''}; alpha {scores.alpha:.2f}"


def _answer(record: RequestRecord) -> str:
    parts = [f"{record.num_tokens_released} tokens"]
    if record.finish_reason is not None:
        parts.append(f"ended by {record.finish_reason}")
    if record.max_new_tokens is not None:
        parts.append(f"at most {record.max_new_tokens}")
    for name in ("temperature", "top_k", "top_p", "seed"):
        value = getattr(record, name)
        if value is not None:
            parts.append(f"{name} {value:g}" if isinstance(value, float) else f"{name} {value}")
    return ", ".join(parts)


def _indices(indices: tuple[int, ...]) -> str:
    if not indices:
        return "none"
    shown = ", ".join(map(str, indices[:_MAX_INDICES]))
    more = f" and {len(indices) - _MAX_INDICES} more" if len(indices) > _MAX_INDICES else ""
    return f"at token {shown}{more}"


def _clock(time_utc: str | None) -> str:
    return f"{time_utc[:19].replace('T', ' ')} UTC" if time_utc else "at an unknown time"


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"


def _ms(duration_s: float) -> str:
    return f"{1000 * duration_s:.1f} ms" if duration_s < 1 else f"{duration_s:.2f} s"
