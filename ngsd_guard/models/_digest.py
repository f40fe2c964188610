"""Digests of weights and tokenizers, cheap enough to compute at every load."""

import hashlib
import json
from collections.abc import Hashable, Iterable, Mapping
from typing import Any, Final

import torch
from torch import Tensor

_NUM_SAMPLES: Final = 4_096  # values of each tensor that are hashed in order
_CHUNK: Final = 1 << 24  # values converted to float32 at a time


def weights_digest(tensors: Iterable[tuple[str, Tensor]]) -> str:
    """Return a digest of named weights, hexadecimal.

    It combines a checksum of all values with a hash of evenly spaced ones, so it detects
    retraining but not deliberate forgery. Values are converted to float32 first, so that the
    digest of a bfloat16 file does not depend on the dtype it is loaded in.
    """
    digest = hashlib.sha256()
    for name, tensor in sorted(tensors, key=lambda named: named[0]):
        values = tensor.detach().reshape(-1)
        chunks = torch.split(values, _CHUNK)
        checksum = sum(map(_checksum, chunks)) % 2**64
        sample = values[:: max(len(values) // _NUM_SAMPLES, 1)].float().cpu()
        digest.update(f"{name} {tuple(tensor.shape)} {checksum};".encode())
        digest.update(sample.numpy().tobytes())
    return digest.hexdigest()


class DigestMemo:
    """The digest of one model's weights, taken again only when they have changed."""

    def __init__(self) -> None:
        self._known: tuple[Hashable, str] | None = None

    def digest(self, tensors: Mapping[str, Tensor]) -> str:
        """Return `weights_digest` of named weights.

        Args:
            tensors: alive as long as this object; changed in place through PyTorch, whose count of
                changes is what is looked at.
        """
        state = tuple((name, t.data_ptr(), _num_changes(t)) for name, t in tensors.items())
        if self._known is None or self._known[0] != state:
            self._known = state, weights_digest(tensors.items())
        return self._known[1]


def tokenizer_digest(tokenizer: Any, chat_template: str) -> str:
    """Return a digest of a tokenizer's rules, or of its vocabulary if the rules are unavailable."""
    backend = getattr(tokenizer, "backend_tokenizer", None)
    rules = (
        json.dumps(tokenizer.get_vocab(), sort_keys=True) if backend is None else backend.to_str()
    )
    return hashlib.sha256(f"{rules}\0{chat_template}".encode()).hexdigest()


def _checksum(values: Tensor) -> int:
    return int(values.float().view(torch.int32).sum(dtype=torch.int64))  # order-independent


def _num_changes(tensor: Tensor) -> int:
    return 0 if tensor.is_inference() else tensor._version
