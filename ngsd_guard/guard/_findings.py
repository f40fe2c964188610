"""The findings about one text."""

import math
from dataclasses import dataclass, field
from typing import Final

from ngsd_guard.errors import DecodingError
from ngsd_guard.guard._allow import Exemption
from ngsd_guard.guard._policy import StagePolicy
from ngsd_guard.guard._reader import Scan
from ngsd_guard.guard._subject import Subject
from ngsd_guard.guard._verdict import CategoryScore, Span, TokenTrace
from ngsd_guard.guard._views import Views
from ngsd_guard.types import RiskScores

INJECTION: Final = "injection"
"""Name of the category whose score is `Verdict.injection`."""
_UNREAD: Final = Views((), None)


@dataclass(slots=True)
class Findings:
    """The findings about one text."""

    subject: Subject
    """The subject without the exempt parts."""
    text_length: int
    """Length of the original text, in characters."""
    ratings: RiskScores | None = None
    views: Views = _UNREAD
    """The ways in which it was read."""
    riskiest: Subject | None = None
    """The riskiest of them; None before it was rated."""
    scan: Scan | None = None
    copy_scan: Scan | None = None
    """The neuron along the canonical copy of an answer; None without one."""
    potential_threshold: float | None = None
    categories: list[CategoryScore] = field(default_factory=list)
    exemptions: list[Exemption] = field(default_factory=list)
    window_spans: tuple[Span, ...] = ()
    """Windows of the text that are flagged."""
    injection_spans: tuple[Span, ...] = ()
    """Where a probe finds instructions in a document; empty where it was not asked."""
    spans: tuple[Span, ...] = ()
    trace: tuple[TokenTrace, ...] = ()

    @property
    def suspects(self) -> list[Subject]:
        """The subject, and the riskiest of its views if that is another."""
        is_other = self.riskiest is not None and self.riskiest != self.subject
        return [self.subject, *([self.riskiest] if self.riskiest and is_other else [])]

    @property
    def risk(self) -> float | None:
        """What the pair's reader of risk found; None where a document was only probed."""
        return None if self.ratings is None else self.ratings.risk

    @property
    def injection(self) -> float | None:
        """Score of the category `injection`."""
        return next((c.score for c in self.categories if c.name == INJECTION), None)

    @property
    def peak_potential(self) -> float | None:
        """Highest potential of the neuron; None if it was not used."""
        scans = [scan for scan in (self.scan, self.copy_scan) if scan is not None]
        return max((scan.peak_potential for scan in scans), default=None)

    def has_spiked(self, stage: StagePolicy) -> bool:
        """Whether the neuron reached the policy's threshold in a text rated above `look_closer`.

        A small expert also disagrees with its base on harmless text about which it knows less.
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
    """Return whether a value reaches a threshold; False if either is None."""
    # Not `value >= threshold`: that is false for NaN, which must flag.
    return value is not None and threshold is not None and not value < threshold


def finite(value: float) -> float:
    """Return a score, after checking that it is finite.

    Raises:
        DecodingError: the score is NaN or infinite.
    """
    if not math.isfinite(value):
        raise DecodingError(f"the base returned the score {value}; check its weights")
    return value
