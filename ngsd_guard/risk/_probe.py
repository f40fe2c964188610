"""The probe: on which side of some hyperplanes the base's hidden state lies."""

import math
from collections.abc import Sequence
from functools import cached_property
from itertools import pairwise
from typing import Final, Literal, cast

import torch
from torch import Tensor

from ngsd_guard.config import ProbeFacet, ProbeReading, ReflectionConfig
from ngsd_guard.errors import ConfigurationError, DecodingError
from ngsd_guard.prefill import Judging, common_prefix, windows
from ngsd_guard.protocols import HiddenStateModel, LanguageModel
from ngsd_guard.risk._aggregation import alpha_of
from ngsd_guard.risk._expert import asked
from ngsd_guard.risk._rubric import request_text
from ngsd_guard.types import Message, RiskScores

GENERAL_FACET: Final = "harm"
"""Name of the facet for harm of any kind, which names no category."""
INJECTION_FACET: Final = "injection"
"""Name of the facet for instructions to the assistant in a document."""
_NUM_DIGITS: Final = 4  # what reading several texts at once does not change


class ProbeReader:
    """Rates requests by the base's hidden state after their prompt.

    It reads the prompt once with the base's first layers; no token is decoded, and no expert asked.

    Args:
        config: the facets, and how risk becomes alpha.
        base: the base.

    Raises:
        ConfigurationError: there are no facets, or the base shows no hidden states.

    Source: spec section 2, "Reading risk without asking"; the facets after SaP (arXiv 2505.24445).
    """

    def __init__(self, config: ReflectionConfig, base: LanguageModel) -> None:
        if config.probe is None:
            raise ConfigurationError(
                "reader='probe' has no facets; fit a probe on this base with calibrate, and pass "
                "it as reflection.probe"
            )
        if not hasattr(base, "hidden_states"):
            raise ConfigurationError(
                f"{base.name!r} shows no hidden states, so that it cannot be probed; give it a "
                "method hidden_states (HiddenStateModel), load it with backend='transformers', or "
                "use reader='expert'"
            )
        self._config = config
        self._probe: ProbeReading = config.probe
        self._base = cast(HiddenStateModel, base)
        self._risk_facets = [f for f in config.probe.facets if f.name != INJECTION_FACET]
        self._injection = [f for f in config.probe.facets if f.name == INJECTION_FACET]

    @property
    def reads_injection(self) -> bool:
        """Whether there is a facet for instructions in documents."""
        return bool(self._injection)

    @property
    def named_facets(self) -> tuple[str, ...]:
        """Families that a verdict may name: those told from harmless text and from each other."""
        return tuple(
            facet.name
            for facet in self._risk_facets
            if facet.name != GENERAL_FACET
            and _is_above(facet.auroc, self._probe.min_area)
            and _is_above(facet.auroc_among_harmful, self._probe.min_area)
        )

    def reflect(self, messages: Sequence[Message]) -> RiskScores:
        """Rate a conversation.

        Raises:
            ContextOverflowError: the chat template alone leaves no room for a request.
            ConfigurationError: the facets were fitted on another base.
            DecodingError: the hidden states are NaN or infinite.
        """
        return self.rating(self.facet_scores(messages))

    def judging(self, messages: Sequence[Message]) -> Judging[RiskScores]:
        """Rate a conversation; nothing is read beside others."""
        yield []
        return self.reflect(messages)

    def facet_scores(self, messages: Sequence[Message]) -> dict[str, float]:
        """Return the score of each facet, 0 to 10; where it is too long, the highest of any window.

        Raises as `reflect` does.
        """
        return self.facet_scores_of([messages])[0]

    def facet_scores_of(self, conversations: Sequence[Sequence[Message]]) -> list[dict[str, float]]:
        """Return what `facet_scores` returns for each conversation; they are read together."""
        prompts: list[list[int]] = []
        ends = [0]
        for messages in conversations:
            prompts += [self._prompt(each) for each in self._fitting(asked(messages))]
            ends.append(len(prompts))
        columns = self._scores(prompts, self._risk_facets)
        return [
            {name: max(scores[start:end]) for name, scores in columns.items()}
            for start, end in pairwise(ends)
        ]

    def rating(self, facet_scores: dict[str, float]) -> RiskScores:
        """Return the rating of a request by what its facets see: the worst that rates counts."""
        risk = max(facet_scores[facet.name] for facet in self._risk_facets if facet.rates)
        return RiskScores(
            None, None, None, None, risk, alpha_of(risk, self._config), confidence=1.0
        )

    def injection_scores(self, texts: Sequence[str]) -> list[float]:
        """Return how far short texts are instructions to the assistant, 0 to 10.

        Args:
            texts: small windows of a document; what does not fit the context is cut.

        Raises:
            ConfigurationError: there is no such facet, or it was fitted on another base.
            DecodingError: the hidden states are NaN or infinite.
        """
        if not self._injection:
            raise ConfigurationError("the probe has no facet 'injection'; fit one")
        if not texts:
            return []
        prompts = _document_prompts(self._base, texts)
        return self._scores(prompts, self._injection)[INJECTION_FACET]

    @torch.inference_mode()
    def _scores(
        self, prompts: Sequence[Sequence[int]], facets: Sequence[ProbeFacet]
    ) -> dict[str, list[float]]:
        """Return the risk that each facet sees in each prompt."""
        found: dict[str, list[float]] = {}
        for layer in sorted({facet.layer for facet in facets}):
            states = self._base.hidden_states(prompts, layer)
            for facet in (f for f in facets if f.layer == layer):
                rows = pooled(states, facet.pooling, self._num_common)
                found[facet.name] = [_risk(float(logit)) for logit in self._logits(facet, rows)]
        return {facet.name: found[facet.name] for facet in facets}

    def _logits(self, facet: ProbeFacet, rows: Tensor) -> Tensor:
        if len(facet.weights) != rows.shape[1]:
            raise ConfigurationError(
                f"the facet {facet.name!r} has {len(facet.weights)} weights, and the pooled hidden "
                f"states of {self._base.name!r} {rows.shape[1]} dimensions; fit the probe on "
                "this base"
            )
        weights = torch.tensor(facet.weights, dtype=torch.float64)
        logits = rows.double().cpu() @ weights + facet.intercept
        if not bool(logits.isfinite().all()):
            raise DecodingError(
                f"the hidden states of {self._base.name!r} at layer {facet.layer} are not finite; "
                "load it in a wider dtype (float32) or check its weights"
            )
        return logits

    @cached_property
    def _num_common(self) -> int:
        return _num_common(self._base)

    def _fitting(self, conversation: Sequence[Message]) -> list[Sequence[Message]]:
        """Return a conversation, or windows of its text where it does not fit the context."""
        if len(self._prompt(conversation)) <= self._base.context_length:
            return [conversation]
        text = request_text(conversation)
        overhead = len(self._prompt([{"role": "user", "content": ""}]))
        parts = windows(self._base, text, quoted=text, overhead=overhead, what="a chat prompt")
        return [[{"role": "user", "content": part}] for part in parts]

    def _prompt(self, conversation: Sequence[Message]) -> list[int]:
        return _prompt(self._base, conversation)


@torch.inference_mode()
def chat_states(
    base: HiddenStateModel, texts: Sequence[str], layer: int
) -> tuple[list[Tensor], int]:
    """Return what the base makes of short texts, as a probe's facet `injection` reads them.

    Args:
        base: the base.
        texts: windows of documents.
        layer: how many layers are run.

    Returns:
        [num_tokens, hidden] of each text, and how many first tokens every text has in common.
    """
    return base.hidden_states(_document_prompts(base, texts), layer), _num_common(base)


def _document_prompts(base: LanguageModel, texts: Sequence[str]) -> list[list[int]]:
    longest = base.context_length
    return [_prompt(base, [{"role": "user", "content": text}])[:longest] for text in texts]


def _prompt(base: LanguageModel, conversation: Sequence[Message]) -> list[int]:
    neutral: list[Message] = [
        {**turn, "content": base.neutralise(turn["content"])} for turn in conversation
    ]
    return base.encode_chat(neutral)


def _num_common(base: LanguageModel) -> int:
    """Return how many tokens every prompt begins with."""
    alone: list[list[Message]] = [[{"role": "user", "content": text}] for text in ("a", "1")]
    return len(common_prefix([_prompt(base, each) for each in alone]))


def pooled(
    states: Sequence[Tensor], pooling: Literal["last", "mean", "both"], num_common: int
) -> Tensor:
    """Return one row for each text.

    Args:
        states: [num_tokens, hidden] of each text.
        pooling: see `ProbeFacet`.
        num_common: how many first tokens a mean leaves out; the last one always counts.

    Returns:
        [texts, hidden], twice as wide for `both`.
    """
    last = torch.stack([rows[-1] for rows in states])
    if pooling == "last":
        return last
    own = [rows[min(num_common, len(rows) - 1) :] for rows in states]
    mean = torch.stack([rows.mean(dim=0) for rows in own])
    return mean if pooling == "mean" else torch.cat([last, mean], dim=1)


def _is_above(area: tuple[float, float, float] | None, bound: float) -> bool:
    return area is not None and area[1] > bound


def _risk(logit: float) -> float:
    return round(10.0 / (1.0 + math.exp(-max(min(logit, 50.0), -50.0))), _NUM_DIGITS)
