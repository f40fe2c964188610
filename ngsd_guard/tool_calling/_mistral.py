"""Calls after [TOOL_CALLS]: older and newer Mistral models."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ngsd_guard.tool_calling._calls import (
    Calls,
    Reading,
    read_arguments,
    read_call,
    read_visible,
)
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

_TOOL_CALLS: Final = "[TOOL_CALLS]"
_CALL_ID: Final = "[CALL_ID]"
_ARGS: Final = "[ARGS]"
_HEAD: Final = re.compile(r"\s*([^\s\[\]{}]+)\s*(?:\[CALL_ID\][^\[]*)?(?:\[ARGS\])?\s*")


@dataclass(frozen=True, slots=True)
class MistralFormat:
    """`[TOOL_CALLS]` followed by a list of calls, or by a name and arguments.

    The parser reads both forms.

    Args:
        is_named: whether the grammar uses the form `[TOOL_CALLS]name[ARGS]{...}`.
    """

    name: str
    is_named: bool

    @property
    def markers(self) -> tuple[str, ...]:
        """The markers before calls, before a call id and before arguments."""
        return _TOOL_CALLS, _CALL_ID, _ARGS

    def matches(self, chat_template: str) -> bool:
        """Whether the template uses this one of the two forms."""
        return _TOOL_CALLS in chat_template and (_ARGS in chat_template) == self.is_named

    def parser(self) -> ToolCallParser:
        """Return a parser for one answer."""
        return MarkedParser(_TOOL_CALLS, _read)

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
        start = start_rules(_TOOL_CALLS, is_required=is_required, literal=literal)
        if self.is_named:
            calls = repeated("call", f"{literal(_TOOL_CALLS)} call", parallel=parallel)
            call = call_rules(
                functions, before=lambda name: f"{quote(name)} {literal(_ARGS)}", after=""
            )
        else:
            listed = repeated("call", '", " call', parallel=parallel)
            calls = f'" "? "[" {listed} "]"'
            identifier = r'(", \"id\": \"" /[a-zA-Z0-9]{9}/ "\"")? "}"'
            call = call_rules(functions, before=named_object("arguments"), after=identifier)
        return "\n".join([*start, f"calls: {calls}", *call])


def _read(calls: Calls) -> Reading:
    char = yield from read_visible()
    if char == "[":
        yield from _read_list(calls)
    elif char == "{":
        calls.end((yield from read_call(calls)))
    else:
        yield from _read_named(calls, char)


def _read_list(calls: Calls) -> Reading:
    char = yield from read_visible()
    while True:
        if char != "{":
            raise MalformedCallError("there is no JSON object in it" if char else ENDED)
        arguments = yield from read_call(calls)
        char = yield from read_visible()
        if char not in ("", ",", "]"):
            raise MalformedCallError("something follows its JSON object")
        calls.end(arguments)
        if char == ",":
            char = yield from read_visible()
        if char in ("", "]"):
            return


def _read_named(calls: Calls, char: str) -> Reading:
    head = ""
    while char and char != "{":
        head += char
        char = yield
    if not char:
        raise MalformedCallError(ENDED)
    found = _HEAD.fullmatch(head)
    if found is None:
        raise MalformedCallError("it has no name")
    calls.start(found[1])
    calls.end((yield from read_arguments(calls)))


MISTRAL: Final = MistralFormat("mistral", is_named=False)
MISTRAL_NAMED: Final = MistralFormat("mistral_named", is_named=True)
