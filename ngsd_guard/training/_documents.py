"""Dressed requests as token ids, ready to be answered or refused."""

from collections import Counter
from dataclasses import dataclass, replace
from random import Random
from typing import Any, Literal

from ngsd_guard.errors import ConfigurationError
from ngsd_guard.training._clothes import Clothes, draw_clothes, messages_of, opening_of
from ngsd_guard.training._recipe import ExpertRecipe
from ngsd_guard.training._requests import Request, TrainingData, Wrapping

_SHORT_START = 12
_LONG_START_SHARE = 0.35
PoolName = Literal["harmful", "benign", "lookalikes"]


@dataclass(frozen=True, slots=True)
class Document:
    """A dressed request, and how far its answer has come."""

    request: Request
    clothes: Clothes
    pool: PoolName
    index: int
    """Of the request in its pool."""
    prompt_ids: list[int]
    """The conversation up to the answer, [prompt]."""
    stub_ids: list[int]
    """A written opening of the answer, [stub]; may be empty."""
    sampled_tokens: int
    """How many of the base's own tokens follow."""
    greedy: bool
    """Whether those are its most likely ones."""

    @property
    def context_ids(self) -> list[int]:
        return [*self.prompt_ids, *self.stub_ids]


class DocumentMaker:
    """Draws documents from a split.

    Args:
        data: the split.
        tokenizer: of the base, with a chat template.
        recipe: shares and lengths.

    Raises:
        ConfigurationError: the tokenizer has no chat template.
    """

    def __init__(self, data: TrainingData, tokenizer: Any, recipe: ExpertRecipe) -> None:
        if not getattr(tokenizer, "chat_template", None):
            raise ConfigurationError("the tokenizer has no chat template; give a chat model")
        self._data, self._tokenizer, self._recipe = data, tokenizer, recipe
        self.counts: Counter[str] = Counter()
        """Documents by kind, wrapping, style and start; what was cut or left out."""
        self.wrappings = self._short(data.wrappings)

    @property
    def eos_token_id(self) -> int | None:
        """What ends a turn."""
        end: int | None = self._tokenizer.eos_token_id
        return end

    def draw(self, rng: Random) -> Document:
        """Draw one document."""
        recipe, data = self._recipe, self._data
        name: PoolName = "benign"
        if rng.random() < recipe.harmful_share:
            name = "harmful"
        elif rng.random() < recipe.lookalike_share:
            name = "lookalikes"
        pool = getattr(data, name)
        index = pool.draw(rng)
        clothes = draw_clothes(rng, recipe, self.wrappings)
        document = self.dress(rng, name, index, pool.requests[index], clothes)
        self.counts[f"{name}: documents"] += 1
        for part in ("wrapping", "style", "earlier"):
            if getattr(clothes, part) is not None:
                self.counts[f"{name}: with {part}"] += 1
        self.counts[f"{name}: start {clothes.start}"] += 1
        return document

    def dress(
        self, rng: Random, pool: PoolName, index: int, request: Request, clothes: Clothes
    ) -> Document:
        """Put a request into clothes; a request too long is cut at its end, and counted."""
        recipe = self._recipe
        stub_ids: list[int] = []
        if clothes.start in ("stub", "stub_sampled"):
            stub_ids = self._ids(opening_of(request, rng))[: recipe.longest_start]
        if request.harmful:
            started = clothes.start in ("sampled", "stub_sampled")
            longest = recipe.longest_start if rng.random() < _LONG_START_SHARE else _SHORT_START
            sampled = rng.randint(1, min(longest, recipe.longest_start)) if started else 0
        else:
            sampled = recipe.answer_tokens
            if rng.random() < 0.08:
                sampled *= 2
        room = recipe.max_document_tokens - len(stub_ids) - max(sampled, 1) - 24
        prompt_ids = self._prompt_ids(request.text, clothes, rng)
        if len(prompt_ids) > room:
            self.counts["requests cut"] += 1
            text_ids = self._ids(request.text)
            kept = max(1, len(text_ids) - (len(prompt_ids) - room) - 8)
            plain = replace(clothes, style=None)
            prompt_ids = self._prompt_ids(self._tokenizer.decode(text_ids[:kept]), plain, rng)
            if len(prompt_ids) > room:  # the template alone is longer than that
                prompt_ids = prompt_ids[-room:]
        return Document(
            request, clothes, pool, index, prompt_ids, stub_ids, sampled, rng.random() < 0.7
        )

    def refusal_ids(self, rng: Random) -> list[int]:
        """Return a refusal with the end of the turn."""
        ids = self._ids(rng.choice(self._data.refusals))
        return ids if self.eos_token_id is None else [*ids, self.eos_token_id]

    def _prompt_ids(self, text: str, clothes: Clothes, rng: Random) -> list[int]:
        prompt: str = self._tokenizer.apply_chat_template(
            messages_of(text, clothes, rng), tokenize=False, add_generation_prompt=True
        )
        return self._ids(prompt)

    def _ids(self, text: str) -> list[int]:
        ids: list[int] = self._tokenizer(text, add_special_tokens=False)["input_ids"]
        return ids

    def _short(self, wrappings: list[Wrapping]) -> list[Wrapping]:
        limit = self._recipe.max_document_tokens - 120
        short = [w for w in wrappings if len(self._ids(w.template)) <= limit]
        self.counts["wrappings left out as too long"] = len(wrappings) - len(short)
        return short
