"""Inspect integration of ngsd-guard: the model provider `ngsd`, as in `ngsd/smollm2`."""

import typing

if typing.TYPE_CHECKING:
    from inspect_ngsd._provider import NGSDAPI

__all__ = ["NGSDAPI"]


def __getattr__(name: str) -> typing.Any:
    # Imported lazily; it needs inspect-ai, an extra.
    if name == "NGSDAPI":
        from inspect_ngsd import _provider

        return _provider.NGSDAPI
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
