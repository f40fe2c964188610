"""Requests made from the OpenAPI document find no 5xx, and no text of theirs in an error or log."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from _served import keyword_app

schemathesis = pytest.importorskip("schemathesis")

NUM_EXAMPLES = 8
"""For each operation with a body, once from valid and once from invalid data."""


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


def sent_by(case: Any) -> set[str]:
    """Return the strings of a request that are long enough to be recognised."""
    parts = [case.body, dict(case.headers or {}), dict(case.query or {})]
    return {text for part in parts for text in texts_in(part) if len(text) > 5}


def fuzz(num_examples: int, caplog: pytest.LogCaptureFixture) -> dict[int, int]:
    """Send requests to every operation; return how many answers had each status."""
    caplog.set_level(logging.INFO, "ngsd_guard")
    app = keyword_app(model_name="keyword")
    schema = schemathesis.openapi.from_asgi("/openapi.json", app)
    known = json.dumps(schema.raw_schema) + " POST"
    statuses: dict[int, int] = {}

    def check(case: Any) -> None:
        caplog.clear()
        if isinstance(case.body, dict) and isinstance(case.body.get("model"), str):
            case.body["model"] = "keyword"  # otherwise all would be 404
        answer = case.call()
        statuses[answer.status_code] = statuses.get(answer.status_code, 0) + 1
        assert answer.status_code < 500, (case.method, case.path, answer.status_code)
        written = "".join(record.getMessage() for record in caplog.records)
        if answer.status_code >= 400:
            error = answer.json()["error"]
            assert error.keys() == {"message", "type", "param", "code"}
            written += f"{error['message']} {error['param'] or ''}"
        unknown = {text for text in sent_by(case) if text not in known}
        assert not {text for text in unknown if text in written}

    for operation in schema.get_all_operations():
        modes = list(schemathesis.GenerationMode)
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


@pytest.mark.parametrize(
    "num_examples",
    [NUM_EXAMPLES, pytest.param(500, marks=pytest.mark.slow)],
)
def test_fuzzed_requests_are_answered_cleanly(
    num_examples: int, caplog: pytest.LogCaptureFixture
) -> None:
    statuses = fuzz(num_examples, caplog)
    assert {200, 400} <= set(statuses), statuses
