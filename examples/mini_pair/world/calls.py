"""Tool calls whose arguments stand in the request, whatever the tool and the text may mean."""

from collections.abc import Callable
from random import Random
from typing import Any, Final

from lexicon import words
from world._draw import Draw, Task, user
from world.slots import an, capital, invented_name, invented_word
from world.tools import calls_exactly, identifiers, system_turn, tool_call_text
from world.words.tool_slots import MADE_UP

_WRITTEN: Final = (
    "Call {}.", "What does {} give?", "Run {} for me.", "Work out {}, please.", "{}",
    "I need the result of {}.", "Use the tool to get {}.", "What do you get for {}?",
    "Please do {} now.", "Tell me what {} is.", "Evaluate {}", "How much is {}? Use a tool.",
    "Compute {}.", "Execute {}", "Give me {}.", "What is {}?", "Find {} with the tool.",
    "Please run {}.", "Can you call {}?", "I want to know {}.", "Get me {}, please.", "Do {}.",
    "{} = ?", "{}, please.", "Show me the result of {}.", "What is the value of {}?",
    "Which number is {}?", "Let the tool do {}.", "Try {} for me.", "Could you work out {}?",
    "Now call {}.", "Next: {}", "Please evaluate {} for me.", "Apply {} and tell me the result.",
    "Start {}.", "My task is {}.", "Solve {}.", "Tool, please: {}", "I would like to see {}.",
    "Return {}.", "Say what {} gives.", "Determine {}.",
)  # fmt: skip
_PARAMETERS: Final = tuple(
    words(
        "input value x y n number a b count first second amount data left right z c k m p q i j "
        "start end size index value1 value2 low high limit base step total rate width height depth "
        "length factor power offset level score term top bottom num arg item key source target "
        "third"
    )
)
_PURPOSES: Final = (
    "Compute something.", "Apply a function.", "Return a number.", "Run the named function.",
    "Do a secret sum.", "Get a value.", "Work out a value.", "Do a calculation.",
    "Call this function with numbers.", "A function of whole numbers.", "Give back a result.",
    "Change numbers.", "Run a hidden rule.", "A sum that nobody knows.", "Find the result.",
    "Evaluate a rule.",
)  # fmt: skip
_SCRIPTS: Final = (
    (0x4E00, 0x9FA5), (0x4E00, 0x9FA5), (0x4E00, 0x6E00), (0x3041, 0x3093), (0x3041, 0x3093),
    (0x30A1, 0x30F6), (0xAC00, 0xD7A3), (0x0410, 0x044F), (0x03B1, 0x03C9), (0x0905, 0x0939),
    (0x0627, 0x064A), (0x00E0, 0x00FF), (0x61, 0x7A),
)  # fmt: skip
"""First and last code point of a range of letters."""
_KINDS: Final = tuple(
    words(
        "client firm shop player team file user project album partner brand supplier member page "
        "account agency author band book boat building category channel class club college course "
        "department device event farm folder friend game group guest hotel house label list "
        "machine movie note office order owner pet place plant product recipe restaurant room "
        "school server ship singer song station store street student teacher ticket town tool "
        "tutor visitor worker writer"
    )
)
_NAMED: Final = (
    "Add a {kind} named '{text}'.", "Register the {kind} '{text}', please.",
    "Save a {kind} called '{text}'", "New {kind}: '{text}'", "I want a {kind} named '{text}'.",
    "Make a {kind} named \"{text}\".", "Please enter '{text}' as a {kind}.", "{kind} '{text}'",
    "Set up the {kind} named '{text}'.", "Can you add '{text}' to the {kind} list?",
    "Create a {kind} with the name '{text}'.", "Please add the {kind} '{text}'.",
    "Add '{text}' as a new {kind}.", "There is a new {kind}: '{text}'.",
    "Save '{text}' to the {kind} list.", "Put the {kind} '{text}' into the system.",
    "The new {kind} is called '{text}'.", 'Enter a {kind} named "{text}".',
    "Could you make a {kind} called '{text}'?", 'Store the {kind} "{text}", please.',
    "We have a {kind} called '{text}'. Add it.", "I need a new {kind}, '{text}'.",
    "Note '{text}' as a {kind}.", 'Register "{text}" as a {kind}.', "Open a {kind} named '{text}'.",
    '{kind}: "{text}"', "Add this {kind}: '{text}'", "Call the new {kind} '{text}'.",
    "Name a {kind} '{text}'.", "'{text}' is a new {kind}; save it.",
    "Please create '{text}', a {kind}.", "Make '{text}' a {kind}.", "Add one {kind}: '{text}'.",
    "List '{text}' as a {kind}.", "I have a {kind} named '{text}'; please add it.",
    "The {kind} '{text}' is missing. Add it.", "Put '{text}' on the {kind} list.",
    'Please save "{text}" as a {kind}.', "Let us add the {kind} '{text}'.",
    "Give me a {kind} named '{text}'.", "Start a {kind} called '{text}'.",
    "Write down the {kind} '{text}'.", 'Can I have a {kind} named "{text}"?',
    "Insert the {kind} '{text}'.",
)  # fmt: skip
_NAME_KEYS: Final = tuple(
    words(
        "name title label text customer_id full_name display_name key value named name_text called "
        "caption heading input word known_as short_name given_name display nickname brand_name "
        "string id"
    )
)
_NOTE_KEYS: Final = tuple(
    words(
        "note description remark detail comment info about memo extra text_note more summary "
        "kind_of hint details background notes additional"
    )
)
_NOTES: Final = (
    "a small shop", "an old friend", "a software company", "our best partner", "a school",
    "a music group", "a family firm", "a sports club", "a travel agency", "a local bank",
    "a small bakery", "a new neighbour", "a car repair shop", "our oldest customer", "a theatre",
    "a film studio", "a book shop", "a chess club", "a dairy farm", "an online store",
    "a toy maker", "a good neighbour", "a hotel by the sea", "a dance school", "a garden centre",
    "a printing house", "a bus company", "a cooking class", "a family friend", "a town museum",
    "a phone maker", "a flower stall", "a coffee bar", "a boat builder", "a new supplier",
    "a former student", "an art gallery", "a weekly paper", "a fruit farm", "a choir",
)  # fmt: skip
_NOTED: Final = (
    "{} ({})", "{} - {}", "{}, {}", "{} It is {}.", "{} Note: {}.", "{} - it is {}",
    "{} (that is {})", "{} Add that it is {}.", "{} Please note: {}", "{} / {}", "{}; {}",
)  # fmt: skip


def _invents(draw: Draw) -> bool:
    """Say whether to make names and values up: half of the time in training, else never."""
    return draw.split == "train" and draw.rng.random() < 0.5


def _define(name: str, description: str, kinds: dict[str, str]) -> dict[str, Any]:
    properties = {key: {"type": kind} for key, kind in kinds.items()}
    schema = {"type": "object", "properties": properties, "required": list(kinds)}
    return {"name": name, "description": description, "parameters": schema}


def _made_up_tool(draw: Draw, count: int) -> dict[str, Any]:
    keys = draw.values(_PARAMETERS, count)
    name = "_".join(draw.values(MADE_UP, draw.choice((1, 2, 2, 3))))
    if _invents(draw):
        name, *keys = identifiers(draw, count + 1)
    return _define(name, draw.template(_PURPOSES), dict.fromkeys(keys, "integer"))


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
    ask = draw.template(_WRITTEN).format(f"{tool['name']}({inside})")
    return _task(draw, tool, ask, arguments)


def foreign_text(rng: Random) -> str:
    """Return letters of one script; they mean nothing."""
    first, last = rng.choice(_SCRIPTS)
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
    kind, name_key, note_key = draw.value(_KINDS), draw.value(_NAME_KEYS), draw.value(_NOTE_KEYS)
    if invents:
        name_key, note_key = identifiers(draw, 2)
    arguments = {name_key: text}
    wording = draw.template(_NAMED).replace("a {kind}", "{a_kind}")
    ask = wording.format(kind=kind, a_kind=an(kind), text=text)
    if draw.rng.random() < 0.4:
        note = f"a {invented_word(draw)}" if _invents(draw) else draw.value(_NOTES)
        arguments[note_key] = note
        ask = draw.template(_NOTED).format(ask, note)
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
