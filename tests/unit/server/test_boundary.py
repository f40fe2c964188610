import asyncio
import json
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from _guard_fakes import BENIGN, HARMFUL, SECRET, keyword_engine
from _served import client_of, keyword_app
from ngsd_guard import AuditLog, ConfigurationError
from ngsd_guard.server import load_api_keys
from ngsd_guard.server._keys import hash_key

KEY = "key-of-the-tests"
CHECK = {"messages": [{"role": "user", "content": BENIGN}]}


async def test_request_id_of_the_client_is_kept_and_recorded(log: AuditLog, tmp_path: Path) -> None:
    app = keyword_app(keyword_engine(audit=log))
    async with client_of(app) as client:
        answer = await client.post("/v1/checks", json=CHECK, headers={"x-request-id": "job-7.a"})
    assert answer.headers["x-request-id"] == "job-7.a"
    records = [json.loads(line) for line in (tmp_path / "audit.jsonl").read_text().splitlines()]
    (verdict,) = [record for record in records if record["kind"] == "verdict"]
    assert verdict["trace_id"] == "job-7.a"
    assert verdict["event_id"] == answer.json()["ngsd"][0]["record_id"]


@pytest.mark.parametrize("given", ["", "a b", "../x", "x" * 129, "<b>", "é"])
async def test_unusual_request_ids_are_replaced(given: str) -> None:
    async with client_of(keyword_app()) as client:
        answer = await client.get("/healthz", headers={"x-request-id": given.encode("latin-1")})
    assert answer.headers["x-request-id"] != given
    assert len(answer.headers["x-request-id"]) == 32


@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        (None, 401),
        ("Bearer wrong", 401),
        (f"Basic {KEY}", 401),
        (KEY, 401),
        ("Bearer é", 401),
        (f"Bearer {KEY}", 200),
        (f"bearer {KEY}", 200),
    ],
)
async def test_key_is_needed(authorization: str | None, status: int) -> None:
    app = keyword_app(api_key_hashes=(hash_key("other"), hash_key(KEY)))
    headers = {} if authorization is None else {"authorization": authorization.encode("latin-1")}
    async with client_of(app) as client:
        answer = await client.post("/v1/checks", json=CHECK, headers=headers)
        assert answer.status_code == status
        assert KEY not in answer.text
        assert (await client.get("/readyz")).status_code == 200
        assert (await client.get("/metrics", headers=headers)).status_code == status


async def test_actor_of_a_key_is_recorded_as_a_fingerprint(log: AuditLog, tmp_path: Path) -> None:
    app = keyword_app(keyword_engine(audit=log), api_key_hashes=(hash_key(KEY),))
    async with client_of(app, headers={"authorization": f"Bearer {KEY}"}) as client:
        await client.post("/v1/checks", json=CHECK)
    written = (tmp_path / "audit.jsonl").read_text()
    assert "actor_hmac" in written
    assert KEY not in written
    assert hash_key(KEY)[:16] not in written


def test_key_file_has_keys_and_hashes(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    path.write_text(f"# ours\n\n{KEY}\n sha256:{hash_key('b').upper()} \n")
    assert load_api_keys(path) == (hash_key(KEY), hash_key("b"))


@pytest.mark.parametrize("text", ["", "# none\n", "sha256:abc\n"])
def test_key_file_without_usable_keys_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "keys"
    path.write_text(text)
    with pytest.raises(ConfigurationError):
        load_api_keys(path)


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "localhost@evil"])
async def test_other_names_of_this_server_are_refused(host: str) -> None:
    app = keyword_app(allowed_hosts=("127.0.0.1", "localhost", "[::1]"))
    async with client_of(app) as client:
        assert (await client.get("/healthz", headers={"host": host})).status_code == 421
        assert (await client.get("/healthz", headers={"host": "[::1]:80"})).status_code == 200


async def test_body_over_the_limit_is_refused_by_its_declared_length() -> None:
    async with client_of(keyword_app(max_body_bytes=100)) as client:
        answer = await client.post("/v1/checks", content=b"x" * 101)
    assert answer.status_code == 413
    assert answer.headers["connection"] == "close"


async def test_body_over_the_limit_is_refused_while_it_streams() -> None:
    sent = 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(100):
            sent += 1
            yield b"x" * 30

    async with client_of(keyword_app(max_body_bytes=100)) as client:
        answer = await client.post("/v1/checks", content=chunks())
    assert answer.status_code == 413
    assert sent == 4


async def test_body_that_does_not_arrive_is_given_up() -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.sleep(5)

    async with client_of(keyword_app(body_timeout_s=0.05)) as client:
        answer = await client.post("/v1/checks", content=chunks())
    assert answer.status_code == 408


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b'{"messages": 1}',
        b"[" * 100_000,
        json.dumps({"messages": [{"role": SECRET, "content": SECRET}]}).encode(),
        json.dumps({"messages": [{"role": "user", "content": "a", SECRET: SECRET}]}).encode(),
        json.dumps({"messages": [{"role": "user", "content": [{"type": SECRET}]}]}).encode(),
        json.dumps({"messages": [], "guardrails": {"rail_types": [SECRET]}}).encode(),
    ],
)
async def test_malformed_bodies_get_a_clean_400(
    body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    headers = {"content-type": "application/json"}
    async with client_of(keyword_app()) as client:
        answer = await client.post("/v1/checks", content=body, headers=headers)
    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "invalid_request_error"
    assert SECRET not in answer.text
    assert SECRET not in caplog.text


@pytest.mark.parametrize(
    "path",
    [
        "/../../etc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/v1/checks/../../etc/passwd",
        "/..%2f..%2fetc%2fpasswd",
        "/%00",
        "/v1//checks",
        f"/{SECRET}",
    ],
)
async def test_other_paths_do_not_exist(path: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "ngsd_guard")
    async with client_of(keyword_app()) as client:
        answer = await client.get(path)
        counted = (await client.get("/metrics")).text
    assert answer.status_code in (404, 405)
    assert answer.json()["error"]["type"] == "invalid_request_error"
    written = answer.text + counted + "".join(r.getMessage() for r in caplog.records)
    assert SECRET not in written


async def test_faults_are_answered_without_their_text(caplog: pytest.LogCaptureFixture) -> None:
    app = keyword_app()

    @app.get("/failing")
    async def fail() -> None:
        raise RuntimeError(SECRET)

    async with client_of(app) as client:
        answer = await client.get("/failing")
    assert answer.status_code == 500
    assert answer.json()["error"]["code"] == "internal_error"
    assert SECRET not in answer.text + caplog.text
    assert "RuntimeError" in caplog.text


async def test_metrics_count_requests_and_verdicts() -> None:
    async with client_of(keyword_app()) as client:
        await client.post("/v1/checks", json={"messages": [{"role": "user", "content": HARMFUL}]})
        text = (await client.get("/metrics")).text
    assert 'ngsd_http_requests_total{method="POST",route="/v1/checks",status="200"} 1.0' in text
    assert 'ngsd_verdicts_total{action="block",evaluation="evaluated",stage="input"} 1.0' in text
    assert SECRET not in text
