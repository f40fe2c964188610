"""What a guard looks for, what counts, and what is to be done about it."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Literal, Self, get_args

from pydantic import Field, field_validator, model_validator

from ngsd_guard.config import Options
from ngsd_guard.errors import ConfigurationError
from ngsd_guard.guard._verdict import STAGES, Action, Stage

FailureAction = Literal["allow", "flag", "escalate", "block"]
HARM: Final = "harm"
"""Name of the score that `harm_threshold` is for, beside those of the categories."""
_DEFAULT_PATH: Final = Path(__file__).parent.parent / "assets" / "policy.yaml"
_ANSWERING: Final[tuple[Stage, ...]] = ("input", "output")


class RegexRule(Options):
    """A regular expression whose matches are exempt."""

    regex: str = Field(min_length=1)

    @field_validator("regex")
    @classmethod
    def _compile(cls, regex: str) -> str:
        try:
            re.compile(regex)
        except re.error as error:
            raise ValueError(f"it is no regular expression: {error}") from error
        return regex


def _check_keys(model: type[Options], fields: Mapping[Any, Any], where: str = "") -> None:
    """Refuse a key that is no option, by its place; pydantic names the model alone."""
    for key, value in fields.items():
        if key not in model.model_fields:
            known = ", ".join(model.model_fields)
            raise ConfigurationError(f"unknown option {where + str(key)!r}; there are {known}")
        inner = _model_in(model.model_fields[key].annotation)
        items = enumerate(value) if isinstance(value, list) else [("", value)]
        for index, item in items:
            if inner is not None and isinstance(item, Mapping):
                place = f"{where}{key}." if index == "" else f"{where}{key}.{index}."
                _check_keys(inner, item, place)


def _model_in(annotation: Any) -> type[Options] | None:
    """Return the option model that a field holds, or several of; None if there is none."""
    if isinstance(annotation, type) and issubclass(annotation, Options):
        return annotation
    return next(filter(None, map(_model_in, get_args(annotation))), None)


def _check_action(action: Action, stage: Stage, where: str) -> None:
    if action in ("steer", "rewrite") and stage not in _ANSWERING:
        raise ValueError(
            f"{where}={action!r}: only {' and '.join(_ANSWERING)} can be answered anew; "
            "redact, escalate or block it"
        )


def _without_blanks(allow: tuple[str | RegexRule, ...]) -> tuple[str | RegexRule, ...]:
    if any(isinstance(rule, str) and not rule.strip() for rule in allow):
        raise ValueError("it has a blank phrase; remove it")
    return allow


class StagePolicy(Options):
    """What counts at one stage, and what follows."""

    enabled: bool = True
    """False leaves the stage out; its verdicts say `skipped`."""
    risk_threshold: float | None = Field(default=5.0, ge=0, le=10)
    """Risk from which a text is flagged, 0 to 10; None leaves that to the other signals."""
    potential_threshold: float | Literal["gate"] | None = "gate"
    """Peak potential from which a text is flagged whose risk is at `look_closer`; `gate` is where
    the pair's own gate fires, None leaves the neuron out. Only at the stages `input` and
    `output`."""
    harm_threshold: float | None = Field(default=None, gt=0, le=10)
    """Score from which a text is flagged, 0 to 10, of all the ratings and the expert's refusal; it
    is recorded as the category `harm`. None leaves it out. Only at the stages `input` and
    `tool_args`."""
    look_closer: float = Field(default=2.0, ge=0, le=10)
    """Risk from which the neuron counts and the categories are scored; below it only those scored
    `always` are."""
    action: Action = "block"
    """What is to be done with a flagged text."""
    on_failure: FailureAction = "block"
    """What is to be done with a text that could not be judged."""
    timeout_s: float | None = Field(default=30.0, gt=0)
    """Longest time for a check, waiting included, in seconds; None waits for ever."""
    message: str | None = None
    """What to show in place of a blocked text; None for the policy's own."""

    @field_validator("potential_threshold")
    @classmethod
    def _check_potential(cls, value: object) -> object:
        if isinstance(value, float) and value <= 0:
            raise ValueError("give a potential above 0, 'gate' or null")
        return value


class Stages(Options):
    """The five stages; one that is left out has the defaults."""

    input: StagePolicy = StagePolicy()
    output: StagePolicy = StagePolicy()
    retrieval: StagePolicy = StagePolicy()
    tool_args: StagePolicy = StagePolicy()
    tool_result: StagePolicy = StagePolicy()

    def of(self, stage: Stage) -> StagePolicy:
        """Return the policy of a stage."""
        policy: StagePolicy = getattr(self, stage)
        return policy

    @model_validator(mode="after")
    def _check_actions(self) -> Self:
        for stage in STAGES:
            _check_action(self.of(stage).action, stage, f"{stage}.action")
        return self


class Category(Options):
    """Something a text may show."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    definition: str = Field(min_length=1)
    """What the base is asked about, in the words it knows best."""
    examples: tuple[str, ...] = ()
    """Told beside the definition."""
    threshold: float = Field(default=5.0, gt=0, le=10)
    """Score from which a text is flagged, 0 to 10."""
    stages: tuple[Stage, ...] = STAGES
    """Where it is looked for."""
    scored: Literal["suspicious", "always"] = "suspicious"
    """`suspicious`: only in texts that the quick signals make one look closer at."""
    actions: dict[Stage, Action] = Field(default_factory=dict)
    """What is to be done about it at a stage; where it says nothing, the stage's action."""
    allow: tuple[str | RegexRule, ...] = ()
    """Phrases, in any case, and regular expressions, cut out before this category is scored."""
    shadow: bool = False
    """True records the score and flags nothing."""

    @property
    def description(self) -> str:
        """What the base is asked about."""
        if not self.examples:
            return self.definition
        return f"{self.definition} (for example: {'; '.join(self.examples)})"

    @field_validator("allow")
    @classmethod
    def _refuse_blank(cls, allow: tuple[str | RegexRule, ...]) -> tuple[str | RegexRule, ...]:
        return _without_blanks(allow)

    @model_validator(mode="after")
    def _check_actions(self) -> Self:
        for stage, action in self.actions.items():
            _check_action(action, stage, f"actions.{stage}")
        return self


class Policy(Options):
    """All a guard goes by; the one that ships is `Policy.default()`.

    Raises:
        ConfigurationError: an option is unknown or wrong; the message names it and its place.
    """

    version: str = Field(min_length=1)
    """Goes into every record beside the digest."""
    shadow: bool = False
    """True judges and records all, and enforces nothing."""
    message: str = "This was stopped by a safety policy."
    """What to show in place of a blocked text."""
    failure_message: str = "This could not be checked, so it was stopped."
    """What to show in place of a text that could not be judged."""
    probe: str = Field(default="Sure, here is", min_length=1)
    """Start of a compliant answer that both models are tried with at the stage `input`."""
    refusal: str = Field(default="I'm sorry, but I can't", min_length=1)
    """How the expert begins when it refuses; how likely that is counts for `harm_threshold`."""
    max_windows: int = Field(default=16, ge=1)
    """Half contexts that are judged; a longer text counts as one that could not be."""
    max_located: int = Field(default=32, ge=1)
    """Sentences of a flagged document that are judged one by one to find where it is."""
    max_rewrite_tokens: int = Field(default=256, ge=1)
    """Length of an answer that `Guard.rewrite` gives."""
    allow: tuple[str | RegexRule, ...] = ()
    """Phrases, in any case, and regular expressions, cut out of a text before it is judged."""
    stages: Stages = Stages()
    categories: tuple[Category, ...]

    @classmethod
    def default(cls) -> "Policy":
        """Return the policy that ships."""
        return cls.load(_DEFAULT_PATH)

    @classmethod
    def load(cls, path: str | Path) -> "Policy":
        """Read a policy from YAML.

        Raises:
            ConfigurationError: the file cannot be read, is not YAML, names a key twice, or holds
                an unknown or wrong option.
        """
        # Here, not above: not everybody who imports this package reads YAML.
        from ngsd_guard.guard._yaml import read_mapping

        fields: dict[str, Any] = read_mapping(path)
        try:
            _check_keys(cls, fields)
            return cls(**fields)
        except ConfigurationError as error:
            raise ConfigurationError(f"{path}: {error}") from error

    @field_validator("allow")
    @classmethod
    def _refuse_blank(cls, allow: tuple[str | RegexRule, ...]) -> tuple[str | RegexRule, ...]:
        return _without_blanks(allow)

    @model_validator(mode="after")
    def _check_names(self) -> Self:
        names = [category.name for category in self.categories]
        if HARM in names:
            raise ValueError(f"a category is called {HARM!r}, as the score of harm_threshold is")
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"two categories are called {twice[0]!r}; rename one")
        return self
