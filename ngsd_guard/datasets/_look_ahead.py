"""Partial answer previews in the prompts of a fine-tuning set."""

import hashlib
import json
import os
import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from ngsd_guard.errors import ConfigurationError

PreviewForm = Literal["real", "virtual"]
PHRASE: Final = "Let's solve this problem."
"""The paper's virtual preview."""
_PREVIEW: Final = "{request}\n\nThe answer begins: {preview} ..."
_PIECE: Final = re.compile(r"\s*(?:\w+|[^\w\s])")


@dataclass(frozen=True, slots=True, kw_only=True)
class LookAhead:
    """How previews are written into chat rows.

    Fine-tuning, also on harmless data, moves the first tokens of all answers, and with them the
    refusals. Where the prompt already shows how the answer begins, those tokens have little left to
    teach. Prompts at run time stay as they are.

    Source: LookAhead Tuning (arXiv 2503.19041), real and virtual answer; the words between request
    and preview are ours.

    Raises:
        ConfigurationError: an option is out of its range.
    """

    form: PreviewForm = "real"
    """`real`: the first tokens of the row's own answer; `virtual`: one phrase for all rows, which
    is also put before each answer."""
    num_tokens: int = 6
    """Tokens of a real preview, 1 or more; an answer's last token is not shown."""
    phrase: str = PHRASE
    """The virtual preview."""
    share: float = 1.0
    """Share of the rows that get a preview, 0 to 1; which, follows from the row's content."""
    seed: int = 0
    """Of that choice."""

    def __post_init__(self) -> None:
        if self.form not in ("real", "virtual"):
            raise ConfigurationError(f"form={self.form!r} is unknown; take real or virtual")
        if self.num_tokens < 1:
            raise ConfigurationError(f"num_tokens={self.num_tokens} shows nothing; give 1 or more")
        if not 0 <= self.share <= 1:
            raise ConfigurationError(f"share={self.share} is outside 0..1; give 1 for all rows")
        if not self.phrase.strip():
            raise ConfigurationError("phrase is blank; give the words that answers start with")


@dataclass(frozen=True, slots=True)
class Prepared:
    """What was done to a set, in rows."""

    num_rows: int
    num_previews: int
    num_too_short: int
    """Chosen rows that were left as they are, as their answer has a single token."""


def pieces(text: str) -> list[str]:
    """Return a text cut into words and punctuation marks; joined they give the text again."""
    found = _PIECE.findall(text)
    rest = text[sum(map(len, found)) :]
    return [*found[:-1], found[-1] + rest] if found else []


def add_previews(
    data: str | Path,
    out: str | Path,
    options: LookAhead,
    *,
    cut: Callable[[str], Sequence[str]] = pieces,
    force: bool = False,
) -> Prepared:
    """Write previews into a set of chat rows.

    Each row is a JSON object with `messages`, of which the last is the assistant's answer; the
    preview goes into the last user message. Other fields are kept. All rows are checked before
    anything is written, and the file appears complete or not at all.

    Args:
        data: JSONL, UTF-8.
        out: file to write, JSONL; another one than `data`.
        options: form and length of the previews.
        cut: cuts an answer into tokens, which joined give the answer again; by default words and
            punctuation marks.
        force: overwrite `out` if it exists.

    Raises:
        ConfigurationError: a file cannot be read or written, `out` exists, or a row is wrong; the
            message names its line and quotes no text.
    """
    data, out = Path(data).expanduser(), Path(out).expanduser()
    _check_target(data, out, force=force)
    lines, num_rows, num_previews, num_too_short = [], 0, 0, 0
    for number, line in enumerate(_text_of(data).split("\n"), 1):
        if not line.strip():
            continue
        row, user_index = _checked(f"{data}:{number}", line)
        num_rows += 1
        if _is_chosen(row["messages"], options):
            is_changed = _preview(row["messages"], user_index, options, cut)
            num_previews += is_changed
            num_too_short += not is_changed
        lines.append(json.dumps(row, ensure_ascii=False) + "\n")
    if not lines:
        raise ConfigurationError(f"{data} has no rows; give at least one")
    _write(out, "".join(lines))
    return Prepared(num_rows, num_previews, num_too_short)


def chat_requests(data: str | Path) -> list[str]:
    """Return the last user message of each chat row.

    Raises:
        ConfigurationError: the file cannot be read, or a row is wrong.
    """
    data = Path(data).expanduser()
    found = []
    for number, line in enumerate(_text_of(data).split("\n"), 1):
        if line.strip():
            row, user_index = _checked(f"{data}:{number}", line)
            found.append(row["messages"][user_index]["content"])
    return found


def _preview(
    messages: list[dict[str, Any]],
    user_index: int,
    options: LookAhead,
    cut: Callable[[str], Sequence[str]],
) -> bool:
    """Write a preview into a conversation; return whether there was one to write."""
    answer, asked = messages[-1], messages[user_index]
    preview = options.phrase.strip()
    if options.form == "real":
        tokens = cut(answer["content"])
        if "".join(tokens) != answer["content"]:
            raise ConfigurationError(
                "the tokenizer does not give an answer back as it was; leave out --base"
            )
        preview = "".join(tokens[: min(options.num_tokens, len(tokens) - 1)]).strip()
        if not preview:
            return False
    else:
        answer["content"] = f"{preview} {answer['content']}"
    asked["content"] = _PREVIEW.format(request=asked["content"], preview=preview)
    return True


def _is_chosen(messages: Sequence[Mapping[str, Any]], options: LookAhead) -> bool:
    text = json.dumps([options.seed, messages], sort_keys=True)
    place = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") / 2**64
    return place < options.share


def _checked(where: str, line: str) -> tuple[dict[str, Any], int]:
    """Return a chat row, and the index of its last user message."""
    try:
        row: Any = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ConfigurationError(f"{where}: not JSON; expected one object a line") from error
    messages = row.get("messages") if isinstance(row, dict) else None
    if not isinstance(messages, list) or not messages:
        raise ConfigurationError(f"{where}: expected an object with a list of `messages`")
    for index, message in enumerate(messages):
        if not isinstance(message, dict) or not isinstance(message.get("role"), str):
            raise ConfigurationError(f"{where}: messages[{index}] has no role")
    answer = messages[-1]
    if answer["role"] != "assistant" or not _is_text(answer):
        raise ConfigurationError(
            f"{where}: the last message is not an answer by the assistant in plain text; remove "
            "the row, or add the answer"
        )
    users = [index for index, message in enumerate(messages) if message["role"] == "user"]
    if not users or not _is_text(messages[users[-1]]):
        raise ConfigurationError(f"{where}: no user message in plain text before the answer")
    return row, users[-1]


def _is_text(message: Mapping[str, Any]) -> bool:
    content = message.get("content")
    return isinstance(content, str) and bool(content.strip())


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise ConfigurationError(f"cannot read {path}: {reason}; give a JSONL file") from error


def _check_target(data: Path, out: Path, *, force: bool) -> None:
    if not out.parent.is_dir():
        raise ConfigurationError(f"folder {out.parent} does not exist; create it first")
    if out.exists() and data.exists() and out.samefile(data):
        raise ConfigurationError(f"{out} is the file to read; write to another one")
    if out.exists() and not force:
        raise ConfigurationError(f"{out} exists; give another file, or --force to overwrite it")


def _write(path: Path, text: str) -> None:
    """Write a file in one piece, so that an interruption leaves the old one."""
    try:
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
            os.replace(name, path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise ConfigurationError(f"cannot write {path}: {error.strerror}") from error
