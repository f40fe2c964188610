"""Calibration: a pair's threshold, alpha map and initial potential for a declared budget."""

from ngsd_guard.calibration._budgets import BootstrapRate, BudgetCost, budget_costs
from ngsd_guard.calibration._calibrate import ReaderChoice, calibrate
from ngsd_guard.calibration._design import Design
from ngsd_guard.calibration._early_distance import EarlyDistance, early_distances
from ngsd_guard.calibration._fit import Fit, check_counts, fit
from ngsd_guard.calibration._injection import (
    InjectionFit,
    fit_injection,
    starter_documents,
    starter_injections,
)
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
    "BootstrapRate",
    "BudgetCost",
    "Calibration",
    "Design",
    "EarlyDistance",
    "Fit",
    "FitOptions",
    "InjectionFit",
    "Labelled",
    "LabelledRequest",
    "MeasuredArea",
    "MeasuredRate",
    "ModelIdentity",
    "Place",
    "Plane",
    "ProbeLabel",
    "ReaderChoice",
    "ReaderEvidence",
    "ReaderFit",
    "Recorder",
    "Recording",
    "SetEvidence",
    "Traffic",
    "budget_costs",
    "calibrate",
    "calibrated",
    "check_counts",
    "choose_plane",
    "conformal_quantile",
    "early_distances",
    "family_planes",
    "fit",
    "fit_expert",
    "fit_injection",
    "fit_reading",
    "lower_quantile",
    "naming_facets",
    "num_needed",
    "read_traffic",
    "reading_of",
    "record",
    "require_untrained",
    "spike_indices",
    "starter_documents",
    "starter_injections",
]
