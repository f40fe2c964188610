"""The texts of a vocabulary's tokens, ranked by how soon they can end an answer."""

import re
from collections.abc import Callable, Collection, Sequence
from typing import Final

import torch
from torch import Tensor

_Key = tuple[int, ...]

_STRUCTURE: Final = frozenset('"\\{}[],:')
_CLOSING: Final = frozenset('"}] ')
_SEPARATING: Final = frozenset(',:" ')
_LONGEST_SHAPE: Final = 16
_MANY_LETTERS: Final = 8
"""At least this many single letters are allowed only inside free text."""
_MANY: Final = 64
_NEVER: Final = 2**31
_BROKEN: Final = "\udc80"  # the lowest byte of an incomplete character, surrogate-escaped
_DIGITS: Final = tuple("0123456789")
_ALLOWED: Final = b"\xc8"  # marks an allowed token in the engine's masks, one byte per token


class TokenTexts:
    """Ranks tokens by how soon they can end an answer.

    Args:
        texts: the bytes of each token.
        left_out: tokens that are not text, such as control tokens.
    """

    def __init__(self, texts: Sequence[bytes], left_out: Collection[int]) -> None:
        decoded = [text.decode(errors="surrogateescape") for text in texts]
        usable = [bool(text) and i not in left_out for i, text in enumerate(texts)]
        self._usable = usable
        self._letters = [i for i, t in enumerate(decoded) if t.isascii() and t.isalpha()]
        self._letters = [i for i in self._letters if len(decoded[i]) == 1]

        def order(key: Callable[[str], _Key | None]) -> list[int]:
            keys = ((key(text), i) for i, text in enumerate(decoded) if usable[i])
            return [i for _, i in sorted((k, i) for k, i in keys if k is not None)]

        self._closing_structure = order(_closes_structure)
        self._closing_text = order(_closes_text)
        self._opening = order(_opens_text)
        self._text_starts = [i for i, t in enumerate(decoded) if usable[i] and _starts_text(t)]
        self._separating = order(_separates)
        self._longest = order(lambda text: (_leads_nowhere(text), -len(text), text.count("0")))
        self._length_ranks = {token_id: rank for rank, token_id in enumerate(self._longest)}
        self._choices = [_choice(text.strip()) for text in decoded]
        self.traces = [re.sub(r"[\s0-9]+", "", text) for text in decoded]
        """Texts without whitespace and digits, which do not distinguish completions."""
        self.is_broken = [_is_broken(text) for text in decoded]
        """Whether a token starts or ends inside a character."""
        self.shapes = Shapes([_shape(text) for text in decoded])
        """Shapes whose tokens are equivalent in free text."""
        self.fine_shapes = Shapes([text[:1] + _shape(text) for text in decoded])
        """Shapes whose tokens are equivalent in most other text."""
        self._plain = [self._letters, [i for i, t in enumerate(decoded) if t in _DIGITS]]

    def preferred(self, bias: bytes, num_tokens: int) -> list[int]:
        """Return some of the allowed tokens, those that can end the answer soonest first.

        Args:
            bias: one byte per token; zero if the token is not allowed.
            num_tokens: maximum number of tokens to return.
        """
        few = self._few(bias)
        if few is not None and len(few) <= 1:
            return few
        if any(map(bias.__getitem__, self._text_starts)):  # a quotation mark would open a string
            orders = [self._opening, self._longest]
        elif sum(map(bias.__getitem__, self._letters)) >= _MANY_LETTERS * _ALLOWED[0]:
            orders = [self._closing_text, self._longest]
        else:
            orders = [self._closing_structure, self._separating, self._longest]
        found: dict[str, int] = {}
        for order in orders:
            if few is not None and order is self._longest:
                ranked = sorted(few, key=self._length_ranks.__getitem__)
            else:
                ranked = next(([i] for i in order if bias[i]), [])
            for token_id in ranked:
                found.setdefault(self._choices[token_id], token_id)
            if len(found) >= num_tokens:
                break
        return list(found.values())[:num_tokens]

    def _few(self, bias: bytes) -> list[int] | None:
        """Return the allowed tokens; None if there are many."""
        if len(bias) - bias.count(0) > _MANY:
            return None
        found, index = [], bias.find(_ALLOWED)
        while index >= 0:
            if index < len(self._usable) and self._usable[index]:
                found.append(index)
            index = bias.find(_ALLOWED, index + 1)
        return found

    def shapes_in(self, allowed: Tensor) -> "Shapes":
        """Return the shapes to group the allowed tokens by."""
        is_free = all(bool(allowed[token_ids].all()) for token_ids in self._plain)
        return self.shapes if is_free else self.fine_shapes


class Shapes:
    """A partition of the tokens into shapes.

    Args:
        names: the name of each token's shape.
    """

    def __init__(self, names: Sequence[str]) -> None:
        numbers: dict[str, int] = {}
        self._numbers = torch.tensor([numbers.setdefault(n, len(numbers)) for n in names])
        self._num_shapes = len(numbers)

    def judge(self, token_ids: Tensor, check: Callable[[int], bool]) -> Tensor:
        """Return a verdict on each token, by checking two tokens of each shape.

        Args:
            token_ids: [tokens], int64.
            check: returns the verdict on one token.

        Returns:
            [tokens], bool.
        """
        shapes = self._numbers[token_ids]
        least = torch.full((self._num_shapes,), _NEVER, dtype=torch.int64)
        most = torch.full((self._num_shapes,), -1, dtype=torch.int64)
        least.scatter_reduce_(0, shapes, token_ids, "amin")
        most.scatter_reduce_(0, shapes, token_ids, "amax")
        verdicts = torch.zeros(self._num_shapes, dtype=torch.bool)
        for shape in (most >= 0).nonzero().flatten().tolist():
            examples = dict.fromkeys((int(least[shape]), int(most[shape])))
            verdicts[shape] = all(map(check, examples))
        return verdicts[shapes]


def _closes_structure(text: str) -> _Key | None:
    if not text.strip() or not _CLOSING.issuperset(text):
        return None
    return -sum(text.count(bracket) for bracket in "}]"), len(text) - 2 * text.count('"')


def _closes_text(text: str) -> _Key | None:
    if not text.startswith('"') or not _CLOSING.issuperset(text):
        return None
    return (-len(text),)


def _opens_text(text: str) -> _Key | None:
    """Rank a token with a quotation mark that opens a string; brackets after it would be text."""
    if not text.strip() or not _CLOSING.issuperset(text) or '"' in text.rstrip('"').strip("}] "):
        return None
    stripped = text.strip()
    if stripped.startswith('"') and stripped != '"':
        return None
    return -sum(text.count(bracket) for bracket in "}]"), len(text)


def _starts_text(text: str) -> bool:
    return len(text) > 1 and text[0] == '"' and text[1] not in _CLOSING | _SEPARATING


def _choice(text: str) -> str:
    """Return the part of a token that matters: its structure, or a word's first character."""
    return text if text[:1] in _STRUCTURE else text[:1]


def _is_broken(text: str) -> bool:
    return any(_BROKEN <= character <= "\udcff" for character in text)


def _leads_nowhere(text: str) -> bool:
    return not text.strip(" \t\r\n-") or _is_broken(text)


def _separates(text: str) -> _Key | None:
    if not _SEPARATING.issuperset(text) or not ("," in text or ":" in text):
        return None
    return (-len(text),)


def _shape(text: str) -> str:
    """Return the part of a text that matters to a parser: its structure and its length."""
    return "".join(_shape_of(character) for character in text[:_LONGEST_SHAPE])


def _shape_of(character: str) -> str:
    if _is_broken(character):
        return _BROKEN
    return character if character in _STRUCTURE or not character.isprintable() else "a"
