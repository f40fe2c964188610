"""Requests answers in batches, judges them, and stores the verdicts without the text."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

from ngsd_guard.errors import NGSDError
from ngsd_guard.evaluation._cases import Case
from ngsd_guard.evaluation._contenders import Contender
from ngsd_guard.evaluation._judging import JUDGE_VERSION, is_right, judge
from ngsd_guard.evaluation._model_judge import ModelJudge
from ngsd_guard.evaluation._openings import OwnOpenings
from ngsd_guard.evaluation._store import Answer, Store, key_of
from ngsd_guard.evaluation.baselines import SCREEN_REFUSAL, Screening
from ngsd_guard.types import Message

_MAX_BATCH: Final = 32
_MAX_BATCH_TOKENS: Final = 4_000
"""Maximum prompt tokens per batch, so that the prefix cache still holds the base's prompts when the
pair reads them."""
_TRACE_DECIMALS: Final = 3


class Answering:
    """Answers cases that have no stored answer.

    Args:
        store: holds the verdicts.
        openings: for cases that start with the base's own words.
        second_judge: also judges every answer; None for the phrase judge alone.
    """

    def __init__(
        self, store: Store, openings: OwnOpenings, second_judge: ModelJudge | None = None
    ) -> None:
        self._store, self._openings = store, openings
        self._second_judge = second_judge

    def known(self, contender: Contender, case: Case, max_new_tokens: int) -> Answer | None:
        """Return the stored answer to a case; None if there is none."""
        return self._store.answer(self._key(contender, case, max_new_tokens))

    def answer(self, contender: Contender, cases: Sequence[Case], max_new_tokens: int) -> None:
        """Answer the cases that have no stored answer, as one batch."""
        keys = {case.id: self._key(contender, case, max_new_tokens) for case in cases}
        asked = [case for case in cases if self._store.answer(keys[case.id]) is None]
        if not asked:
            return
        conversations = [
            contender.conversation(turns) for turns in self._openings.conversations(asked)
        ]
        generations = contender.engine.generate_batch(
            conversations,
            guarded=contender.guarded,
            max_new_tokens=max_new_tokens,
            trace=contender.guarded,
            return_exceptions=True,
        )
        screenings = _screenings(contender, conversations, generations)
        self._store.put(
            (keys[case.id], self._screened(contender, generation, screening, case))
            for case, generation, screening in zip(asked, generations, screenings, strict=True)
        )

    def _screened(
        self, contender: Contender, generation: Any, screening: Any, case: Case
    ) -> Answer:
        if isinstance(screening, NGSDError):
            return Answer("failed", type(screening).__name__)
        if screening is None:
            return self._judged(generation, case, is_guarded=contender.guarded)
        if not screening.is_refused:
            kept = self._judged(generation, case, is_guarded=False)
            return replace(kept, risk=screening.risk)
        refusal_ids = contender.engine.base.encode(SCREEN_REFUSAL)
        second = self._second_judge
        return Answer(
            verdict="refused",
            fingerprint=self._store.fingerprint(refusal_ids),
            num_tokens=len(refusal_ids),
            num_spikes=1,
            num_overrides=len(refusal_ids),
            risk=screening.risk,
            is_right=None if case.gold is None else is_right(SCREEN_REFUSAL, case.gold),
            second=None if second is None else second.judge(case.prompt, SCREEN_REFUSAL),
        )

    def _judged(self, generation: Any, case: Case, *, is_guarded: bool) -> Answer:
        if isinstance(generation, NGSDError):
            return Answer("failed", type(generation).__name__)
        verdict, defect = judge(generation.text, case.prompt)
        second = self._second_judge
        return Answer(
            verdict=verdict,
            defect=defect,
            fingerprint=self._store.fingerprint(generation.token_ids),
            num_tokens=len(generation.token_ids),
            num_spikes=generation.num_spikes,
            num_overrides=generation.num_overrides,
            risk=generation.risk if is_guarded else None,
            peak_potential=generation.peak_potential if is_guarded else None,
            is_right=None if case.gold is None else is_right(generation.text, case.gold),
            second=None if second is None else second.judge(case.prompt, generation.text),
            potentials=_potentials(generation) if is_guarded else (),
        )

    def _key(self, contender: Contender, case: Case, max_new_tokens: int) -> str:
        second = () if self._second_judge is None else (self._second_judge.version,)
        return key_of(
            "answer",
            JUDGE_VERSION,
            dict(contender.identity),
            contender.guarded,
            case.messages,
            self._openings.key(case),
            case.gold,
            max_new_tokens,
            *second,
        )


def batches(contender: Contender, cases: Sequence[Sequence[Case]]) -> Iterator[list[int]]:
    """Yield batches of indices, in order.

    Args:
        contender: its engine counts the tokens.
        cases: attacks and controls, or only one of the two.
    """
    batch: list[int] = []
    num_tokens = 0
    for index, pair in enumerate(zip(*cases, strict=True)):
        length = max(_length(contender, case) for case in pair)
        if batch and (len(batch) == _MAX_BATCH or num_tokens + length > _MAX_BATCH_TOKENS):
            yield batch
            batch, num_tokens = [], 0
        batch.append(index)
        num_tokens += length
    if batch:
        yield batch


def _screenings(
    contender: Contender, conversations: Sequence[Sequence[Message]], generations: Sequence[Any]
) -> list[Screening | NGSDError | None]:
    """Return what a contender's screen says of each answer; None for all without a screen."""
    found: list[Screening | NGSDError | None] = [None] * len(generations)
    answered = [i for i, each in enumerate(generations) if not isinstance(each, NGSDError)]
    if contender.screen is None or not answered:
        return found
    said = contender.screen.screen(
        contender.engine,
        [conversations[i] for i in answered],
        [generations[i].text for i in answered],
    )
    for index, screening in zip(answered, said, strict=True):
        found[index] = screening
    return found


def _potentials(generation: Any) -> tuple[float, ...]:
    potentials = [step.charged_potential for step in generation.steps or ()]
    if not all(map(math.isfinite, potentials)):
        return ()
    return tuple(round(potential, _TRACE_DECIMALS) for potential in potentials)


def _length(contender: Contender, case: Case) -> int:
    try:
        return contender.engine.count_tokens(case.messages) + case.own_opening
    except NGSDError:  # reported when the request is answered
        return 0
