"""The expert's reading: how far base and expert part at the end of a prompt."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import torch
from torch import Tensor

from ngsd_guard.config import ReflectionConfig
from ngsd_guard.gate import total_variation_distance
from ngsd_guard.prefill import Judging, PrefixCache, Read, judge, windows
from ngsd_guard.protocols import LanguageModel
from ngsd_guard.risk._aggregation import alpha_of
from ngsd_guard.risk._rubric import request_text
from ngsd_guard.types import Message, RiskScores

_LEAST_LOG_PROB: Final = -20.0
_NUM_DIGITS: Final = 4  # what readings beside others, or in pieces, do not change


@dataclass(frozen=True, slots=True)
class ExpertFeatures:
    """What base and expert predict for the first token of an answer, in three numbers."""

    total_variation: float
    """Distance between the two distributions, 0 to 1."""
    refusal: float
    """Probability that the expert begins to refuse, 0 to 1."""
    log_odds: float
    """Log-probability of that by the expert, less the same by the base; at most 20."""


class ExpertReader:
    """Rates requests by what the expert would begin to say, and the base would not.

    While an answer is decoded this costs nothing: both models read the prompt in any case.

    Args:
        config: how features become risk, and risk alpha.
        base_prefixes: the base, and what it has read before.
        expert_prefixes: the expert, likewise.

    Source: spec section 2, "Reading risk without asking".
    """

    def __init__(
        self,
        config: ReflectionConfig,
        base_prefixes: PrefixCache,
        expert_prefixes: PrefixCache,
    ) -> None:
        self._config = config
        self._prefixes = (base_prefixes, expert_prefixes)

    def reflect(self, messages: Sequence[Message]) -> RiskScores:
        """Rate a conversation.

        Raises:
            ContextOverflowError: the chat template alone leaves no room for a request.
            NonFiniteLogitsError: a model's logits are NaN or infinite.
        """
        return judge(self.judging(messages))

    def judging(self, messages: Sequence[Message]) -> Judging[RiskScores]:
        """Rate a conversation, beside others; where it is too long, its riskiest window counts."""
        ratings: list[RiskScores] = []
        for conversation in self._fitting(asked(messages)):
            reads = []
            for prefixes in self._prefixes:
                cache, unread = prefixes.start(self._prompt(prefixes.model, conversation))
                reads.append(Read(prefixes.model, cache, unread))
            base_logits, expert_logits = yield reads
            ratings.append(self.rating(base_logits[-1], expert_logits[-1]))
        return max(ratings, key=lambda rating: rating.risk)

    def rating(self, base_logits: Tensor, expert_logits: Tensor) -> RiskScores:
        """Rate a request by the logits after its prompt.

        Args:
            base_logits: [vocab], of the base.
            expert_logits: [vocab], of the expert.
        """
        found, fitted = self.features(base_logits, expert_logits), self._config.expert
        logit = (
            fitted.intercept
            + fitted.total_variation * found.total_variation
            + fitted.refusal * found.refusal
            + fitted.log_odds * found.log_odds
        )
        risk = round(10.0 / (1.0 + math.exp(-max(min(logit, 50.0), -50.0))), _NUM_DIGITS)
        return RiskScores(
            None, None, None, None, risk, alpha_of(risk, self._config), confidence=1.0
        )

    @torch.inference_mode()
    def features(self, base_logits: Tensor, expert_logits: Tensor) -> ExpertFeatures:
        """Return what a rating is made of; takes what `rating` takes."""
        base_probs = base_logits.float().softmax(dim=-1)
        expert_probs = expert_logits.float().softmax(dim=-1)
        refusals = self._refusal_token_ids
        base_refusal = float(base_probs[refusals].sum())
        refusal = min(float(expert_probs[refusals].sum()), 1.0)
        return ExpertFeatures(
            total_variation=float(total_variation_distance(base_probs, expert_probs)),
            refusal=refusal,
            log_odds=_log(refusal) - _log(base_refusal),
        )

    @cached_property
    def _refusal_token_ids(self) -> list[int]:
        model = self._prefixes[1].model
        return sorted({model.encode(opening)[0] for opening in self._config.expert.openings})

    def _fitting(self, conversation: Sequence[Message]) -> list[Sequence[Message]]:
        """Return a conversation, or windows of its text where it does not fit the contexts."""
        models = [prefixes.model for prefixes in self._prefixes]
        lengths = [len(self._prompt(model, conversation)) for model in models]
        if all(n < m.context_length for n, m in zip(lengths, models, strict=True)):
            return [conversation]
        narrow = min(models, key=lambda model: model.context_length)
        text = request_text(conversation)
        overhead = len(self._prompt(narrow, [{"role": "user", "content": ""}])) + 1
        parts = windows(narrow, text, quoted=text, overhead=overhead, what="a chat prompt")
        return [[{"role": "user", "content": part}] for part in parts]

    def _prompt(self, model: LanguageModel, conversation: Sequence[Message]) -> list[int]:
        neutral: list[Message] = [
            {**turn, "content": self._neutralise(turn["content"])} for turn in conversation
        ]
        return model.encode_chat(neutral)

    def _neutralise(self, text: str) -> str:
        for prefixes in self._prefixes:
            text = prefixes.model.neutralise(text)
        return text


def asked(messages: Sequence[Message]) -> Sequence[Message]:
    """Return the conversation up to what is asked; as one text where a template may refuse it."""
    turns = list(messages)
    while len(turns) > 1 and turns[-1]["role"] == "assistant":
        turns.pop()
    is_plain = all(turn.keys() <= {"role", "content"} for turn in turns)
    if is_plain and turns[-1]["role"] == "user" and all(t["role"] != "tool" for t in turns):
        return turns
    return [{"role": "user", "content": request_text(messages)}]


def _log(probability: float) -> float:
    return max(math.log(probability), _LEAST_LOG_PROB) if probability > 0.0 else _LEAST_LOG_PROB
