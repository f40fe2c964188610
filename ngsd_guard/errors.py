"""Every error this package raises.

::

    NGSDError
    ├── ConfigurationError (ValueError)      an option or argument is wrong
    │   └── InvalidRequestError              the messages of a request are wrong
    ├── MissingDependencyError (ImportError) an optional dependency is not installed
    ├── ModelPairError                       base and expert cannot work together
    │   ├── VocabularyMismatchError          their tokenizers differ
    │   └── ModelLoadError                   one of them cannot be loaded
    ├── DecodingError                        a request failed while its tokens were made
    │   ├── ShapeMismatchError               two distributions have different shapes
    │   ├── NonFiniteLogitsError             a model returned NaN or infinity
    │   ├── ContextOverflowError             the prompt does not fit the models' context
    │   └── DecodingTimeoutError (TimeoutError)  the answer took longer than was allowed
    ├── EngineBusyError                      too many requests are waiting already
    ├── GuardBlockedError                    a guard stopped the request
    └── AuditError                           an audit record could not be written

A message names the bad value and the remedy. It never holds prompt or output text, so that an
error can be logged wherever errors are logged.
"""


class NGSDError(Exception):
    """Root of every error this package raises."""


class ConfigurationError(NGSDError, ValueError):
    """An option or argument is wrong."""


class InvalidRequestError(ConfigurationError):
    """The messages of a request are wrong: empty, of an unknown role, or not text."""


class MissingDependencyError(NGSDError, ImportError):
    """An optional dependency is not installed; the message names the extra that brings it."""


class ModelPairError(NGSDError):
    """Base and expert cannot work together."""


class VocabularyMismatchError(ModelPairError):
    """The tokenizers of base and expert differ.

    Attributes:
        token_id: the first id that means different tokens.
        base_token: what the base's tokenizer calls it; None if it has no such id.
        expert_token: what the expert's tokenizer calls it; None if it has no such id.
    """

    def __init__(self, token_id: int, base_token: str | None, expert_token: str | None) -> None:
        self.token_id = token_id
        self.base_token = base_token
        self.expert_token = expert_token
        super().__init__(
            f"base and expert disagree at token id {token_id}: the base has {base_token!r}, the "
            f"expert {expert_token!r}; use an expert made from the base's model family"
        )


class ModelLoadError(ModelPairError):
    """A model cannot be loaded.

    Attributes:
        source: the folder or hub id that was asked for.
    """

    def __init__(self, source: str, reason: str) -> None:
        self.source = source
        super().__init__(f"cannot load a model from {source!r}: {reason}")


class DecodingError(NGSDError):
    """A request failed while its tokens were being made."""


class ShapeMismatchError(DecodingError):
    """Two tensors that belong together have different shapes."""

    def __init__(self, first: tuple[int, ...], second: tuple[int, ...], *, what: str) -> None:
        self.first = first
        self.second = second
        super().__init__(f"{what}: shapes {first} and {second} differ; pass tensors of one shape")


class NonFiniteLogitsError(DecodingError):
    """A model returned NaN or infinite logits.

    Attributes:
        model: the model's name.
        position: index of the token that was to be predicted.
    """

    def __init__(self, model: str, position: int) -> None:
        self.model = model
        self.position = position
        super().__init__(
            f"{model!r} returned non-finite logits at position {position} and was stopped; "
            "load it in a wider dtype (float32) or check its weights"
        )


class ContextOverflowError(DecodingError):
    """The request does not fit the models' context.

    Attributes:
        num_tokens: tokens the request needs.
        context_length: tokens the narrower of the two models can hold.
    """

    def __init__(self, num_tokens: int, context_length: int, *, what: str) -> None:
        self.num_tokens = num_tokens
        self.context_length = context_length
        super().__init__(
            f"{what} needs {num_tokens} tokens, but the pair's context holds {context_length}; "
            "shorten the messages or lower max_new_tokens"
        )


class DecodingTimeoutError(DecodingError, TimeoutError):
    """The answer took longer than was allowed.

    Attributes:
        timeout_s: the time allowed, in seconds.
    """

    def __init__(self, timeout_s: float) -> None:
        self.timeout_s = timeout_s
        super().__init__(
            f"the answer was not finished within {timeout_s} s and was cancelled; "
            "raise the timeout or lower the number of tokens"
        )


class EngineBusyError(NGSDError):
    """Too many requests are waiting already; nothing was begun.

    Attributes:
        num_active: requests at work.
        num_waiting: requests in line.
    """

    def __init__(self, num_active: int, num_waiting: int) -> None:
        self.num_active = num_active
        self.num_waiting = num_waiting
        super().__init__(
            f"{num_active} requests are at work and {num_waiting} wait, which is all that is "
            "allowed; try again later, or raise max_queue"
        )


class GuardBlockedError(NGSDError):
    """A guard stopped the request.

    Attributes:
        verdict: the guard's `Verdict`.
    """

    def __init__(self, message: str, verdict: object = None) -> None:
        self.verdict = verdict
        super().__init__(message)


class AuditError(NGSDError):
    """An audit record could not be written."""


def as_ngsd_error(error: Exception) -> NGSDError:
    """Return the error, or this package's own in place of one that a model or tokenizer raised."""
    if isinstance(error, NGSDError):
        return error
    own = DecodingError(
        f"{type(error).__name__} while decoding; the request was stopped. See its cause"
    )
    own.__cause__ = error
    return own
