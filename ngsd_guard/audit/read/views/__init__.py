"""What people look at in a log: its last records, its statistics, the story of one request."""

from ngsd_guard.audit.read.views._describe import describe, printable

__all__ = ["describe", "printable"]
