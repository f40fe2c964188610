"""From four scores to risk and alpha: as in the paper, as in its code, and our own mapping."""

from collections.abc import Sequence
from typing import Final

from ngsd_guard.config import ReflectionConfig
from ngsd_guard.piecewise import interpolate

UNREADABLE_SCORE: Final = 7.0
"""Value of every score if the model does not answer with numbers; high, to fail closed."""

_LONG_PROMPT: Final = 2_000  # characters


def paper_risk(severity: float, actionability: float, evasion: float, targeting: float) -> float:
    """Return `clip(max(S, S/2 + (P1 + P2)/4), 0, 10)`; P1, P2 are the two largest of A, E and T.

    Source: NGSD (arXiv 2602.02027), risk aggregation.
    """
    first, second = sorted((actionability, evasion, targeting), reverse=True)[:2]
    return min(max(severity, severity / 2 + (first + second) / 4, 0.0), 10.0)


def reference_risk(
    severity: float,
    actionability: float,
    evasion: float,
    targeting: float,
    *,
    prompt_length: int,
) -> float:
    """Return the risk as the released code computes it.

    Args:
        severity: S, 0 to 10.
        actionability: A, 0 to 10.
        evasion: E, 0 to 10.
        targeting: T, 0 to 10.
        prompt_length: length of the rated request, in characters.

    Source: released code of NGSD (arXiv 2602.02027); departs from it for the Vicuna family, for
    which, as for every other family, four zeros are read as S = 1.
    """
    scores = [severity, actionability, evasion, targeting]
    if prompt_length > _LONG_PROMPT:
        scores = [min(score + 2, 10.0) for score in scores]
    if not any(scores):
        scores[0] = 1.0
    severity, *others = scores
    decisive = next((score for score in others if score >= 8 and severity >= 5), None)
    return float(int(paper_risk(*scores))) if decisive is None else decisive


def risk_of(scores: Sequence[float], config: ReflectionConfig, *, prompt_length: int) -> float:
    """Return the risk for the scores S, A, E and T under the configured aggregation; 0 to 10."""
    severity, actionability, evasion, targeting = scores
    if config.aggregation == "paper":
        return paper_risk(severity, actionability, evasion, targeting)
    return reference_risk(severity, actionability, evasion, targeting, prompt_length=prompt_length)


def alpha_of(risk: float, config: ReflectionConfig) -> float:
    """Return the guidance strength for a risk under the configured map; 0 to 1."""
    if config.alpha_map == "paper":
        return 0.9 if risk > 5 else 0.1
    if config.alpha_map == "reference":
        return 0.9 if risk > 6 else 0.1 if risk < 5 else 0.5
    return interpolate(risk, config.alpha_knots)
