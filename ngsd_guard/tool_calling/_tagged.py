"""Calls between two tags: Hermes, Qwen2.5, Qwen3, and the embedded model."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ngsd_guard.tool_calling._calls import Calls, Reading, read_call, read_visible
from ngsd_guard.tool_calling._events import ToolCallParser
from ngsd_guard.tool_calling._grammar import (
    call_rules,
    named_object,
    quote,
    repeated,
    start_rules,
    wanted_tools,
)
from ngsd_guard.tool_calling._json import ENDED, MalformedCallError
from ngsd_guard.tool_calling._parser import MarkedParser


@dataclass(frozen=True, slots=True)
class TaggedFormat:
    """One JSON object between two tags per call, as written by Hermes and Qwen."""

    name: str
    opening: str
    closing: str

    @property
    def markers(self) -> tuple[str, ...]:
        """The two tags."""
        return self.opening, self.closing

    def matches(self, chat_template: str) -> bool:
        """Whether the template has the opening tag, with JSON between the tags."""
        is_xml = "<function=" in chat_template or "<arg_key>" in chat_template
        return self.opening in chat_template and not is_xml

    def parser(self) -> ToolCallParser:
        """Return a parser for one answer."""
        return MarkedParser(self.opening, self._read, closing=self.closing)

    def grammar(
        self,
        tools: Sequence[Mapping[str, Any]],
        *,
        choice: str,
        parallel: bool,
        literal: Callable[[str], str] = quote,
    ) -> str:
        """Return a grammar of answers; see `ToolFormat.grammar`."""
        functions, is_required = wanted_tools(tools, choice)
        one = f'"\\n" call "\\n" {literal(self.closing)}'
        following = f'"\\n" {literal(self.opening)} {one}'
        rules = [
            *start_rules(self.opening, is_required=is_required, literal=literal),
            f"calls: {repeated(one, following, parallel=parallel)}",
            *call_rules(functions, before=named_object("arguments"), after='"}"'),
        ]
        return "\n".join(rules)

    def _read(self, calls: Calls) -> Reading:
        char = yield from read_visible()
        while True:
            if char != "{":
                raise MalformedCallError("there is no JSON object in it" if char else ENDED)
            arguments = yield from read_call(calls)
            char = yield from read_visible()
            if char == "{":
                calls.end(arguments, next_raw=char)
                continue
            tag = ""
            while char and tag not in self.markers:
                tag += char
                if not any(marker.startswith(tag) for marker in self.markers):
                    raise MalformedCallError("something follows its JSON object")
                if tag not in self.markers:
                    char = yield
            calls.end(arguments, next_raw=tag)
            if tag != self.opening:  # the closing tag may be missing at the end of the answer
                return
            char = yield from read_visible()


HERMES: Final = TaggedFormat("hermes", "<tool_call>", "</tool_call>")
