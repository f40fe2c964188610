"""One score from the four ratings and what the expert would say, where none of them is enough."""

from typing import Final

from ngsd_guard.guard._findings import finite, reaches
from ngsd_guard.guard._policy import HARM
from ngsd_guard.guard._verdict import CategoryScore, Stage
from ngsd_guard.types import RiskScores

HARM_STAGES: Final[tuple[Stage, ...]] = ("input", "tool_args")


def harm_of(ratings: RiskScores | None, refusal: float | None, threshold: float) -> CategoryScore:
    """Return how surely a text asks for harm: `(2 S A / 10 + 2 E + 10 r) / 5`, 0 to 10.

    The risk is the greatest of its parts, so that one rating that is too high is enough. Here a
    topic counts as far as something is to be carried out, getting round safety counts by itself,
    and the expert has a say.

    Args:
        ratings: of the text.
        refusal: how likely the expert opens with a refusal; None where it was not asked.
        threshold: score that flags.
    """
    if ratings is None:
        score = 10.0
    elif ratings.severity is None or ratings.actionability is None or ratings.evasion is None:
        score = ratings.risk  # its reader has asked the expert
    else:
        asked = ratings.severity * ratings.actionability / 10
        score = round((2 * asked + 2 * ratings.evasion + 10 * (refusal or 0.0)) / 5, 4)
    return CategoryScore(HARM, finite(score), threshold, reaches(score, threshold), False)
