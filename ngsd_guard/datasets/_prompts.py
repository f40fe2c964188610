"""Rows of a prompt set, as public safety data has them."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ngsd_guard.errors import ConfigurationError

_LONGEST_PROMPT: Final = 200_000  # characters; more is a mistake, not a prompt


class Prompt(BaseModel):
    """One row of a prompt set; fields that are not named here are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    prompt: str = Field(min_length=1, max_length=_LONGEST_PROMPT)
    """What the user says."""
    id: str = ""
    """What reports call it; the file and line where it has none."""
    system: str | None = None
    """What the system message says; None for no system message."""
    target: str | None = None
    """Opening of a compliant answer, or a gold answer."""
    response: str | None = None
    """An answer that goes with the prompt."""
    goal: str | None = None
    """The plain request that an attack carries."""
    injection: str | None = None
    """The instruction planted in a document; None in a clean one."""
    category: str | None = None
    label: str | None = None
    """`safe` or `unsafe`, where a set holds both."""
    subset: str | None = None

    @property
    def plain(self) -> str:
        """What is asked for without its wrapping: what overlaps are counted by."""
        return self.goal or self.prompt


def read_prompts(path: str | Path) -> list[Prompt]:
    """Read a prompt set, one JSON object a line.

    Args:
        path: a JSONL file, UTF-8; each row has a `prompt`, and may have the other fields of
            `Prompt`.

    Raises:
        ConfigurationError: the file cannot be read or is empty, or a row is wrong; the message
            names file, line, field and what was expected, and quotes no prompt.
    """
    path = Path(path).expanduser()
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise ConfigurationError(
            f"cannot read the prompt set {path}: {reason}; give a JSONL file"
        ) from error
    prompts = [_checked(path, number, line) for number, line in _lines(text)]
    if not prompts:
        raise ConfigurationError(f"the prompt set {path} has no rows; give at least one")
    return prompts


def _lines(text: str) -> Iterator[tuple[int, str]]:
    # Not splitlines: JSON strings may hold U+2028 and its like.
    return ((n, line) for n, line in enumerate(text.split("\n"), 1) if line.strip())


def _checked(path: Path, number: int, line: str) -> Prompt:
    where = f"{path}:{number}"
    try:
        fields: Any = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ConfigurationError(f"{where}: not JSON; expected one object a line") from error
    if not isinstance(fields, Mapping):
        raise ConfigurationError(
            f"{where}: a JSON {type(fields).__name__}; expected an object with a `prompt`"
        )
    try:
        prompt = Prompt(**{str(key): value for key, value in fields.items()})
    except ValidationError as error:
        detail = error.errors(include_input=False)[0]
        field = ".".join(map(str, detail["loc"]))
        raise ConfigurationError(f"{where}: field {field!r}: {detail['msg']}") from error
    if not prompt.prompt.strip():
        raise ConfigurationError(f"{where}: field 'prompt' is blank; expected text")
    return prompt if prompt.id else prompt.model_copy(update={"id": f"{path.stem}:{number}"})
