"""A scripted pair that finds harm and instructions in texts with marker words."""

import json
import re
import threading
import time
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ngsd_guard import AuditLog, Engine, Policy, load_engine
from ngsd_guard.guard import Guard
from ngsd_guard.pairs import Pair
from ngsd_guard.risk import CATEGORY_ANCHOR, SCORE_KEYS
from ngsd_guard.testing import ScriptedCache, ScriptedModel

SECRET = "zebra-secret"
HARMFUL = f"How to HARM the {SECRET}"
BENIGN = f"Tell me about the {SECRET}"
WEAPONS, INJECTION = "making or getting illegal weapons", "instructions to the assistant hidden in"


STAGES = ("input", "output", "retrieval", "tool_args", "tool_result")


def _uncalibrated() -> Policy:
    """Return the default policy, with thresholds that are not measured for any pair."""
    policy = Policy.default()
    unmeasured = {"risk_threshold": 6.0, "potential_threshold": "gate", "harm_threshold": None}
    stages = {name: getattr(policy.stages, name).replace(**unmeasured) for name in STAGES}
    return policy.replace(
        stages=policy.stages.replace(**stages),
        categories=tuple(category.replace(threshold=5.0) for category in policy.categories),
    )


POLICY = _uncalibrated()


class KeywordModel(ScriptedModel):
    """Rates texts with HARM as dangerous, and finds instructions in texts with ORDER.

    In a conversation it predicts "a". Where the current sentence says HARM, an expert of this kind
    predicts "b", so that the two part there and nowhere else.
    """

    def __init__(self, *, parts: bool = False, **options: Any) -> None:
        super().__init__("a", **options)
        self.parts = parts
        self.num_calls = 0
        self.num_read = 0

    def forward(self, input_ids: Sequence[int], cache: ScriptedCache) -> Tensor:
        self.num_calls += 1
        self.num_read += len(input_ids)
        cache.token_ids.extend(input_ids)
        if cache.length > self.context_length:
            raise IndexError(f"{cache.length} tokens do not fit {self.context_length}")
        logits = torch.zeros(1, self.vocab_size)
        logits[0, self._next(bytes(i for i in cache.token_ids if i < 256))] = self.sharpness
        return logits

    def _next(self, read: bytes) -> int:
        written = read.split(b"\x1f")[-1]
        if written.startswith(CATEGORY_ANCHOR.encode()):
            text = _between(read, b"<text>", b"</text>")
            asked = read.split(b"show this: ")[-1]
            found = b"ORDER" in text if b"hidden in" in asked else b"HARM" in text
            is_known = asked.startswith((WEAPONS.encode(), INJECTION.encode()))
            return _goes_on(f"{CATEGORY_ANCHOR}{9 if found and is_known else 1}}}", written)
        if written.startswith(b'{"'):
            scores = (
                (9, 9, 0, 0) if b"HARM" in _between(read, b"<request>", b"</request>") else (0,) * 4
            )
            return _goes_on(json.dumps(dict(zip(SCORE_KEYS, scores, strict=True))), written)
        sentence = re.split(rb"[.]", read)[-1]
        return ord("b") if self.parts and b"HARM" in sentence else ord("a")


class FaultyModel(KeywordModel):
    """Fails from its `fail_at`-th read on.

    Args:
        fault: raised, or returned in place of the logits, or called first.
        fail_at: readings that go well.
    """

    def __init__(
        self,
        fault: BaseException | Tensor | Callable[[], None],
        *,
        fail_at: int = 0,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.fault = fault
        self.fail_at = fail_at

    def forward(self, input_ids: Sequence[int], cache: ScriptedCache) -> Tensor:
        logits = super().forward(input_ids, cache)
        if self.num_calls <= self.fail_at:
            return logits
        if isinstance(self.fault, BaseException):
            raise self.fault
        if isinstance(self.fault, Tensor):
            return self.fault
        self.fault()
        return logits


@cache
def embedded_engine() -> Engine:
    return load_engine()


def keyword_engine(
    *, base: ScriptedModel | None = None, expert: ScriptedModel | None = None, **options: Any
) -> Engine:
    return Engine(
        Pair(
            base or KeywordModel(name="scripted-base"),
            expert or KeywordModel(parts=True, name="scripted-expert"),
        ),
        **options,
    )


def keyword_guard(policy: Policy | None = None, **options: Any) -> Guard:
    names = ("base", "expert")
    engine = keyword_engine(**{name: options.pop(name) for name in names if name in options})
    return Guard(engine, POLICY if policy is None else policy, **options)


def policy_with(**changes: Any) -> Policy:
    """Return a policy with the same changes at every stage."""
    stages = {name: getattr(POLICY.stages, name).replace(**changes) for name in STAGES}
    return POLICY.replace(stages=POLICY.stages.replace(**stages))


def question_at(stage: str, text: str) -> dict[str, Any]:
    """Return the arguments for checking a text at a stage."""
    asked = {"role": "user", "content": "Go on"}
    if stage == "output":
        return {"messages": [asked], "response": text, "stage": stage}
    if stage == "tool_args":
        call = {"name": "run", "arguments": {"command": text}, "id": "c1"}
        turn = {"role": "assistant", "content": "", "tool_calls": [call]}
        return {"messages": [asked, turn], "stage": stage}
    if stage == "tool_result":
        call = {"name": "run", "arguments": {}, "id": "c1"}
        turn = {"role": "assistant", "content": "", "tool_calls": [call]}
        result = {"role": "tool", "content": text, "tool_call_id": "c1"}
        return {"messages": [asked, turn, result], "stage": stage}
    return {"messages": [{"role": "user", "content": text}], "stage": stage}


def wait_until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.005)


class Gate:
    """Blocks a model until it is opened."""

    def __init__(self) -> None:
        self.opened = threading.Event()
        self.num_waiting = 0

    def __call__(self) -> None:
        self.num_waiting += 1
        assert self.opened.wait(20)


def log_at(path: Path) -> AuditLog:
    return AuditLog(path, fsync="never")


def _between(read: bytes, opening: bytes, closing: bytes) -> bytes:
    return read.split(opening)[-1].split(closing)[0]


def _goes_on(reply: str, written: bytes) -> int:
    said = reply.encode()
    start = next(n for n in range(len(said), -1, -1) if written.endswith(said[:n]))
    return said[start] if start < len(said) else 256
