"""What an MCP message says: one text to judge, and where each piece of it comes from."""

import copy
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ngsd_guard.guard import Span

Path = tuple[str | int, ...]
MARK: Final = "[redacted]"
_DATA: Final = frozenset(
    {"structuredContent", "arguments", "inputSchema", "outputSchema", "requestedSchema", "input"}
)
"""Members of the protocol's objects that hold JSON of somebody else's making."""
_SCHEMAS: Final = frozenset({"inputSchema", "outputSchema", "requestedSchema"})
_UNREAD: Final = frozenset({"_meta", "icons"})
"""Members that hosts keep from the model."""
_LABELS: Final = frozenset(
    {"type", "mimeType", "role", "resultType", "cacheScope", "lastModified", "nextCursor",
     "audience", "requestState", "method", "mode", "stopReason", "taskId", "status",
     "toolUseId", "id"}
)  # fmt: skip
"""Members of the protocol's objects that say nothing as long as they are single words."""
_SCHEMA_LABELS: Final = frozenset({"type", "format", "required", "pattern", "default", "title"})
_NAMED_SCHEMAS: Final = frozenset({"properties", "$defs", "definitions", "patternProperties"})
_WORD: Final = re.compile(r"\S*")
_NAME: Final = re.compile(r"[_\-/.]+|(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class _Leaf:
    """A string of the message, and its place in the text."""

    path: Path
    start: int
    end: int


@dataclass(slots=True)
class Speech:
    """The text of a message.

    Args:
        value: the message's JSON.
        asked: a text that the client sent and that need not be judged when it comes back.
    """

    value: Any = field(repr=False)
    asked: str | None = field(default=None, repr=False)
    media: list[str] = field(default_factory=list)
    """Kinds of content in the message that are not text."""
    _pieces: list[str] = field(default_factory=list, repr=False)
    _leaves: list[_Leaf] = field(default_factory=list, repr=False)
    _places: dict[str, int] = field(default_factory=dict, repr=False)
    """Where each string starts in the text."""
    _length: int = 0

    def __post_init__(self) -> None:
        self._object(self.value, ())

    @property
    def text(self) -> str:
        """What is judged."""
        return "".join(self._pieces)

    def redacted(self, spans: Sequence[Span]) -> tuple[Any, bool]:
        """Return a copy of the message without spans of its text, and whether all of them went.

        They did not where a span covers a name or a number, which cannot be replaced.
        """
        changed, is_whole = copy.deepcopy(self.value), True
        covered = [False] * self._length
        for leaf in self._leaves:
            covered[leaf.start : leaf.end] = [True] * (leaf.end - leaf.start)
            inside = [
                (max(span.start, leaf.start), min(span.end, leaf.end))
                for span in spans
                if span.start < leaf.end and span.end > leaf.start
            ]
            if inside:
                _replace(changed, leaf.path, _cut(self.text, leaf, inside))
        for span in spans:
            rest = (self.text[i] for i in range(span.start, span.end) if not covered[i])
            is_whole = is_whole and not "".join(rest).strip()
        return changed, is_whole

    def _object(self, value: Any, path: Path) -> None:
        """Read a value of the protocol itself."""
        if isinstance(value, str):
            self._leaf(value, path)
        elif isinstance(value, list):
            for index, item in enumerate(value):
                self._object(item, (*path, index))
        elif isinstance(value, Mapping):
            medium = _medium(value)
            if medium is not None:
                self.media.append(medium)
            for key, item in value.items():
                is_asked = key == "uri" and item == self.asked
                is_content = medium is not None and key in ("data", "blob")
                if not (is_asked or is_content or _is_unread(key, item)):
                    self._member(key, item, (*path, key))

    def _member(self, key: str, item: Any, path: Path) -> None:
        if key == "name" and isinstance(item, str):
            self._say(_spaced(item))
        elif key in _SCHEMAS:
            self._schema(item, path, "")
        elif key in _DATA:
            self._data(item, path, "")
        else:
            self._object(item, path)

    def _data(self, value: Any, path: Path, name: str) -> None:
        """Read JSON of somebody else's making, with all its names and numbers."""
        if isinstance(value, Mapping):
            self._say(name)
            for key, item in value.items():
                self._data(item, (*path, key), str(key))
        elif isinstance(value, list) and value:
            for index, item in enumerate(value):
                self._data(item, (*path, index), name)
        elif isinstance(value, str):
            self._leaf(value, path, name)
        else:
            said = [name, "" if value in (None, []) else str(value)]
            self._say(": ".join(filter(None, said)))

    def _schema(self, value: Any, path: Path, name: str) -> None:
        """Read a JSON schema: its descriptions, and each string that is not a keyword."""
        if isinstance(value, str | list):
            self._data(value, path, name)
        if not isinstance(value, Mapping):
            return
        if name and not isinstance(value.get("description"), str):
            self._say(name)
        for key, item in value.items():
            if key == "description" and isinstance(item, str):
                self._leaf(item, (*path, key), name)
            elif not ((key.startswith("$") or key in _SCHEMA_LABELS) and _is_label(item)):
                for inner, place, schema in _subschemas(key, item):
                    self._schema(schema, (*path, key, *place), inner)

    def _leaf(self, text: str, path: Path, name: str = "") -> None:
        if not text.strip():
            self._say(name)
            return
        if text in self._places:  # servers repeat the text of a result in its structured content
            self._say("" if name == "result" else name)
        else:
            self._say(f"{name}: " if name else "", text)
            self._places[text] = self._length - len(text)
        start = self._places[text]
        self._leaves.append(_Leaf(path, start, start + len(text)))

    def _say(self, *pieces: str) -> None:
        """Add a line to the text."""
        if any(piece.strip() for piece in pieces):
            line = ["\n" if self._length else "", *pieces]
            self._pieces += line
            self._length += sum(map(len, line))


def _medium(value: Mapping[str, Any]) -> str | None:
    kind = value.get("type")
    if kind in ("image", "audio") and "data" in value:
        return str(kind)
    return "blob" if "blob" in value and "uri" in value else None


def _is_unread(key: str, item: Any) -> bool:
    return key in _UNREAD or (key in _LABELS and _is_label(item))


def _is_label(value: Any) -> bool:
    """Return whether a value is a single word, a number, or a list of these."""
    if isinstance(value, list):
        return all(not isinstance(item, list | Mapping) and _is_label(item) for item in value)
    return not isinstance(value, str | Mapping) or (
        isinstance(value, str) and _WORD.fullmatch(value) is not None
    )


def _subschemas(key: str, item: Any) -> list[tuple[str, Path, Any]]:
    """Return the schemas in a member of a schema, each with its name and its place there."""
    if isinstance(item, Mapping):
        if key in _NAMED_SCHEMAS:
            return [(_spaced(str(name)), (name,), each) for name, each in item.items()]
        return [("", (), item)]
    if isinstance(item, list) and any(isinstance(each, Mapping) for each in item):
        return [("", (index,), each) for index, each in enumerate(item)]
    return [(key, (), item)]


def _spaced(name: str) -> str:
    return _NAME.sub(" ", name)


def _cut(text: str, leaf: _Leaf, spans: Sequence[tuple[int, int]]) -> str:
    pieces, done = list[str](), leaf.start
    for start, end in spans:
        pieces += [text[done:start], MARK]
        done = end
    return "".join([*pieces, text[done : leaf.end]])


def _replace(value: Any, path: Path, text: str) -> None:
    for key in path[:-1]:
        value = value[key]
    value[path[-1]] = text
