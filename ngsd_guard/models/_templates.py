"""A tokenizer's chat templates, of which some models have several by name."""

from dataclasses import dataclass
from typing import Any, Final

from ngsd_guard.errors import ModelLoadError

_DEFAULT: Final = "default"
_TOOL_USE: Final = "tool_use"


@dataclass(frozen=True, slots=True)
class NamedTemplates:
    """The chat templates of a tokenizer that this package uses, as Jinja source."""

    default: str | None
    """None where the tokenizer has no template at all."""
    tool_use: str | None = None
    """For requests with tools; None where the default one serves them too."""


def templates_of(tokenizer: Any, name: str) -> NamedTemplates:
    """Return a tokenizer's chat templates.

    Args:
        tokenizer: whose `chat_template` is a text, or texts by name.
        name: what errors call the model.

    Raises:
        ModelLoadError: there are several and none is called `default`.
    """
    found = tokenizer.chat_template
    if not isinstance(found, dict):
        return NamedTemplates(found or None)
    if not found:
        return NamedTemplates(None)
    if _DEFAULT not in found and len(found) > 1:
        names = ", ".join(sorted(found))
        raise ModelLoadError(
            name, f"its chat templates are {names}; name one of them 'default' in its tokenizer"
        )
    default = found.get(_DEFAULT) or next(iter(found.values()))
    return NamedTemplates(default, found.get(_TOOL_USE))
