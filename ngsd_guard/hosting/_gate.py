"""The gate in another decoder's loop."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Generic, Literal, NamedTuple, TypeVar

import torch
from torch import Tensor

from ngsd_guard.audit import AuditLog
from ngsd_guard.errors import (
    ConfigurationError,
    DecodingError,
    NGSDError,
    ShapeMismatchError,
    as_ngsd_error,
)
from ngsd_guard.hosting._conversation import ConversationReader
from ngsd_guard.hosting._deciding import Decider
from ngsd_guard.hosting._expert_rows import ExpertRows
from ngsd_guard.hosting._parking import Parking
from ngsd_guard.hosting._rating import HostRater, RiskSource
from ngsd_guard.hosting._recording import HostRecorder
from ngsd_guard.hosting._sequence import HostedSequence, RowOptions, RowReport
from ngsd_guard.pairs import Pair
from ngsd_guard.types import FinishReason

KeyT = TypeVar("KeyT", bound=Hashable)


class HostRow(NamedTuple, Generic[KeyT]):
    """A row of the host's batch, where its logits are."""

    key: KeyT
    output_ids: Sequence[int]
    """All tokens of the answer so far."""


class HostGate(Generic[KeyT]):
    """Guards answers that another decoder makes, from its logits alone.

    The host says which rows there are and what it has chosen; it is given logits to choose from.
    Rows are known by key, so that they may move, leave and come back. Greedy answers are the
    engine's, token for token; sampled ones follow the mixture. A row that fails is never given the
    base's logits. To be used by one thread at a time.

    Args:
        pair: base and expert, with the options in force.
        audit: where every answer is recorded; None records nothing.
        risk: what rates requests; see `RiskSource`.
        on_failure: `raise` raises the error of a row that fails; `end` gives that row nothing to
            choose but the end of its answer.
        max_parked: answers that may be out of the batch and come back.
        on_end: is given the report of every answer that has ended.

    Raises:
        ConfigurationError: the options need a decoder that can take tokens back.
        AuditError: the log cannot be written to.
    """

    def __init__(
        self,
        pair: Pair,
        audit: AuditLog | None = None,
        *,
        risk: RiskSource = "pair",
        on_failure: Literal["raise", "end"] = "raise",
        max_parked: int = 4096,
        on_end: Callable[[RowReport], None] | None = None,
    ) -> None:
        if pair.config.decoding.max_repairs > 0:
            raise ConfigurationError(
                f"max_repairs={pair.config.decoding.max_repairs} takes sentences back, which only "
                "the engine can; set DecodingConfig(max_repairs=0) for other decoders"
            )
        self.pair = pair
        self._on_failure = on_failure
        self._recorder = HostRecorder(pair, audit)
        self._conversations = ConversationReader(pair.base)
        self._decider = Decider(pair, HostRater(pair, risk))
        self._expert = ExpertRows[KeyT](pair.expert_prefixes)
        self._sequences: dict[KeyT, HostedSequence] = {}
        self._parking = Parking(max_parked)
        self._on_end = on_end
        self._vocab_size = min(pair.base.vocab_size, pair.expert.vocab_size)
        self._eos_token_ids = sorted(pair.base.eos_token_ids)

    @property
    def keys(self) -> tuple[KeyT, ...]:
        """The rows that are known."""
        return tuple(self._sequences)

    @property
    def num_parked(self) -> int:
        """The number of answers that are out of the batch and may come back."""
        return len(self._parking)

    def add(
        self,
        key: KeyT,
        prompt_ids: Sequence[int],
        output_ids: Sequence[int] = (),
        options: RowOptions | None = None,
    ) -> None:
        """Let a row in, or back in.

        Args:
            key: the row's name; not one in use.
            prompt_ids: tokens of the prompt, in the base's chat template, without padding. A row
                without any fails when its logits come.
            output_ids: tokens of an answer that comes back; below zero where not known yet.
            options: for its record.

        Raises:
            ConfigurationError: the key is in use.
        """
        prompt = tuple(prompt_ids)
        if key in self._sequences:
            raise ConfigurationError(f"the row {key!r} is in use; finish, cancel or park it first")
        parked = self._parking.find(prompt, output_ids)
        if parked is None:
            parked = self._new_sequence(prompt, options or RowOptions())
            if not prompt:
                parked.error = DecodingError(
                    "a row has no prompt tokens, so that its expert cannot read it; send text or "
                    "tokens, not embeddings"
                )
            elif len(output_ids) > 0:
                parked.error = _unknown_answer(len(output_ids))
        self._sequences[key] = parked

    def apply(self, rows: Sequence[HostRow[KeyT]], logits: Tensor) -> Tensor:
        """Return what the host is to choose each row's next token from.

        It may be called again before a token is chosen; only the last call counts.

        Args:
            rows: the rows of the logits, in their order.
            logits: [rows, vocab]; the base's, on any device. Tokens at minus infinity are
                forbidden.

        Returns:
            [rows, vocab]: the logits as they are, or log-weights of the mixture where the gate
            fired.

        Raises:
            ShapeMismatchError: there is not one row of logits for each, or the vocabulary is
                smaller than the pair's.
            NGSDError: a row failed, with `on_failure="raise"`.
        """
        self._check(rows, logits)
        result = logits.clone()
        result[:, self._vocab_size :] = -torch.inf
        try:
            mixed, errors = self._gated(rows, logits)
        except Exception as error:  # it cannot be known whose fault it is
            mixed, errors = {}, dict.fromkeys(range(len(rows)), as_ngsd_error(error))
        for number, weights in mixed.items():
            result[number, : self._vocab_size] = weights.to(result.device, result.dtype)
        if errors:
            self._fail({rows[number].key: error for number, error in errors.items()})
            for number in errors:
                result[number] = self._only_end(result[number])
        return result

    def park(self, key: KeyT, output_ids: Sequence[int]) -> str:
        """Let a row leave that may come back; only the gate's state is kept.

        Args:
            key: the row.
            output_ids: the list of its tokens that `add` may be given again.

        Returns:
            The answer's id, for `cancel_parked`.
        """
        self._expert.drop(key)
        sequence = self._sequences.pop(key)
        if sequence.error is None and all(token_id >= 0 for token_id in output_ids):
            sequence.error = _follow(sequence, output_ids)
        for left in self._parking.park(sequence, output_ids):
            self._end(left, "cancelled")
        return sequence.id

    def cancel_parked(self, answer_id: str) -> None:
        """Record a parked answer that will not come back; nothing where it has already."""
        sequence = self._parking.take(answer_id)
        if sequence is not None:
            self._end(sequence, "cancelled")

    def finish(
        self,
        key: KeyT,
        finish_reason: FinishReason | None = None,
        *,
        output_ids: Sequence[int] | None = None,
    ) -> RowReport:
        """Let a row leave for good, and write its record.

        Args:
            key: the row.
            finish_reason: why its answer ended; None if not known.
            output_ids: the whole answer; None where the host does not show the token after the
                last one it was asked about, which is then taken to be the most likely one, unless
                the answer has ended.

        Raises:
            AuditError: the record could not be written.
        """
        sequence = self._sequences.pop(key)
        self._expert.drop(key)
        if sequence.error is None and output_ids is not None:
            sequence.error = _follow(sequence, output_ids)
        elif sequence.token_ids[-1:] and sequence.token_ids[-1] in self._eos_token_ids:
            finish_reason = finish_reason or "stop"
        elif sequence.error is None:
            sequence.settle()
        return self._end(sequence, finish_reason)

    def cancel(self, key: KeyT) -> RowReport:
        """Let a row leave whose next token was not chosen."""
        sequence = self._sequences.pop(key)
        self._expert.drop(key)
        return self._end(sequence, "cancelled")

    def close(self) -> None:
        """Finish all rows; those that are out of the batch are recorded as cancelled."""
        for key in self.keys:
            self.finish(key)
        for sequence in self._parking.empty():
            self._end(sequence, "cancelled")

    def _end(self, sequence: HostedSequence, finish_reason: FinishReason | None) -> RowReport:
        self._recorder.record(sequence, finish_reason)
        report = sequence.report(finish_reason)
        if self._on_end is not None:
            self._on_end(report)
        return report

    def _new_sequence(self, prompt: tuple[int, ...], options: RowOptions) -> HostedSequence:
        conversation = self._conversations.read(prompt)
        text = list(prompt)
        if conversation.is_exact:
            text = self.pair.expert.encode_chat(conversation.messages)
        return HostedSequence(prompt, conversation, text, options)

    def _check(self, rows: Sequence[HostRow[KeyT]], logits: Tensor) -> None:
        if logits.dim() != 2 or len(rows) != len(logits) or logits.shape[1] < self._vocab_size:
            raise ShapeMismatchError(
                tuple(logits.shape), (len(rows), self._vocab_size), what="the host's logits"
            )
        unknown = [row.key for row in rows if row.key not in self._sequences]
        if unknown or len({row.key for row in rows}) < len(rows):
            raise DecodingError(
                f"rows {unknown or 'given twice'}: each row must be added once before its logits "
                "come; check the host's order of calls"
            )

    @torch.inference_mode()
    def _gated(
        self, rows: Sequence[HostRow[KeyT]], logits: Tensor
    ) -> tuple[dict[int, Tensor], dict[int, NGSDError]]:
        """Return log-weights of the mixture, and what went wrong, by the number of the row."""
        sequences = [self._sequences[row.key] for row in rows]
        errors: dict[int, NGSDError] = {}
        for number, (row, sequence) in enumerate(zip(rows, sequences, strict=True)):
            error = sequence.error or _follow(sequence, row.output_ids)
            if error is not None:
                errors[number] = error
        texts = {rows[n].key: s.text for n, s in enumerate(sequences) if n not in errors}
        predicted = self._expert.predict(texts)
        failed = predicted.errors
        errors |= {n: failed[row.key] for n, row in enumerate(rows) if row.key in failed}
        going = [number for number in range(len(rows)) if number not in errors]
        if not going:
            return {}, errors
        expert = predicted.of([rows[number].key for number in going])
        base = logits if len(going) == len(rows) else logits[going]
        base = base[:, : self._vocab_size].to(torch.float32)
        expert = expert[:, : self._vocab_size].to(base.device)
        mixed, wrong = self._decider.decide([sequences[n] for n in going], base, expert)
        errors |= {going[number]: error for number, error in wrong.items()}
        return {going[number]: weights for number, weights in mixed.items()}, errors

    def _fail(self, errors: Mapping[KeyT, NGSDError]) -> None:
        for key, error in errors.items():
            sequence = self._sequences[key]
            sequence.error, sequence.decision = error, None
            self._expert.drop(key)
        if self._on_failure == "raise":
            raise next(iter(errors.values()))

    def _only_end(self, logits: Tensor) -> Tensor:
        """Return logits that leave only the end of the answer."""
        ended = torch.full_like(logits, -torch.inf)
        ended[self._eos_token_ids or [0]] = 0.0
        return ended


def _follow(sequence: HostedSequence, output_ids: Sequence[int]) -> NGSDError | None:
    """Take in the token that the host chose; return what is wrong with its answer."""
    known = len(sequence.token_ids)
    if list(output_ids[:known]) != sequence.token_ids:
        return DecodingError(
            f"the host changed one of the {known} tokens of an answer that were gated; decode "
            "without taking tokens back"
        )
    new = list(output_ids[known:])
    if not new:
        return None
    if new[-1] < 0:
        return DecodingError(
            "the host does not say which token it chose last; turn its asynchronous scheduling off"
        )
    if len(new) > 1 or sequence.decision is None:
        return _unknown_answer(len(new))
    sequence.take(new[0])
    return None


def _unknown_answer(num_tokens: int) -> NGSDError:
    return DecodingError(
        f"{num_tokens} tokens of an answer were not gated, and the gate's state after them is not "
        "known; ask again from the prompt, without drafts by the host"
    )
