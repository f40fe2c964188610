"""The API in front of which the guard stands."""

import asyncio
import json
import math
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

import httpx

from ngsd_guard._version import __version__
from ngsd_guard.messages import map_json_text
from ngsd_guard.server._errors import ApiError, unknown_model
from ngsd_guard.server._settings import UpstreamSettings

_MAX_ANSWER_BYTES: Final = 16 * 2**20
_MAX_ERROR_BYTES: Final = 64 * 2**10
_WITHHELD: Final = "[key]"
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_SANE_HEADER: Final = re.compile(r"[\x20-\x7e]{1,64}")


class UpstreamError(ApiError):
    """An error of the upstream, passed on with its status and body."""

    def __init__(self, status: int, body: dict[str, Any], headers: Mapping[str, str]) -> None:
        super().__init__(status, "the upstream failed", code="upstream_error", headers=headers)
        self._body = body

    def body(self) -> dict[str, Any]:
        """Return the upstream's body."""
        return self._body


class Upstream:
    """Connections to an OpenAI-compatible API.

    Args:
        settings: where it is.
        timeout_s: time that it may be silent, in seconds.
    """

    def __init__(
        self,
        settings: UpstreamSettings,
        timeout_s: float,
    ) -> None:
        self._settings = settings
        self._timeout = httpx.Timeout(timeout_s, connect=settings.connect_timeout_s)
        self._transport: httpx.AsyncBaseTransport | None = None
        self._client: httpx.AsyncClient | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def models(self) -> tuple[str, ...]:
        """Names under which models are served; empty if all names are passed on."""
        return tuple(self._settings.models)

    def model_for(self, name: str) -> str:
        """Return the upstream's name of a model.

        Raises:
            ApiError: the model is not served.
        """
        models = self._settings.models
        if not models:
            return name
        if name not in models:
            raise unknown_model(next(iter(models)))
        return models[name]

    @asynccontextmanager
    async def post(self, body: Mapping[str, Any]) -> AsyncIterator[httpx.Response]:
        """Send a chat completion request; the connection is closed at the end.

        Raises:
            ApiError: the upstream cannot be reached, fails, or is silent for too long.
        """
        try:
            # Not the client's bytes: what is sent is exactly what was read and judged.
            content = json.dumps(body, allow_nan=False).encode()
        except ValueError:
            raise ApiError(
                400, "the body has a number that JSON has not", code="invalid_json"
            ) from None
        async with self._sent("POST", "chat/completions", content) as response:
            yield response

    async def list_models(self) -> Any:
        """Return the upstream's list of models, as it is.

        Raises:
            ApiError: as for `post`.
        """
        async with self._sent("GET", "models", None) as response:
            return await self.read_json(response)

    async def read_json(self, response: httpx.Response) -> Any:
        """Return the body of an answer.

        Raises:
            ApiError: it is not JSON, or too large.
        """
        try:
            return parse_json((await _read(response, _MAX_ANSWER_BYTES)).decode())
        except (ValueError, RecursionError):
            raise malformed("is not JSON") from None

    def require_event_stream(self, response: httpx.Response) -> None:
        """Refuse an answer that is not a stream.

        Raises:
            ApiError: it is not.
        """
        if not response.headers.get("content-type", "").startswith("text/event-stream"):
            raise malformed("is not a stream of events")

    def use_transport(self, transport: httpx.AsyncBaseTransport) -> None:
        """Send requests another way than over the network."""
        self._transport, self._client = transport, None

    async def aclose(self) -> None:
        """Close all connections."""
        if self._client is not None:
            await self._client.aclose()

    @asynccontextmanager
    async def _sent(
        self, method: str, path: str, content: bytes | None
    ) -> AsyncIterator[httpx.Response]:
        url = f"{self._settings.url.rstrip('/')}/{path}"
        try:
            async with self._connected().stream(method, url, content=content) as response:
                if response.status_code != 200:
                    raise await self._error_of(response)
                yield response
        except httpx.TimeoutException:
            raise ApiError(
                504, "the upstream did not answer in time", code="upstream_timeout"
            ) from None
        except httpx.HTTPError as error:
            raise ApiError(
                502, f"the upstream failed ({type(error).__name__})", code="upstream_failed"
            ) from None

    def _connected(self) -> httpx.AsyncClient:
        """Return the client of the running event loop."""
        loop = asyncio.get_running_loop()
        if self._client is None or self._loop is not loop:
            self._loop = loop
            self._client = httpx.AsyncClient(
                headers=self._headers(),
                timeout=self._timeout,
                limits=httpx.Limits(max_connections=None),
                transport=self._transport,
            )
        return self._client

    def _headers(self) -> dict[str, str]:
        headers = {
            "Content-Type": "application/json",
            "Accept-Encoding": "identity",  # a compressed stream would arrive late
            "User-Agent": f"ngsd-guard/{__version__}",
        }
        if self._settings.key is not None:
            headers["Authorization"] = f"Bearer {self._settings.key.get_secret_value()}"
        return headers

    async def _error_of(self, response: httpx.Response) -> ApiError:
        """Return an answer without success as the error that the client gets."""
        status = response.status_code
        if status in (401, 407):  # about this server's key, of which the body may show a part
            return ApiError(
                502, "the upstream refused this server's key", code="upstream_refused_key"
            )
        if not 400 <= status < 600:
            return malformed(f"has the status {status}")
        retry_after = response.headers.get("retry-after", "")
        is_sane = _SANE_HEADER.fullmatch(retry_after)
        headers = {"Retry-After": retry_after} if is_sane else {}
        try:
            text = (await _read(response, _MAX_ERROR_BYTES)).decode()
            body = map_json_text(parse_json(text), self._without_key)
        except (ApiError, ValueError, RecursionError):
            body = None
        if isinstance(body, dict) and "error" in body:
            return UpstreamError(status, body, headers)
        return ApiError(
            status,
            f"the upstream answered with the status {status}",
            code="upstream_error",
            headers=headers,
        )

    def _without_key(self, text: str) -> str:
        key = self._settings.key
        return text if key is None else text.replace(key.get_secret_value(), _WITHHELD)


def malformed(what: str) -> ApiError:
    """Return the error for an answer of the upstream that cannot be used."""
    return ApiError(
        502, f"the upstream's answer {what}; nothing more of it is passed on",
        code="upstream_malformed",
    )  # fmt: skip


def parse_json(text: str) -> Any:
    """Return a JSON value that can be written again: only numbers of JSON, no lone surrogates.

    Raises:
        ValueError: it is not JSON.
        RecursionError: it is nested too deeply.
    """
    value = json.loads(text, parse_constant=_finite, parse_float=_finite)
    return map_json_text(value, lambda each: _SURROGATE.sub("\ufffd", each))


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("JSON has no such number")
    return number


async def _read(response: httpx.Response, max_bytes: int) -> bytes:
    read = bytearray()
    async for chunk in response.aiter_bytes():
        read += chunk
        if len(read) > max_bytes:
            raise malformed("is too large")
    return bytes(read)
