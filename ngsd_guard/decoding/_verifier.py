"""From logits at several positions to the tokens that are emitted."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor

from ngsd_guard.config import DecodingConfig
from ngsd_guard.decoding import _logprobs
from ngsd_guard.decoding._guidance import Judgement, Steering
from ngsd_guard.decoding._sequence import DecodingSequence, masked
from ngsd_guard.errors import NonFiniteLogitsError
from ngsd_guard.gate import GateState
from ngsd_guard.types import DecodeStep, StepLogprobs


@dataclass(frozen=True, slots=True)
class Draft:
    """Predictions after a row's last token, and after each token drafted after it."""

    tokens: list[list[int]]
    """[rows, positions - 1]; what the expert drafted."""
    base_logits: Tensor
    """[rows, positions, vocab]."""
    expert_logits: Tensor | None
    """[rows, positions, vocab]; None where the base speaks alone."""

    @classmethod
    def none(
        cls,
        sequences: Sequence[DecodingSequence],
        base_logits: Tensor,
        expert_logits: Tensor | None,
    ) -> Self:
        """Return predictions after the last token alone: [rows, 1, vocab]."""
        masks = [sequence.allowed for sequence in sequences]
        base_logits = masked(base_logits[:, 0], masks)[:, None]
        if expert_logits is not None:
            expert_logits = masked(expert_logits[:, 0], masks)[:, None]
        return cls([[] for _ in sequences], base_logits, expert_logits)

    @property
    def num_positions(self) -> int:
        """Tokens both models have read."""
        return self.base_logits.shape[1]


def choose_tokens(sequences: Sequence[DecodingSequence], logits: Tensor, ahead: int = 0) -> Tensor:
    """Choose each row's tokens from [rows, positions, vocab] logits: [rows, positions]."""
    if all(sequence.is_greedy for sequence in sequences):
        return logits.argmax(dim=-1)
    return torch.stack(
        [row.choose(part, ahead) for row, part in zip(sequences, logits, strict=True)]
    )


@dataclass(frozen=True, slots=True)
class _Position:
    """What the host must know of one position; one transfer from the device brings it for all."""

    base_token_id: float
    is_base_finite: float
    current: float = 0.0
    charged_potential: float = 0.0
    membrane_potential: float = 0.0
    spiked: float = 0.0
    expert_token_id: float = -1.0
    is_expert_finite: float = 1.0


class Verifier:
    """Takes the positions of every row in order, until a token departs from the draft."""

    def __init__(
        self,
        sequences: Sequence[DecodingSequence],
        draft: Draft,
        steering: Steering | None,
        config: DecodingConfig,
        *,
        can_repair: bool,
    ) -> None:
        self._sequences = sequences
        self._draft = draft
        self._steering = steering
        self._config = config
        self._can_repair = can_repair
        self._judged: Judgement | None = None
        self._mixtures: dict[tuple[int, int], Tensor] = {}  # [vocab] each, by row and position

    def run(self, state: GateState | None) -> tuple[list[int], GateState | None]:
        """Let the rows take their tokens.

        Returns:
            How many of the positions read each row keeps; below zero where it also gives up some
            it had read before. And the gates' state.
        """
        draft = self._draft
        base_tokens = choose_tokens(self._sequences, draft.base_logits)  # [rows, positions]
        if self._steering is not None and state is not None and draft.expert_logits is not None:
            self._judged = self._steering.judge(state, draft.base_logits, draft.expert_logits)
        positions = self._fetch(base_tokens)
        mixed = self._mixed_tokens(positions)
        kept, num_verified = [], []
        for number, row in enumerate(self._sequences):
            keep, verified = self._verify(number, row, positions[number], mixed)
            kept.append(keep)
            num_verified.append(max(verified, 1))
        if self._judged is not None:
            state = self._judged.state_after(num_verified)
        return kept, state

    def _fetch(self, base_tokens: Tensor) -> list[list[_Position]]:
        """Bring what the verification needs to the host: [rows, positions]."""
        draft, judged = self._draft, self._judged
        # A maximum is finite unless a logit is NaN or +inf, or all are -inf.
        fields = [base_tokens, draft.base_logits.amax(dim=-1).isfinite()]
        if judged is not None and draft.expert_logits is not None:
            fields += [
                judged.currents,
                torch.stack([state.charged_potential for state in judged.states], dim=1),
                torch.stack([state.membrane_potential for state in judged.states], dim=1),
                judged.spiked,
                judged.expert_probs.argmax(dim=-1),
                draft.expert_logits.amax(dim=-1).isfinite(),
            ]
        # float32 holds token ids up to 2^24, more than any vocabulary.
        table = torch.stack([field.to(torch.float32) for field in fields], dim=-1).tolist()
        return [[_Position(*values) for values in row] for row in table]

    def _mixed_tokens(self, positions: list[list[_Position]]) -> dict[tuple[int, int], int]:
        """Choose tokens from the mixture where the gate fired, or a sentence is being repaired."""
        judged, steering = self._judged, self._steering
        if judged is None or steering is None:
            return {}
        wanted = [
            (number, index)
            for number, row in enumerate(self._sequences)
            for index, position in enumerate(positions[number])
            if position.spiked or row.is_repairing
        ]
        if not wanted:
            return {}
        numbers, indices = (list(part) for part in zip(*wanted, strict=True))
        alphas = torch.tensor([self._sequences[number].alpha for number in numbers])
        log_weights = steering.weights(
            judged, numbers, indices, alphas.to(judged.currents.device)
        )  # [wanted, vocab]
        if any(row.sampling.num_logprobs is not None for row in self._sequences):
            self._mixtures = dict(zip(wanted, log_weights, strict=True))
        if all(row.is_greedy for row in self._sequences):
            tokens = log_weights.argmax(dim=-1).tolist()
        else:
            tokens = [
                int(self._sequences[number].choose(weights[None], index))
                for (number, index), weights in zip(wanted, log_weights, strict=True)
            ]
        return dict(zip(wanted, tokens, strict=True))

    def _verify(
        self,
        number: int,
        row: DecodingSequence,
        positions: list[_Position],
        mixed: dict[tuple[int, int], int],
    ) -> tuple[int, int]:
        """Return how many positions the row keeps, and how many the gate has read."""
        drafted = self._draft.tokens[number]
        num_held = len(row.held)
        row.num_drafted += len(drafted)
        if row.ended is not None:  # before this round, by its constraint
            return 0, 0
        for index, position in enumerate(positions):
            if not (position.is_base_finite and position.is_expert_finite):
                row.end("cancelled", NonFiniteLogitsError(*self._culprit(row, position)))
                return index, index
            base_token_id = int(position.base_token_id)
            token_id = mixed.get((number, index), base_token_id)
            if position.spiked and self._may_repair(row):
                row.repair()
                return -num_held, index + 1
            row.take(
                DecodeStep(
                    index=len(row.token_ids),
                    token_id=token_id,
                    text="",
                    current=position.current,
                    charged_potential=position.charged_potential,
                    membrane_potential=position.membrane_potential,
                    spiked=bool(position.spiked),
                    overridden=token_id != base_token_id,
                    base_token_id=base_token_id,
                    expert_token_id=None if self._judged is None else int(position.expert_token_id),
                    num_drafted=len(drafted),
                    repaired=row.is_repairing,
                    logprobs=self._logprobs(number, index, token_id),
                )
            )
            row.num_accepted += index > 0
            row.num_agreed += token_id == position.expert_token_id
            if index < len(drafted):
                row.num_compared += 1
                row.num_held_drafts += token_id == drafted[index]
            departs = index < len(drafted) and token_id != drafted[index]
            stops = row.is_complete or (self._can_repair and row.is_at_sentence_end)
            if departs or stops or row.ended is not None:
                return index + 1, index + 1
        return len(positions), len(positions)

    def _logprobs(self, number: int, index: int, token_id: int) -> StepLogprobs | None:
        num_top = self._sequences[number].sampling.num_logprobs
        if num_top is None:
            return None
        mixture = self._mixtures.get((number, index))
        if mixture is not None:
            return _logprobs.of_mixture(mixture, token_id)
        return _logprobs.of_base(self._draft.base_logits[number, index], token_id, num_top)

    def _may_repair(self, row: DecodingSequence) -> bool:
        return (
            self._can_repair
            and not row.is_repairing
            and row.num_repairs < self._config.max_repairs
            and len(row.token_ids) >= self._config.repair_after
            and len(row.held) > 0
        )

    def _culprit(self, row: DecodingSequence, position: _Position) -> tuple[str, int]:
        """Return which model failed, and at which position."""
        if not position.is_base_finite:
            return row.base.name, len(row.request.base_prompt_ids) + len(row.token_ids)
        name = row.expert.name if row.expert is not None else row.base.name
        return name, len(row.request.expert_prompt_ids) + len(row.token_ids)
