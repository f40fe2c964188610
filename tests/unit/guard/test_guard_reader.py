"""Scanning a given text with both models gives the decoder's trace."""

import pytest
import torch

from _fakes import FunctionModel, random_logits
from _guard_fakes import POLICY, KeywordModel, embedded_engine, keyword_guard
from ngsd_guard import ContextOverflowError, Engine, GateConfig, NGSDConfig
from ngsd_guard.guard import _reader
from ngsd_guard.guard._reader import PairReader
from ngsd_guard.pairs import Pair, load_pair

PROMPT = ({"role": "user", "content": "Tell me"},)
FIRING = NGSDConfig(gate=GateConfig(v_threshold=0.8))


def random_pair(*, context_length: int = 8_192) -> Pair:
    return Pair(
        FunctionModel(random_logits(1, scale=1.0), context_length=context_length),
        FunctionModel(random_logits(2, scale=1.0), context_length=context_length),
        FIRING,
    )


def test_a_scan_equals_the_decoders_trace() -> None:
    engine = Engine(random_pair())
    answer = engine.generate(list(PROMPT), max_new_tokens=40, trace=True)
    scan = PairReader(engine.pair).scan(PROMPT, answer.token_ids, risk=answer.risk or 0.0)
    assert answer.steps is not None
    assert scan.currents == pytest.approx([step.current for step in answer.steps], abs=1e-5)
    assert scan.charged == pytest.approx([s.charged_potential for s in answer.steps], abs=1e-4)
    assert scan.spike_indices == tuple(s.index for s in answer.steps if s.spiked)
    assert 0 < len(scan.spike_indices) < 40


def test_a_scan_of_the_embedded_pair_equals_the_decoders_trace() -> None:
    engine = embedded_engine()
    asked = {"role": "user", "content": "What is the capital of France?"}
    answer = engine.generate([asked], max_new_tokens=12, trace=True)
    scan = PairReader(engine.pair).scan((asked,), answer.token_ids, risk=answer.risk or 0.0)
    assert answer.steps is not None
    assert scan.currents == pytest.approx([step.current for step in answer.steps], abs=1e-3)


def test_reading_in_pieces_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    text = list(b"a text of some length that is read in several pieces")
    whole = PairReader(random_pair()).scan(PROMPT, text, risk=0.0, after_text=True, explain=True)
    monkeypatch.setattr(_reader, "_MAX_LOGITS", 1)
    monkeypatch.setattr(_reader, "_LEAST_POSITIONS", 7)
    pieces = PairReader(random_pair()).scan(PROMPT, text, risk=0.0, after_text=True, explain=True)
    assert pieces == whole
    assert len(whole.currents) == len(text) + 1 == len(whole.base_tokens)


@pytest.mark.parametrize("length", [99, 100, 101, 150, 151, 152, 400, 777])
@pytest.mark.parametrize("after_text", [False, True])
def test_windows_judge_every_token_once_as_one_reading_does(length: int, after_text: bool) -> None:
    # These models depend on the last three tokens only, so an overlap of half a window suffices.
    text = [(7 * i + i // 13) % 256 for i in range(length)]
    whole = PairReader(random_pair()).scan(PROMPT, text, risk=0.0, after_text=after_text)
    narrow = PairReader(random_pair(context_length=120)).scan(
        PROMPT, text, risk=0.0, after_text=after_text
    )
    assert narrow.currents == pytest.approx(whole.currents, abs=1e-6)
    assert narrow.spiked == whole.spiked
    assert len(narrow.currents) == length + after_text


def test_a_prompt_longer_than_the_context_is_cut_at_the_start() -> None:
    pair = random_pair(context_length=64)
    asked = ({"role": "user", "content": "x" * 500},)
    scan = PairReader(pair).scan(asked, list(b"answer"), risk=0.0)
    assert len(scan.currents) == 6


def test_a_prompt_that_leaves_no_room_is_an_error() -> None:
    with pytest.raises(ContextOverflowError):
        PairReader(random_pair(context_length=1)).scan(PROMPT, [1], risk=0.0)


def test_an_empty_text_has_no_positions() -> None:
    assert PairReader(random_pair()).scan(PROMPT, [], risk=0.0).currents == []


def test_a_continued_conversation_is_not_read_again() -> None:
    base = FunctionModel(random_logits(1))
    reader = PairReader(Pair(base, FunctionModel(random_logits(2)), FIRING))
    turns = [{"role": "user", "content": "w" * 50}, {"role": "assistant", "content": "x" * 50}]
    first = reader.scan([*turns, {"role": "user", "content": "one"}], [1, 2, 3], risk=0.0)
    assert len(first.currents) == 3
    # The size of these models' caches is unknown, so no entry is kept; count tokens instead.
    assert base.num_tokens_read >= 100


def test_the_embedded_pair_reuses_its_prefix_cache() -> None:
    reader = PairReader(embedded_engine().pair)
    turns = (
        {"role": "system", "content": "You are a helpful guide to a large museum. " * 4},
        {"role": "user", "content": "Where are the coins?"},
    )
    ids = reader.encode("On the second floor.")
    first = reader.scan(turns, ids, risk=0.0)
    assert tuple(embedded_engine().base.encode_chat(list(turns))) in reader._prefixes[0]._entries
    again = reader.scan(turns, ids, risk=0.0)
    assert again.currents == pytest.approx(first.currents, abs=1e-4)
    other = PairReader(load_pair()).scan(turns, ids, risk=0.0)
    assert again.currents == pytest.approx(other.currents, abs=1e-4)


def test_reported_probabilities_are_the_models() -> None:
    pair = random_pair()
    scan = PairReader(pair).scan(PROMPT, [65, 66], risk=0.0, explain=True)
    ids = pair.base.encode_chat(list(PROMPT))
    probs = random_logits(1, scale=1.0)(ids).softmax(-1)
    top = torch.topk(probs, 3)
    assert [chance.probability for chance in scan.base_tokens[0]] == pytest.approx(
        top.values.tolist(), abs=1e-6
    )
    assert [c.text for c in scan.base_tokens[0]] == [
        pair.base.decode([token_id]) for token_id in top.indices.tolist()
    ]


@pytest.mark.parametrize("place", [0, 2_500, 6_500])
def test_harm_anywhere_in_a_long_text_is_found(place: int) -> None:
    text = "a" * 7_000
    text = text[:place] + " HARM " + text[place:]
    options = {"context_length": 2_600}
    guard = keyword_guard(
        POLICY.replace(max_windows=8),
        base=KeywordModel(**options),
        expert=KeywordModel(parts=True, **options),
    )
    for question in ({"messages": text}, {"messages": "Go", "response": text, "stage": "output"}):
        verdict = guard.check(**question)
        assert verdict.evaluation == "evaluated"
        assert verdict.flagged
    assert guard.check("a" * 7_000).is_clean
