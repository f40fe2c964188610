"""A logits processor that guards `generate`."""

import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import torch
from torch import Tensor
from transformers import LogitsProcessor

from ngsd_guard import AuditLog, ConfigurationError, NGSDError
from ngsd_guard.hosting import HostGate, HostRow, RowReport, check_tokenizer
from ngsd_guard.models import HFCausalLM
from ngsd_guard.pairs import Pair, load_pair
from ngsd_guard.pickling import ProcessLocal
from ngsd_guard.types import FinishReason
from transformers_ngsd._calls import Call, check_exactness, paddings


class NGSDLogitsProcessor(ProcessLocal, LogitsProcessor):  # type: ignore[misc]
    """Guards `model.generate(..., logits_processor=[processor])`.

    Works with batches padded on the left, sampling, `num_return_sequences` and streamers, and for
    whatever calls `generate`. A greedy answer is the engine's; where the gate does not fire, the
    model's scores are left as they are. An error ends the call, and no unguarded token leaves.

    One processor may guard several calls, one after another: a call with other prompts finishes
    the one before. `finish` ends the last one and returns its reports.

    Args:
        pair: base and expert, or the name of a known pair. The base must be the model that
            generates.
        attention_mask: [prompts, length], of the first call; None to tell padding by its token.
        tokenizer: of the model that generates, to be compared with the pair's.
        pad_token_id: with which `generate` fills rows that have ended; None for the base's.
        audit: a log, or the path of one; None records nothing.

    Raises:
        ConfigurationError: the pair is not known, or its options need the engine.
        VocabularyMismatchError: the tokenizer is not the pair's.
    """

    supports_continuous_batching = False
    pickle_remedy = "make a processor there"

    def __init__(
        self,
        pair: Pair | str,
        attention_mask: Tensor | None = None,
        *,
        tokenizer: Any = None,
        pad_token_id: int | None = None,
        audit: AuditLog | str | Path | None = None,
    ) -> None:
        loaded = pair if isinstance(pair, Pair) else load_pair(pair)
        if tokenizer is not None:
            check_tokenizer(loaded, tokenizer)
        log = audit if audit is None or isinstance(audit, AuditLog) else AuditLog(audit)
        self._gate = HostGate[int](loaded, log)
        self._attention_mask = attention_mask
        self._pad_token_id = _pad_token_id(loaded) if pad_token_id is None else pad_token_id
        self._eos_token_ids = loaded.base.eos_token_ids
        self._call: Call | None = None
        self._reports: dict[int, RowReport] = {}
        # The last call's records are written even where nobody calls `finish`.
        weakref.finalize(self, self._gate.close)

    @classmethod
    def from_pair(
        cls,
        pair: Pair | str | Path = "ngsd-mini",
        expert: str | Path | None = None,
        *,
        tokenizer: Any = None,
        audit: AuditLog | str | Path | None = None,
        **options: Any,
    ) -> Self:
        """Load a pair and return its processor.

        Args:
            pair: a pair, or what `load_pair` takes as its base.
            expert: as `load_pair` takes it; None with a pair.
            tokenizer: of the model that generates, to be compared with the pair's.
            audit: a log, or the path of one.
            **options: others of `load_pair`, such as `device` and `calibration`.

        Raises:
            ConfigurationError: options for a pair that is loaded already.
            NGSDError: what `load_pair` raises.
        """
        if not isinstance(pair, Pair):
            pair = load_pair(pair, expert, **options)
        elif expert is not None or options:
            names = ", ".join(["expert"] * (expert is not None) + sorted(options))
            raise ConfigurationError(f"{names}: the pair is loaded already; pass it to load_pair")
        return cls(pair, tokenizer=tokenizer, audit=audit)

    @classmethod
    def from_model(
        cls,
        model: Any,
        tokenizer: Any,
        *,
        pair: str | Path | None = None,
        expert: str | Path | None = None,
        audit: AuditLog | str | Path | None = None,
        **options: Any,
    ) -> Self:
        """Return the processor of a model that is loaded already, whose weights the pair shares.

        Args:
            model: the one that generates.
            tokenizer: its tokenizer.
            pair: the known pair whose base the model is; None with `expert`.
            expert: as `load_pair` takes it.
            audit: a log, or the path of one.
            **options: others of `load_pair`, such as `calibration`.

        Raises:
            NGSDError: what `load_pair` raises; among them ConfigurationError where the calibration
                was made for other weights.
        """
        name = str(pair or getattr(model, "name_or_path", "") or "base")
        base = HFCausalLM(model, tokenizer, name=name if pair is None else f"{pair}/base")
        options.setdefault("device", model.device)
        return cls(load_pair(name, expert, base_model=base, **options), audit=audit)

    @property
    def pair(self) -> Pair:
        """Base and expert, with the options in force."""
        return self._gate.pair

    def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:
        """Return what `generate` is to choose each row's next token from.

        Args:
            input_ids: [rows, length]; prompts and answers so far.
            scores: [rows, vocab]; the model's.

        Raises:
            ConfigurationError: the call is one that cannot be guarded exactly: beam search or
                assisted generation.
            NGSDError: a row failed.
        """
        try:
            call = self._follow(input_ids, scores)
            answers = call.answers(input_ids)
            for row in [row for row in self._gate.keys if self._has_ended(answers[row])]:
                self._finish_row(row, answers[row])
            going = self._gate.keys
            rows = [HostRow(row, answers[row]) for row in going]
            if len(going) == len(answers):
                return self._gate.apply(rows, scores)
            gated = self._only_padding(scores)
            if going:
                gated[list(going)] = self._gate.apply(rows, scores[list(going)])
            return gated
        except NGSDError:
            self._cancel()
            raise

    def finish(self, sequences: Any = None) -> list[RowReport]:
        """End the call, write its records, and return a report of each row.

        Args:
            sequences: [rows, length], what `generate` returned, which shows the last tokens;
                without it an answer's last token is taken to be the most likely one, and why it
                ended is not recorded. Also the output with `return_dict_in_generate`.

        Raises:
            ConfigurationError: the sequences are not this call's.
            AuditError: a record could not be written.
        """
        call, sequences = self._call, getattr(sequences, "sequences", sequences)
        if call is None:
            return [self._reports[row] for row in sorted(self._reports)]
        answers = None if sequences is None else call.answers(sequences)
        if answers is not None and len(answers) != len(call.prompts):
            raise ConfigurationError(
                f"sequences has {len(answers)} rows and the call {len(call.prompts)}; pass what "
                "generate returned"
            )
        for row in self._gate.keys:
            if answers is None:
                self._reports[row] = self._gate.finish(row)
            else:
                self._finish_row(row, answers[row])
        self._call = None
        return [self._reports[row] for row in sorted(self._reports)]

    def _follow(self, input_ids: Tensor, scores: Tensor) -> Call:
        """Return the call that a step belongs to, which may begin with it."""
        if self._call is not None and self._call.continues(input_ids):
            return self._call
        self.finish()
        mask, self._attention_mask = self._attention_mask, None
        call = Call(input_ids, paddings(input_ids, mask, self._pad_token_id))
        check_exactness(call.prompts, scores)
        self._reports = {}
        for row, prompt in enumerate(call.prompts):
            self._gate.add(row, prompt)
        self._call = call
        return call

    def _has_ended(self, answer: Sequence[int]) -> bool:
        """Whether `generate` fills a row up: its end, and padding after it."""
        return len(answer) > 1 and answer[-1] == self._pad_token_id and self._is_end(answer[-2])

    def _is_end(self, token_id: int) -> bool:
        return token_id in self._eos_token_ids

    def _finish_row(self, row: int, answer: Sequence[int]) -> None:
        length = len(answer)
        while length > 1 and answer[length - 1] == self._pad_token_id:
            length -= 1
        if length < len(answer) and self._pad_token_id in self._eos_token_ids:
            length += 1  # the first of them is the end
        has_ended = length > 0 and self._is_end(answer[length - 1])
        reason: FinishReason = "stop" if has_ended else "length"
        own = answer[:length] if has_ended else answer
        self._reports[row] = self._gate.finish(row, reason, output_ids=own)

    def _only_padding(self, scores: Tensor) -> Tensor:
        padded = torch.full_like(scores, -torch.inf)
        padded[:, self._pad_token_id or 0] = 0.0
        return padded

    def _cancel(self) -> None:
        for row in self._gate.keys:
            self._reports[row] = self._gate.cancel(row)
        self._call = None


def _pad_token_id(pair: Pair) -> int | None:
    """Return what `generate` pads with: the base's padding token, else its end."""
    base: Any = pair.base
    for source in (getattr(base, "tokenizer", None), getattr(base, "model", None)):
        found = getattr(getattr(source, "generation_config", source), "pad_token_id", None)
        if found is not None:
            return int(found)
    return min(pair.base.eos_token_ids, default=None)
