"""An answer under a grammar is complete, whatever its budget and whatever the model prefers."""

import json
import random
import re
from typing import Any

import pytest
import torch

from ngsd_guard import DecodingError, Engine, GateConfig, NGSDConfig, load_engine
from ngsd_guard.config import ReflectionConfig
from ngsd_guard.grammar import Grammar, GrammarConstraint, compile_grammar
from ngsd_guard.models import HFCausalLM
from tiny_models import save_model

USER = [{"role": "user", "content": "Order two cups of tea for Tom, please."}]
EAGER = NGSDConfig(
    gate=GateConfig(v_threshold=0.3),
    reflection=ReflectionConfig(alpha_knots=((0.0, 0.7), (10.0, 0.7))),
)


def closed(required: list[str] | None = None, /, **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties) if required is None else required,
        "additionalProperties": False,
    }


POINT = closed(x={"type": "integer"}, y={"type": ["integer", "null"]})
ITEM = closed(
    name={"type": "string", "minLength": 5, "maxLength": 40},
    count={"type": "integer", "minimum": 0, "maximum": 20},
)
SCHEMAS: dict[str, dict[str, Any]] = {
    "nested": closed(
        status={"enum": ["open", "paid", "waiting for the bank to answer"]},
        express={"type": "boolean"},
        items={"type": "array", "minItems": 1, "maxItems": 3, "items": ITEM},
    ),
    "optional": closed(
        [],
        list={"type": "array", "minItems": 5, "items": {"type": "string", "minLength": 20}},
        number={"type": "integer"},
    ),
    "numbers": {
        "type": "array",
        "minItems": 3,
        "items": {"type": "number", "minimum": -1.5, "maximum": 2.5},
    },
    "long_text": closed(text={"type": "string", "minLength": 40, "maxLength": 60}),
    "alternatives": {
        "anyOf": [
            {"type": "null"},
            closed(x={"type": "string", "minLength": 30}, y={"type": "boolean"}),
        ]
    },
    "open_object": {
        "type": "object",
        "properties": {"name": {"type": "string"}, "big": POINT},
        "required": ["name"],
    },
    "references": {
        **closed(
            ["start", "end"],
            start={"$ref": "#/$defs/point"},
            end={"$ref": "#/$defs/point"},
            via={"type": "array", "items": {"$ref": "#/$defs/point"}},
        ),
        "$defs": {"point": POINT},
    },
    "recursive": {
        "$ref": "#/$defs/tree",
        "$defs": {
            "tree": closed(
                value={"type": "integer"},
                children={"type": "array", "items": {"$ref": "#/$defs/tree"}},
            )
        },
    },
    "tools": {
        "anyOf": [
            closed(name={"const": "now"}, arguments=closed()),
            closed(
                name={"const": "book"},
                arguments=closed(
                    **{
                        key: {"type": "string", "minLength": 3}
                        for key in ("from", "to", "passenger")
                    }
                ),
            ),
        ]
    },
    "text": {"type": "string"},
}


def fits(value: Any, schema: dict[str, Any], root: dict[str, Any]) -> bool:
    """Check a value against the keywords used here."""
    if "$ref" in schema:
        return fits(value, root["$defs"][schema["$ref"].split("/")[-1]], root)
    if "anyOf" in schema:
        return any(fits(value, one, root) for one in schema["anyOf"])
    if "const" in schema or "enum" in schema:
        return value in schema.get("enum", [schema.get("const")])
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return any(_fits_kind(value, kind, schema, root) for kind in kinds)


def _fits_kind(value: Any, kind: str, schema: dict[str, Any], root: dict[str, Any]) -> bool:
    if kind in ("null", "boolean"):
        return value is None if kind == "null" else isinstance(value, bool)
    if kind in ("integer", "number"):
        types = int if kind == "integer" else (int, float)
        least, most = schema.get("minimum", -1e300), schema.get("maximum", 1e300)
        return isinstance(value, types) and not isinstance(value, bool) and least <= value <= most
    if kind == "string":
        lengths = range(schema.get("minLength", 0), schema.get("maxLength", 10**6) + 1)
        return isinstance(value, str) and len(value) in lengths
    if kind == "array":
        lengths = range(schema.get("minItems", 0), schema.get("maxItems", 10**6) + 1)
        return len(value) in lengths and all(fits(one, schema["items"], root) for one in value)
    parts = schema["properties"]
    is_closed = schema.get("additionalProperties") is False
    return (
        set(schema["required"]) <= set(value)
        and (not is_closed or set(value) <= set(parts))
        and all(fits(one, parts[key], root) for key, one in value.items() if key in parts)
    )


@pytest.fixture(scope="module")
def embedded() -> Engine:
    return load_engine()


@pytest.fixture(scope="module")
def eager(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """A random pair with short tokens, whose models always disagree, so that the gate fires."""
    root = tmp_path_factory.mktemp("tiny")
    base = save_model(root / "base", "llama", seed=1, padding=12)
    return load_engine(base, save_model(root / "expert", "qwen3", seed=2), config=EAGER)


@pytest.fixture(scope="module", params=["embedded", "tiny"])
def engine(request: pytest.FixtureRequest) -> Engine:
    fixture = {"embedded": "embedded", "tiny": "eager"}[request.param]
    engine: Engine = request.getfixturevalue(fixture)
    return engine


def shortest(grammar: Grammar) -> int:
    """Return the smallest budget that the first mask accepts."""
    low, high = 1, 512
    while low < high:
        middle = (low + high) // 2
        try:
            grammar.start().mask(middle)
            high = middle
        except DecodingError:
            low = middle + 1
    return low


def babble(model: HFCausalLM, constraint: GrammarConstraint, budget: int, seed: int) -> list[int]:
    """Return the tokens of a model that never ends by itself and prefers to open brackets."""
    chooser = random.Random(seed)
    written: list[int] = []
    while len(written) < budget:
        allowed = constraint.mask(budget - len(written)).nonzero().flatten().tolist()
        inner = [i for i in allowed if i not in model.eos_token_ids]
        if not inner:
            break
        opening = [i for i in inner if set(model.decode([i])) & set('{[,"')]
        chosen = opening if opening and chooser.random() < seed % 3 / 2 else inner
        written.append(chooser.choice(chosen))
        constraint.advance(written[-1])
    return written


@pytest.mark.parametrize("name", SCHEMAS)
def test_answer_is_complete_whatever_the_model_prefers(engine: Engine, name: str) -> None:
    schema = SCHEMAS[name]
    grammar = compile_grammar(engine.base, json_schema=schema)
    least = shortest(grammar)
    for extra in (0, 1, 2, 5, 13, 40):
        for seed in range(3):
            written = babble(engine.base, grammar.start(), least + extra, seed)
            text = engine.base.decode(written)
            assert fits(json.loads(text), schema, schema), (extra, seed, text)


@pytest.mark.parametrize("source", ["(no|yes, (because )?[a-z ]{12,30})!", "<[a-z]{30}>|[0-9]{2}"])
def test_regex_is_completed_too(embedded: Engine, source: str) -> None:
    grammar = compile_grammar(embedded.base, regex=source)
    for extra in (0, 1, 3, 9):
        for seed in range(4):
            budget = shortest(grammar) + extra
            text = embedded.base.decode(babble(embedded.base, grammar.start(), budget, seed))
            assert re.fullmatch(source, text), (budget, seed, text)


@pytest.mark.parametrize("sampling", [{}, {"temperature": 1.3, "seed": 5}])
@pytest.mark.parametrize("name", ["nested", "tools"])
def test_engine_returns_complete_json_for_any_budget(
    engine: Engine, name: str, sampling: dict[str, Any]
) -> None:
    schema = SCHEMAS[name]
    grammar = compile_grammar(engine.base, json_schema=schema)
    least = shortest(grammar)
    for budget in (least, least + 1, least + 7, least + 30):
        options = {"max_new_tokens": budget, **sampling}
        drafted, stepwise = (
            engine.generate(USER, constraint=grammar.start(), speculative=value, **options)
            for value in (True, False)
        )
        assert fits(json.loads(drafted.text), schema, schema)
        assert drafted.usage.output_tokens <= budget
        assert drafted.token_ids == stepwise.token_ids


def test_batched_answers_equal_single_answers(eager: Engine) -> None:
    grammar = compile_grammar(eager.base, json_schema=SCHEMAS["nested"])
    least = shortest(grammar)
    budgets = [least, least + 3, least + 20]
    batch = eager.generate_batch(
        [USER] * 3,
        each=[{"constraint": grammar.start(), "max_new_tokens": budget} for budget in budgets],
    )
    for budget, one in zip(budgets, batch, strict=True):
        alone = eager.generate(USER, constraint=grammar.start(), max_new_tokens=budget)
        assert one.token_ids == alone.token_ids
        json.loads(one.text)


def test_budget_below_the_shortest_answer_is_refused_before_the_first_token(
    embedded: Engine,
) -> None:
    grammar = compile_grammar(embedded.base, json_schema=SCHEMAS["nested"])
    least = shortest(grammar)
    stream = embedded.stream(USER, constraint=grammar.start(), max_new_tokens=least - 1)
    with pytest.raises(DecodingError, match=rf"{least} tokens.*raise max_new_tokens"):
        next(stream)


def test_masks_far_from_the_end_of_the_budget_equal_the_grammars(embedded: Engine) -> None:
    constraint = compile_grammar(embedded.base, json_schema=SCHEMAS["nested"]).start()
    for token_id in embedded.base.encode('{"status": "open", "express": '):
        assert torch.equal(constraint.mask(2000), constraint.mask())
        constraint.advance(token_id)


def test_masks_depend_only_on_the_text_and_the_budget(embedded: Engine) -> None:
    """They do not depend on earlier masks or on tokens rolled back."""
    grammar = compile_grammar(embedded.base, json_schema=SCHEMAS["nested"])
    budget = shortest(grammar) + 12
    written = babble(embedded.base, grammar.start(), budget, seed=1)
    stepwise, masks = grammar.start(), []
    for number, token_id in enumerate(written):
        masks.append(stepwise.mask(budget - number))
        stepwise.advance(token_id)
    chooser = random.Random(2)
    jumping, place = grammar.start(), 0
    for _ in range(40):
        target = chooser.randrange(len(written))
        if target < place:
            jumping.roll_back(place - target)
        for token_id in written[place:target]:
            jumping.advance(token_id)
        place = target
        assert torch.equal(jumping.mask(budget - place), masks[place])
        others = [i for i in masks[place].nonzero().flatten().tolist() if i != written[place]]
        inner = [i for i in others if i not in embedded.base.eos_token_ids]
        if inner and chooser.random() < 0.5:  # a rejected draft
            jumping.advance(chooser.choice(inner))
            jumping.mask(budget - place - 1)
            jumping.roll_back(1)


def test_complete_answer_ends_at_the_end_of_its_budget(embedded: Engine) -> None:
    base = embedded.base
    constraint = compile_grammar(base, regex="a(b)*").start()
    constraint.advance(base.encode("a")[0])
    assert set(constraint.mask(1).nonzero().flatten().tolist()) == base.eos_token_ids
    assert constraint.mask(2)[base.encode("b")[0]]
