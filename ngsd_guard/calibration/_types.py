"""What calibration needs to know of a request."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ngsd_guard.risk import ExpertFeatures

ReaderName = Literal["rubric", "expert"]
Conversation = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Recording:
    """A request's risk, and the currents along the base's own answer."""

    risk: float
    """By the reader that recorded it, 0 to 10."""
    currents: tuple[float, ...]
    """Distance between base and expert at each step, before any bias; 0 to 1."""
    features: ExpertFeatures | None = None
    """What the reader `expert` saw; None where another one read."""


@dataclass(frozen=True, slots=True)
class LabelledRequest:
    """A conversation, and what the evidence calls it."""

    messages: Conversation
    set_name: str = ""
    """The prompt set it comes from."""
    form: str = "plain"
    """What it is wrapped in: `plain`, `wrapped`, `prefilled` or `attack`."""
    prompt_hash: str | None = None
    """Names its prompt in the artifact; None leaves it out."""
