"""Byte-level fake models that count calls, fail, or have known logits."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ngsd_guard import GateConfig, NGSDConfig, RiskScores
from ngsd_guard.decoding import Ended, Event, Request, Schedule
from ngsd_guard.pairs import Pair
from ngsd_guard.testing import ScriptedCache, ScriptedModel

EOS = 256
VOCAB_SIZE = 257
USER = [{"role": "user", "content": "Tell me about foxes."}]
SILENT = NGSDConfig(gate=GateConfig(v_threshold=1e9))
EAGER = NGSDConfig(gate=GateConfig(v_threshold=1e-9))  # fires at any distance


class CountingModel(ScriptedModel):
    """Records the lengths of its inputs, and raises past its context."""

    def __init__(self, reply: str = "Sure.", **options: Any) -> None:
        super().__init__(reply, **options)
        self.lengths: list[int] = []

    @property
    def num_calls(self) -> int:
        return len(self.lengths)

    @property
    def num_tokens_read(self) -> int:
        return sum(self.lengths)

    def forward(self, input_ids: Sequence[int], cache: ScriptedCache) -> Tensor:
        self.lengths.append(len(input_ids))
        logits = super().forward(input_ids, cache)
        if cache.length > self.context_length:
            raise IndexError(f"{cache.length} tokens do not fit {self.context_length}")
        return logits


class FunctionModel(CountingModel):
    """Predicts with a function of all tokens read so far."""

    def __init__(self, logits_of: Callable[[list[int]], Tensor], **options: Any) -> None:
        super().__init__("", **options)
        self.logits_of = logits_of

    def forward(self, input_ids: Sequence[int], cache: ScriptedCache) -> Tensor:
        super().forward(input_ids, cache)
        return self.logits_of(cache.token_ids)[None]


def random_logits(seed: int, *, scale: float = 3.0) -> Callable[[list[int]], Tensor]:
    """Return logits that look random but depend only on the seed and the last three tokens."""

    def logits_of(token_ids: list[int]) -> Tensor:
        key = seed
        for token_id in token_ids[-3:]:
            key = key * 1_000_003 + token_id + 1
        generator = torch.Generator().manual_seed(key % 2**63)
        logits = scale * torch.randn(VOCAB_SIZE, generator=generator)
        logits[EOS] = -100.0  # answers of full length
        return logits

    return logits_of


class FailingModel(ScriptedModel):
    """Answers like a scripted model up to a given answer token, then fails.

    Args:
        reply: the reply.
        fail_at: index of the answer token that cannot be predicted.
        fault: logits to return instead, or exception to raise.
    """

    def __init__(self, reply: str, *, fail_at: int, fault: Tensor | Exception, **options: Any):
        super().__init__(reply, **options)
        self.fail_at = fail_at
        self.fault = fault

    def forward(self, input_ids: Sequence[int], cache: ScriptedCache) -> Tensor:
        logits = super().forward(input_ids, cache)
        written = bytes(i for i in cache.token_ids if i != EOS).split(b"\x1f")[-1]
        is_rating = written.startswith(b'{"') or (
            b"<request>" in bytes(i for i in cache.token_ids if i != EOS)
        )
        if is_rating or len(written) != self.fail_at:
            return logits
        if isinstance(self.fault, Exception):
            raise self.fault
        return self.fault


def logits_with(**changes: float) -> Tensor:
    """Return flat logits with some changed: `logits_with(t0=float("nan"))`."""
    logits = torch.zeros(1, VOCAB_SIZE)
    for name, value in changes.items():
        logits[0, int(name.removeprefix("t"))] = value
    return logits


def random_probs(*shape: int, seed: int, scale: float = 3.0) -> Tensor:
    """Return random distributions, [*shape], float32."""
    generator = torch.Generator().manual_seed(seed)
    return (scale * torch.randn(*shape, generator=generator)).softmax(dim=-1)


def read_records(path: Path) -> list[dict[str, Any]]:
    """Return the requests and verdicts of an audit log."""
    return [record for record in read_all(path) if record["kind"] in ("request", "verdict")]


def read_all(path: Path) -> list[dict[str, Any]]:
    """Return all records of an audit log's newest file."""
    data = path.read_bytes()
    assert data == b"" or data.endswith(b"\n")
    return [json.loads(line) for line in data.split(b"\n")[:-1]]


def constant(**probs: float) -> FunctionModel:
    """Return a model that always predicts these probabilities."""
    logits = torch.full((VOCAB_SIZE,), -torch.inf)
    for name, value in probs.items():
        logits[int(name.removeprefix("t"))] = torch.tensor(value).log()
    return FunctionModel(lambda _: logits)


def rated(alpha: float) -> RiskScores:
    """Return a rating that guides spikes as strongly as given."""
    return RiskScores(0.0, 0.0, 0.0, 0.0, risk=0.0, alpha=alpha, confidence=1.0)


def decode(pair: Pair, requests: Sequence[Request]) -> list[list[Event]]:
    """Return the events of each request, all decoded side by side."""
    schedule = Schedule(pair)
    tickets = [schedule.add(request) for request in requests]
    found: list[list[Event]] = []
    for ticket in tickets:
        events: list[Event] = []
        while not events or not isinstance(events[-1], Ended):
            events.append(schedule.next_event(ticket))
        found.append(events)
    return found
