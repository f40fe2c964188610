"""What was found in one text, and what of it counts."""

import math
from dataclasses import dataclass, field
from typing import Final

from ngsd_guard.errors import DecodingError
from ngsd_guard.guard._allow import Exemption
from ngsd_guard.guard._policy import StagePolicy
from ngsd_guard.guard._reader import Scan
from ngsd_guard.guard._subject import Subject
from ngsd_guard.guard._verdict import CategoryScore, Span, TokenTrace
from ngsd_guard.types import RiskScores

INJECTION: Final = "injection"
"""Name of the category whose score is `Verdict.injection`."""


@dataclass(slots=True)
class Findings:
    """What was found in one text."""

    subject: Subject
    """Without what the policy exempts."""
    text_length: int
    """Of the judged text, in characters, with all of it."""
    ratings: RiskScores | None = None
    scan: Scan | None = None
    potential_threshold: float | None = None
    categories: list[CategoryScore] = field(default_factory=list)
    exemptions: list[Exemption] = field(default_factory=list)
    injection_spans: tuple[Span, ...] = ()
    """Where a probe finds instructions in a document; empty where it was not asked."""
    spans: tuple[Span, ...] = ()
    trace: tuple[TokenTrace, ...] = ()

    @property
    def risk(self) -> float | None:
        """What the pair's reader of risk found; None where a document was only probed."""
        return None if self.ratings is None else self.ratings.risk

    @property
    def injection(self) -> float | None:
        """Score of the category of that name."""
        return next((c.score for c in self.categories if c.name == INJECTION), None)

    @property
    def peak_potential(self) -> float | None:
        """The highest potential of the neuron."""
        return None if self.scan is None else self.scan.peak_potential

    def has_spiked(self, stage: StagePolicy) -> bool:
        """Whether the neuron reached the policy's threshold, in a text that is not harmless.

        A small expert parts from its base on harmless text, too, where it knows less.
        """
        is_harmless = self.risk is not None and self.risk < stage.look_closer
        return not is_harmless and reaches(self.peak_potential, self.potential_threshold)

    def is_risky(self, stage: StagePolicy) -> bool:
        """Whether the risk reached the policy's threshold."""
        return reaches(self.risk, stage.risk_threshold)

    @property
    def counted(self) -> list[CategoryScore]:
        """The categories that flag the text."""
        return [score for score in self.categories if score.flagged and not score.shadow]

    def is_flagged(self, stage: StagePolicy) -> bool:
        """Whether anything was found."""
        return self.is_risky(stage) or self.has_spiked(stage) or bool(self.counted)


def reaches(value: float | None, threshold: float | None) -> bool:
    """Whether there is a value and a threshold, and the one is at the other."""
    # Not `value >= threshold`, which is false for NaN.
    return value is not None and threshold is not None and not value < threshold


def finite(value: float) -> float:
    """Return a score, if it is one.

    Raises:
        DecodingError: it is NaN or infinite.
    """
    if not math.isfinite(value):
        raise DecodingError("the base rated a text with no number; check its weights")
    return value
