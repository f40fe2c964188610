"""What a way of writing calls must offer."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from ngsd_guard.tool_calling._events import ToolCallParser
from ngsd_guard.tool_calling._grammar import quote


class ToolFormat(Protocol):
    """A way in which models write calls; `register_tool_format` adds one."""

    @property
    def name(self) -> str:
        """Identifies the format."""

    @property
    def markers(self) -> tuple[str, ...]:
        """Texts that a tokenizer may have as one special token; the parser must get to see them."""

    def matches(self, chat_template: str) -> bool:
        """Whether a chat template, by its source, has its model write calls like this."""

    def parser(self) -> ToolCallParser:
        """Return a parser for one answer."""

    def grammar(
        self,
        tools: Sequence[Mapping[str, Any]],
        *,
        choice: str,
        parallel: bool,
        literal: Callable[[str], str] = quote,
    ) -> str:
        """Return a grammar of answers, in llguidance's dialect of Lark.

        Names and arguments are those that the tools allow, as `json.dumps` writes them with
        `ensure_ascii=False`, keys in the order of the schema. Objects have no keys beyond the
        properties they name, unless a schema speaks of others.

        Args:
            tools: as `normalise_tools` takes them; not empty.
            choice: "auto" for text, calls, or text and then calls; "required" for calls alone; a
                tool's name for calls of that tool alone.
            parallel: whether several calls may follow one another.
            literal: renders a marker as a term; `quote` unless a marker is one special token,
                which llguidance writes `<[id]>`.

        Raises:
            ConfigurationError: the tools or the choice are wrong.
        """
