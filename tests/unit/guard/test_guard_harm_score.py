"""The harm score of a request, by hand."""

import pytest

from ngsd_guard import DecodingError, RiskScores
from ngsd_guard.guard._harm import harm_of


def ratings(
    severity: float | None, actionability: float | None, evasion: float | None
) -> RiskScores:
    return RiskScores(severity, actionability, evasion, 0.0, 7.0, 0.5, confidence=1.0)


@pytest.mark.parametrize(
    ("severity", "actionability", "evasion", "refusal", "score"),
    [
        (8.0, 5.0, 0.0, 0.0, 1.6),  # 2 * 8 * 5 / 10 / 5
        (0.0, 9.0, 3.0, 0.0, 1.2),  # 2 * 3 / 5
        (9.0, 0.0, 0.0, 0.5, 1.0),  # 10 * 0.5 / 5
        (7.0, 7.0, 5.0, 0.25, 4.46),
        (10.0, 10.0, 10.0, 1.0, 10.0),
        (7.0, 7.0, 5.0, None, 3.96),
    ],
)
def test_the_harm_score_is_as_documented(
    severity: float, actionability: float, evasion: float, refusal: float | None, score: float
) -> None:
    found = harm_of(ratings(severity, actionability, evasion), refusal, 4.0)
    assert found.score == pytest.approx(score, abs=1e-4)
    assert found.flagged == (score >= 4.0)
    assert not found.shadow


def test_a_reader_without_ratings_gives_its_risk() -> None:
    assert harm_of(ratings(None, None, None), 0.0, 7.0).flagged
    assert not harm_of(ratings(None, None, None), 1.0, 7.1).flagged


def test_what_was_not_rated_is_harmful() -> None:
    assert harm_of(None, None, 10.0).flagged


def test_a_score_that_is_not_a_number_is_an_error() -> None:
    with pytest.raises(DecodingError):
        harm_of(ratings(float("nan"), 1.0, 1.0), 0.0, 5.0)
