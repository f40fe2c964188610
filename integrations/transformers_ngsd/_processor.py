"""A logits processor that guards `generate`."""

import threading
import weakref
from pathlib import Path
from typing import Any, Self

from torch import Tensor
from transformers import LogitsProcessor

from ngsd_guard import AuditLog, ConfigurationError, NGSDError
from ngsd_guard.hosting import HostGate, RowReport, check_tokenizer
from ngsd_guard.models import HFCausalLM
from ngsd_guard.pairs import Pair, load_pair
from ngsd_guard.pickling import ProcessLocal
from transformers_ngsd._guarded_call import GuardedCall


class NGSDLogitsProcessor(ProcessLocal, LogitsProcessor):  # type: ignore[misc]
    """Guards `model.generate(..., logits_processor=[processor])`.

    Works with batches padded on the left, sampling, `num_return_sequences` and streamers, and for
    whatever calls `generate`. A greedy answer is the engine's; where the gate does not fire, the
    model's scores are left as they are. An error ends the call, and no unguarded token leaves.

    One processor may guard several calls, one after another or in several threads: a call with
    other prompts finishes the thread's one before. `finish` ends the last one and returns its
    reports.

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
        self._pair = loaded
        self._audit = audit if audit is None or isinstance(audit, AuditLog) else AuditLog(audit)
        HostGate[int](loaded, self._audit)  # refuses here what it would refuse later
        self._attention_mask = attention_mask
        self._pad_token_id = _pad_token_id(loaded) if pad_token_id is None else pad_token_id
        self._calls: dict[threading.Thread, GuardedCall] = {}  # a thread runs one at a time
        self._reports: list[RowReport] = []
        # The last call's records are written even where nobody calls `finish`.
        weakref.finalize(self, _finish_all, self._calls)

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
        return self._pair

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
        thread = threading.current_thread()
        call = self._calls.get(thread)
        try:
            if call is None or not call.continues(input_ids):
                self._finish_over()
                call = self._begin(input_ids, scores)
                self._calls[thread] = call
            return call.step(input_ids, scores)
        except NGSDError:
            if call is not None and self._calls.pop(thread, None) is call:
                call.cancel()
                self._reports = call.reports
            raise

    def finish(self, sequences: Any = None) -> list[RowReport]:
        """End the call, write its records, and return a report of each row.

        It is this thread's call, or the last one that another thread began.

        Args:
            sequences: [rows, length], what `generate` returned, which shows the last tokens;
                without it an answer's last token is taken to be the most likely one, and why it
                ended is not recorded. Also the output with `return_dict_in_generate`.

        Raises:
            ConfigurationError: the sequences are not this call's.
            AuditError: a record could not be written.
        """
        thread = threading.current_thread()
        if thread not in self._calls and self._calls:
            thread = list(self._calls)[-1]
        if thread in self._calls:
            call = self._calls[thread]
            call.finish(sequences)
            del self._calls[thread]
            self._reports = call.reports
        return list(self._reports)

    def _begin(self, input_ids: Tensor, scores: Tensor) -> GuardedCall:
        mask, self._attention_mask = self._attention_mask, None
        self._reports = []
        gate = HostGate[int](self._pair, self._audit)
        return GuardedCall(gate, input_ids, scores, mask, self._pad_token_id)

    def _finish_over(self) -> None:
        """Finish the calls that are over: this thread's, and those of threads that have ended."""
        for thread in list(self._calls):
            if thread is threading.current_thread() or not thread.is_alive():
                self._calls.pop(thread).finish()


def _finish_all(calls: dict[threading.Thread, GuardedCall]) -> None:
    while calls:
        calls.popitem()[1].finish()


def _pad_token_id(pair: Pair) -> int | None:
    """Return what `generate` pads with: the base's padding token, else its end."""
    base: Any = pair.base
    for source in (getattr(base, "tokenizer", None), getattr(base, "model", None)):
        found = getattr(getattr(source, "generation_config", source), "pad_token_id", None)
        if found is not None:
            return int(found)
    return min(pair.base.eos_token_ids, default=None)
