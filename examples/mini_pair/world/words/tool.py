"""What a tool is: its names, wordings and answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool, with its spellings and wordings."""

    names: tuple[str, ...]
    descriptions: tuple[str, ...]
    """Only the first is for tests: there it is always the same."""
    slots: dict[str, tuple[str, Sequence[str | int]]]
    """Parameter names (spellings parted by a bar): what stands for it in the asks, and values."""
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
    """Return a tool; its names are parted by blanks, descriptions and asks by " / "."""
    named = {key: (key.split("|")[0], values) for key, values in slots.items()}
    described = tuple(descriptions.split(" / "))
    return Tool(tuple(names.split()), described, named, tuple(asks.split(" / ")), result, said)


DONE: Final[dict[str, Sequence[str | int]]] = {"status": ("done", "ok", "success")}
"""The answer of a tool that only does something."""
