import inspect
import re

import pytest

from ngsd_guard import errors
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

PARENTS = {
    NGSDError: (Exception,),
    ConfigurationError: (NGSDError, ValueError),
    InvalidRequestError: (ConfigurationError,),
    MissingDependencyError: (NGSDError, ImportError),
    ModelPairError: (NGSDError,),
    VocabularyMismatchError: (ModelPairError,),
    ModelLoadError: (ModelPairError,),
    DecodingError: (NGSDError,),
    ShapeMismatchError: (DecodingError,),
    NonFiniteLogitsError: (DecodingError,),
    ContextOverflowError: (DecodingError,),
    DecodingTimeoutError: (DecodingError, TimeoutError),
    EngineBusyError: (NGSDError,),
    GuardBlockedError: (NGSDError,),
    AuditError: (NGSDError,),
}
DEFINED = {cls for _, cls in inspect.getmembers(errors, inspect.isclass)}


def test_tree_contains_every_error_of_the_module() -> None:
    assert set(PARENTS) == DEFINED


@pytest.mark.parametrize("error", PARENTS)
def test_error_has_the_bases_shown_in_the_tree(error: type[Exception]) -> None:
    assert error.__bases__ == PARENTS[error]
    assert issubclass(error, NGSDError)


@pytest.mark.parametrize("error", PARENTS)
def test_error_is_listed_in_the_module_docstring(error: type[Exception]) -> None:
    line = next(
        x for x in str(errors.__doc__).splitlines() if re.search(rf"\b{error.__name__}\b", x)
    )
    for parent in PARENTS[error]:
        if not issubclass(parent, NGSDError) and parent is not Exception:
            assert f"({parent.__name__})" in line


@pytest.mark.parametrize(
    ("error", "attributes", "words"),
    [
        (
            VocabularyMismatchError(7, "a", None),
            {"token_id": 7, "base_token": "a", "expert_token": None},
            ["7", "'a'", "None", "use an expert"],
        ),
        (ModelLoadError("x/y", "no weights"), {"source": "x/y"}, ["'x/y'", "no weights"]),
        (
            ShapeMismatchError((1, 2), (3,), what="logits"),
            {"first": (1, 2), "second": (3,)},
            ["logits", "(1, 2)", "(3,)", "pass"],
        ),
        (
            NonFiniteLogitsError("base", 12),
            {"model": "base", "position": 12},
            ["'base'", "12", "float32"],
        ),
        (
            ContextOverflowError(900, 512, what="prompt"),
            {"num_tokens": 900, "context_length": 512},
            ["prompt", "900", "512", "shorten"],
        ),
        (DecodingTimeoutError(2.5), {"timeout_s": 2.5}, ["2.5 s", "raise the timeout"]),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_error_carries_its_data_and_a_remedy(
    error: Exception, attributes: dict[str, object], words: list[str]
) -> None:
    assert {name: getattr(error, name) for name in attributes} == attributes
    for word in words:
        assert word in str(error)


def test_wrong_option_can_be_caught_as_a_value_error() -> None:
    from ngsd_guard import GateConfig

    with pytest.raises(ValueError, match="tau"):
        GateConfig(tau=0)
