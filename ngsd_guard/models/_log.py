"""What loading has to report beside its result: to the logger `ngsd_guard.models`."""

import logging
from typing import Any

import structlog

# Wrapped with everything given: neither reads nor changes the user's structlog.
log: Any = structlog.wrap_logger(
    logging.getLogger("ngsd_guard.models"),
    processors=[structlog.processors.KeyValueRenderer(key_order=["event"])],
    wrapper_class=structlog.stdlib.BoundLogger,
)
