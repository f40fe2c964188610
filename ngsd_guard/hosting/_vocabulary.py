"""Whether the host's model has the pair's vocabulary."""

from typing import Any

from ngsd_guard.errors import VocabularyMismatchError
from ngsd_guard.pairs import Pair


def check_tokenizer(pair: Pair, tokenizer: Any) -> None:
    """Compare the tokens of the host's model with the pair's.

    Args:
        pair: base and expert.
        tokenizer: of the host's model; anything with `get_vocab()`.

    Raises:
        VocabularyMismatchError: a token differs.
    """
    own: Any = getattr(pair.base, "tokenizer", None)
    if own is None or own.get_vocab() == tokenizer.get_vocab():
        return
    own_tokens = {token_id: token for token, token_id in own.get_vocab().items()}
    others = {token_id: token for token, token_id in tokenizer.get_vocab().items()}
    for token_id in sorted(own_tokens.keys() | others.keys()):
        if own_tokens.get(token_id) != others.get(token_id):
            raise VocabularyMismatchError(token_id, others.get(token_id), own_tokens.get(token_id))
