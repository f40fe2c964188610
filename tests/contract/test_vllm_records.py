"""The middleware of vLLM's API server that serves records, without vLLM."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from _fakes import USER
from canaries import canaries_in
from ngsd_guard import AuditLog
from ngsd_guard.hosting import HostGate, RowOptions
from ngsd_guard.testing import scripted_engine
from vllm_ngsd import NGSDRecords
from vllm_ngsd._options import request_id
from vllm_ngsd._requests import row_options

CHAT = "/v1/chat/completions"


class Server:
    """Stands in for vLLM: its API server, and the process that gates."""

    def __init__(self, audit: Path | None) -> None:
        self.bodies: list[Any] = []
        self.engine = scripted_engine()
        self.gate: HostGate[int] | None = None
        ngsd = {"pair": "ngsd-mini", "audit": None if audit is None else str(audit)}
        if audit is not None:
            self.gate = HostGate[int](self.engine.pair, AuditLog(audit))
        self.app = Starlette(
            routes=[Route(path, self.answer, methods=["POST"]) for path in (CHAT, "/tokenize")],
            middleware=[Middleware(NGSDRecords), Middleware(NeedsKey)],
        )
        self.app.state.vllm_config = SimpleNamespace(additional_config={"ngsd": ngsd})

    async def answer(self, request: Request) -> JSONResponse:
        body = await request.body()
        assert int(request.headers["content-length"]) == len(body)
        self.bodies.append(json.loads(body) if body.startswith(b"{") else body)
        return JSONResponse({})

    def gates(self, number: int) -> None:
        """Let a request enter the batch."""
        assert self.gate is not None
        params = SimpleNamespace(extra_args=self.bodies[number].get("vllm_xargs"))
        self.gate.add(number, self.engine.base.encode_chat(USER), (), row_options(params))

    def client(self, **headers: str) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app),
            base_url="http://vllm",
            headers={"authorization": "Bearer key", **headers},
        )


class NeedsKey:
    """Stands in for vLLM's check of its API key."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and (b"authorization", b"Bearer key") not in scope["headers"]:
            await JSONResponse({}, 401)(scope, receive, send)
        else:
            await self.app(scope, receive, send)


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Server:
    monkeypatch.setattr("vllm_ngsd._records._WAIT_S", 0.1)
    return Server(tmp_path / "audit.jsonl")


def record_path(answer: httpx.Response) -> str:
    return f"/v1/ngsd/records/{answer.headers['x-ngsd-request-id']}"


async def test_client_gets_the_record_of_its_request_once_it_has_ended(server: Server) -> None:
    async with server.client() as client:
        answers = [await client.post(CHAT, json={"messages": USER}) for _ in range(2)]
        for number in range(2):
            server.gates(number)
        early = await client.get(record_path(answers[1]))
        assert early.status_code == 404
        assert early.headers["retry-after"] == "1"
        assert server.gate is not None
        reports = [server.gate.cancel(number) for number in range(2)]
        shown = (await client.get(record_path(answers[1]))).json()
    (record,) = shown["records"]
    assert record["event_id"] == reports[1].id
    assert record["status"] == "cancelled"
    assert {"spike_indices", "override_indices", "reflection", "peak_potential"} <= set(record)
    assert not {"host", "process_id", "hash", "session_id", "actor_hmac"} & set(record)
    assert canaries_in(json.dumps(shown).encode()) == []


async def test_each_answer_of_a_request_has_a_record(server: Server) -> None:
    async with server.client() as client:
        answer = await client.post(CHAT, json={"messages": USER, "n": 2})
        server.bodies *= 2
        assert server.gate is not None
        for number in range(2):
            server.gates(number)
            server.gate.cancel(number)
        shown = (await client.get(record_path(answer))).json()
    assert len(shown["records"]) == 2


async def test_options_of_the_client_are_kept_and_its_id_is_not(server: Server) -> None:
    body = {"messages": USER, "vllm_xargs": {"ngsd_guarded": "true", "ngsd_request": "mine"}}
    async with server.client() as client:
        answer = await client.post(CHAT, json=body)
    assert server.bodies[0]["vllm_xargs"] == {
        "ngsd_guarded": "true", "ngsd_request": answer.headers["x-ngsd-request-id"],
    }  # fmt: skip
    assert server.bodies[0]["messages"] == USER


async def test_bodies_that_vllm_refuses_are_left_to_it(server: Server) -> None:
    async with server.client() as client:
        for body in (b"not JSON", b"[1]", b'{"vllm_xargs": 3}'):
            answer = await client.post(CHAT, content=body)
            assert "x-ngsd-request-id" not in answer.headers
    assert server.bodies == [b"not JSON", b"[1]", {"vllm_xargs": 3}]


async def test_other_requests_are_not_touched(server: Server) -> None:
    async with server.client() as client:
        await client.post("/tokenize", json={"prompt": "text"})
        assert (await client.get("/v1/models")).status_code == 404
    assert server.bodies == [{"prompt": "text"}]


async def test_records_need_vllms_own_key(server: Server) -> None:
    async with server.client(authorization="Bearer other") as client:
        answer = await client.get("/v1/ngsd/records/1")
    assert answer.status_code == 401
    assert "retry-after" not in answer.headers


async def test_server_without_a_log_is_left_alone() -> None:
    server = Server(None)
    async with server.client() as client:
        answer = await client.post(CHAT, json={"messages": USER})
        assert (await client.get("/v1/ngsd/records/1")).status_code == 404
    assert "x-ngsd-request-id" not in answer.headers
    assert server.bodies == [{"messages": USER}]


async def test_only_recent_requests_are_kept(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vllm_ngsd._records._KEPT", 2)
    assert server.gate is not None
    async with server.client() as client:
        answers = [await client.post(CHAT, json={"messages": USER}) for _ in range(3)]
        for number in range(3):
            server.gates(number)
            server.gate.cancel(number)
        found = [(await client.get(record_path(answer))).status_code for answer in answers]
    assert found == [404, 200, 200]


@pytest.mark.parametrize("value", ["", "a b", "x" * 129, "\n", 7])
def test_wrong_ids_are_value_errors(value: Any) -> None:
    with pytest.raises(ValueError, match="ngsd_request"):
        request_id({"ngsd_request": value})


def test_rows_without_an_id_have_none() -> None:
    assert row_options(SimpleNamespace(extra_args=None)) == RowOptions()
