"""Reading prompts: prefix caching, and batched reading of several texts."""

from ngsd_guard.prefill._pool import Failure, ReadingPool, judge, judge_together
from ngsd_guard.prefill._prefix_cache import PrefixCache, common_prefix
from ngsd_guard.prefill._reading import Judging, Read, read_one, side_by_side
from ngsd_guard.prefill._side_by_side import MAX_LOGITS, at
from ngsd_guard.prefill._windows import read_finite, windows

__all__ = [
    "MAX_LOGITS",
    "Failure",
    "Judging",
    "PrefixCache",
    "Read",
    "ReadingPool",
    "at",
    "common_prefix",
    "judge",
    "judge_together",
    "read_finite",
    "read_one",
    "side_by_side",
    "windows",
]
