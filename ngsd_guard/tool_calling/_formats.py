"""The interface of tool call formats."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from ngsd_guard.tool_calling._events import ToolCallParser
from ngsd_guard.tool_calling._grammar import quote


class ToolFormat(Protocol):
    """A format in which models write tool calls; add one with `register_tool_format`."""

    @property
    def name(self) -> str:
        """Identifies the format."""

    @property
    def markers(self) -> tuple[str, ...]:
        """Texts that may be special tokens in a tokenizer; the parser must receive them as text."""

    def matches(self, chat_template: str) -> bool:
        """Whether models with this chat template source write calls in this format."""

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
        """Return a grammar of answers, in llguidance's variant of Lark.

        Names and arguments are restricted to what the tools allow and written as by `json.dumps`
        with `ensure_ascii=False`, keys in the order of the schema. Objects have only the properties
        that their schema lists, unless it says otherwise.

        Args:
            tools: tools in any form that `normalise_tools` accepts; not empty.
            choice: "auto" for text, calls, or text followed by calls; "required" for calls only; a
                tool's name for calls of that tool only.
            parallel: whether an answer may have several calls.
            literal: renders a marker as a term; `quote`, unless a marker is a special token, which
                llguidance writes as `<[id]>`.

        Raises:
            ConfigurationError: the tools or the choice are invalid.
        """
