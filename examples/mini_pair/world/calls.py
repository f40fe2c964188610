"""Tool calls whose arguments stand in the request, whatever the tool and the text may mean."""

from collections.abc import Callable
from random import Random
from typing import Any, Final

from world._draw import Draw, Task, user
from world._text import an, capital, invented_name, invented_word
from world.tools import calls_exactly, identifiers, system_turn, tool_call_text
from world.words.calls import (
    KINDS,
    NAME_KEYS,
    NAMED,
    NOTE_KEYS,
    NOTED,
    NOTES,
    PARAMETERS,
    PURPOSES,
    SCRIPTS,
    WRITTEN,
)
from world.words.tool_slots import MADE_UP


def _invents(draw: Draw) -> bool:
    """Say whether to make names and values up: half of the time in training, else never."""
    return draw.split == "train" and draw.rng.random() < 0.5


def _define(name: str, description: str, kinds: dict[str, str]) -> dict[str, Any]:
    properties = {key: {"type": kind} for key, kind in kinds.items()}
    schema = {"type": "object", "properties": properties, "required": list(kinds)}
    return {"name": name, "description": description, "parameters": schema}


def _made_up_tool(draw: Draw, count: int) -> dict[str, Any]:
    keys = draw.values(PARAMETERS, count)
    name = "_".join(draw.values(MADE_UP, draw.choice((1, 2, 2, 3))))
    if _invents(draw):
        name, *keys = identifiers(draw, count + 1)
    return _define(name, draw.template(PURPOSES), dict.fromkeys(keys, "integer"))


def _number(draw: Draw) -> int:
    number = draw.rng.randint(0, 99_999)
    if _invents(draw) and draw.accepts(str(number)):
        return number
    return draw.value(range(draw.choice((10, 100, 500))))


def written_call(draw: Draw) -> Task:
    """Make a call that the request spells out."""
    tool = _made_up_tool(draw, draw.choice((0, 1, 1, 1, 2)))
    arguments: dict[str, Any] = {key: _number(draw) for key in tool["parameters"]["required"]}
    pairs = arguments.items() if draw.rng.random() < 0.2 else ()
    inside = ", ".join(f"{key}={value}" for key, value in pairs)
    inside = inside or ", ".join(str(value) for value in arguments.values())
    ask = draw.template(WRITTEN).format(f"{tool['name']}({inside})")
    return _task(draw, tool, ask, arguments)


def foreign_text(rng: Random) -> str:
    """Return letters of one script; they mean nothing."""
    first, last = rng.choice(SCRIPTS)
    return "".join(chr(rng.randint(first, last)) for _ in range(rng.randint(2, 7)))


def _quoted(draw: Draw) -> str:
    """Return what to pass on: letters of some script; in training also made-up names and codes."""
    while True:
        text = foreign_text(draw.rng)
        if _invents(draw):
            text = draw.rng.choice((
                text + foreign_text(draw.rng),
                f"{foreign_text(draw.rng)} {text}",
                invented_name(draw),
                f"{invented_name(draw)} {capital(invented_word(draw))}",
                f"{invented_word(draw)}{draw.rng.randint(0, 9999)}",
                f"{draw.value(MADE_UP)} {invented_word(draw)}",
            ))  # fmt: skip
        if draw.accepts(text):
            return text


def named_call(draw: Draw) -> Task:
    """Pass a quoted name on as it is, in any script."""
    text = _quoted(draw)
    invents = _invents(draw)
    kind, name_key, note_key = draw.value(KINDS), draw.value(NAME_KEYS), draw.value(NOTE_KEYS)
    if invents:
        name_key, note_key = identifiers(draw, 2)
    arguments = {name_key: text}
    wording = draw.template(NAMED).replace("a {kind}", "{a_kind}")
    ask = wording.format(kind=kind, a_kind=an(kind), text=text)
    if draw.rng.random() < 0.4:
        note = f"a {invented_word(draw)}" if _invents(draw) else draw.value(NOTES)
        arguments[note_key] = note
        ask = draw.template(NOTED).format(ask, note)
    name = f"{draw.value(MADE_UP)}_{kind}" if draw.rng.random() < 0.5 else f"add_{kind}"
    if invents:
        name = draw.rng.choice((f"{identifiers(draw, 1)[0]}_{kind}", *identifiers(draw, 2)))
    tool = _define(name, f"Add {an(kind)}.", dict.fromkeys(arguments, "string"))
    return _task(draw, tool, ask, arguments)


def _task(draw: Draw, tool: dict[str, Any], ask: str, arguments: dict[str, Any]) -> Task:
    tools = [tool, *(_made_up_tool(draw, 1) for _ in range(draw.choice((0, 0, 1))))]
    draw.rng.shuffle(tools)
    name = tool["name"]
    answer = tool_call_text(name, arguments)
    return Task((system_turn(draw, tools), user(ask)), answer, calls_exactly(name, arguments))


SKILLS: Final[dict[str, Callable[[Draw], Task]]] = {
    "written_call": written_call,
    "named_call": named_call,
}
