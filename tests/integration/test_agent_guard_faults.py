"""Every fault on every path: nothing passes unless the policy allows it, and it is recorded."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from _agent_fakes import SURFACES, calling, calls, run, says, search
from langchain.agents import create_agent
from langchain_core.documents import Document
from langchain_core.messages import AIMessage, HumanMessage
from langgraph.graph import START, MessagesState, StateGraph

from langchain_ngsd import NGSDDocumentGuard, NGSDMiddleware, guard_node, guard_runnable
from ngsd_guard import AuditError, AuditLog, Guard, GuardBlockedError, Policy
from ngsd_guard.guard import Stage
from ngsd_guard.testing import scripted_engine

MARK = "zebra"
STAGES: tuple[Stage, ...] = ("input", "output", "tool_args", "tool_result", "retrieval")
Path_ = Callable[[Guard], Awaitable[bool]]
"""Has a guard judge a harmless text; returns whether it passed."""


@pytest.fixture
def log(tmp_path: Path) -> Iterator[AuditLog]:
    log = AuditLog(tmp_path / "audit.jsonl", fsync="never")
    yield log
    log.close()


@pytest.fixture
def release() -> Iterator[threading.Event]:
    """Releases hanging work at the end."""
    event = threading.Event()
    yield event
    event.set()


def verdicts_in(log: AuditLog) -> list[dict[str, Any]]:
    records = map(json.loads, log.path.read_text().splitlines())
    return [record for record in records if record["kind"] == "verdict"]


def policy_for(stage: Stage, **changes: Any) -> Policy:
    """Return a policy in which only one stage is enabled."""
    policy = Policy.default()
    stages = {name: policy.stages.of(name).replace(enabled=False, on_failure="allow")
              for name in STAGES} | {stage: policy.stages.of(stage).replace(**changes)}  # fmt: skip
    return policy.replace(stages=policy.stages.replace(**stages), categories=())


# The paths.


def agent_path(stage: Stage, surface: str) -> Path_:
    async def path(guard: Guard) -> bool:
        calls.clear()
        query = MARK if stage == "tool_result" else "tea"
        answer = AIMessage(f"It is {'' if stage == 'tool_result' else MARK}.")
        model = says(*([] if stage == "output" else [calling(query)]), answer)
        agent = create_agent(model, [search], middleware=[NGSDMiddleware(guard)])
        messages, seen = await run(agent, [HumanMessage("Go")], surface)
        if stage == "tool_args":
            return bool(calls)
        told = [m.content for m in messages if stage != "tool_result" or m.type == "tool"]
        return MARK in f"{told}{seen if stage != 'tool_result' else ''}"

    return path


def rail_path(stage: Stage, surface: str) -> Path_:
    async def path(guard: Guard) -> bool:
        rail = guard_runnable(guard, stage=stage)
        value: Any = calling(MARK) if stage == "tool_args" else AIMessage(MARK)

        async def pieces() -> AsyncIterator[Any]:
            yield value

        try:
            if surface == "invoke":
                return MARK in str(rail.invoke(value))
            if surface == "ainvoke":
                return MARK in str(await rail.ainvoke(value))
            if surface == "stream":
                return MARK in str(list(rail.transform(iter([value]))))
            if surface == "astream":
                return MARK in str([piece async for piece in rail.atransform(pieces())])
            if surface == "batch":
                return MARK in str(rail.batch([value, value]))
            return MARK in str(await rail.abatch([value, value]))
        except GuardBlockedError as error:
            return not error.verdict.is_blocked

    return path


def document_path(is_async: bool) -> Path_:
    async def path(guard: Guard) -> bool:
        transformer, documents = NGSDDocumentGuard(guard), [Document(MARK), Document(MARK)]
        if is_async:
            return bool(await transformer.atransform_documents(documents))
        return bool(transformer.transform_documents(documents))

    return path


def node_path(is_async: bool) -> Path_:
    async def path(guard: Guard) -> bool:
        builder = StateGraph(MessagesState)
        builder.add_node("guard", guard_node(guard, then="answer"))
        builder.add_node("answer", lambda _: {"messages": [AIMessage(MARK)]})
        builder.add_edge(START, "guard")
        asked: Any = {"messages": [HumanMessage("Go")]}
        graph = builder.compile()
        result = await graph.ainvoke(asked) if is_async else graph.invoke(asked)
        return MARK in str(result)

    return path


PATHS: dict[str, tuple[Stage, Path_]] = {
    **{f"agent {stage} {surface}": (stage, agent_path(stage, surface))
       for stage in STAGES[:4] for surface in SURFACES},
    **{f"rail {stage} {surface}": (stage, rail_path(stage, surface))
       for stage in STAGES for surface in [*SURFACES, "batch", "abatch"]},
    **{f"documents {is_async=}": ("retrieval", document_path(is_async))
       for is_async in (False, True)},
    **{f"node {is_async=}": ("input", node_path(is_async)) for is_async in (False, True)},
}  # fmt: skip
EVERY_PATH = pytest.mark.parametrize(("stage", "path"), PATHS.values(), ids=list(PATHS))


# The faults.


def raising(error: BaseException) -> Callable[..., Any]:
    def fail(*_: Any, **__: Any) -> Any:
        raise error

    return fail


FAULTS: dict[str, Callable[..., Any]] = {
    "RuntimeError": raising(RuntimeError("broken")),
    "OutOfMemoryError": raising(torch.OutOfMemoryError("no room")),
    "NonFiniteLogitsError": lambda *_: torch.full((1, 257), float("nan")),
}


def guard_with(
    fault: str, policy: Policy, log: AuditLog, release: threading.Event,
    monkeypatch: pytest.MonkeyPatch,
) -> Guard:  # fmt: skip
    """Return a guard with a fault, and the error type in its records."""
    engine = scripted_engine("Fine.", "Fine.", scores=(0, 0, 0, 0), audit=log)
    guard = Guard(engine, policy)
    if fault in FAULTS:
        monkeypatch.setattr(engine.base, "forward", FAULTS[fault])
    elif fault == "DecodingTimeoutError":
        monkeypatch.setattr(engine.base, "forward", lambda *_: release.wait(20))
    elif fault == "EngineBusyError":
        monkeypatch.setattr(guard._pool, "_num_taken", 10**6)
    elif fault == "AuditError":
        monkeypatch.setattr(log, "write", raising(AuditError("the disk is full")))
    return guard


NAMES = [*FAULTS, "DecodingTimeoutError", "EngineBusyError", "AuditError"]
EVERY_FAULT = pytest.mark.parametrize("fault", NAMES)


@EVERY_PATH
async def test_a_harmless_text_passes(stage: Stage, path: Path_, log: AuditLog) -> None:
    engine = scripted_engine("Fine.", "Fine.", scores=(0, 0, 0, 0), audit=log)
    assert await path(Guard(engine, policy_for(stage)))
    judged = [record for record in verdicts_in(log) if record["stage"] == stage]
    assert judged
    assert {(r["evaluation"], r["flagged"]) for r in judged} == {("evaluated", False)}


@EVERY_PATH
@EVERY_FAULT
async def test_no_fault_lets_a_text_pass(
    fault: str, stage: Stage, path: Path_, log: AuditLog, release: threading.Event,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    timeout_s = 0.05 if fault == "DecodingTimeoutError" else 20.0
    policy = policy_for(stage, timeout_s=timeout_s)
    guard = guard_with(fault, policy, log, release, monkeypatch)
    assert not await path(guard)
    records = [record for record in verdicts_in(log) if record["stage"] == stage]
    if fault == "AuditError":
        assert records == []
        return
    assert records
    for record in records:
        assert record["evaluation"] == ("timeout" if "Timeout" in fault else "error")
        assert (record["error_type"], record["flagged"]) == (fault, True)
        assert (record["action"], record["enforced"]) == ("block", True)


@EVERY_PATH
@pytest.mark.parametrize("is_shadow", [False, True])
async def test_a_text_passes_if_the_policy_allows_failures_and_is_recorded(
    is_shadow: bool, stage: Stage, path: Path_, log: AuditLog, release: threading.Event,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    policy = policy_for(stage, on_failure="block" if is_shadow else "allow")
    policy = policy.replace(shadow=is_shadow)
    assert await path(guard_with("RuntimeError", policy, log, release, monkeypatch))
    records = [record for record in verdicts_in(log) if record["stage"] == stage]
    assert records
    for record in records:
        assert (record["evaluation"], record["flagged"]) == ("error", True)
        assert (record["enforced"], record["shadow"]) == (not is_shadow, is_shadow)
        assert record["action"] == ("block" if is_shadow else "allow")


CANCELLABLE = {name: at for name, at in PATHS.items()
               if name.split()[-1] in ("ainvoke", "astream", "abatch", "is_async=True")
               and "node" not in name}  # fmt: skip


@pytest.mark.parametrize(("stage", "path"), CANCELLABLE.values(), ids=list(CANCELLABLE))
async def test_an_abandoned_check_is_recorded(
    stage: Stage, path: Path_, log: AuditLog, release: threading.Event,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    policy = policy_for(stage, timeout_s=None)
    guard = guard_with("DecodingTimeoutError", policy, log, release, monkeypatch)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(path(guard), 0.5)
    release.set()
    records = [record for record in verdicts_in(log) if record["stage"] == stage]
    assert {record["error_type"] for record in records} == {"CancelledError"}
    assert all(record["flagged"] for record in records)
