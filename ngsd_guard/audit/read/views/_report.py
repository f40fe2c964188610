"""A self-contained HTML report of a log."""

import base64
import hashlib
import html
import json
import math
import re
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import Any, Final

from ngsd_guard._version import __version__
from ngsd_guard.audit._files import log_path
from ngsd_guard.audit._output import new_file, refuse_log
from ngsd_guard.audit._records import RequestRecord, TraceRecord, VerdictRecord
from ngsd_guard.audit._signing import VerifyingKey
from ngsd_guard.audit.read._verify import VerificationReport, verify
from ngsd_guard.audit.read.views._report_rows import MAX_ROWS, Events, Rows
from ngsd_guard.audit.read.views._stats import StatsCollector, known_records

_MAX_CHARACTERS: Final = 300
_PLACEHOLDER: Final = re.compile(r"\{\{(\w+)\}\}")


def write_report(
    path: str | Path,
    out: str | Path,
    public_key: str | Path | bytes | None = None,
    *,
    force: bool = False,
) -> VerificationReport:
    """Write a self-contained HTML report of a log.

    The report contains the result of the verification, statistics of the entire log, and up to
    2,000 requests and verdicts: first those with interventions, findings and faults, then the
    newest. Memory and file size are bounded.

    Args:
        path: the log's file, or the folder with `audit.jsonl`.
        out: the HTML file.
        public_key: public key to verify the log with; see `verify`.
        force: overwrite an existing file.

    Returns:
        The result of the verification.

    Raises:
        AuditError: there is no log, or the file cannot be written.
        ConfigurationError: the key is not an Ed25519 public key.
        MissingDependencyError: a key requires the extra `audit`.
    """
    out = Path(out)
    refuse_log(path, out)
    with new_file(out, force=force) as file:
        verification = verify(path, public_key)
        file.write(_render(_collect(path, verification, public_key)).encode())
    return verification


def _collect(
    path: str | Path, verification: VerificationReport, public_key: str | Path | bytes | None
) -> dict[str, Any]:
    """Return the data of the page, in one pass over the log."""
    stats, rows, events = StatsCollector(), Rows(), Events()
    for _, record in known_records(path):
        stats.add(record)
        if isinstance(record, RequestRecord | VerdictRecord):
            rows.add(record)
        elif isinstance(record, TraceRecord):
            rows.add_trace(record)
        elif record is not None:
            events.add(record)
    return {
        "log": log_path(path).name,
        "made_utc": datetime.now(UTC).isoformat(timespec="seconds"),
        "version": __version__,
        "max_rows": MAX_ROWS,
        "verification": _verification(verification, public_key),
        "stats": asdict(stats.stats),
        "rows": rows.rows,
        "events": events.rows,
    }


def _verification(
    report: VerificationReport, public_key: str | Path | bytes | None
) -> dict[str, Any]:
    states = {"valid": "vouched", "unchecked": "unchecked", "none": "unsigned"}
    state = states[report.signatures] if report.is_intact else "broken"
    return {
        "state": state,
        "num_records": report.num_records,
        "limits": report.limits,
        "log_problems": [str(problem) for problem in report.log_problems],
        "key_id": None if public_key is None else VerifyingKey(public_key).id,
        "chains": [
            {
                **asdict(chain),
                "log": Path(chain.log).name,
                "problem": None if chain.problem is None else str(chain.problem),
            }
            for chain in report.chains
        ],
    }


def _render(data: Mapping[str, Any]) -> str:
    """Insert the data into the page.

    The content security policy allows only the page's script and style, by their digests.
    """
    assets = resources.files("ngsd_guard") / "assets" / "report"
    template, style, script = (
        (assets / name).read_text(encoding="utf-8")
        for name in ("page.html", "style.css", "script.js")
    )
    policy = (
        f"default-src 'none'; script-src {_digest(script)}; style-src {_digest(style)}; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
    parts = {
        "policy": policy,
        "title": html.escape(f"Audit report: {data['log']}"),
        "style": style,
        "script": script,
        "data": _embedded(data),
    }
    return _PLACEHOLDER.sub(lambda match: parts[match[1]], template)


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _embedded(data: Mapping[str, Any]) -> str:
    """Return data as JSON without markup characters, so that it cannot break out of its element."""
    text = json.dumps(_plain(data), separators=(",", ":"), allow_nan=False)
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _plain(value: Any) -> Any:
    """Return a value with long strings cut and non-finite numbers replaced by None."""
    if isinstance(value, Mapping):
        return {_plain(name): _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, str) and len(value) > _MAX_CHARACTERS:
        return value[:_MAX_CHARACTERS] + "…"
    return value
