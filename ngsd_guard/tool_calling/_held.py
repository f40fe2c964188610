"""How much of a streamed text must be held back."""

from ngsd_guard.tool_calling._json import WHITESPACE


def length_held(text: str, marker: str) -> int:
    """Return how many final characters may be part of a marker or the whitespace before one."""
    longest = min(len(marker) - 1, len(text))
    num_marker = next((n for n in range(longest, 0, -1) if text.endswith(marker[:n])), 0)
    return len(text) - len(text[: len(text) - num_marker].rstrip(WHITESPACE))
