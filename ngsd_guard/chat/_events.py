"""What happens while an answer is written."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Self

from ngsd_guard.protocols import LanguageModel
from ngsd_guard.refusals import is_refusal
from ngsd_guard.tool_calling import ArgumentsDelta, CallEnded, ReasoningDelta, TextDelta
from ngsd_guard.types import DecodeStep, FinishReason, Generation, Usage

ChatFinishReason = FinishReason | Literal["tool_calls"]


@dataclass(frozen=True, slots=True)
class ToolCallStarted:
    """A call whose name is known; its arguments follow as `ArgumentsDelta`."""

    index: int
    """Position among the answer's calls, broken ones included, from 0."""
    id: str
    """Drawn at random; what a tool message names the call by."""
    name: str


@dataclass(frozen=True, slots=True)
class ToolCallBroken:
    """Markup that is not a valid call; takes back what was reported of the call of this index."""

    index: int
    id: str
    text: str
    """The markup as it was written."""
    reason: str
    """What is wrong with it, without any of the answer's text."""
    was_started: bool
    """Whether a `ToolCallStarted` of this index came before."""


@dataclass(frozen=True, slots=True)
class StepReport:
    """What may be shown of one decoding step: nothing of a token that was overridden."""

    position: int
    """Of the token in the answer, from 0."""
    current: float
    membrane_potential: float
    spiked: bool
    overridden: bool

    @classmethod
    def of(cls, step: DecodeStep) -> Self:
        """Return the report of a step."""
        return cls(step.index, step.current, step.membrane_potential, step.spiked, step.overridden)


@dataclass(frozen=True, slots=True)
class TokenLogprob:
    """How likely an emitted token was, with likely alternatives."""

    text: str
    log_prob: float
    """Natural logarithm of the probability; at most 0."""
    top: tuple[tuple[str, float], ...]
    """Text and log-probability, likeliest first; empty where the gate mixed the token."""

    @classmethod
    def of(cls, step: DecodeStep, model: LanguageModel) -> Self | None:
        """Return what a step says of its token; None where nothing was asked for."""
        if step.logprobs is None:
            return None
        top = tuple((model.decode([token_id]), value) for token_id, value in step.logprobs.top)
        return cls(model.decode([step.token_id]), step.logprobs.log_prob, top)

    def as_openai(self) -> dict[str, Any]:
        """Return it in the form of OpenAI's chat completions."""
        return _openai_token(self.text, self.log_prob) | {
            "top_logprobs": [_openai_token(*alternative) for alternative in self.top]
        }


@dataclass(frozen=True, slots=True)
class StepsDecoded:
    """The steps that released the events before this one, since the last of its kind."""

    steps: tuple[StepReport, ...]
    logprobs: tuple[TokenLogprob, ...]
    """One for each step; empty unless asked for."""


@dataclass(frozen=True, slots=True)
class Finished:
    """The end of an answer."""

    generation: Generation
    finish_reason: ChatFinishReason
    """`tool_calls` where the answer ended by itself and calls tools."""

    @property
    def usage(self) -> Usage:
        """Tokens read and written."""
        return self.generation.usage

    def is_guards_refusal(self, text: str) -> bool:
        """Return whether an answer with this text refuses, and the guard changed a token of it.

        A refusal that the base writes by itself is an ordinary answer.
        """
        return self.generation.num_overrides > 0 and is_refusal(text)

    def summary(self) -> dict[str, Any]:
        """Return what a host may show of how the answer came about, as JSON values."""
        generation = self.generation
        return {
            "record_id": generation.id,
            "guarded": generation.guarded,
            "risk": generation.risk,
            "alpha": generation.alpha,
            "num_spikes": generation.num_spikes,
            "num_overrides": generation.num_overrides,
            "peak_potential": generation.peak_potential,
            "seed": generation.seed,
        }


ChatEvent = (
    TextDelta
    | ReasoningDelta
    | ToolCallStarted
    | ArgumentsDelta
    | CallEnded
    | ToolCallBroken
    | StepsDecoded
    | Finished
)


def logprobs_of(steps: Sequence[DecodeStep], model: LanguageModel) -> tuple[TokenLogprob, ...]:
    """Return what some steps say of their tokens."""
    found = (TokenLogprob.of(step, model) for step in steps)
    return tuple(logprob for logprob in found if logprob is not None)


def _openai_token(text: str, log_prob: float) -> dict[str, Any]:
    return {"token": text, "bytes": list(text.encode()), "logprob": log_prob}
