"""One step of some rows: the gate reads both distributions, and spikes are mixed."""

import time
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from ngsd_guard.decoding import Guidance
from ngsd_guard.errors import NGSDError, NonFiniteLogitsError
from ngsd_guard.hosting._rating import HostRater
from ngsd_guard.hosting._sequence import Decision, HostedSequence, StateRow
from ngsd_guard.pairs import Pair


class Decider:
    """Decides about the next token of some rows, with the arithmetic of the decode loop.

    Args:
        pair: the gate and the options.
        rater: rates requests before their first token.
    """

    def __init__(self, pair: Pair, rater: HostRater) -> None:
        self._pair = pair
        self._rater = rater
        self._guidance = Guidance(pair.gate, pair.config.decoding)

    def decide(
        self, sequences: Sequence[HostedSequence], base: Tensor, expert: Tensor
    ) -> tuple[dict[int, Tensor], Mapping[int, NGSDError]]:
        """Let the gate read the next position of each row.

        What the host forbids with minus infinity is forbidden to the expert too, so that the gate
        compares what the two may say.

        Args:
            sequences: of the rows; each gets its `decision`.
            base: [rows, vocab], float32; the host's logits.
            expert: [rows, vocab], float32, on the same device.

        Returns:
            [vocab] log-weights by the number of each row where the gate fired, and what went wrong
            by the row's number.
        """
        errors: dict[int, NGSDError] = {}
        expert = expert.masked_fill(base == -torch.inf, -torch.inf)
        finite = torch.stack([base.amax(dim=-1), expert.amax(dim=-1)]).isfinite().tolist()
        for number, (is_base_finite, is_expert_finite) in enumerate(zip(*finite, strict=True)):
            if not (is_base_finite and is_expert_finite):
                model = self._pair.expert if is_base_finite else self._pair.base
                errors[number] = NonFiniteLogitsError(model.name, len(sequences[number].text))
        errors |= self._start(sequences, base, expert, errors)
        going = [number for number in range(len(sequences)) if number not in errors]
        if not going:
            return {}, errors
        if len(going) < len(sequences):
            base, expert = base[going], expert[going]
        mixed = self._judge([sequences[number] for number in going], base, expert)
        return {going[row]: weights for row, weights in mixed.items()}, errors

    def _start(
        self,
        sequences: Sequence[HostedSequence],
        base: Tensor,
        expert: Tensor,
        failed: Mapping[int, NGSDError],
    ) -> dict[int, NGSDError]:
        """Rate the rows that have no token, and put their gates at their start."""
        new = [n for n, s in enumerate(sequences) if not s.token_ids and n not in failed]
        if not new:
            return {}
        errors = self._rater.rate([sequences[n] for n in new], base[new], expert[new])
        gate = self._pair.gate
        for sequence in (sequences[n] for n in new):
            if sequence.rating is not None:
                potential = gate.initial_potential(sequence.rating.risk)
                state = gate.initial_state(1, device=base.device, initial_potential=potential)
                sequence.initial_potential = potential
                sequence.before = StateRow(state, 0)
        return {new[number]: error for number, error in errors.items()}

    def _judge(
        self, sequences: Sequence[HostedSequence], base: Tensor, expert: Tensor
    ) -> dict[int, Tensor]:
        before = [sequence.before for sequence in sequences if sequence.before is not None]
        judged = self._guidance.judge(StateRow.gather(before), base[:, None], expert[:, None])
        (state,) = judged.states
        table = torch.stack(
            [
                judged.currents[:, 0],
                state.charged_potential,
                judged.spiked[:, 0].to(torch.float32),
                base.argmax(dim=-1).to(torch.float32),  # exact up to 2^24
            ],
            dim=-1,
        ).tolist()
        spiked = [row for row, values in enumerate(table) if values[2]]
        mixed: dict[int, Tensor] = {}
        gated: dict[int, int] = {}
        if spiked:
            alphas = torch.tensor([_alpha(sequences[row]) for row in spiked], device=base.device)
            weights = self._guidance.mix(
                judged.base_probs[spiked, 0], judged.expert_probs[spiked, 0], alphas
            )  # [spiked, vocab]
            mixed = dict(zip(spiked, weights, strict=True))
            gated = dict(zip(spiked, weights.argmax(dim=-1).tolist(), strict=True))
        now = time.perf_counter()
        for row, (sequence, values) in enumerate(zip(sequences, table, strict=True)):
            current, charged, is_spiked, base_token = values
            base_token_id = int(base_token)
            sequence.after = StateRow(state, row)
            sequence.decision = Decision(
                current, charged, bool(is_spiked), base_token_id, gated.get(row, base_token_id)
            )
            sequence.first_token_s = sequence.first_token_s or now
        return mixed


def _alpha(sequence: HostedSequence) -> float:
    return 0.0 if sequence.rating is None else sequence.rating.alpha
