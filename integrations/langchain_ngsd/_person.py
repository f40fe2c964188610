"""Human decisions about escalated texts, and their audit records."""

from contextlib import suppress
from typing import Annotated, Any, Final, Literal

from langgraph.types import interrupt
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from langchain_ngsd._judging import told
from ngsd_guard import Guard, Verdict
from ngsd_guard.audit import CODE_PATTERN

_UNNAMED: Final = "unnamed"
_NO_DECISION: Final = (
    'not a valid decision; resume with True, False or {"decision": "allow" or "block", '
    '"reviewer": an id, "reason_code": a code}; ids and codes have 1 to 64 letters, digits and '
    ". _ : @ -"
)
_Code = Annotated[str, Field(pattern=f"^{CODE_PATTERN}$")]


class Decision(BaseModel):
    """The decision with which a paused graph is resumed.

    Attributes:
        decision: whether the text may pass.
        reviewer: internal id of the reviewer, not a name.
        reason_code: code of the reason, not free text.
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
            AuditError: the decision could not be written; the text must not pass.
        """
        guard.override(verdict, self.decision, reviewer=self.reviewer, reason_code=self.reason_code)


def decision_on(verdict: Verdict) -> Decision:
    """Wait for a human decision about a verdict; re-prompt until it is valid.

    An invalid decision must not raise an error: LangGraph stores the value a graph was resumed
    with, so the error would be permanent.
    """
    waiting: dict[str, Any] = {"ngsd_guard": told(verdict)}
    answer: Any = interrupt(waiting)
    while True:
        if isinstance(answer, bool):
            return Decision(decision="allow" if answer else "block")
        with suppress(ValidationError):
            return Decision.model_validate(answer)
        answer = interrupt({**waiting, "problem": _NO_DECISION})
