"""What the page calls: the pair's settings, answers, and records."""

import asyncio
import contextvars
import secrets
from dataclasses import asdict
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Response
from pydantic import Field

from ngsd_guard.audit import audit_context
from ngsd_guard.pairs import find_pair
from ngsd_guard.server._errors import ApiError
from ngsd_guard.server._event_stream import documented, opened
from ngsd_guard.server._state import ServerState
from ngsd_guard.server.completions._parameters import Strict
from ngsd_guard.server.playground._answers import Answers, Question, failed
from ngsd_guard.server.playground._examples import CLOTHES, EXAMPLES
from ngsd_guard.server.playground._records import SessionRecords, session_id
from ngsd_guard.server.playground._tuning import STEP, TunedEngines
from ngsd_guard.types import Message

_MAX_NEW_TOKENS: Final = 256
_DEFAULT_NEW_TOKENS: Final = 96
_SESSION_BYTES: Final = 24
Session = Annotated[
    str,
    Header(
        alias="X-Playground-Session",
        pattern=r"^[A-Za-z0-9_-]{32,64}$",
        description="The `session` of the settings.",
    ),
]


class PlaygroundBody(Strict):
    """The body of `POST /playground/answers`."""

    text: str = Field(min_length=1)
    """The request."""
    prefill: str = ""
    """Start of the answer, which the model has to go on with."""
    threshold: float | None = Field(default=None, gt=0, description="Default: the pair's own.")
    alpha: float | None = Field(default=None, ge=0, le=1, description="Default: from the risk.")
    max_new_tokens: int = Field(default=_DEFAULT_NEW_TOKENS, ge=1, le=_MAX_NEW_TOKENS)

    @property
    def messages(self) -> list[Message]:
        """The request as a conversation."""
        messages: list[Message] = [{"role": "user", "content": self.text}]
        if self.prefill:
            messages.append({"role": "assistant", "content": self.prefill})
        return messages


def router(state: ServerState) -> APIRouter:
    """Return the endpoints that the page calls."""
    routes = APIRouter(prefix="/playground")
    engines = TunedEngines(state.engine)
    records = SessionRecords(state.engine.audit, state.audit)
    answers = Answers(state)

    @routes.get("/settings")
    async def get_settings() -> dict[str, Any]:
        """Describe the pair, the sliders and the prepared requests, and open a session."""
        return _settings(state, engines)

    @routes.post(
        "/answers",
        responses=documented("The verdict and both answers, as server-sent events."),
        response_class=Response,
    )
    async def create_answers(body: PlaygroundBody, session: Session) -> Response:
        """Answer a request unguarded and guarded, side by side.

        Threshold and alpha count for this request only.
        """
        engine = await asyncio.to_thread(engines.engine, body.threshold, body.alpha)
        with audit_context(session_id=session_id(session)):
            context = contextvars.copy_context()
        question = Question(body.messages, engine, body.max_new_tokens, context)
        return await opened(answers.frames(question), failed)

    @routes.get("/records/{record_id}", responses={404: {"description": "Not in this session."}})
    async def get_record(record_id: str, session: Session) -> dict[str, Any]:
        """Return an audit record that this session made."""
        record = records.find(session, record_id)
        if record is None:
            raise ApiError(
                404, "this session has no such record; ask again first", code="record_not_found"
            )
        return dict(record)

    return routes


def _settings(state: ServerState, engines: TunedEngines) -> dict[str, Any]:
    engine = state.engine
    manifest = find_pair(engine.base.name.partition("/")[0])
    return {
        "model": state.model_name,
        "base": engine.base.name,
        "expert": engine.expert.name,
        "summary": manifest and manifest.summary,
        "caution": manifest and manifest.caution,
        "threshold": {
            "value": engines.threshold,
            "min": engines.lowest,
            "max": engines.highest,
            "step": STEP,
        },
        "bias_current": engine.config.gate.bias_current,
        "is_recorded": engine.audit is not None,
        "session": secrets.token_urlsafe(_SESSION_BYTES),
        "examples": [asdict(example) for example in EXAMPLES],
        "clothes": [asdict(clothes) for clothes in CLOTHES],
    }
