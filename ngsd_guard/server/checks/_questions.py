"""Questions about a text, answered by the base's distribution over the integers 0 to 10."""

import asyncio
import threading
from collections.abc import Sequence
from typing import Final

from ngsd_guard.prefill import judge
from ngsd_guard.risk import CategoryScorer, normalised
from ngsd_guard.server._errors import ApiError
from ngsd_guard.server._state import ServerState

MAX_READINGS: Final = 64
"""Maximum number of statements that one request may have scored."""
_AT_ONCE: Final = 8

Distribution = tuple[float, ...]


class QuestionReader:
    """Scores statements about a text, from 0 to 10.

    Args:
        state: what the endpoints share.
    """

    def __init__(self, state: ServerState) -> None:
        self._base = state.engine.base
        self._scorer = CategoryScorer(self._base)

    def num_tokens(self, text: str) -> int:
        """Return the length of a text in the base's tokens."""
        return len(self._base.encode(self._base.neutralise(text)))

    async def read(self, text: str, statements: Sequence[str]) -> list[Distribution | None]:
        """Return the distribution over 0 to 10 for each statement; None if it is unreadable.

        Cancelling the caller ends the reading after the statements at work.

        Raises:
            ApiError: there are too many statements.
            NGSDError: the models failed, or a statement is too long.
        """
        if len(statements) > MAX_READINGS:
            raise ApiError(
                400,
                f"the questions need {len(statements)} readings, one per predicate, score and "
                f"choice; ask for at most {MAX_READINGS} in one request",
                code="too_many_questions",
                param="questions",
            )
        stop = threading.Event()
        try:
            return await asyncio.to_thread(self._read, text, statements, stop)
        finally:
            stop.set()

    def _read(
        self, text: str, statements: Sequence[str], stop: threading.Event
    ) -> list[Distribution | None]:
        asked = [self._base.neutralise(statement) for statement in statements]
        found: list[Distribution | None] = []
        for start in range(0, len(asked), _AT_ONCE):
            if stop.is_set():
                break
            found += judge(self._scorer.distributions(text, asked[start : start + _AT_ONCE]))
        return [None if each is None else normalised(each) for each in found]
