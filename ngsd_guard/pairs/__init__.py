"""A base and its expert as one thing, the calibration they run under, and the known pairs."""

from ngsd_guard.pairs._calibration import (
    Calibration,
    MeasuredArea,
    MeasuredRate,
    ModelIdentity,
    ReaderEvidence,
    SetEvidence,
)
from ngsd_guard.pairs._loading import DEFAULT_PAIR, Backend, calibration_file, load_pair
from ngsd_guard.pairs._pair import Pair
from ngsd_guard.pairs._registry import (
    BaseSource,
    ExpertSource,
    PairManifest,
    find_pair,
    list_pairs,
)

__all__ = [
    "DEFAULT_PAIR",
    "Backend",
    "BaseSource",
    "Calibration",
    "ExpertSource",
    "MeasuredArea",
    "MeasuredRate",
    "ModelIdentity",
    "Pair",
    "PairManifest",
    "ReaderEvidence",
    "SetEvidence",
    "calibration_file",
    "find_pair",
    "list_pairs",
    "load_pair",
]
