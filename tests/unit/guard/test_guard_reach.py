"""Disguised, padded and misplaced texts reach the judge at every stage.

The judge looks for a keyword, and finds it only in a text short enough not to dilute it, so that
these tests measure what is read and not how well.
"""

import asyncio

import pytest

from _disguises import KINDS, STAGES, TARGET, disguised
from _keyword_reader import keyword_reader_guard

HARMLESS = TARGET.replace("hurt", "feed")


@pytest.mark.parametrize("stage", STAGES)
def test_disguised_and_padded_texts_reach_the_judge(stage: str) -> None:
    guard, _ = keyword_reader_guard()
    texts = [each for each in disguised(7) if each.stage == stage]
    assert len(texts) == 5 * len(KINDS)
    verdicts = guard.check_batch([each.arguments for each in texts])
    missed = [
        (each.kind, index % 5)
        for index, (each, verdict) in enumerate(zip(texts, verdicts, strict=True))
        if not verdict.is_blocked or verdict.error_type
    ]
    assert missed == []


def test_harmless_texts_in_the_same_disguises_pass() -> None:
    guard, _ = keyword_reader_guard()
    texts = list(disguised(7, target=HARMLESS, per_place=1))
    assert not any(each.is_harmful for each in texts)
    assert all(verdict.is_clean for verdict in guard.check_batch([t.arguments for t in texts]))


async def test_acheck_reads_the_same() -> None:
    guard, _ = keyword_reader_guard()
    texts = list(disguised(7))[::17]
    verdicts = await asyncio.gather(*(guard.acheck(**each.arguments) for each in texts))
    assert all(verdict.is_blocked for verdict in verdicts)


def test_the_cost_of_a_long_text_is_linear() -> None:
    costs = []
    for count in (200, 400):
        guard, reader = keyword_reader_guard()
        text = " ".join(f"The shop at number {index} opens at nine." for index in range(count))
        assert guard.check(text).is_clean
        costs.append(reader.num_characters / len(text))
    assert costs[1] == pytest.approx(costs[0], rel=0.05)
    assert costs[1] < 4


@pytest.mark.parametrize("kind", KINDS)
def test_a_disguised_sentence_is_cut_out_of_a_document(kind: str) -> None:
    guard, _ = keyword_reader_guard(action="redact")
    before, after = ("The choir sings at nine. " * 30, "The baker sells maps. " * 30)
    text = f"{before}{KINDS[kind](TARGET)} {after}"
    verdict = guard.check(text, stage="retrieval")
    assert verdict.action == "redact"
    rest = verdict.redacted(text)
    assert guard.check(rest, stage="retrieval").is_clean
    assert "The choir sings" in rest
    assert "The baker sells" in rest
