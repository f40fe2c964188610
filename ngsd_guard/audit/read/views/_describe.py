"""One-line descriptions of records."""

from collections.abc import Mapping
from typing import Any, Final

_ID_WIDTH: Final = 12


def describe(fields: Mapping[str, Any]) -> str:
    """Return a record in one line, without its time and chain."""
    kind = str(fields.get("kind", "?"))
    try:
        details = _DETAILS.get(kind, lambda _: [])(fields)
    except (AttributeError, TypeError, ValueError):  # a value no writer produces
        details = ["not as a writer wrote it"]
    words = [f"{kind:<10}", str(fields.get("event_id", ""))[:_ID_WIDTH], *details]
    return printable("  ".join(word for word in words if word).rstrip())


def printable(text: str) -> str:
    """Return a text with its non-printable characters replaced, safe for a terminal."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)


def _request(fields: Mapping[str, Any]) -> list[str]:
    reflection, timing = fields.get("reflection") or {}, fields.get("timing") or {}
    spikes, overrides = fields.get("spike_indices", ()), fields.get("override_indices", ())
    return [
        str(fields.get("status")),
        _if(fields.get("error_type"), "{}"),
        _if(fields.get("finish_reason"), "finish {}"),
        "gate off" if fields.get("evaluation") == "skipped" else "",
        _if(reflection.get("risk"), "risk {:.1f}"),
        _peak(fields.get("peak_potential"), fields.get("v_threshold")),
        f"{len(spikes)} spikes, {len(overrides)} overrides" if spikes else "",
        f"{fields.get('num_tokens_released', 0)} tokens",
        _if(timing.get("total_s"), "{:.2f} s"),
    ]


def _verdict(fields: Mapping[str, Any]) -> list[str]:
    flagged = [
        str(category.get("name"))
        for category in fields.get("categories", ())
        if category.get("flagged")
    ]
    return [
        str(fields.get("stage")),
        str(fields.get("action")),
        "" if fields.get("enforced", True) else "not enforced",
        "" if fields.get("evaluation") == "evaluated" else str(fields.get("evaluation")),
        _if(fields.get("error_type"), "{}"),
        _if(fields.get("risk"), "risk {:.1f}"),
        _peak(fields.get("peak_potential"), fields.get("potential_threshold")),
        ", ".join(flagged),
        _if(fields.get("latency_s"), "{:.2f} s"),
    ]


def _change(fields: Mapping[str, Any]) -> list[str]:
    before = fields.get("previous_digest")
    digest = str(fields.get("digest"))[:_ID_WIDTH]
    return [
        f"{fields.get('subject')} {fields.get('name')}",
        f"{digest}, before {before[:_ID_WIDTH]}" if before else digest,
    ]


def _override(fields: Mapping[str, Any]) -> list[str]:
    return [
        str(fields.get("decision")),
        f"by {fields.get('reviewer')}",
        _if(fields.get("reason_code"), "reason {}"),
    ]


def _gap(fields: Mapping[str, Any]) -> list[str]:
    return [
        str(fields.get("reason")),
        _if(fields.get("num_records"), "{} records"),
        _if(fields.get("num_bytes"), "{} bytes"),
    ]


def _start(fields: Mapping[str, Any]) -> list[str]:
    return [
        f"ngsd-guard {fields.get('package_version')}",
        f"process {fields.get('process_id')} on {fields.get('host')}",
        _if(fields.get("previous_end"), "previous writer {}"),
    ]


def _checkpoint(fields: Mapping[str, Any]) -> list[str]:
    return [str(fields.get("cause")), "signed" if fields.get("signature") else "not signed"]


_DETAILS: Final = {
    "request": _request,
    "verdict": _verdict,
    "trace": lambda fields: [f"{len(fields.get('currents', ()))} tokens"],
    "start": _start,
    "stop": lambda fields: [f"process {fields.get('process_id')}"],
    "change": _change,
    "error": lambda fields: [f"{fields.get('source')} {fields.get('error_type')}"],
    "override": _override,
    "gap": _gap,
    "checkpoint": _checkpoint,
}


def _if(value: Any, form: str) -> str:
    return "" if value is None else form.format(value)


def _peak(potential: float | None, threshold: float | None) -> str:
    if potential is None:
        return ""
    return f"peak {potential:.2f}" + ("" if threshold is None else f" of {threshold:.2f}")
