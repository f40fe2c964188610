"""Chat templates of several families with tools, results, and roles they do not support."""

from pathlib import Path
from typing import Any

import pytest
from transformers import PreTrainedTokenizerFast

from ngsd_guard import InvalidRequestError
from ngsd_guard.models._chat import render_chat
from tiny_models import save_model

STRICT = (
    "{% if messages[0]['role'] == 'system' %}{{ raise_exception('no system role') }}{% endif %}"
    "{% for m in messages %}"
    "{% if (m['role'] == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('roles must alternate') }}{% endif %}"
    "<{{ m['role'] }}>{{ m['content'] }}"
    "{% endfor %}"
)
NINE = (
    "{% for m in messages %}{% for c in m['tool_calls'] or [] %}"
    "{% if c['id'] | length != 9 %}{{ raise_exception('nine characters') }}{% endif %}"
    "[{{ c['id'] }}:{{ c['function']['name'] }}:{{ c['function']['arguments'] | tojson }}]"
    "{% endfor %}{% if m['role'] == 'tool' %}[{{ m['tool_call_id'] }}={{ m['content'] }}]"
    "{% endif %}{% endfor %}{{ tools | length }}"
)
USER = {"role": "user", "content": "Hi"}


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = save_model(tmp_path_factory.mktemp("chat") / "tiny", "llama", seed=1)
    return PreTrainedTokenizerFast.from_pretrained(Path(folder))


def test_turns_are_unchanged_if_the_template_supports_them(tokenizer: Any) -> None:
    lenient = "{% for m in messages %}<{{ m['role'] }}>{{ m['content'] }}{% endfor %}"
    messages: list[Any] = [{"role": "system", "content": "Be kind."}, USER, USER]
    assert render_chat(tokenizer, lenient, messages) == "<system>Be kind.<user>Hi<user>Hi"


def test_turns_of_one_role_are_merged_if_the_template_refuses_them(tokenizer: Any) -> None:
    said = [{"role": "assistant", "content": text} for text in "AB"]
    messages: list[Any] = [USER, *said, USER, USER]
    text = render_chat(tokenizer, STRICT, messages)
    assert text == "<user>Hi<assistant>A\n\nB<user>Hi\n\nHi"


def test_unsupported_system_prompt_is_moved_to_the_first_turn(tokenizer: Any) -> None:
    messages: list[Any] = [
        {"role": "system", "content": "Be kind."}, {"role": "system", "content": "Be brief."}, USER,
    ]  # fmt: skip
    text = render_chat(tokenizer, STRICT, messages)
    assert text == "<user>Be kind.\n\nBe brief.\n\nHi"


def test_roles_that_stay_unsupported_are_a_typed_error(tokenizer: Any) -> None:
    messages: list[Any] = [{"role": "assistant", "content": "A"}, USER]
    with pytest.raises(InvalidRequestError, match="assistant, user"):
        render_chat(tokenizer, STRICT, messages)


def test_ids_of_calls_and_results_have_the_length_mistral_requires(tokenizer: Any) -> None:
    call = {"name": "f", "arguments": {"x": 1}, "id": "call_4f6a-long-one"}
    messages: list[Any] = [
        USER,
        {"role": "assistant", "content": "", "tool_calls": [call, {**call, "id": "abcdefghi"}]},
        {"role": "tool", "content": "ok", "tool_call_id": "call_4f6a-long-one"},
    ]
    tools = [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}]
    text = render_chat(tokenizer, NINE, messages, tools)
    first = text[1:10]
    assert text == (f'[{first}:f:{{"x": 1}}][abcdefghi:f:{{"x": 1}}][{first}=ok]1')


def test_template_without_tools_refuses_them(tokenizer: Any) -> None:
    with pytest.raises(InvalidRequestError, match="does not support tools"):
        render_chat(tokenizer, STRICT, [USER], [{"name": "f"}])  # type: ignore[list-item]
