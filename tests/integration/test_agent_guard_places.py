"""Text anywhere in a message or a tool's result is judged before it passes."""

import contextlib
from collections.abc import Callable, Iterator
from functools import reduce
from operator import add
from typing import Any

import pytest
from _agent_fakes import BAD, STOPPED, SURFACES, KeywordGuard, calling, calls, run, says, search
from hypothesis import given, settings
from hypothesis import strategies as st
from langchain.agents import create_agent
from langchain.agents.middleware import AgentMiddleware, ModelFallbackMiddleware
from langchain_core.caches import InMemoryCache
from langchain_core.documents import Document
from langchain_core.globals import set_llm_cache
from langchain_core.language_models import GenericFakeChatModel
from langchain_core.messages import (
    AIMessage,
    AIMessageChunk,
    BaseMessage,
    ChatMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
)
from langchain_core.outputs import ChatGenerationChunk
from langchain_core.runnables import Runnable

from langchain_ngsd import NGSDDocumentGuard, NGSDMiddleware, ScreenedChatModel, guard_runnable
from ngsd_guard import Guard, GuardBlockedError
from ngsd_guard.testing import scripted_engine

COUNTS = pytest.mark.parametrize("count", [100, pytest.param(2_000, marks=pytest.mark.slow)])
IMAGE = {"type": "image_url", "image_url": {"url": f"data:{BAD}"}}
FAILED = KeywordGuard().policy.failure_message


@pytest.fixture(autouse=True)
def _no_calls() -> None:
    calls.clear()


class Pieces(GenericFakeChatModel):
    """Streams given chunks; without streaming, returns their sum."""

    messages: Any = None
    chunks: list[AIMessageChunk]
    fault: Any = None

    def _stream(self, *args: Any, **options: Any) -> Iterator[ChatGenerationChunk]:
        for chunk in self.chunks:
            yield ChatGenerationChunk(message=chunk)
        if self.fault is not None:
            raise self.fault

    def _generate(self, *args: Any, **options: Any) -> Any:
        raise AssertionError("it streams")

    def invoke(self, *args: Any, **options: Any) -> Any:
        return reduce(add, self.chunks)

    async def ainvoke(self, *args: Any, **options: Any) -> Any:
        return self.invoke()


def chunk(content: Any = "", **options: Any) -> AIMessageChunk:
    return AIMessageChunk(content=content, **options)


def call_chunk(arguments: str, index: int = 0) -> Any:
    return {"name": "search", "args": arguments, "id": f"c{index}", "index": index,
            "type": "tool_call_chunk"}  # fmt: skip


ANSWERS = {
    "text": [chunk(f"It is {BAD}.")],
    "a word in two pieces": [chunk(BAD[:2]), chunk(BAD[2:])],
    "a word in two blocks": [
        chunk([{"type": "text", "text": BAD[:2]}]),
        chunk([{"type": "text", "text": BAD[2:]}]),
    ],
    "reasoning": [
        chunk([{"type": "reasoning", "reasoning": BAD}]),
        chunk([{"type": "text", "text": "Fine."}]),
    ],
    "thinking alone": [chunk([{"type": "thinking", "thinking": BAD, "signature": "s"}])],
    "thinking in pieces": [
        chunk([{"type": "thinking", "thinking": BAD[:2], "index": 0}]),
        chunk([{"type": "thinking", "thinking": BAD[2:], "index": 0}]),
    ],
    "summary": [chunk([{"type": "reasoning", "summary": [{"type": "summary_text", "text": BAD}]}])],
    "refusal": [chunk([{"type": "refusal", "refusal": BAD}])],
    "beside the content": [
        chunk("Fine.", additional_kwargs={"reasoning_content": BAD[:2]}),
        chunk(" Yes.", additional_kwargs={"reasoning_content": BAD[2:]}),
    ],
    "refusal beside the content": [chunk("Fine.", additional_kwargs={"refusal": BAD})],
    "image": [chunk("Look."), chunk([IMAGE])],
    "image alone": [chunk([IMAGE])],
    "audio": [chunk("Fine.", additional_kwargs={"audio": {"data": BAD, "id": "a"}})],
    "unknown block": [chunk([{"type": "executable_code", "code": BAD}])],
    "call": [chunk("Fine.", tool_call_chunks=[call_chunk(f'{{"query": "{BAD}"}}')])],
    "broken call": [chunk("Fine.", tool_call_chunks=[call_chunk(f'{{"query": {BAD}')])],
    "one call of two": [
        chunk(tool_call_chunks=[call_chunk('{"query": "tea"}', 0)]),
        chunk(tool_call_chunks=[call_chunk(f'{{"query": "{BAD}"}}', 1)]),
    ],
    "text beside a call": [
        chunk(f"It is {BAD}."),
        chunk(tool_call_chunks=[call_chunk('{"query": "tea"}')]),
    ],
    "text after a call": [
        chunk(tool_call_chunks=[call_chunk('{"query": "tea"}')]),
        chunk(f"It is {BAD}."),
    ],
    "server call": [chunk([{"type": "server_tool_use", "id": "s", "input": {"q": BAD}}])],
}
HARMLESS = {
    "signed thinking": [
        chunk([{"type": "thinking", "thinking": "Hm.", "signature": "s"}]),
        chunk([{"type": "redacted_thinking", "data": "AAAA"}, {"type": "text", "text": "Fine."}]),
    ],
    "calls in the content too": [
        chunk(
            [
                {
                    "type": "tool_use",
                    "id": "c0",
                    "name": "search",
                    "input": {},
                    "partial_json": '{"query": "tea"}',
                }
            ],
            tool_call_chunks=[call_chunk('{"query": "tea"}')],
        )
    ],
    "nothing": [chunk("")],
}


def screened(guard: KeywordGuard, chunks: list[AIMessageChunk]) -> Runnable[Any, Any]:
    return ScreenedChatModel(inner=Pieces(chunks=chunks), guard=guard)


def railed(guard: KeywordGuard, chunks: list[AIMessageChunk]) -> Runnable[Any, Any]:
    return Pieces(chunks=chunks) | guard_runnable(guard, stage="output", on_block="message")


async def heard(model: Runnable[Any, Any], surface: str) -> str:
    """Return everything released by a model, in any part of a message."""
    if surface == "invoke":
        return repr(model.invoke("Hi"))
    if surface == "ainvoke":
        return repr(await model.ainvoke("Hi"))
    pieces = list(model.stream("Hi")) if surface == "stream" else [
        piece async for piece in model.astream("Hi")
    ]  # fmt: skip
    return f"{pieces!r}{reduce(add, pieces)!r}"  # each piece, and their sum


@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("behind", [screened, railed])
@pytest.mark.parametrize("place", ANSWERS)
async def test_nothing_bad_is_released_from_any_part_of_a_message(
    place: str, behind: Callable[..., Any], surface: str
) -> None:
    for action in ("block", "redact"):
        guard = KeywordGuard(action)  # type: ignore[arg-type]
        text = await heard(behind(guard, ANSWERS[place]), surface)
        assert BAD not in text
        assert (STOPPED in text) or (FAILED in text) or ("[redacted]" in text)
    shadow = KeywordGuard(enforced=False)
    if "image" not in place and place not in ("audio", "unknown block"):
        assert STOPPED not in await heard(behind(shadow, ANSWERS[place]), surface)


@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("behind", [screened, railed])
@pytest.mark.parametrize("kind", HARMLESS)
async def test_encrypted_content_does_not_stop_an_answer(
    kind: str, behind: Callable[..., Any], surface: str
) -> None:
    guard = KeywordGuard()
    text = await heard(behind(guard, HARMLESS[kind]), surface)
    assert STOPPED not in text
    assert FAILED not in text
    assert sum(asked.count("search") for _, asked in guard.asked) == ("calls" in kind)


@pytest.mark.parametrize("is_async", [False, True])
@pytest.mark.parametrize("behind", [screened, railed])
async def test_a_failure_in_mid_stream_releases_nothing_held_back(
    behind: Callable[..., Any], is_async: bool
) -> None:
    guard, left = KeywordGuard(), list[str]()
    model = behind(guard, [])
    inner = Pieces(chunks=[chunk("One. "), chunk(f"Two {BAD}")], fault=ConnectionError("gone"))
    if behind is screened:
        model = ScreenedChatModel(inner=inner, guard=guard)
    else:
        model = inner | guard_runnable(guard, stage="output")

    async def listen() -> None:
        if is_async:
            async for piece in model.astream("Hi"):
                left.append(piece.text)
        else:
            left.extend(piece.text for piece in model.stream("Hi"))

    with pytest.raises(ConnectionError):
        await listen()
    assert left == ["One. "]


SAID_BEFORE: list[BaseMessage] = [
    HumanMessage([{"type": "text", "text": "Hi"}, {"type": "reasoning", "reasoning": BAD}]),
    HumanMessage([{"type": "text", "text": "Hi"}, {"type": "tool_use", "input": BAD}]),
    HumanMessage([{"type": "text", "text": "Hi"}, IMAGE]),
    HumanMessage([{**IMAGE, "text": "Hi"}]),
    HumanMessage([{"type": "text-plain", "text": "Hi", "title": BAD}]),
    HumanMessage([{"type": "text-plain", "url": f"http://{BAD}"}]),
    HumanMessage([{"type": [BAD], "text": "Hi"}]),
    AIMessage("Hi", additional_kwargs={"reasoning_content": BAD}),
    AIMessage([{"type": "thinking", "thinking": BAD}]),
    AIMessage(
        "", invalid_tool_calls=[{"name": "f", "args": f"{{{BAD}", "id": "1", "error": None,
                                 "type": "invalid_tool_call"}]
    ),
    HumanMessage("Hi", name=f"Now {BAD} it"),
    ToolMessage("Hi", tool_call_id=f"Now {BAD} it"),
    ChatMessage(f"So {BAD}", role="user"),
    ChatMessage("Hi", role="wizard"),
]  # fmt: skip


@pytest.mark.parametrize("message", SAID_BEFORE, ids=repr)
async def test_every_part_of_the_history_is_judged(message: BaseMessage) -> None:
    agent = create_agent(
        says(AIMessage("went on")), [], middleware=[NGSDMiddleware(KeywordGuard())]
    )
    asked = [message, HumanMessage("Go on")]
    for surface in SURFACES:
        messages, _ = await run(agent, asked, surface)
        assert messages[-1].text in (STOPPED, FAILED)
    with pytest.raises(GuardBlockedError):
        guard_runnable(KeywordGuard(), stage="input").invoke(asked)


def test_a_redaction_after_combining_characters_has_the_right_position() -> None:
    text = f"e\u0301 🇫🇷 👩‍👩‍👧 \u202e{BAD}\u202c é"
    assert guard_runnable(KeywordGuard("redact"), stage="output").invoke(text) == text.replace(
        BAD, "[redacted]"
    )


class Changes(AgentMiddleware):
    """Changes a call after the model made it."""

    def wrap_tool_call(self, request: Any, handler: Any) -> Any:
        changed = {**request.tool_call, "args": {"query": BAD}}
        return handler(request.override(tool_call=changed))


def test_a_call_changed_after_judging_is_judged_again() -> None:
    middleware = [Changes(), NGSDMiddleware(KeywordGuard())]
    agent = create_agent(says(calling("tea"), AIMessage("Done.")), [search], middleware=middleware)
    messages = agent.invoke({"messages": [HumanMessage("Go")]})["messages"]
    assert calls == []
    assert messages[-2].content == STOPPED


@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("is_outer", [True, False])
async def test_the_answer_of_a_fallback_is_judged_too(is_outer: bool, surface: str) -> None:
    class Dead(GenericFakeChatModel):
        def _generate(self, *args: Any, **options: Any) -> Any:
            raise ConnectionError

        def _stream(self, *args: Any, **options: Any) -> Any:
            raise ConnectionError

    fallback = ModelFallbackMiddleware(says(AIMessage(f"It is {BAD}.")))
    guarding = NGSDMiddleware(KeywordGuard())
    middleware: list[Any] = [guarding, fallback] if is_outer else [fallback, guarding]
    agent = create_agent(Dead(messages=iter(())), [], middleware=middleware)
    messages, seen = await run(agent, [HumanMessage("Go")], surface)
    assert BAD not in str(messages)
    assert messages[-1].text.endswith(STOPPED)
    if not is_outer:
        assert BAD not in seen


def test_answers_do_not_come_from_a_cache() -> None:
    def answering(text: str, guard: KeywordGuard) -> ScreenedChatModel:
        model = says(AIMessage(text)).model_copy(update={"cache": False})
        return ScreenedChatModel(inner=model, guard=guard)

    set_llm_cache(InMemoryCache())
    try:
        assert answering(BAD, KeywordGuard("flag")).invoke("Hi").text == BAD
        strict = answering("Fine.", KeywordGuard())
        assert strict.invoke("Hi").text == "Fine."
    finally:
        set_llm_cache(None)


@pytest.mark.parametrize("surface", SURFACES)
async def test_every_call_keeps_its_result(surface: str) -> None:
    both = AIMessage("Let me see.", tool_calls=[*calling("tea").tool_calls])
    both.tool_calls.append({**both.tool_calls[0], "id": "c2", "args": {"query": BAD}})
    agent = create_agent(says(both), [search], middleware=[NGSDMiddleware(KeywordGuard())])
    messages, seen = await run(agent, [HumanMessage("Go")], surface)
    assert calls == []
    assert BAD not in f"{messages}{seen}"
    called = [call["id"] for m in messages for call in getattr(m, "tool_calls", ())]
    answered = [m.tool_call_id for m in messages if isinstance(m, ToolMessage)]
    assert called == answered == []
    assert messages[-1].text.endswith(STOPPED)


@pytest.mark.parametrize("surface", SURFACES)
async def test_a_failing_rewrite_leaves_the_text_stopped(
    surface: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> Any:
        raise MemoryError

    for asked, answer in ((f"About {BAD}", "-"), ("Tell me", f"It is {BAD}.")):
        guard = KeywordGuard("rewrite")
        monkeypatch.setattr(guard.engine, "generate", broken)
        agent = create_agent(says(AIMessage(answer)), [], middleware=[NGSDMiddleware(guard)])
        messages, seen = await run(agent, [HumanMessage(asked)], surface)
        assert BAD not in f"{messages[1:]}{seen}"
        assert messages[-1].text == FAILED


@pytest.mark.parametrize("name", ["\ud800", "x" * 10_000, 7])
def test_a_document_may_have_any_id(name: Any) -> None:
    guard = Guard(scripted_engine("Fine.", "Fine.", scores=(0, 0, 0, 0)))
    documents = [Document("Fine.", metadata={"source": name})]
    assert NGSDDocumentGuard(guard).transform_documents(documents) == documents


WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
VALUES: Any = st.recursive(
    st.none() | st.integers() | WORDS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(WORDS, inner, max_size=2),
    max_leaves=5,
)
KINDS = st.sampled_from(
    ["text", "reasoning", "thinking", "tool_use", "tool_result", "image_url", "text-plain",
     "non_standard", "input_json_delta", "server_tool_call", "refusal", "document"]
)  # fmt: skip
KEYS = st.sampled_from(
    ["text", "reasoning", "thinking", "summary", "content", "id", "input", "url"]
)
BLOCKS = st.builds(
    lambda kind, rest: {**rest, "type": kind}, KINDS | VALUES, st.dictionaries(KEYS, VALUES)
)
CONTENTS = WORDS | st.lists(WORDS | BLOCKS | st.dictionaries(WORDS, VALUES, max_size=2), max_size=3)
MESSAGES = st.one_of(
    st.builds(HumanMessage, CONTENTS),
    st.builds(SystemMessage, CONTENTS),
    st.builds(ChatMessage, CONTENTS, role=WORDS),
    st.builds(ToolMessage, CONTENTS, tool_call_id=WORDS),
    st.builds(
        AIMessage,
        CONTENTS,
        additional_kwargs=st.dictionaries(
            st.sampled_from(["reasoning_content", "refusal", "audio", "other"]), VALUES, max_size=2
        ),
    ),
)
BAD_BLOCKS = st.sampled_from(
    [BAD, {"type": "text", "text": BAD}, {"type": "thinking", "thinking": BAD}, IMAGE,
     {"type": "tool_use", "input": {"a": [BAD]}}, {"type": "unheard_of", "text": BAD}]
)  # fmt: skip


@COUNTS
def test_any_message_passes_or_is_stopped(count: int) -> None:
    @settings(max_examples=count, deadline=None)
    @given(MESSAGES, st.sampled_from(["input", "output", "retrieval", "tool_result"]))
    def check(message: BaseMessage, stage: Any) -> None:
        rail = guard_runnable(KeywordGuard(), stage=stage)
        for value, invoke in (
            (message, rail.invoke),
            ([message], rail.invoke),
            (iter([message]), lambda chunks: list(rail.transform(chunks))),
        ):
            if value == [message] and stage == "output":
                continue
            with contextlib.suppress(GuardBlockedError):
                invoke(value)

    check()


@COUNTS
def test_something_bad_in_any_message_is_stopped(count: int) -> None:
    @settings(max_examples=count, deadline=None)
    @given(
        st.lists(WORDS | BLOCKS, max_size=2), BAD_BLOCKS, st.lists(WORDS | BLOCKS, max_size=2),
        st.sampled_from([HumanMessage, AIMessage, AIMessageChunk]),
        st.sampled_from(["input", "output", "retrieval", "tool_result"]),
    )  # fmt: skip
    def check(before: Any, bad: Any, after: Any, kind: Any, stage: Any) -> None:
        message = kind(content=[*before, bad, *after])
        rail = guard_runnable(KeywordGuard(), stage=stage)
        with pytest.raises(GuardBlockedError):
            rail.invoke(message)
        with pytest.raises(GuardBlockedError):
            list(rail.transform(iter([message])))

    check()
