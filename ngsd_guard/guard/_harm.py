"""A harm score from the four ratings and the probability that the expert refuses."""

from typing import Final

from ngsd_guard.guard._findings import finite, reaches
from ngsd_guard.guard._policy import HARM
from ngsd_guard.guard._verdict import CategoryScore, Stage
from ngsd_guard.types import RiskScores

HARM_STAGES: Final[tuple[Stage, ...]] = ("input", "tool_args")


def harm_of(ratings: RiskScores | None, refusal: float | None, threshold: float) -> CategoryScore:
    """Return the harm score of a text: `(2 S A / 10 + 2 E + 10 r) / 5`, 0 to 10.

    The risk is dominated by its largest part, so one rating that is too high is enough to raise
    it. In this score a topic counts only as far as the text asks for steps, evasion counts by
    itself, and the expert's refusal is included.

    Args:
        ratings: ratings of the text.
        refusal: probability that the expert starts with a refusal; None if it was not computed.
        threshold: score from which the text is flagged.
    """
    if ratings is None:
        score = 10.0
    elif ratings.severity is None or ratings.actionability is None or ratings.evasion is None:
        score = ratings.risk  # its reader has asked the expert
    else:
        asked = ratings.severity * ratings.actionability / 10
        score = round((2 * asked + 2 * ratings.evasion + 10 * (refusal or 0.0)) / 5, 4)
    return CategoryScore(HARM, finite(score), threshold, reaches(score, threshold), False)
