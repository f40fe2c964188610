"""What Inspect loads by the entry point group `inspect_ai`: the provider's name."""

from typing import Any

from inspect_ai.model import modelapi


@modelapi(name="ngsd")
def ngsd() -> Any:
    """Return the provider; imported here, so that other providers do not wait for it."""
    from inspect_ngsd._provider import NGSDAPI

    return NGSDAPI
