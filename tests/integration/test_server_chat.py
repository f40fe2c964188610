"""OpenAI's own clients chat with the embedded pair over HTTP."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel

from _chatting import ASK, MODEL, TIMER, TIMER_ASK, user
from _served import serving
from ngsd_guard import Engine, load_engine
from ngsd_guard.server import ServerSettings, create_app

openai = pytest.importorskip("openai", minversion="3.57")
pytest.importorskip("llguidance")

TOOL: Any = {"type": "function", "function": TIMER}
RESPONSE_TOOL: Any = {"type": "function", **TIMER}
NUM_TOKENS = 10


@pytest.fixture(scope="module")
def engine() -> Engine:
    return load_engine(MODEL)


@pytest.fixture(scope="module")
def url(engine: Engine) -> Iterator[str]:
    app = create_app(engine, settings=ServerSettings(model_name=MODEL))
    with serving(app) as (address, _):
        yield f"{address}/v1"


@pytest.fixture(scope="module")
def client(url: str) -> Iterator[Any]:
    with openai.OpenAI(base_url=url, api_key="none", max_retries=0) as connected:
        yield connected


def test_models_are_listed(client: Any) -> None:
    assert [model.id for model in client.models.list()] == [MODEL]
    assert client.models.retrieve(MODEL).id == MODEL
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("other/model")


@pytest.mark.parametrize("options", [{}, {"temperature": 0.9, "seed": 5, "top_p": 0.9}])
def test_every_way_gives_the_engines_answer(
    client: Any, engine: Engine, options: dict[str, Any]
) -> None:
    alone = engine.generate(user(), max_new_tokens=NUM_TOKENS, **options)
    chat = {"model": MODEL, "messages": user(), "max_tokens": NUM_TOKENS, **options}
    whole = client.chat.completions.create(**chat)
    chunks = list(client.chat.completions.create(**chat, stream=True))
    assert whole.choices[0].message.content == alone.text
    assert "".join(c.choices[0].delta.content or "" for c in chunks) == alone.text
    assert whole.choices[0].finish_reason == alone.finish_reason
    assert chunks[-1].choices[0].finish_reason == alone.finish_reason
    assert whole.usage.completion_tokens == alone.usage.output_tokens
    for ngsd in (whole.ngsd, chunks[-1].ngsd):
        assert ngsd["risk"] == pytest.approx(alone.risk)
        assert ngsd["peak_potential"] == pytest.approx(alone.peak_potential)
        assert ngsd["seed"] == options.get("seed")
    if not options:
        response = client.responses.create(model=MODEL, input=ASK, max_output_tokens=NUM_TOKENS)
        assert response.output_text == alone.text


def test_a_stream_begins_with_the_role_and_ends_with_usage(client: Any) -> None:
    first, *_, last = client.chat.completions.create(
        model=MODEL, messages=user(), stream=True, stream_options={"include_usage": True}
    )
    assert (first.choices[0].delta.role, first.choices[0].delta.content) == ("assistant", "")
    assert last.choices == []
    assert last.usage.total_tokens == last.usage.prompt_tokens + last.usage.completion_tokens


def test_stop_strings_end_the_answer(client: Any, engine: Engine) -> None:
    word = engine.generate(user(), max_new_tokens=NUM_TOKENS).text.split()[2]
    answer = client.chat.completions.create(model=MODEL, messages=user(), stop=[word])
    assert word not in answer.choices[0].message.content
    assert answer.choices[0].finish_reason == "stop"


def test_logprobs_are_there_for_every_token(client: Any) -> None:
    answer = client.chat.completions.create(
        model=MODEL, messages=user(), max_tokens=4, logprobs=True, top_logprobs=2
    )
    tokens = answer.choices[0].logprobs.content
    assert len(tokens) == answer.usage.completion_tokens
    assert all(token.logprob <= 0 and len(token.top_logprobs) == 2 for token in tokens)
    response = client.responses.create(
        model=MODEL, input=ASK, max_output_tokens=4, include=["message.output_text.logprobs"]
    )
    own = response.output[0].content[0].logprobs
    assert [token.token for token in own] == [token.token for token in tokens]


def test_a_tool_is_called_and_its_result_is_read(client: Any) -> None:
    options: dict[str, Any] = {"model": MODEL, "tools": [TOOL], "max_tokens": 60}
    forced = client.chat.completions.create(
        **options, messages=user(TIMER_ASK), tool_choice="required"
    )
    message = forced.choices[0].message
    assert forced.choices[0].finish_reason == "tool_calls"
    (call,) = message.tool_calls
    assert call.function.name == "set_timer"
    assert isinstance(json.loads(call.function.arguments)["minutes"], int)
    result = {"role": "tool", "tool_call_id": call.id, "content": "done"}
    after = client.chat.completions.create(
        **options, messages=[*user(TIMER_ASK), message, result], tool_choice="none"
    )
    assert after.choices[0].message.content


def test_streamed_calls_are_put_together_by_the_client(client: Any) -> None:
    with client.chat.completions.stream(
        model=MODEL, messages=user(TIMER_ASK), tools=[TOOL], tool_choice="required"
    ) as stream:
        for _ in stream:
            pass
        (call,) = stream.get_final_completion().choices[0].message.tool_calls
    assert json.loads(call.function.arguments).keys() == {"minutes"}


class City(BaseModel):
    """A city, and whether it is a capital."""

    is_capital: bool


def test_structured_output_is_parsed(client: Any) -> None:
    chat = client.chat.completions.parse(model=MODEL, messages=user(), response_format=City)
    assert isinstance(chat.choices[0].message.parsed, City)
    response = client.responses.parse(model=MODEL, input=ASK, text_format=City)
    assert isinstance(response.output_parsed, City)


def test_json_that_does_not_fit_is_the_requests_fault(client: Any) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(
            model=MODEL, messages=user(), response_format={"type": "json_object"}, stop=["}"]
        )
    assert caught.value.code == "incomplete_json"


def test_a_response_is_streamed_and_put_together(client: Any) -> None:
    with client.responses.stream(model=MODEL, input=ASK) as stream:
        kinds = [event.type for event in stream]
        final = stream.get_final_response()
    assert kinds[:4] == [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.content_part.added",
    ]
    assert kinds[-1] == "response.completed"
    assert final.output_text == client.responses.create(model=MODEL, input=ASK).output_text


def test_a_response_calls_a_function_and_reads_its_output(client: Any) -> None:
    first = client.responses.create(
        model=MODEL, input=TIMER_ASK, tools=[RESPONSE_TOOL], tool_choice="required"
    )
    (call,) = first.output
    history = [*user(TIMER_ASK), call]
    history.append({"type": "function_call_output", "call_id": call.call_id, "output": "done"})
    after = client.responses.create(model=MODEL, input=history, max_output_tokens=8)
    assert after.output_text


async def test_concurrent_streams_get_the_answers_they_would_get_alone(
    url: str, engine: Engine
) -> None:
    asks = [f"Tell me about the number {n}." for n in range(8)]

    async def read(client: Any, ask: str) -> str:
        stream = await client.chat.completions.create(
            model=MODEL, messages=user(ask), max_tokens=NUM_TOKENS, stream=True
        )
        return "".join([chunk.choices[0].delta.content or "" async for chunk in stream])

    async with openai.AsyncOpenAI(base_url=url, api_key="none", max_retries=0) as client:
        texts = await asyncio.gather(*(read(client, ask) for ask in asks))
    alone = engine.generate_batch([user(ask) for ask in asks], max_new_tokens=NUM_TOKENS)
    assert texts == [generation.text for generation in alone]


def test_langchains_openai_client_chats(url: str, client: Any) -> None:
    langchain_openai = pytest.importorskip("langchain_openai")
    model = langchain_openai.ChatOpenAI(model=MODEL, base_url=url, api_key="none", temperature=0)
    plain = client.chat.completions.create(model=MODEL, messages=user())
    assert model.invoke(ASK).content == plain.choices[0].message.content
