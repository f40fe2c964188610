"""Cutting what is too long, by one rule: the middle of the longest turn goes."""

from collections.abc import Callable, Sequence
from typing import Final

from ngsd_guard.errors import ContextOverflowError
from ngsd_guard.types import Message

_MARK: Final = " ... "


def cut_to_fit(
    messages: Sequence[Message], count: Callable[[Sequence[Message]], int], limit: int
) -> tuple[list[Message], bool]:
    """Return a conversation that fits, and whether it had to be cut.

    As many characters as necessary are taken from the middle of the longest turn; its beginning
    and its end stay, since a wrapping stands at the one or the other.

    Args:
        messages: the conversation.
        count: returns the length of a conversation's prompt, in tokens.
        limit: most tokens a prompt may have.

    Raises:
        ContextOverflowError: the other turns alone are too long.
    """
    turns = list(messages)
    length = count(turns)
    if length <= limit:
        return turns, False
    longest = max(range(len(turns)), key=lambda index: len(turns[index]["content"]))
    text = turns[longest]["content"]

    def keeping(num_chars: int) -> list[Message]:
        start = text[: (num_chars + 1) // 2]
        end = text[len(text) - num_chars // 2 :]
        cut: Message = {**turns[longest], "content": start + _MARK + end}
        return [*turns[:longest], cut, *turns[longest + 1 :]]

    fits, too_long = 0, len(text)
    if count(keeping(fits)) > limit:
        raise ContextOverflowError(length, limit, what="a calibration request")
    while too_long - fits > 1:
        middle = (fits + too_long) // 2
        if count(keeping(middle)) <= limit:
            fits = middle
        else:
            too_long = middle
    return keeping(fits), True
