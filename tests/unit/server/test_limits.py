import asyncio
import json
import socket
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from _guard_fakes import BENIGN, SECRET, FaultyModel, keyword_engine
from _served import Held, client_of, held_engine, keyword_app, serving
from ngsd_guard import AuditLog, Engine

CHECK = {"messages": [{"role": "user", "content": BENIGN}]}


def post_in_thread(url: str, results: list[httpx.Response]) -> threading.Thread:
    def post() -> None:
        results.append(httpx.post(f"{url}/v1/checks", json=CHECK, timeout=10))

    thread = threading.Thread(target=post)
    thread.start()
    return thread


async def test_full_queue_is_answered_with_429() -> None:
    held = Held()
    app = keyword_app(held_engine(held), max_concurrency=1, max_queue=1)
    async with client_of(app) as client:
        running = [asyncio.create_task(client.post("/v1/checks", json=CHECK)) for _ in range(2)]
        await asyncio.to_thread(held.reached.wait, 5)
        refused = await client.post("/v1/checks", json=CHECK)
        waiting = (await client.get("/metrics")).text
        held.released.set()
        answers = await asyncio.gather(*running)
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) >= 1
    assert refused.json()["error"]["type"] == "rate_limit_error"
    assert "ngsd_http_requests_active 1.0" in waiting
    assert "ngsd_http_requests_waiting 1.0" in waiting
    assert [answer.status_code for answer in answers] == [200, 200]


async def test_request_over_its_time_is_answered_with_504() -> None:
    held = Held()
    app = keyword_app(held_engine(held), timeout_s=0.1)
    async with client_of(app) as client:
        answer = await client.post("/v1/checks", json=CHECK)
        held.released.set()
    assert answer.status_code == 504
    assert answer.json()["error"]["code"] == "timeout"


def test_client_that_leaves_frees_its_turn(tmp_path: Path) -> None:
    held = Held()
    with AuditLog(tmp_path / "audit.jsonl", fsync="never") as log:
        engine = Engine(held_engine(held).pair, audit=log)
        app = keyword_app(engine, max_concurrency=1, max_queue=0)
        with serving(app) as (url, _):
            address = urlsplit(url)
            body = json.dumps(CHECK).encode()
            with socket.create_connection((address.hostname, address.port)) as leaving:
                head = f"POST /v1/checks HTTP/1.1\r\nHost: {address.netloc}\r\n"
                head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
                leaving.sendall(head.encode() + body)
                assert held.reached.wait(5)
            deadline = time.monotonic() + 5
            while "ngsd_http_disconnects_total 1.0" not in httpx.get(f"{url}/metrics").text:
                assert time.monotonic() < deadline
                time.sleep(0.02)
            assert "ngsd_http_requests_active 0.0" in httpx.get(f"{url}/metrics").text
            held.released.set()
            assert httpx.post(f"{url}/v1/checks", json=CHECK).status_code == 200
    records = [json.loads(line) for line in (tmp_path / "audit.jsonl").read_text().splitlines()]
    kinds = [record["evaluation"] for record in records if record["kind"] == "verdict"]
    assert kinds == ["error", "evaluated"]


def test_running_requests_finish_while_the_server_stops() -> None:
    held = Held()
    app = keyword_app(held_engine(held), drain_s=0.5)
    results: list[httpx.Response] = []
    with serving(app) as (url, server):
        thread = post_in_thread(url, results)
        assert held.reached.wait(5)
        server.handle_exit(15, None)
        assert httpx.get(f"{url}/readyz").status_code == 503
        assert httpx.get(f"{url}/healthz").status_code == 200
        deadline = time.monotonic() + 5
        while not server.should_exit:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        time.sleep(0.1)
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"{url}/readyz")
        held.released.set()
        thread.join(10)
    assert [answer.status_code for answer in results] == [200]


@pytest.mark.parametrize(
    "request_lines",
    [
        b"GET /healthz HTTP/1.1\r\nHost: a\r\nX-Request-Id: a\r\n\tSet-Cookie: b=1\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: a\r\nX-Bad\x00Name: 1\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: a\r\nX: " + b"y" * 100_000 + b"\r\n\r\n",
        b"GET /healthz\r\n\r\n",
        b"POST /v1/checks HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
        b"POST /v1/checks HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        SECRET.encode() + b"\r\n\r\n",
    ],
)
def test_broken_and_injected_headers_are_harmless(
    request_lines: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    with serving(keyword_app()) as (url, _):
        address = urlsplit(url)
        with socket.create_connection((address.hostname, address.port), timeout=5) as client:
            client.sendall(request_lines)
            client.shutdown(socket.SHUT_WR)
            answer = b""
            while part := client.recv(65536):
                answer += part
        assert httpx.get(f"{url}/healthz").status_code == 200
    status = int(answer.split(b" ")[1])
    assert status in (200, 400, 413, 431)
    assert b"set-cookie" not in answer.lower()
    assert SECRET.encode() not in answer
    assert SECRET not in "".join(capfd.readouterr())


async def test_guard_failure_is_answered_with_503() -> None:
    def fail() -> None:
        raise RuntimeError(SECRET)

    engine = keyword_engine(base=FaultyModel(fail, name="scripted-base"))
    async with client_of(keyword_app(engine)) as client:
        for path, body in (
            ("/v1/checks", CHECK),
            ("/v1/moderations", {"input": "a"}),
            ("/beta/litellm_basic_guardrail_api", {"input_type": "request", "texts": ["a"]}),
        ):
            answer = await client.post(path, json=body)
            assert answer.status_code == 503
            assert SECRET not in answer.text
