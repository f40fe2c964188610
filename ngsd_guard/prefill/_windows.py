"""Windows of long texts, and reading with a check for finite logits."""

from collections.abc import Sequence
from typing import Final

from torch import Tensor

from ngsd_guard.errors import ContextOverflowError, NonFiniteLogitsError
from ngsd_guard.protocols import KVCache, LanguageModel

_REENCODING_MARGIN: Final = 16  # tokens that a window may grow by when it is encoded again


def windows(model: LanguageModel, text: str, *, quoted: str, overhead: int, what: str) -> list[str]:
    """Return a text, or overlapping windows of it that fit the context.

    Args:
        model: the model whose context must fit.
        text: the text to read.
        quoted: the text as it appears in the prompt.
        overhead: tokens of the prompt and its answer without the text.
        what: name of the prompt for the error message.

    Raises:
        ContextOverflowError: there is no room for a text.
    """
    room = model.context_length - overhead - _REENCODING_MARGIN
    if room <= 0:
        raise ContextOverflowError(overhead + _REENCODING_MARGIN, model.context_length, what=what)
    token_ids = model.encode(model.neutralise(quoted))
    if len(token_ids) <= room:
        return [text]
    stride = max(room // 2, 1)
    starts = range(0, len(token_ids) - room + stride, stride)
    return [model.decode(token_ids[start : start + room]) for start in starts]


def read_finite(model: LanguageModel, input_ids: Sequence[int], cache: KVCache) -> Tensor:
    """Read tokens of a single row; return the logits of the token that follows, [vocab].

    Raises:
        NonFiniteLogitsError: the logits are NaN or infinite.
    """
    logits = model.read([list(input_ids)], cache)[0, -1]
    if not bool(logits.amax().isfinite()):
        raise NonFiniteLogitsError(model.name, cache.lengths[0])
    return logits
