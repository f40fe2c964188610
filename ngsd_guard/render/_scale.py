"""The y axis of a plot."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ngsd_guard.types import DecodeStep


@dataclass(frozen=True, slots=True)
class PotentialScale:
    """The y axis of a plot; NaN and infinite potentials are drawn at the top."""

    lowest: float
    highest: float
    top: float
    """Position of the highest potential, in pixels."""
    bottom: float
    """Position of the lowest potential, in pixels."""

    @classmethod
    def over(
        cls, steps: Iterable[DecodeStep], v_threshold: float, *, top: float, bottom: float
    ) -> "PotentialScale":
        """Return a scale that fits all potentials of some answers and the threshold."""
        values = [v for s in steps for v in (s.charged_potential, s.membrane_potential)]
        finite = [value for value in values if math.isfinite(value)]
        return cls(
            lowest=min([0.0, *finite]),
            highest=max([1.3 * v_threshold, *finite]),
            top=top,
            bottom=bottom,
        )

    def y(self, potential: float) -> float:
        """Return the position of a potential, in pixels from the top of the plot."""
        value = potential if math.isfinite(potential) else self.highest
        value = min(self.highest, max(self.lowest, value))
        share = (value - self.lowest) / (self.highest - self.lowest)
        return self.bottom - share * (self.bottom - self.top)


def trace_points(
    steps: Sequence[DecodeStep], centres: Sequence[float], left: float, scale: PotentialScale
) -> list[tuple[float, float]]:
    """Return the path of the potential, which rises towards each token and drops at a spike."""
    points = [(left, scale.y(0.0))]
    for step, x in zip(steps, centres, strict=True):
        points.append((x, scale.y(step.charged_potential)))
        if step.spiked:
            points.append((x, scale.y(step.membrane_potential)))
    return points
