"""Whether the server takes new requests."""

from dataclasses import dataclass


@dataclass(slots=True)
class Lifecycle:
    """Whether the server takes new requests; the server's main thread changes it."""

    is_draining: bool = False
    """Whether the server was asked to stop."""
