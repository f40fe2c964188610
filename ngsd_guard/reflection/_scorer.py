"""Reads the four scores off the model's distribution over integers; no text is parsed."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Final

import torch
from torch import Tensor

from ngsd_guard.config import ReflectionConfig
from ngsd_guard.errors import ContextOverflowError, ModelLoadError, NonFiniteLogitsError
from ngsd_guard.prefixes import PrefixCache
from ngsd_guard.protocols import KVCache, LanguageModel
from ngsd_guard.reflection._aggregation import UNREADABLE_SCORE, alpha_of, risk_of
from ngsd_guard.reflection._rubric import (
    SCORE_KEYS,
    defuse_delimiters,
    request_text,
    rubric_messages,
    score_anchor,
)
from ngsd_guard.types import Message, RiskScores

_MAX_SCORE: Final = 10
_LEAST_CHANCE: Final = 1e-3
"""Of a "1" after which it is asked whether "10" is meant; below, all of it counts as 1."""
_REENCODING_MARGIN: Final = 16  # tokens a window of text may grow by when it is encoded again


@dataclass(frozen=True, slots=True)
class _ScoreTokens:
    """Tokens around one score."""

    anchor: tuple[int, ...]
    """The forced JSON before it."""
    integers: tuple[tuple[int, ...], ...]
    """How 0 to 10 are written after the anchor; some are one token, some two."""


@dataclass(frozen=True, slots=True)
class _Prefix:
    """The start of the rubric, the same for every request, and its keys and values."""

    token_ids: tuple[int, ...]
    cache: KVCache


class Reflector:
    """Lets a model rate requests on the rubric.

    The JSON answer is forced and, at each number, the model's distribution over 0 to 10 is read:
    nothing has to be parsed, and the mass on the integers says how far to trust the score. The
    part of the rubric that stands before the request is read once.

    Args:
        model: the base model.
        config: how scores become risk and alpha.
        prefixes: what the model has read before; None remembers nothing but the rubric.
    """

    def __init__(
        self, model: LanguageModel, config: ReflectionConfig, prefixes: PrefixCache | None = None
    ) -> None:
        self._model = model
        self._config = config
        self._prefixes = prefixes or PrefixCache(model, 0)
        self._lock = threading.Lock()

    def reflect(self, messages: Sequence[Message]) -> RiskScores:
        """Rate a conversation.

        A request longer than the context leaves room for is rated in overlapping windows, each
        score the highest any window got.

        Raises:
            ContextOverflowError: the rubric itself leaves no room for a request.
            NonFiniteLogitsError: the model's logits are NaN or infinite.

        Source: NGSD (arXiv 2602.02027), self-reflection; departs from it by reading distributions
        instead of generated text, and by delimiting the request.
        """
        text = request_text(messages).strip()
        # A conversation comes back longer by a turn; a lone request does not come back.
        keep = sum(message["role"] != "system" for message in messages) > 1
        readings = [self._read_scores(window, keep=keep) for window in self._windows(text)]
        scores = [max(column) for column in zip(*(scores for scores, _ in readings), strict=True)]
        confidence = min(confidence for _, confidence in readings)
        if confidence == 0.0 or confidence < self._config.min_confidence:
            scores = [UNREADABLE_SCORE] * len(SCORE_KEYS)
        risk = risk_of(scores, self._config, prompt_length=len(text))
        severity, actionability, evasion, targeting = scores
        return RiskScores(
            severity=severity,
            actionability=actionability,
            evasion=evasion,
            targeting=targeting,
            risk=risk,
            alpha=alpha_of(risk, self._config),
            confidence=confidence,
        )

    def _windows(self, text: str) -> list[str]:
        overhead = len(self._prompt_ids("")) + self._num_answer_tokens
        room = self._model.context_length - overhead - _REENCODING_MARGIN
        if room <= 0:
            raise ContextOverflowError(
                overhead + _REENCODING_MARGIN, self._model.context_length, what="the risk rubric"
            )
        token_ids = self._model.encode(self._model.neutralise(defuse_delimiters(text)))
        if len(token_ids) <= room:
            return [text]
        stride = max(room // 2, 1)
        starts = range(0, len(token_ids) - room + stride, stride)
        return [self._model.decode(token_ids[start : start + room]) for start in starts]

    def _read_scores(self, text: str, *, keep: bool) -> tuple[list[float], float]:
        """Return S, A, E, T of one window, and the least mass on the integers.

        The JSON is guessed to its end and read in one go: it holds up to the first integer that
        is not the likeliest, and from there the rest is guessed anew.
        """
        prompt_ids = self._prompt_ids(text)
        cache, unread = self._start(prompt_ids, look_up=keep)
        guess, scores, confidence = [0] * len(SCORE_KEYS), list[float](), 1.0
        while len(scores) < len(SCORE_KEYS):
            first = len(scores)
            can_guess = cache.can_roll_back(len(unread) + self._num_answer_tokens)
            answer, ends = self._answer(guess, first, None if can_guess else first + 1)
            logits = self._read([*unread, *answer], cache, num_logits=len(answer))
            for index, end in enumerate(ends, first):
                num_behind = len(answer) - end
                probs = self._integer_probs(logits[end - 1], cache, num_behind, index)  # [11]
                mass, likeliest = float(probs.sum()), int(probs.argmax())
                confidence = min(confidence, mass)
                if self._config.scoring == "mode" or mass == 0.0:
                    scores.append(float(likeliest))
                else:
                    scores.append(float(probs @ torch.arange(_MAX_SCORE + 1.0)) / mass)
                if likeliest != guess[index] or num_behind == 0:
                    cache.roll_back([num_behind])
                    unread = list(self._score_tokens[index].integers[likeliest])
                    # An actionable request is mostly as actionable as it is severe.
                    guess = [likeliest if index == 0 and n == 1 else g for n, g in enumerate(guess)]
                    break
        if keep and cache.can_roll_back():
            cache.roll_back([cache.lengths[0] - len(prompt_ids)])
            self._prefixes.keep(prompt_ids, cache)
        return scores, min(confidence, 1.0)

    def _answer(
        self, guess: Sequence[int], first: int, end: int | None
    ) -> tuple[list[int], list[int]]:
        """Return guessed JSON from one score to another, and where in it each integer begins."""
        answer, ends = list[int](), list[int]()
        for index, tokens in list(enumerate(self._score_tokens))[first:end]:
            if ends:
                answer += self._score_tokens[index - 1].integers[guess[index - 1]]
            answer += tokens.anchor
            ends.append(len(answer))
        return answer, ends

    def _start(self, prompt_ids: list[int], *, look_up: bool) -> tuple[KVCache, list[int]]:
        """Return a cache and the prompt tokens it has not read."""
        prefix = self._prefix
        length = len(prefix.token_ids)
        if look_up:
            cache, unread = self._prefixes.start(prompt_ids)
            if len(prompt_ids) - len(unread) >= length:
                return cache, unread
        if tuple(prompt_ids[:length]) == prefix.token_ids:
            return prefix.cache.fork(), prompt_ids[length:]
        return self._model.new_cache(), prompt_ids

    def _integer_probs(self, logits: Tensor, cache: KVCache, num_behind: int, index: int) -> Tensor:
        """Return the probability of each integer from 0 to 10, as [11], float32, on the CPU.

        An integer is scored as a sequence. Where one begins another ("1" and "10"), the shorter
        one gets what the longer one leaves.

        Args:
            logits: [vocab]; of what follows the anchor of this score.
            cache: has read the anchor, and more.
            num_behind: how many tokens more.
            index: of the score.
        """
        integers = self._score_tokens[index].integers
        next_probs: dict[tuple[int, ...], Tensor] = {(): logits.softmax(dim=-1).cpu()}
        for start in sorted({s[:end] for s in integers for end in range(1, len(s))}, key=len):
            chance = float(next_probs[start[:-1]][start[-1]])
            if chance < _LEAST_CHANCE:
                next_probs[start] = torch.zeros_like(next_probs[()])
                continue
            ahead = cache.fork(cache.lengths[0] - num_behind)
            next_probs[start] = self._read(start, ahead)[0].softmax(dim=-1).cpu()
        probs = torch.ones(len(integers))
        for number, sequence in enumerate(integers):
            for end, token_id in enumerate(sequence):
                probs[number] *= next_probs[sequence[:end]][token_id]
        for number, sequence in enumerate(integers):
            for longer, other in enumerate(integers):
                if len(other) > len(sequence) and other[: len(sequence)] == sequence:
                    probs[number] -= probs[longer]
        return probs.clamp(min=0.0)

    def _read(self, input_ids: Sequence[int], cache: KVCache, num_logits: int = 1) -> Tensor:
        """Return [num_logits, vocab] logits of what follows the last tokens."""
        logits = self._model.read([list(input_ids)], cache, num_logits=num_logits)[0]
        if not bool(logits.amax(dim=-1).isfinite().all()):
            raise NonFiniteLogitsError(self._model.name, cache.lengths[0])
        return logits

    def _prompt_ids(self, text: str) -> list[int]:
        return self._model.encode_chat(rubric_messages(self._model.neutralise(text)))

    @property
    def _prefix(self) -> _Prefix:
        with self._lock:  # read once, however many threads ask first
            return self._read_prefix

    @cached_property
    def _read_prefix(self) -> _Prefix:
        token_ids = _common_prefix([self._prompt_ids("a"), self._prompt_ids("1")])
        cache = self._model.new_cache()
        self._read(token_ids, cache)
        return _Prefix(tuple(token_ids), cache)

    @cached_property
    def _score_tokens(self) -> tuple[_ScoreTokens, ...]:
        return tuple(self._tokens_of_score(index) for index in range(len(SCORE_KEYS)))

    @cached_property
    def _num_answer_tokens(self) -> int:
        return sum(
            len(tokens.anchor) + max(map(len, tokens.integers)) for tokens in self._score_tokens
        )

    def _tokens_of_score(self, index: int) -> _ScoreTokens:
        written = [
            self._model.encode(f"{score_anchor(index)}{number}") for number in range(_MAX_SCORE + 1)
        ]
        anchor = _common_prefix(written)
        integers = tuple(tuple(token_ids[len(anchor) :]) for token_ids in written)
        if len(set(integers)) != len(integers):
            raise ModelLoadError(
                self._model.name, "its tokenizer cannot tell the integers 0 to 10 apart"
            )
        return _ScoreTokens(tuple(anchor), integers)


def _common_prefix(sequences: Sequence[Sequence[int]]) -> list[int]:
    length = min(map(len, sequences))
    for first, second in pairwise(sequences):
        same = (a == b for a, b in zip(first, second, strict=False))
        length = min(length, next((i for i, equal in enumerate(same) if not equal), length))
    return list(sequences[0][:length])
