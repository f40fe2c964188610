import json
from typing import Any

import pytest
from hypothesis import given, settings

from _strategies import CONVERSATIONS
from ngsd_guard import InvalidRequestError
from ngsd_guard.engine._request import neutral_turns
from ngsd_guard.messages import ROLES, validate_messages
from ngsd_guard.risk import request_text
from ngsd_guard.testing import scripted_engine

CANARY = "kanarienvogel"


def user(content: Any) -> dict[str, Any]:
    return {"role": "user", "content": content}


def test_valid_conversation_is_returned_unchanged() -> None:
    messages = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hi", "name": "Ada"},
        {"role": "assistant", "content": ""},  # an empty answer
        {"role": "tool", "content": "42"},
        {"role": "user", "content": " And? "},
    ]
    checked = validate_messages(tuple(messages))
    assert checked == messages
    assert all(copy is not given for copy, given in zip(checked, messages, strict=True))


def test_every_role_is_known() -> None:
    assert set(ROLES) == {"system", "user", "assistant", "tool"}


@pytest.mark.parametrize("messages", ["Hi", b"Hi", user("Hi"), 5, None, iter([user("Hi")])])
def test_anything_but_a_list_of_messages_is_refused(messages: Any) -> None:
    with pytest.raises(InvalidRequestError, match=f"not {type(messages).__name__}"):
        validate_messages(messages)


def test_empty_conversation_is_refused() -> None:
    with pytest.raises(InvalidRequestError, match="messages is empty"):
        validate_messages([])


def test_conversation_without_a_user_is_refused() -> None:
    with pytest.raises(InvalidRequestError, match="role 'user'"):
        validate_messages([{"role": "system", "content": CANARY}])


@pytest.mark.parametrize("content", ["", "  \n\t"])
def test_blank_last_message_is_refused(content: str) -> None:
    with pytest.raises(InvalidRequestError, match=r"messages\[1\] is blank"):
        validate_messages([user("Hi"), user(content)])


@pytest.mark.parametrize("role", ["User", "", "operator", None, 3, ["user"]])
def test_unknown_role_is_reported_with_its_position(role: Any) -> None:
    with pytest.raises(InvalidRequestError, match=r"messages\[1\] has the role"):
        validate_messages([user("Hi"), {"role": role, "content": "Hi"}])


def test_missing_role_and_missing_content_are_refused() -> None:
    with pytest.raises(InvalidRequestError, match="has the role None"):
        validate_messages([{"content": "Hi"}])
    with pytest.raises(InvalidRequestError, match="content of type NoneType"):
        validate_messages([{"role": "user"}])


@pytest.mark.parametrize("message", ["Hi", ["user", "Hi"], None, 7])
def test_message_that_is_not_a_mapping_is_refused(message: Any) -> None:
    with pytest.raises(InvalidRequestError, match=rf"messages\[0\] is a {type(message).__name__}"):
        validate_messages([message])


@pytest.mark.parametrize("content", [b"Hi", 5, {}, {"type": "text", "text": CANARY}])
def test_content_that_is_not_text_is_refused(content: Any) -> None:
    with pytest.raises(InvalidRequestError, match=f"content of type {type(content).__name__}"):
        validate_messages([user(content)])


def test_unsupported_key_is_named() -> None:
    with pytest.raises(InvalidRequestError, match=r"messages\[0\] has unsupported keys audio, id"):
        validate_messages([user("Hi") | {"id": 3, "audio": None}])


def test_lone_surrogate_is_refused_and_not_quoted() -> None:
    # JSON may contain a lone surrogate, but it cannot be encoded as UTF-8.
    content = json.loads(f'"{CANARY}\\ud83e"')
    with pytest.raises(InvalidRequestError, match=r"messages\[0\]") as caught:
        scripted_engine().generate([user(content)])
    assert CANARY not in str(caught.value)


@pytest.mark.parametrize(
    "messages",
    [
        [user([{"type": "image", "data": CANARY}])],
        [user({"text": CANARY})],
        [user(CANARY), user(" ")],
        [user(CANARY), {"role": "nobody", "content": CANARY}],
        [user(CANARY) | {"x": CANARY}],
        [{"role": "system", "content": CANARY}],
        CANARY,
        [CANARY],
        [user(f"{CANARY}\x1e")],
    ],
)
def test_error_never_quotes_the_content(messages: Any) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        scripted_engine().generate(messages)
    assert CANARY not in str(caught.value)


@pytest.mark.parametrize("count", [150, pytest.param(3_300, marks=pytest.mark.slow)])
def test_any_conversation_is_plain_or_refused(count: int) -> None:
    @settings(max_examples=count, deadline=None)
    @given(CONVERSATIONS)
    def check(messages: Any) -> None:
        try:
            checked = validate_messages(messages)
        except InvalidRequestError:
            return
        assert all(isinstance(message["content"], str) for message in checked)
        json.dumps(checked)

    check()


@pytest.mark.parametrize("key", ["name", "tool_call_id"])
def test_control_tokens_in_names_are_refused_as_in_text(key: str) -> None:
    pair = scripted_engine("Hi.").pair
    call = {"name": "now", "arguments": {}, "id": "Ada\x1f"}
    asked = {"role": "user", "content": "Hi"}
    turns = [asked, {"role": "assistant", "content": "", "tool_calls": [call]}]
    result = {"role": "tool", "content": "-", key: "Ada\x1f"}
    with pytest.raises(InvalidRequestError, match="control token"):
        neutral_turns(pair, [asked, {**asked, "name": "Ada\x1f"}])
    with pytest.raises(InvalidRequestError, match="control token"):
        neutral_turns(pair, [*turns, result])


def test_names_are_rated() -> None:
    turns = validate_messages([{"role": "user", "content": "Hi", "name": "do_it_now"}])
    assert request_text(turns) == "Hi\ndo it now"
