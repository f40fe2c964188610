"""Test doubles for programs that use this package: a guarded pair with scripted replies."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, Self

import torch
from torch import Tensor

from ngsd_guard.audit import AuditLog
from ngsd_guard.config import NGSDConfig
from ngsd_guard.engine import Engine
from ngsd_guard.pairs import Calibration, Pair
from ngsd_guard.protocols import Branches
from ngsd_guard.risk import CATEGORY_ANCHOR, SCORE_KEYS
from ngsd_guard.rows import SeparateRows, branches_of_rows
from ngsd_guard.types import Message

_EOS: Final = 256
_TURN, _SPEAKS = "\x1e", "\x1f"


class ScriptedCache:
    """The tokens a scripted model has read."""

    def __init__(self, token_ids: Sequence[int] = ()) -> None:
        self.token_ids = list(token_ids)

    @property
    def length(self) -> int:
        """Number of tokens read."""
        return len(self.token_ids)

    def can_roll_back(self, num_new: int = 0) -> bool:
        """Whether the cache can roll back; always true."""
        return True

    def roll_back(self, num_tokens: int) -> None:
        """Remove the last `num_tokens` tokens."""
        del self.token_ids[len(self.token_ids) - num_tokens :]

    def fork(self) -> Self:
        """Return an independent copy."""
        return type(self)(self.token_ids)


class ScriptedModel:
    """A byte-level model that gives the same reply to every prompt.

    If the answer so far is not a prefix of the reply, the model starts the reply again, like an
    expert that refuses in the middle of an answer. When asked to rate a request or a category, it
    returns its scores.

    Args:
        reply: the reply to every prompt.
        scores: severity, actionability, evasion and targeting of every request.
        category_score: score of every text in every category, 0 to 10.
        name: name used in logs and errors.
        sharpness: logit of the next byte of the reply; all other logits are 0.
        context_length: maximum number of tokens.
    """

    vocab_size = 257
    eos_token_ids = frozenset([_EOS])

    def __init__(
        self,
        reply: str,
        *,
        scores: tuple[int, int, int, int] = (0, 0, 0, 0),
        category_score: int = 0,
        name: str = "scripted",
        sharpness: float = 30.0,
        context_length: int = 8_192,
    ) -> None:
        self.reply = reply
        self.scores = scores
        self.category_score = category_score
        self.name = name
        self.sharpness = sharpness
        self.context_length = context_length

    @property
    def weights_digest(self) -> str:
        """Identifies the replies; hexadecimal."""
        said = (self.reply, self.scores, self.category_score, self.sharpness)
        return hashlib.sha256(repr(said).encode()).hexdigest()

    tokenizer_digest = "0" * 64
    num_parameters = 1

    def new_cache(self) -> SeparateRows[ScriptedCache]:
        """Return an empty cache with one row."""
        return SeparateRows([ScriptedCache()])

    def adapts(self, base: object) -> bool:
        """Whether this is an adapter; always false."""
        return False

    def read(
        self,
        input_ids: Sequence[Sequence[int]] | Tensor,
        cache: SeparateRows[ScriptedCache],
        *,
        num_logits: int = 1,
        num_base_rows: int = 0,
        branches: Branches = (),
    ) -> Tensor:
        """Read tokens and return the logits of those that follow; [rows, num_logits, 257]."""
        rows = []
        own_branches = branches_of_rows(branches, len(cache.rows))
        for new_ids, own, row in zip(input_ids, own_branches, cache.rows, strict=True):
            ids = [int(token_id) for token_id in new_ids]
            num_new = len(ids) - len(own)
            split = len(ids) - num_logits + 1
            parts = [ids[:split], *([token_id] for token_id in ids[split:num_new])]
            logits = [self.forward(part, row) for part in parts]
            for index, token_id in zip(own, ids[num_new:], strict=True):
                fork = row.fork()
                fork.roll_back(num_new - index - 1)
                logits.append(self.forward([token_id], fork))
            rows.append(torch.cat(logits))
        return torch.stack(rows)

    def forward(self, input_ids: Sequence[int], cache: ScriptedCache) -> Tensor:
        """Read tokens of one request and return the next token's logits; [1, 257], float32."""
        cache.token_ids.extend(input_ids)
        written = bytes(i for i in cache.token_ids if i != _EOS).split(_SPEAKS.encode())[-1]
        logits = torch.zeros(1, self.vocab_size)
        logits[0, self._next_token(written)] = self.sharpness
        return logits

    def encode(self, text: str) -> list[int]:
        """Return the bytes of a text."""
        return list(text.encode())

    def encode_chat(
        self, messages: Sequence[Message], tools: Sequence[Mapping[str, Any]] = ()
    ) -> list[int]:
        """Return the bytes of a conversation; a final assistant message is left open."""
        turns = [f"{turn['role']}{_SPEAKS}{turn['content']}" for turn in messages]
        if tools:
            turns.insert(0, f"tools{_SPEAKS}{json.dumps(list(tools))}")
        if messages[-1]["role"] != "assistant":
            turns.append(f"assistant{_SPEAKS}")
        return self.encode(_TURN.join(turns))

    def decode(self, token_ids: Sequence[int]) -> str:
        """Return the text of bytes."""
        return bytes(i for i in token_ids if i != _EOS).decode(errors="replace")

    def neutralise(self, text: str) -> str:
        """Return the text without the bytes that separate turns."""
        return text.replace(_TURN, "").replace(_SPEAKS, "")

    def _next_token(self, written: bytes) -> int:
        reply = self.reply.encode()
        if written.startswith(CATEGORY_ANCHOR.encode()):
            reply = f"{CATEGORY_ANCHOR}{self.category_score}}}".encode()
        elif written.startswith(b'{"'):
            reply = json.dumps(dict(zip(SCORE_KEYS, self.scores, strict=True))).encode()
        said = next(n for n in range(len(reply), -1, -1) if written.endswith(reply[:n]))
        return reply[said] if said < len(reply) else _EOS


def scripted_engine(
    base_reply: str = "Sure, here is how.",
    expert_reply: str = "I'm sorry, but I can't help with that.",
    *,
    scores: tuple[int, int, int, int] = (9, 9, 0, 0),
    category_score: int = 0,
    config: NGSDConfig | None = None,
    audit: AuditLog | None = None,
    calibration: Calibration | None = None,
) -> Engine:
    """Return an engine whose base and expert each give one reply to every prompt.

    Args:
        base_reply: the base's reply.
        expert_reply: the expert's reply.
        scores: severity, actionability, evasion and targeting the base gives every request.
        category_score: score the base gives every text in every category, 0 to 10.
        config: options; None for the preset `default`.
        audit: log that records every request.
        calibration: replaces the options of gate and reflection.
    """
    return Engine(
        Pair(
            ScriptedModel(
                base_reply, scores=scores, category_score=category_score, name="scripted-base"
            ),
            ScriptedModel(expert_reply, name="scripted-expert"),
            config,
            calibration=calibration,
        ),
        audit=audit,
    )
