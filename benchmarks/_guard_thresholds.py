"""Thresholds of a policy for a budget of false positives, from harmless traffic only.

At each stage one signal uses the budget: its threshold is just above the conformal quantile of the
harmless texts. The thresholds of the other signals are above all harmless texts, and at least 5.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from ngsd_guard import Policy, Verdict
from ngsd_guard.calibration import conformal_quantile

STAGES: Final = ("input", "output", "retrieval", "tool_args", "tool_result")
LEADING: Final = {
    "input": "harm",
    "output": "potential",
    "retrieval": "injection",
    "tool_args": "harm",
    "tool_result": "injection",
}
"""The signal of each stage that uses the budget."""
_LEAST: Final = 5.0
"""Lower bound of the thresholds without a budget, because a low maximum means little."""
_HEADER: Final = """\
# The default policy of ngsd-guard; docs/guard.md says what each option does.
# Definitions are worded as the embedded base was trained on them. Thresholds are those that
# `benchmarks/guard.py --calibrate FILE` sets for the embedded pair.
"""


@dataclass(frozen=True, slots=True)
class Signals:
    """The signals of a verdict, before any threshold; missing ones are 0."""

    harm: float
    risk: float
    potential: float
    injection: float
    category: float
    """The highest score of the other categories."""

    @classmethod
    def of(cls, verdict: Verdict) -> "Signals":
        """Return the signals of a verdict; infinity for a text that was not judged."""
        if verdict.evaluation != "evaluated":
            return cls(*[math.inf] * 5)
        scores = {score.name: score.score for score in verdict.categories}
        others = [s for name, s in scores.items() if name not in ("harm", "injection")]
        return cls(
            scores.get("harm", 0.0),
            verdict.risk or 0.0,
            verdict.peak_potential or 0.0,
            verdict.injection or 0.0,
            max(others, default=0.0),
        )


def measuring(policy: Policy) -> Policy:
    """Return a policy under which every signal is computed and reported, and none flags."""
    stages = {
        stage: getattr(policy.stages, stage).replace(
            risk_threshold=None, harm_threshold=10.0, potential_threshold=1e9, timeout_s=None
        )
        for stage in STAGES
    }
    return policy.replace(
        stages=policy.stages.replace(**stages),
        categories=tuple(c.replace(threshold=10.0) for c in policy.categories),
    )


def thresholds(stage: str, harmless: Sequence[Signals], budget: float) -> dict[str, float | None]:
    """Return the threshold of each signal; None if the harmless texts reach its maximum."""
    found: dict[str, float | None] = {}
    for name in Signals.__slots__:
        values = [getattr(signals, name) for signals in harmless]
        highest = max(
            filter(math.isfinite, values)
        )  # texts that cannot be judged are flagged anyway
        if name == LEADING[stage]:
            limit = conformal_quantile(values, budget)
            if not math.isfinite(limit):  # too few texts for the budget
                limit = highest
        else:
            limit = max(highest, _LEAST)
        above = math.floor(limit * 100 + 1) / 100
        is_score = name != "potential"
        found[name] = None if is_score and above > 10 else above
    if stage != "output":  # the opening adds little to harm
        found["potential"] = None
    return found


def are_flagged(signals: Signals, stage: str, limits: dict[str, float | None]) -> bool:
    """Return whether a text is flagged at given thresholds."""
    used = {"risk", "category", LEADING[stage]}
    if stage in ("retrieval", "tool_result"):
        used.discard("category")
    return any(
        limit is not None and not getattr(signals, name) < limit
        for name, limit in limits.items()
        if name in used
    )


def with_thresholds(policy: Policy, limits: dict[str, dict[str, float | None]]) -> Policy:
    """Return a policy with the thresholds of every stage; categories get the highest of them."""
    stages = {
        stage: getattr(policy.stages, stage).replace(
            risk_threshold=limits[stage]["risk"],
            harm_threshold=limits[stage]["harm"] if LEADING[stage] == "harm" else None,
            potential_threshold=limits[stage]["potential"],
        )
        for stage in limits
    }
    categories = []
    for category in policy.categories:
        name = "injection" if category.name == "injection" else "category"
        places = [limits[stage][name] for stage in category.stages if stage in limits]
        highest = max((10.0 if limit is None else limit for limit in places), default=None)
        categories.append(category if highest is None else category.replace(threshold=highest))
    return policy.replace(stages=policy.stages.replace(**stages), categories=tuple(categories))


def write_policy(policy: Policy, path: Path) -> None:
    """Write a policy as YAML, with one line per stage and category."""
    fields: dict[str, Any] = policy.model_dump(mode="json", exclude_defaults=True)
    del fields["categories"], fields["stages"]
    lines = [_HEADER + yaml.safe_dump(fields, sort_keys=False, width=1_000), "stages:"]
    for stage in STAGES:
        options = getattr(policy.stages, stage).model_dump(mode="json")
        shown = {key: value for key, value in options.items() if key not in ("enabled", "message")}
        lines.append(f"  {stage}: {_on_a_line(shown)}")
    lines += ["", "categories:"]
    for category in policy.categories:
        shown = category.model_dump(mode="json", exclude_defaults=True)
        lines.append(f"  - {_on_a_line(shown)}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _on_a_line(fields: dict[str, Any]) -> str:
    text: str = yaml.safe_dump(fields, sort_keys=False, width=10_000, default_flow_style=True)
    return text.strip()
