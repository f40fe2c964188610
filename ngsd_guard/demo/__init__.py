"""A handful of requests, answered with and without the guard, side by side."""

from ngsd_guard.demo._requests import REQUESTS, DemoRequest
from ngsd_guard.demo._run import DemoResult, run_demo, save_picture
from ngsd_guard.demo._table import legend_line, results_table, summary_line

__all__ = [
    "REQUESTS",
    "DemoRequest",
    "DemoResult",
    "legend_line",
    "results_table",
    "run_demo",
    "save_picture",
    "summary_line",
]
