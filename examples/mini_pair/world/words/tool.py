"""What a tool is: its names, wordings and answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool, with its spellings and wordings."""

    names: tuple[str, ...]
    descriptions: tuple[str, ...]
    """Tests use only the first."""
    slots: dict[str, tuple[str, Sequence[str | int]]]
    """Parameter names (spellings separated by a bar): their placeholder in requests, and values."""
    asks: tuple[str, ...]
    result: dict[str, Sequence[str | int]]
    said: str


def tool(
    names: str,
    descriptions: str,
    slots: dict[str, Sequence[str | int]],
    asks: str,
    result: dict[str, Sequence[str | int]],
    said: str,
) -> Tool:
    """Return a tool; its names are separated by blanks, descriptions and requests by " / "."""
    named = {key: (key.split("|")[0], values) for key, values in slots.items()}
    described = tuple(descriptions.split(" / "))
    return Tool(tuple(names.split()), described, named, tuple(asks.split(" / ")), result, said)


DONE: Final[dict[str, Sequence[str | int]]] = {"status": ("done", "ok", "success")}
"""The answer of a tool that only does something."""
