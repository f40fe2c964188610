"""Rating of requests from the model's distribution over integers, without parsing text."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from torch import Tensor

from ngsd_guard.config import ReflectionConfig
from ngsd_guard.prefill import (
    Judging,
    PrefixCache,
    Read,
    at,
    common_prefix,
    judge,
    read_finite,
    read_one,
    windows,
)
from ngsd_guard.protocols import KVCache, LanguageModel
from ngsd_guard.risk._aggregation import UNREADABLE_SCORE, alpha_of, risk_of
from ngsd_guard.risk._integers import (
    IntegerTokens,
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
    """The start of the rubric, the same for every request, with its keys and values."""

    token_ids: tuple[int, ...]
    cache: KVCache


class Reflector:
    """Rates requests on the rubric with a model.

    The JSON answer is forced, and at each number the model's distribution over 0 to 10 is read.
    Nothing has to be parsed, and the probability mass on the integers measures how reliable the
    score is. The part of the rubric before the request is read only once.

    Args:
        model: the base model.
        config: how scores become risk and alpha.
        prefixes: the model's prefix cache; None keeps only the start of the rubric.
    """

    def __init__(
        self, model: LanguageModel, config: ReflectionConfig, prefixes: PrefixCache | None = None
    ) -> None:
        self._model = model
        self._config = config
        self._prefixes = prefixes or PrefixCache(model, 0)
        # The last answer, and the last answer per severity. They only affect the number of passes.
        self._guesses: dict[int | None, tuple[int, ...]] = {None: (0,) * len(SCORE_KEYS)}
        self._read_prefix: _Prefix | None = None
        self._lock = threading.Lock()

    def reflect(self, messages: Sequence[Message]) -> RiskScores:
        """Rate a conversation.

        Raises:
            ContextOverflowError: the rubric leaves no room for a request.
            NonFiniteLogitsError: the model's logits are NaN or infinite.
        """
        return judge(self.judging(messages))

    def judging(self, messages: Sequence[Message]) -> Judging[RiskScores]:
        """Rate a conversation; can run together with other judgings.

        A request that does not fit the context is split into overlapping windows, and each score
        is the maximum over the windows.

        Raises:
            ContextOverflowError: the rubric leaves no room for a request.
            NonFiniteLogitsError: the model's logits are NaN or infinite.

        Source: NGSD (arXiv 2602.02027), self-reflection; departs from it by reading distributions
        instead of generated text, and by delimiting the request.
        """
        text = request_text(messages).strip()
        # A conversation is likely to be continued; a single request is not.
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
        """Return S, A, E, T of one window, and the lowest probability mass on the integers.

        The complete JSON answer is guessed and read in one pass. It is valid up to the first
        integer that is not the most likely one; the rest is guessed again from there.
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
        """Return guessed JSON for a range of scores, and the position of each integer in it."""
        answer, ends = list[int](), list[int]()
        for index, tokens in list(enumerate(self._score_tokens))[first:end]:
            if ends:
                answer += self._score_tokens[index - 1].integers[guess[index - 1]]
            answer += tokens.anchor
            ends.append(len(answer))
        return answer, ends

    def _start(self, prompt_ids: list[int], *, look_up: bool) -> Read:
        """Return a read of the part of a prompt that is not cached."""
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
        """Return the probabilities of the integers 0 to 10 for several scores: `end` and [11].

        An integer is scored as a sequence of tokens. If one is a prefix of another ("1" and
        "10"), the probability of the longer is subtracted from that of the shorter. The token
        after a "1" is predicted in the same pass.

        Args:
            read: the tokens before the answer; its cache is extended by them and the answer.
            answer: JSON with guessed integers.
            ends: number of answer tokens before each integer.
            first: index of the first score in the answer.
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
        # Not a cached property: before Python 3.12, all instances would share one lock.
        with self._lock:  # read only once, even if several threads need it at the same time
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
