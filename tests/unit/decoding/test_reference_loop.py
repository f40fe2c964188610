"""The whole algorithm again, in plain Python and float64, against the engine's own traces."""

import math
from dataclasses import dataclass

import pytest

from _fakes import USER, FunctionModel, random_logits
from ngsd_guard import Engine, Generation, NGSDConfig
from ngsd_guard.pairs import Pair

# Float32 softmax and sums over 257 tokens, integrated over 48 steps by a leak below one: measured
# errors are below 1e-6 per step, and the leak sums at most 8 of them.
CURRENT_TOLERANCE = 1e-6
POTENTIAL_TOLERANCE = 8e-6
# Two tokens closer than this could go either way in float32; no seed below has such a choice.
TIE = 1e-8
NUM_TOKENS = 48


@dataclass
class Expected:
    current: float
    charged: float
    membrane: float
    spiked: bool
    token_id: int
    base_token_id: int
    expert_token_id: int


def softmax(logits: list[float]) -> list[float]:
    highest = max(logits)
    weights = [math.exp(x - highest) for x in logits]
    return [w / sum(weights) for w in weights]


def argmax(values: dict[int, float]) -> int:
    best, second = sorted(values, key=lambda i: values[i], reverse=True)[:2]
    assert values[best] - values[second] > TIE
    return best


def top_64(probs: list[float]) -> set[int]:
    return set(sorted(range(len(probs)), key=lambda i: probs[i], reverse=True)[:64])


def reference_loop(
    base: FunctionModel, expert: FunctionModel, *, alpha: float, retention: float, rule: str
) -> list[Expected]:
    prompts = [base.encode_chat(USER), expert.encode_chat(USER)]
    potential = 0.0
    answer: list[int] = []
    trace = []
    for _ in range(NUM_TOKENS):
        p_b, p_e = (
            softmax(model.logits_of(prompt + answer).double().tolist())
            for model, prompt in zip((base, expert), prompts, strict=True)
        )
        current = 0.5 * sum(abs(b - e) for b, e in zip(p_b, p_e, strict=True))
        charged = (1 - 1 / 8) * potential + current
        spiked = charged >= 1.0
        potential = retention * charged if spiked else charged
        base_token = token = argmax(dict(enumerate(p_b)))
        if spiked:
            candidates = top_64(p_b) | top_64(p_e)
            scores = {
                i: b + alpha * (e - b) if i in candidates else b
                for i, (b, e) in enumerate(zip(p_b, p_e, strict=True))
            }
            if rule == "candidates":
                scores = {i: scores[i] for i in candidates}
            token = argmax(scores)
        expert_token = argmax(dict(enumerate(p_e)))
        trace.append(Expected(current, charged, potential, spiked, token, base_token, expert_token))
        answer.append(token)
    return trace


def assert_same(answer: Generation, expected: list[Expected]) -> None:
    assert answer.steps is not None
    assert len(answer.steps) == len(expected)
    for step, want in zip(answer.steps, expected, strict=True):
        assert step.token_id == want.token_id
        assert step.base_token_id == want.base_token_id
        assert step.expert_token_id == want.expert_token_id
        assert step.spiked == want.spiked
        assert step.overridden == (want.token_id != want.base_token_id)
        assert step.current == pytest.approx(want.current, abs=CURRENT_TOLERANCE)
        assert step.charged_potential == pytest.approx(want.charged, abs=POTENTIAL_TOLERANCE)
        assert step.membrane_potential == pytest.approx(want.membrane, abs=POTENTIAL_TOLERANCE)
    assert list(answer.token_ids) == [want.token_id for want in expected]
    assert answer.num_spikes == sum(want.spiked for want in expected)
    assert answer.num_overrides == sum(w.token_id != w.base_token_id for w in expected)
    peak = max(want.charged for want in expected)
    assert answer.peak_potential == pytest.approx(peak, abs=POTENTIAL_TOLERANCE)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    ("preset", "retention", "rule"),
    [("paper", 0.0, "candidates"), ("reference", 0.6, "vocabulary")],
)
@pytest.mark.parametrize("scale", [0.3, 1.0, 3.0])
def test_engine_traces_equal_the_slow_loop(
    preset: str, retention: float, rule: str, seed: int, scale: float
) -> None:
    base = FunctionModel(random_logits(seed, scale=scale))
    expert = FunctionModel(random_logits(seed + 100, scale=scale))
    engine = Engine(Pair(base, expert, NGSDConfig.preset(preset)))
    answer = engine.generate(USER, max_new_tokens=NUM_TOKENS, trace=True)
    assert answer.alpha is not None
    expected = reference_loop(base, expert, alpha=answer.alpha, retention=retention, rule=rule)
    assert_same(answer, expected)
    assert answer.num_spikes > 0  # the comparison has something to compare


def test_slow_loop_sees_steps_with_and_without_a_spike() -> None:
    base, expert = FunctionModel(random_logits(0)), FunctionModel(random_logits(100))
    paper = reference_loop(base, expert, alpha=0.9, retention=0.0, rule="candidates")
    assert {step.spiked for step in paper} == {True, False}
