"""All errors raised by this package.

::

    NGSDError
    ├── ConfigurationError (ValueError)      an option or argument is wrong
    │   └── InvalidRequestError              the messages of a request are wrong
    ├── MissingDependencyError (ImportError) an optional dependency is not installed
    ├── ModelPairError                       base and expert cannot be used together
    │   ├── VocabularyMismatchError          their tokenizers differ
    │   └── ModelLoadError                   one of them cannot be loaded
    ├── DecodingError                        a request failed during decoding
    │   ├── ShapeMismatchError               two tensors have different shapes
    │   ├── NonFiniteLogitsError             a model returned NaN or infinite logits
    │   ├── ContextOverflowError             the prompt does not fit the models' context
    │   └── DecodingTimeoutError (TimeoutError)  the answer exceeded its time limit
    ├── EngineBusyError                      the queue of requests is full
    ├── GuardBlockedError                    a guard blocked the request
    └── AuditError                           an audit record could not be written

Each message names the bad value and the remedy. Messages never contain prompt or output text, so
errors are safe to log.
"""


class NGSDError(Exception):
    """Root of every error this package raises."""


class ConfigurationError(NGSDError, ValueError):
    """An option or argument is wrong."""


class InvalidRequestError(ConfigurationError):
    """The messages of a request are wrong: empty, of an unknown role, or not text."""


class MissingDependencyError(NGSDError, ImportError):
    """An optional dependency is not installed; the message names the extra to install."""


class ModelPairError(NGSDError):
    """Base and expert cannot be used together."""


class VocabularyMismatchError(ModelPairError):
    """The tokenizers of base and expert differ.

    Attributes:
        token_id: the first id at which they differ.
        base_token: the base's token for that id; None if it has none.
        expert_token: the expert's token for that id; None if it has none.
    """

    def __init__(self, token_id: int, base_token: str | None, expert_token: str | None) -> None:
        self.token_id = token_id
        self.base_token = base_token
        self.expert_token = expert_token
        super().__init__(
            f"base and expert disagree at token id {token_id}: the base has {base_token!r}, the "
            f"expert has {expert_token!r}; use an expert from the base's model family"
        )


class ModelLoadError(ModelPairError):
    """A model cannot be loaded.

    Attributes:
        source: the folder or hub id requested.
    """

    def __init__(self, source: str, reason: str) -> None:
        self.source = source
        super().__init__(f"cannot load a model from {source!r}: {reason}")


class DecodingError(NGSDError):
    """A request failed during decoding."""


class ShapeMismatchError(DecodingError):
    """Two tensors have different shapes where they must be the same."""

    def __init__(self, first: tuple[int, ...], second: tuple[int, ...], *, what: str) -> None:
        self.first = first
        self.second = second
        super().__init__(
            f"{what}: shapes {first} and {second} differ; pass tensors of the same shape"
        )


class NonFiniteLogitsError(DecodingError):
    """A model returned NaN or infinite logits.

    Attributes:
        model: the model's name.
        position: index of the token being predicted.
    """

    def __init__(self, model: str, position: int) -> None:
        self.model = model
        self.position = position
        super().__init__(
            f"{model!r} returned non-finite logits at position {position}; load it in a wider "
            "dtype (float32) or check its weights"
        )


class ContextOverflowError(DecodingError):
    """The request does not fit the models' context.

    Attributes:
        num_tokens: tokens the request needs.
        context_length: context length of the pair in tokens, the smaller of the two models'.
    """

    def __init__(self, num_tokens: int, context_length: int, *, what: str) -> None:
        self.num_tokens = num_tokens
        self.context_length = context_length
        super().__init__(
            f"{what} needs {num_tokens} tokens, but the pair's context length is {context_length}; "
            "shorten the messages or lower max_new_tokens"
        )


class DecodingTimeoutError(DecodingError, TimeoutError):
    """The answer exceeded its time limit.

    Attributes:
        timeout_s: the time limit, in seconds.
    """

    def __init__(self, timeout_s: float) -> None:
        self.timeout_s = timeout_s
        super().__init__(
            f"the answer was not finished within {timeout_s} s and was cancelled; "
            "raise the timeout or lower max_new_tokens"
        )


class EngineBusyError(NGSDError):
    """The queue of requests is full; the request was not started.

    Attributes:
        num_active: requests running.
        num_waiting: requests waiting.
    """

    def __init__(self, num_active: int, num_waiting: int) -> None:
        self.num_active = num_active
        self.num_waiting = num_waiting
        super().__init__(
            f"the queue is full: {num_active} requests are running and {num_waiting} are waiting; "
            "try again later, or raise max_queue"
        )


class GuardBlockedError(NGSDError):
    """A guard blocked the request.

    Attributes:
        verdict: the guard's `Verdict`.
    """

    def __init__(self, message: str, verdict: object = None) -> None:
        self.verdict = verdict
        super().__init__(message)


class AuditError(NGSDError):
    """An audit record could not be written."""


def as_ngsd_error(error: Exception) -> NGSDError:
    """Return an `NGSDError` as it is; wrap any other error in a `DecodingError`."""
    if isinstance(error, NGSDError):
        return error
    own = DecodingError(
        f"{type(error).__name__} while decoding; the request was stopped, see the chained error"
    )
    own.__cause__ = error
    return own
