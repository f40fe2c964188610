import pytest

from _served import client_of, keyword_app
from ngsd_guard.errors import (
    ConfigurationError,
    ContextOverflowError,
    DecodingError,
    DecodingTimeoutError,
    EngineBusyError,
)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ConfigurationError("n=0; give 1 or more"), 400),
        (ContextOverflowError(9, 8, what="the prompt"), 400),
        (EngineBusyError(1, 2), 429),
        (DecodingTimeoutError(1.0), 504),
        (DecodingError("weights"), 503),
    ],
)
async def test_errors_have_openais_shape(error: Exception, status: int) -> None:
    app = keyword_app()

    @app.get("/failing")
    async def fail() -> None:
        raise error

    async with client_of(app) as client:
        answer = await client.get("/failing")
    assert answer.status_code == status
    assert answer.json()["error"].keys() == {"message", "type", "param", "code"}
    assert ("retry-after" in answer.headers) == (status in (429, 503))
    assert "zebra" not in answer.text


async def test_quoted_values_stay_out_of_errors() -> None:
    app = keyword_app()

    @app.get("/failing")
    async def fail() -> None:
        raise ConfigurationError(f"unknown role {'zebra-secret'!r} or {repr('zebra' * 9)[:8]}")

    async with client_of(app) as client:
        answer = await client.get("/failing")
    assert answer.json()["error"]["message"] == "unknown role '…' or '…'"
