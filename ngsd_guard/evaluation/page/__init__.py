"""The report of an evaluation as one self-contained HTML page."""

from ngsd_guard.evaluation.page._render import as_html

__all__ = ["as_html"]
