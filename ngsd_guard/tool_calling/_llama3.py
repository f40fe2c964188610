"""Calls that make up the entire answer: Llama 3.1 and later."""

import re
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
    text_unless,
    wanted_tools,
)
from ngsd_guard.tool_calling._json import ENDED, MalformedCallError
from ngsd_guard.tool_calling._parser import MarkedParser

_PYTHON_TAG: Final = "<|python_tag|>"


@dataclass(frozen=True, slots=True)
class Llama3Format:
    """A JSON object with `name` and `parameters` as the entire answer."""

    name: str = "llama3"

    @property
    def markers(self) -> tuple[str, ...]:
        """The optional marker before a call."""
        return (_PYTHON_TAG,)

    def matches(self, chat_template: str) -> bool:
        """Whether the template is that of Llama 3.1 or later."""
        is_llama = "<|start_header_id|>" in chat_template
        shows_call = re.search(r'\\?"parameters\\?": ', chat_template) is not None
        return _PYTHON_TAG in chat_template or (is_llama and shows_call)

    def parser(self) -> ToolCallParser:
        """Return a parser for one answer."""
        return MarkedParser(_PYTHON_TAG, _read_object, read_bare=_read_bare_object)

    def grammar(
        self,
        tools: Sequence[Mapping[str, Any]],
        *,
        choice: str,
        parallel: bool,
        literal: Callable[[str], str] = quote,
    ) -> str:
        """Return a grammar of answers; see `ToolFormat.grammar`.

        An answer is either text or calls, and text does not start like a call.
        """
        functions, is_required = wanted_tools(tools, choice)
        calls = f"{literal(_PYTHON_TAG)}? " + repeated("call", '"; " call', parallel=parallel)
        rules = [
            f"start: {calls}" if is_required else f"start: TEXT | {calls}",
            *([] if is_required else [f"TEXT: {text_unless('{', _PYTHON_TAG)}"]),
            *call_rules(functions, before=named_object("parameters"), after='"}"'),
        ]
        return "\n".join(rules)


def _read_object(calls: Calls, *, is_bare: bool = False) -> Reading:
    char = yield from read_visible()
    if char != "{":
        raise MalformedCallError("there is no JSON object in it" if char else ENDED)
    calls.end((yield from read_call(calls, is_bare=is_bare)))


def _read_bare_object(calls: Calls) -> Reading:
    return _read_object(calls, is_bare=True)


LLAMA3: Final = Llama3Format()
