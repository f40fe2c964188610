"""Log-probabilities: of the base where it spoke, of the mixture where the gate did."""

import math
from typing import Any

import pytest
import torch
from torch import Tensor

from _fakes import VOCAB_SIZE, FunctionModel, constant, decode, random_logits, rated
from ngsd_guard import ConfigurationError, DecodeStep, DecodingConfig, GateConfig, NGSDConfig
from ngsd_guard.config import SamplingParams
from ngsd_guard.decoding import Request
from ngsd_guard.pairs import Pair
from ngsd_guard.testing import ScriptedModel

ALWAYS = GateConfig(v_threshold=1e-9)
NEVER = GateConfig(v_threshold=1e9)
OFTEN = GateConfig(v_threshold=1.5)


def run(
    base: ScriptedModel,
    expert: ScriptedModel | None = None,
    *,
    gate: GateConfig = ALWAYS,
    config: DecodingConfig | None = None,
    constraint: Any = None,
    num_requests: int = 1,
    **sampling: Any,
) -> list[list[DecodeStep]]:
    pair = Pair(
        base,
        expert or base,
        NGSDConfig(gate=gate, decoding=config or DecodingConfig(prefix_cache_mib=0)),
    )
    requests = [
        Request(
            base_prompt_ids=(1, 2 + number),
            expert_prompt_ids=(1, 2 + number),
            sampling=SamplingParams(**{"max_new_tokens": 1, "num_logprobs": 2, **sampling}),
            guarded=expert is not None,
            rating=rated(0.5),
            constraint=constraint,
        )
        for number in range(num_requests)
    ]
    return [
        [event for event in events if isinstance(event, DecodeStep)]
        for events in decode(pair, requests)
    ]


def approx(*pairs: tuple[int, float]) -> list[tuple[int, Any]]:
    return [(token_id, pytest.approx(math.log(prob), abs=1e-5)) for token_id, prob in pairs]


@pytest.mark.parametrize("expert", [None, constant(t30=1.0)])
def test_a_step_left_alone_tells_of_the_base(expert: FunctionModel | None) -> None:
    ((step,),) = run(constant(t10=0.5, t20=0.3, t40=0.2), expert, gate=NEVER)
    assert step.logprobs is not None
    assert step.logprobs.log_prob == pytest.approx(math.log(0.5), abs=1e-5)
    assert list(step.logprobs.top) == approx((10, 0.5), (20, 0.3))


def test_a_scripted_model_is_as_sure_as_its_sharpness() -> None:
    ((step,),) = run(ScriptedModel("A", sharpness=4.0), num_logprobs=1)
    # One logit of 4 among 256 of 0.
    expected = 4.0 - math.log(math.exp(4.0) + 256)
    assert step.logprobs is not None
    assert step.logprobs.log_prob == pytest.approx(expected, abs=1e-5)
    assert list(step.logprobs.top) == [(ord("A"), pytest.approx(expected, abs=1e-5))]


def test_a_mixed_step_tells_of_its_own_token_in_the_mixture_and_of_no_other() -> None:
    # All candidates, alpha 0.5: token 10 is 0.3, token 20 is 0.2, token 30 is 0.5.
    base, expert = constant(t10=0.6, t20=0.4), constant(t30=1.0)
    ((step,),) = run(base, expert, num_logprobs=20)
    assert (step.token_id, step.overridden) == (30, True)
    assert step.logprobs is not None
    assert step.logprobs.log_prob == pytest.approx(math.log(0.5), abs=1e-5)
    assert step.logprobs.top == ()


def test_a_mixture_of_candidates_alone_is_normalised() -> None:
    # Candidates (top 1 of each) are 10 and 30, with weights 0.2 and 0.25.
    base = constant(t10=0.4, t20=0.35, t40=0.25)
    expert = constant(t30=0.5, t50=0.3, t60=0.2)
    config = DecodingConfig(mix_choice="candidates", mix_top_k=1)
    ((step,),) = run(base, expert, config=config)
    assert step.logprobs is not None
    assert step.logprobs.log_prob == pytest.approx(math.log(0.25 / 0.45), abs=1e-5)
    assert step.logprobs.top == ()


def test_temperature_and_cuts_do_not_show() -> None:
    base = constant(t10=0.5, t20=0.3, t40=0.2)
    (steps,) = run(base, max_new_tokens=40, temperature=2.0, top_k=2, seed=1)
    chances = {10: 0.5, 20: 0.3}
    assert {step.token_id for step in steps} == set(chances)
    for step in steps:
        assert step.logprobs is not None
        expected = math.log(chances[step.token_id])
        assert step.logprobs.log_prob == pytest.approx(expected, abs=1e-5)


def test_what_a_constraint_forbids_has_no_part() -> None:
    class OnlyTwo:
        def mask(self, num_left: int) -> Tensor:
            mask = torch.zeros(VOCAB_SIZE, dtype=torch.bool)
            mask[[20, 40]] = True
            return mask

        def advance(self, token_id: int) -> None: ...

        def roll_back(self, num_tokens: int) -> None: ...

    base = constant(t10=0.5, t20=0.3, t40=0.2)
    ((step,),) = run(base, constraint=OnlyTwo(), num_logprobs=20)
    assert step.logprobs is not None
    assert list(step.logprobs.top) == approx((20, 0.6), (40, 0.4))


def test_none_is_told_unasked_and_zero_tells_the_token_alone() -> None:
    base = constant(t10=0.5, t20=0.5)
    ((step,),) = run(base, num_logprobs=None)
    assert step.logprobs is None
    ((step,),) = run(base, num_logprobs=0)
    assert step.logprobs is not None
    assert step.logprobs.log_prob == pytest.approx(math.log(0.5), abs=1e-5)
    assert step.logprobs.top == ()


@pytest.mark.parametrize("sampling", [{}, {"temperature": 1.0, "seed": 3}])
@pytest.mark.parametrize("max_repairs", [0, 2])
def test_drafts_and_company_change_nothing(sampling: dict[str, Any], max_repairs: int) -> None:
    options: dict[str, Any] = {"gate": OFTEN, "max_new_tokens": 30, "num_logprobs": 3, **sampling}

    def answers(num_requests: int, *, speculative: bool) -> list[list[DecodeStep]]:
        # An expert close to the base, so that drafts hold and depart.
        first, second = random_logits(1), random_logits(2, scale=1.0)
        base = FunctionModel(first)
        expert = FunctionModel(lambda ids: first(ids) + second(ids))
        config = DecodingConfig(speculative=speculative, max_repairs=max_repairs, repair_after=2)
        return run(base, expert, config=config, num_requests=num_requests, **options)

    stepwise = [step for steps in answers(1, speculative=False) for step in steps]
    assert {step.spiked for step in stepwise} == {True, False}
    for other in (answers(1, speculative=True)[0], answers(3, speculative=True)[0]):
        assert other == stepwise
        for a, b in zip(other, stepwise, strict=True):
            assert a.logprobs is not None
            assert b.logprobs is not None
            assert a.logprobs.log_prob == pytest.approx(b.logprobs.log_prob, abs=1e-4)
            assert [i for i, _ in a.logprobs.top] == [i for i, _ in b.logprobs.top]
            assert bool(a.logprobs.top) == (not a.spiked and not a.repaired)


@pytest.mark.parametrize("number", [-1, 21])
def test_number_out_of_range_is_refused(number: int) -> None:
    with pytest.raises(ConfigurationError, match="num_logprobs"):
        SamplingParams(max_new_tokens=1, num_logprobs=number)
