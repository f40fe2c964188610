"""What a check is asked and what it answers; no judged text is kept in an answer."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal, get_args

from ngsd_guard.types import Action as Action
from ngsd_guard.types import Evaluation as Evaluation
from ngsd_guard.types import Stage as Stage

SpanKind = Literal["harm", "injection", "text"]

STAGES: Final[tuple[Stage, ...]] = get_args(Stage)
ACTIONS: Final[tuple[Action, ...]] = get_args(Action)
"""From the mildest to the strictest."""


@dataclass(frozen=True, slots=True)
class CheckRequest:
    """One text to be checked, and what stands around it; takes what `Guard.check` takes."""

    messages: str | Sequence[Mapping[str, Any]] = field(repr=False)
    response: str | None = field(default=None, repr=False)
    stage: Stage = "input"
    source_id: str | None = None


@dataclass(frozen=True, slots=True)
class CategoryScore:
    """How far a text shows what a category of the policy describes."""

    name: str
    score: float
    """0 to 10."""
    threshold: float
    flagged: bool
    """Whether the score reached the threshold."""
    shadow: bool
    """Whether that counts for nothing but the record."""


@dataclass(frozen=True, slots=True)
class Span:
    """A part of the judged text, in characters: `text[start:end]`."""

    start: int
    end: int
    kind: SpanKind
    """What was found there: `harm`, an `injection`, or nothing in particular in a `text` that as a
    whole is to be redacted."""


@dataclass(frozen=True, slots=True)
class TokenChance:
    """A token a model thought of."""

    text: str = field(repr=False)
    probability: float


@dataclass(frozen=True, slots=True)
class TokenTrace:
    """One token of the answer that was scanned, or of the opening the models were tried with.

    The last one of an opening is the token behind it; it has no text.
    """

    index: int
    text_start: int
    """Where it begins, in characters of the answer or the opening."""
    text_end: int
    current: float
    """Distance between base and expert, before the bias; 0 to 1."""
    membrane_potential: float
    """After this token's reset, if there was one."""
    spiked: bool
    base_tokens: tuple[TokenChance, ...] = field(repr=False)
    """What the base held likeliest here, best first."""
    expert_tokens: tuple[TokenChance, ...] = field(repr=False)
    charged_potential: float = 0.0
    """What the threshold was compared with, before any reset."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a guard says about one text."""

    evaluation: Evaluation
    """Whether the text was judged. `skipped`: there was none, or the policy leaves the stage out.
    `error` and `timeout`: it was not, or not whole, and the policy's `on_failure` is the action."""
    flagged: bool
    """Whether something was found; also true of a text that could not be judged."""
    action: Action
    """What the policy wants to be done with the text."""
    enforced: bool
    """False in shadow mode: then nothing is to be done, whatever the action."""
    stage: Stage
    risk: float | None = None
    """The base's own rating, 0 to 10."""
    injection: float | None = None
    """How far the text hides instructions to the assistant, 0 to 10."""
    categories: tuple[CategoryScore, ...] = ()
    spans: tuple[Span, ...] = ()
    """Where in the judged text it was found, in order and apart from each other."""
    peak_potential: float | None = None
    """The highest potential of the neuron; None where it was not asked: at other stages than
    `input` and `output`, and about a text rated below the policy's `look_closer`."""
    latency_s: float = 0.0
    message: str | None = None
    """What to show in place of a text that is blocked, from the policy; None otherwise."""
    record_id: str | None = None
    """`event_id` of the audit record; None where nothing was recorded."""
    policy_digest: str = ""
    error_type: str | None = None
    """Class of the error that kept the text from being judged."""
    trace: tuple[TokenTrace, ...] = field(default=(), repr=False)
    """Only with `explain=True`, at the stages `input` and `output`."""

    @property
    def is_clean(self) -> bool:
        """Whether the text was judged, and nothing was found."""
        return self.evaluation == "evaluated" and not self.flagged

    @property
    def is_blocked(self) -> bool:
        """Whether the text must not go on as things stand: blocked, or for a person to decide.

        Never true in shadow mode. A text to be redacted or rewritten is not blocked: what becomes
        of it may go on.
        """
        return self.enforced and self.action in ("block", "escalate")

    def redacted(self, text: str, mark: str = "[redacted]") -> str:
        """Return the judged text with its spans replaced, whatever the action.

        A text that could not be judged is replaced whole, unless the policy lets it pass.

        Args:
            text: the very text that was judged.
            mark: what stands for each span.
        """
        if self.evaluation in ("error", "timeout") and self.action not in ("allow", "flag"):
            return mark
        for span in reversed(self.spans):
            text = text[: span.start] + mark + text[span.end :]
        return text

    def as_dict(self) -> dict[str, Any]:
        """Return the verdict as JSON values."""
        return {**asdict(self), "is_clean": self.is_clean, "is_blocked": self.is_blocked}
