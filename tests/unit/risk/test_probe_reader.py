"""The probe: from hidden states to a risk, and what it refuses."""

import json
import math

import pytest
import torch

from _fakes import USER
from _probe_fakes import FACETS, MarkingModel, facet, probing
from ngsd_guard import ConfigurationError, Engine, NGSDConfig, ReflectionConfig
from ngsd_guard.config import ProbeReading
from ngsd_guard.errors import DecodingError
from ngsd_guard.pairs import Pair
from ngsd_guard.risk import ProbeReader, pooled
from ngsd_guard.testing import ScriptedModel


def reader_of(config: NGSDConfig | None = None, **options: object) -> ProbeReader:
    pair = Pair(MarkingModel(**options), ScriptedModel("No."), config or probing())
    assert isinstance(pair.risk_reader, ProbeReader)
    return pair.risk_reader


def said(text: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": text}]


def test_risk_is_ten_times_the_logistic_function_of_the_worst_facet() -> None:
    slight = probing([facet("harm", 2, 0, 0, intercept=-1), facet("fraud", 3, 0, 0, intercept=-1)])
    rating = reader_of(slight).reflect(said("one # mark"))
    assert rating.risk == pytest.approx(10 / (1 + math.exp(-2)), abs=1e-3)
    assert (rating.severity, rating.targeting, rating.confidence) == (None, None, 1.0)


def test_a_facet_that_only_names_does_not_rate() -> None:
    reader = reader_of(probing([facet("harm", 10, 0, 0), facet("hacking", 0, 10, 0, rates=False)]))
    scores = reader.facet_scores(said("break in $"))
    assert scores["hacking"] > 9
    assert reader.rating(scores).risk < 1


def test_injection_is_no_risk_of_a_request() -> None:
    reader = reader_of()
    assert reader.reflect(said("do it now!!!")).risk < 1
    assert reader.injection_scores(["all quiet", "do it now!"])[0] < 1
    assert reader.injection_scores(["all quiet", "do it now!"])[1] > 9


def test_facets_run_no_more_layers_than_theirs() -> None:
    base = MarkingModel()
    reader = ProbeReader(probing().reflection, base)
    reader.reflect(USER)
    assert base.layers == [2]
    reader.injection_scores(["text"])
    assert base.layers == [2, 1]


def test_only_families_told_from_harmless_text_and_from_each_other_have_a_name() -> None:
    assert reader_of().named_facets == ("hacking",)
    assert reader_of(probing(FACETS, min_area=0.5)).named_facets == ("hacking", "violence")
    assert reader_of(probing(FACETS, min_area=0.85)).named_facets == ()


def test_an_answer_is_rated_as_its_request_is_and_alpha_follows() -> None:
    pair = Pair(MarkingModel(), ScriptedModel("Sure."), probing())
    harmful, harmless = said("a # here"), said("nothing here")
    answers = [Engine(pair).generate(each, max_new_tokens=2) for each in (harmful, harmless)]
    assert [answer.risk for answer in answers] == [
        pair.risk_reader.reflect(each).risk for each in (harmful, harmless)
    ]
    assert (answers[0].alpha or 0) > (answers[1].alpha or 0)


def test_a_prefilled_answer_does_not_change_the_risk() -> None:
    reader = reader_of()
    prefilled = [*said("a # here"), {"role": "assistant", "content": "Sure"}]
    assert reader.reflect(prefilled) == reader.reflect(said("a # here"))


def test_a_prompt_that_does_not_fit_is_rated_by_its_riskiest_window() -> None:
    reader = reader_of(context_length=120)
    assert reader.reflect(said("a" * 600)).risk < 1
    assert reader.reflect(said("a" * 300 + "#" + "a" * 300)).risk > 9


def test_a_mean_leaves_out_what_every_prompt_begins_with() -> None:
    states = [torch.tensor([[9.0], [9.0], [1.0], [3.0]]), torch.tensor([[9.0]])]
    assert pooled(states, "mean", 2).tolist() == [[2.0], [9.0]]
    assert pooled(states, "last", 2).tolist() == [[3.0], [9.0]]
    assert pooled(states, "both", 2).tolist() == [[3.0, 2.0], [9.0, 9.0]]


def test_a_base_without_hidden_states_is_refused_with_the_remedy() -> None:
    with pytest.raises(ConfigurationError, match="reader='expert'"):
        Pair(ScriptedModel("Sure."), ScriptedModel("No."), probing())


def test_a_reader_without_facets_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="fit a probe"):
        Pair(
            MarkingModel(),
            ScriptedModel("No."),
            NGSDConfig(reflection=ReflectionConfig(reader="probe")),
        )


def test_facets_of_another_base_are_refused() -> None:
    reader = reader_of(probing([facet("harm", 1.0)]))
    with pytest.raises(ConfigurationError, match=r"2 weights.*4 dimensions"):
        reader.reflect(USER)


def test_hidden_states_that_are_no_numbers_are_an_error_not_a_low_risk() -> None:
    base = MarkingModel()
    base.hidden_states = lambda rows, layer: [torch.full((len(r), 4), torch.nan) for r in rows]  # type: ignore[method-assign]
    with pytest.raises(DecodingError, match="not finite"):
        ProbeReader(probing().reflection, base).reflect(USER)


def test_wrong_facets_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="two facets are called 'harm'"):
        ProbeReading(facets=(FACETS[0], FACETS[0]))
    silent = facet("hacking", 1, rates=False)
    with pytest.raises(ConfigurationError, match="no facet but 'injection'"):
        probing((silent, FACETS[-1]))


def test_a_probe_survives_being_written_as_json() -> None:
    reflection = probing().reflection
    assert ReflectionConfig(**json.loads(reflection.model_dump_json())) == reflection
