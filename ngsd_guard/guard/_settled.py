"""What was judged before, so that it need not be judged again, and what a stopped turn leaves."""

import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from ngsd_guard.guard._policy import Policy

WITHHELD: Final = "(This message was withheld.)"
"""What stands in a conversation in place of a message that was stopped."""
_CAPACITY: Final = 65_536


class JudgedTexts:
    """Remembers by digest what was judged in this process.

    It is kept outside the messages, so that nothing in a message can claim to have been judged.
    After a restart, or when more is remembered than there is room for, texts are judged again.
    Safe to share between threads.
    """

    def __init__(self, capacity: int = _CAPACITY) -> None:
        self._digests: OrderedDict[bytes, None] = OrderedDict()
        self._capacity = capacity
        self._lock = threading.Lock()

    def add(self, kind: str, value: Any) -> None:
        """Remember a JSON value; `kind` says what was judged of it."""
        self._add(_digest(kind, value))

    def holds(self, kind: str, value: Any) -> bool:
        """Return whether a value of this kind was judged."""
        return self._holds(_digest(kind, value))

    def approve(self, turns: Sequence[Mapping[str, Any]]) -> None:
        """Remember that a person approved a conversation."""
        for digest in _prefixes(turns):
            last = digest
        if turns:
            self._add(last)

    def unapproved(self, turns: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """Return the turns after the longest beginning of a conversation that was approved."""
        start = 0
        for index, digest in enumerate(_prefixes(turns)):
            if self._holds(digest):
                start = index + 1
        return list(turns[start:])

    def _add(self, digest: bytes) -> None:
        with self._lock:
            self._digests[digest] = None
            self._digests.move_to_end(digest)
            if len(self._digests) > self._capacity:
                self._digests.popitem(last=False)

    def _holds(self, digest: bytes) -> bool:
        with self._lock:
            return digest in self._digests


def unsettled(
    turns: Sequence[Mapping[str, Any]], policy: Policy, judged: JudgedTexts
) -> list[dict[str, Any]]:
    """Return the turns of a conversation that are still to be rated.

    Left out are the beginning that a person approved, placeholders of withheld messages, and
    answers that are exactly one of the policy's messages. A message that imitates one of these is
    that constant text and nothing else, so that leaving it out hides nothing.
    """
    stages = policy.stages
    own = {policy.message, policy.failure_message}
    own |= {stages.of(stage).message or "" for stage in ("input", "output", "tool_args")}
    constants = {"user": {WITHHELD}, "assistant": own}
    return [
        dict(turn)
        for turn in judged.unapproved(turns)
        if _only_text(turn) not in constants.get(str(turn.get("role")), ())
    ]


def _only_text(turn: Mapping[str, Any]) -> str | None:
    """Return the text of a turn that has nothing else to judge; None for any other turn."""
    has_more = any(turn.get(key) for key in turn if key not in ("role", "content"))
    content = turn.get("content")
    return content if isinstance(content, str) and not has_more else None


def _prefixes(turns: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """Yield a digest of each beginning of a conversation; system prompts do not count."""
    digest = b""
    for turn in turns:
        if turn.get("role") != "system":
            digest = _digest("approved", [digest.hex(), turn])
        yield digest


def _digest(kind: str, value: Any) -> bytes:
    written = json.dumps([kind, value], sort_keys=True, default=repr)
    return hashlib.sha256(written.encode(errors="surrogatepass")).digest()
