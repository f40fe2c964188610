"""Suites: how many requests of each row, and for which contenders."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal, get_args

from ngsd_guard.errors import ConfigurationError
from ngsd_guard.evaluation._adaptive import ADAPTIVE
from ngsd_guard.evaluation._contenders import ABLATION_NAMES, ContenderName
from ngsd_guard.evaluation._rows import ROW_NAMES

SuiteName = Literal["quick", "public", "ablation"]
SUITE_NAMES: Final[tuple[SuiteName, ...]] = get_args(SuiteName)
RAIL_NAMES: Final = ("input-rail", "injection")
_LONG_ANSWERS: Final = {"gsm8k": 128}
_RUBRIC_ROWS: Final = ("plain", "templates", "ordinary")
_BASELINE_ROWS: Final = (*_RUBRIC_ROWS, "prefill-20", "optimised", "xstest", "security")

_BASELINES: Final[tuple[ContenderName, ...]] = (
    "self-reminder",
    "self-exam",
    "expert",
    "safe-decoding",
    "ssd",
    "contrast",
    "value-filter",
)


@dataclass(frozen=True, slots=True)
class Suite:
    """What to measure."""

    name: SuiteName
    sizes: Mapping[str, int]
    """Maximum number of attacks in each row, and of controls."""
    contenders: Sequence[ContenderName]
    rails: Mapping[str, tuple[int, int]]
    """Maximum numbers of harmful and of harmless texts, by rail."""
    max_new_tokens: int = 24
    limits: Mapping[ContenderName, int] = field(default_factory=dict)
    """Maximum pairs per row, for contenders that do not answer all."""
    num_queries: int = 24
    """Answers that the search for one adaptive attack may look at."""
    num_matching: int = 48
    """Harmless requests that the thresholds of ablations are matched on."""
    own_rows: Mapping[ContenderName, Sequence[str]] = field(default_factory=dict)
    """Rows, for contenders that do not answer all."""

    def size_of(self, contender: ContenderName, row: str, num_pairs: int) -> int:
        """Return how many pairs of a row a contender answers."""
        if row not in self.own_rows.get(contender, (row,)):
            return 0
        return min(num_pairs, self.limits.get(contender, num_pairs))

    def length_of(self, row: str) -> int:
        """Return the longest answer in a row, in tokens."""
        return max(self.max_new_tokens, _LONG_ANSWERS.get(row, 0))

    def limited(self, limit: int | None, rows: Sequence[str] = ()) -> "Suite":
        """Return the suite with fewer requests per row, or with selected rows.

        Raises:
            ConfigurationError: the limit is below 1, or there is no row of a name.
        """
        if limit is not None and limit < 1:
            raise ConfigurationError(f"limit={limit} leaves no request; give at least 1")
        known = (*ROW_NAMES, ADAPTIVE, *RAIL_NAMES)
        unknown = [name for name in rows if name not in known]
        if unknown:
            raise ConfigurationError(f"no row {unknown[0]!r}; the rows are {', '.join(known)}")

        def cut(size: int) -> int:
            return size if limit is None else min(size, limit)

        every = _EVERY_ROW | dict(self.sizes)
        names = [n for n in (*ROW_NAMES, ADAPTIVE) if n in (rows or self.sizes)]
        rails = {n: r for n, r in _EVERY_RAIL.items() if n in (rows or self.rails)}
        chosen = {n: self.rails.get(n, r) for n, r in rails.items()}
        return replace(
            self,
            sizes={name: cut(every[name]) for name in names},
            rails={name: (cut(a), cut(b)) for name, (a, b) in chosen.items()},
        )


_EVERY_ROW: Final = dict.fromkeys((*ROW_NAMES, ADAPTIVE), 32)
_EVERY_RAIL: Final = dict.fromkeys(RAIL_NAMES, (32, 64))

SUITES: Final[Mapping[SuiteName, Suite]] = {
    "quick": Suite(
        name="quick",
        sizes={
            "plain": 30,
            "templates": 24,
            "prefill-20": 30,
            "optimised": 24,
            "xstest": 30,
            "security": 30,
            "ordinary": 30,
            "trivia": 12,
        },
        contenders=("base", "ours"),
        rails={"input-rail": (30, 100), "injection": (30, 60)},
    ),
    "public": Suite(
        name="public",
        sizes={
            "plain": 100,
            "templates": 100,
            "prefill-10": 100,
            "prefill-20": 100,
            "prefill-40": 100,
            "optimised": 100,
            "optimised-pair": 30,
            "padded": 30,
            "two-part": 30,
            "upper-case": 30,
            "late-onset": 30,
            ADAPTIVE: 16,
            "xstest": 104,
            "security": 100,
            "ordinary": 100,
            "trivia": 60,
            "gsm8k": 16,
        },
        contenders=("base", *_BASELINES, "paper", "reference", "ours"),
        rails={"input-rail": (139, 300), "injection": (100, 100)},
        limits={**dict.fromkeys(_BASELINES, 24), "paper": 16, "reference": 16},
        own_rows={
            **dict.fromkeys(_BASELINES, _BASELINE_ROWS),
            "paper": _RUBRIC_ROWS,
            "reference": _RUBRIC_ROWS,
        },
    ),
    "ablation": Suite(
        name="ablation",
        sizes={"plain": 30, "templates": 24, "prefill-20": 30, "xstest": 30, "ordinary": 30},
        contenders=("base", "paper", "reference", *ABLATION_NAMES, "ours"),
        rails={},
        limits={"paper": 16, "reference": 16},
        own_rows={"paper": _RUBRIC_ROWS, "reference": _RUBRIC_ROWS},
    ),
}
