"""Writes the report of an evaluation to files."""

import json
from pathlib import Path

from ngsd_guard.errors import ConfigurationError
from ngsd_guard.evaluation._report import Report
from ngsd_guard.evaluation._tables import as_markdown
from ngsd_guard.evaluation.page import as_html


def save_report(report: Report, folder: Path) -> tuple[Path, ...]:
    """Write a report as JSON, Markdown and HTML; return the paths.

    Raises:
        ConfigurationError: a file cannot be written.
    """
    texts = {
        folder / "results.json": json.dumps(report.as_dict(), indent=1, allow_nan=False) + "\n",
        folder / "results.md": as_markdown(report),
        folder / "results.html": as_html(report),
    }
    for path, text in texts.items():
        try:
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise ConfigurationError(
                f"cannot write the results {path}: {error.strerror}; choose another --out"
            ) from error
    return tuple(texts)
