"""The one decode loop, and the arithmetic of its steps."""

from ngsd_guard.decoding._loop import Decoder, decode
from ngsd_guard.decoding._mixing import candidate_mask, mix_top_k
from ngsd_guard.decoding._request import DecodeRequest, Ended, TokenConstraint
from ngsd_guard.decoding._sampling import choose_token, gumbel_noise
from ngsd_guard.decoding._text import TextStream

__all__ = [
    "DecodeRequest",
    "Decoder",
    "Ended",
    "TextStream",
    "TokenConstraint",
    "candidate_mask",
    "choose_token",
    "decode",
    "gumbel_noise",
    "mix_top_k",
]
