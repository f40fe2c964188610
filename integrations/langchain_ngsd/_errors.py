"""Translation of the engine's errors into errors that LangChain knows."""

from collections.abc import Iterator
from contextlib import contextmanager

from langchain_core import exceptions

from ngsd_guard import ContextOverflowError

# Only newer versions of langchain-core have this error.
_ContextOverflow: type[Exception] = getattr(exceptions, "ContextOverflowError", Exception)


class PromptTooLongError(ContextOverflowError, _ContextOverflow):  # type: ignore[misc, valid-type]
    """The request does not fit the context; also a LangChain `ContextOverflowError`."""

    def __init__(self, error: ContextOverflowError) -> None:
        self.num_tokens = error.num_tokens
        self.context_length = error.context_length
        Exception.__init__(self, str(error))


@contextmanager
def translated_errors() -> Iterator[None]:
    """Raise the engine's errors as errors that LangChain's handlers recognise."""
    try:
        yield
    except PromptTooLongError:
        raise
    except ContextOverflowError as error:
        raise PromptTooLongError(error) from error
