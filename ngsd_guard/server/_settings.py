"""Options of the server."""

from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import ConfigDict, Field, SecretStr, model_validator

from ngsd_guard.config import Options

KeyHash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class UpstreamSettings(Options):
    """The API in front of which the guard stands.

    Raises:
        ConfigurationError: an option is unknown or out of range.
    """

    model_config = ConfigDict(hide_input_in_errors=True)

    url: str
    """Base URL of an OpenAI-compatible API, such as `https://api.openai.com/v1`."""
    key: SecretStr | None = Field(default=None, repr=False)
    """API key that the upstream is sent; None for one that needs none."""
    models: dict[str, str] = Field(default_factory=dict)
    """The upstream's model for each name that clients may use; empty passes all names on."""
    connect_timeout_s: float = Field(default=10.0, gt=0)
    """Time limit for a connection, in seconds; the rest is limited by the server's `timeout_s`."""

    @model_validator(mode="after")  # its errors show no values, which may hold a key
    def _check(self) -> Self:
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("url: pass one that starts with http:// or https://")
        if parts.username is not None or parts.query or parts.fragment:
            raise ValueError("url: pass one without user, query and fragment; use `key` for a key")
        key = None if self.key is None else self.key.get_secret_value()
        if key is not None and not (key and key.isascii() and key.isprintable()):
            raise ValueError("key: it is blank, or has characters that no key has")
        return self


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
    upstream: UpstreamSettings | None = None
    """The API that `/v1/guarded` passes requests on to; None for none."""
