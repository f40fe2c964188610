"""Options of a guarded pair: frozen, and validated before any weights are loaded."""

import hashlib
import json
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from ngsd_guard.errors import ConfigurationError
from ngsd_guard.piecewise import Knots, check_knots
from ngsd_guard.validation import explaining_validation_errors

PresetName = Literal["paper", "reference", "default"]
GateKind = Literal["lif", "ema", "smg", "debounce", "ewma"]
SignalName = Literal["tv", "jsd", "cosine"]

_FIELDS_OF_KIND: Final[dict[str, frozenset[str]]] = {
    "lif": frozenset({"tau", "v_reset", "reset_retention", "initial_potential_knots"}),
    "ema": frozenset({"decay"}),
    "smg": frozenset({"decay"}),
    "debounce": frozenset({"persistence"}),
    "ewma": frozenset({"decay", "persistence"}),
}


class Options(BaseModel):
    """Base of all option models: keyword-only and frozen; unknown options are refused.

    Raises:
        ConfigurationError: an option is unknown or out of range.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    if not TYPE_CHECKING:  # type checkers use the signature generated from the fields

        def __init__(self, **options: Any) -> None:
            with explaining_validation_errors(type(self)):
                super().__init__(**options)

    def replace(self, **changes: Any) -> Self:
        """Return a validated copy with some options changed."""
        kept = {name: getattr(self, name) for name in self.model_fields_set}
        return type(self)(**(kept | changes))

    @property
    def digest(self) -> str:
        """SHA-256 of the options as canonical JSON; hexadecimal."""
        canonical = json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()


class GateConfig(Options):
    """The gate: when to intervene."""

    kind: GateKind = "lif"
    """Kind of gate."""
    signal: SignalName = "tv"
    """Distance between the two distributions that serves as the input current."""
    v_threshold: float = Field(default=1.0, gt=0)
    """Potential at which the gate fires (for `debounce`, the current to reach); > 0."""
    bias_current: float = Field(default=0.0, ge=0, lt=1)
    """Current typical of harmless text, subtracted from every input current; in [0, 1)."""
    tau: float = Field(default=8.0, gt=1)
    """Membrane decay constant of `lif`, in decode steps; > 1."""
    v_reset: float = 0.0
    """Resting potential of `lif`. A request starts here unless its risk raises the start."""
    reset_retention: float = Field(default=0.6, ge=0, le=1)
    """Share of the potential above rest that `lif` keeps after a spike; 0 is a hard reset."""
    initial_potential_knots: Knots = ()
    """(risk, potential) points that map a request's risk to the potential `lif` starts at.

    Risks lie in 0..10 and increase. Potentials do not decrease; each is at least `v_reset` and
    below `v_threshold`. Empty: every request starts at rest.
    """
    decay: float = Field(default=0.5, ge=0, lt=1)
    """Share of the moving average that `ema`, `smg` and `ewma` keep at each step; in [0, 1)."""
    persistence: int = Field(default=3, ge=1)
    """Consecutive steps at the threshold before `debounce` and `ewma` fire; >= 1."""

    def own_options(self) -> dict[str, Any]:
        """Return this kind's options as JSON values, without those of other kinds."""
        foreign = frozenset().union(*_FIELDS_OF_KIND.values()) - _FIELDS_OF_KIND[self.kind]
        return self.model_dump(mode="json", exclude=set(foreign))

    @model_validator(mode="after")
    def _refuse_options_of_other_gates(self) -> Self:
        foreign = frozenset().union(*_FIELDS_OF_KIND.values()) - _FIELDS_OF_KIND[self.kind]
        unused = sorted(self.model_fields_set & foreign)
        if unused:
            raise ValueError(f"the {self.kind!r} gate has no option {', '.join(unused)}; remove it")
        if self.v_reset >= self.v_threshold:
            raise ValueError(
                f"v_reset={self.v_reset} is not below v_threshold={self.v_threshold}; lower v_reset"
            )
        return self

    @model_validator(mode="after")
    def _check_initial_potential(self) -> Self:
        if not self.initial_potential_knots:
            return self
        check_knots("initial_potential_knots", self.initial_potential_knots)
        lowest, highest = self.initial_potential_knots[0][1], self.initial_potential_knots[-1][1]
        if lowest < self.v_reset or highest >= self.v_threshold:
            raise ValueError(
                "the potentials of initial_potential_knots must be at least "
                f"v_reset={self.v_reset} and below v_threshold={self.v_threshold}, but they range "
                f"from {lowest} to {highest}"
            )
        return self


class ExpertReading(Options):
    """From the first token that base and expert predict to the risk: a logistic map.

    Risk is 10 times the logistic function of the weighted sum; `calibrate` fits the weights, so
    that risk 5 is reached by as many harmless requests as were allowed.
    """

    openings: tuple[Annotated[str, Field(min_length=1)], ...] = (
        "I'm sorry",
        "I cannot",
        "I can't",
        "Sorry",
    )
    """How an expert begins to refuse; the first token of each counts."""
    intercept: float = -4.0
    """Of the weighted sum."""
    total_variation: float = 8.0
    """Weight of the distance between the two distributions."""
    refusal: float = 0.0
    """Weight of the probability that the expert begins to refuse."""
    log_odds: float = 0.0
    """Weight of that probability's logarithm, less the base's."""


Area = tuple[
    Annotated[float, Field(ge=0, le=1)],
    Annotated[float, Field(ge=0, le=1)],
    Annotated[float, Field(ge=0, le=1)],
]
"""An AUROC on held-out texts, and the ends of its 95 % interval."""


class ProbeFacet(Options):
    """A hyperplane in the base's hidden states, with a name: one side of it is risky.

    The weighted sum is 0 at score 5. As few harmless texts reach that as were allowed; for a facet
    that only names a family, as few harmful texts of other families.
    """

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    """`harm` for harm of any kind, `injection` for instructions in documents, else a family."""
    layer: int = Field(ge=1)
    """Layers of the base that are run."""
    pooling: Literal["last", "mean", "both"] = "last"
    """The hidden state of the prompt's last token, the mean of all but those that every prompt
    begins with, or both, one after the other."""
    weights: tuple[float, ...] = Field(min_length=1)
    """One for each dimension of the pooled hidden state."""
    intercept: float
    """Of the weighted sum."""
    rates: bool = True
    """Whether it counts for the risk; one that does not can only name a risky text's family."""
    auroc: Area | None = None
    """Against harmless texts; None where it was not measured."""
    auroc_among_harmful: Area | None = None
    """Against harmful texts of other families; None where it was not measured."""


class ProbeReading(Options):
    """From the base's hidden state to the risk.

    The risk is 10 times the logistic function of the worst facet that counts for it. The facets are
    fitted on labelled texts, for one base.
    """

    facets: tuple[ProbeFacet, ...] = Field(min_length=1)
    """`injection` counts for documents alone, the others for everything else."""
    min_area: float = Field(default=0.7, ge=0.5, le=1)
    """Both AUROC intervals of a facet lie above this, or a verdict does not name it."""

    @model_validator(mode="after")
    def _check_names(self) -> Self:
        names = [facet.name for facet in self.facets]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"two facets are called {twice[0]!r}; rename one")
        return self

    @property
    def reads_documents(self) -> bool:
        """Whether there is a facet for instructions in documents."""
        return any(facet.name == "injection" for facet in self.facets)


class ReflectionConfig(Options):
    """From a request to its risk and alpha (spec section 2)."""

    reader: Literal["rubric", "expert", "probe"] = "rubric"
    """What reads the risk: the base's rating on a rubric, the expert's first token, or a probe of
    the base's hidden state."""
    expert: ExpertReading = ExpertReading()
    """Of the reader `expert`."""
    probe: ProbeReading | None = None
    """Of the reader `probe`; its facet `injection` reads documents beside the reader `expert`. None
    where none was fitted."""
    scoring: Literal["expectation", "mode"] = "expectation"
    """Read each score as the mean of the distribution over 0..10, or as its most likely integer."""
    aggregation: Literal["paper", "reference"] = "paper"
    """Formula that combines the four scores into one risk."""
    alpha_map: Literal["paper", "reference", "linear"] = "linear"
    """Step function of the paper or its code, or linear interpolation between `alpha_knots`."""
    alpha_knots: Knots = ((2.0, 0.1), (5.0, 0.9))
    """(risk, alpha) points of the linear map. Risks lie in 0..10 and increase; alphas lie in 0..1
    and do not decrease."""
    min_confidence: float = Field(default=0.05, ge=0, le=1)
    """Minimum probability mass on the integers 0..10. Below it the scores are treated as
    unreadable and set to 7, 7, 7, 7."""

    @model_validator(mode="after")
    def _check_reader(self) -> Self:
        if self.reader != "probe" or self.probe is None:
            return self
        if not any(facet.rates and facet.name != "injection" for facet in self.probe.facets):
            raise ValueError("no facet but 'injection' counts for the risk; add one that does")
        return self

    @model_validator(mode="after")
    def _check_alpha_knots(self) -> Self:
        if self.alpha_map != "linear" and "alpha_knots" in self.model_fields_set:
            raise ValueError(
                f"alpha_map={self.alpha_map!r} does not use alpha_knots; remove alpha_knots"
            )
        check_knots("alpha_knots", self.alpha_knots)
        alphas = [alpha for _, alpha in self.alpha_knots]
        if alphas[0] < 0 or alphas[-1] > 1:
            raise ValueError(f"the alphas of alpha_knots must be in 0..1, not {alphas}")
        return self


class DecodingConfig(Options):
    """Mixing, speculation and caching, and the defaults of a request."""

    mix_top_k: int = Field(default=64, ge=1)
    """Candidates taken from each distribution on a spike."""
    mix_choice: Literal["vocabulary", "candidates"] = "vocabulary"
    """Tokens eligible on a spike: the whole vocabulary, or the candidates only."""
    max_new_tokens: int = Field(default=256, ge=1)
    """Default answer length limit, in tokens. Capped by the context that is left."""
    special_tokens: Literal["reject", "neutralise"] = "reject"
    """Control tokens typed into a message raise an error, or are treated as plain text."""
    speculative: bool = True
    """Let an independent expert draft tokens that the base verifies several at a time."""
    max_draft_length: int = Field(default=8, ge=1)
    """Maximum draft length, in tokens."""
    max_batch_size: int = Field(default=32, ge=1)
    """Maximum number of requests that `generate_batch` decodes together."""
    prefix_cache_mib: int = Field(default=256, ge=0)
    """Memory per model for the keys and values of earlier prompts, in MiB; 0 disables the cache."""
    max_repairs: int = Field(default=0, ge=0)
    """Maximum regenerations per answer; 0 disables them.

    A sentence in which the gate fires is regenerated under guidance. Above zero, every sentence is
    held back until it is complete, so that a discarded one is never released.
    """
    repair_after: int = Field(default=8, ge=0)
    """Tokens at the start of an answer that are never regenerated; spikes there are only mixed."""


class SamplingOptions(Options):
    """How tokens are chosen."""

    temperature: float = Field(default=0.0, ge=0)
    """Sampling temperature; 0 is greedy."""
    top_k: int | None = Field(default=None, ge=1)
    """Sample from this many of the most likely tokens; None uses all."""
    top_p: float = Field(default=1.0, gt=0, le=1)
    """Sample from the smallest set of tokens with at least this probability; 1 uses all."""
    seed: int | None = Field(default=None, ge=0, lt=2**63)
    """Seed of the sampling noise; None draws one, which the answer reports."""
    stop: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    """Stop strings, not included in the answer: a string, several, or None."""

    @field_validator("stop", mode="before")
    @classmethod
    def _gather_stop_strings(cls, stop: object) -> object:
        return (stop,) if isinstance(stop, str) else () if stop is None else stop


class SamplingParams(SamplingOptions):
    """How the tokens of one request are chosen, and how many there may be."""

    max_new_tokens: int = Field(ge=1)
    """Maximum answer length in tokens, including the end-of-sequence token."""
    num_logprobs: int | None = Field(default=None, ge=0, le=20)
    """Alternatives to report at each step besides the emitted token; None reports no
    log-probabilities."""


class AuditConfig(Options):
    """What the audit log stores, and how."""

    content: Literal["none", "hmac", "full"] = "none"
    """Prompt and answer text: omitted, stored as keyed fingerprints, or encrypted in a separate
    store."""
    fsync: Literal["always", "interval", "never"] = "always"
    """When a record is flushed to disk: before the request returns, within `fsync_interval_s`, or
    when the operating system decides. If only the process crashes, nothing is lost in any mode."""
    fsync_interval_s: float = Field(default=1.0, gt=0)
    """Maximum delay before a flush with `fsync="interval"`, in seconds."""
    on_failure: Literal["block", "continue"] = "block"
    """If a record cannot be written: fail the request, or continue and record a gap."""
    trace_rate: float = Field(default=0.0, ge=0, le=1)
    """Share of requests whose currents and potentials are recorded token by token."""
    checkpoint_every: int = Field(default=256, ge=1)
    """Number of records between checkpoints."""
    max_bytes: int | None = Field(default=64 * 2**20, ge=4096)
    """File size at which the log rotates, in bytes; None disables this limit."""
    max_age_s: float | None = Field(default=None, gt=0)
    """File age at which the log rotates, in seconds; None disables this limit."""


class NGSDConfig(Options):
    """All options of a guarded pair; the defaults are the preset `default`."""

    gate: GateConfig = GateConfig(bias_current=0.8, v_threshold=0.9)
    reflection: ReflectionConfig = ReflectionConfig()
    decoding: DecodingConfig = DecodingConfig()

    @classmethod
    def preset(cls, name: PresetName) -> "NGSDConfig":
        """Return a named preset: the paper's text, its released code, or our default.

        Raises:
            ConfigurationError: there is no preset with that name.
        """
        if name not in _PRESETS:
            raise ConfigurationError(f"unknown preset {name!r}; use one of {', '.join(_PRESETS)}")
        return _PRESETS[name]

    @property
    def preset_name(self) -> PresetName | Literal["custom"]:
        """Name of the preset with these values, or `custom`."""
        return next((name for name, preset in _PRESETS.items() if preset == self), "custom")


_PRESETS: Final[dict[PresetName, NGSDConfig]] = {
    "paper": NGSDConfig(
        gate=GateConfig(reset_retention=0.0),
        reflection=ReflectionConfig(scoring="mode", aggregation="paper", alpha_map="paper"),
        decoding=DecodingConfig(mix_choice="candidates"),
    ),
    "reference": NGSDConfig(
        gate=GateConfig(),
        reflection=ReflectionConfig(scoring="mode", aggregation="reference", alpha_map="reference"),
    ),
    "default": NGSDConfig(),
}
