"""What is asked for in training: requests, wrappings and refusals, by source."""

import hashlib
import json
import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.resources import as_file, files
from pathlib import Path
from random import Random
from typing import Final, Literal

from ngsd_guard.datasets import Prompt, Split, normalised, of_split, prompt_hash, read_prompts
from ngsd_guard.errors import ConfigurationError

PLACEHOLDER: Final = "[INSERT PROMPT HERE]"
HELD_OUT: Final = "held_out"
POOLS: Final = ("harmful", "benign", "lookalikes")
Kind = Literal["harmful", "benign", "lookalike"]
_COUNTED_ROWS: Final = 2000
"""Rows beyond this do not make a source count for more."""


@dataclass(frozen=True, slots=True)
class Request:
    """One plain request."""

    text: str
    kind: Kind
    source: str
    """Stem of its file."""
    target: str | None = None
    """Opening of a compliant answer."""

    @property
    def harmful(self) -> bool:
        return self.kind == "harmful"


@dataclass(frozen=True, slots=True)
class Wrapping:
    """A text with a place for a request."""

    template: str
    system: str | None = None
    family: str = ""
    held_out: bool = False

    def around(self, text: str) -> str:
        """Return the wrapping with a request in its place; at its end where it has none."""
        if PLACEHOLDER not in self.template:
            return f"{self.template}\n\n{text}"
        return self.template.replace(PLACEHOLDER, text)


@dataclass(slots=True)
class RequestPool:
    """Requests of one kind, drawn by source and weight."""

    requests: list[Request]
    weights: list[float] = field(init=False)
    """Of each request: the root of its source's size, shared out; times what mining adds."""

    def __post_init__(self) -> None:
        sizes: dict[str, int] = {}
        for request in self.requests:
            sizes[request.source] = sizes.get(request.source, 0) + 1
        self.weights = [
            math.sqrt(min(sizes[r.source], _COUNTED_ROWS)) / sizes[r.source] for r in self.requests
        ]

    def draw(self, rng: Random) -> int:
        """Return the index of a request."""
        return rng.choices(range(len(self.requests)), self.weights)[0]


@dataclass(frozen=True, slots=True)
class TrainingData:
    """Everything that one split offers."""

    harmful: RequestPool
    benign: RequestPool
    lookalikes: RequestPool
    wrappings: list[Wrapping]
    refusals: list[str]

    @property
    def digest(self) -> str:
        """SHA-256 of the rows, hexadecimal."""
        rows = [[r.text for r in getattr(self, name).requests] for name in POOLS]
        text = json.dumps([rows, [w.template for w in self.wrappings], self.refusals])
        return hashlib.sha256(text.encode()).hexdigest()

    def prompt_hashes(self) -> list[str]:
        """Return what the run card names the requests by, sorted, for `eval` to find overlaps."""
        pools = (self.harmful, self.benign, self.lookalikes)
        return sorted({prompt_hash(r.text) for pool in pools for r in pool.requests})

    @property
    def weights(self) -> dict[str, list[float]]:
        """Weights of the requests by pool."""
        return {name: list(getattr(self, name).weights) for name in POOLS}

    def with_weights(self, weights: Mapping[str, Sequence[float]]) -> "TrainingData":
        """Return the same rows with weights of their own."""
        other = replace(
            self,
            harmful=RequestPool(self.harmful.requests),
            benign=RequestPool(self.benign.requests),
            lookalikes=RequestPool(self.lookalikes.requests),
        )
        other.set_weights(weights)
        return other

    def set_weights(self, weights: Mapping[str, Sequence[float]]) -> None:
        """Take over weights by pool, as `weights` returns them."""
        for name in POOLS:
            getattr(self, name).weights = list(weights[name])

    def counts(self) -> dict[str, int]:
        """Return the number of rows by kind and source."""
        counts: dict[str, int] = {}
        for pool in (self.harmful, self.benign, self.lookalikes):
            for request in pool.requests:
                key = f"{request.kind}/{request.source}"
                counts[key] = counts.get(key, 0) + 1
        counts["wrappings"] = len(self.wrappings)
        counts["refusals"] = len(self.refusals)
        return counts


def read_training_data(
    *,
    harmful: Sequence[Path] = (),
    benign: Sequence[Path] = (),
    wrappings: Sequence[Path] = (),
    split: Split = "train",
    excluded_subsets: Collection[str] = (),
) -> TrainingData:
    """Read one split of the given files and of the starter data.

    A request that appears among the harmful and the harmless ones is left out of the harmless. In
    the harmful files, rows labelled `safe` are left out. Held-out wrappings never train.

    Args:
        harmful: files of harmful requests, format of `read_prompts`.
        benign: files of harmless requests.
        wrappings: files of templates with `[INSERT PROMPT HERE]`.
        split: which part of each file; the starter data follow the same rule.
        excluded_subsets: values of `subset` or `category` to leave out of the harmful files.

    Raises:
        ConfigurationError: a file cannot be read, or nothing is left of one.
    """
    harmful_requests = _requests(
        [*harmful, _starter("harmful")], "harmful", split,
        lambda p: p.label != "safe" and not {p.subset, p.category} & set(excluded_subsets),
    )  # fmt: skip
    taken = {normalised(request.text) for request in harmful_requests}

    def is_other(prompt: Prompt) -> bool:
        return prompt.label != "unsafe" and normalised(prompt.plain) not in taken

    lookalikes = _requests([_starter("lookalikes")], "lookalike", split, is_other)
    ordinary = _requests([*benign, _starter("benign")], "benign", split, is_other)
    rows = [row for path in [*wrappings, _starter("wrappings")] for row in read_prompts(path)]
    return TrainingData(
        harmful=RequestPool(harmful_requests),
        benign=RequestPool(ordinary),
        lookalikes=RequestPool(lookalikes),
        wrappings=[w for row in of_split(rows, split) if (w := _wrapping(row))],
        refusals=[row.prompt for row in read_prompts(_starter("refusals"))],
    )


def held_out_wrappings() -> list[Wrapping]:
    """Return the family of our own wrappings that no expert is trained on."""
    rows = read_prompts(_starter("wrappings"))
    return [
        Wrapping(row.prompt, row.system, row.category or "", held_out=True)
        for row in rows
        if row.subset == HELD_OUT
    ]


def _starter(name: str) -> Path:
    with as_file(files("ngsd_guard") / "assets" / "starter" / f"{name}.jsonl") as path:
        return path


def _requests(
    paths: Iterable[Path], kind: Kind, split: Split, is_wanted: Callable[[Prompt], bool]
) -> list[Request]:
    found: dict[str, Request] = {}
    for path in paths:
        rows = [row for row in of_split(read_prompts(path), split) if is_wanted(row)]
        if not rows:
            raise ConfigurationError(
                f"{path} has no rows left for the {split} split of {kind} requests; give more rows"
            )
        for row in rows:
            request = Request(row.plain, kind, Path(path).stem, row.target)
            found.setdefault(normalised(request.text), request)
    return list(found.values())


def _wrapping(row: Prompt) -> Wrapping | None:
    if row.subset == HELD_OUT:
        return None
    return Wrapping(row.prompt, row.system, row.category or "")
