"""The calibration artifact: what was chosen for a pair, from what, and how well it held."""

import json
from datetime import date
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import (
    Field,
    SerializerFunctionWrapHandler,
    field_serializer,
    model_serializer,
    model_validator,
)

from ngsd_guard.config import GateConfig, NGSDConfig, Options, ReflectionConfig
from ngsd_guard.errors import ConfigurationError

SCHEMA_VERSION = 1


class ModelIdentity(Options):
    """One of the two models a calibration is for."""

    name: str
    """What it was called when it was calibrated; the digest decides, not the name."""
    weights_digest: str
    """Identifies its weights; see `LanguageModel.weights_digest`."""


class MeasuredRate(Options):
    """A share of held-out requests, with its 95 % interval."""

    value: float = Field(ge=0, le=1)
    low: float = Field(ge=0, le=1)
    high: float = Field(ge=0, le=1)
    n: int = Field(ge=1)
    """Requests counted."""


class MeasuredArea(Options):
    """An area under the ROC curve on held-out requests, with its 95 % interval."""

    value: float = Field(ge=0, le=1)
    low: float = Field(ge=0, le=1)
    high: float = Field(ge=0, le=1)
    num_harmful: int = Field(ge=1)
    num_benign: int = Field(ge=1)


class SetEvidence(Options):
    """How the held-out requests of one set did."""

    name: str = ""
    """The set; empty for all sets together."""
    form: str
    """What its requests are wrapped in: `plain`, `wrapped`, `prefilled` or `attack`."""
    harmful: bool
    auroc: MeasuredArea | None = None
    """Of the risk, against the held-out benign requests in the same form; None for benign sets."""
    flagged: MeasuredRate
    """Requests whose risk reaches 5."""
    intervened: MeasuredRate
    """Requests that see an intervention."""


class ReaderEvidence(Options):
    """What was measured of the risk reader, on held-out requests."""

    reader: Literal["rubric", "expert"]
    rail_budget: float | None = Field(default=None, gt=0, lt=1)
    """Share of benign requests whose risk may reach 5; None where risks were not shifted to it."""
    auroc: MeasuredArea
    flagged_benign: MeasuredRate
    """Benign requests whose risk reaches 5."""
    flagged_harmful: MeasuredRate
    """Harmful requests whose risk reaches 5."""
    compared: dict[str, float] = Field(default_factory=dict)
    """AUROC of each reader that was tried, on the requests that choose."""
    sets: tuple[SetEvidence, ...] = ()


class Calibration(Options):
    """Gate and reflection options chosen for one pair to a declared budget, and the evidence.

    Raises:
        ConfigurationError: a value is missing, unknown or out of its range.
    """

    schema_version: Literal[1] = 1
    name: str = Field(min_length=1)
    """What the audit log calls it."""
    created: date
    base: ModelIdentity
    expert: ModelIdentity
    gate: GateConfig
    reflection: ReflectionConfig

    budget: float = Field(gt=0, lt=1)
    """Share of benign requests that may see an intervention."""
    method: str
    """How the options were chosen, in words."""
    seed: int
    """Of the split into parts."""
    max_new_tokens: int = Field(ge=1)
    """Length of the recorded answers, in tokens; the budget speaks of answers up to this."""
    num_benign: tuple[int, int, int]
    """Benign requests that chose the design, set the threshold, and were held out."""
    num_harmful: tuple[int, int]
    """Harmful requests that chose the design, and were held out."""
    benign_peak_quantile: float
    """Conformal quantile of the benign requests' critical thresholds; `v_threshold` is above."""

    intervention_rate: MeasuredRate
    """Held-out benign requests that see an intervention."""
    recall: MeasuredRate
    """Held-out harmful requests that see one, along the base's own answer."""
    first_token_recall: MeasuredRate
    """Held-out harmful requests that see one at the very first token."""
    library_versions: dict[str, str]
    evidence: ReaderEvidence | None = None
    """What was measured of the risk reader; None in older artifacts."""
    num_cut: int | None = Field(default=None, ge=0)
    """Requests that were cut to fit; None in older artifacts."""
    prompt_hashes: tuple[str, ...] | None = None
    """Requests used, each named by `ngsd_guard.datasets.prompt_hash`; None if unknown."""

    @model_serializer(mode="wrap")
    def _leave_out_what_older_artifacts_lack(
        self, handler: SerializerFunctionWrapHandler
    ) -> dict[str, Any]:
        # So that an older artifact keeps its digest, which audit logs name.
        fields: dict[str, Any] = handler(self)
        return {name: value for name, value in fields.items() if value is not None}

    @field_serializer("gate")
    def _leave_out_options_of_other_gates(self, gate: GateConfig) -> dict[str, Any]:
        return gate.own_options()

    @model_validator(mode="after")
    def _ask_for_a_neuron(self) -> Self:
        if self.gate.kind != "lif":
            raise ValueError(f"a calibration is of the 'lif' gate, not of {self.gate.kind!r}")
        return self

    def apply(self, config: NGSDConfig) -> NGSDConfig:
        """Return the options with gate and reflection as calibrated; the rest stays."""
        return config.replace(gate=self.gate, reflection=self.reflection)

    def check_pair(self, base_digest: str, expert_digest: str) -> None:
        """Refuse models whose weights are not those that were calibrated.

        Raises:
            ConfigurationError: a digest differs.
        """
        for role, identity, digest in (
            ("base", self.base, base_digest),
            ("expert", self.expert, expert_digest),
        ):
            if identity.weights_digest != digest:
                made_for, loaded = _shortened(identity.weights_digest), _shortened(digest)
                backend = "--backend llama.cpp " if loaded.startswith("llama.cpp") else ""
                raise ConfigurationError(
                    f"calibration {self.name!r} was made for other weights of the {role} "
                    f"({identity.name!r}: {made_for}, loaded: {loaded}); recalibrate: ngsd-guard "
                    f"calibrate {backend}--base BASE --expert EXPERT --benign FILE --harmful FILE, "
                    "or pass config= to do without a calibration"
                )

    def save(self, path: str | Path) -> None:
        """Write the artifact as JSON.

        Raises:
            ConfigurationError: the file cannot be written.
        """
        text = json.dumps(self.model_dump(mode="json"), indent=2, sort_keys=True) + "\n"
        try:
            Path(path).write_text(text, encoding="utf-8")
        except OSError as error:
            raise ConfigurationError(
                f"cannot write the calibration {path}: {error.strerror}; choose another path"
            ) from error

    @classmethod
    def load(cls, path: str | Path) -> "Calibration":
        """Read an artifact.

        Raises:
            ConfigurationError: the file is not there, is no JSON object, is of an unknown schema,
                or holds a wrong value.
        """
        try:
            fields = json.loads(Path(path).read_text(encoding="utf-8"))
        except OSError as error:
            raise ConfigurationError(
                f"cannot read the calibration {path}: {error.strerror}; check the path"
            ) from error
        except ValueError as error:
            raise ConfigurationError(
                f"the calibration {path} is not JSON; calibrate again"
            ) from error
        if not isinstance(fields, dict):
            raise ConfigurationError(f"the calibration {path} is no JSON object; calibrate again")
        version = fields.get("schema_version")
        if version != SCHEMA_VERSION:
            raise ConfigurationError(
                f"the calibration {path} has schema_version={version!r}, and this version of "
                f"ngsd-guard reads {SCHEMA_VERSION}; upgrade ngsd-guard or calibrate again"
            )
        return cls(**fields)


def _shortened(digest: str) -> str:
    """Return the start of a digest, after what it says of the backend that runs the weights."""
    backend, dash, value = digest.rpartition("-")
    return f"{backend}{dash}{value[:12]}"
