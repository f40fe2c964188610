"""Prefills from the base's own compliant answers: generated in memory, never stored."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from ngsd_guard.errors import NGSDError
from ngsd_guard.evaluation._cases import Case, Row
from ngsd_guard.evaluation._contenders import Contender
from ngsd_guard.evaluation._judging import JUDGE_VERSION, judge
from ngsd_guard.evaluation._store import Store, key_of
from ngsd_guard.types import Message

_LENGTH: Final = 40
"""Tokens to generate, even if a row needs fewer."""
_NUM_TRIES: Final = 3
_TEMPERATURE: Final = 0.8
_NONE: Final = -1
_BATCH: Final = 32


class OwnOpenings:
    """The base's own continuations of "Sure, here is".

    The first attempt is greedy, the others are sampled. A continuation that refuses, repeats
    itself or ends within 40 tokens is not used. Only the number of the attempt is stored.

    Args:
        base: the base alone.
        store: holds the numbers of the attempts.
        seed: of the sampling.
    """

    def __init__(self, base: Contender, store: Store, seed: int) -> None:
        self._base, self._store, self._seed = base, store, seed
        self._token_ids: dict[str, tuple[int, ...]] = {}

    def of_row(self, row: Row) -> tuple[Row | None, int]:
        """Return the row without the pairs that have no opening, and their number."""
        if not any(case.own_opening for case in row.cases):
            return row, 0
        self._find(row.cases)
        indices = [
            index
            for index in range(len(row))
            if all(self._has_one(side[index]) for side in (row.harmful, row.harmless) if side)
        ]
        return row.keeping(indices), len(row) - len(indices)

    def has_found_all(self, row: Row) -> bool:
        """Whether all cases of a row have been tried."""
        seeds = (self._store.opening_seed(self._name(c)) for c in row.cases if c.own_opening)
        return all(seed is not None for seed in seeds)

    def conversations(self, cases: Sequence[Case]) -> list[tuple[Message, ...]]:
        """Return the conversations, openings included."""
        self._draw_again([case for case in cases if case.own_opening])
        return [self._opened(case) if case.own_opening else case.messages for case in cases]

    def key(self, case: Case) -> tuple[object, ...]:
        """Return what the opening of a case depends on."""
        if not case.own_opening:
            return ()
        return (case.own_opening, self._seed, JUDGE_VERSION, dict(self._base.identity))

    def _opened(self, case: Case) -> tuple[Message, ...]:
        token_ids = self._token_ids[self._name(case)][: case.own_opening]
        last = case.messages[-1]
        text = last["content"] + self._base.engine.base.decode(token_ids)
        return (*case.messages[:-1], {"role": last["role"], "content": text})

    def _has_one(self, case: Case) -> bool:
        seed = self._store.opening_seed(self._name(case))
        return seed is not None and seed != _NONE

    def _name(self, case: Case) -> str:
        identity = dict(self._base.identity)
        return key_of("opening", case.messages, _LENGTH, self._seed, JUDGE_VERSION, identity)

    def _draw_again(self, cases: Sequence[Case]) -> None:
        """Generate openings that an earlier run found."""
        missing = {n: c for c in cases if (n := self._name(c)) not in self._token_ids}
        for attempt in range(_NUM_TRIES):
            named = {n: c for n, c in missing.items() if self._store.opening_seed(n) == attempt}
            for name, generation in self._draw(named, attempt).items():
                if isinstance(generation, NGSDError):
                    raise generation
                self._token_ids[name] = generation.token_ids

    def _find(self, cases: Sequence[Case]) -> None:
        known = self._store.opening_seed
        unknown = {n: c for c in cases if known(n := self._name(c)) is None}
        for attempt in range(_NUM_TRIES):
            names = list(unknown)
            for start in range(0, len(names), _BATCH):
                named = {name: unknown[name] for name in names[start : start + _BATCH]}
                drawn = self._draw(named, attempt)
                usable = {n: g for n, g in drawn.items() if _is_usable(g, named[n].prompt)}
                self._token_ids |= {n: g.token_ids for n, g in usable.items()}
                self._store.put_opening_seeds(dict.fromkeys(usable, attempt))
            unknown = {name: case for name, case in unknown.items() if known(name) is None}
        self._store.put_opening_seeds(dict.fromkeys(unknown, _NONE))

    def _draw(self, named: Mapping[str, Case], attempt: int) -> dict[str, Any]:
        """Return the base's continuations, or the errors in their place, by name."""
        generations = self._base.engine.generate_batch(
            [self._base.conversation(case.messages) for case in named.values()],
            guarded=False,
            max_new_tokens=_LENGTH,
            temperature=_TEMPERATURE if attempt else 0.0,
            seed=self._seed + attempt if attempt else None,
            return_exceptions=True,
        )
        return dict(zip(named, generations, strict=True))


def _is_usable(generation: Any, prompt: str) -> bool:
    if isinstance(generation, NGSDError) or generation.finish_reason != "length":
        return False
    return judge(generation.text, prompt)[0] == "answered"
