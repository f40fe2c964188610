"""Puts the page together."""

import base64
import hashlib
from importlib import resources
from typing import Final

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from ngsd_guard._version import __version__
from ngsd_guard.evaluation._report import Report
from ngsd_guard.evaluation._tables import notes_of, tables_of
from ngsd_guard.evaluation.page._bars import (
    area_rows,
    degenerate_rows,
    refusal_rows,
    unchanged_rows,
)
from ngsd_guard.evaluation.page._detail import details_of
from ngsd_guard.evaluation.page._headline import headline_of
from ngsd_guard.evaluation.page._plot import draw_plot, points_of, shared_rows
from ngsd_guard.render import visible_text

_STYLES: Final = ("report/style.css", "evaluation/style.css")
_TEMPLATE: Final = "evaluation/page.html"


def as_html(report: Report) -> str:
    """Return a report as one HTML page without scripts, links or external files.

    The content security policy allows only the page's own style, by its digest.
    """
    tested = _tested(report)
    style = "\n".join(_asset(name) for name in _STYLES)
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["visible"] = visible_text
    points = points_of(report)
    return environment.from_string(_asset(_TEMPLATE)).render(
        policy=_policy(style),
        style=Markup(style),
        report=report,
        version=__version__,
        tested=tested,
        headline=headline_of(report, tested),
        plot=draw_plot(points) if points else None,
        points=points,
        shared=shared_rows(report),
        refusals=refusal_rows(report, tested),
        unchanged=unchanged_rows(report, tested),
        areas=area_rows(report, tested),
        degenerate=degenerate_rows(report, tested),
        details=details_of(report, tested),
        tables=tables_of(report),
        notes=notes_of(report),
    )


def _tested(report: Report) -> str:
    names = {name for row in report.figures.rows for name in (*row.harmful, *row.harmless)}
    return "ours" if "ours" in names else "base"


def _policy(style: str) -> str:
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _asset(name: str) -> str:
    return (resources.files("ngsd_guard") / "assets" / name).read_text(encoding="utf-8")
