"""A sentence in which the gate fires is regenerated under guidance, and was never released."""

from typing import Any

import pytest
import torch

from _fakes import EOS, USER, VOCAB_SIZE, FunctionModel
from ngsd_guard import Engine, GateConfig, NGSDConfig, ReflectionConfig
from ngsd_guard.config import DecodingConfig
from ngsd_guard.pairs import Pair
from ngsd_guard.testing import ScriptedCache, ScriptedModel

BASE = "All is well. Then harm comes in. It goes on."
EXPERT = "All is well. Then peace reigns here. It goes on."
# The two part at "h" against "p". A potential of 2.5 is reached at the third differing token, so
# the base has said "har" by then.
GATE = GateConfig(v_threshold=2.5, reset_retention=0.0)


def following(*texts: str) -> FunctionModel:
    """Return a model that goes on with the first of its texts that the answer begins."""

    def logits_of(token_ids: list[int]) -> torch.Tensor:
        written = bytes(i for i in token_ids if i != EOS).split(b"\x1f")[-1].decode()
        token = EOS
        if '{"' in written or "<request>" in bytes(token_ids).decode(errors="ignore"):
            return ScriptedModel("").forward(token_ids, ScriptedCache())[0]
        for text in texts:
            if text.startswith(written) and text != written:
                token = ord(text[len(written)])
                break
        return 30.0 * torch.nn.functional.one_hot(torch.tensor(token), VOCAB_SIZE)

    return FunctionModel(logits_of)


def engine(*, max_repairs: int, gate: GateConfig = GATE, **decoding: Any) -> Engine:
    config = NGSDConfig(
        gate=gate,
        reflection=ReflectionConfig(alpha_knots=((0.0, 0.9), (10.0, 0.9))),
        decoding=DecodingConfig(max_repairs=max_repairs, **decoding),
    )
    return Engine(Pair(following(BASE, EXPERT), following(EXPERT), config))


def test_without_repair_what_came_before_the_spike_stays() -> None:
    answer = engine(max_repairs=0).generate(USER)
    assert answer.text.startswith("All is well. Then ha")
    assert answer.speculation.num_repairs == 0


@pytest.mark.parametrize("speculative", [True, False])
def test_sentence_is_begun_anew_under_guidance(*, speculative: bool) -> None:
    answer = engine(max_repairs=1).generate(USER, trace=True, speculative=speculative)
    assert answer.text == EXPERT
    assert answer.speculation.num_repairs == 1
    assert answer.steps is not None
    repaired = "".join(chr(step.token_id) for step in answer.steps if step.repaired)
    assert repaired == " Then peace reigns here."
    assert [step.index for step in answer.steps] == list(range(len(answer.steps)))


def test_held_back_text_is_never_emitted_first() -> None:
    seen = ""
    for step in engine(max_repairs=1).stream(USER):
        seen += step.text
        assert EXPERT.startswith(seen)


def test_text_is_released_sentence_by_sentence() -> None:
    stream = engine(max_repairs=1, gate=GateConfig(v_threshold=1e9)).stream(USER)
    assert "".join(step.text for step in stream) == BASE
    stream = engine(max_repairs=1).stream(USER)
    assert "".join(next(stream).text for _ in range(12)) == "All is well."


def test_repairs_are_bounded() -> None:
    answer = engine(max_repairs=3).generate(USER)
    assert answer.speculation.num_repairs <= 3
    # One repair mends this answer; a budget of more is not used up.
    assert answer.speculation.num_repairs == 1


def test_early_spikes_are_guided_and_not_repaired() -> None:
    answer = engine(max_repairs=2, repair_after=1000).generate(USER)
    assert answer.speculation.num_repairs == 0
    assert answer.text.startswith("All is well. Then ha")


def test_unguarded_answers_are_not_held_back() -> None:
    stream = engine(max_repairs=1).stream(USER, guarded=False)
    assert next(stream).text == "A"


def test_sentence_held_back_at_a_cancellation_is_not_emitted() -> None:
    stream = engine(max_repairs=1).stream(USER)
    for _ in range(12):
        next(stream)
    stream.cancel()
    assert stream.finish().text == "All is well."
    assert stream.generation.finish_reason == "cancelled"


def test_answer_that_ends_without_a_full_stop_is_released_whole() -> None:
    config = NGSDConfig(decoding=DecodingConfig(max_repairs=1))
    same = Engine(Pair(ScriptedModel("No end"), ScriptedModel("No end"), config))
    assert same.generate(USER).text == "No end"
    assert same.generate(USER, max_new_tokens=3).text == "No "
