"""Neuron Guided Safe Decoding (NGSD): safety guidance during a local model's decoding."""

from ngsd_guard._version import __version__
from ngsd_guard.audit import AuditLog
from ngsd_guard.config import (
    AuditConfig,
    DecodingConfig,
    GateConfig,
    NGSDConfig,
    ReflectionConfig,
)
from ngsd_guard.engine import Engine, TokenStream, load_engine
from ngsd_guard.errors import (
    AuditError,
    ConfigurationError,
    ContextOverflowError,
    DecodingError,
    DecodingTimeoutError,
    EngineBusyError,
    GuardBlockedError,
    InvalidRequestError,
    MissingDependencyError,
    ModelLoadError,
    ModelPairError,
    NGSDError,
    NonFiniteLogitsError,
    ShapeMismatchError,
    VocabularyMismatchError,
)
from ngsd_guard.guard import Guard, Policy, Verdict
from ngsd_guard.pairs import Calibration
from ngsd_guard.types import (
    DecodeStep,
    Generation,
    Message,
    RiskScores,
    Speculation,
    StepLogprobs,
    Timing,
    ToolCall,
    Usage,
)

__all__ = [
    "AuditConfig",
    "AuditError",
    "AuditLog",
    "Calibration",
    "ConfigurationError",
    "ContextOverflowError",
    "DecodeStep",
    "DecodingConfig",
    "DecodingError",
    "DecodingTimeoutError",
    "Engine",
    "EngineBusyError",
    "GateConfig",
    "Generation",
    "Guard",
    "GuardBlockedError",
    "InvalidRequestError",
    "Message",
    "MissingDependencyError",
    "ModelLoadError",
    "ModelPairError",
    "NGSDConfig",
    "NGSDError",
    "NonFiniteLogitsError",
    "Policy",
    "ReflectionConfig",
    "RiskScores",
    "ShapeMismatchError",
    "Speculation",
    "StepLogprobs",
    "Timing",
    "TokenStream",
    "ToolCall",
    "Usage",
    "Verdict",
    "VocabularyMismatchError",
    "__version__",
    "load_engine",
]
