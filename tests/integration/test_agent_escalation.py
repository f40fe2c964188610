"""An escalated request waits for a human decision, which is recorded before the run continues."""

import asyncio
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from _agent_fakes import says
from langchain.agents import create_agent
from langchain_core.messages import AIMessage, HumanMessage
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.types import Command

from langchain_ngsd import NGSDMiddleware, guard_node
from ngsd_guard import AuditError, AuditLog, Guard, Policy
from ngsd_guard.audit import OverrideRecord, VerdictRecord
from ngsd_guard.testing import scripted_engine

WENT_ON = "Here you are."
THREAD: Any = {"configurable": {"thread_id": "1"}}
REQUEST: Any = {"messages": [HumanMessage("May I?")]}


@pytest.fixture
def log(tmp_path: Path) -> Iterator[AuditLog]:
    log = AuditLog(tmp_path / "audit.jsonl", fsync="never")
    yield log
    log.close()


@pytest.fixture
def guard(log: AuditLog, monkeypatch: pytest.MonkeyPatch) -> Guard:
    """A guard that cannot judge any request and escalates failures."""
    policy = Policy.default()
    unasked = policy.stages.output.replace(enabled=False, on_failure="allow")
    asks = policy.stages.input.replace(on_failure="escalate")
    stages = policy.stages.replace(input=asks, output=unasked)
    engine = scripted_engine("Hi.", "Hi.")

    def fail(*args: Any, **options: Any) -> Any:
        raise RuntimeError

    monkeypatch.setattr(engine.base, "forward", fail)
    return Guard(engine, policy.replace(stages=stages), audit=log)


def in_agent(guard: Guard) -> Any:
    return create_agent(
        says(AIMessage(WENT_ON)), [], middleware=[NGSDMiddleware(guard)],
        checkpointer=InMemorySaver(),
    )  # fmt: skip


def in_graph(guard: Guard) -> Any:
    builder = StateGraph(MessagesState)
    builder.add_node("guard", guard_node(guard, then="answer"), destinations=("answer",))
    builder.add_node("answer", lambda state: {"messages": [AIMessage(WENT_ON)]})
    builder.add_edge(START, "guard")
    return builder.compile(checkpointer=InMemorySaver())


def run_async(graph: Any, given: Any) -> Any:
    return asyncio.run(graph.ainvoke(given, THREAD))


def run_sync(graph: Any, given: Any) -> Any:
    return graph.invoke(given, THREAD)


WAYS = [(in_agent, run_sync), (in_agent, run_async), (in_graph, run_sync)]


def of_kind(log: AuditLog, kind: str) -> list[dict[str, Any]]:
    log.flush()
    records = map(json.loads, log.path.read_text().splitlines())
    return [record for record in records if record["kind"] == kind]


@pytest.mark.parametrize(("build", "run"), WAYS)
@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (True, ("allow", "unnamed", None)),
        (False, ("block", "unnamed", None)),
        ({"decision": "allow", "reviewer": "r-17"}, ("allow", "r-17", None)),
        (
            {"decision": "block", "reviewer": "r-17", "reason_code": "policy.4"},
            ("block", "r-17", "policy.4"),
        ),
    ],
)
def test_the_decision_is_applied_and_recorded(
    answer: Any, expected: tuple[str, str, str | None], build: Callable[[Guard], Any],
    run: Callable[[Any, Any], Any], guard: Guard, log: AuditLog,
) -> None:  # fmt: skip
    graph = build(guard)
    assert "__interrupt__" in run(graph, REQUEST)
    assert of_kind(log, "override") == []
    said = run(graph, Command(resume=answer))["messages"][-1].text
    assert said == (WENT_ON if expected[0] == "allow" else guard.policy.failure_message)
    (decided,) = of_kind(log, "override")
    assert (decided["decision"], decided["reviewer"], decided.get("reason_code")) == expected
    judged = [record for record in of_kind(log, "verdict") if record["stage"] == "input"]
    assert decided["event_id"] == judged[-1]["event_id"]


@pytest.mark.parametrize(("build", "run"), WAYS)
@pytest.mark.parametrize(
    "answer",
    ["yes", 1, {"decision": "perhaps"}, {"decision": "allow", "reviewer": "Ms A. Person"},
     {"decision": "allow", "reviewed_by": "r-17"}],
)  # fmt: skip
def test_an_invalid_decision_is_prompted_again(
    answer: Any, build: Callable[[Guard], Any], run: Callable[[Any, Any], Any], guard: Guard,
    log: AuditLog,
) -> None:  # fmt: skip
    graph = build(guard)
    run(graph, REQUEST)
    (waiting,) = run(graph, Command(resume=answer))["__interrupt__"]
    assert "resume with True, False" in waiting.value["problem"]
    assert of_kind(log, "override") == []
    said = run(graph, Command(resume=True))["messages"][-1].text
    assert said == WENT_ON


@pytest.mark.parametrize(("build", "run"), WAYS)
@pytest.mark.parametrize("kind", [OverrideRecord, VerdictRecord])
def test_a_decision_that_cannot_be_recorded_stops_the_run(
    kind: type, build: Callable[[Guard], Any], run: Callable[[Any, Any], Any], guard: Guard,
    log: AuditLog, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    graph = build(guard)
    run(graph, REQUEST)
    write = AuditLog.write

    def full(self: AuditLog, record: Any, **content: Any) -> None:
        if isinstance(record, kind):
            raise AuditError("the disk is full")
        write(self, record, **content)

    monkeypatch.setattr(AuditLog, "write", full)
    with pytest.raises(AuditError):
        run(graph, Command(resume=True))
    assert of_kind(log, "override") == []
    monkeypatch.undo()


def test_a_decision_does_not_require_a_log() -> None:
    guard = Guard(scripted_engine("Hi.", "Hi."))
    guard.override(guard.check("Hello"), "allow", reviewer="r-17")
