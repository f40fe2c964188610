"""Published decoders, against numbers worked out by hand."""

import math
from typing import Any

import pytest
import torch
from torch import Tensor

from _fakes import USER, FunctionModel, constant, random_logits
from ngsd_guard import ConfigurationError, Engine, NGSDConfig, ReflectionConfig
from ngsd_guard.decoding import Steering
from ngsd_guard.errors import ShapeMismatchError
from ngsd_guard.evaluation.baselines import (
    SSD,
    Contrast,
    SafeDecoding,
    SSDState,
    ValueFilter,
    log_weights,
    shared_tokens,
)
from ngsd_guard.pairs import Pair

READ_BY_EXPERT = NGSDConfig(reflection=ReflectionConfig(reader="expert"))


def logits(*probs: list[float]) -> Tensor:
    """Return [1, positions, vocab] logits of these distributions."""
    return torch.tensor(probs)[None].log()


def steps(steering: Steering, base: Tensor, expert: Tensor) -> tuple[list[int], list[bool], Any]:
    """Return the tokens, where the decoder was in force, and its states."""
    judged = steering.judge(steering.start(None, None), base, expert)
    count = base.shape[1]
    weights = steering.weights(judged, [0] * count, list(range(count)), torch.ones(count))
    own, applied = base[0].argmax(dim=-1), judged.spiked[0]
    tokens = torch.where(applied, weights.argmax(dim=-1), own)
    return tokens.tolist(), applied.tolist(), judged.states


def test_the_sample_space_is_the_smallest_intersection_of_the_two_rankings() -> None:
    base = torch.tensor([[0.4, 0.3, 0.2, 0.1], [0.4, 0.3, 0.2, 0.1]])
    expert = torch.tensor([[0.1, 0.2, 0.3, 0.4], [0.3, 0.4, 0.2, 0.1]])
    # Row 0: {0, 1} and {3, 2} share nothing, {0, 1, 2} and {3, 2, 1} share 1 and 2.
    # Row 1: already {0, 1} and {1, 0} share two.
    assert shared_tokens(base, expert, 2).tolist() == [
        [False, True, True, False],
        [True, True, False, False],
    ]
    assert shared_tokens(base, expert, 9).all()


def test_the_sample_space_equals_a_plain_search_over_k() -> None:
    generator = torch.Generator().manual_seed(5)
    base = (2 * torch.randn(6, 3000, generator=generator)).softmax(dim=-1)
    expert = (2 * torch.randn(6, 3000, generator=generator)).softmax(dim=-1)
    found = shared_tokens(base, expert, 5)
    for row in range(6):
        orders = [p[row].argsort(descending=True).tolist() for p in (base, expert)]
        k = next(k for k in range(1, 3001) if len(set(orders[0][:k]) & set(orders[1][:k])) >= 5)
        expected = set(orders[0][:k]) & set(orders[1][:k])
        assert set(found[row].nonzero()[:, 0].tolist()) == expected


def test_wrong_sample_spaces_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="at least 1"):
        shared_tokens(torch.ones(1, 3), torch.ones(1, 3), 0)
    with pytest.raises(ShapeMismatchError):
        shared_tokens(torch.ones(1, 3), torch.ones(1, 4), 1)


def test_log_weights_keep_the_order_of_negative_scores() -> None:
    scores = torch.tensor([-3.0, -0.5, 0.25, -0.75])
    weights = log_weights(scores, torch.tensor([True, True, False, True]))
    assert weights[2] == -math.inf
    assert weights.argsort(descending=True).tolist() == [1, 3, 0, 2]
    assert log_weights(scores, torch.ones(4, dtype=torch.bool))[2] == pytest.approx(math.log(0.25))


def test_safe_decoding_amplifies_the_expert_on_the_first_tokens_only() -> None:
    # p_b + 3 (p_e - p_b): 0.6 - 0.9 = -0.3, 0.3 + 0.6 = 0.9, 0.1 + 0.3 = 0.4.
    base, expert = [0.6, 0.3, 0.1], [0.3, 0.5, 0.2]
    steering = SafeDecoding(num_shared=2)
    found = steps(steering, logits(base, base, base), logits(expert, expert, expert))
    assert found[:2] == ([1, 1, 0], [True, True, False])
    judged = steering.judge(steering.start(None, None), logits(base), logits(expert))
    weights = steering.weights(judged, [0], [0], torch.ones(1))[0]
    # Two tokens are shared by the two best of each: 0 and 1. Token 2 is out of the sample space.
    assert weights[2] == -math.inf
    assert weights[1].item() == pytest.approx(math.log(0.9))
    assert judged.currents[0, 0].item() == pytest.approx(0.3)


def test_safe_decoding_cannot_say_what_is_not_in_the_sample_space() -> None:
    base, expert = [0.5, 0.4, 0.1, 0.0001], [0.2, 0.3, 0.1, 0.4]
    # The best three of each share 0 and 1 (k = 3), so that the expert's favourite, 3, is out;
    # 1 has 0.4 - 0.3 = 0.1 and 0 has 0.5 - 0.9 = -0.4.
    assert steps(SafeDecoding(num_shared=2), logits(base), logits(expert))[0] == [1]


def ssd(state: dict[str, float], base: list[float], expert: list[float]) -> tuple[int, SSDState]:
    """Return the token of one step from a given state, and the state after it."""
    steering = SSD(num_shared=2, window=2)
    start: Any = steering.start(None, None)
    changed = {name: torch.tensor([value]) for name, value in state.items()}
    fields = {name: getattr(start, name) for name in start.__dataclass_fields__} | changed
    judged = steering.judge(SSDState(**fields), logits(base), logits(expert))
    weights = steering.weights(judged, [0], [0], torch.ones(1))
    (after,) = judged.states
    assert isinstance(after, SSDState)
    return int(weights.argmax()), after


def test_ssd_takes_the_bases_token_where_it_is_not_shared() -> None:
    # The two best of each share 1 alone, the three best 1 and 2: the base's 0 is not shared.
    assert ssd({}, [0.5, 0.3, 0.15, 0.05], [0.01, 0.44, 0.3, 0.25])[0] == 0


def test_ssd_intersection_follows_the_expert_by_its_strength() -> None:
    # 0.45: 0.5 - 0.18 = 0.32 and 0.3 + 0.135 = 0.435; with 0.3 it is 0.38 and 0.39; with 0.1
    # it is 0.46 and 0.33.
    base, expert = [0.5, 0.3, 0.2], [0.1, 0.6, 0.3]
    assert ssd({}, base, expert)[0] == 1
    assert ssd({"alpha": 0.3}, base, expert)[0] == 1
    assert ssd({"alpha": 0.1}, base, expert)[0] == 0


def test_ssd_union_reaches_what_only_the_expert_says() -> None:
    base, expert = [0.6, 0.3, 0.09, 0.01], [0.1, 0.2, 0.3, 0.4]
    # Union of {0, 1} and {3, 2}: -0.4, 0.1, 0.51, 0.79.
    assert ssd({"is_union": True}, base, expert)[0] == 3


def test_ssd_switches_by_the_match_ratio_of_a_window() -> None:
    agree, differ = [0.7, 0.2, 0.1], [0.1, 0.2, 0.7]
    # Step 2 of 2 with one match before: ratio 1/2 < 0.6, so the union; threshold restored.
    last: dict[str, float] = {"num_steps": 1, "num_matches": 1, "threshold": 0.6, "alpha": 0.45}
    token, after = ssd(last, agree, differ)
    assert token == 0
    assert (bool(after.is_union), int(after.num_matches)) == (True, 0)
    assert after.threshold.item() == pytest.approx(0.6)
    assert after.alpha.item() == pytest.approx(0.45)
    # Two matches: it stays, and both the threshold and the strength go down.
    _, after = ssd(last, agree, agree)
    assert not bool(after.is_union)
    assert after.threshold.item() == pytest.approx(0.5)
    assert after.alpha.item() == pytest.approx(0.3)
    # In the union only the threshold goes down, to 0 at last, where nothing is below it.
    _, after = ssd(last | {"is_union": True, "num_matches": 0, "threshold": 0.6}, agree, agree)
    assert bool(after.is_union)
    assert after.threshold.item() == pytest.approx(0.5)
    assert after.alpha.item() == pytest.approx(0.45)
    low = {"is_union": True, "num_matches": 0, "threshold": 0.05, "num_steps": 1}
    # The union's token for `agree` against `differ` is the expert's: a match, 1/2 >= 0.05.
    _, after = ssd(low, agree, differ)
    assert not bool(after.is_union)
    # Before the end of a window nothing changes.
    _, after = ssd({"num_steps": 0}, agree, differ)
    assert (int(after.num_steps), float(after.threshold)) == (1, pytest.approx(0.6))


def test_contrast_grows_with_the_distance_on_telling_words_and_fades() -> None:
    base, expert = [0.7, 0.2, 0.1], [0.3, 0.6, 0.1]
    steering = Contrast(frozenset({1, 2}), strength=1.0, sensitivity=2.0, decay=0.5)
    judged = steering.judge(steering.start(None, None), logits(base, base), logits(expert, expert))
    weights = steering.weights(judged, [0, 0], [0, 1], torch.ones(2))
    # Token 2 counts too, but does not differ: d = 0.4, alpha = 1 - exp(-0.8), then faded.
    for position, alpha in enumerate((1 - math.exp(-0.8), (1 - math.exp(-0.8)) * math.exp(-0.5))):
        assert weights[position].exp().tolist() == pytest.approx(
            [0.7 - 0.4 * alpha, 0.2 + 0.4 * alpha, 0.1]
        )
    # The default strength carries the expert's word.
    assert steps(Contrast(frozenset({1})), logits(base), logits(expert))[:2] == ([1], [True])


def test_contrast_counts_only_words_that_one_of_the_two_holds_likely() -> None:
    base, expert = [0.97, 0.01, 0.02], [0.94, 0.04, 0.02]
    assert steps(Contrast(frozenset({1})), logits(base), logits(expert))[1] == [False]


def test_value_filter_keeps_the_bases_words_within_its_bound() -> None:
    # log(0.6 / 0.2) = 1.0986 a token: the bound of 2.5 holds for two of them, not for three.
    base, expert = [0.6, 0.4], [0.2, 0.8]
    tokens, applied, states = steps(ValueFilter(2.5), logits(*[base] * 4), logits(*[expert] * 4))
    assert tokens == [0, 0, 1, 1]
    assert applied == [False, False, True, True]
    spent = [float(state.spent) for state in states]
    log3 = math.log(3)
    # The expert's token gives back log(0.8 / 0.4) = 0.6931; 1.504 + 1.0986 is too much again.
    assert spent == pytest.approx(
        [log3, 2 * log3, 2 * log3 - math.log(2), 2 * log3 - 2 * math.log(2)], abs=1e-5
    )


def test_value_filter_saves_up_no_gains_and_has_always_a_token() -> None:
    like, against = [0.5, 0.5], [1e-9, 1.0]
    tokens, _, states = steps(ValueFilter(1.0), logits(*[like] * 4), logits(*[against] * 4))
    assert tokens == [1, 1, 1, 1]
    assert [float(state.spent) for state in states] == [0.0] * 4


STEERINGS = [
    SafeDecoding(num_first=3),
    SSD(window=3),
    Contrast(frozenset(range(200)), strength=2.0),
    ValueFilter(1.0),
]


@pytest.mark.parametrize("steering", STEERINGS, ids=lambda s: type(s).__name__)
def test_drafting_and_company_change_no_token(steering: Any) -> None:
    def answers(*, speculative: bool, together: bool) -> list[tuple[int, ...]]:
        pair = Pair(
            FunctionModel(random_logits(3)), FunctionModel(random_logits(4)), READ_BY_EXPERT
        )
        engine = Engine(pair, steering=steering)
        asked = [[{"role": "user", "content": f"Tell me about {x}."}] for x in ("fox", "a bee")]
        options: Any = {"max_new_tokens": 16, "speculative": speculative}
        if together:
            return [g.token_ids for g in engine.generate_batch(asked, **options)]
        return [engine.generate(turns, **options).token_ids for turns in asked]

    alone = answers(speculative=False, together=False)
    assert answers(speculative=True, together=True) == alone
    assert answers(speculative=False, together=True) == alone


def test_an_unguarded_request_gets_the_bases_own_answer() -> None:
    base, expert = constant(t65=0.6, t66=0.4), constant(t65=0.1, t66=0.9)
    engine = Engine(Pair(base, expert, READ_BY_EXPERT), steering=SafeDecoding())
    steered = engine.generate(USER, max_new_tokens=4, trace=True)
    assert steered.text == "BBAA"
    assert [step.spiked for step in steered.steps or ()] == [True, True, False, False]
    assert engine.generate(USER, max_new_tokens=4, guarded=False).text == "AAAA"


def test_an_audited_engine_has_no_other_decoder(tmp_path: Any) -> None:
    from ngsd_guard import AuditLog

    pair = Pair(constant(t65=1.0), constant(t66=1.0))
    with AuditLog(tmp_path / "log") as log, pytest.raises(ConfigurationError, match="steering"):
        Engine(pair, audit=log, steering=SafeDecoding())
