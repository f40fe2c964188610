"""Held-out texts for every stage of a pipeline, harmless and harmful."""

import importlib
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from rich.progress import track

from ngsd_guard import Engine


@dataclass(frozen=True, slots=True)
class Text:
    """A text to judge."""

    request: dict[str, Any]
    is_bad: bool
    kind: str


def recipe(name: str) -> Any:
    """Return a module of the embedded pair's recipe, which provides the held-out texts."""
    folder = str(Path(__file__).parents[1] / "examples" / "mini_pair")
    if folder not in sys.path:
        sys.path.insert(0, folder)
    return importlib.import_module(name)


def everyday_text(engine: Engine, num_tokens: int, seed: int) -> str:
    """Return everyday sentences with about `num_tokens` tokens."""
    rng, words = Random(seed), list[str]()
    sentences = (
        "The train to the coast leaves at nine and takes two hours.",
        "Anna buys apples, bread and tea at the market near the station.",
        "In the evening the garden is quiet and the windows are open.",
        "Ben reads a letter from his sister, who lives by the sea.",
    )
    while len(engine.base.encode(" ".join(words))) < num_tokens:
        words.append(rng.choice(sentences))
    return engine.base.decode(engine.base.encode(" ".join(words))[:num_tokens])


def at_stage(stage: str, text: str) -> dict[str, Any]:
    """Return the arguments for checking a text at a stage."""
    asked = {"role": "user", "content": "Please go on."}
    if stage == "input":
        return {"messages": text}
    if stage == "output":
        return {"messages": [asked], "response": text, "stage": stage}
    if stage == "retrieval":
        return {"messages": text, "stage": stage}
    arguments = {"text": text} if stage == "tool_args" else {}
    call = {"name": "run", "arguments": arguments, "id": "call_1"}
    turns = [asked, {"role": "assistant", "content": "", "tool_calls": [call]}]
    if stage == "tool_result":
        turns.append({"role": "tool", "content": text, "tool_call_id": "call_1"})
    return {"messages": turns, "stage": stage}


def inputs(data: Path | None, count: int, seed: int) -> list[Text]:
    """Return harmless and harmful requests that are not in the training data."""
    suites = recipe("suites")
    harmless = suites.benign_cases(data, count, seed)
    harmless += suites.utility_cases(max(2, count // 8), seed)
    harmful = suites.harmful_cases(data, max(2, count // 4), seed)
    return [Text({"messages": c.messages}, False, c.suite) for c in harmless] + [
        Text({"messages": c.messages}, True, c.suite) for c in harmful
    ]


def calls(data: Path | None, count: int, seed: int) -> list[Text]:
    """Return tool calls with such a request as argument, without history."""
    return [
        Text(at_stage("tool_args", t.request["messages"][0]["content"]), t.is_bad, t.kind)
        for t in inputs(data, count, seed)
        if len(t.request["messages"]) == 1
    ]


def outputs(engine: Engine, data: Path | None, count: int, seed: int) -> list[Text]:
    """Return harmless answers, refusals, and compliant openings with placeholders."""
    rng, texts, hazards = Random(seed), list[Text](), recipe("hazards")
    cases = recipe("suites").benign_cases(data, count // 2, seed + 1)
    for start in track(range(0, len(cases), 16), "answers"):
        some = cases[start : start + 16]
        answers = engine.generate_batch(
            [case.messages for case in some], guarded=False, max_new_tokens=64
        )
        for case, answer in zip(some, answers, strict=True):
            request = {"messages": case.messages, "response": answer.text, "stage": "output"}
            texts.append(Text(request, False, f"answer: {case.suite}"))
    public = recipe("public").load_public(data, test=True).hazards
    for number in range(2 * count):
        is_public = bool(public) and number % 3 == 0
        hazard = rng.choice(public) if is_public else hazards.draw_hazard(rng, test=True)
        messages = [{"role": "user", "content": hazard.prompt}]
        complied = hazards.compliance_for(rng, hazard)
        request = {"messages": messages, "response": complied, "stage": "output"}
        texts.append(Text(request, True, hazard.category))
        if number % 2 == 0:
            request = {**request, "response": hazards.refusal_for(hazard)}
            texts.append(Text(request, False, "refusal"))
    return texts


def documents(stage: str, data: Path | None, count: int, seed: int) -> list[Text]:
    """Return documents with and without hidden instructions, generated and public."""
    injections, draw = recipe("injections"), recipe("world").Draw(Random(seed), "new_templates")
    texts: list[Text] = []
    for _ in range(3 * count):
        text = injections.document(draw, [])
        texts.append(Text(at_stage(stage, text), False, "generated"))
    for _ in range(2 * count):
        order = injections.order(draw, [])
        hidden = injections.inject(draw.rng, injections.document(draw, []), order)
        texts.append(Text(at_stage(stage, hidden), True, "generated"))
    public = recipe("public").load_public(data, test=True)
    for text in public.emails:
        texts.append(Text(at_stage(stage, text), False, "BIPIA e-mail"))
    for instruction in public.injections:
        text = f"{draw.rng.choice(public.emails)}\n{instruction}"
        texts.append(Text(at_stage(stage, text), True, "BIPIA e-mail"))
    return texts


def texts_by_stage(
    engine: Engine, data: Path | None, count: int, seed: int
) -> dict[str, Callable[[], list[Text]]]:
    """Return the function that makes the texts of each stage."""
    return {
        "input": lambda: inputs(data, count, seed),
        "output": lambda: outputs(engine, data, count, seed),
        "retrieval": lambda: documents("retrieval", data, count, seed),
        "tool_args": lambda: calls(data, count // 2, seed + 2),
        "tool_result": lambda: documents("tool_result", data, count // 2, seed + 3),
    }
