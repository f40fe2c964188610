"""The engine's errors under the names LangChain knows as well."""

from collections.abc import Iterator
from contextlib import contextmanager

from langchain_core import exceptions

from ngsd_guard import ContextOverflowError

# Newer versions of langchain-core name the condition; older ones have no name for it.
_ContextOverflow: type[Exception] = getattr(exceptions, "ContextOverflowError", Exception)


class PromptTooLongError(ContextOverflowError, _ContextOverflow):  # type: ignore[misc, valid-type]
    """The request does not fit the context; LangChain's `ContextOverflowError` too."""

    def __init__(self, error: ContextOverflowError) -> None:
        self.num_tokens = error.num_tokens
        self.context_length = error.context_length
        Exception.__init__(self, str(error))


@contextmanager
def translated_errors() -> Iterator[None]:
    """Raise the engine's errors as ones that LangChain's own handlers know."""
    try:
        yield
    except PromptTooLongError:
        raise
    except ContextOverflowError as error:
        raise PromptTooLongError(error) from error
