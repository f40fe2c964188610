"""A stand-in for llama-cpp-python: the memory of sequences, without weights.

What it predicts is drawn from all tokens of a sequence, so that a token at a wrong position, in a
wrong sequence, or left behind by a rollback changes every prediction that follows it.
"""

import ctypes
from collections.abc import Sequence
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np


class Batch(ctypes.Structure):
    """The fields of `llama_batch` that are used."""

    _fields_ = (
        ("n_tokens", ctypes.c_int32),
        ("token", ctypes.POINTER(ctypes.c_int32)),
        ("pos", ctypes.POINTER(ctypes.c_int32)),
        ("n_seq_id", ctypes.POINTER(ctypes.c_int32)),
        ("seq_id", ctypes.POINTER(ctypes.POINTER(ctypes.c_int32))),
        ("logits", ctypes.POINTER(ctypes.c_int8)),
    )


def predict(token_ids: Sequence[int], vocab_size: int) -> np.ndarray:
    """Return [vocab], float32: what follows some tokens."""
    return np.random.default_rng(list(token_ids)).standard_normal(vocab_size).astype(np.float32)


class FakeLibrary:
    """The functions of `llama_cpp.llama_cpp` that contexts call.

    Args:
        vocab_size: width of the logits.
    """

    llama_batch = Batch
    llama_log_callback = ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p)

    def __init__(self, vocab_size: int) -> None:
        self.vocab_size = vocab_size
        self.num_cells = 0
        self.sequences: dict[int, list[int]] = {}
        self.batches: list[int] = []
        """Tokens of each batch read."""
        self.num_freed = 0
        self.failures: list[int] = []
        """What the next batches return instead of being read."""
        self.system_info = b"CPU : AVX2 = 1 | "
        self._logits = np.zeros((0, vocab_size), dtype=np.float32)

    def llama_backend_init(self) -> None:
        """Do nothing."""

    def llama_print_system_info(self) -> bytes:
        """Return what it was compiled for."""
        return self.system_info

    def llama_log_get(self, callback: Any, user_data: Any) -> None:
        """Do nothing."""

    def llama_log_set(self, callback: Any, user_data: Any) -> None:
        """Do nothing."""

    def llama_context_default_params(self) -> SimpleNamespace:
        """Return options to be filled."""
        return SimpleNamespace()

    def llama_init_from_model(self, model: Any, params: SimpleNamespace) -> int:
        """Return a context of `n_ctx` cells."""
        self.num_cells = params.n_ctx
        return 1

    def llama_get_memory(self, context: int) -> int:
        """Return its memory."""
        return 1

    def llama_free(self, context: int) -> None:
        """Count."""
        self.num_freed += 1

    def llama_memory_seq_cp(self, _: int, source: int, target: int, start: int, end: int) -> None:
        """Copy a sequence's tokens."""
        assert not self.sequences.get(target), "the target still holds tokens"
        self.sequences[target] = self.sequences.get(source, [])[start:end]

    def llama_memory_seq_rm(self, _: int, sequence: int, start: int, end: int) -> bool:
        """Remove a sequence's tokens from `start` on."""
        assert end == -1
        self.sequences[sequence] = self.sequences.get(sequence, [])[:start]
        return True

    def llama_decode(self, context: int, batch: Batch) -> int:
        """Read a batch; as the library, 1 where there is no room."""
        number = batch.n_tokens
        if self.failures:
            return self.failures.pop(0)
        if sum(map(len, self.sequences.values())) + number > self.num_cells:
            return 1
        rows = []
        for index in range(number):
            held = self.sequences.setdefault(batch.seq_id[index][0], [])
            assert batch.n_seq_id[index] == 1
            assert batch.pos[index] == len(held), "a token is not at the end of its sequence"
            held.append(batch.token[index])
            if batch.logits[index]:
                rows.append(predict(held, self.vocab_size))
        self.batches.append(number)
        self._logits = np.ascontiguousarray(rows, dtype=np.float32)
        return 0

    def llama_get_logits(self, context: int) -> Any:
        """Return the last batch's logits."""
        return self._logits.ctypes.data_as(ctypes.POINTER(ctypes.c_float))


def as_package(library: FakeLibrary) -> ModuleType:
    """Return a module to stand in for `llama_cpp`."""
    package = ModuleType("llama_cpp")
    package.llama_cpp = library  # type: ignore[attr-defined]
    return package
