"""Options of the server."""

from typing import Annotated

from pydantic import Field

from ngsd_guard.config import Options

KeyHash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class ServerSettings(Options):
    """Options of the server.

    Raises:
        ConfigurationError: an option is unknown or out of range.
    """

    host: str = Field(default="127.0.0.1", min_length=1)
    """Address to listen on."""
    port: int = Field(default=8000, ge=0, le=65535)
    """Port to listen on; 0 chooses a free one."""
    playground: bool = False
    """Whether `/` is a page on which anyone with access compares unguarded and guarded answers."""
    model_name: str | None = Field(default=None, min_length=1)
    """Id of the pair in requests and answers; None for the base's name."""
    api_key_hashes: tuple[KeyHash, ...] = Field(default=(), repr=False)
    """SHA-256 of each accepted API key, hexadecimal; empty accepts requests without a key."""
    allowed_hosts: tuple[str, ...] = ()
    """Accepted names in the `Host` header, without a port; empty accepts any."""
    max_body_bytes: int = Field(default=2**20, ge=1)
    """Maximum size of a request body, in bytes."""
    timeout_s: float = Field(default=120.0, gt=0)
    """Time limit of a request from its last byte to the end of the answer, in seconds."""
    body_timeout_s: float = Field(default=20.0, gt=0)
    """Time limit for receiving a request body, in seconds."""
    max_concurrency: int = Field(default=64, ge=1)
    """Maximum number of requests at work; the health endpoints do not count."""
    max_queue: int = Field(default=64, ge=0)
    """Maximum number of requests that wait for their turn; further ones get status 429."""
    drain_s: float = Field(default=1.0, ge=0)
    """Time after SIGTERM during which new requests are still accepted while `/readyz` says no, in
    seconds."""
