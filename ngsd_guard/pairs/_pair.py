"""A base and its expert, with everything that judging and decoding with them shares."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from ngsd_guard._version import __version__
from ngsd_guard.config import NGSDConfig
from ngsd_guard.errors import ConfigurationError
from ngsd_guard.gate import make_gate
from ngsd_guard.pairs._calibration import Calibration
from ngsd_guard.prefill import PrefixCache
from ngsd_guard.protocols import LanguageModel
from ngsd_guard.risk import RiskReader, make_reader


class Pair:
    """A base model and its safety expert: models, prefix caches, gate, risk reader, identity.

    Engines and guards are given one, and share what it has read. Safe to share between threads.

    Args:
        base: the model being protected.
        expert: the safety expert, over the same vocabulary.
        config: options; None for the preset `default`.
        calibration: made for this pair; its gate and reflection options replace those of `config`.

    Raises:
        ConfigurationError: the calibration was made for other weights.
    """

    def __init__(
        self,
        base: LanguageModel,
        expert: LanguageModel,
        config: NGSDConfig | None = None,
        *,
        calibration: Calibration | None = None,
    ) -> None:
        config = config or NGSDConfig()
        if calibration is not None:
            calibration.check_pair(base.weights_digest, expert.weights_digest)
            config = calibration.apply(config)
        max_bytes = config.decoding.prefix_cache_mib * 2**20
        self.base = base
        self.expert = expert
        self.config = config
        """The options in force."""
        self.calibration = calibration
        """What the gate and reflection options were taken from."""
        self.base_prefixes = PrefixCache(base, max_bytes)
        self.expert_prefixes = PrefixCache(expert, max_bytes)
        self.gate = make_gate(config.gate)
        self.risk_reader: RiskReader = make_reader(
            config.reflection, self.base_prefixes, self.expert_prefixes
        )

    @cached_property
    def identity(self) -> Mapping[str, Any]:
        """What every audit record says of the pair: the fields of `PairRecord`.

        The digests read all weights, so that this is made once, and only where it is asked for.
        """
        calibration = self.calibration
        return {
            "package_version": __version__,
            "base": self.base.name,
            "base_digest": self.base.weights_digest,
            "expert": self.expert.name,
            "expert_digest": self.expert.weights_digest,
            "tokenizer_digest": self.base.tokenizer_digest,
            "preset": "calibrated" if calibration else self.config.preset_name,
            "config_digest": self.config.digest,
            "calibration": calibration.name if calibration else None,
            "calibration_digest": calibration.digest if calibration else None,
        }

    def with_chat_template_kwargs(self, kwargs: Mapping[str, Any]) -> "Pair":
        """Return the same two models, prompted with variables of their chat templates.

        Args:
            kwargs: values by name, such as `{"enable_thinking": False}`.

        Raises:
            ConfigurationError: the base's template has no such variable, a name is reserved, a
                value is not JSON, or a model has no chat template in Jinja.
        """
        if not kwargs:
            return self
        models: list[Any] = [self.base, self.expert]
        for model in models:
            if not hasattr(model, "with_chat_template_kwargs"):
                raise ConfigurationError(
                    f"chat_template_kwargs are for chat templates in Jinja, which {model.name!r} "
                    "has not; leave them out"
                )
        base, expert = (model.with_chat_template_kwargs(kwargs) for model in models)
        unknown = sorted(kwargs.keys() - base.template_variables)
        if unknown:
            known = ", ".join(sorted(base.template_variables)) or "none"
            raise ConfigurationError(
                f"the chat template of {base.name!r} does not read {', '.join(unknown)}; its "
                f"variables: {known}"
            )
        return Pair(base, expert, self.config, calibration=self.calibration)

    def with_config(self, config: NGSDConfig) -> "Pair":
        """Return the same two models under other options, without a calibration."""
        return Pair(self.base, self.expert, config)
