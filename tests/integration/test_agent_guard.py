"""Agents, chains and retrievers with any model and a guard: all six paths."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any

import pytest
from _agent_fakes import BAD, STOPPED, SURFACES, KeywordGuard, calling, calls, run, says, search
from langchain.agents import create_agent
from langchain_core.documents import Document
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import RunnableLambda
from langchain_core.tools import InjectedToolCallId, tool
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.types import Command

from langchain_ngsd import NGSDDocumentGuard, NGSDMiddleware, guard_node, guard_runnable
from ngsd_guard import Guard, GuardBlockedError, Verdict
from ngsd_guard.testing import scripted_engine


@pytest.fixture(autouse=True)
def _no_calls() -> None:
    calls.clear()


@pytest.mark.parametrize("surface", SURFACES)
async def test_harmless_run_is_unchanged(surface: str) -> None:
    guard = KeywordGuard()
    model = says(calling("tea"), AIMessage("Tea is nice. Enjoy it."))
    agent = create_agent(model, [search], middleware=[NGSDMiddleware(guard)])
    messages, _ = await run(agent, [HumanMessage("Find tea")], surface)
    assert [type(message).__name__ for message in messages] == [
        "HumanMessage", "AIMessage", "ToolMessage", "AIMessage"]  # fmt: skip
    assert messages[-1].text.strip() == "Tea is nice. Enjoy it."
    assert calls == ["tea"]
    assert {stage for stage, _ in guard.asked} == {"input", "tool_args", "tool_result", "output"}
    assert len(guard.asked) == len(set(guard.asked))  # nothing is judged twice


@pytest.mark.parametrize("surface", SURFACES)
async def test_bad_request_does_not_reach_the_model(surface: str) -> None:
    agent = create_agent(says(), [search], middleware=[NGSDMiddleware(KeywordGuard())])
    messages, _ = await run(agent, [HumanMessage(f"Find {BAD}")], surface)
    assert messages[-1].text == STOPPED
    assert messages[-1].response_metadata["ngsd_guard"]["stage"] == "input"


@pytest.mark.parametrize("surface", SURFACES)
async def test_bad_history_stops_a_harmless_last_turn(surface: str) -> None:
    history = [HumanMessage(f"About {BAD}"), AIMessage("No."), HumanMessage("Go on")]
    agent = create_agent(says(), [search], middleware=[NGSDMiddleware(KeywordGuard())])
    messages, _ = await run(agent, history, surface)
    assert messages[-1].text == STOPPED


@pytest.mark.parametrize("surface", SURFACES)
async def test_tool_is_not_called_with_bad_arguments(surface: str) -> None:
    agent = create_agent(says(calling(BAD)), [search], middleware=[NGSDMiddleware(KeywordGuard())])
    messages, seen = await run(agent, [HumanMessage("Find it")], surface)
    assert calls == []
    assert messages[-1].text == STOPPED
    assert BAD not in f"{seen}{messages}"


@pytest.mark.parametrize("surface", SURFACES)
async def test_bad_result_does_not_reach_the_model(surface: str) -> None:
    @tool
    def fetch(query: str) -> str:
        """Fetch something."""
        return f"Nice weather. {BAD} the user."

    call = {"name": "fetch", "args": {"query": "it"}, "id": "c1", "type": "tool_call"}
    model = says(AIMessage("", tool_calls=[call]), AIMessage("Done."))  # type: ignore[list-item]
    agent = create_agent(model, [fetch], middleware=[NGSDMiddleware(KeywordGuard())])
    messages, _ = await run(agent, [HumanMessage("Fetch it")], surface)
    (result,) = (message for message in messages if isinstance(message, ToolMessage))
    assert (result.content, result.status) == (STOPPED, "error")


@pytest.mark.parametrize("surface", SURFACES)
async def test_bad_answer_is_not_released_even_in_part(surface: str) -> None:
    model = says(AIMessage(f"All fine so far. Now {BAD} comes. And more."))
    agent = create_agent(model, [], middleware=[NGSDMiddleware(KeywordGuard())])
    messages, seen = await run(agent, [HumanMessage("Tell me")], surface)
    assert BAD not in f"{seen}{messages}"
    assert messages[-1].text.endswith(STOPPED)
    if "stream" in surface:
        assert "All fine so far." in seen  # the previous sentence was clean and released


@pytest.mark.parametrize("is_async", [False, True])
async def test_retrieved_documents_are_dropped_or_redacted(is_async: bool) -> None:
    documents = [Document("Fine."), Document(f"Nice. {BAD} now.", metadata={"source": "b"})]

    async def kept(guard: KeywordGuard) -> list[Document]:
        transformer = NGSDDocumentGuard(guard)
        if is_async:
            return list(await transformer.atransform_documents(documents))
        return list(transformer.transform_documents(documents))

    assert [d.page_content for d in await kept(KeywordGuard())] == ["Fine."]
    redacted = await kept(KeywordGuard("redact"))
    assert [d.page_content for d in redacted] == ["Fine.", "Nice. [redacted] now."]
    flagged = await kept(KeywordGuard("flag"))
    assert [d.page_content for d in flagged] == [d.page_content for d in documents]
    assert flagged[1].metadata["ngsd_guard"]["flagged"]
    assert flagged[1].metadata["source"] == "b"
    assert await kept(KeywordGuard(enforced=False)) != []
    assert await kept(KeywordGuard(fails=True)) == []  # unjudged documents are dropped


@pytest.mark.parametrize("surface", SURFACES)
async def test_failing_guard_lets_nothing_pass(surface: str) -> None:
    guard = KeywordGuard(fails=True)
    agent = create_agent(says(), [search], middleware=[NGSDMiddleware(guard)])
    messages, _ = await run(agent, [HumanMessage("Hello")], surface)
    assert messages[-1].text == guard.policy.failure_message


@pytest.mark.parametrize("surface", SURFACES)
async def test_shadow_mode_changes_nothing(surface: str) -> None:
    guard = KeywordGuard(enforced=False)
    model = says(AIMessage(f"Here is {BAD}. Bye."))
    agent = create_agent(model, [], middleware=[NGSDMiddleware(guard)])
    messages, _ = await run(agent, [HumanMessage(f"Say {BAD}")], surface)
    assert messages[-1].text.strip() == f"Here is {BAD}. Bye."
    assert len(guard.asked) >= 2


@pytest.mark.parametrize("answer", [True, False])
def test_escalated_request_waits_for_a_human(answer: bool) -> None:
    agent = create_agent(
        says(AIMessage("As you wish.")),
        [],
        middleware=[NGSDMiddleware(KeywordGuard("escalate"))],
        checkpointer=InMemorySaver(),
    )
    config: Any = {"configurable": {"thread_id": "1"}}
    paused = agent.invoke({"messages": [HumanMessage(f"May I {BAD}?")]}, config)
    (waiting,) = paused["__interrupt__"]
    assert waiting.value["ngsd_guard"]["action"] == "escalate"
    messages = agent.invoke(Command(resume=answer), config)["messages"]
    assert messages[-1].text == ("As you wish." if answer else STOPPED)


def test_steered_request_is_answered_by_the_local_pair() -> None:
    agent = create_agent(says(), [], middleware=[NGSDMiddleware(KeywordGuard("steer"))])
    messages = agent.invoke({"messages": [HumanMessage(f"Tell me about {BAD}")]})["messages"]
    assert messages[-1].text == "A harmless answer."


def test_node_ends_a_graph_at_a_bad_request() -> None:
    def answer(_: Any) -> Any:
        return {"messages": [AIMessage("answered")]}

    builder = StateGraph(MessagesState)
    builder.add_node("guard", guard_node(KeywordGuard(), then="answer"))
    builder.add_node("answer", answer)
    builder.add_edge(START, "guard")
    builder.add_edge("answer", END)
    graph = builder.compile()
    assert graph.invoke({"messages": [HumanMessage("Hi")]})["messages"][-1].text == "answered"
    assert graph.invoke({"messages": [HumanMessage(BAD)]})["messages"][-1].text == STOPPED


async def test_rails_pass_or_stop_a_chain() -> None:
    guard = KeywordGuard()
    echo = RunnableLambda(lambda prompt: AIMessage(prompt.to_messages()[-1].content))
    chain = (
        ChatPromptTemplate.from_messages([("human", "{q}")])
        | guard_runnable(guard, stage="input")
        | echo
        | guard_runnable(guard, stage="output")
        | StrOutputParser()
    )
    assert chain.invoke({"q": "Hello"}) == "Hello"
    assert await chain.ainvoke({"q": "Hello"}) == "Hello"
    for call in (lambda: chain.invoke({"q": BAD}), lambda: list(chain.stream({"q": BAD}))):
        with pytest.raises(GuardBlockedError) as caught:
            call()
        assert isinstance(caught.value.verdict, Verdict)
        assert BAD not in str(caught.value)
    with pytest.raises(GuardBlockedError):
        await chain.ainvoke({"q": BAD})
    mild = guard_runnable(guard, stage="output", on_block="message")
    assert mild.invoke(f"so {BAD}") == STOPPED
    assert mild.invoke(AIMessage(BAD)).text == STOPPED


async def test_stream_through_a_rail_is_released_by_sentence() -> None:
    words = f"One two. Three four. Now {BAD} five. Six."

    def pieces() -> Iterator[str]:
        for start in range(0, len(words), 3):
            yield words[start : start + 3]

    async def apieces() -> AsyncIterator[str]:
        for piece in pieces():
            yield piece

    rail = guard_runnable(KeywordGuard(), stage="output", on_block="message")
    said = list(rail.transform(pieces()))
    assert "".join(said).startswith("One two. Three four.")
    assert "".join(said).endswith(STOPPED)
    assert BAD not in "".join(said)
    assert [piece async for piece in rail.atransform(apieces())] == said
    strict = guard_runnable(KeywordGuard(), stage="output")
    with pytest.raises(GuardBlockedError):
        list(strict.transform(pieces()))


def test_text_without_sentence_ends_is_held_back_up_to_the_limit() -> None:
    from ngsd_guard.guard import LONGEST_HELD

    rail = guard_runnable(KeywordGuard(), stage="output")
    said = list(rail.transform("word " for _ in range(500)))
    assert max(map(len, said)) <= LONGEST_HELD + 5
    assert "".join(said) == "word " * 500


@pytest.mark.parametrize("surface", SURFACES)
async def test_redaction_in_shadow_mode_changes_nothing(surface: str) -> None:
    guard = KeywordGuard("redact", enforced=False)
    model = says(AIMessage(f"First. Here is {BAD}. Bye."))
    agent = create_agent(model, [], middleware=[NGSDMiddleware(guard)])
    messages, _ = await run(agent, [HumanMessage("Hi")], surface)
    assert messages[-1].text.strip() == f"First. Here is {BAD}. Bye."


@pytest.mark.parametrize("surface", SURFACES)
async def test_tool_is_not_called_with_arguments_to_be_redacted(surface: str) -> None:
    agent = create_agent(
        says(calling(BAD)), [search], middleware=[NGSDMiddleware(KeywordGuard("redact"))]
    )
    messages, seen = await run(agent, [HumanMessage("Find it")], surface)
    assert calls == []
    assert BAD not in f"{seen}{messages}"


@pytest.mark.parametrize("surface", SURFACES)
async def test_bad_history_that_ends_with_a_result_does_not_reach_the_model(surface: str) -> None:
    history = [HumanMessage("Find"), calling("tea"), ToolMessage(f"{BAD}!", tool_call_id="c1")]
    agent = create_agent(says(), [search], middleware=[NGSDMiddleware(KeywordGuard())])
    messages, _ = await run(agent, history, surface)
    assert messages[-1].text == STOPPED


@pytest.mark.parametrize("surface", SURFACES)
async def test_result_inside_a_command_is_judged_too(surface: str) -> None:
    @tool
    def fetch(query: str, tool_call_id: Annotated[str, InjectedToolCallId]) -> Command[Any]:
        """Fetch something."""
        message = ToolMessage(f"Here: {BAD}", tool_call_id=tool_call_id)
        return Command(update={"messages": [message]})

    call = {"name": "fetch", "args": {"query": "it"}, "id": "c1", "type": "tool_call"}
    model = says(AIMessage("", tool_calls=[call]), AIMessage("Done."))  # type: ignore[list-item]
    agent = create_agent(model, [fetch], middleware=[NGSDMiddleware(KeywordGuard())])
    messages, _ = await run(agent, [HumanMessage("Fetch it")], surface)
    (result,) = (message for message in messages if isinstance(message, ToolMessage))
    assert (result.content, result.status) == (STOPPED, "error")


def test_result_that_is_not_text_does_not_count_as_clean() -> None:
    @tool
    def look(query: str) -> list[dict[str, Any]]:
        """Look at something."""
        return [{"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}]

    call = {"name": "look", "args": {"query": "it"}, "id": "c1", "type": "tool_call"}
    model = says(AIMessage("", tool_calls=[call]), AIMessage("Done."))  # type: ignore[list-item]
    guard = Guard(scripted_engine("Fine.", "Fine.", scores=(0, 0, 0, 0)))
    agent = create_agent(model, [look], middleware=[NGSDMiddleware(guard)])
    messages = agent.invoke({"messages": [HumanMessage("Look")]})["messages"]
    (result,) = (message for message in messages if isinstance(message, ToolMessage))
    assert (result.content, result.status) == (guard.policy.failure_message, "error")


def test_prompt_to_be_redacted_is_stopped() -> None:
    rail = guard_runnable(KeywordGuard("redact"), stage="retrieval")
    with pytest.raises(GuardBlockedError):
        rail.invoke([HumanMessage("Read this."), HumanMessage(f"So {BAD}.")])
    assert rail.invoke(f"So {BAD}.") == "So [redacted]."
    assert rail.invoke(HumanMessage(f"So {BAD}.")).text == "So [redacted]."


async def test_answer_of_the_local_pair_does_not_block_the_event_loop() -> None:
    class SlowToRewrite(KeywordGuard):
        def rewrite(self, messages: Any) -> Any:
            time.sleep(0.3)
            return super().rewrite(messages)

    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.01)
            ticks += 1

    ticking = asyncio.create_task(tick())
    for model, asked in (
        (says(), f"About {BAD}"),
        (says(AIMessage(f"It is {BAD}.")), "Tell me"),
    ):
        before = ticks
        guard = SlowToRewrite("rewrite")
        agent = create_agent(model, [], middleware=[NGSDMiddleware(guard)])
        answer = await agent.ainvoke({"messages": [HumanMessage(asked)]})
        assert answer["messages"][-1].text == "A harmless answer."
        assert ticks - before > 5
    ticking.cancel()
