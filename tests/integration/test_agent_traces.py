"""What the middleware's own runs leave in traces."""

from typing import Any

import pytest
from _agent_fakes import KeywordGuard, calling, says, search
from langchain.agents import create_agent
from langchain.agents.middleware import AgentMiddleware
from langchain_core.messages import AIMessage, HumanMessage
from langchain_core.tracers.base import BaseTracer

from langchain_ngsd import NGSDMiddleware
from ngsd_guard import MissingDependencyError


class _Runs(BaseTracer):
    """Keeps every run."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Any] = []

    def _persist_run(self, run: Any) -> None:
        self._keep(run)

    def _keep(self, run: Any) -> None:
        self.found.append(run)
        for child in run.child_runs:
            self._keep(child)


def _own_payloads(middleware: NGSDMiddleware) -> list[str]:
    runs = _Runs()
    agent = create_agent(says(calling("tea"), AIMessage("Done.")), [search],
                         middleware=[middleware])  # fmt: skip
    agent.invoke({"messages": [HumanMessage("Find marmalade")]}, config={"callbacks": [runs]})
    return [f"{run.inputs}{run.outputs}" for run in runs.found if "NGSDMiddleware" in run.name]


def test_own_runs_hold_payloads_unless_told_otherwise() -> None:
    held = _own_payloads(NGSDMiddleware(KeywordGuard()))
    assert any("marmalade" in payload for payload in held)


def test_own_runs_hold_no_payload_on_request() -> None:
    held = _own_payloads(NGSDMiddleware(KeywordGuard(), trace_payloads=False))
    assert held
    assert not [payload for payload in held if "marmalade" in payload or "tea" in payload]


def test_older_langchain_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(AgentMiddleware, "trace_policy")
    with pytest.raises(MissingDependencyError, match="pip install -U langchain"):
        NGSDMiddleware(KeywordGuard(), trace_payloads=False)
