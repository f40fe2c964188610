"""Guarding answers that other decoders make: their rows, and the base's logits of each."""

from ngsd_guard.hosting._conversation import ConversationReader, Recovered
from ngsd_guard.hosting._gate import HostGate, HostRow
from ngsd_guard.hosting._rating import RiskSource
from ngsd_guard.hosting._sequence import RowOptions, RowReport
from ngsd_guard.hosting._vocabulary import check_tokenizer

__all__ = [
    "ConversationReader",
    "HostGate",
    "HostRow",
    "Recovered",
    "RiskSource",
    "RowOptions",
    "RowReport",
    "check_tokenizer",
]
