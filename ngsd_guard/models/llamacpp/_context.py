"""A context of llama.cpp: the memory of its sequences, and batches that are read into it."""

import ctypes
import threading
import weakref
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor

from ngsd_guard.errors import ContextOverflowError, DecodingError, ModelLoadError
from ngsd_guard.models.llamacpp._library import lib, quiet_library
from ngsd_guard.models.llamacpp._weights import Adapter, Weights

NUM_TOKENS: Final = 8_192
"""Tokens that all sequences of a context hold together."""
_NUM_SEQUENCES: Final = 128
_BATCH: Final = 256
_AT_ONCE: Final = 32
"""Tokens that the library computes at once. From 64 on its CPU code attends by another kernel,
which changed the logits of SmolLM2 by up to 0.7: an answer would depend on what is read beside
it."""
_NO_ROOM: Final = 1  # what llama_decode returns where no cells are free


class SequencePlace:
    """A place for one sequence; given back when nobody holds it any more."""

    __slots__ = ("__weakref__", "id")

    def __init__(self, sequence_id: int, returned: "deque[int]") -> None:
        self.id = sequence_id
        finalizer = weakref.finalize(self, returned.append, sequence_id)
        finalizer.atexit = False


@dataclass(frozen=True, slots=True)
class Row:
    """Tokens to read at the end of a sequence."""

    sequence_id: int
    start: int
    """Position of the first."""
    token_ids: Sequence[int]
    num_logits: int
    """At how many of the last positions to predict."""


class NoRoomError(Exception):
    """The sequences fill the context's memory."""


class Context:
    """The sequences of one model in llama.cpp's memory; safe to share between threads.

    Args:
        weights: what reads.
        adapter: on them; None for the weights alone.
        num_tokens: tokens that all sequences hold together.
        num_threads: that compute; None for those that torch uses.

    Raises:
        ModelLoadError: memory is too short, or the adapter cannot be used.
    """

    def __init__(
        self,
        weights: Weights,
        adapter: Adapter | None = None,
        *,
        num_tokens: int = NUM_TOKENS,
        num_threads: int | None = None,
    ) -> None:
        self.weights = weights
        self.num_tokens = num_tokens
        self.lock = threading.RLock()
        self._adapter = adapter  # kept alive
        self._pointer = self._create(num_threads or torch.get_num_threads())
        self._memory = lib.llama_get_memory(self._pointer)
        self._batch = _Batch(_BATCH)
        self._free = list(reversed(range(_NUM_SEQUENCES)))
        self._returned: deque[int] = deque()
        self._held: dict[int, int] = {}  # tokens of each sequence; shared ones count for each
        self._releases: list[weakref.WeakMethod[Callable[[], None]]] = []
        self._warm_up()

    def _create(self, num_threads: int) -> Any:
        params = lib.llama_context_default_params()
        params.n_ctx = self.num_tokens
        params.n_batch, params.n_ubatch = _BATCH, _AT_ONCE
        params.n_seq_max = _NUM_SEQUENCES
        # What the library reserves memory for; its own minimum is one per sequence.
        params.n_outputs_max, params.n_outputs_max_per_seq = _NUM_SEQUENCES, 0
        params.n_threads = params.n_threads_batch = num_threads
        params.kv_unified = True  # sequences share what they have in common
        params.swa_full = True  # so that a sliding window can be rolled back
        params.no_perf = True
        with quiet_library() as log:
            pointer = lib.llama_init_from_model(self.weights.pointer, params)
        if not pointer:
            raise ModelLoadError(
                self.weights.label,
                f"llama.cpp has no context for it ({(log or ['no reason given'])[0]}); free memory "
                "for the keys and values",
            )
        # The weights are an argument so that they are freed after it.
        weakref.finalize(self, _free_context, pointer, self.weights)
        if self._adapter is not None:
            pointers = (lib.llama_adapter_lora_p_ctypes * 1)(self._adapter.pointer)
            with quiet_library():
                status = lib.llama_set_adapters_lora(
                    pointer, pointers, 1, (ctypes.c_float * 1)(1.0)
                )
            if status != 0:
                raise ModelLoadError(self.weights.label, "llama.cpp does not take its adapter")
        return pointer

    def _warm_up(self) -> None:
        """Read a token, since the library reserves its memory, and logs it, at the first."""
        with quiet_library():
            self.read([Row(0, 0, [0], 1)], self.weights.vocab_size)
            self.cut(0, 0)

    def when_full(self, release: Callable[[], None]) -> None:
        """Register a method that frees sequences; called when the context is full."""
        self._releases = [known for known in self._releases if known() is not None]
        self._releases.append(weakref.WeakMethod(release))

    def new_sequence(self) -> SequencePlace:
        """Return an empty sequence.

        Raises:
            DecodingError: all are in use.
        """
        with self.lock:
            if not self._free:
                self._collect()
            if not self._free:
                self._release()
            if not self._free:
                raise DecodingError(
                    f"all {_NUM_SEQUENCES} sequences of {self.weights.label!r} are in use; send "
                    "fewer requests at once, or lower max_batch_size"
                )
            return SequencePlace(self._free.pop(), self._returned)

    def copy(self, source: SequencePlace, num_tokens: int) -> SequencePlace:
        """Return a sequence of another's first tokens; the two share memory."""
        with self.lock:
            target = self.new_sequence()
            if num_tokens > 0:
                lib.llama_memory_seq_cp(self._memory, source.id, target.id, 0, num_tokens)
            self._held[target.id] = num_tokens
            return target

    def cut(self, sequence_id: int, num_tokens: int) -> None:
        """Remove all but a sequence's first tokens."""
        with self.lock:
            lib.llama_memory_seq_rm(self._memory, sequence_id, num_tokens, -1)
            self._held[sequence_id] = num_tokens

    def read(self, rows: Sequence[Row], vocab_size: int) -> Tensor:
        """Read tokens at the ends of sequences.

        Args:
            rows: of different sequences. Where this fails, their sequences are as before.
            vocab_size: width of the logits.

        Returns:
            [logits of all rows, vocab], float32, in the rows' order.

        Raises:
            ContextOverflowError: the tokens do not fit.
            DecodingError: the library failed.
        """
        with self.lock:
            self._collect()
            num_new = sum(len(row.token_ids) for row in rows)
            if sum(self._held.values()) + num_new <= self.num_tokens:
                return self._read(rows, vocab_size)
            try:
                with quiet_library():  # it logs when the context is full
                    return self._read(rows, vocab_size)
            except NoRoomError:
                self._release()
            try:
                with quiet_library():
                    return self._read(rows, vocab_size)
            except NoRoomError:
                needed = sum(row.start + len(row.token_ids) for row in rows)
                raise ContextOverflowError(
                    needed, self.num_tokens, what=f"{self.weights.label!r} for all requests at once"
                ) from None

    def _read(self, rows: Sequence[Row], vocab_size: int) -> Tensor:
        num_logits = sum(row.num_logits for row in rows)
        logits = torch.empty(num_logits, vocab_size, dtype=torch.float32)
        start = 0
        try:
            for piece in _pieces(rows):
                start += self._decode(piece, logits[start:])
        except BaseException:
            for row in rows:
                self.cut(row.sequence_id, row.start)
            raise
        for row in rows:
            self._held[row.sequence_id] = row.start + len(row.token_ids)
        return logits

    def _decode(self, piece: "_Piece", logits: Tensor) -> int:
        """Read up to a batch of tokens; return how many logits were written."""
        status = lib.llama_decode(self._pointer, self._batch.fill(piece))
        if status == _NO_ROOM:
            raise NoRoomError
        if status != 0:
            raise DecodingError(
                f"llama.cpp returned {status} while {self.weights.label!r} read "
                f"{len(piece.token_ids)} tokens; use backend='transformers'"
            )
        number = sum(piece.wanted)
        if number > 0:
            pointer = lib.llama_get_logits(self._pointer)
            found = np.ctypeslib.as_array(pointer, shape=(number, self.weights.vocab_size))
            logits[:number] = torch.from_numpy(found)[:, : logits.shape[1]]
        return number

    def _collect(self) -> None:
        """Empty the sequences that were given back, from whatever thread."""
        while self._returned:
            sequence_id = self._returned.popleft()
            self.cut(sequence_id, 0)
            self._free.append(sequence_id)

    def _release(self) -> None:
        """Let those who keep sequences for later give them up."""
        for release in [known() for known in self._releases]:
            if release is not None:
                release()
        self._collect()


def _free_context(pointer: Any, _weights: Weights) -> None:
    with quiet_library():
        lib.llama_free(pointer)


@dataclass(slots=True)
class _Piece:
    """Up to a batch of tokens, in the order they are read."""

    token_ids: list[int]
    positions: list[int]
    sequence_ids: list[int]
    wanted: list[bool]


def _pieces(rows: Sequence[Row]) -> Iterator[_Piece]:
    """Cut what is to be read into batches, of no more logits than the library reserves."""
    piece, num_wanted = _Piece([], [], [], []), 0
    for row in rows:
        first_wanted = len(row.token_ids) - row.num_logits
        for index, token_id in enumerate(row.token_ids):
            wanted = index >= first_wanted
            if len(piece.token_ids) == _BATCH or num_wanted + wanted > _NUM_SEQUENCES:
                yield piece
                piece, num_wanted = _Piece([], [], [], []), 0
            piece.token_ids.append(token_id)
            piece.positions.append(row.start + index)
            piece.sequence_ids.append(row.sequence_id)
            piece.wanted.append(wanted)
            num_wanted += wanted
    if piece.token_ids:
        yield piece


class _Batch:
    """The library's form of a batch, over arrays that are filled again for each."""

    def __init__(self, size: int) -> None:
        self._tokens = np.zeros(size, dtype=np.int32)
        self._positions = np.zeros(size, dtype=np.int32)
        self._num_sequences = np.ones(size, dtype=np.int32)
        self._sequence_ids = np.zeros(size, dtype=np.int32)
        self._wanted = np.zeros(size, dtype=np.int8)
        address, width = self._sequence_ids.ctypes.data, self._sequence_ids.itemsize
        self._places = (address + width * np.arange(size)).astype(np.uintp)

    def fill(self, piece: _Piece) -> Any:
        number = len(piece.token_ids)
        self._tokens[:number] = piece.token_ids
        self._positions[:number] = piece.positions
        self._sequence_ids[:number] = piece.sequence_ids
        self._wanted[:number] = piece.wanted
        batch = lib.llama_batch()
        batch.n_tokens = number
        for field, array in (
            ("token", self._tokens),
            ("pos", self._positions),
            ("n_seq_id", self._num_sequences),
            ("seq_id", self._places),
            ("logits", self._wanted),
        ):
            kind = dict(lib.llama_batch._fields_)[field]
            setattr(batch, field, ctypes.cast(array.ctypes.data, kind))
        return batch
