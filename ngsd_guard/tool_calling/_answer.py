"""Parsing of a complete answer."""

from ngsd_guard.tool_calling._events import (
    BrokenCall,
    CallEnded,
    CallStarted,
    ParsedAnswer,
    ParsedCall,
    TextDelta,
)
from ngsd_guard.tool_calling._formats import ToolFormat


def parse_answer(format: ToolFormat, text: str) -> ParsedAnswer:
    """Return the text, the calls and the broken calls of a complete answer."""
    parser = format.parser()
    events = [*parser.feed(text), *parser.finish()]
    names = {event.index: event.name for event in events if isinstance(event, CallStarted)}
    return ParsedAnswer(
        text="".join(event.text for event in events if isinstance(event, TextDelta)),
        calls=tuple(
            ParsedCall(names[event.index], event.arguments)
            for event in events
            if isinstance(event, CallEnded)
        ),
        broken=tuple(event for event in events if isinstance(event, BrokenCall)),
    )
