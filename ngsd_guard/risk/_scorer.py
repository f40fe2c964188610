"""Reads the four scores off the model's distribution over integers; no text is parsed."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from torch import Tensor

from ngsd_guard.config import ReflectionConfig
from ngsd_guard.prefill import Judging, PrefixCache, Read, at, judge, read_finite, read_one, windows
from ngsd_guard.protocols import KVCache, LanguageModel
from ngsd_guard.risk._aggregation import UNREADABLE_SCORE, alpha_of, risk_of
from ngsd_guard.risk._integers import (
    IntegerTokens,
    common_prefix,
    expectation,
    probabilities,
)
from ngsd_guard.risk._rubric import (
    SCORE_KEYS,
    defuse_delimiters,
    request_text,
    rubric_messages,
    score_anchor,
)
from ngsd_guard.types import Message, RiskScores


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
        # The latest answer, and the latest of each severity: only how often is read depends on it.
        self._guesses: dict[int | None, tuple[int, ...]] = {None: (0,) * len(SCORE_KEYS)}
        self._read_prefix: _Prefix | None = None
        self._lock = threading.Lock()

    def reflect(self, messages: Sequence[Message]) -> RiskScores:
        """Rate a conversation.

        Raises:
            ContextOverflowError: the rubric itself leaves no room for a request.
            NonFiniteLogitsError: the model's logits are NaN or infinite.
        """
        return judge(self.judging(messages))

    def judging(self, messages: Sequence[Message]) -> Judging[RiskScores]:
        """Rate a conversation, beside others.

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
        readings = []
        for window in self._windows(text):
            readings.append((yield from self._read_scores(window, keep=keep)))
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
        return windows(
            self._model,
            text,
            quoted=defuse_delimiters(text),
            overhead=self._num_rubric_tokens + self._num_answer_tokens,
            what="the risk rubric",
        )

    def _read_scores(self, text: str, *, keep: bool) -> Judging[tuple[list[float], float]]:
        """Return S, A, E, T of one window, and the least mass on the integers.

        The JSON is guessed to its end and read in one go: it holds up to the first integer that
        is not the likeliest, and from there the rest is guessed anew.
        """
        prompt_ids = self._prompt_ids(text)
        read = self._start(prompt_ids, look_up=keep)
        guess, confidence = self._guesses[None], 1.0
        scores, likeliest = list[float](), list[int]()
        while len(scores) < len(SCORE_KEYS):
            first = len(scores)
            can_guess = read.can_roll_back(len(read.input_ids) + self._num_answer_tokens)
            answer, ends = self._answer(guess, first, None if can_guess else first + 1)
            for end, probs in (yield from self._integer_probs(read, answer, ends, first)):
                mass = float(probs.sum())
                confidence = min(confidence, mass)
                likeliest.append(int(probs.argmax()))
                if self._config.scoring == "mode" or mass == 0.0:
                    scores.append(float(likeliest[-1]))
                else:
                    scores.append(expectation(probs))
                index = len(scores) - 1
                if len(scores) < len(SCORE_KEYS) and (
                    likeliest[-1] != guess[index] or end == len(answer)
                ):
                    read.cache.roll_back([len(answer) - end])
                    read.input_ids = list(self._score_tokens[index].integers[likeliest[-1]])
                    break
            if first == 0:
                guess = self._guesses.get(likeliest[0], guess)
        self._guesses[None] = self._guesses[likeliest[0]] = tuple(likeliest)
        if keep and read.cache.can_roll_back():
            read.cache.roll_back([read.cache.lengths[0] - len(prompt_ids)])
            self._prefixes.keep(prompt_ids, read.cache)
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

    def _start(self, prompt_ids: list[int], *, look_up: bool) -> Read:
        """Return what is to be read of a prompt."""
        prefix = self._prefix
        length = len(prefix.token_ids)
        if look_up:
            cache, unread = self._prefixes.start(prompt_ids)
            if len(prompt_ids) - len(unread) >= length:
                return Read(self._model, cache, unread)
        if tuple(prompt_ids[:length]) == prefix.token_ids:
            return Read(self._model, prefix.cache, prompt_ids[length:], shared=True)
        return Read(self._model, self._model.new_cache(), prompt_ids)

    def _integer_probs(
        self, read: Read, answer: Sequence[int], ends: Sequence[int], first: int
    ) -> Judging[list[tuple[int, Tensor]]]:
        """Return the probability of each integer from 0 to 10 at some scores: `end` and [11].

        An integer is scored as a sequence. Where one begins another ("1" and "10"), the shorter
        one gets what the longer one leaves. What follows a "1" is asked in the same reading.

        Args:
            read: tokens before the answer; its cache grows by them and the answer.
            answer: JSON with guessed integers.
            ends: how much of the answer stands before each integer.
            first: of the scores that the answer holds.
        """
        tokens = self._score_tokens[first : first + len(ends)]
        before = len(read.input_ids)
        branches = [
            (before + end - 1, start)
            for end, score in zip(ends, tokens, strict=True)
            for start in score.starts
        ]
        read.input_ids = [*read.input_ids, *answer, *(start for _, start in branches)]
        read.branches = [index for index, _ in branches]
        read.num_logits = len(answer) - ends[0] + 1 + len(branches)
        logits = yield from read_one(read)
        wanted = [end - ends[0] for end in ends]
        asked = range(read.num_logits - len(branches), read.num_logits)
        chances = at(logits, [*wanted, *asked])
        after = iter(chances[len(wanted) :])
        return [
            (end, probabilities(row, dict(zip(score.starts, after, strict=False)), score))
            for end, score, row in zip(ends, tokens, chances, strict=False)
        ]

    def _prompt_ids(self, text: str) -> list[int]:
        return self._model.encode_chat(rubric_messages(self._model.neutralise(text)))

    @property
    def _prefix(self) -> _Prefix:
        # Not a cached property: before Python 3.12, those of all reflectors share one lock.
        with self._lock:  # read once, however many threads ask first
            if self._read_prefix is None:
                token_ids = common_prefix([self._prompt_ids("a"), self._prompt_ids("1")])
                cache = self._model.new_cache()
                read_finite(self._model, token_ids, cache)
                self._read_prefix = _Prefix(tuple(token_ids), cache)
            return self._read_prefix

    @cached_property
    def _score_tokens(self) -> tuple[IntegerTokens, ...]:
        return tuple(self._tokens_of_score(index) for index in range(len(SCORE_KEYS)))

    @cached_property
    def _num_rubric_tokens(self) -> int:
        return len(self._prompt_ids(""))

    @cached_property
    def _num_answer_tokens(self) -> int:
        return sum(
            len(tokens.anchor) + max(map(len, tokens.integers)) for tokens in self._score_tokens
        )

    def _tokens_of_score(self, index: int) -> IntegerTokens:
        return IntegerTokens.after(self._model, score_anchor(index))
