"""Tool calls, in the spellings of chat hosts."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ngsd_guard.errors import InvalidRequestError

_ARGUMENTS: Final = ("arguments", "args", "input", "parameters")
"""What the arguments of a call may be called."""
_INNER: Final = ("function", "custom")
"""Members in which OpenAI keeps name and arguments."""
_LABELS: Final = frozenset({"id", "call_id", "type", "index", "status"})
_NOTES: Final = frozenset({"error", "extras"})
_BLANK: Final[tuple[Any, ...]] = (None, "", {}, [])
UNPARSED: Final = "unparsed"
"""The argument under which a chat template shows the text of arguments that are not JSON."""


@dataclass(frozen=True, slots=True)
class CallParts:
    """What a tool call says."""

    name: Any
    arguments: Any
    """A JSON object, or as the caller gave it: a string that is not JSON, or another value."""
    id: str | None
    notes: Mapping[str, Any]
    """What is said beside: the error of an invalid call, members added by a provider."""
    is_ambiguous: bool
    """Whether a key of the arguments occurs twice, so that readers differ in what they see."""

    def as_json(self) -> dict[str, Any]:
        """Return name, arguments and notes as one JSON value."""
        return {"name": self.name, "arguments": self.arguments, **self.notes}


def read_call(call: Any, where: str) -> CallParts:
    """Return the parts of a tool call.

    Args:
        call: a mapping with a name, in any host's spelling.
        where: place of the call, for errors.

    Raises:
        InvalidRequestError: it is not a mapping, has unknown members, or its arguments twice.
    """
    if not isinstance(call, Mapping):
        raise InvalidRequestError(
            f"{where} is not a tool call; pass a mapping with 'name', 'arguments' and 'id'"
        )
    inner = next((name for name in _INNER if isinstance(call.get(name), Mapping)), None)
    described: Mapping[str, Any] = call if inner is None else call[inner]
    known = {"name", *_ARGUMENTS, *_LABELS, *_NOTES}
    unknown = set(described) - known
    if inner is not None:
        unknown |= {inner} & set(described) | (set(call) - {inner, *_LABELS, *_NOTES})
    if unknown:
        names = ", ".join(sorted(str(name)[:40] for name in unknown))
        raise InvalidRequestError(
            f"{where} has unsupported members {names}; pass 'name', 'arguments' and 'id'"
        )
    given = [described[key] for key in _ARGUMENTS if described.get(key) not in _BLANK]
    if len(given) > 1:
        raise InvalidRequestError(
            f"{where} has arguments under several of {', '.join(_ARGUMENTS)}; pass one of them"
        )
    arguments, is_ambiguous = _parsed(given[0]) if given else ({}, False)
    labels = {**described, **call}
    call_id = labels.get("call_id") if labels.get("call_id") is not None else labels.get("id")
    notes = {key: labels[key] for key in sorted(_NOTES) if labels.get(key) not in _BLANK}
    kept = None if call_id is None else str(call_id)
    return CallParts(described.get("name"), arguments, kept, notes, is_ambiguous)


def is_repeated(block: Mapping[str, Any], calls: Iterable[Any]) -> bool:
    """Return whether a content block only repeats one of a message's tool calls.

    The id must be the same, or the block has none; so must the name and the arguments, unless the
    block leaves them out.
    """
    given = [block.get(key) for key in (*_ARGUMENTS, "partial_json") if block.get(key)]
    own_id = block.get("call_id", block.get("id"))
    for number, call in enumerate(calls):
        parts = read_call(call, f"tool_calls[{number}]")
        if own_id is not None and own_id != parts.id:
            continue
        if own_id is None and block.get("name") is None:
            continue
        if block.get("name") in (None, "", parts.name) and all(
            _same(value, parts.arguments) for value in given
        ):
            return True
    return False


def _same(given: Any, arguments: Any) -> bool:
    if isinstance(arguments, Mapping) and set(arguments) == {UNPARSED} and isinstance(given, str):
        return bool(given == arguments[UNPARSED])
    parsed, is_ambiguous = _parsed(given)
    return not is_ambiguous and bool(parsed == arguments)


def _parsed(arguments: Any) -> tuple[Any, bool]:
    """Return arguments as JSON, and whether a key occurs twice.

    With duplicate keys, objects become lists of pairs, so that no value is lost.
    """
    if not isinstance(arguments, str):
        return arguments, False
    try:
        value, pairs = json.loads(arguments), json.loads(arguments, object_pairs_hook=_Pairs)
    except (ValueError, RecursionError):
        return arguments, False
    return (pairs, True) if _has_duplicates(pairs) else (value, False)


class _Pairs(list[Any]):
    """The members of a JSON object, in order."""


def _has_duplicates(value: Any) -> bool:
    if isinstance(value, _Pairs):
        keys = [key for key, _ in value]
        return len(set(keys)) < len(keys) or any(_has_duplicates(item) for _, item in value)
    return (
        isinstance(value, Sequence)
        and not isinstance(value, str)
        and any(map(_has_duplicates, value))
    )
