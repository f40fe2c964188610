"""Streams of the chat endpoints that fail, run out of time, or lose their client."""

import asyncio
import json
import threading
import time
from collections.abc import Callable
from functools import cache
from typing import Any

import httpx
import pytest

from _chatting import chat_body, error_of, frames_of, response_body, user
from _guard_fakes import FaultyModel, keyword_engine
from _served import client_of, keyword_app, serving
from ngsd_guard.errors import NonFiniteLogitsError
from ngsd_guard.server import ServerSettings, create_app
from ngsd_guard.testing import scripted_engine

SECRET = "zebra-secret"
CHAT, RESPONSES = "/v1/chat/completions", "/v1/responses"
BODIES = {CHAT: chat_body, RESPONSES: response_body}
BOTH = pytest.mark.parametrize("path", [CHAT, RESPONSES])


def app_over(fault: Callable[[], None], *, fail_at: int = 0, **settings: Any) -> Any:
    base = FaultyModel(fault, fail_at=fail_at, name="scripted-base")
    return keyword_app(keyword_engine(base=base), model_name="ngsd-mini", **settings)


@cache
def num_calls_before_the_end() -> int:
    """Return how often the base is called for an answer of 12 tokens, but for the last four."""
    base = FaultyModel(lambda: None, name="scripted-base")
    keyword_engine(base=base).generate(user(), max_new_tokens=12)
    return base.num_calls - 4


def fails() -> None:
    raise NonFiniteLogitsError("base", SECRET)


@BOTH
async def test_an_error_before_the_first_token_has_a_status(path: str) -> None:
    async with client_of(app_over(fails)) as client:
        answer = await client.post(path, json=BODIES[path](stream=True))
    assert answer.status_code == 503
    assert error_of(answer)["code"] == "guard_failed"
    assert SECRET not in answer.text


@BOTH
async def test_an_error_in_the_middle_is_an_event_and_the_end(path: str) -> None:
    async with client_of(app_over(fails, fail_at=num_calls_before_the_end())) as client:
        answer = await client.post(path, json=BODIES[path](stream=True))
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/event-stream")
    frames = frames_of(answer.text)
    assert len(frames) > 2
    name, data = frames[-1]
    assert name == "error"
    assert data["error"]["code"] == "guard_failed"
    assert not [name for name, data in frames if data == "[DONE]" or "completed" in str(name)]
    assert SECRET not in answer.text


@BOTH
def test_a_stream_out_of_time_ends_with_an_error(path: str) -> None:
    started = num_calls_before_the_end()
    app = app_over(lambda: time.sleep(0.02), fail_at=started, timeout_s=0.5)
    with serving(app) as (url, _), httpx.Client(base_url=url) as client:
        streamed = client.post(path, json=BODIES[path](stream=True, **_length(path, 500)))
        whole = client.post(path, json=BODIES[path](**_length(path, 500)))
    assert whole.status_code == 504
    assert streamed.status_code == 200
    name, data = frames_of(streamed.text)[-1]
    assert (name, data["error"]["code"]) == ("error", "timeout")


@BOTH
def test_a_client_that_leaves_frees_the_engine(path: str) -> None:
    steps = 0

    def step() -> None:
        nonlocal steps
        steps += 1
        time.sleep(0.005)

    app = app_over(step)
    admission = app.state.ngsd.chat.admission
    body = BODIES[path](stream=True, **_length(path, 4000))
    with serving(app) as (url, _), httpx.Client(base_url=url) as client:
        with client.stream("POST", path, json=body) as answer:
            next(answer.iter_lines())
            _wait_until(lambda: admission.num_active == 1)
        _wait_until(lambda: admission.num_active == 0)
        taken = steps
        time.sleep(0.1)
    assert steps <= taken + 1


async def test_a_guarded_refusal_is_told_in_every_form() -> None:
    app = create_app(scripted_engine(), settings=ServerSettings(model_name="ngsd-mini"))
    body = chat_body(max_tokens=80)
    async with client_of(app) as client:
        whole = (await client.post(CHAT, json=body)).json()
        frames = frames_of((await client.post(CHAT, json={**body, "stream": True})).text)
        response = (await client.post(RESPONSES, json=response_body(max_output_tokens=80))).json()
    message = whole["choices"][0]["message"]
    assert whole["ngsd"]["num_overrides"] > 0
    assert message["refusal"] == message["content"]
    assert "sorry" in message["refusal"]
    _, last = frames[-2]
    assert last["choices"][0]["delta"]["refusal"] == message["refusal"]
    assert last["ngsd"]["refused"] is response["ngsd"]["refused"] is True
    assert frames[-1][1] == "[DONE]"


async def test_a_full_queue_is_429_before_a_stream_begins() -> None:
    held = threading.Event()
    app = app_over(lambda: held.wait(5) and None, max_concurrency=1, max_queue=0)
    async with client_of(app) as client:
        first = asyncio.ensure_future(client.post(CHAT, json=chat_body(stream=True)))
        while not app.state.ngsd.chat.admission.num_active:
            await asyncio.sleep(0.01)
        second = await client.post(CHAT, json=chat_body(stream=True))
        held.set()
        assert (await first).status_code == 200
    assert second.status_code == 429
    assert second.headers["retry-after"]


@BOTH
async def test_errors_repeat_no_names_of_tools_or_schemas(path: str) -> None:
    schema = {"type": "object", "properties": {SECRET: {"type": SECRET}}}
    format = {"type": "json_schema", "name": "x", "schema": schema}
    body = (
        response_body(text={"format": format})
        if path == RESPONSES
        else chat_body(
            response_format={"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
        )
    )
    async with client_of(keyword_app(model_name="ngsd-mini")) as client:
        for stream in (False, True):
            answer = await client.post(path, json={**body, "stream": stream})
            assert answer.status_code in (400, 501)
            assert SECRET not in answer.text


async def test_an_unusable_conversation_is_a_400() -> None:
    async with client_of(keyword_app(model_name="ngsd-mini")) as client:
        for messages in ([], [{"role": "system", "content": "x"}], user(" "), [{"role": SECRET}]):
            answer = await client.post(CHAT, json=chat_body(messages=messages))
            assert answer.status_code == 400, messages
            assert SECRET not in answer.text


def _length(path: str, num_tokens: int) -> dict[str, int]:
    return {"max_output_tokens" if path == RESPONSES else "max_tokens": num_tokens}


def _wait_until(is_so: Callable[[], bool], timeout_s: float = 5.0) -> None:
    end_s = time.monotonic() + timeout_s
    while not is_so():
        assert time.monotonic() < end_s
        time.sleep(0.01)


def test_frames_are_read_as_they_are_written() -> None:
    from ngsd_guard.server._event_stream import frame

    data = {"text": "a\n\ndata: b ä\u2028"}
    assert frames_of(frame(data, "x").decode()) == [("x", json.loads(json.dumps(data)))]
