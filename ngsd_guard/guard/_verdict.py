"""Requests and verdicts of a guard; a verdict contains no judged text."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal, get_args

from ngsd_guard.types import Action as Action
from ngsd_guard.types import Evaluation as Evaluation
from ngsd_guard.types import Stage as Stage

SpanKind = Literal["harm", "injection", "text"]

STAGES: Final[tuple[Stage, ...]] = get_args(Stage)
ACTIONS: Final[tuple[Action, ...]] = get_args(Action)
"""Actions from the mildest to the strictest."""


@dataclass(frozen=True, slots=True)
class CheckRequest:
    """A request of a batch, with the arguments of `Guard.check`."""

    messages: str | Sequence[Mapping[str, Any]] = field(repr=False)
    response: str | None = field(default=None, repr=False)
    stage: Stage = "input"
    source_id: str | None = None


@dataclass(frozen=True, slots=True)
class CategoryScore:
    """Score of a text in one category of the policy."""

    name: str
    score: float
    """0 to 10."""
    threshold: float
    flagged: bool
    """Whether the score reached the threshold."""
    shadow: bool
    """Whether the score is only recorded and does not affect the verdict."""


@dataclass(frozen=True, slots=True)
class Span:
    """A part of the judged text, in characters: `text[start:end]`."""

    start: int
    end: int
    kind: SpanKind
    """Kind of finding: `harm` or `injection`; `text` for an entire text that is to be redacted
    because the finding could not be located."""


@dataclass(frozen=True, slots=True)
class TokenChance:
    """A likely next token of a model."""

    text: str = field(repr=False)
    probability: float


@dataclass(frozen=True, slots=True)
class TokenTrace:
    """The neuron at one token of the scanned answer, or of the policy's probe.

    The last entry of a probe is the token after it, which has no text.
    """

    index: int
    text_start: int
    """First character, in the answer or the probe."""
    text_end: int
    """End of the token, exclusive, in characters."""
    current: float
    """Distance between base and expert, before the bias; 0 to 1."""
    membrane_potential: float
    """Potential after this token's reset, if any."""
    spiked: bool
    base_tokens: tuple[TokenChance, ...] = field(repr=False)
    """The base's most likely tokens here, most likely first."""
    expert_tokens: tuple[TokenChance, ...] = field(repr=False)
    """The expert's most likely tokens here, most likely first."""
    charged_potential: float = 0.0
    """Potential compared with the threshold, before any reset."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A guard's verdict on one text."""

    evaluation: Evaluation
    """Whether the text was judged. `skipped`: there was no text, or the stage is disabled.
    `error`, `timeout`: the text could not be judged completely; the action is the policy's
    `on_failure`."""
    flagged: bool
    """Whether anything was found; also true for a text that could not be judged."""
    action: Action
    """The action that the policy calls for."""
    enforced: bool
    """Whether to take the action; false in shadow mode."""
    stage: Stage
    risk: float | None = None
    """The base's rating, 0 to 10; None without one."""
    injection: float | None = None
    """Score for hidden instructions to the assistant, 0 to 10; None without one."""
    categories: tuple[CategoryScore, ...] = ()
    spans: tuple[Span, ...] = ()
    """Positions of the findings in the judged text, in order and without overlaps."""
    peak_potential: float | None = None
    """Highest potential of the neuron; None if it was not used, which is the case at stages other
    than `input` and `output` and for a risk below the policy's `look_closer`."""
    latency_s: float = 0.0
    """Time from the call to the verdict, in seconds."""
    message: str | None = None
    """Message to show instead of a blocked text; None if it is not blocked."""
    record_id: str | None = None
    """`event_id` of the audit record; None if nothing was recorded."""
    policy_digest: str = ""
    error_type: str | None = None
    """Class of the error because of which the text could not be judged."""
    trace: tuple[TokenTrace, ...] = field(default=(), repr=False)
    """The neuron at each token; only with `explain=True`, at the stages `input` and `output`."""

    @property
    def is_clean(self) -> bool:
        """Whether the text was judged and nothing was found."""
        return self.evaluation == "evaluated" and not self.flagged

    @property
    def is_blocked(self) -> bool:
        """Whether the text must not pass: it is blocked, or escalated to a human.

        Always false in shadow mode. A text to be redacted or rewritten is not blocked, since the
        result may pass.
        """
        return self.enforced and self.action in ("block", "escalate")

    def redacted(self, text: str, mark: str = "[redacted]") -> str:
        """Return the judged text with its spans replaced, whatever the action.

        A text that could not be judged is replaced entirely, unless the policy lets it pass.

        Args:
            text: the text that was judged, unchanged.
            mark: replacement for each span.
        """
        if self.evaluation in ("error", "timeout") and self.action not in ("allow", "flag"):
            return mark
        for span in reversed(self.spans):
            text = text[: span.start] + mark + text[span.end :]
        return text

    def as_dict(self) -> dict[str, Any]:
        """Return the verdict as JSON values."""
        return {**asdict(self), "is_clean": self.is_clean, "is_blocked": self.is_blocked}
