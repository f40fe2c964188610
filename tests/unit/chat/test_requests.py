"""What is wrong with a request is said before any work, with the remedy."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ngsd_guard import AuditLog, ConfigurationError, Engine, InvalidRequestError
from ngsd_guard.chat import ChatEngine, ChatRequest
from ngsd_guard.pairs import Pair
from ngsd_guard.testing import ScriptedModel, scripted_engine

USER = {"role": "user", "content": "kanarienvogel"}
TOOL = {"name": "now", "parameters": {}}
SCHEMA = {"type": "json_schema", "json_schema": {"schema": {"type": "object"}}}
Says = Callable[..., ChatEngine]


@pytest.mark.parametrize(
    ("options", "remedy"),
    [
        ({"temprature": 1}, "unknown option 'temprature'"),
        ({"temperature": -1}, "temperature=-1"),
        ({"temperature": "hot"}, "temperature='hot'"),
        ({"max_new_tokens": 0}, "max_new_tokens=0"),
        ({"stop": [""]}, "stop"),
        ({"stop": 5}, "stop=5"),
        ({"timeout_s": 0}, "timeout_s=0"),
        ({"logprobs": True, "top_logprobs": 21}, "top_logprobs=21"),
        ({"top_logprobs": 2}, "logprobs=True"),
        ({"logprobs": "please"}, "logprobs='please'"),
        ({"parallel_tool_calls": "perhaps"}, "parallel_tool_calls='perhaps'"),
    ],
)
def test_wrong_option_is_named(options: dict[str, Any], remedy: str) -> None:
    with pytest.raises(ConfigurationError, match=remedy) as caught:
        ChatRequest(messages=[USER], **options)
    assert USER["content"] not in str(caught.value)


def test_request_shows_no_text() -> None:
    assert USER["content"] not in repr(ChatRequest(messages=[USER]))


@pytest.mark.parametrize(
    ("options", "remedy"),
    [
        ({"tools": "now"}, "pass a list of function definitions"),
        ({"tools": [{"name": "a b"}]}, "1 to 64"),
        ({"tools": [TOOL], "tool_choice": "then"}, "available: now"),
        ({"tool_choice": "required"}, "none, so a call cannot be required"),
        ({"tools": [TOOL], "response_format": SCHEMA}, "both tools and response_format"),
        ({"response_format": "json"}, "give one of these"),
        ({"response_format": {"type": "json_schema"}}, "give one of these"),
        ({"response_format": {"type": "xml", "json_schema": {"schema": {}}}}, "give one of these"),
    ],
)
async def test_wrong_tools_and_formats_are_refused_on_every_way(
    says: Says, options: dict[str, Any], remedy: str
) -> None:
    chat, request = says("yes"), ChatRequest(messages=[USER], **options)
    with pytest.raises(ConfigurationError, match=remedy):
        chat.stream(request)
    with pytest.raises(ConfigurationError, match=remedy):
        await chat.aanswer(request)
    assert chat.admission.num_active == 0


def test_template_without_tools_says_what_to_do_instead(says: Says) -> None:
    chat = says("yes", template="{{ messages }}")
    with pytest.raises(ConfigurationError, match="response_format"):
        chat.answer(ChatRequest(messages=[USER], tools=[TOOL]))


def test_forced_answer_cannot_continue_a_message(says: Says) -> None:
    messages = [USER, {"role": "assistant", "content": "Well"}]
    for options in ({"response_format": SCHEMA}, {"tools": [TOOL], "tool_choice": "required"}):
        with pytest.raises(InvalidRequestError, match="end with a user or tool message"):
            says("yes").answer(ChatRequest(messages=messages, **options))


@pytest.mark.parametrize("messages", [[], "Hi", None, [5], [{"content": "Hi"}], [USER, None]])
@pytest.mark.parametrize("options", [{}, {"response_format": SCHEMA}, {"tools": [TOOL]}])
def test_wrong_messages_are_a_typed_error_and_recorded(
    tmp_path: Path, messages: Any, options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    base = ScriptedModel("yes")
    base.chat_template = "<tool_call>{{ tools }}"  # type: ignore[attr-defined]
    log = AuditLog(tmp_path / "audit.jsonl")
    chat = ChatEngine(Engine(Pair(base, ScriptedModel("yes")), audit=log))
    free = type("Free", (), {"start": lambda self: None})
    monkeypatch.setattr(chat.format, "grammar", lambda **_: free())
    with pytest.raises(InvalidRequestError):
        chat.answer(ChatRequest(messages=messages, **options))
    assert (tmp_path / "audit.jsonl").read_text().count('"failed"') == 1


@pytest.mark.parametrize(
    ("first", "roles"),
    [
        (None, ["system", "user"]),
        ({"role": "system", "content": "Be brief."}, ["system", "user"]),
        ({"role": "developer", "content": "Be brief."}, ["system", "user"]),
        ({"role": "system", "content": [{"type": "text", "text": "Be brief."}]},
         ["system", "user"]),
    ],
)  # fmt: skip
def test_schema_is_told_in_the_system_message(
    says: Says, first: Any, roles: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Any] = []

    class Listening(ScriptedModel):
        def encode_chat(self, messages: Any, tools: Any = ()) -> list[int]:
            seen.append(messages)
            return super().encode_chat(messages, tools)

    chat = says("{}", kind=Listening)
    free = type("Free", (), {"start": lambda self: None})
    monkeypatch.setattr(chat.format, "grammar", lambda **_: free())
    messages = [USER] if first is None else [first, USER]
    chat.answer(ChatRequest(messages=messages, response_format=SCHEMA))
    assert [message["role"] for message in seen[0]] == roles
    assert '{"type": "object"}' in seen[0][0]["content"]
    assert (first is None) or seen[0][0]["content"].startswith("Be brief.")


def test_concurrency_below_one_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="max_concurrency=0"):
        ChatEngine(scripted_engine(), max_concurrency=0)
