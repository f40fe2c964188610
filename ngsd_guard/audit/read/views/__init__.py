"""Views of a log for people: last records, statistics, single events, and the report."""

from ngsd_guard.audit.read.views._describe import describe, printable

__all__ = ["describe", "printable"]
