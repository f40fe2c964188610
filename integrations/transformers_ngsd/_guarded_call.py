"""One call of `generate`, guarded from its first step to its end."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from ngsd_guard import ConfigurationError
from ngsd_guard.hosting import HostGate, HostRow, RowReport
from ngsd_guard.types import FinishReason
from transformers_ngsd._calls import Call, check_exactness, paddings


class GuardedCall:
    """One call of `generate`: its rows, which of them have ended, and their reports.

    Args:
        gate: of this call alone.
        input_ids: [rows, length], at the first step.
        scores: [rows, vocab], at the first step.
        attention_mask: [prompts, length]; None to tell padding by its token.
        pad_token_id: with which `generate` fills rows that have ended; None where it has none.

    Raises:
        ConfigurationError: the call is a beam search, or the mask is wrong.
    """

    def __init__(
        self,
        gate: HostGate[int],
        input_ids: Tensor,
        scores: Tensor,
        attention_mask: Tensor | None,
        pad_token_id: int | None,
    ) -> None:
        self._gate = gate
        self._pad_token_id = pad_token_id
        self._eos_token_ids = gate.pair.base.eos_token_ids
        self._call = Call(input_ids, paddings(input_ids, attention_mask, pad_token_id))
        self._reports: dict[int, RowReport] = {}
        check_exactness(self._call.prompts, scores)
        for row, prompt in enumerate(self._call.prompts):
            gate.add(row, prompt)

    @property
    def reports(self) -> list[RowReport]:
        """Of the rows that have been finished."""
        return [self._reports[row] for row in sorted(self._reports)]

    def continues(self, input_ids: Tensor) -> bool:
        """Take in the next step's tokens; return whether they are this call's.

        Raises:
            ConfigurationError: the call takes tokens back, or changes the order of its rows.
        """
        return self._call.continues(input_ids)

    def step(self, input_ids: Tensor, scores: Tensor) -> Tensor:
        """Return what `generate` is to choose each row's next token from.

        Raises:
            NGSDError: a row failed.
        """
        answers = self._call.answers(input_ids)
        for row in [row for row in self._gate.keys if self._has_ended(answers[row])]:
            self._finish_row(row, answers[row])
        going = self._gate.keys
        rows = [HostRow(row, answers[row]) for row in going]
        if len(going) == len(answers):
            return self._gate.apply(rows, scores)
        gated = torch.full_like(scores, -torch.inf)
        gated[:, self._pad_token_id or 0] = 0.0
        if going:
            gated[list(going)] = self._gate.apply(rows, scores[list(going)])
        return gated

    def finish(self, sequences: Any = None) -> None:
        """Finish the rows that are left; takes what `NGSDLogitsProcessor.finish` takes.

        Raises:
            ConfigurationError: the sequences are not this call's.
            AuditError: a record could not be written.
        """
        sequences = getattr(sequences, "sequences", sequences)
        if sequences is not None and len(sequences) != len(self._call.prompts):
            raise ConfigurationError(
                f"sequences has {len(sequences)} rows and the call {len(self._call.prompts)}; pass "
                "what generate returned"
            )
        for row in self._gate.keys:
            if sequences is None:
                self._reports[row] = self._gate.finish(row)
            else:
                self._finish_row(row, self._call.answers(sequences[row : row + 1])[0])

    def cancel(self) -> None:
        """End the rows that are left without another token."""
        for row in self._gate.keys:
            self._reports[row] = self._gate.cancel(row)

    def _has_ended(self, answer: Sequence[int]) -> bool:
        """Whether `generate` fills a row up: its end, and padding after it."""
        return (
            len(answer) > 1
            and answer[-1] == self._pad_token_id
            and answer[-2] in self._eos_token_ids
        )

    def _finish_row(self, row: int, answer: Sequence[int]) -> None:
        length = len(answer)
        while length > 1 and answer[length - 1] == self._pad_token_id:
            length -= 1
        if length < len(answer) and self._pad_token_id in self._eos_token_ids:
            length += 1  # the first of them is the end
        has_ended = length > 0 and answer[length - 1] in self._eos_token_ids
        reason: FinishReason = "stop" if has_ended else "length"
        own = answer[:length] if has_ended else answer
        self._reports[row] = self._gate.finish(row, reason, output_ids=own)
