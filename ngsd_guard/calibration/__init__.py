"""From a declared budget to a threshold, an alpha map and an initial potential, per pair."""

from ngsd_guard.calibration._calibrate import calibrate
from ngsd_guard.calibration._design import Design
from ngsd_guard.calibration._fit import Fit, fit
from ngsd_guard.calibration._probe import (
    Labelled,
    Place,
    Plane,
    ProbeLabel,
    calibrated,
    choose_plane,
    family_planes,
    naming_facets,
    reading_of,
)
from ngsd_guard.calibration._quantiles import conformal_quantile, lower_quantile, num_needed
from ngsd_guard.calibration._recording import Recording, record
from ngsd_guard.calibration._simulation import spike_indices
from ngsd_guard.pairs import Calibration, MeasuredRate, ModelIdentity

__all__ = [
    "Calibration",
    "Design",
    "Fit",
    "Labelled",
    "MeasuredRate",
    "ModelIdentity",
    "Place",
    "Plane",
    "ProbeLabel",
    "Recording",
    "calibrate",
    "calibrated",
    "choose_plane",
    "conformal_quantile",
    "family_planes",
    "fit",
    "lower_quantile",
    "naming_facets",
    "num_needed",
    "reading_of",
    "record",
    "spike_indices",
]
