"""Errors as OpenAI's error object; a message contains no text of a request."""

import re
from collections.abc import Mapping
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from ngsd_guard.errors import (
    ConfigurationError,
    ContextOverflowError,
    DecodingTimeoutError,
    EngineBusyError,
    GuardBlockedError,
    MissingDependencyError,
    NGSDError,
)

RETRY_AFTER_S: Final = 1
_QUOTED: Final = re.compile(r"""(?<![A-Za-z]{2})(['"])(?:\\.|(?!\1).)*(?:\1|$)""", re.DOTALL)


class ApiError(Exception):
    """An error that an endpoint answers with.

    Args:
        status: HTTP status.
        message: what is wrong and what to do; without text of the request.
        code: short code for programs.
        param: name of the field concerned.
        kind: the error object's `type`; None for the usual one of the status.
        headers: further headers of the answer.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        kind: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code
        self.param = param
        self.kind = kind or _kind_of(status)
        self.headers = dict(headers or {})

    def body(self) -> dict[str, Any]:
        """Return the JSON body of the answer."""
        error = {
            "message": self.message,
            "type": self.kind,
            "param": self.param,
            "code": self.code,
        }
        return {"error": error}

    def response(self) -> JSONResponse:
        """Return the answer."""
        return JSONResponse(self.body(), self.status, self.headers)


def unknown_model(served: str) -> ApiError:
    """Return the error for a model that is not served."""
    return ApiError(
        404,
        f"this model is not served here; use {served!r}",
        code="model_not_found",
        param="model",
        kind="invalid_request_error",
    )


def too_many_requests() -> ApiError:
    """Return the error for a request that finds the queue full."""
    return ApiError(
        429,
        "the server is busy and its queue is full; try again later",
        code="queue_full",
        kind="rate_limit_error",
        headers={"Retry-After": str(RETRY_AFTER_S)},
    )


def as_api_error(error: Exception) -> ApiError:
    """Return the error to answer with; also for errors inside a stream that has begun."""
    match error:
        case ApiError():
            return error
        case EngineBusyError():
            return too_many_requests()
        case DecodingTimeoutError():
            return ApiError(504, "the request exceeded its time limit", code="timeout")
        case ContextOverflowError():
            return ApiError(
                400, _public(error), code="context_length_exceeded", kind="invalid_request_error"
            )
        case GuardBlockedError():
            return ApiError(400, "the guard blocked this request", code="content_filter")
        case ConfigurationError():
            return ApiError(400, _public(error), code="invalid_request")
        case MissingDependencyError():
            return ApiError(501, _public(error), code="missing_dependency")
        case NGSDError():
            return ApiError(
                503,
                f"the guard failed ({type(error).__name__}), so nothing was let through",
                code="guard_failed",
                headers={"Retry-After": str(RETRY_AFTER_S)},
            )
        case _:
            return ApiError(500, f"internal error ({type(error).__name__})", code="internal_error")


def add_handlers(app: FastAPI) -> None:
    """Answer every error of the application with an OpenAI-shaped error object."""

    async def answer(_request: Request, error: Exception) -> JSONResponse:
        return as_api_error(error).response()

    async def refuse(_request: Request, error: Exception) -> JSONResponse:
        return _invalid(app, error).response()

    async def http(_request: Request, error: Exception) -> JSONResponse:
        return _http_error(error).response()

    app.add_exception_handler(ApiError, answer)
    app.add_exception_handler(NGSDError, answer)
    app.add_exception_handler(RequestValidationError, refuse)
    app.add_exception_handler(HTTPException, http)


def _kind_of(status: int) -> str:
    if status == 401:
        return "authentication_error"
    if status == 429:
        return "rate_limit_error"
    return "invalid_request_error" if status < 500 else "server_error"


def _public(error: Exception) -> str:
    """Return an error's message without the values in quotes, which may come from the request."""
    return _QUOTED.sub("'…'", " ".join(str(error).split()))


def _invalid(app: FastAPI, error: Exception) -> ApiError:
    """Return the error for a body that does not have the endpoint's form.

    Pydantic's messages and unknown keys may contain text of the request, so only the kind of the
    first fault and the place of known fields are reported.
    """
    details = error.errors() if isinstance(error, RequestValidationError) else ()
    first: Mapping[str, Any] = details[0] if details else {"type": "invalid", "loc": ()}
    if first["type"] == "json_invalid":
        return ApiError(400, "the body is not valid JSON", code="invalid_json")
    known = _field_names(app)
    places = [part for part in first["loc"] if isinstance(part, int) or part in known]
    where = ".".join(map(str, places))
    fault = str(first["type"]).replace("_", " ")
    return ApiError(
        400,
        f"{where or 'the request'} is not valid: {fault}; see /openapi.json",
        code="invalid_request",
        param=where or None,
    )


def _field_names(app: FastAPI) -> frozenset[str]:
    """Return the names of all fields in the application's schemas."""
    schemas = app.openapi().get("components", {}).get("schemas", {})
    return frozenset(name for schema in schemas.values() for name in schema.get("properties", ()))


def _http_error(error: Exception) -> ApiError:
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers = dict(getattr(error, "headers", None) or {})
    match status:
        case 404:
            return ApiError(404, "there is no such endpoint", code="not_found", headers=headers)
        case 405:
            return ApiError(
                405, "the endpoint has another method", code="method_not_allowed", headers=headers
            )
        case _:
            return ApiError(status, "the request is not valid", headers=headers)
