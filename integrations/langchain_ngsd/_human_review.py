"""A person's decision about an escalated text, and its audit record."""

from contextlib import suppress
from typing import Annotated, Any, Final, Literal

from langgraph.types import interrupt
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from langchain_ngsd._judging import verdict_summary
from ngsd_guard import Guard, Verdict
from ngsd_guard.audit import CODE_PATTERN

_UNNAMED: Final = "unnamed"
_NO_DECISION: Final = (
    'not a decision; resume with True, False or {"decision": "allow" or "block", "reviewer": '
    'an id, "reason_code": a code}, ids and codes of 1 to 64 letters, digits and . _ : @ -'
)
_Code = Annotated[str, Field(pattern=f"^{CODE_PATTERN}$")]


class Decision(BaseModel):
    """The decision with which a paused graph is resumed.

    Attributes:
        decision: whether the text may go on.
        reviewer: an id by which the reviewer's employer knows them; not a name.
        reason_code: a code for the reason; not free text.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    decision: Literal["allow", "block"]
    reviewer: _Code = _UNNAMED
    reason_code: _Code | None = None

    @property
    def allows(self) -> bool:
        """Whether the text may pass."""
        return self.decision == "allow"

    def record(self, guard: Guard, verdict: Verdict) -> None:
        """Write the decision to the guard's audit log, if it has one.

        Raises:
            AuditError: it could not be written; the text must not go on.
        """
        guard.override(verdict, self.decision, reviewer=self.reviewer, reason_code=self.reason_code)


def decision_on(verdict: Verdict) -> Decision:
    """Wait for a person's decision about a verdict; ask again until the answer is valid.

    LangGraph keeps what a graph was resumed with, so that an error here could not be corrected.
    """
    waiting: dict[str, Any] = {"ngsd_guard": verdict_summary(verdict)}
    answer: Any = interrupt(waiting)
    while True:
        if isinstance(answer, bool):
            return Decision(decision="allow" if answer else "block")
        with suppress(ValidationError):
            return Decision.model_validate(answer)
        answer = interrupt({**waiting, "problem": _NO_DECISION})
