"""Calibration: a pair's threshold, alpha map and initial potential for a declared budget."""

from ngsd_guard.calibration._calibrate import calibrate
from ngsd_guard.calibration._design import Design
from ngsd_guard.calibration._fit import Fit, fit
from ngsd_guard.calibration._quantiles import conformal_quantile, lower_quantile, num_needed
from ngsd_guard.calibration._recording import Recording, record
from ngsd_guard.calibration._simulation import spike_indices
from ngsd_guard.pairs import Calibration, MeasuredRate, ModelIdentity

__all__ = [
    "Calibration",
    "Design",
    "Fit",
    "MeasuredRate",
    "ModelIdentity",
    "Recording",
    "calibrate",
    "conformal_quantile",
    "fit",
    "lower_quantile",
    "num_needed",
    "record",
    "spike_indices",
]
