"""Published decoders and parts of ours, in the product's own decode loop."""

from ngsd_guard.evaluation.baselines._base import BaselineState, Combination, WeightedSteering
from ngsd_guard.evaluation.baselines._contrast import Contrast
from ngsd_guard.evaluation.baselines._parts import FixedAlpha, GateAlone, ReaderAlone, ReaderState
from ngsd_guard.evaluation.baselines._safe_decoding import SafeDecoding
from ngsd_guard.evaluation.baselines._screens import (
    SCREEN_REFUSAL,
    Anchor,
    Screen,
    Screening,
    SelfExam,
    screen_options,
)
from ngsd_guard.evaluation.baselines._shared_tokens import log_weights, shared_tokens
from ngsd_guard.evaluation.baselines._ssd import SSD, SSDState
from ngsd_guard.evaluation.baselines._value_filter import FilterState, ValueFilter

__all__ = [
    "SCREEN_REFUSAL",
    "SSD",
    "Anchor",
    "BaselineState",
    "Combination",
    "Contrast",
    "FilterState",
    "FixedAlpha",
    "GateAlone",
    "ReaderAlone",
    "ReaderState",
    "SSDState",
    "SafeDecoding",
    "Screen",
    "Screening",
    "SelfExam",
    "ValueFilter",
    "WeightedSteering",
    "log_weights",
    "screen_options",
    "shared_tokens",
]
