import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.messages import AIMessage, AIMessageChunk, HumanMessage, SystemMessage
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate

from langchain_ngsd import ChatNGSD
from ngsd_guard import (
    AuditLog,
    ConfigurationError,
    ContextOverflowError,
    DecodingTimeoutError,
    Engine,
    InvalidRequestError,
    NGSDConfig,
    load_engine,
)
from ngsd_guard.audit import read_lines
from ngsd_guard.pairs import Pair
from ngsd_guard.testing import ScriptedModel, scripted_engine

PROMPT = "Name three colours."


@pytest.fixture(scope="module")
def mini() -> ChatNGSD:
    return ChatNGSD.from_engine(load_engine(), max_tokens=24)


def records(path: Path) -> list[dict[str, Any]]:
    return [record for record in read_lines(path) if record["kind"] == "request"]


async def collect(model: ChatNGSD, **options: Any) -> AIMessageChunk:
    whole: AIMessageChunk | None = None
    async for chunk in model.astream(PROMPT, **options):
        whole = chunk if whole is None else whole + chunk
    assert whole is not None
    return whole


@pytest.mark.parametrize("options", [{}, {"temperature": 0.9, "top_p": 0.95, "seed": 11}])
async def test_every_surface_gives_the_same_answer(mini: ChatNGSD, options: dict[str, Any]) -> None:
    invoked = mini.invoke(PROMPT, **options)
    streamed: AIMessageChunk | None = None
    for chunk in mini.stream(PROMPT, **options):
        streamed = chunk if streamed is None else streamed + chunk
    assert streamed is not None
    answers = [
        invoked,
        streamed,
        await mini.ainvoke(PROMPT, **options),
        await collect(mini, **options),
        mini.batch([PROMPT, "Hello!"], **options)[0],
        (await mini.abatch([PROMPT], **options))[0],
    ]
    assert invoked.content
    assert {answer.content for answer in answers} == {invoked.content}
    usages = [dict(answer.usage_metadata or {}) for answer in answers]
    for usage in usages:
        usage.pop("input_token_details")  # what was read before depends on the order
    assert all(usage == usages[0] for usage in usages)
    own_metadata = [dict(answer.response_metadata["ngsd"]) for answer in answers]
    for metadata in own_metadata:
        metadata.pop("record_id")
    assert all(metadata == own_metadata[0] for metadata in own_metadata)


def test_chain_of_prompt_model_and_parser(mini: ChatNGSD) -> None:
    chain = ChatPromptTemplate.from_messages([("human", "{question}")]) | mini | StrOutputParser()
    answer = chain.invoke({"question": PROMPT})
    assert answer == mini.invoke(PROMPT).content
    assert "".join(chain.stream({"question": PROMPT})) == answer


def test_streamed_text_arrives_in_several_pieces(mini: ChatNGSD) -> None:
    pieces = [chunk.content for chunk in mini.stream(PROMPT)]
    assert len([piece for piece in pieces if piece]) > 1


def test_message_says_how_it_came_to_be() -> None:
    message = ChatNGSD.from_engine(scripted_engine()).invoke(PROMPT)
    own = message.response_metadata["ngsd"]
    assert own["risk"] == pytest.approx(9.0)
    assert own["alpha"] == pytest.approx(0.9)
    assert own["num_spikes"] > 0
    assert own["num_overrides"] > 0
    assert own["peak_potential"] >= 1.0
    assert message.response_metadata["finish_reason"] == "stop"
    usage = message.usage_metadata
    assert usage is not None
    assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"]


def test_weights_load_on_first_use(monkeypatch: pytest.MonkeyPatch) -> None:
    loads: list[str] = []

    def load(*args: Any, **options: Any) -> Engine:
        loads.append(args[0])
        return scripted_engine()

    monkeypatch.setattr("langchain_ngsd._engines.load_engine", load)
    model = ChatNGSD()
    assert loads == []
    model.batch([PROMPT] * 4)
    assert loads == ["ngsd-mini"]


@pytest.mark.parametrize("options", [{"tempratur": 1.0}, {"temperature": -1}, {"max_tokens": 0}])
def test_wrong_option_is_an_error_that_names_it(options: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match=next(iter(options))):
        ChatNGSD(**options)


def test_wrong_call_option_is_an_error_that_names_it() -> None:
    with pytest.raises(ConfigurationError, match="max_new_token"):
        ChatNGSD.from_engine(scripted_engine()).invoke(PROMPT, max_new_token=3)


def test_call_options_win_over_those_of_the_model() -> None:
    model = ChatNGSD.from_engine(scripted_engine("abcdefgh", "abcdefgh"), max_tokens=5, stop=["e"])
    assert model.invoke(PROMPT).content == "abcd"
    assert model.invoke(PROMPT, max_tokens=2).content == "ab"
    assert model.invoke(PROMPT, stop=["c"]).content == "ab"
    assert model.bind(stop=["b"]).invoke(PROMPT).content == "a"


def test_zero_temperature_of_a_call_is_not_lost() -> None:
    flat = ScriptedModel("abc", sharpness=1.0)
    model = ChatNGSD.from_engine(Engine(Pair(flat, flat)), temperature=2.0, max_tokens=3)
    assert model.invoke(PROMPT, temperature=0.0).content == "abc"
    assert len({model.invoke(PROMPT, seed=seed).content for seed in range(5)}) > 1


def test_length_is_a_finish_reason() -> None:
    message = ChatNGSD.from_engine(scripted_engine(), max_tokens=3).invoke(PROMPT)
    assert message.response_metadata["finish_reason"] == "length"
    assert message.usage_metadata is not None
    assert message.usage_metadata["output_tokens"] == 3


def test_system_text_blocks_and_prefill_reach_the_model() -> None:
    seen: list[list[dict[str, str]]] = []

    class Listening(ScriptedModel):
        def encode_chat(self, messages: Any, tools: Any = ()) -> list[int]:
            seen.append(list(messages))
            return super().encode_chat(messages)

    listening = Listening("ok")
    ChatNGSD.from_engine(Engine(Pair(listening, ScriptedModel("ok")))).invoke(
        [
            SystemMessage("Be brief."),
            HumanMessage([{"type": "text", "text": "Hi"}, {"type": "text", "text": "there"}]),
            AIMessage("Sure"),
        ]
    )
    conversation = seen[0]
    assert [turn["role"] for turn in conversation] == ["system", "user", "assistant"]
    assert "Hi" in conversation[1]["content"]
    assert "there" in conversation[1]["content"]
    assert conversation[2]["content"] == "Sure"


def test_bad_requests_are_typed_errors_and_recorded_as_failed(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    model = ChatNGSD.from_engine(scripted_engine(audit=AuditLog(path)))
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    wrong: list[tuple[Any, type[Exception]]] = [
        ([], InvalidRequestError),
        ([HumanMessage([image])], InvalidRequestError),
        ([HumanMessage("   ")], InvalidRequestError),
        ([("narrator", "Once")], ValueError),
        ([HumanMessage("x" * 20_000)], ContextOverflowError),
    ]
    for messages, error in wrong:
        with pytest.raises(error):
            model.invoke(messages)
    statuses = [record["status"] for record in records(path)]
    assert statuses == ["failed"] * 4  # LangChain itself refuses the unknown role
    assert all(record["error_type"] for record in records(path))


def test_audit_record_is_found_by_the_id_in_the_message(tmp_path: Path) -> None:
    path = tmp_path / "logs" / "audit.jsonl"
    message = ChatNGSD.from_engine(scripted_engine(audit=AuditLog(path))).invoke(PROMPT)
    (record,) = records(path)
    own = message.response_metadata["ngsd"]
    assert record["event_id"] == own["record_id"]
    assert len(record["spike_indices"]) == own["num_spikes"]
    assert PROMPT not in path.read_text()


def test_callbacks_see_only_text_that_was_emitted() -> None:
    class Tap(BaseCallbackHandler):
        def __init__(self) -> None:
            self.tokens: list[str] = []

        def on_llm_new_token(self, token: str, **_: Any) -> None:
            self.tokens.append(token)

    tap = Tap()
    paper = NGSDConfig.preset("paper")
    model = ChatNGSD.from_engine(scripted_engine(config=paper))
    chunks = list(model.stream(PROMPT, config={"callbacks": [tap]}))
    assert "".join(tap.tokens) == "".join(str(chunk.content) for chunk in chunks)
    assert "".join(tap.tokens) == "I'm sorry, but I can't help with that."


class Slow(ScriptedModel):
    """Takes its time over every token."""

    def forward(self, input_ids: Any, cache: Any) -> Any:
        time.sleep(0.01)
        return super().forward(input_ids, cache)


def slow_engine(path: Path) -> Engine:
    return Engine(Pair(Slow("a" * 500), ScriptedModel("a" * 500)), audit=AuditLog(path))


def eventually(check: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 10.0
    while not check() and time.monotonic() < deadline:
        time.sleep(0.01)
    return check()


def test_stream_closed_early_is_recorded_as_cancelled(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    stream: Iterator[Any] = ChatNGSD.from_engine(slow_engine(path)).stream(PROMPT)
    next(stream)
    stream.close()  # type: ignore[attr-defined]
    (record,) = records(path)
    assert (record["status"], record["finish_reason"]) == ("cancelled", "cancelled")
    assert record["num_tokens_released"] < 10


@pytest.mark.parametrize("surface", ["ainvoke", "astream"])
async def test_cancelled_task_frees_the_engine(tmp_path: Path, surface: str) -> None:
    path = tmp_path / "audit.jsonl"
    model = ChatNGSD.from_engine(slow_engine(path))

    async def run() -> None:
        if surface == "ainvoke":
            await model.ainvoke(PROMPT)
        else:
            async for _ in model.astream(PROMPT):
                pass

    task = asyncio.create_task(run())
    await asyncio.sleep(0.3)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await asyncio.to_thread(eventually, lambda: bool(path.read_text()))
    (record,) = records(path)
    assert record["status"] == "cancelled"
    assert record["num_tokens_released"] < 250


async def test_async_stream_leaves_the_event_loop_free(tmp_path: Path) -> None:
    model = ChatNGSD.from_engine(slow_engine(tmp_path / "audit.jsonl"), max_tokens=30)
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.005)
            ticks += 1

    ticking = asyncio.create_task(tick())
    await model.ainvoke(PROMPT)
    ticking.cancel()
    assert ticks >= 10  # 30 tokens of 10 ms; a blocked loop would not tick at all


def test_answer_over_its_time_is_cancelled(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    model = ChatNGSD.from_engine(slow_engine(path), timeout=0.2)
    with pytest.raises(DecodingTimeoutError, match=r"0\.2 s"):
        model.invoke(PROMPT)
    (record,) = records(path)
    assert record["status"] == "cancelled"


def test_threads_share_one_model(mini: ChatNGSD) -> None:
    prompts = [f"What is {n} plus {n}?" for n in range(8)]
    serial = [mini.invoke(prompt).content for prompt in prompts]
    parallel: dict[str, Any] = {}

    def ask(prompt: str) -> None:
        parallel[prompt] = mini.invoke(prompt).content

    threads = [threading.Thread(target=ask, args=(prompt,)) for prompt in prompts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [parallel[prompt] for prompt in prompts] == serial


def test_counting_tokens_needs_no_network(mini: ChatNGSD) -> None:
    assert mini.get_num_tokens("What is the capital of France?") > 3
