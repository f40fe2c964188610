"""Calls with a tag per argument, as Qwen3-Coder writes them."""

import random
from pathlib import Path
from typing import Any

import pytest

from langchain_ngsd import ChatNGSD
from ngsd_guard import ConfigurationError
from ngsd_guard.grammar import Grammar, compile_grammar
from ngsd_guard.models import HFCausalLM, load_causal_lm
from ngsd_guard.tool_calling import HERMES, XML, CallEnded, find_tool_format, parse_answer
from tiny_models import CHATML, make_tokenizer, save_model

TEMPLATE = (
    CHATML.replace("{{ message.content }}", "{{ message.content }}{% for call in "
    "message.tool_calls or [] %}<tool_call>\n<function={{ call.function.name }}>\n"
    "{% for key, value in call.function.arguments.items() %}<parameter={{ key }}>\n{{ value }}\n"
    "</parameter>\n{% endfor %}</function>\n</tool_call>{% endfor %}")
    + "{{ tools | length if tools else 0 }}"
)  # fmt: skip
TOOLS: list[dict[str, Any]] = [
    {
        "name": "save",
        "parameters": {
            "type": "object",
            "properties": {
                "text": {"type": "string", "maxLength": 12},
                "count": {"type": "integer", "minimum": 0, "maximum": 99},
                "tags": {"type": "array", "items": {"type": "string"}, "maxItems": 2},
                "mode": {"enum": ["new", "old"]},
                "code": {"type": "string", "pattern": "^[A-Z]{2}$"},
            },
            "required": ["text", "count"],
        },
    },
    {"name": "stop"},
]
CALL = (
    "<tool_call>\n<function=save>\n<parameter=text>\n12\n</parameter>\n"
    '<parameter=count>\n3\n</parameter>\n<parameter=tags>\n["a"]\n</parameter>\n'
    "</function>\n</tool_call>"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tokenizer = make_tokenizer()
    tokenizer.chat_template = TEMPLATE
    return save_model(tmp_path_factory.mktemp("xml") / "tiny", "llama", seed=2, tokenizer=tokenizer)


@pytest.fixture(scope="module")
def model(folder: Path) -> HFCausalLM:
    return load_causal_lm(folder)


def test_template_with_function_tags_takes_tools() -> None:
    assert find_tool_format(TEMPLATE) is XML
    assert find_tool_format("{{ tools }}<tool_call>{{ call | tojson }}</tool_call>") is HERMES


def test_arguments_are_read_by_the_types_of_the_tool() -> None:
    guessed = parse_answer(XML, f"Yes.\n{CALL}")
    assert guessed.text == "Yes."
    assert guessed.calls[0].arguments == {"text": 12, "count": 3, "tags": ["a"]}
    parser = XML.parser_for(TOOLS)
    events = [event for char in CALL for event in parser.feed(char)] + parser.finish()
    assert [event.arguments for event in events if isinstance(event, CallEnded)] == [
        {"text": "12", "count": 3, "tags": ["a"]}
    ]
    assert parse_answer(XML, "<tool_call><function=stop></function>").calls[0].arguments == {}


@pytest.mark.parametrize(
    "text",
    [
        "<tool_call>\n<function=save>\n<parameter=text>\nabc",
        "<tool_call>\n{}\n</tool_call>",
        "<tool_call>\n<function=>\n</function>\n</tool_call>",
        CALL.replace("=count>", "=text>"),
    ],
)
def test_what_is_not_a_call_is_broken(text: str) -> None:
    answer = parse_answer(XML, text)
    assert (len(answer.calls), len(answer.broken)) == (0, 1)


def accepted(model: HFCausalLM, grammar: Grammar, text: str) -> bool:
    constraint = grammar.start()
    for token_id in model.encode(text):
        if not constraint.mask()[token_id]:
            return False
        constraint.advance(token_id)
    return bool(constraint.mask()[sorted(model.eos_token_ids)].any())


def test_grammar_takes_calls_that_fit_and_no_others(model: HFCausalLM) -> None:
    lark = XML.grammar(TOOLS, choice="auto", parallel=True)
    grammar = compile_grammar(model, lark=lark)
    assert accepted(model, grammar, CALL)
    assert accepted(model, grammar, f"Yes.\n{CALL}\n{CALL}")
    assert accepted(model, grammar, "No call.")
    for wrong in (
        CALL.replace("=save>", "=send>"),
        CALL.replace("\n3\n", "\n300\n"),
        CALL.replace("\n12\n", "\n0123456789abc\n"),
        CALL.replace("<parameter=count>\n3\n</parameter>\n", ""),
    ):
        assert not accepted(model, grammar, wrong), wrong


def test_forced_call_is_made_and_fits(folder: Path) -> None:
    chat = ChatNGSD(model=str(folder), expert=str(folder), max_tokens=150, temperature=1.0)
    for seed in range(2):
        bound = chat.model_copy(update={"seed": random.Random(seed).randrange(99)})
        (call,) = (
            bound.bind_tools(TOOLS, tool_choice="save", parallel_tool_calls=False)
            .invoke("Save it.")
            .tool_calls
        )
        assert call["name"] == "save"
        assert isinstance(call["args"]["text"], str)
        assert 0 <= call["args"]["count"] <= 99


def test_tool_whose_arguments_are_not_listed_is_refused() -> None:
    tool = {"name": "f", "parameters": {"type": "object", "required": ["x"]}}
    with pytest.raises(ConfigurationError, match="'f' has arguments that are not simply listed"):
        XML.grammar([tool], choice="auto", parallel=True)
