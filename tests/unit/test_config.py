from typing import Any

import pytest

from ngsd_guard import (
    AuditConfig,
    ConfigurationError,
    DecodingConfig,
    GateConfig,
    NGSDConfig,
    ReflectionConfig,
)
from ngsd_guard.config import SamplingParams

NAN, INF = float("nan"), float("inf")
MODELS = {
    AuditConfig: {},
    DecodingConfig: {},
    GateConfig: {},
    NGSDConfig: {},
    ReflectionConfig: {},
    SamplingParams: {"max_new_tokens": 1},
}
TOO_FAR: list[tuple[type, str, Any]] = [
    *[(GateConfig, "v_threshold", value) for value in (0.0, -1.0, NAN, INF)],
    *[(GateConfig, "bias_current", value) for value in (-0.1, 1.0, NAN)],
    *[(GateConfig, "tau", value) for value in (1.0, 0.0, -8.0, INF)],
    *[(GateConfig, "v_reset", value) for value in (NAN, -INF)],
    *[(GateConfig, "reset_retention", value) for value in (-0.1, 1.1, NAN)],
    *[(GateConfig, "decay", value) for value in (-0.1, 1.0)],
    *[(GateConfig, "persistence", value) for value in (0, -1, 1.5)],
    *[(GateConfig, "kind", value) for value in ("LIF", None, 3)],
    (GateConfig, "signal", "kl"),
    (ReflectionConfig, "scoring", "parse"),
    (ReflectionConfig, "aggregation", "linear"),
    (ReflectionConfig, "alpha_map", "step"),
    *[(ReflectionConfig, "min_confidence", value) for value in (-0.1, 1.1, NAN)],
    *[(DecodingConfig, "mix_top_k", value) for value in (0, -1)],
    *[(DecodingConfig, "max_new_tokens", value) for value in (0, 2.5)],
    (DecodingConfig, "mix_choice", "all"),
    (DecodingConfig, "special_tokens", "allow"),
    (AuditConfig, "content", "everything"),
    (AuditConfig, "fsync", True),
    *[(SamplingParams, "max_new_tokens", value) for value in (0, -1, None, "many")],
    *[(SamplingParams, "temperature", value) for value in (-0.1, NAN, INF, None)],
    *[(SamplingParams, "top_k", value) for value in (0, -1)],
    *[(SamplingParams, "top_p", value) for value in (0.0, -0.1, 1.1, NAN)],
    *[(SamplingParams, "seed", value) for value in (-1, 2**63)],
    *[(SamplingParams, "stop", value) for value in (("",), (3,), 5)],
]
AT_THE_LIMIT: list[tuple[type, str, Any]] = [
    *[(GateConfig, "bias_current", value) for value in (0.0, 0.999)],
    *[(GateConfig, "reset_retention", value) for value in (0.0, 1.0)],
    (GateConfig, "v_reset", -5.0),
    *[(ReflectionConfig, "min_confidence", value) for value in (0.0, 1.0)],
    (DecodingConfig, "mix_top_k", 1),
    (SamplingParams, "temperature", 0.0),
    (SamplingParams, "top_p", 1.0),
    *[(SamplingParams, "seed", value) for value in (0, 2**63 - 1)],
]


@pytest.mark.parametrize("model", MODELS)
def test_unknown_option_is_named(model: type) -> None:
    with pytest.raises(ConfigurationError, match=rf"{model.__name__}: unknown option 'v_treshold'"):
        model(**MODELS[model], v_treshold=1.0)


@pytest.mark.parametrize(("model", "option", "value"), TOO_FAR)
def test_value_out_of_bounds_is_named_with_its_option(model: type, option: str, value: Any) -> None:
    with pytest.raises(ConfigurationError, match=f"{model.__name__}: .*{option}"):
        model(**(MODELS[model] | {option: value}))


@pytest.mark.parametrize(("model", "option", "value"), AT_THE_LIMIT)
def test_value_at_its_bound_is_accepted(model: type, option: str, value: Any) -> None:
    assert getattr(model(**(MODELS[model] | {option: value})), option) == value


def test_all_wrong_options_are_named_in_one_error() -> None:
    with pytest.raises(ConfigurationError) as caught:
        GateConfig(tau=0.5, decya=1, bias_current=2)
    for name in ("tau", "decya", "bias_current"):
        assert name in str(caught.value)


def test_wrong_option_in_a_nested_mapping_is_named() -> None:
    with pytest.raises(ConfigurationError, match="v_treshold"):
        NGSDConfig(gate={"v_treshold": 1.0})


def test_nested_options_may_be_a_mapping() -> None:
    assert NGSDConfig(gate={"tau": 4.0}).gate == GateConfig(tau=4.0)


def test_options_are_keyword_only() -> None:
    with pytest.raises(TypeError):
        GateConfig("lif")  # type: ignore[misc]


@pytest.mark.parametrize("model", MODELS)
def test_options_cannot_be_assigned_to(model: type) -> None:
    options = model(**MODELS[model])
    name = next(iter(model.model_fields))
    with pytest.raises(ValueError, match="frozen"):
        setattr(options, name, getattr(options, name))


def test_replace_changes_only_the_named_options_and_not_the_original() -> None:
    old = GateConfig(tau=4.0, v_threshold=2.0)
    new = old.replace(v_threshold=3.0)
    assert (new.tau, new.v_threshold) == (4.0, 3.0)
    assert (old.tau, old.v_threshold) == (4.0, 2.0)
    assert new.model_fields_set == {"tau", "v_threshold"}


def test_replace_validates_the_copy() -> None:
    with pytest.raises(ConfigurationError, match="tau"):
        GateConfig().replace(tau=0.5)
    with pytest.raises(ConfigurationError, match="unknown option 'tua'"):
        GateConfig().replace(tua=3.0)
    with pytest.raises(ConfigurationError, match="'ema' gate has no option tau"):
        GateConfig(tau=4.0).replace(kind="ema")
    assert GateConfig(v_threshold=0.5).replace(kind="ema").v_threshold == 0.5


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("lif", {"decay": 0.5}),
        ("lif", {"persistence": 3}),
        ("ema", {"tau": 8.0}),
        ("ema", {"persistence": 3}),
        ("smg", {"reset_retention": 0.6}),
        ("smg", {"v_reset": 0.0}),
        ("debounce", {"decay": 0.5}),
        ("ewma", {"tau": 8.0}),
    ],
)
def test_option_of_another_kind_of_gate_is_refused_even_at_its_default(
    kind: str, options: dict[str, Any]
) -> None:
    (name,) = options
    with pytest.raises(ConfigurationError, match=f"'{kind}' gate has no option {name}"):
        GateConfig(kind=kind, **options)


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("lif", {"tau": 4.0, "v_reset": 0.1, "reset_retention": 0.3}),
        ("ema", {"decay": 0.7}),
        ("smg", {"decay": 0.7}),
        ("debounce", {"persistence": 5}),
        ("ewma", {"decay": 0.7, "persistence": 5}),
    ],
)
def test_every_kind_of_gate_accepts_its_own_options(kind: str, options: dict[str, Any]) -> None:
    common = {"v_threshold": 0.7, "bias_current": 0.1, "signal": "jsd"}
    config = GateConfig(kind=kind, **options, **common)
    assert config.model_dump(include=set(options)) == options


@pytest.mark.parametrize("v_reset", [1.0, 1.5])
def test_rest_at_or_above_the_threshold_is_refused(v_reset: float) -> None:
    with pytest.raises(ConfigurationError, match="not below v_threshold"):
        GateConfig(v_reset=v_reset)


@pytest.mark.parametrize(
    "knots",
    [
        (),
        ((5.0, 0.1), (2.0, 0.9)),
        ((2.0, 0.1), (2.0, 0.9)),
        ((2.0, 0.9), (5.0, 0.1)),
        ((-1.0, 0.1),),
        ((11.0, 0.1),),
        ((2.0, -0.1),),
        ((2.0, 1.1),),
        ((2.0, NAN),),
        ((NAN, 0.5),),
        ((2.0,),),
    ],
)
def test_alpha_knots_that_do_not_increase_are_refused(knots: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"alpha_knots|alphas"):
        ReflectionConfig(alpha_knots=knots)


@pytest.mark.parametrize("alpha_map", ["paper", "reference"])
def test_alpha_knots_of_a_map_without_knots_are_refused(alpha_map: str) -> None:
    with pytest.raises(ConfigurationError, match="does not use alpha_knots"):
        ReflectionConfig(alpha_map=alpha_map, alpha_knots=((2.0, 0.1),))


def test_paper_preset_follows_the_papers_text() -> None:
    config = NGSDConfig.preset("paper")
    assert config.gate.kind == "lif"
    assert (config.gate.signal, config.gate.tau) == ("tv", 8.0)
    assert (config.gate.v_threshold, config.gate.v_reset) == (1.0, 0.0)
    assert (config.gate.reset_retention, config.gate.bias_current) == (0.0, 0.0)
    reflection = config.reflection
    assert (reflection.scoring, reflection.aggregation) == ("mode", "paper")
    assert reflection.alpha_map == "paper"
    assert (config.decoding.mix_top_k, config.decoding.mix_choice) == (64, "candidates")


def test_reference_preset_follows_the_released_code() -> None:
    config = NGSDConfig.preset("reference")
    assert config.gate == GateConfig(
        tau=8.0, v_threshold=1.0, v_reset=0.0, reset_retention=0.6, bias_current=0.0
    )
    reflection = config.reflection
    assert (reflection.scoring, reflection.aggregation) == ("mode", "reference")
    assert reflection.alpha_map == "reference"
    assert (config.decoding.mix_top_k, config.decoding.mix_choice) == (64, "vocabulary")


def test_default_preset_equals_the_default_options() -> None:
    config = NGSDConfig.preset("default")
    assert config == NGSDConfig()
    assert config.gate.bias_current == 0.8
    assert (config.gate.reset_retention, config.gate.v_threshold) == (0.6, 0.9)
    assert (config.reflection.scoring, config.reflection.alpha_map) == ("expectation", "linear")
    assert config.decoding.special_tokens == "reject"


def test_unknown_preset_is_named_with_the_available_ones() -> None:
    with pytest.raises(ConfigurationError, match="'strict'; use one of paper, reference, default"):
        NGSDConfig.preset("strict")  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["paper", "reference", "default"])
def test_preset_knows_its_name(name: str) -> None:
    config = NGSDConfig.preset(name)
    assert config.preset_name == name
    assert config.replace(decoding=DecodingConfig(max_new_tokens=7)).preset_name == "custom"


def test_preset_is_recognised_by_its_values() -> None:
    spelt_out = NGSDConfig(gate=GateConfig(kind="lif", bias_current=0.8, v_threshold=0.9, tau=8))
    assert spelt_out.preset_name == "default"
    assert spelt_out.digest == NGSDConfig().digest


def test_digest_is_a_sha256_that_changes_with_every_option() -> None:
    variants = [
        NGSDConfig(),
        NGSDConfig.preset("paper"),
        NGSDConfig.preset("reference"),
        NGSDConfig(gate=GateConfig(bias_current=0.8, v_threshold=1.0000001)),
        NGSDConfig(gate=GateConfig(bias_current=0.8, signal="jsd")),
        NGSDConfig(reflection=ReflectionConfig(min_confidence=0.06)),
        NGSDConfig(reflection=ReflectionConfig(alpha_knots=((2.0, 0.1), (5.0, 0.8)))),
        NGSDConfig(decoding=DecodingConfig(max_new_tokens=255)),
    ]
    digests = {config.digest for config in variants}
    assert len(digests) == len(variants)
    assert all(len(digest) == 64 and int(digest, 16) >= 0 for digest in digests)


def test_options_survive_a_round_trip_through_json() -> None:
    for name in ("paper", "reference", "default"):
        config = NGSDConfig.preset(name)
        dumped = config.model_dump_json(exclude_unset=True)
        assert NGSDConfig.model_validate_json(dumped) == config
