"""The command line, one file per command."""

from ngsd_guard.cli._app import app

__all__ = ["app"]
