"""A scripted OpenAI-compatible API on this machine, in front of which the guard stands."""

import json
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Body = bytes | Iterable[bytes]
Answer = tuple[int, Mapping[str, str], Body]
JSON = {"Content-Type": "application/json"}
EVENTS = {"Content-Type": "text/event-stream"}
HEAD = {"id": "up-1", "created": 5, "model": "up-model", "system_fingerprint": "fp"}


@dataclass
class Upstream:
    """Answers with what `script` returns for a body; keeps what it was sent."""

    script: Callable[[Any], Answer] = lambda body: completion("Hello there.")
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    was_cut_off: threading.Event = field(default_factory=threading.Event)
    """Set when a client leaves before the answer has ended."""
    url: str = ""


def completion(content: str | None, **message: Any) -> Answer:
    """Return a whole answer with one choice."""
    return completions({"content": content, **message})


def completions(*messages: Mapping[str, Any], **fields: Any) -> Answer:
    """Return a whole answer with one choice per message."""
    choices = [
        {
            "index": index,
            "message": {"role": "assistant", **message},
            "finish_reason": "tool_calls" if message.get("tool_calls") else "stop",
        }
        for index, message in enumerate(messages)
    ]
    usage = {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}
    answer = {**HEAD, "object": "chat.completion", "choices": choices, "usage": usage, **fields}
    return 200, JSON, json.dumps(answer).encode()


def failure(status: int, message: str = "no", **headers: str) -> Answer:
    """Return an error in OpenAI's form."""
    error = {"message": message, "type": "x", "param": None, "code": "up"}
    return status, {**JSON, **headers}, json.dumps({"error": error}).encode()


def event(*choices: Mapping[str, Any], **fields: Any) -> bytes:
    """Return one event of a stream."""
    chunk = {**HEAD, "object": "chat.completion.chunk", "choices": choices, **fields}
    return b"data: " + json.dumps(chunk, ensure_ascii=False).encode() + b"\n\n"


def delta(index: int = 0, reason: str | None = None, **said: Any) -> dict[str, Any]:
    """Return a choice of a chunk."""
    return {"index": index, "delta": said, "finish_reason": reason}


DONE = b"data: [DONE]\n\n"


def stream_of(*texts: str, reason: str = "stop") -> Answer:
    """Return a stream that says some texts, and counts tokens at the end."""
    return 200, EVENTS, list(_events(texts, reason))


def _events(texts: Iterable[str], reason: str) -> Iterator[bytes]:
    yield event(delta(role="assistant", content=""))
    for text in texts:
        yield event(delta(content=text))
    yield event(delta(reason=reason))
    yield event(usage={"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7})
    yield DONE


@contextmanager
def upstream(script: Callable[[Any], Answer] | None = None) -> Iterator[Upstream]:
    """Run a scripted upstream."""
    scripted = Upstream() if script is None else Upstream(script)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            scripted.requests.append(body)
            scripted.headers.append({k.lower(): v for k, v in self.headers.items()})
            self._send(scripted.script({"path": self.path, **body}))

        def do_GET(self) -> None:
            self._send(scripted.script({"path": self.path}))

        def _send(self, answer: Answer) -> None:
            status, headers, body = answer
            try:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                for part in [body] if isinstance(body, bytes) else body:
                    self.wfile.write(part)
                    self.wfile.flush()
            except OSError:
                scripted.was_cut_off.set()
            self.close_connection = True

        def log_message(self, *arguments: Any) -> None:
            """Write no log."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    scripted.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    try:
        yield scripted
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
