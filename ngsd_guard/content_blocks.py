"""The kinds of content blocks that chat hosts send, and what is text in them."""

from collections.abc import Mapping
from typing import Any, Final

TEXT_KEYS: Final[Mapping[str, str]] = {
    "text": "text",
    "input_text": "text",
    "output_text": "text",
    "refusal": "refusal",
}
"""Blocks that hold text, by type, and the member that holds it."""
DOCUMENT_BLOCKS: Final = frozenset({"text-plain"})
"""Blocks of a document: its text under `text`, or only where to fetch it."""
REASONING_BLOCKS: Final = frozenset({"reasoning", "thinking", "reasoning_text", "summary_text"})
"""Blocks of what a model thought before it answered."""
ENCRYPTED_BLOCKS: Final = frozenset({"redacted_thinking"})
"""Blocks that only their provider can read."""
CALL_BLOCKS: Final = frozenset(
    {"tool_use", "tool_call", "tool_call_chunk", "invalid_tool_call", "function_call"}
)
"""Blocks that repeat what an assistant message says in `tool_calls`."""


def kind_of(block: Any) -> str | None:
    """Return the type of a block; "text" for a plain string, None where it names no type."""
    if isinstance(block, str):
        return "text"
    kind = block.get("type") if isinstance(block, Mapping) else None
    return kind if isinstance(kind, str) else None


def text_of(block: Any) -> str | None:
    """Return the text of a block that holds text; None for any other block."""
    if isinstance(block, str):
        return block
    kind = kind_of(block)
    key = "text" if kind in DOCUMENT_BLOCKS else TEXT_KEYS.get(kind or "")
    text = None if key is None else block.get(key)
    return text if isinstance(text, str) else None


def call_id_of(block: Any) -> str | None:
    """Return the id of the call that a block repeats; None where it names none."""
    if not isinstance(block, Mapping):
        return None
    call_id = block.get("call_id", block.get("id"))
    return None if call_id is None else str(call_id)
