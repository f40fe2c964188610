"""How much of a text must wait for what follows it."""

from ngsd_guard.tool_calling._json import WHITESPACE


def length_held(text: str, marker: str) -> int:
    """Return how many characters at the end may belong to a marker or be whitespace before one."""
    longest = min(len(marker) - 1, len(text))
    num_marker = next((n for n in range(longest, 0, -1) if text.endswith(marker[:n])), 0)
    return len(text) - len(text[: len(text) - num_marker].rstrip(WHITESPACE))
