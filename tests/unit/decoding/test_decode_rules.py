import pytest
import torch
from torch import Tensor

from _fakes import EOS, VOCAB_SIZE, FunctionModel, constant, decode, rated
from ngsd_guard import DecodeStep, DecodingConfig, GateConfig, NGSDConfig
from ngsd_guard.config import SamplingParams
from ngsd_guard.decoding import Ended, Request, Schedule
from ngsd_guard.pairs import Pair
from ngsd_guard.types import FinishReason

ALWAYS = GateConfig(v_threshold=1e-9)
NEVER = GateConfig(v_threshold=1e9)


def run(
    base: FunctionModel,
    expert: FunctionModel | None,
    *,
    gate: GateConfig = ALWAYS,
    alpha: float = 0.5,
    config: DecodingConfig | None = None,
    speculative: bool = True,
    **sampling: object,
) -> tuple[list[DecodeStep], FinishReason]:
    pair = Pair(
        base,
        expert or base,
        NGSDConfig(gate=gate, decoding=config or DecodingConfig(prefix_cache_mib=0)),
    )
    request = Request(
        base_prompt_ids=(1, 2),
        expert_prompt_ids=(1, 2),
        sampling=SamplingParams(**({"max_new_tokens": 1} | sampling)),
        guarded=expert is not None,
        rating=rated(alpha),
        speculative=speculative,
    )
    ((*seen, ended),) = decode(pair, [request])
    assert isinstance(ended, Ended)
    assert ended.error is None
    return [step for step in seen if isinstance(step, DecodeStep)], ended.finish_reason


def choice(
    base: FunctionModel, expert: FunctionModel, rule: str, *, alpha: float, top_k: int
) -> int:
    config = DecodingConfig(mix_choice=rule, mix_top_k=top_k)
    (step,), _ = run(base, expert, alpha=alpha, config=config)
    assert step.spiked
    return step.token_id


def test_choosing_over_the_vocabulary_can_leave_the_candidates() -> None:
    # Candidates (top 1 of each): 10 and 30. Mixed at alpha = 0.5: token 10 is (0.4 + 0) / 2 = 0.2
    # and token 30 is (0 + 0.5) / 2 = 0.25; token 20, no candidate, keeps the base's 0.35.
    base = constant(t10=0.4, t20=0.35, t40=0.25)
    expert = constant(t30=0.5, t50=0.3, t60=0.2)
    assert choice(base, expert, "vocabulary", alpha=0.5, top_k=1) == 20
    assert choice(base, expert, "candidates", alpha=0.5, top_k=1) == 30


def test_rules_agree_when_a_candidate_is_likeliest() -> None:
    base = constant(t10=0.6, t20=0.4)
    expert = constant(t30=0.9, t10=0.1)
    for rule in ("vocabulary", "candidates"):
        # Token 10: 0.6 + 0.9 * (0.1 - 0.6) = 0.15; token 30: 0.9 * 0.9 = 0.81.
        assert choice(base, expert, rule, alpha=0.9, top_k=1) == 30
        # Token 10: 0.6 - 0.1 * 0.5 = 0.55; token 30: 0.09; token 20: 0.4.
        assert choice(base, expert, rule, alpha=0.1, top_k=1) == 10


def test_mix_is_linear_in_probability_not_in_logits() -> None:
    # Linear: token 10 gets 0.5 * (0.98 + 0.0004), token 20 at most 0.5 * (0.0196 + 0.5): 10 wins.
    # A mean of logits would choose 20: sqrt(0.98 * 0.0004) = 0.02 < sqrt(0.0196 * 0.5) = 0.099.
    base = constant(t10=0.98, t20=0.0196, t30=0.0004)
    expert = constant(t10=0.0004, t20=0.5, t30=0.4996)
    assert choice(base, expert, "vocabulary", alpha=0.5, top_k=64) == 10


def test_candidates_alone_are_sampled_under_that_rule() -> None:
    base = constant(t10=0.4, t20=0.35, t40=0.25)
    expert = constant(t30=0.5, t50=0.3, t60=0.2)
    config = DecodingConfig(mix_choice="candidates", mix_top_k=1)
    # 200 draws from 0.2 : 0.25 (tokens 10 and 30): one is missed with chance below 0.56^200.
    steps, _ = run(base, expert, config=config, max_new_tokens=200, temperature=1.0, seed=3)
    assert {step.token_id for step in steps} == {10, 30}
    config = DecodingConfig(mix_choice="vocabulary", mix_top_k=1)
    steps, _ = run(base, expert, config=config, max_new_tokens=200, temperature=1.0, seed=3)
    # Not candidates, and the base's alone: 20 and 40. Not candidates, and the expert's: 50, 60.
    assert {step.token_id for step in steps} == {10, 20, 30, 40}


def test_override_is_a_spike_whose_token_is_not_the_bases() -> None:
    base, expert = constant(t10=0.9, t20=0.1), constant(t10=0.8, t20=0.2)
    (step,), _ = run(base, expert, alpha=0.9)
    assert (step.spiked, step.overridden) == (True, False)
    (step,), _ = run(base, constant(t20=1.0), alpha=0.9)
    assert (step.spiked, step.overridden) == (True, True)
    assert (step.token_id, step.base_token_id, step.expert_token_id) == (20, 10, 20)


@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_without_a_spike_the_token_is_the_bases(temperature: float) -> None:
    base, expert = constant(t10=0.5, t20=0.5), constant(t30=1.0)
    guarded, _ = run(base, expert, gate=NEVER, max_new_tokens=50, temperature=temperature, seed=1)
    alone, _ = run(base, None, max_new_tokens=50, temperature=temperature, seed=1)
    assert [s.token_id for s in guarded] == [s.token_id for s in alone]
    assert not any(s.spiked or s.overridden for s in guarded)
    assert all(s.expert_token_id == 30 for s in guarded)
    assert all(s.expert_token_id is None for s in alone)


def test_base_and_mixture_choose_with_the_same_noise() -> None:
    base = constant(t10=0.3, t20=0.4, t30=0.3)
    # The expert is the base: every step spikes below any threshold, and no token may change.
    gate = GateConfig(v_threshold=1e-9, v_reset=-1e-9)
    steps, _ = run(
        base,
        constant(t10=0.31, t20=0.39, t30=0.3),
        gate=gate,
        alpha=1e-6,
        max_new_tokens=200,
        temperature=1.0,
        seed=5,
    )
    assert all(s.spiked for s in steps)
    assert len({s.token_id for s in steps}) == 3
    assert not any(s.overridden for s in steps)


@pytest.mark.parametrize(
    ("distance", "expected"),
    [("tv", 0.5), ("jsd", 0.3112781), ("cosine", 1 - 0.5**0.5)],
)
def test_current_is_the_configured_signal(distance: str, expected: float) -> None:
    gate = GateConfig(signal=distance)
    (step,), _ = run(constant(t10=1.0), constant(t10=0.5, t20=0.5), gate=gate)
    assert step.current == pytest.approx(expected, abs=1e-6)


def test_both_models_read_the_prompt_once_and_then_every_emitted_token() -> None:
    base, expert = constant(t10=1.0), constant(t20=1.0)
    read: dict[str, list[int]] = {}

    def spy(name: str, model: FunctionModel) -> FunctionModel:
        inner = model.logits_of

        def logits_of(token_ids: list[int]) -> Tensor:
            read[name] = list(token_ids)
            return inner(token_ids)

        model.logits_of = logits_of
        return model

    models = spy("base", base), spy("expert", expert)
    steps, reason = run(*models, alpha=0.9, max_new_tokens=4, speculative=False)
    assert [s.token_id for s in steps] == [20] * 4
    assert reason == "length"
    assert read == {"base": [1, 2, 20, 20, 20], "expert": [1, 2, 20, 20, 20]}
    assert base.lengths == expert.lengths == [2, 1, 1, 1]  # the last token is read by no one


@pytest.mark.parametrize("eos", [EOS, 10, 20])
def test_any_of_several_end_tokens_ends_the_answer(eos: int) -> None:
    base = FunctionModel(lambda ids: torch.eye(VOCAB_SIZE)[eos if len(ids) == 5 else 65] * 9)
    base.eos_token_ids = frozenset([EOS, 10, 20])
    steps, reason = run(base, None, max_new_tokens=9)
    assert [s.token_id for s in steps] == [65, 65, 65, eos]
    assert reason == "stop"


def test_steps_are_numbered_from_zero() -> None:
    steps, _ = run(constant(t65=1.0), None, max_new_tokens=5)
    assert [s.index for s in steps] == [0, 1, 2, 3, 4]


def test_inference_mode_does_not_leak_to_the_reader_of_the_steps() -> None:
    base = constant(t65=1.0)
    schedule = Schedule(Pair(base, base))
    request = Request(
        base_prompt_ids=(1,), sampling=SamplingParams(max_new_tokens=3), guarded=False
    )
    ticket = schedule.add(request)
    for _ in range(4):
        schedule.next_event(ticket)
        assert not torch.is_inference_mode_enabled()


def test_decoding_leaves_the_global_random_state_alone() -> None:
    before = torch.get_rng_state()
    run(constant(t65=0.5, t66=0.5), None, max_new_tokens=5, temperature=1.0, seed=1)
    assert torch.equal(torch.get_rng_state(), before)
