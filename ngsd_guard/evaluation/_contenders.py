"""The contenders: the base alone, baselines, and the pair under test."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, is_dataclass
from typing import Any, Final, Literal, get_args

from ngsd_guard._version import __version__
from ngsd_guard.config import NGSDConfig, ReflectionConfig
from ngsd_guard.decoding import Steering
from ngsd_guard.engine import Engine
from ngsd_guard.errors import ConfigurationError
from ngsd_guard.evaluation._wrappings import SELF_REMINDER, system_first
from ngsd_guard.evaluation.baselines import (
    SSD,
    Contrast,
    SafeDecoding,
    Screen,
    SelfExam,
    ValueFilter,
    screen_options,
)
from ngsd_guard.pairs import Pair
from ngsd_guard.types import Message

ContenderName = Literal[
    "base",
    "ours",
    "self-reminder",
    "self-exam",
    "expert",
    "safe-decoding",
    "ssd",
    "contrast",
    "value-filter",
    "paper",
    "reference",
    "gate-lif",
    "gate-ema",
    "gate-smg",
    "gate-debounce",
    "gate-ewma",
    "signal-jsd",
    "signal-cosine",
    "alpha-fixed",
    "gate-alone",
    "reader-alone",
    "anchor",
]
CONTENDER_NAMES: Final[tuple[ContenderName, ...]] = get_args(ContenderName)
TITLES: Final[Mapping[str, str]] = {
    "base": "base alone",
    "ours": "ours",
    "self-reminder": "Self-Reminder",
    "self-exam": "Self-Exam",
    "expert": "expert alone",
    "safe-decoding": "SafeDecoding",
    "ssd": "SSD",
    "contrast": "contrast (SecDecoding)",
    "value-filter": "value filter",
    "paper": "preset paper",
    "reference": "preset reference",
    "gate-lif": "neuron from rest",
    "gate-ema": "EMA gate",
    "gate-smg": "SMG gate",
    "gate-debounce": "debounce gate",
    "gate-ewma": "EWMA gate",
    "signal-jsd": "neuron from rest, Jensen-Shannon",
    "signal-cosine": "neuron from rest, cosine",
    "alpha-fixed": "ours, alpha 0.9 for all",
    "gate-alone": "neuron from rest, alpha 0.9 for all",
    "reader-alone": "reader alone",
    "anchor": "training-free anchor alone",
}
ABLATION_NAMES: Final = CONTENDER_NAMES[CONTENDER_NAMES.index("gate-lif") :]
"""Parts of our guidance, and an anchor in its place; their thresholds are matched first."""
_STEERINGS: Final[Mapping[str, Callable[[Pair], Steering]]] = {
    "safe-decoding": lambda _: SafeDecoding(),
    "ssd": lambda _: SSD(),
    "contrast": lambda pair: Contrast(Contrast.telling_tokens(pair.base)),
    "value-filter": lambda _: ValueFilter(),
}
_PREFIX_CACHE_MIB: Final = 512
_SMALL_PREFIX_CACHE_MIB: Final = 192


@dataclass(frozen=True, slots=True)
class Contender:
    """A way to answer requests."""

    name: ContenderName
    engine: Engine = field(repr=False)
    guarded: bool
    identity: Mapping[str, Any]
    """Digests of models and options; contenders with the same identity give the same answers."""
    system: str | None = None
    has_own_risk: bool = False
    """Whether the risk read of a request is part of it, and not another contender's again."""
    screen: Screen | None = None
    """Replaces some of the answers by refusals; None for none."""

    @property
    def title(self) -> str:
        """Its name in tables."""
        return TITLES[self.name]

    @property
    def is_steered(self) -> bool:
        """Whether its answers may differ from those of the base alone to the same messages."""
        return self.guarded or self.screen is not None

    def conversation(self, messages: Sequence[Message]) -> tuple[Message, ...]:
        """Return the messages that the model gets."""
        if self.system is None or messages[0]["role"] == "system":
            return tuple(messages)
        return system_first(self.system, messages)


def make_contenders(engine: Engine, names: Sequence[ContenderName]) -> dict[str, Contender]:
    """Return contenders by name, in the order in which to run them; no ablations.

    Control tokens in public prompts are neutralised. The base runs right before the pair, which
    then reuses its prefix cache.

    Raises:
        ConfigurationError: there is no contender of a name.
    """
    unknown = [name for name in names if name not in CONTENDER_NAMES]
    if unknown:
        raise ConfigurationError(
            f"no contender {unknown[0]!r}; the contenders are {', '.join(CONTENDER_NAMES)}"
        )
    config = _decoding(engine.config, _PREFIX_CACHE_MIB)
    ours = Engine(Pair(engine.base, engine.expert, config, calibration=engine.calibration))
    made: dict[str, Contender] = {}
    for name in CONTENDER_NAMES:
        if name in names and name not in ABLATION_NAMES:
            made[name] = _make(name, ours)
    return made


def _make(name: ContenderName, ours: Engine) -> Contender:
    if name == "ours":
        return Contender(name, ours, True, _guarded(ours), has_own_risk=True)
    if name in _STEERINGS:
        return _steered(name, ours)
    if name in ("paper", "reference"):
        config = _decoding(NGSDConfig.preset(name), _SMALL_PREFIX_CACHE_MIB)
        preset = Engine(Pair(ours.base, ours.expert, config))
        return Contender(name, preset, True, _guarded(preset), has_own_risk=True)
    if name == "expert":
        config = _decoding(NGSDConfig(), _SMALL_PREFIX_CACHE_MIB)
        expert = Engine(Pair(ours.expert, ours.expert, config))
        return Contender(name, expert, False, _alone(expert))
    if name == "self-exam":
        return make_screened(name, ours, SelfExam())
    system = SELF_REMINDER if name == "self-reminder" else None
    return Contender(name, ours, False, _alone(ours) | {"system": system}, system)


def make_screened(
    name: ContenderName, ours: Engine, screen: Screen, *, has_own_risk: bool = False
) -> Contender:
    """Return the base alone, some of whose answers a screen replaces by refusals."""
    identity = _alone(ours) | {"screen": screen_options(screen)}
    return Contender(name, ours, False, identity, has_own_risk=has_own_risk, screen=screen)


def _steered(name: ContenderName, ours: Engine) -> Contender:
    """Return another decoder over the same two models; it makes no use of the pair's reader."""
    pair = _unread(ours.pair)
    steering = _STEERINGS[name](pair)
    identity = _alone(ours) | {
        "expert_digest": ours.expert.weights_digest,
        "steering": options_of(steering),
    }
    return Contender(name, Engine(pair, steering=steering), True, identity)


def _unread(pair: Pair) -> Pair:
    """Return the pair, with a reader that costs no forward pass."""
    if pair.config.reflection.reader == "expert":
        return pair
    return pair.with_config(pair.config.replace(reflection=ReflectionConfig(reader="expert")))


def options_of(steering: Steering) -> dict[str, Any]:
    """Return what the answers of a decoder depend on, as JSON values."""
    options: dict[str, Any] = {}
    if is_dataclass(steering) and not isinstance(steering, type):
        options = asdict(steering)
    plain = {n: sorted(v) if isinstance(v, frozenset) else v for n, v in options.items()}
    return {"kind": type(steering).__name__, **plain}


def _decoding(config: NGSDConfig, prefix_cache_mib: int) -> NGSDConfig:
    decoding = config.decoding.replace(
        special_tokens="neutralise", prefix_cache_mib=prefix_cache_mib
    )
    return config.replace(decoding=decoding)


def _alone(engine: Engine) -> dict[str, Any]:
    return {
        "package_version": __version__,
        "base_digest": engine.base.weights_digest,
        "tokenizer_digest": engine.base.tokenizer_digest,
    }


def _guarded(engine: Engine) -> dict[str, Any]:
    calibration = engine.calibration
    return _alone(engine) | {
        "expert_digest": engine.expert.weights_digest,
        "config_digest": engine.config.digest,
        "calibration_digest": None if calibration is None else calibration.digest,
    }
