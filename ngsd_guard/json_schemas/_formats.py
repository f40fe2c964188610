"""Formats of text: what the grammar engine knows, and what it knows too loosely."""

from typing import Any, Final

KNOWN: Final = (
    "date", "date-time", "duration", "email", "hostname", "ipv4", "ipv6", "time", "uri", "uuid",
)  # fmt: skip
"""Formats that are enforced; JSON Schema calls any other a note."""

_YEAR: Final = "([1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])"
_LEAP: Final = "(([0-9]{2}(0[48]|[2468][048]|[13579][26]))|((0[48]|[2468][048]|[13579][26])00))"
_DAY: Final = (
    f"({_YEAR}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)"
    f"|02-(0[1-9]|1[0-9]|2[0-8]))|{_LEAP}-02-29)"
)
_CLOCK: Final = (
    r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"
)
_LABEL: Final = "[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?"
_WORD: Final = "[A-Za-z0-9_+-]{1,20}"

PATTERNS: Final = {
    "date": f"^{_DAY}$",
    "date-time": f"^{_DAY}T{_CLOCK}$",
    "time": f"^{_CLOCK}$",
    "duration": "^(P|T|[0-9]{1,5}[A-Z])*$",
    "email": rf"^{_WORD}(\.{_WORD}){{0,2}}@({_LABEL}\.){{1,3}}[a-z]{{2,6}}$",
}
"""Patterns that hold beside the engine's own: days that exist, clocks without a 61st second,
durations and addresses that libraries can read."""


def with_formats(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema without a format that nobody enforces, and with the stricter pattern."""
    name = schema.get("format")
    if name is None:
        return schema
    if name not in KNOWN:
        return {key: value for key, value in schema.items() if key != "format"}
    if name not in PATTERNS or schema.get("pattern") == PATTERNS[name]:
        return schema
    if "pattern" not in schema:
        return {**schema, "pattern": PATTERNS[name]}
    return {**schema, "allOf": [*schema.get("allOf", []), {"pattern": PATTERNS[name]}]}
