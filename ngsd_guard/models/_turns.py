"""Conversations brought into an order that a chat template takes."""

from collections.abc import Iterator, Sequence

from ngsd_guard.types import Message


def attempts(messages: Sequence[Message]) -> Iterator[Sequence[Message]]:
    """Return a conversation as it is, and then changed by one more rule at a time.

    The rules, in order: consecutive turns of one role are merged; a system message after the first
    turn joins the user's turn that follows, or is one of its own; an empty user turn is put before
    an assistant that speaks first; the system prompt is put at the start of the first user turn.
    """
    yield messages
    turns = list(messages)
    for rule in (_merge_turns, _move_later_systems, _add_first_turn, _move_system):
        changed = rule(turns)
        if changed != turns:
            turns = changed
            yield turns


def _move_later_systems(messages: Sequence[Message]) -> list[Message]:
    moved: list[Message] = []
    for message in messages:
        copy = message.copy()
        if moved and message["role"] == "system":
            copy["role"] = "user"
        moved.append(copy)
    return _merge_turns(moved)


def _add_first_turn(messages: Sequence[Message]) -> list[Message]:
    start = 1 if messages[0]["role"] == "system" else 0
    if len(messages) <= start or messages[start]["role"] != "assistant":
        return list(messages)
    return [*messages[:start], {"role": "user", "content": ""}, *messages[start:]]


def _move_system(messages: Sequence[Message]) -> list[Message]:
    if len(messages) < 2 or messages[0]["role"] != "system" or messages[1]["role"] != "user":
        return list(messages)
    first = messages[1].copy()
    first["content"] = _joined(messages[0], first)
    return [first, *messages[2:]]


def _joined(first: Message, second: Message) -> str:
    return "\n\n".join(text for text in (first["content"], second["content"]) if text)


def _merge_turns(messages: Sequence[Message]) -> list[Message]:
    merged: list[Message] = []
    for message in messages:
        last = merged[-1] if merged else None
        can_merge = message["role"] != "tool" and "tool_calls" not in message
        if (
            last is not None
            and last["role"] == message["role"]
            and can_merge
            and not last.get("tool_calls")
        ):
            last["content"] = _joined(last, message)
        else:
            merged.append(message.copy())
    return merged
