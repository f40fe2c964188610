"""A verdict for the terminal: the findings, their positions, and both models' likely tokens."""

from collections.abc import Iterator, Sequence
from typing import Final

from rich.console import Console
from rich.text import Text

from ngsd_guard.guard import TokenChance, TokenTrace, Verdict
from ngsd_guard.render._labels import visible_label, visible_text
from ngsd_guard.render._terminal import SPIKE_STYLE, TRACE_STYLE, potential_line
from ngsd_guard.types import DecodeStep, Generation, Timing, Usage

_GOOD: Final = "bold green"
_BAD: Final = "bold red"
_UNKNOWN: Final = "bold yellow"
_FAINT: Final = "bright_black"
_SPAN_STYLE: Final = "reverse"
_MAX_CATEGORIES: Final = 6
_MAX_PARTINGS: Final = 5
_BAR_CELLS: Final = 20


def exit_status(verdict: Verdict) -> int:
    """Return the exit status: 0 clean, 1 flagged and enforced, 3 not judged."""
    if verdict.evaluation != "evaluated":
        return 3
    return int(verdict.flagged and verdict.enforced)


def print_verdict(
    verdict: Verdict, text: str, opening: str, v_threshold: float, console: Console
) -> None:
    """Print a verdict.

    Args:
        verdict: a verdict made with `explain=True`.
        text: the judged text.
        opening: the policy's probe, which is scanned at the stage `input`.
        v_threshold: potential at which the gate fires.
        console: console for the output.
    """
    console.print(_headline(verdict))
    console.print(Text(_figures(verdict, v_threshold), _FAINT))
    for line in _category_lines(verdict):
        console.print(line)
    if text.strip() and verdict.evaluation == "evaluated":
        console.print()
        console.print(_highlighted(verdict, text), soft_wrap=True)
    if verdict.trace:
        console.print()
        console.print(potential_line(_as_generation(verdict), v_threshold, console.width))
        for line in _parting_lines(verdict, text if verdict.stage == "output" else opening):
            console.print(line, soft_wrap=True)
    if verdict.record_id:
        console.print(Text(f"record {verdict.record_id}", _FAINT))


def _headline(verdict: Verdict) -> Text:
    if verdict.evaluation != "evaluated":
        reason = f" ({verdict.error_type})" if verdict.error_type else ""
        line = Text(f"{verdict.evaluation}{reason}", _UNKNOWN)
    elif verdict.flagged:
        line = Text("flagged", _BAD)
    else:
        line = Text("clean", _GOOD)
    line.append(f"  {verdict.stage}: {verdict.action}", "bold")
    if not verdict.enforced:
        line.append("  shadow mode, not enforced", _FAINT)
    return line


def _figures(verdict: Verdict, v_threshold: float) -> str:
    named = [("risk", verdict.risk), ("injection", verdict.injection)]
    parts = [f"{name} {value:.1f} of 10" for name, value in named if value is not None]
    if verdict.peak_potential is not None:
        parts.append(f"potential {verdict.peak_potential:.2f}, fires at {v_threshold:g}")
    return " · ".join([*parts, f"{1000 * verdict.latency_s:.0f} ms"])


def _category_lines(verdict: Verdict) -> Iterator[Text]:
    ranked = sorted(verdict.categories, key=lambda category: -category.score)
    for category in ranked[:_MAX_CATEGORIES]:
        bar = "▪" * round(category.score * _BAR_CELLS / 10)
        note = "  shadow" if category.shadow else ""
        style = _BAD if category.flagged and not category.shadow else TRACE_STYLE
        yield Text.assemble(
            f"{category.name:<16}{category.score:4.1f} ", (f"{bar:<{_BAR_CELLS}}", style),
            (f" from {category.threshold:g}{note}", _FAINT),
        )  # fmt: skip


def _highlighted(verdict: Verdict, text: str) -> Text:
    """Return the text with its spans in reverse video and tokens with a spike in colour."""
    # Every character is replaced by exactly one, so that positions do not change.
    shown = Text("".join(visible_text(character)[:1] or "\ufffd" for character in text))
    for span in verdict.spans:
        shown.stylize(_SPAN_STYLE, span.start, span.end)
    if verdict.stage == "output":
        for token in verdict.trace:
            if token.spiked:
                shown.stylize(SPIKE_STYLE, token.text_start, token.text_end)
    return shown


def _parting_lines(verdict: Verdict, text: str) -> Iterator[Text]:
    """Yield the tokens at which base and expert differ most, with their likely tokens."""
    parted = sorted(verdict.trace, key=lambda token: -token.current)[:_MAX_PARTINGS]
    for token in sorted(parted, key=lambda token: token.index):
        before = visible_label(text[max(0, token.text_start - 12) : token.text_start])
        word = visible_label(text[token.text_start : token.text_end])
        yield Text.assemble(
            (f"{token.current:.2f} ", SPIKE_STYLE if token.spiked else TRACE_STYLE),
            (f"…{before}", _FAINT), (word or "∎", "bold"),
            ("  base ", _FAINT), _chances(token.base_tokens),
            ("  expert ", _FAINT), _chances(token.expert_tokens),
        )  # fmt: skip


def _chances(tokens: Sequence[TokenChance]) -> str:
    return " ".join(
        f"{visible_label(token.text)!r} {token.probability:.0%}" for token in tokens[:2]
    )


def _as_generation(verdict: Verdict) -> Generation:
    """Return the trace as a generation, for `potential_line`."""
    return Generation(
        id="",
        text="",
        token_ids=(),
        finish_reason="stop",
        guarded=True,
        seed=None,
        risk=verdict.risk,
        alpha=None,
        reflection=None,
        initial_potential=None,
        num_spikes=sum(token.spiked for token in verdict.trace),
        num_overrides=0,
        peak_potential=verdict.peak_potential or 0.0,
        usage=Usage(0, 0),
        timing=Timing(0.0, 0.0, 0.0, verdict.latency_s),
        steps=tuple(map(_as_step, verdict.trace)),
    )


def _as_step(token: TokenTrace) -> DecodeStep:
    return DecodeStep(
        index=token.index,
        token_id=0,
        text="",
        current=token.current,
        charged_potential=token.charged_potential,
        membrane_potential=token.membrane_potential,
        spiked=token.spiked,
        overridden=False,
        base_token_id=0,
        expert_token_id=None,
    )
