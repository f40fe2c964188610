"""The one decode loop, and the arithmetic of its steps."""

from ngsd_guard.decoding._guidance import Guidance, Judgement, Steering
from ngsd_guard.decoding._mixing import candidate_mask, mix_top_k
from ngsd_guard.decoding._request import Ended, Event, Rated, Request, TokenConstraint
from ngsd_guard.decoding._sampling import choose_token, gumbel_noise
from ngsd_guard.decoding._schedule import Schedule, Ticket
from ngsd_guard.decoding._text import TextStream

__all__ = [
    "Ended",
    "Event",
    "Guidance",
    "Judgement",
    "Rated",
    "Request",
    "Schedule",
    "Steering",
    "TextStream",
    "Ticket",
    "TokenConstraint",
    "candidate_mask",
    "choose_token",
    "gumbel_noise",
    "mix_top_k",
]
