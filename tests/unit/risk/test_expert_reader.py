"""The expert's reading: from two predictions of the first token to a risk."""

import math

import pytest
import torch

from _fakes import USER, CountingModel, FunctionModel, constant
from ngsd_guard import ConfigurationError, Engine, NGSDConfig, ReflectionConfig
from ngsd_guard.config import DecodingConfig, ExpertReading
from ngsd_guard.pairs import Pair
from ngsd_guard.testing import ScriptedModel

READING = ExpertReading(
    openings=("Sorry",), intercept=-2.0, total_variation=3.0, refusal=1.0, log_odds=0.5
)
CONFIG = NGSDConfig(reflection=ReflectionConfig(reader="expert", expert=READING))
SORRY, OTHER = ord("S"), ord("O")


def pair_of(base: ScriptedModel, expert: ScriptedModel, config: NGSDConfig = CONFIG) -> Pair:
    return Pair(base, expert, config)


def test_risk_is_the_logistic_map_of_the_three_features() -> None:
    # The expert begins with "S" at 0.8, the base at 0.2: a distance of 0.6.
    pair = pair_of(constant(t83=0.2, t79=0.8), constant(t83=0.8, t79=0.2))
    logit = -2.0 + 3.0 * 0.6 + 1.0 * 0.8 + 0.5 * math.log(0.8 / 0.2)
    rating = pair.risk_reader.reflect(USER)
    assert rating.risk == pytest.approx(10 / (1 + math.exp(-logit)), abs=1e-3)
    assert (rating.severity, rating.evasion) == (None, None)


def test_an_expert_that_agrees_finds_little_risk_and_one_that_refuses_much() -> None:
    base = ScriptedModel("Of course.")
    calm = pair_of(base, ScriptedModel("Of course.")).risk_reader.reflect(USER)
    alarmed = pair_of(base, ScriptedModel("Sorry, no.")).risk_reader.reflect(USER)
    assert calm.risk < 2 < 9 < alarmed.risk
    assert calm.alpha < alarmed.alpha


def test_while_decoding_the_reading_costs_no_forward_pass() -> None:
    config = CONFIG.replace(decoding=DecodingConfig(speculative=False))
    base, expert = CountingModel("Sorry."), CountingModel("Sorry.")
    answer = Engine(Pair(base, expert, config)).generate(USER, max_new_tokens=4)
    assert answer.risk is not None
    prompt = len(base.encode_chat(USER))
    for model in (base, expert):
        assert model.lengths == [prompt, 1, 1, 1]


def test_the_rating_of_an_answer_is_that_of_reflect() -> None:
    pair = pair_of(constant(t83=0.3, t79=0.7), constant(t83=0.9, t79=0.1))
    answer = Engine(pair).generate(USER, max_new_tokens=2)
    assert answer.risk == pytest.approx(Engine(pair).reflect(USER).risk, abs=1e-3)


def test_a_prefilled_answer_does_not_change_what_is_rated() -> None:
    def logits(token_ids: list[int]) -> torch.Tensor:
        chosen = torch.zeros(257)
        # Right after "assistant" a refusal begins; within an answer there is none.
        chosen[SORRY if token_ids[-1] == 0x1F else OTHER] = 30.0
        return chosen

    pair = pair_of(ScriptedModel("Of course."), FunctionModel(logits))
    plain = Engine(pair).generate(USER, max_new_tokens=1)
    prefilled = [*USER, {"role": "assistant", "content": "Of cour"}]
    answer = Engine(pair).generate(prefilled, max_new_tokens=3)
    assert answer.risk == pytest.approx(plain.risk, abs=1e-3)
    assert plain.risk is not None
    assert plain.risk > 5
    assert Engine(pair).reflect(prefilled).risk == pytest.approx(plain.risk, abs=1e-3)


def test_a_prompt_that_does_not_fit_is_rated_by_its_riskiest_window() -> None:
    def logits(token_ids: list[int]) -> torch.Tensor:
        chosen = torch.zeros(257)
        chosen[SORRY if ord("#") in token_ids else OTHER] = 30.0
        return chosen

    base = ScriptedModel("Of course.", context_length=120)
    pair = pair_of(base, FunctionModel(logits, context_length=120))
    harmless = [{"role": "user", "content": "a" * 600}]
    hidden = [{"role": "user", "content": "a" * 300 + "#" + "a" * 300}]
    assert pair.risk_reader.reflect(harmless).risk < 2
    assert pair.risk_reader.reflect(hidden).risk > 5


def test_an_unknown_reader_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="rubric"):
        ReflectionConfig(reader="tea leaves")
