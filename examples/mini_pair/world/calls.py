"""Tool calls whose arguments stand in the request, whatever the tool and the text may mean."""

from collections.abc import Callable
from random import Random
from typing import Any, Final

from lexicon import words
from world._draw import Draw, Task, user
from world.tools import MADE_UP, calls_exactly, system_turn, tool_call_text

_WRITTEN: Final = (
    "Call {}.", "What does {} give?", "Run {} for me.", "Work out {}, please.", "{}",
    "I need the result of {}.", "Use the tool to get {}.", "What do you get for {}?",
    "Please do {} now.", "Tell me what {} is.", "Evaluate {}", "How much is {}? Use a tool.",
)  # fmt: skip
_PARAMETERS: Final = tuple(
    words("input value x y n number a b count first second amount data left right")
)
_PURPOSES: Final = (
    "Compute something.", "Apply a function.", "Return a number.", "Run the named function.",
    "Do a secret sum.", "Get a value.",
)  # fmt: skip
_SCRIPTS: Final = (
    (0x4E00, 0x9FA5), (0x4E00, 0x9FA5), (0x4E00, 0x6E00), (0x3041, 0x3093), (0x3041, 0x3093),
    (0x30A1, 0x30F6), (0xAC00, 0xD7A3), (0x0410, 0x044F), (0x03B1, 0x03C9), (0x0905, 0x0939),
    (0x0627, 0x064A), (0x00E0, 0x00FF), (0x61, 0x7A),
)  # fmt: skip
"""First and last code point of a range of letters."""
_KINDS: Final = tuple(
    words("client firm shop player team file user project album partner brand supplier member page")
)
_NAMED: Final = (
    "Add a {kind} named '{text}'.", "Register the {kind} '{text}', please.",
    "Save a {kind} called '{text}'", "New {kind}: '{text}'", "I want a {kind} named '{text}'.",
    "Make a {kind} named \"{text}\".", "Please enter '{text}' as a {kind}.", "{kind} '{text}'",
    "Set up the {kind} named '{text}'.", "Can you add '{text}' to the {kind} list?",
)  # fmt: skip
_NAME_KEYS: Final = tuple(words("name title label text customer_id full_name display_name key"))
_NOTE_KEYS: Final = tuple(words("note description remark detail comment info"))
_NOTES: Final = (
    "a small shop", "an old friend", "a software company", "our best partner", "a school",
    "a music group", "a family firm", "a sports club", "a travel agency", "a local bank",
)  # fmt: skip
_NOTED: Final = ("{} ({})", "{} - {}", "{}, {}", "{} It is {}.")


def _define(name: str, description: str, kinds: dict[str, str]) -> dict[str, Any]:
    properties = {key: {"type": kind} for key, kind in kinds.items()}
    schema = {"type": "object", "properties": properties, "required": list(kinds)}
    return {"name": name, "description": description, "parameters": schema}


def _made_up_tool(draw: Draw, count: int) -> dict[str, Any]:
    keys = draw.values(_PARAMETERS, count)
    name = "_".join(draw.values(MADE_UP, draw.choice((1, 2, 2, 3))))
    return _define(name, draw.template(_PURPOSES), dict.fromkeys(keys, "integer"))


def written_call(draw: Draw) -> Task:
    """Make a call that the request spells out."""
    tool = _made_up_tool(draw, draw.choice((0, 1, 1, 1, 2)))
    arguments: dict[str, Any] = {
        key: draw.value(range(draw.choice((10, 100, 500))))
        for key in tool["parameters"]["required"]
    }
    pairs = arguments.items() if draw.rng.random() < 0.2 else ()
    inside = ", ".join(f"{key}={value}" for key, value in pairs)
    inside = inside or ", ".join(str(value) for value in arguments.values())
    ask = draw.template(_WRITTEN).format(f"{tool['name']}({inside})")
    return _task(draw, tool, ask, arguments)


def foreign_text(rng: Random) -> str:
    """Return letters of one script; they mean nothing."""
    first, last = rng.choice(_SCRIPTS)
    return "".join(chr(rng.randint(first, last)) for _ in range(rng.randint(2, 7)))


def named_call(draw: Draw) -> Task:
    """Pass a quoted name on as it is, in any script."""
    while True:
        text = foreign_text(draw.rng)
        if draw.accepts(text):
            break
    kind = draw.value(_KINDS)
    arguments = {draw.value(_NAME_KEYS): text}
    ask = draw.template(_NAMED).format(kind=kind, text=text)
    if draw.rng.random() < 0.4:
        note = draw.value(_NOTES)
        arguments[draw.value(_NOTE_KEYS)] = note
        ask = draw.template(_NOTED).format(ask, note)
    name = f"{draw.value(MADE_UP)}_{kind}" if draw.rng.random() < 0.5 else f"add_{kind}"
    tool = _define(name, f"Add a {kind}.", dict.fromkeys(arguments, "string"))
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
