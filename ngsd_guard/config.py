"""Every option of a guarded pair: frozen, checked once, before any weight is loaded."""

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
    """Base of all option models: keyword-only, frozen, and without unknown fields.

    Raises:
        ConfigurationError: an option is unknown or out of its range.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    if not TYPE_CHECKING:  # type checkers keep the signature made from the fields

        def __init__(self, **options: Any) -> None:
            with explaining_validation_errors(type(self)):
                super().__init__(**options)

    def replace(self, **changes: Any) -> Self:
        """Return a copy with some options changed, checked like a new one."""
        kept = {name: getattr(self, name) for name in self.model_fields_set}
        return type(self)(**(kept | changes))

    @property
    def digest(self) -> str:
        """SHA-256 over the options as canonical JSON, hexadecimal."""
        canonical = json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()


class GateConfig(Options):
    """The gate: when to intervene (spec section 3)."""

    kind: GateKind = "lif"
    """Which gate decides."""
    signal: SignalName = "tv"
    """Which distance between the two distributions is the input current."""
    v_threshold: float = Field(default=1.0, gt=0)
    """Potential at which the gate fires (for `debounce`, the current that counts); > 0."""
    bias_current: float = Field(default=0.0, ge=0, lt=1)
    """Current that harmless text shows too and that is subtracted first; in [0, 1)."""
    tau: float = Field(default=8.0, gt=1)
    """Membrane decay constant of `lif`, in decode steps; > 1."""
    v_reset: float = 0.0
    """Resting potential of `lif`, where a request starts unless its risk lifts it."""
    reset_retention: float = Field(default=0.6, ge=0, le=1)
    """Share of the potential above rest that `lif` keeps after a spike; 0 is a hard reset."""
    initial_potential_knots: Knots = ()
    """(risk, potential) points of the line on which `lif` starts a request; empty starts at rest.

    Risk rises in 0..10; the potential never falls and lies from `v_reset` to below `v_threshold`.
    """
    decay: float = Field(default=0.5, ge=0, lt=1)
    """Share of the average that `ema`, `smg` and `ewma` keep at each step; in [0, 1)."""
    persistence: int = Field(default=3, ge=1)
    """Steps in a row that `debounce` and `ewma` must see before they fire; >= 1."""

    def own_options(self) -> dict[str, Any]:
        """Return the options as JSON values, without those that only other gates have."""
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
                f"v_reset={self.v_reset} is not below v_threshold={self.v_threshold}; lower it"
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
                f"the potentials of initial_potential_knots must lie from v_reset={self.v_reset} "
                f"to below v_threshold={self.v_threshold}, not from {lowest} to {highest}"
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
        if not any(facet.rates and facet.name != "injection" for facet in self.facets):
            raise ValueError("no facet but 'injection' counts for the risk; add one that does")
        return self


class ReflectionConfig(Options):
    """From a request to its risk and alpha (spec section 2)."""

    reader: Literal["rubric", "expert", "probe"] = "rubric"
    """What reads the risk: the base's rating on a rubric, the expert's first token, or a probe of
    the base's hidden state."""
    expert: ExpertReading = ExpertReading()
    """Of the reader `expert`."""
    probe: ProbeReading | None = None
    """Of the reader `probe`; None where none was fitted."""
    scoring: Literal["expectation", "mode"] = "expectation"
    """Read each score as the mean of the digit distribution, or as its most likely integer."""
    aggregation: Literal["paper", "reference"] = "paper"
    """Formula that makes one risk of the four scores."""
    alpha_map: Literal["paper", "reference", "linear"] = "linear"
    """Step function of a faithful preset, or straight lines between `alpha_knots`."""
    alpha_knots: Knots = ((2.0, 0.1), (5.0, 0.9))
    """(risk, alpha) points of the linear map: risk rising in 0..10, alpha never falling in 0..1."""
    min_confidence: float = Field(default=0.05, ge=0, le=1)
    """Probability mass on the integers below which the scores count as unreadable: 7, 7, 7, 7."""

    @model_validator(mode="after")
    def _check_alpha_knots(self) -> Self:
        if self.alpha_map != "linear" and "alpha_knots" in self.model_fields_set:
            raise ValueError(f"alpha_map={self.alpha_map!r} has no knots; remove alpha_knots")
        check_knots("alpha_knots", self.alpha_knots)
        alphas = [alpha for _, alpha in self.alpha_knots]
        if alphas[0] < 0 or alphas[-1] > 1:
            raise ValueError(f"the alphas of alpha_knots must lie in 0..1, not {alphas}")
        return self


class DecodingConfig(Options):
    """Mixing, and what a request that does not say otherwise gets (spec section 4)."""

    mix_top_k: int = Field(default=64, ge=1)
    """Candidates taken from each distribution on a spike."""
    mix_choice: Literal["vocabulary", "candidates"] = "vocabulary"
    """Where a mixed token is chosen: the whole vocabulary, or the candidates alone."""
    max_new_tokens: int = Field(default=256, ge=1)
    """Length of an answer whose request names none; cut to the room the context leaves."""
    special_tokens: Literal["reject", "neutralise"] = "reject"
    """What to do with control tokens typed into a message: raise, or pass them on as plain text."""
    speculative: bool = True
    """Let an independent expert draft, and the base verify several tokens in one step."""
    max_draft_length: int = Field(default=8, ge=1)
    """Longest draft, in tokens."""
    max_batch_size: int = Field(default=32, ge=1)
    """Most requests that `generate_batch` decodes side by side."""
    prefix_cache_mib: int = Field(default=256, ge=0)
    """Memory, a model, for keys and values of prompts to come back to; 0 keeps none."""
    max_repairs: int = Field(default=0, ge=0)
    """How often a sentence in which the gate fires is begun anew under guidance; 0 is never.

    Above zero, sentences are held back until they end, so that what is begun anew was never seen.
    """
    repair_after: int = Field(default=8, ge=0)
    """Tokens of an answer before the first that can be repaired; earlier spikes are guided only."""


class SamplingParams(Options):
    """How the tokens of one request are chosen."""

    max_new_tokens: int = Field(ge=1)
    """Longest answer, in tokens, the end-of-sequence token included."""
    temperature: float = Field(default=0.0, ge=0)
    """0 is greedy."""
    top_k: int | None = Field(default=None, ge=1)
    """Keep this many of the likeliest tokens; None keeps all."""
    top_p: float = Field(default=1.0, gt=0, le=1)
    """Keep the fewest tokens whose probability reaches this; 1 keeps all."""
    seed: int | None = Field(default=None, ge=0, lt=2**63)
    """Seed of the sampling noise; None draws one, and the answer says which."""
    stop: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    """Strings that end the answer and are not part of it; one, several or None."""
    num_logprobs: int | None = Field(default=None, ge=0, le=20)
    """Alternatives to tell at each step, with the emitted token's own; None tells none."""

    @field_validator("stop", mode="before")
    @classmethod
    def _gather_stop_strings(cls, stop: object) -> object:
        return (stop,) if isinstance(stop, str) else () if stop is None else stop


class AuditConfig(Options):
    """What the audit log keeps, and how."""

    content: Literal["none", "hmac", "full"] = "none"
    """Prompt and answer text: left out; as keyed fingerprints; or encrypted in a store beside."""
    fsync: Literal["always", "interval", "never"] = "always"
    """When a record is on the disk and not only handed to the system: before the request returns,
    within `fsync_interval_s`, or whenever the system likes. A crash of the process alone loses
    nothing in any case."""
    fsync_interval_s: float = Field(default=1.0, gt=0)
    """Seconds."""
    on_failure: Literal["block", "continue"] = "block"
    """When a record cannot be written: the request fails, or goes on and a gap is recorded."""
    trace_rate: float = Field(default=0.0, ge=0, le=1)
    """Share of requests whose currents and potentials are recorded token by token."""
    checkpoint_every: int = Field(default=256, ge=1)
    """Records between two checkpoints."""
    max_bytes: int | None = Field(default=64 * 2**20, ge=4096)
    """Size at which a new file is begun; None never begins one."""
    max_age_s: float | None = Field(default=None, gt=0)
    """Age at which a new file is begun, in seconds."""


class NGSDConfig(Options):
    """All options of a guarded pair; the defaults are the preset `default`."""

    gate: GateConfig = GateConfig(bias_current=0.8, v_threshold=0.9)
    reflection: ReflectionConfig = ReflectionConfig()
    decoding: DecodingConfig = DecodingConfig()

    @classmethod
    def preset(cls, name: PresetName) -> "NGSDConfig":
        """Return a named preset: the paper's text, its released code, or our default.

        Raises:
            ConfigurationError: there is no preset of that name.
        """
        if name not in _PRESETS:
            raise ConfigurationError(f"no preset {name!r}; use one of {', '.join(_PRESETS)}")
        return _PRESETS[name]

    @property
    def preset_name(self) -> PresetName | Literal["custom"]:
        """Name of the preset these options are, or `custom`."""
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
