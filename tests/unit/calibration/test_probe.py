"""Fitting a probe on synthetic states whose answer is known."""

import pytest
import torch
from torch import Tensor

from ngsd_guard import ConfigurationError
from ngsd_guard.calibration._logistic import fit_logistic, fit_slope
from ngsd_guard.calibration._probe import (
    Labelled,
    Place,
    ProbeLabel,
    calibrated,
    choose_plane,
    family_planes,
    naming_facets,
    reading_of,
)

NOISE, SIGNAL = Place(1, "last"), Place(2, "mean")
DIMENSIONS = 12
FAMILIES = ("fraud", "hacking", None)


def sample(n: int, seed: int, *, num_harmful: int | None = None) -> Labelled:
    """Harm lies along dimension 0, its families along 1 and 2; one place shows nothing of it."""
    generator = torch.Generator().manual_seed(seed)
    num_harmful = n // 2 if num_harmful is None else num_harmful
    labels = [
        ProbeLabel(i < num_harmful, FAMILIES[i % 3] if i < num_harmful else None, f"request {i}")
        for i in range(n)
    ]
    states = {place: torch.randn(n, DIMENSIONS, generator=generator) for place in (NOISE, SIGNAL)}
    for i, label in enumerate(labels):
        states[SIGNAL][i, 0] += 4.0 * label.is_harmful
        if label.family is not None:
            states[SIGNAL][i, 1 + FAMILIES.index(label.family)] += 4.0
    return Labelled(states, labels)


def test_the_regression_is_at_its_optimum() -> None:
    generator = torch.Generator().manual_seed(0)
    rows = torch.randn(80, 4, generator=generator, dtype=torch.double) * torch.tensor(
        [1, 5, 1, 0.2]
    )
    labels = (rows[:, 0] + torch.randn(80, generator=generator) > 0).double()
    shares = torch.ones(80)
    weights, intercept = fit_logistic(rows, labels, shares, l2=0.05)

    def loss(w: Tensor, b: Tensor) -> Tensor:
        scale = rows.std(dim=0, correction=0)
        logits = rows @ w + b
        log_loss = torch.nn.functional.binary_cross_entropy_with_logits(logits, labels)
        return log_loss + 0.025 * ((w * scale) ** 2).sum()

    w, b = weights.clone().requires_grad_(), torch.tensor(intercept).double().requires_grad_()
    loss(w, b).backward()
    assert w.grad is not None
    assert b.grad is not None
    assert float(w.grad.abs().max()) < 1e-4
    assert abs(float(b.grad)) < 1e-4


def test_rows_that_can_be_parted_without_error_still_have_finite_weights() -> None:
    rows = torch.tensor([[-1.0, 0.0], [1.0, 0.0]]).repeat(20, 1)
    weights, _ = fit_logistic(rows, (rows[:, 0] > 0).double(), torch.ones(40), l2=0.01)
    assert bool(weights.isfinite().all())
    assert float(weights[0]) > 1
    assert abs(float(weights[1])) < 1e-3


def test_a_slope_is_steeper_where_scores_part_better() -> None:
    labels = torch.tensor([0.0, 1.0]).repeat(100)
    noise = torch.randn(200, generator=torch.Generator().manual_seed(1))
    steep, flat = (fit_slope((labels * 2 - 1) * gap + noise, labels) for gap in (3.0, 0.5))
    assert steep > 2 * flat


def test_the_place_that_shows_harm_is_chosen() -> None:
    plane, tried = choose_plane(sample(300, 0), sample(300, 1))
    assert plane.place == SIGNAL
    assert tried[SIGNAL].low > 0.9
    assert tried[NOISE].value < 0.65


@pytest.mark.parametrize("budget", [0.01, 0.05])
def test_risk_5_keeps_to_the_budget_on_new_harmless_texts(budget: float) -> None:
    train, choosing = sample(300, 2), sample(1_200, 3, num_harmful=200)
    plane, _ = choose_plane(train, choosing, strengths=(0.01,))
    families, _ = family_planes(train, plane.place, l2=0.01)
    facets = calibrated({"harm": plane, **families}, choosing, budget=budget)
    fresh = sample(4_000, 4, num_harmful=1_000)
    worst = torch.stack(
        [
            fresh.states[plane.place].double() @ torch.tensor(f.weights).double() + f.intercept
            for f in facets
        ]
    ).amax(dim=0)
    false_alarms = float((worst[~fresh.is_harmful] >= 0).double().mean())
    # 3,000 texts after a quantile of 1,000: four standard deviations.
    assert false_alarms < budget + 4 * (budget * (1 - budget) * (1 / 1_000 + 1 / 3_000)) ** 0.5
    assert float((worst[fresh.is_harmful] >= 0).double().mean()) > 0.9


def test_of_a_document_the_worst_window_counts() -> None:
    train, choosing = sample(300, 5), sample(1_200, 6, num_harmful=200)
    plane, _ = choose_plane(train, choosing, strengths=(0.01,))
    documents = [i if i < 200 else 200 + i % 125 for i in range(1_200)]  # eight windows each
    (alone,) = calibrated({"harm": plane}, choosing, budget=0.05)
    (inside,) = calibrated({"harm": plane}, choosing, budget=0.05, documents=documents)

    def limit(facet: object) -> float:  # along dimension 0, in units of the weight
        return -facet.intercept / facet.weights[0]  # type: ignore[attr-defined]

    assert limit(inside) > limit(alone)


def test_families_are_told_from_each_other_by_texts_that_were_not_fitted_on() -> None:
    train = sample(300, 7)
    planes, areas = family_planes(train, SIGNAL, l2=0.01)
    assert set(planes) == {"fraud", "hacking"}
    assert all(min(area.low for area in pair) > 0.9 for pair in areas.values())
    _, noise = family_planes(train, NOISE, l2=0.01)
    assert all(pair[1].low < 0.7 for pair in noise.values())


def test_a_family_of_few_texts_gets_no_facet() -> None:
    assert family_planes(sample(30, 8), SIGNAL, l2=0.01)[0] == {}


def test_areas_go_into_the_options() -> None:
    train, choosing = sample(300, 9), sample(600, 10)
    plane, _ = choose_plane(train, choosing, strengths=(0.01,))
    planes, areas = family_planes(train, plane.place, l2=0.01)
    facets = calibrated({"harm": plane, **planes}, choosing)
    reading = reading_of(facets, {**areas, "harm": (plane.auroc, None)})
    by_name = {facet.name: facet for facet in reading.facets}
    assert by_name["harm"].auroc_among_harmful is None
    assert by_name["fraud"].auroc_among_harmful is not None


def test_too_few_texts_are_refused_with_the_number_needed() -> None:
    with pytest.raises(ConfigurationError, match="at least 2 of either kind"):
        choose_plane(sample(20, 11, num_harmful=1), sample(20, 12))
    plane, _ = choose_plane(sample(60, 13), sample(60, 14), strengths=(0.01,))
    with pytest.raises(ConfigurationError, match="30 harmless texts cannot support"):
        calibrated({"harm": plane}, sample(60, 14))


def test_a_naming_facet_is_seldom_crossed_by_other_families_and_does_not_rate() -> None:
    train, choosing = sample(300, 15), sample(900, 16)
    planes, _ = family_planes(train, SIGNAL, l2=0.01)
    facets = naming_facets(planes, choosing, budget=0.05)
    assert [(facet.name, facet.rates) for facet in facets] == [("fraud", False), ("hacking", False)]
    fresh = sample(1_500, 17)
    for facet in facets:
        scores = fresh.states[SIGNAL].double() @ torch.tensor(facet.weights).double()
        crossed = scores + facet.intercept >= 0
        own = torch.tensor([label.family == facet.name for label in fresh.labels])
        others = torch.tensor([label.family not in (None, facet.name) for label in fresh.labels])
        # 250 texts after a quantile of 150: four standard deviations of 5 %.
        assert float(crossed[others].double().mean()) < 0.05 + 4 * 0.023
        assert float(crossed[own].double().mean()) > 0.8


def test_a_family_that_does_not_choose_gets_no_name() -> None:
    planes, _ = family_planes(sample(300, 18), SIGNAL, l2=0.01)
    choosing = sample(300, 19)
    only = [ProbeLabel(x.is_harmful, "fraud" if x.family else None) for x in choosing.labels]
    states = Labelled(choosing.states, only)
    with pytest.raises(ConfigurationError, match="harmless texts cannot support"):
        naming_facets({"fraud": planes["fraud"]}, states)
    assert naming_facets({"hacking": planes["hacking"]}, states) == []
