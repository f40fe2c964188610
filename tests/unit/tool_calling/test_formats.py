"""The tool call format of a chat template."""

from pathlib import Path
from types import SimpleNamespace

import pytest

import ngsd_guard
from ngsd_guard import ConfigurationError
from ngsd_guard.tool_calling import (
    HERMES,
    LLAMA3,
    MISTRAL,
    MISTRAL_NAMED,
    TaggedFormat,
    ToolFormat,
    _registry,
    find_tool_format,
    register_tool_format,
)

# The decisive parts of public templates, in our own words.
QWEN3 = r"""{%- if tools %}{{- '<|im_start|>system\n<tools>' }}{{- "</tools>\nFor a call, return
<tool_call>\n{\"name\": <function-name>, \"arguments\": <args-json-object>}\n</tool_call>" }}
{%- endif %}{%- for tool_call in message.tool_calls %}{{- '<tool_call>\n{"name": "' }}{%- endfor %}
{{- '<|im_start|>assistant\n<think>\n\n</think>\n\n' }}"""
QWEN3_CODER = r"""{{- '<tool_call>\n<function=' + tool_call.name + '>\n' }}{{- '<parameter=' }}"""
LLAMA31 = r"""{{- "<|start_header_id|>system<|end_header_id|>\n\nEnvironment: ipython" }}
{{- 'Respond in the format {"name": function name, "parameters": dictionary of arguments}.' }}
{{- "<|python_tag|>" + tool_call.name + ".call(" }}"""
LLAMA32 = r"""{{- "<|start_header_id|>" + role }}{{- '"parameters": ' }}{{- arguments | tojson }}"""
LLAMA30 = r"""{{ '<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n' }}"""
MISTRAL_7B = r"""{{- "[TOOL_CALLS] [" }}{{- '"id": "' + tool_call.id }}"""
MAGISTRAL = r"""{{- '[TOOL_CALLS]' + name + '[CALL_ID]' + id + '[ARGS]' + arguments }}"""


@pytest.fixture(autouse=True)
def registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_registry, "_registered", {})


@pytest.mark.parametrize(
    ("template", "format"),
    [
        (QWEN3, "hermes"),
        (QWEN3_CODER, "xml"),
        (LLAMA31, "llama3"),
        (LLAMA32, "llama3"),
        (LLAMA30, None),
        (MISTRAL_7B, "mistral"),
        (MAGISTRAL, "mistral_named"),
        ("{{ message['content'] }}", None),
    ],
)
def test_format_is_found_from_the_template(template: str, format: str | None) -> None:
    found = find_tool_format(template)
    assert (found and found.name) == format


def test_template_of_the_embedded_model_is_hermes() -> None:
    source = Path(ngsd_guard.__file__).parent / "assets/mini/base/chat_template.jinja"
    assert find_tool_format(source.read_text()) is HERMES


def test_registered_formats_take_precedence_and_the_latest_most() -> None:
    first = TaggedFormat("first", "<tool_call>", "</tool_call>")
    second = TaggedFormat("second", "<tool_call>", "</tool_call>")
    register_tool_format(first)
    assert find_tool_format(QWEN3) is first
    assert find_tool_format(LLAMA31) is not first
    register_tool_format(second)
    assert find_tool_format(QWEN3) is second
    again = TaggedFormat("first", "<tool_call>", "</call>")
    register_tool_format(again)
    assert find_tool_format(QWEN3) is again


def test_invalid_format_is_refused() -> None:
    incomplete = SimpleNamespace(name="x", matches=lambda template: True, markers=())
    with pytest.raises(
        ConfigurationError, match=r"SimpleNamespace is not a tool format.*parser, gram"
    ):
        register_tool_format(incomplete)
    with pytest.raises(ConfigurationError, match="give it a name"):
        register_tool_format(TaggedFormat("", "<a>", "</a>"))
    assert find_tool_format(MISTRAL_7B) is MISTRAL


@pytest.mark.parametrize("format", [HERMES, MISTRAL, MISTRAL_NAMED], ids=lambda one: one.name)
def test_grammar_names_markers_through_the_literal(format: ToolFormat) -> None:
    asked: list[str] = []

    def literal(text: str) -> str:
        asked.append(text)
        return "<[7]>"

    grammar = format.grammar([{"name": "f"}], choice="auto", parallel=True, literal=literal)
    assert set(asked) <= set(format.markers)
    assert format.markers[0] in asked
    assert "start: TEXT (<[7]> calls)?" in grammar


@pytest.mark.parametrize(
    ("tools", "choice", "reason"),
    [
        ([], "auto", "choice='auto' with 0 tools"),
        ([{"name": "f"}], "none", "choice='none'"),
        ([{"name": "f"}], "g", "available: f"),
        ([{"name": "f g"}], "auto", "'f g'"),
    ],
)
def test_grammar_without_any_possible_call_is_refused(
    tools: list[dict[str, str]], choice: str, reason: str
) -> None:
    for format in (HERMES, LLAMA3, MISTRAL):
        with pytest.raises(ConfigurationError, match=reason):
            format.grammar(tools, choice=choice, parallel=True)
