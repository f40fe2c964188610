"""Tool calling in plain text, as the chat template renders it: calls and answers from results."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from lexicon import CAPITALS
from ngsd_guard.types import Message
from world._draw import Draw, Task, assistant, user
from world._text import capital, invented_word
from world.words.tool_slots import MADE_UP
from world.words.tool_talk import CAPITAL_ASK, ERRORS, PLAIN, SUM_ASK, SYSTEMS
from world.words.tools import TOOLS, Tool


def tool_system_prompt(tools: list[dict[str, Any]]) -> str:
    """Return the text that tells the model which tools it may call, as the chat template does.

    What a tool is for stands before its name: a small model finds what follows a match, and hardly
    what stands before it.
    """
    functions = ({"description": "", **tool.get("function", tool)} for tool in tools)
    lines = "\n".join(json.dumps(function, ensure_ascii=False) for function in functions)
    return (
        f"You may call one of these tools.\n<tools>\n{lines}\n</tools>\n"
        "To call a tool, answer with:\n"
        '<tool_call>\n{"name": ..., "arguments": {...}}\n</tool_call>'
    )


def tool_call_text(name: str, arguments: dict[str, Any]) -> str:
    """Return a tool call as the model writes it."""
    call = json.dumps({"name": name, "arguments": arguments}, ensure_ascii=False)
    return f"<tool_call>\n{call}\n</tool_call>"


def parse_tool_call(text: str) -> dict[str, Any] | None:
    """Return the call in an answer; None if there is none that can be parsed."""
    start, end = text.find("<tool_call>"), text.find("</tool_call>")
    if start < 0 or end < start:
        return None
    try:
        call = json.loads(text[start + len("<tool_call>") : end])
    except json.JSONDecodeError:
        return None
    return call if isinstance(call, dict) else None


def calls_exactly(name: str, arguments: dict[str, Any]) -> Callable[[str], bool]:
    """Return a check for one call."""
    return lambda text: parse_tool_call(text) == {"name": name, "arguments": arguments}


def identifiers(draw: Draw, count: int) -> list[str]:
    """Return different names of one to three words, half of them made up; for training only."""
    names: list[str] = []
    while len(names) < count:
        words = [
            invented_word(draw) if draw.rng.random() < 0.5 else draw.value(MADE_UP)
            for _ in range(draw.rng.choice((1, 1, 2, 2, 3)))
        ]
        names = list(dict.fromkeys([*names, "_".join(words)]))
    return names


def _invented(draw: Draw, value: str) -> str:
    """Return a text of the same shape, with a made-up word for its last one."""
    last = re.search(r"[^\W\d_]+$", value)
    if last is None:
        return value
    word = invented_word(draw)
    if last[0].isupper():
        word = word[: len(last[0])].upper()
    elif last[0][0].isupper():
        word = capital(word)
    return value[: last.start()] + word


def _parameters(draw: Draw, tool: Tool) -> list[str]:
    while True:
        names = [draw.value(tuple(key.split("|"))) for key in tool.slots]
        if len(set(names)) == len(names):
            return names


def _definition(draw: Draw, tool: Tool) -> tuple[dict[str, Any], list[str]]:
    """Return a tool's JSON definition, with drawn names, and its parameter names in order.

    In training, most of them have made-up names: a name is to be read, not known by heart.
    """
    training = draw.split == "train"
    made_up = training and draw.rng.random() < 0.6
    parameters = _parameters(draw, tool)
    if made_up:
        parameters = identifiers(draw, len(parameters))
    types = [
        "integer" if isinstance(values[0], int) else "string" for _, values in tool.slots.values()
    ]
    properties = {name: {"type": kind} for name, kind in zip(parameters, types, strict=True)}
    schema = {"type": "object", "properties": properties, "required": parameters}
    name = identifiers(draw, 1)[0] if made_up else draw.value(tool.names)
    description = draw.rng.choice(tool.descriptions) if training else tool.descriptions[0]
    described = {"name": name, "description": description, "parameters": schema}
    return described, parameters


def system_turn(draw: Draw, tools: list[dict[str, Any]]) -> Message:
    """Return a system turn that defines tools."""
    text = tool_system_prompt(tools)
    if draw.rng.random() < 0.25:
        text = f"{draw.template(SYSTEMS)}\n\n{text}"
    return {"role": "system", "content": text}


@dataclass(frozen=True, slots=True)
class _Call:
    """One request that a tool serves."""

    tool: Tool
    ask: str
    name: str
    arguments: dict[str, Any]
    slots: dict[str, Any]

    @property
    def text(self) -> str:
        return tool_call_text(self.name, self.arguments)


def _shown(draw: Draw, count: int) -> tuple[Message, list[tuple[Tool, str, list[str]]]]:
    """Return a system turn, and the tools it defines with their drawn names and parameters."""
    chosen = draw.rng.sample(TOOLS, count)
    defined = [_definition(draw, tool) for tool in chosen]
    shown = [described for described, _ in defined]
    draw.rng.shuffle(shown)
    tools = [
        (tool, str(described["name"]), parameters)
        for tool, (described, parameters) in zip(chosen, defined, strict=True)
    ]
    return system_turn(draw, shown), tools


def _call(draw: Draw, tool: Tool, name: str, parameters: list[str]) -> _Call:
    slots: dict[str, Any] = {}
    for slot, values in tool.slots.values():
        value = draw.value([value for value in values if value not in slots.values()])
        if isinstance(value, str) and len(values) > 5 and draw.split == "train":
            value = _invented(draw, value) if draw.rng.random() < 0.4 else value
        slots[slot] = value
    ask = draw.template(tool.asks).format(**slots)
    ask = ask[0].upper() + ask[1:] if draw.rng.random() < 0.8 else ask
    return _Call(tool, ask, name, dict(zip(parameters, slots.values(), strict=True)), slots)


def tool_call(draw: Draw) -> Task:
    """Call the tool that serves a request, or answer plainly where none does."""
    system, tools = _shown(draw, draw.choice((1, 2, 2, 3)))
    if draw.rng.random() < 0.2:
        return _plain(draw, system)
    call = _call(draw, *tools[0])
    return Task((system, user(call.ask)), call.text, calls_exactly(call.name, call.arguments))


def tool_session(draw: Draw) -> Task:
    """Several requests over the same tools: more to learn from the same definitions."""
    system, tools = _shown(draw, draw.choice((2, 3, 3)))
    messages = [system]
    for _ in range(draw.choice((2, 3, 4))):
        call = _call(draw, *draw.rng.choice(tools))
        messages += [user(call.ask), assistant(call.text)]
        if draw.rng.random() < 0.4:
            response, answer, _ = _respond(draw, call)
            messages += [response, assistant(answer)]
    return Task(tuple(messages[:-1]), messages[-1]["content"])


def _plain(draw: Draw, system: Message) -> Task:
    form = draw.choice(("talk", "capital", "sum"))
    if form == "talk":
        ask, answer = draw.choice(PLAIN)
        return Task((system, user(ask)), answer, _is_talk)
    if form == "capital":
        country = draw.choice(sorted(CAPITALS))
        word = CAPITALS[country].replace("_", " ")
        ask, answer = draw.template(CAPITAL_ASK), f"The capital of {country} is {word}."
        ask = ask.format(country)
    else:
        while True:
            a, b = draw.rng.randint(1, 10), draw.rng.randint(1, 10)
            if draw.accepts(f"{a}+{b}"):
                break
        word = str(a + b)
        ask, answer = draw.template(SUM_ASK).format(a, b), f"{a} plus {b} is {word}."
    return Task(
        (system, user(ask)), answer, lambda text: word in text and "<tool_call>" not in text
    )


def _is_talk(text: str) -> bool:
    return text.strip() != "" and "<tool_call>" not in text


def _respond(draw: Draw, call: _Call) -> tuple[Message, str, list[str]]:
    """Return a tool's response, the answer it leads to, and what the answer must hold."""
    if draw.rng.random() < 0.1:
        error = draw.value(ERRORS)
        result: dict[str, Any] = {"error": error}
        answer = f"Sorry, that did not work: {error}."
        needed = [error]
    else:
        result = {key: draw.value(values) for key, values in call.tool.result.items()}
        answer = call.tool.said.format(**call.slots, **result)
        answer = answer[0].upper() + answer[1:]
        needed = [str(value) for value in result.values() if str(value) in answer]
        needed = needed or [str(value) for value in call.slots.values() if str(value) in answer]
    response = json.dumps(result, ensure_ascii=False)
    return user(f"<tool_response>\n{response}\n</tool_response>"), answer, needed


def tool_result(draw: Draw) -> Task:
    """Answer from the result of a tool call."""
    system, tools = _shown(draw, draw.choice((1, 2, 2, 3)))
    call = _call(draw, *tools[0])
    response, answer, needed = _respond(draw, call)
    turns = (system, user(call.ask), assistant(call.text), response)
    return Task(turns, answer, lambda text: _holds(text, needed))


def _holds(text: str, needed: list[str]) -> bool:
    said = text.lower()
    return "<tool_call>" not in said and all(value.lower() in said for value in needed)


SKILLS: Final[dict[str, Callable[[Draw], Task]]] = {
    "tool_call": tool_call,
    "tool_result": tool_result,
    "tool_session": tool_session,
}
