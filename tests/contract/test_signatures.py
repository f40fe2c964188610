"""Names and signatures that other programs rely on."""

import inspect
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from typing import Any, get_args

import pytest
import torch

from ngsd_guard import (
    AuditLog,
    DecodeStep,
    Engine,
    GateConfig,
    Generation,
    NGSDConfig,
    RiskScores,
    TokenStream,
    load_engine,
)
from ngsd_guard.decoding import mix_top_k
from ngsd_guard.gate import GateState, LIFGate, total_variation_distance
from ngsd_guard.protocols import KVCache, LanguageModel
from ngsd_guard.testing import ScriptedModel, scripted_engine
from ngsd_guard.types import FinishReason

KEYWORD = inspect.Parameter.KEYWORD_ONLY
REQUEST = {
    "temperature": 0.0,
    "top_p": 1.0,
    "seed": None,
    "stop": None,
    "guarded": True,
    "speculative": None,
    "trace": False,
}
RECORDS = {
    Generation: """text token_ids finish_reason risk alpha num_spikes num_overrides peak_potential
        usage timing steps""",
    DecodeStep: "token_id text current membrane_potential spiked overridden base_token_id",
    RiskScores: "severity actionability evasion targeting risk alpha",
    GateState: "membrane_potential",
}


def defaults(function: Callable[..., Any]) -> dict[str, Any]:
    return {name: p.default for name, p in inspect.signature(function).parameters.items()}


@pytest.mark.parametrize("method", [Engine.generate, Engine.stream])
def test_request_takes_the_options_of_the_contract_by_keyword(method: Callable[..., Any]) -> None:
    parameters = inspect.signature(method).parameters
    assert list(parameters)[:2] == ["self", "messages"]
    assert parameters["messages"].default is inspect.Parameter.empty
    assert "max_new_tokens" in parameters
    for name, default in REQUEST.items():
        assert parameters[name].default == default
        assert parameters[name].kind is KEYWORD


def test_generate_and_stream_take_the_same_options() -> None:
    assert defaults(Engine.generate) == defaults(Engine.stream)


def test_load_engine_takes_the_options_of_the_contract() -> None:
    expected = {"base": "ngsd-mini", "expert": None, "config": None, "device": None}
    assert list(defaults(load_engine))[:4] == list(expected)
    assert {name: defaults(load_engine)[name] for name in expected} == expected


def test_mix_takes_the_options_of_the_contract() -> None:
    parameters = inspect.signature(mix_top_k).parameters
    assert list(parameters) == ["base_probs", "expert_probs", "alpha", "top_k"]
    assert parameters["alpha"].default is inspect.Parameter.empty
    assert parameters["top_k"].default == 64
    assert parameters["alpha"].kind is parameters["top_k"].kind is KEYWORD


def test_audit_log_takes_its_options_by_keyword() -> None:
    parameters = inspect.signature(AuditLog).parameters
    assert list(parameters)[:1] == ["path"]
    assert parameters["content"].default == "none"
    for name in ("content", "key", "fsync"):
        assert parameters[name].kind is KEYWORD


def test_total_variation_takes_two_distributions_by_position() -> None:
    assert list(defaults(total_variation_distance)) == ["p", "q"]
    assert total_variation_distance(torch.ones(2, 3, 4) / 4, torch.ones(2, 3, 4) / 4).shape == (
        2,
        3,
    )


def test_lif_gate_steps_as_the_contract_says() -> None:
    gate = LIFGate(GateConfig())
    state, spiked = gate.step(gate.initial_state(batch_size=2), torch.tensor([0.25, 1.0]))
    assert isinstance(state, GateState)
    assert state.membrane_potential.shape == spiked.shape == (2,)
    assert state.membrane_potential.dtype == torch.float32
    assert spiked.dtype == torch.bool


def test_gate_options_have_the_names_of_the_contract() -> None:
    names = {"v_threshold", "tau", "v_reset", "reset_retention", "bias_current"}
    assert names <= set(GateConfig.model_fields)
    for preset in ("paper", "reference", "default"):
        assert isinstance(NGSDConfig.preset(preset).gate, GateConfig)


@pytest.mark.parametrize("record", RECORDS)
def test_record_is_frozen_and_has_the_fields_of_the_contract(record: type) -> None:
    assert is_dataclass(record)
    assert set(RECORDS[record].split()) <= {field.name for field in fields(record)}
    assert record.__dataclass_params__.frozen  # type: ignore[attr-defined]


def test_finish_reasons_are_those_of_the_contract() -> None:
    assert set(get_args(FinishReason)) == {"stop", "length", "cancelled"}


def test_engine_answers_as_the_contract_says() -> None:
    engine = scripted_engine("Sure.", "No.")
    messages = [{"role": "user", "content": "Hi"}]
    answer = engine.generate(messages, max_new_tokens=8, trace=True)
    assert isinstance(answer, Generation)
    assert isinstance(engine.reflect(messages), RiskScores)
    stream = engine.stream(messages, max_new_tokens=8)
    assert isinstance(stream, TokenStream)
    assert tuple(stream) == answer.steps
    (batched,) = engine.generate_batch([messages], max_new_tokens=8)
    assert batched.token_ids == answer.token_ids


@pytest.mark.parametrize(
    ("protocol", "implementation"),
    [(LanguageModel, ScriptedModel("")), (KVCache, ScriptedModel("").new_cache())],
    ids=["model", "cache"],
)
def test_fakes_have_every_member_of_the_protocols(protocol: type, implementation: object) -> None:
    members = {name for name in vars(protocol) if not name.startswith("_")}
    assert members
    for name in members:
        assert hasattr(implementation, name)
        member = vars(protocol)[name]
        if inspect.isfunction(member):
            wanted = [*inspect.signature(member).parameters][1:]
            assert [*inspect.signature(getattr(implementation, name)).parameters] == wanted
