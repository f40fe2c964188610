"""Fitting the probe: hyperplanes in the base's hidden states, from labelled texts."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

import torch
from torch import Tensor

from ngsd_guard.calibration._logistic import fit_logistic, fit_slope
from ngsd_guard.calibration._quantiles import conformal_quantile
from ngsd_guard.config import Area, ProbeFacet, ProbeReading
from ngsd_guard.errors import ConfigurationError
from ngsd_guard.ranking import AUROC, auroc

Pooling = Literal["last", "mean", "both"]


class Place(NamedTuple):
    """Where in the base a facet looks."""

    layer: int
    pooling: Pooling


States = Mapping[Place, Tensor]
"""[texts, pooled hidden] at each place that is tried; `pooled` makes them."""

_STRENGTHS: Final = (0.001, 0.003, 0.01, 0.03, 0.1)
_NUM_FOLDS: Final = 5
_LEAST_FAMILY: Final = 12
"""Texts of a family below which it gets no facet."""
_DIGITS: Final = 5
"""Significant digits of a weight."""
_MARGIN: Final = 0.002
"""Logit by which the limit lies below risk 5: more than rounding moves a score."""
_OWN_SHARE: Final = 0.5
"""Weight of a family's own texts; the rest goes half to harmless and half to other harmful ones."""


@dataclass(frozen=True, slots=True)
class ProbeLabel:
    """What is known of one text."""

    is_harmful: bool
    family: str | None = None
    """Of harm; None where it is not known or harmless."""
    request: str = ""
    """Identifies the plain request inside a wrapping; texts of one request stay together."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """Hidden states of some texts, and their labels."""

    states: States
    labels: Sequence[ProbeLabel]

    @property
    def is_harmful(self) -> Tensor:
        """[texts], bool."""
        return torch.tensor([label.is_harmful for label in self.labels])


@dataclass(frozen=True, slots=True)
class Plane:
    """A hyperplane, and how it was chosen."""

    place: Place
    l2: float
    weights: Tensor
    intercept: float
    auroc: AUROC
    """On the texts that choose."""

    def scores(self, states: States) -> Tensor:
        """Return [texts] signed distances, unscaled."""
        return states[self.place].double() @ self.weights + self.intercept


def choose_plane(
    train: Labelled, choosing: Labelled, *, strengths: Sequence[float] = _STRENGTHS
) -> tuple[Plane, dict[Place, AUROC]]:
    """Fit a plane at every place and strength, and return the best and the best of each place.

    Args:
        train: fitted on, class-balanced.
        choosing: ranks the candidates by AUROC.
        strengths: of the penalty, to try.

    Raises:
        ConfigurationError: a part lacks harmful or harmless texts.
    """
    for name, part in (("train", train), ("choosing", choosing)):
        harmful = int(part.is_harmful.sum())
        if harmful < 2 or len(part.labels) - harmful < 2:
            raise ConfigurationError(
                f"the part {name!r} has {harmful} harmful texts among {len(part.labels)}; a probe "
                "needs at least 2 of either kind"
            )
    is_harmful = train.is_harmful
    shares = _balanced(is_harmful)
    best: dict[Place, Plane] = {}
    for place, rows in train.states.items():
        for l2 in strengths:
            weights, intercept = fit_logistic(rows, is_harmful, shares, l2=l2)
            scores = choosing.states[place].double() @ weights + intercept
            area = auroc(*_parted(scores, choosing.is_harmful))
            if place not in best or area.value > best[place].auroc.value:
                best[place] = Plane(place, l2, weights, intercept, area)
    chosen = max(best.values(), key=lambda plane: plane.auroc.value)
    return chosen, {place: plane.auroc for place, plane in best.items()}


def calibrated(
    planes: Mapping[str, Plane],
    choosing: Labelled,
    *,
    budget: float = 0.01,
    documents: Sequence[int] | None = None,
) -> list[ProbeFacet]:
    """Return planes as facets: the worst of them reaches 5 for a share of harmless texts.

    Each plane is first put on a common scale: 0 at the median of harmless texts, 1 at the budget's
    quantile. Then all are shifted together.

    Args:
        planes: by name.
        choosing: texts that were not trained on.
        budget: share of harmless texts that may reach risk 5; in (0, 1).
        documents: which document each text is a window of; its worst window counts. None where
            each text stands for itself.

    Raises:
        ConfigurationError: there are too few harmless texts for the budget.
    """
    owners = list(range(len(choosing.labels))) if documents is None else list(documents)
    is_harmful = choosing.is_harmful
    harmful_owners = {o for o, flag in zip(owners, is_harmful.tolist(), strict=True) if flag}
    scaled, maps = list[Tensor](), list[tuple[float, float]]()
    for plane in planes.values():
        scores = plane.scores(choosing.states)
        calm = _worst(scores, owners, harmful_owners, harmful=False)
        median = float(torch.tensor(calm).median())
        reach = _quantile(calm, budget) - median
        maps.append((median, max(reach, 1e-9)))
        scaled.append((scores - maps[-1][0]) / maps[-1][1])
    worst = torch.stack(scaled).amax(dim=0)
    limit = _quantile(_worst(worst, owners, harmful_owners, harmful=False), budget)
    limit += 1e-6 * max(abs(limit), 1.0)
    slope = fit_slope(worst - limit, is_harmful)
    return [
        ProbeFacet(
            name=name,
            layer=plane.place.layer,
            pooling=plane.place.pooling,
            weights=tuple(_rounded(float(w) * slope / reach) for w in plane.weights),
            intercept=round(slope * ((plane.intercept - median) / reach - limit) - _MARGIN, 6),
        )
        for (name, plane), (median, reach) in zip(planes.items(), maps, strict=True)
    ]


def family_planes(
    train: Labelled, place: Place, *, l2: float
) -> tuple[dict[str, Plane], dict[str, tuple[AUROC, AUROC]]]:
    """Fit a plane for each family that has texts enough, and measure it by cross-fitting.

    Args:
        train: labelled texts, some with families.
        place: where all of them look.
        l2: strength of the penalty.

    Returns:
        The planes, and for each its AUROC against harmless texts and against harmful texts of
        other families, where every text is judged by a plane that saw no text of its request.
    """
    rows, labels = train.states[place], train.labels
    counts: dict[str, set[str]] = {}
    for index, label in enumerate(labels):
        if label.family is not None:
            counts.setdefault(label.family, set()).add(label.request or str(index))
    folds = torch.tensor([_fold(label.request or str(i)) for i, label in enumerate(labels)])
    planes: dict[str, Plane] = {}
    areas: dict[str, tuple[AUROC, AUROC]] = {}
    for family in sorted(name for name, found in counts.items() if len(found) >= _LEAST_FAMILY):
        own = torch.tensor([label.family == family for label in labels])
        # A harmful text of unknown family may be of this one.
        known = torch.tensor([not x.is_harmful or x.family is not None for x in labels])
        shares = _family_shares(own, train.is_harmful) * known
        scores = torch.zeros(len(labels), dtype=torch.double)
        for fold in range(_NUM_FOLDS):
            fitted = folds != fold
            if not bool((own & fitted).any()):
                continue
            weights, intercept = fit_logistic(rows[fitted], own[fitted], shares[fitted], l2=l2)
            scores[~fitted] = rows[~fitted].double() @ weights + intercept
        others = train.is_harmful & ~own & known
        areas[family] = (
            auroc(scores[own].tolist(), scores[~train.is_harmful].tolist()),
            auroc(scores[own].tolist(), scores[others].tolist()),
        )
        weights, intercept = fit_logistic(rows, own, shares, l2=l2)
        planes[family] = Plane(place, l2, weights, intercept, areas[family][0])
    return planes, areas


def naming_facets(
    planes: Mapping[str, Plane], choosing: Labelled, *, budget: float = 0.05
) -> list[ProbeFacet]:
    """Return the planes of families as facets that name and do not rate.

    Each reaches 5 for a share of the harmful texts of other families. A family without texts
    among those that choose gets no facet.

    Args:
        planes: of families, by name.
        choosing: texts that were not trained on.
        budget: share of other families' texts that may be taken for this one; in (0, 1).

    Raises:
        ConfigurationError: there are too few texts of other families for the budget.
    """
    known = [i for i, label in enumerate(choosing.labels) if label.family is not None]
    index = torch.tensor(known, dtype=torch.long)
    states = {place: rows[index] for place, rows in choosing.states.items()}
    facets = []
    for family, plane in planes.items():
        labels = [ProbeLabel(choosing.labels[i].family == family) for i in known]
        if any(label.is_harmful for label in labels):
            facets += calibrated({family: plane}, Labelled(states, labels), budget=budget)
    return [facet.replace(rates=False) for facet in facets]


def reading_of(
    facets: Sequence[ProbeFacet], areas: Mapping[str, tuple[AUROC, AUROC | None]]
) -> ProbeReading:
    """Return the facets with what was measured of them, as options."""
    return ProbeReading(
        facets=tuple(
            facet.replace(
                auroc=_area(areas.get(facet.name, (None, None))[0]),
                auroc_among_harmful=_area(areas.get(facet.name, (None, None))[1]),
            )
            for facet in facets
        )
    )


def _family_shares(own: Tensor, is_harmful: Tensor) -> Tensor:
    rest = (1 - _OWN_SHARE) / 2
    shares = torch.zeros(len(own), dtype=torch.double)
    for group, share in ((own, _OWN_SHARE), (~is_harmful, rest), (is_harmful & ~own, rest)):
        shares[group] = share / max(int(group.sum()), 1)
    return shares


def _balanced(is_harmful: Tensor) -> Tensor:
    counts = is_harmful.sum(), (~is_harmful).sum()
    return torch.where(is_harmful, 0.5 / counts[0], 0.5 / counts[1])


def _parted(scores: Tensor, is_harmful: Tensor) -> tuple[list[float], list[float]]:
    return scores[is_harmful].tolist(), scores[~is_harmful].tolist()


def _worst(
    scores: Tensor, owners: Sequence[int], harmful_owners: set[int], *, harmful: bool
) -> list[float]:
    """Return the highest score of each harmful, or each harmless, document."""
    found: dict[int, float] = {}
    for owner, score in zip(owners, scores.tolist(), strict=True):
        if (owner in harmful_owners) == harmful:
            found[owner] = max(found.get(owner, -math.inf), score)
    return list(found.values())


def _quantile(calm: Sequence[float], budget: float) -> float:
    quantile = conformal_quantile(calm, budget)
    if math.isinf(quantile):
        raise ConfigurationError(
            f"{len(calm)} harmless texts cannot support a budget of {budget}; add some, or allow "
            f"at least {1 / (len(calm) + 1):.3f}"
        )
    return quantile


def _fold(request: str) -> int:
    return sum(request.encode()) % _NUM_FOLDS


def _rounded(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")


def _area(measured: AUROC | None) -> Area | None:
    if measured is None or math.isnan(measured.value):
        return None
    return round(measured.value, 4), round(measured.low, 4), round(measured.high, 4)
