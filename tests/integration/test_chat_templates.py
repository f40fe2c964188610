"""Chat templates of several families with tools, results, and roles they do not support."""

from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import HumanMessage
from transformers import PreTrainedTokenizerFast

from langchain_ngsd import ChatNGSD
from ngsd_guard import ConfigurationError, InvalidRequestError, load_engine
from ngsd_guard.models._chat import render_chat
from tiny_models import CHATML, make_tokenizer, save_model

STRICT = (
    "{% for m in messages %}"
    "{% if m['role'] == 'system' %}{{ raise_exception('no system role') }}{% endif %}"
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


@pytest.mark.parametrize(
    ("roles", "text"),
    [
        ("usau", "<user>u0\n\ns1<assistant>a2<user>u3"),
        ("uasu", "<user>u0<assistant>a1<user>s2\n\nu3"),
        ("us", "<user>u0\n\ns1"),
        ("uas", "<user>u0<assistant>a1<user>s2"),
        ("au", "<user><assistant>a0<user>u1"),
        ("sau", "<user>s0<assistant>a1<user>u2"),
        ("suasu", "<user>s0\n\nu1<assistant>a2<user>s3\n\nu4"),
    ],
)
def test_system_messages_and_greetings_find_a_place(tokenizer: Any, roles: str, text: str) -> None:
    names = {"s": "system", "u": "user", "a": "assistant"}
    messages: list[Any] = [
        {"role": names[role], "content": f"{role}{number}"} for number, role in enumerate(roles)
    ]
    assert render_chat(tokenizer, STRICT, messages) == text


def test_system_prompt_stays_first_where_only_later_ones_are_refused(tokenizer: Any) -> None:
    template = (
        "{% for m in messages %}{% if m['role'] == 'system' and not loop.first %}"
        "{{ raise_exception('system first') }}{% endif %}<{{ m['role'] }}>{{ m['content'] }}"
        "{% endfor %}"
    )
    system = {"role": "system", "content": "Be kind."}
    later = {"role": "system", "content": "Be brief."}
    text = render_chat(tokenizer, template, [system, USER, later])  # type: ignore[list-item]
    assert text == "<system>Be kind.<user>Hi\n\nBe brief."


def test_roles_that_stay_unsupported_are_a_typed_error(tokenizer: Any) -> None:
    call = {"name": "f", "arguments": {}, "id": "abcdefghi"}
    messages: list[Any] = [
        USER,
        {"role": "assistant", "content": "", "tool_calls": [call]},
        {"role": "tool", "content": "ok", "tool_call_id": "abcdefghi"},
        USER,
    ]
    with pytest.raises(InvalidRequestError, match="user, assistant, tool, user"):
        render_chat(tokenizer, STRICT, messages)


def test_template_that_leaves_out_calls_refuses_them(tokenizer: Any) -> None:
    call = {"name": "f", "arguments": {}, "id": "abcdefghi"}
    messages: list[Any] = [
        {"role": "user", "content": "Call f."},
        {"role": "assistant", "content": "", "tool_calls": [call]},
        {"role": "tool", "content": "ok", "tool_call_id": "abcdefghi"},
    ]
    with pytest.raises(InvalidRequestError, match="leaves out the tool calls"):
        render_chat(tokenizer, CHATML, messages)
    assert "[abcdefghi:f:{}]" in render_chat(
        tokenizer, NINE.replace("{{ tools | length }}", ""), messages
    )


THINKING = (
    CHATML + "{% if add_generation_prompt and enable_thinking is defined and not enable_thinking %}"
    "<think></think>{% endif %}"
)


def test_template_variables_reach_the_prompt_and_the_identity(tmp_path: Path) -> None:
    tokenizer = make_tokenizer()
    tokenizer.chat_template = THINKING
    folder = str(save_model(tmp_path / "tiny", "llama", seed=1, tokenizer=tokenizer))
    plain = ChatNGSD(model=folder, expert=folder, max_tokens=4)
    brief = ChatNGSD(
        model=folder, expert=folder, max_tokens=4, chat_template_kwargs={"enable_thinking": False}
    )
    bases = [model.engine.base for model in (plain, brief)]
    tokens = [base.encode_chat([USER]) for base in bases]  # type: ignore[list-item]
    prompts = [tokenizer.decode(ids) for ids in tokens]
    assert prompts[1] == prompts[0] + "<think></think>"
    assert bases[0].model is bases[1].model  # type: ignore[attr-defined]
    identities = [model.engine.pair.identity["tokenizer_digest"] for model in (plain, brief)]
    assert identities[0] != identities[1]
    assert plain._get_llm_string() != brief._get_llm_string()
    assert brief.invoke("Hi").content is not None
    assert brief.get_num_tokens_from_messages([HumanMessage("Hi")]) == len(tokens[1])


@pytest.mark.parametrize(
    ("kwargs", "reason"),
    [
        ({"enable_thinkin": False}, "does not read enable_thinkin; its variables: enable_thinking"),
        ({"messages": []}, "'messages', which is not a free variable"),
        ({"enable_thinking": {1}}, "not JSON"),
    ],
)
def test_wrong_template_variables_are_refused(
    tmp_path: Path, kwargs: dict[str, Any], reason: str
) -> None:
    tokenizer = make_tokenizer()
    tokenizer.chat_template = THINKING
    folder = save_model(tmp_path / "tiny", "llama", seed=1, tokenizer=tokenizer)
    with pytest.raises(ConfigurationError, match=reason):
        load_engine(folder, folder, chat_template_kwargs=kwargs)
    with pytest.raises(ConfigurationError, match=reason):
        ChatNGSD(model=str(folder), expert=str(folder), chat_template_kwargs=kwargs).invoke("Hi")


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
