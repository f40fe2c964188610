"""What the documents say of the application: keys, streams, autoscaling, clients that leave."""

import json
import tempfile
from collections.abc import Generator
from pathlib import Path
from typing import Any

import httpx

from _cluster import MODEL, local_ray, serving
from _findings import Findings
from ngsd_guard.audit import read_lines
from ray_ngsd import ServeOptions

_KEY = {"Authorization": "Bearer a-key"}
_CHAT = {
    "model": MODEL,
    "messages": [{"role": "user", "content": "Tell me a story about a fox and a river."}],
    "max_tokens": 200,
    "stream": True,
}


def events(client: httpx.Client, body: dict[str, Any]) -> Generator[str, None, None]:
    """Yield the events of a stream as they come."""
    with client.stream("POST", "/v1/chat/completions", json=body, headers=_KEY) as answer:
        answer.raise_for_status()
        yield from (line for line in answer.iter_lines() if line)


def statuses(audit: Path) -> list[str]:
    """Return how each chat in a log ended."""
    return [line["status"] for line in read_lines(audit) if line["kind"] == "request"]


def main() -> None:
    """Try each on Ray Serve with autoscaling."""
    findings = Findings()
    with tempfile.TemporaryDirectory() as name:
        audit, keys = Path(name) / "{node}" / "audit.jsonl", Path(name) / "keys"
        keys.write_text("a-key\n")
        served = ServeOptions(pair=MODEL, max_replicas=2, audit=str(audit), api_key_file=str(keys))
        with (
            local_ray(3),
            serving({"/": served}) as url,
            httpx.Client(base_url=url, timeout=120) as client,
        ):
            answers = [client.post("/v1/moderations", json={"input": "Hello"}, headers=headers)
                       for headers in ({}, _KEY)]  # fmt: skip
            status = [answer.status_code for answer in answers]
            findings.add("status without and with the key", status, passed=status == [401, 200])
            lines = list(events(client, _CHAT))
            last = json.loads(lines[-2].removeprefix("data: "))
            findings.add(
                "events of a stream; the last two",
                f"{len(lines)}; the record's id, [DONE]",
                passed=lines[-1] == "data: [DONE]" and "record_id" in last["ngsd"],
            )
            leaving = events(client, _CHAT)
            next(leaving)
            leaving.close()
            client.post("/v1/moderations", json={"input": "Hello"}, headers=_KEY)
        (log,) = Path(name).glob("*/audit.jsonl")
        ended = statuses(log)
        findings.add(
            "how a whole stream ended, and one whose client left",
            ended, passed=ended == ["completed", "cancelled"],
        )  # fmt: skip
    findings.close()


if __name__ == "__main__":
    main()
