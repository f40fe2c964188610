"""Translation of pydantic's validation errors into `ConfigurationError`."""

from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from ngsd_guard.errors import ConfigurationError


@contextmanager
def explaining_validation_errors(model: type[BaseModel]) -> Iterator[None]:
    """Raise pydantic's validation errors for `model` as a `ConfigurationError`."""
    try:
        yield
    except ValidationError as error:
        raise ConfigurationError(_explain(model.__name__, error)) from error


def _explain(model: str, error: ValidationError) -> str:
    return f"{model}: " + "; ".join(_explain_one(model, detail) for detail in error.errors())


def _explain_one(model: str, detail: ErrorDetails) -> str:
    where = ".".join(str(part) for part in detail["loc"])
    if detail["type"] == "extra_forbidden":
        return f"unknown option {where!r}; see help({model}) for the available options"
    message = detail["msg"].removeprefix("Value error, ")
    return f"{where}={detail['input']!r}: {message}" if where else message
