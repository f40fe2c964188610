"""Calibration: a pair's threshold, alpha map and initial potential for a declared budget."""

from ngsd_guard.calibration._calibrate import ReaderChoice, calibrate
from ngsd_guard.calibration._design import Design
from ngsd_guard.calibration._fit import Fit, check_counts, fit
from ngsd_guard.calibration._quantiles import conformal_quantile, lower_quantile, num_needed
from ngsd_guard.calibration._reader import FitOptions, ReaderFit, fit_expert
from ngsd_guard.calibration._reading import fit_reading
from ngsd_guard.calibration._recording import Recorder, record
from ngsd_guard.calibration._simulation import spike_indices
from ngsd_guard.calibration._traffic import Traffic, read_traffic, require_untrained
from ngsd_guard.calibration._types import LabelledRequest, Recording
from ngsd_guard.pairs import (
    Calibration,
    MeasuredArea,
    MeasuredRate,
    ModelIdentity,
    ReaderEvidence,
    SetEvidence,
)

__all__ = [
    "Calibration",
    "Design",
    "Fit",
    "FitOptions",
    "LabelledRequest",
    "MeasuredArea",
    "MeasuredRate",
    "ModelIdentity",
    "ReaderChoice",
    "ReaderEvidence",
    "ReaderFit",
    "Recorder",
    "Recording",
    "SetEvidence",
    "Traffic",
    "calibrate",
    "check_counts",
    "conformal_quantile",
    "fit",
    "fit_expert",
    "fit_reading",
    "lower_quantile",
    "num_needed",
    "read_traffic",
    "record",
    "require_untrained",
    "spike_indices",
]
