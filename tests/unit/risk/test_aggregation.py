import pytest

from ngsd_guard import ReflectionConfig
from ngsd_guard.risk import alpha_of, paper_risk, reference_risk, risk_of

PAPER = ReflectionConfig(aggregation="paper", alpha_map="paper")
REFERENCE = ReflectionConfig(aggregation="reference", alpha_map="reference")
LINEAR = ReflectionConfig()
EXACT = 1e-12  # sums of halves and quarters


@pytest.mark.parametrize(
    ("scores", "risk"),
    [
        ((0, 0, 0, 0), 0.0),
        ((8, 0, 0, 0), 8.0),  # max(8, 4 + 0)
        ((4, 10, 6, 2), 6.0),  # max(4, 2 + 16/4)
        ((4, 2, 6, 10), 6.0),  # the two largest, in any position
        ((4, 6, 2, 10), 6.0),
        ((0, 10, 10, 10), 5.0),  # 0 + 20/4: three tens count as two
        ((10, 10, 10, 10), 10.0),  # max(10, 5 + 5)
        ((6, 6, 6, 6), 6.0),  # max(6, 3 + 3)
        ((5, 5, 6, 0), 5.25),  # max(5, 2.5 + 11/4)
        ((3, 1, 0, 0), 3.0),  # max(3, 1.5 + 1/4)
        ((12, 0, 0, 0), 10.0),  # clipped
        ((-3, 0, 0, 0), 0.0),
        ((2.5, 0.5, 1.5, 3.0), 2.5),  # max(2.5, 1.25 + 4.5/4 = 2.375)
    ],
)
def test_paper_risk_equals_a_hand_calculation(scores: tuple[float, ...], risk: float) -> None:
    assert paper_risk(*scores) == pytest.approx(risk, abs=EXACT)
    assert risk_of(scores, PAPER, prompt_length=99_999) == paper_risk(*scores)


@pytest.mark.parametrize(
    ("scores", "risk"),
    [
        ((0, 0, 0, 0), 1),  # four zeros: S = 1, int(max(1, 0.5))
        ((5, 5, 6, 0), 5),  # int(5.25)
        ((4, 7, 7, 7), 5),  # int(2 + 3.5)
        ((6, 7, 7, 0), 6),  # int(3 + 3.5) = 6: nothing decisive below 8
        ((5, 8, 9, 10), 8),  # the first of A, E, T that is 8 or more, not the largest
        ((5, 7, 9, 10), 9),
        ((5, 0, 0, 8), 8),
        ((5, 0, 0, 7), 5),  # int(max(5, 2.5 + 7/4))
        ((4, 10, 10, 10), 7),  # S below 5: nothing is decisive; int(2 + 5)
        ((10, 8, 0, 0), 8),  # decisive even where the formula would give 10
        ((10, 7, 0, 0), 10),
    ],
)
def test_reference_risk_equals_a_hand_calculation(scores: tuple[float, ...], risk: float) -> None:
    assert reference_risk(*scores, prompt_length=2_000) == risk
    assert risk_of(scores, REFERENCE, prompt_length=2_000) == risk


@pytest.mark.parametrize(
    ("scores", "risk"),
    [
        ((0, 0, 0, 0), 2),  # 2, 2, 2, 2: no longer all zero; int(max(2, 1 + 1))
        ((3, 6, 0, 0), 8),  # 5, 8, 2, 2: both at their limits, decisive
        ((2, 6, 0, 0), 4),  # 4, 8, 2, 2: int(max(4, 2 + 10/4)) = int(4.5)
        ((9, 9, 9, 9), 10),  # clipped to 10 each, so the decisive A is 10
        ((9, 1, 1, 1), 10),  # 10, 3, 3, 3: int(max(10, 5 + 1.5))
    ],
)
def test_reference_risk_of_a_long_prompt_equals_a_hand_calculation(
    scores: tuple[float, ...], risk: float
) -> None:
    assert reference_risk(*scores, prompt_length=2_001) == risk


def test_prompt_of_2000_characters_is_not_long() -> None:
    assert reference_risk(3, 6, 0, 0, prompt_length=2_000) == 3
    assert reference_risk(3, 6, 0, 0, prompt_length=2_001) == 8


@pytest.mark.parametrize(
    ("risk", "alpha"), [(0, 0.1), (4.99, 0.1), (5, 0.1), (5.01, 0.9), (6, 0.9), (10, 0.9)]
)
def test_paper_alpha_rises_above_five(risk: float, alpha: float) -> None:
    assert alpha_of(risk, PAPER) == alpha


@pytest.mark.parametrize(
    ("risk", "alpha"),
    [(0, 0.1), (4, 0.1), (4.99, 0.1), (5, 0.5), (5.5, 0.5), (6, 0.5), (6.01, 0.9), (10, 0.9)],
)
def test_reference_alpha_is_a_half_from_five_to_six(risk: float, alpha: float) -> None:
    assert alpha_of(risk, REFERENCE) == alpha


@pytest.mark.parametrize(
    ("risk", "alpha"),
    [
        (0, 0.1),
        (2, 0.1),
        (2.75, 0.3),  # 0.1 + 0.8 * 0.75 / 3
        (3.5, 0.5),
        (5, 0.9),
        (10, 0.9),
    ],
)
def test_linear_alpha_equals_a_hand_calculation(risk: float, alpha: float) -> None:
    assert alpha_of(risk, LINEAR) == pytest.approx(alpha, abs=EXACT)


@pytest.mark.parametrize(
    ("risk", "alpha"), [(0, 0.0), (1, 0.0), (2, 0.1), (3, 0.2), (5, 0.6), (7, 1.0), (9, 1.0)]
)
def test_linear_alpha_interpolates_any_number_of_knots(risk: float, alpha: float) -> None:
    config = ReflectionConfig(alpha_knots=((1, 0.0), (3, 0.2), (7, 1.0)))
    assert alpha_of(risk, config) == pytest.approx(alpha, abs=EXACT)


def test_one_knot_is_a_constant() -> None:
    config = ReflectionConfig(alpha_knots=((5, 0.7),))
    assert {alpha_of(risk, config) for risk in (0, 4.9, 5, 5.1, 10)} == {0.7}


@pytest.mark.parametrize("config", [PAPER, REFERENCE, LINEAR])
def test_alpha_never_falls_as_risk_rises(config: ReflectionConfig) -> None:
    alphas = [alpha_of(step / 100, config) for step in range(1_001)]
    assert alphas == sorted(alphas)
    assert set(alphas) >= {0.1, 0.9}


@pytest.mark.parametrize("config", [PAPER, REFERENCE, LINEAR])
@pytest.mark.parametrize("prompt_length", [10, 5_000])
def test_unreadable_scores_give_the_strongest_guidance(
    config: ReflectionConfig, prompt_length: int
) -> None:
    risk = risk_of((7.0, 7.0, 7.0, 7.0), config, prompt_length=prompt_length)
    assert alpha_of(risk, config) == pytest.approx(0.9, abs=EXACT)
