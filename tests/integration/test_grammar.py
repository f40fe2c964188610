"""Grammars compiled for real tokenizers, through the decode loop."""

import copy
import json
import re
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Literal

import pytest
import torch
from pydantic import BaseModel, ConfigDict, Field
from torch import Tensor

from ngsd_guard import (
    ConfigurationError,
    DecodingError,
    Engine,
    GateConfig,
    Generation,
    MissingDependencyError,
    NGSDConfig,
    load_engine,
)
from ngsd_guard.config import DecodingConfig, ReflectionConfig
from ngsd_guard.decoding import TokenConstraint
from ngsd_guard.grammar import Grammar, GrammarConstraint, compile_grammar
from ngsd_guard.models import HFCausalLM, load_causal_lm
from ngsd_guard.testing import ScriptedModel
from tiny_models import make_tokenizer, save_model

USER = [{"role": "user", "content": "Order two cups of tea for Tom, please."}]
SAMPLED = {"temperature": 1.2, "seed": 11}
EAGER = NGSDConfig(
    gate=GateConfig(v_threshold=0.3),
    reflection=ReflectionConfig(alpha_knots=((0.0, 0.7), (10.0, 0.7))),
)
REPAIRING = EAGER.replace(decoding=DecodingConfig(max_repairs=2, repair_after=2))
PLATE = r"[A-Z]{2}-[0-9]{3}(, [A-Z]{2}-[0-9]{3}){0,2}\."
# Text an unconstrained model would never write twice, so that the grammar must be the cause.
LARK = """
start: "<" NAME ">" count{2} "!"
count: " " NUMBER
NAME: /[a-zé東]{2,4}/
NUMBER: /[0-9]{1,3}/
"""
LARK_AS_REGEX = r"<[a-zé東]{2,4}>( [0-9]{1,3}){2}!"


class Item(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    name: str = Field(pattern="^[a-z ]{1,8}$")
    count: int = Field(ge=0, le=20)


class Order(BaseModel):
    """A bounded schema, so that a random model ends too."""

    model_config = ConfigDict(extra="forbid", strict=True)

    status: Literal["open", "paid"]
    express: bool
    items: list[Item] = Field(min_length=1, max_length=2)


@pytest.fixture(scope="module")
def embedded() -> Engine:
    return load_engine()


@pytest.fixture(scope="module")
def tiny_folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    root = tmp_path_factory.mktemp("tiny")
    base = save_model(root / "base", "llama", seed=1, padding=12)
    return base, save_model(root / "expert", "qwen3", seed=2)


@pytest.fixture(scope="module")
def eager(tiny_folders: tuple[Path, Path]) -> Engine:
    """A random pair whose models always disagree, so that the gate fires."""
    return load_engine(*tiny_folders, config=EAGER)


@pytest.fixture(scope="module", params=["embedded", "tiny"])
def engine(request: pytest.FixtureRequest) -> Engine:
    fixture = {"embedded": "embedded", "tiny": "eager"}[request.param]
    return request.getfixturevalue(fixture)


@pytest.fixture(scope="module")
def tiny(tiny_folders: tuple[Path, Path]) -> HFCausalLM:
    return load_causal_lm(tiny_folders[0])


def answer(engine: Engine, grammar: Grammar, **options: Any) -> Generation:
    options = {"max_new_tokens": 200, **options}
    return engine.generate(USER, constraint=grammar.start(), **options)


def allowed_ids(constraint: GrammarConstraint) -> list[int]:
    return constraint.mask().nonzero().flatten().tolist()


def read(constraint: GrammarConstraint, token_ids: Sequence[int]) -> None:
    for token_id in token_ids:
        assert constraint.mask()[token_id]
        constraint.advance(token_id)


def assert_follows(text: str, grammar: str) -> None:
    if grammar == "json_schema":
        Order.model_validate_json(text)
    else:
        pattern = PLATE if grammar == "regex" else LARK_AS_REGEX
        assert re.fullmatch(pattern, text, flags=re.ASCII), text


def compiled(model: Any, grammar: str) -> Grammar:
    sources = {"json_schema": Order.model_json_schema(), "regex": PLATE, "lark": LARK}
    return compile_grammar(model, **{grammar: sources[grammar]})


@pytest.mark.parametrize("grammar", ["json_schema", "regex", "lark"])
@pytest.mark.parametrize("sampling", [{}, SAMPLED], ids=["greedy", "sampled"])
@pytest.mark.parametrize("guarded", [True, False], ids=["guarded", "unguarded"])
def test_answer_follows_its_grammar_and_drafts_change_nothing(
    engine: Engine, guarded: bool, sampling: dict[str, Any], grammar: str
) -> None:
    rules = compiled(engine.base, grammar)
    options = {"guarded": guarded, **sampling}
    stepwise = answer(engine, rules, speculative=False, **options)
    drafted = answer(engine, rules, speculative=True, **options)
    assert stepwise.finish_reason == "stop"
    assert stepwise.token_ids[-1] in engine.base.eos_token_ids
    assert_follows(stepwise.text, grammar)
    assert drafted.token_ids == stepwise.token_ids
    assert drafted.text == stepwise.text
    assert stepwise.speculation.num_drafted == 0
    assert (drafted.speculation.num_drafted > 0) == guarded


def test_same_request_without_a_grammar_is_unconstrained(engine: Engine) -> None:
    text = engine.generate(USER, max_new_tokens=60).text
    for grammar in ("json_schema", "regex", "lark"):
        with pytest.raises((ValueError, AssertionError)):
            assert_follows(text, grammar)


def test_gate_fires_and_overrides_within_the_grammar(eager: Engine) -> None:
    guarded = answer(eager, compiled(eager.base, "json_schema"), trace=True)
    assert guarded.num_spikes > 0
    assert guarded.steps is not None
    assert any(step.overridden for step in guarded.steps)
    unguarded = answer(eager, compiled(eager.base, "json_schema"), guarded=False)
    assert guarded.token_ids != unguarded.token_ids


@pytest.mark.parametrize("sampling", [{}, SAMPLED], ids=["greedy", "sampled"])
def test_repaired_sentences_follow_the_grammar(
    tiny_folders: tuple[Path, Path], sampling: dict[str, Any]
) -> None:
    engine = load_engine(*tiny_folders, config=REPAIRING)
    rules = compiled(engine.base, "regex")
    stepwise = answer(engine, rules, speculative=False, **sampling)
    drafted = answer(engine, rules, speculative=True, **sampling)
    assert drafted.speculation.num_repairs > 0
    assert_follows(stepwise.text, "regex")
    assert drafted.token_ids == stepwise.token_ids


def test_batch_with_one_grammar_per_request_gives_the_single_answers(eager: Engine) -> None:
    names = ["json_schema", "regex", "lark"]
    rules = {name: compiled(eager.base, name) for name in names}
    single = [answer(eager, rules[name]) for name in names]
    batch = eager.generate_batch(
        [USER] * 3,
        each=[{"constraint": rules[name].start()} for name in names],
        max_new_tokens=200,
    )
    assert [one.token_ids for one in batch] == [one.token_ids for one in single]
    for name, one in zip(names, batch, strict=True):
        assert_follows(one.text, name)


def test_stream_gives_the_text_of_generate(embedded: Engine) -> None:
    rules = compiled(embedded.base, "lark")
    stream = embedded.stream(USER, max_new_tokens=200, constraint=rules.start())
    assert "".join(step.text for step in stream) == answer(embedded, rules).text


@pytest.mark.parametrize("guarded", [True, False], ids=["guarded", "unguarded"])
def test_choice_is_forced(engine: Engine, guarded: bool) -> None:
    rules = compile_grammar(engine.base, regex="(yes|no)")
    chosen = {
        answer(engine, rules, guarded=guarded, temperature=5.0, seed=seed).text for seed in range(8)
    }
    assert chosen == {"yes", "no"}
    only = compile_grammar(engine.base, regex="maybe")
    assert answer(engine, only, guarded=guarded).text == "maybe"


def test_budget_below_the_shortest_answer_is_refused(embedded: Engine) -> None:
    rules = compile_grammar(embedded.base, regex="[ab]{50}")
    with pytest.raises(DecodingError, match="raise max_new_tokens"):
        answer(embedded, rules, max_new_tokens=5)


def test_ends_are_allowed_where_the_grammar_is_complete(embedded: Engine) -> None:
    base = embedded.base
    constraint = compile_grammar(base, regex="no(no)?").start()
    as_protocol: TokenConstraint = constraint
    assert as_protocol is constraint
    seen = []
    for token_id in base.encode("n") + base.encode("o") + base.encode("n") + base.encode("o"):
        seen.append(base.eos_token_ids <= set(allowed_ids(constraint)))
        read(constraint, [token_id])
    assert seen == [False, False, True, False]
    assert set(allowed_ids(constraint)) == base.eos_token_ids


def test_roll_back_restores_every_mask(engine: Engine) -> None:
    generator = torch.Generator().manual_seed(0)
    for grammar in ("json_schema", "regex", "lark"):
        constraint = compiled(engine.base, grammar).start()
        masks: list[Tensor] = [constraint.mask()]
        tokens: list[int] = []
        while True:
            inner = [i for i in allowed_ids(constraint) if i not in engine.base.eos_token_ids]
            if not inner:
                break
            tokens.append(inner[int(torch.randint(len(inner), (), generator=generator))])
            constraint.advance(tokens[-1])
            masks.append(constraint.mask())
        assert len(tokens) > 4
        assert set(allowed_ids(constraint)) == engine.base.eos_token_ids
        for number in (1, 3, len(tokens)):
            constraint.roll_back(number)
            assert torch.equal(constraint.mask(), masks[len(tokens) - number])
            for token_id, mask in zip(tokens[-number:], masks[-number:], strict=True):
                constraint.advance(token_id)
                assert torch.equal(constraint.mask(), mask)


def test_constraints_of_one_grammar_are_independent_in_any_thread(embedded: Engine) -> None:
    base = embedded.base
    rules = compiled(base, "json_schema")
    tokens = base.encode('{"status": "paid", "express": true, "items": [')

    def masks(_: int) -> list[list[int]]:
        constraint = rules.start()
        seen = []
        for token_id in tokens:
            seen.append(allowed_ids(constraint))
            constraint.advance(token_id)
        return seen

    expected = masks(0)
    assert all(token_id in seen for token_id, seen in zip(tokens, expected, strict=True))
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(masks, range(24))) == [expected] * 24
    assert allowed_ids(rules.start()) == expected[0]


def test_mask_is_as_wide_as_the_logits(tiny: HFCausalLM) -> None:
    num_tokens = len(tiny.tokenizer)
    assert tiny.vocab_size == num_tokens + 12
    mask = compile_grammar(tiny, regex="(?s:.*)").start().mask()
    assert mask.shape == (num_tokens + 12,)
    assert mask.dtype == torch.bool
    assert mask[:num_tokens].sum() > 250
    assert not mask[num_tokens:].any()
    narrow = tiny.narrowed(num_tokens - 20, tiny.chat_template)
    narrow_mask = compile_grammar(narrow, regex="(?s:.*)").start().mask()
    assert torch.equal(narrow_mask, mask[: num_tokens - 20])


@pytest.mark.parametrize("token", ["<|im_start|>", "<|im_end|>"])
def test_control_token_is_not_allowed_even_if_spelled_out(tiny: HFCausalLM, token: str) -> None:
    anything = compile_grammar(tiny, regex="a(?s:.*)b").start()
    read(anything, tiny.encode("a"))
    control = tiny.tokenizer.convert_tokens_to_ids(token)
    assert not anything.mask()[control]
    constraint = compile_grammar(tiny, regex=f"[ab]{re.escape(token)}b").start()
    read(constraint, tiny.encode("a"))
    assert not constraint.mask()[control]
    with pytest.raises(ConfigurationError, match="no answer can satisfy it"):
        compile_grammar(tiny, lark=f"start: {token}")


def test_every_end_of_the_model_counts_and_no_other(tmp_path: Path) -> None:
    tokenizer = make_tokenizer()
    letter = tokenizer.convert_tokens_to_ids("e")
    beyond = len(tokenizer) + 3
    folder = save_model(tmp_path, "llama", seed=4, padding=12, eos_token_id=[letter, beyond])
    model = load_causal_lm(folder)
    turn_end = tokenizer.convert_tokens_to_ids("<|im_end|>")
    assert model.eos_token_ids == {turn_end, letter, beyond}
    constraint = compile_grammar(model, regex="yes?(?s:.*)").start()
    read(constraint, model.encode("y"))
    # An `e` would end the answer before the grammar is complete.
    assert not constraint.mask()[[letter, beyond, turn_end]].any()
    done = compile_grammar(model, regex="y").start()
    read(done, model.encode("y"))
    assert allowed_ids(done) == [turn_end, letter, beyond]
    narrow = model.narrowed(len(tokenizer), model.chat_template)
    done = compile_grammar(narrow, regex="y").start()
    read(done, narrow.encode("y"))
    assert allowed_ids(done) == [turn_end, letter]


def test_end_token_of_the_tokenizer_but_not_the_model_is_not_allowed(tmp_path: Path) -> None:
    tokenizer = make_tokenizer()
    tokenizer.eos_token = "e"
    tokenizer.chat_template = None  # whose end of a turn would be allowed too
    beyond = len(tokenizer) + 3
    folder = save_model(
        tmp_path, "llama", seed=4, padding=12, eos_token_id=beyond, tokenizer=tokenizer
    )
    model = load_causal_lm(folder)
    done = compile_grammar(model, regex="y").start()
    assert not done.mask()[[model.tokenizer.eos_token_id, beyond]].any()
    read(done, model.encode("y"))
    assert allowed_ids(done) == [beyond]


def test_json_is_on_one_line_unless_the_schema_says_otherwise(embedded: Engine) -> None:
    base = embedded.base
    schema = Order.model_json_schema()
    order = Order(status="open", express=False, items=[Item(name="tea", count=2)]).model_dump()
    (space,) = base.encode(" ")
    (line_break,) = base.encode("\n")

    for separators in ((", ", ": "), (",", ":")):
        constraint = compile_grammar(base, json_schema=json.dumps(schema)).start()
        read(constraint, base.encode(json.dumps(order, separators=separators)))
        assert base.eos_token_ids <= set(allowed_ids(constraint))
    constraint = compile_grammar(base, json_schema=schema).start()
    read(constraint, base.encode("{"))
    assert not constraint.mask()[line_break]
    read(constraint, [space])
    assert not constraint.mask()[space]

    free = {**schema, "x-guidance": {"whitespace_pattern": r"\s+"}}
    constraint = compile_grammar(base, json_schema=free).start()
    read(constraint, base.encode(json.dumps(order, indent=2)))
    assert base.eos_token_ids <= set(allowed_ids(constraint))


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({}, "no grammar given; pass exactly one of json_schema, regex, lark"),
        ({"regex": "a", "lark": 'start: "a"'}, "regex and lark given"),
        ({"json_schema": {}, "regex": ""}, "json_schema and regex given"),
        ({"json_schema": "{'type': 'string'}"}, r"json_schema: it is not JSON: .* column 2"),
        ({"json_schema": {"const": {1, 2}}}, "it is not JSON: .*set"),
        ({"json_schema": {"properties": {"a": {"required": None}}}}, "#/properties/a/required"),
        ({"json_schema": {"type": "strin"}}, "#/type: 'strin' is not a type"),
        ({"json_schema": '"text"'}, "it is a str, not an object"),
        ({"json_schema": {"x-guidance": {"lost": 1}}}, "json_schema: .*unknown field `lost`"),
        ({"json_schema": {"type": "array", "uniqueItems": True}}, "uniqueItems"),
        ({"json_schema": {"$ref": "#/$defs/lost"}}, r"\$defs/lost"),
        ({"json_schema": {"enum": []}}, "#/enum: it is a list of at least one"),
        ({"json_schema": {"allOf": [{"const": 1}, {"const": 2}]}}, "Unsatisfiable"),
        ({"regex": "[a"}, "regex: .*unclosed character class"),
        ({"regex": "(?=a)b"}, "look-around"),
        ({"regex": r"[^\s\S]"}, "no answer can satisfy it"),
        ({"regex": 7}, "regex: it is of type int"),
        ({"lark": "start: lost"}, 'lark: .*unknown name: "lost"'),
        ({"lark": ""}, "Empty grammar"),
    ],
)
def test_wrong_grammar_is_refused_with_the_reason(
    tiny: HFCausalLM, options: dict[str, Any], reason: str
) -> None:
    with pytest.raises(ConfigurationError, match=reason):
        compile_grammar(tiny, **options)


def test_long_reason_is_shortened(tiny: HFCausalLM) -> None:
    with pytest.raises(ConfigurationError, match=r"xxxx.*\.\.\.; correct") as raised:
        compile_grammar(tiny, regex="x" * 1000 + "(")
    assert len(str(raised.value)) < 500


def test_empty_regex_and_schema_count_as_given(tiny: HFCausalLM) -> None:
    nothing = compile_grammar(tiny, regex="").start()
    assert set(allowed_ids(nothing)) == tiny.eos_token_ids
    anything = compile_grammar(tiny, json_schema={}).start()
    read(anything, tiny.encode('{"a": [1, null]}'))
    assert tiny.eos_token_ids <= set(allowed_ids(anything))


def test_model_that_cannot_follow_a_grammar_is_refused(tiny: HFCausalLM, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="ScriptedModel; pass a Hugging Face model"):
        compile_grammar(ScriptedModel("Hello."), regex="a")
    tokenizer = make_tokenizer()
    tokenizer.chat_template = None  # which would say what ends a turn
    endless = load_causal_lm(
        save_model(tmp_path, "llama", seed=5, eos_token_id=[], tokenizer=tokenizer)
    )
    with pytest.raises(ConfigurationError, match="set eos_token_id"):
        compile_grammar(endless, regex="a")
    slow = copy.copy(tiny)
    slow.tokenizer = list(range(340))
    with pytest.raises(ConfigurationError, match="use a model with a fast tokenizer"):
        compile_grammar(slow, regex="a")


def test_misuse_fails_without_quoting_the_answer(
    embedded: Engine, capfd: pytest.CaptureFixture[str]
) -> None:
    base = embedded.base
    (wrong,) = base.encode("z")
    constraint = compile_grammar(base, regex="[ab]{2}").start()
    with pytest.raises(DecodingError, match=f"token {wrong} does not fit") as raised:
        constraint.advance(wrong)
    assert "'z'" not in str(raised.value)
    assert '"z"' not in str(raised.value)
    read(constraint, base.encode("a"))
    with pytest.raises(DecodingError, match="roll back 2 tokens"):
        constraint.roll_back(2)
    # A failed engine would end the answer as if it were complete.
    with pytest.raises(DecodingError, match="simplify the grammar"):
        constraint.mask()
    with pytest.raises(DecodingError):
        constraint.advance(wrong)
    assert capfd.readouterr() == ("", "")


def test_missing_engine_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("ngsd_guard.grammar", "ngsd_guard.grammar._grammar"):
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "llguidance", None)
    with pytest.raises(MissingDependencyError, match=r"ngsd-guard\[grammar\]"):
        import ngsd_guard.grammar  # noqa: F401


def test_package_does_not_load_the_engine() -> None:
    code = "import sys, ngsd_guard, ngsd_guard.models; sys.exit('llguidance' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], timeout=120, check=False).returncode == 0
