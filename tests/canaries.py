"""Words in the tests' prompts and answers that must not appear anywhere else."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

CANARIES: Final = ("Kanarienvogel", "Gelbe Federn", "Tell me about foxes", "Name three colours",
                   "two cups of tea for Tom", "zebra-secret")  # fmt: skip
_INPUTS: Final = frozenset({".txt", ".yaml", ".yml", ".py", ".safetensors"})
"""Types of input files that tests write themselves."""


def canaries_in(data: bytes) -> list[str]:
    """Return the canaries in some bytes, escaped for JSON or not."""
    return [word for word in CANARIES if word.encode() in data]


def leaks_in(folder: Path) -> Iterator[str]:
    """Yield every file in a folder that contains canaries, with the canaries."""
    for file in sorted(folder.rglob("*")):
        if file.is_file() and not file.is_symlink() and file.suffix not in _INPUTS:
            found = canaries_in(file.read_bytes())
            if found:
                yield f"{file}: {', '.join(found)}"
