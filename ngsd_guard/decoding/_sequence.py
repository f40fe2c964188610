"""One answer in the making."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import torch
from torch import Tensor

from ngsd_guard.decoding._lookup import KEY_LENGTH, Continuations, OwnText
from ngsd_guard.decoding._request import Ended, Request
from ngsd_guard.decoding._sampling import choose_token, gumbel_noise
from ngsd_guard.decoding._text import TextStream
from ngsd_guard.errors import DecodingError, NGSDError, as_ngsd_error
from ngsd_guard.protocols import LanguageModel
from ngsd_guard.types import (
    DecodeStep,
    FinishReason,
    RiskScores,
    Speculation,
    SpeculationStatus,
)


class DecodingSequence:
    """What one request has emitted, and how its next tokens are chosen.

    Args:
        request: what to answer.
        rating: of a guarded request.
        base: whose tokens end an answer.
        expert: None where the base speaks alone.
        continuations: what other answers said.
    """

    def __init__(
        self,
        request: Request,
        rating: RiskScores | None,
        base: LanguageModel,
        expert: LanguageModel | None,
        continuations: Continuations,
    ) -> None:
        self.base = base
        self.expert = expert
        self.request = request
        self.sampling = request.sampling
        self.alpha = rating.alpha if rating is not None else 0.0
        self.token_ids: list[int] = []
        self.held: list[DecodeStep] = []  # emitted only once their sentence ends
        self.num_rounds = self.num_drafted = self.num_accepted = self.num_repairs = 0
        self.num_cached = 0  # prompt tokens the base had read before
        self.num_agreed = 0  # tokens that the expert chose too
        self.num_compared = self.num_held_drafts = 0  # drafted tokens
        # What may come next, [vocab], bool; None for all. The constraint said it.
        self.allowed: Tensor | None = None
        self.status: SpeculationStatus = "off"
        self.is_repairing = False
        self.ended: Ended | None = None
        self._text = TextStream(base.decode, self.sampling.stop)
        self._generator = torch.Generator().manual_seed(self.sampling.seed or 0)
        self._noise: dict[int, Tensor] = {}  # by position; what may be chosen again is kept
        self._num_drawn = 0
        self._continuations = continuations
        self._own_text: OwnText | None = None
        self._num_looked_at = 0

    @property
    def last_token_id(self) -> int:
        """What is to be read next."""
        return self.token_ids[-1] if self.token_ids else self.request.base_prompt_ids[-1]

    @property
    def num_left(self) -> int:
        """Tokens the answer may still get."""
        return self.sampling.max_new_tokens - len(self.token_ids)

    @property
    def room(self) -> int:
        """Tokens that both models' contexts still hold."""
        read = [(self.base, self.request.base_prompt_ids)]
        if self.expert is not None:
            read.append((self.expert, self.request.expert_prompt_ids))
        return min(m.context_length - len(ids) for m, ids in read) - len(self.token_ids)

    @property
    def is_greedy(self) -> bool:
        """Whether no noise is drawn."""
        return self.sampling.temperature == 0.0

    def choose(self, log_weights: Tensor, ahead: int) -> Tensor:
        """Choose tokens for positions from `ahead` after the last token on: [positions].

        Base, draft and mixture choose a position's token with the same noise, so that they agree
        wherever their distributions do.

        Args:
            log_weights: [positions, vocab], float32.
            ahead: 0 for the next token.
        """
        noise = None
        if not self.is_greedy:
            start = len(self.token_ids) + ahead
            while self._num_drawn < start + len(log_weights):
                drawn = gumbel_noise(log_weights.shape[-1], self._generator)
                self._noise[self._num_drawn] = drawn
                self._num_drawn += 1
            positions = range(start, start + len(log_weights))
            noise = torch.stack([self._noise[p] for p in positions]).to(log_weights.device)
        return choose_token(
            log_weights,
            temperature=self.sampling.temperature,
            top_k=self.sampling.top_k,
            top_p=self.sampling.top_p,
            noise=noise,
        )

    def take(self, step: DecodeStep) -> None:
        """Count a token as chosen, and hold it back until `release`."""
        self.token_ids.append(step.token_id)
        self.held.append(step)
        if self.request.constraint is not None and not self.ends_with(step.token_id):
            try:
                self.request.constraint.advance(step.token_id)
            except Exception as error:
                self.end("cancelled", as_ngsd_error(error))

    def look_up(self, length: int) -> list[int]:
        """Return up to `length` tokens that may come next, from this text or from others."""
        ids = (*self.request.base_prompt_ids[-KEY_LENGTH:], *self.token_ids)
        if self._own_text is None:
            self._own_text = OwnText(self.request.base_prompt_ids)
        self._own_text.extend(self.token_ids[self._num_looked_at :])
        self._num_looked_at = len(self.token_ids)
        found = self._continuations.find(ids, length) or self._own_text.find(length)
        return list(found)

    def ends_with(self, token_id: int) -> bool:
        """Say whether a token ends an answer."""
        return token_id in self.base.eos_token_ids

    @property
    def is_complete(self) -> bool:
        """Whether the last token chosen ends the answer."""
        return self.num_left == 0 or self.ends_with(self.token_ids[-1])

    @property
    def is_at_sentence_end(self) -> bool:
        """Whether the tokens held back end a sentence."""
        text = self.base.decode([step.token_id for step in self.held]).rstrip(" ")
        return text.endswith((".", "!", "?", "\n"))

    def repair(self) -> None:
        """Drop the tokens held back, and choose their sentence anew under guidance."""
        number = len(self.held)
        del self.token_ids[len(self.token_ids) - number :]
        self.held.clear()
        self._own_text, self._num_looked_at = None, 0
        if self.request.constraint is not None and number > 0:
            self.request.constraint.roll_back(number)
        self.is_repairing = True
        self.num_repairs += 1

    def release(self) -> Iterator[DecodeStep]:
        """Emit the tokens held back, each with the text it releases; ends the answer if it is."""
        held, self.held = self.held, []
        start = len(self.token_ids) - len(held)
        for number, step in enumerate(held, start + 1):
            self._noise.pop(number - 1, None)
            text, stopped = self._text.push(step.token_id)
            ended = self.ends_with(step.token_id)
            is_last = number == self.sampling.max_new_tokens
            if not stopped and (ended or is_last):
                text += self._text.flush()
            is_end = ended or stopped or is_last
            if is_end:
                del self.token_ids[number:]
                self.end("stop" if ended or stopped else "length")
            yield replace(step, text=text)
            if is_end:
                return

    def end(self, finish_reason: FinishReason, error: NGSDError | None = None) -> None:
        """End the answer; what is still held back is never emitted."""
        speculation = Speculation(
            self.status, self.num_rounds, self.num_drafted, self.num_accepted, self.num_repairs
        )
        self.ended = Ended(finish_reason, speculation, error, self.num_cached)

    def ask_constraint(self) -> None:
        """Let the constraint say what may come next; the answer fails where it cannot.

        A constraint is a user's own, so whatever it raises is this answer's failure alone.
        """
        if self.request.constraint is None or self.ended is not None:
            return
        try:
            self.allowed = self.request.constraint.mask(self.num_left)
            if not bool(self.allowed.any()):
                raise DecodingError("the constraint allows no token here; check the grammar")
        except Exception as error:
            self.allowed = None
            self.end("cancelled", as_ngsd_error(error))


def masked(logits: Tensor, masks: Sequence[Tensor | None]) -> Tensor:
    """Return [rows, vocab] logits with what each row may not say at minus infinity."""
    if all(mask is None for mask in masks):
        return logits
    rows = [
        row if mask is None else row.masked_fill(~mask.to(row.device), -torch.inf)
        for row, mask in zip(logits, masks, strict=True)
    ]
    return torch.stack(rows)
