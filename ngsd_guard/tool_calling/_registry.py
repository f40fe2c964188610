"""The known tool call formats."""

from ngsd_guard.errors import ConfigurationError
from ngsd_guard.tool_calling._formats import ToolFormat
from ngsd_guard.tool_calling._llama3 import LLAMA3
from ngsd_guard.tool_calling._mistral import MISTRAL, MISTRAL_NAMED
from ngsd_guard.tool_calling._tagged import HERMES
from ngsd_guard.tool_calling._xml import XML

_registered: dict[str, ToolFormat] = {}


def register_tool_format(format: ToolFormat) -> None:
    """Register a format for the whole process, with precedence over the built-in ones.

    Later registrations take precedence over earlier ones. A format replaces a registered one with
    the same name.

    Raises:
        ConfigurationError: the format has no name, or lacks a method.
    """
    name = getattr(format, "name", None)
    missing = [m for m in ("matches", "parser", "grammar") if not callable(getattr(format, m, 0))]
    if not isinstance(name, str) or not name or missing:
        raise ConfigurationError(
            f"{type(format).__name__} is not a tool format; give it a name and the methods "
            f"{', '.join(missing) or 'of ToolFormat'}"
        )
    _registered.pop(name, None)
    _registered[name] = format


def find_tool_format(chat_template: str) -> ToolFormat | None:
    """Return the tool call format of a chat template's source; None if it has none."""
    builtin = (MISTRAL_NAMED, MISTRAL, XML, HERMES, LLAMA3)
    formats = (*reversed(_registered.values()), *builtin)
    return next((format for format in formats if format.matches(chat_template)), None)
