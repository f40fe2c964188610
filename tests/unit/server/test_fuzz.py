"""Requests made from the OpenAPI document find no 5xx, and no text of theirs in an error or log."""

import json
import logging
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from _served import keyword_app
from _upstreams import completion, stream_of
from ngsd_guard.server import UpstreamSettings

schemathesis = pytest.importorskip("schemathesis")

MARK = "zebra-mark"


def texts_in(value: Any) -> Iterator[str]:
    """Yield every string in a JSON value, also keys."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from (key, *texts_in(item))
    elif isinstance(value, list):
        for item in value:
            yield from texts_in(item)


def marked(value: Any, known: frozenset[str]) -> Any:
    """Return a JSON value with the mark in every string and key that the document does not name."""
    if isinstance(value, str):
        return value if value in known else value + MARK
    if isinstance(value, dict):
        return {marked(key, known): marked(item, known) for key, item in value.items()}
    return [marked(item, known) for item in value] if isinstance(value, list) else value


def answer_in_the_upstreams_place(request: httpx.Request) -> httpx.Response:
    if request.method == "GET":
        return httpx.Response(200, json={"data": [{"id": "keyword"}]})
    is_stream = json.loads(request.content).get("stream")
    status, headers, body = stream_of("Fine.") if is_stream else completion("Fine.")
    content = body if isinstance(body, bytes) else b"".join(body)
    return httpx.Response(status, headers=dict(headers), content=content)


def fuzz(
    num_examples: int, modes: Sequence[Any], caplog: pytest.LogCaptureFixture
) -> dict[int, int]:
    """Send requests to every operation; return how many answers had each status."""
    caplog.set_level(logging.INFO, "ngsd_guard")
    upstream = UpstreamSettings(url="http://127.0.0.1:9/v1")
    app = keyword_app(model_name="keyword", upstream=upstream, playground=True)
    app.state.ngsd.upstream.use_transport(httpx.MockTransport(answer_in_the_upstreams_place))
    schema = schemathesis.openapi.from_asgi("/openapi.json", app)
    known = frozenset(texts_in(schema.raw_schema))
    statuses: dict[int, int] = {}

    def check(case: Any) -> None:
        caplog.clear()
        case.body = marked(case.body, known)
        if isinstance(case.body, dict) and isinstance(case.body.get("model"), str):
            case.body["model"] = "keyword"  # otherwise all would be 404
        answer = case.call()
        statuses[answer.status_code] = statuses.get(answer.status_code, 0) + 1
        assert answer.status_code < 500, (case.method, case.path, answer.status_code)
        written = "".join(record.getMessage() for record in caplog.records)
        if answer.status_code >= 400:
            error = answer.json()["error"]
            assert error.keys() == {"message", "type", "param", "code"}
            written += str(error)
        assert MARK not in written

    for operation in schema.get_all_operations():
        for mode in modes if operation.ok().body else modes[:1]:
            cases = operation.ok().as_strategy(generation_mode=mode)
            run = settings(
                max_examples=num_examples,
                suppress_health_check=list(HealthCheck),
                phases=[Phase.generate],
                print_blob=False,
            )(given(case=cases)(check))
            run()
    return statuses


def test_valid_requests_are_answered_cleanly(caplog: pytest.LogCaptureFixture) -> None:
    statuses = fuzz(5, [schemathesis.GenerationMode.POSITIVE], caplog)
    assert {200, 400} <= set(statuses), statuses


@pytest.mark.slow
def test_thousands_of_valid_and_invalid_requests_are_answered_cleanly(
    caplog: pytest.LogCaptureFixture, record_property: Callable[[str, object], None]
) -> None:
    statuses = fuzz(330, list(schemathesis.GenerationMode), caplog)
    assert {200, 400} <= set(statuses), statuses
    assert sum(statuses.values()) >= 5000, statuses
    record_property("statuses", statuses)
