"""How values are spread: counted in bins, so that memory does not grow with the log."""

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

_BINS_PER_DECADE: Final = 40
_SHOWN_PER_DECADE: Final = 5
_SHORTEST_EXPONENT: Final = -5
_LONGEST_EXPONENT: Final = 4
_MAX_BUCKETS: Final = 100
_WIDTHS_S: Final = (1, 10, 60, 600, 3_600, 21_600, 86_400, 604_800, 2_419_200)
"""From a second to four weeks; each a multiple of the one before."""


@dataclass(frozen=True, slots=True)
class Histogram:
    """How many values lie where."""

    edges: tuple[float, ...]
    """Ends of the bins, rising, one more than there are bins; each belongs to the bin above it.
    What lies outside is counted in the outermost bin."""
    counts: tuple[int, ...]
    num_marked: tuple[int, ...]
    """Of these, the requests with an intervention or the verdicts with a finding."""

    @property
    def num_values(self) -> int:
        """Values in all bins."""
        return sum(self.counts)


@dataclass(frozen=True, slots=True)
class Latency:
    """How long something took."""

    num_values: int
    p50_s: float | None
    """Median, to 3 %; None if there is no value. In seconds, as all of them."""
    p95_s: float | None
    max_s: float | None
    histogram: Histogram
    """Over bins that grow by the same factor."""


@dataclass(frozen=True, slots=True)
class TimeBucket:
    """What happened in a stretch of time."""

    start_utc: str
    num_requests: int
    num_intervened: int
    """Requests the gate intervened in."""
    num_verdicts: int
    num_flagged: int
    """Verdicts that found something, or could not be reached."""
    num_faults: int
    """Failed requests, texts that could not be judged, errors and gaps."""


class Bins:
    """Counts values between fixed edges."""

    def __init__(self, edges: Sequence[float]) -> None:
        self._edges = tuple(edges)
        self._counts = [0] * (len(edges) - 1)
        self._marked = [0] * (len(edges) - 1)

    def add(self, value: float, is_marked: bool) -> None:
        """Count a value; one that is no number is left out."""
        if not math.isnan(value):
            place = min(max(bisect_right(self._edges, value) - 1, 0), len(self._counts) - 1)
            self._counts[place] += 1
            self._marked[place] += is_marked

    @property
    def histogram(self) -> Histogram:
        """What was counted."""
        return Histogram(self._edges, tuple(self._counts), tuple(self._marked))


class LatencyBins:
    """Counts durations from 10 microseconds to some hours, in bins 6 % wide."""

    def __init__(self) -> None:
        num_bins = (_LONGEST_EXPONENT - _SHORTEST_EXPONENT) * _BINS_PER_DECADE
        self._counts = [0] * num_bins
        self._max = 0.0

    def add(self, duration_s: float) -> None:
        """Count a duration, in seconds; one that is no finite number is left out."""
        if not math.isfinite(duration_s):
            return
        self._max = max(self._max, duration_s)
        place = 0
        if duration_s > 0:
            place = math.floor((math.log10(duration_s) - _SHORTEST_EXPONENT) * _BINS_PER_DECADE)
        self._counts[min(max(place, 0), len(self._counts) - 1)] += 1

    @property
    def latency(self) -> Latency:
        """What was counted."""
        step = _BINS_PER_DECADE // _SHOWN_PER_DECADE
        counts = [sum(self._counts[i : i + step]) for i in range(0, len(self._counts), step)]
        edges = [_edge(place) for place in range(0, len(self._counts) + 1, step)]
        used = [place for place, count in enumerate(counts) if count]
        first, end = (used[0], used[-1] + 1) if used else (0, 0)
        shown = tuple(counts[first:end])
        return Latency(
            num_values=sum(counts),
            p50_s=self._quantile(0.5),
            p95_s=self._quantile(0.95),
            max_s=self._max if used else None,
            histogram=Histogram(tuple(edges[first : end + 1]), shown, (0,) * len(shown)),
        )

    def _quantile(self, share: float) -> float | None:
        rank, seen = share * sum(self._counts), 0
        for place, count in enumerate(self._counts):
            seen += count
            if count and seen >= rank:
                return min(self._max, _edge(place + 0.5))
        return None


class Timeline:
    """Counts what happened by time, in stretches that widen as the log gets longer."""

    def __init__(self) -> None:
        self.width_s = _WIDTHS_S[0]
        self._buckets: dict[int, list[int]] = {}
        self._first = self._last = 0

    def add(self, time_s: float, amounts: Sequence[int]) -> None:
        """Count what happened at a time, in seconds since 1970; in the order of `TimeBucket`."""
        place = math.floor(time_s / self.width_s)
        if not self._buckets:
            self._first = self._last = place
        self._first, self._last = min(self._first, place), max(self._last, place)
        self._merge(place, amounts)
        while self._last - self._first >= _MAX_BUCKETS:
            self._widen()

    @property
    def buckets(self) -> tuple[TimeBucket, ...]:
        """All stretches from the first to the last, empty ones included."""
        if not self._buckets:
            return ()
        nothing = [0] * 5
        return tuple(
            TimeBucket(
                datetime.fromtimestamp(place * self.width_s, UTC).isoformat(),
                *self._buckets.get(place, nothing),
            )
            for place in range(self._first, self._last + 1)
        )

    def _merge(self, place: int, amounts: Sequence[int]) -> None:
        bucket = self._buckets.setdefault(place, [0] * 5)
        for index, amount in enumerate(amounts):
            bucket[index] += amount

    def _widen(self) -> None:
        wider = next((width for width in _WIDTHS_S if width > self.width_s), 4 * self.width_s)
        factor = wider // self.width_s
        buckets, self._buckets, self.width_s = self._buckets, {}, wider
        self._first, self._last = self._first // factor, self._last // factor
        for place, amounts in buckets.items():
            self._merge(place // factor, amounts)


def _edge(place: float) -> float:
    return float(10.0 ** (_SHORTEST_EXPONENT + place / _BINS_PER_DECADE))
