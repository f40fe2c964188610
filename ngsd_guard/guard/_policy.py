"""The policy: what a guard looks for, which thresholds apply, and what action follows."""

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
"""Name of the score that `harm_threshold` applies to."""
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
            raise ValueError(f"not a valid regular expression: {error}; correct it") from error
        return regex


def _check_keys(model: type[Options], fields: Mapping[Any, Any], where: str = "") -> None:
    """Refuse an unknown key and name its full path; pydantic names only the model."""
    for key, value in fields.items():
        if key not in model.model_fields:
            known = ", ".join(model.model_fields)
            raise ConfigurationError(f"unknown option {where + str(key)!r}; use one of {known}")
        inner = _model_in(model.model_fields[key].annotation)
        items = enumerate(value) if isinstance(value, list) else [("", value)]
        for index, item in items:
            if inner is not None and isinstance(item, Mapping):
                place = f"{where}{key}." if index == "" else f"{where}{key}.{index}."
                _check_keys(inner, item, place)


def _model_in(annotation: Any) -> type[Options] | None:
    """Return the option model in a field's type annotation; None if there is none."""
    if isinstance(annotation, type) and issubclass(annotation, Options):
        return annotation
    return next(filter(None, map(_model_in, get_args(annotation))), None)


def _listed(categories: Any) -> Any:
    """Return a taxonomy, a mapping of names to definitions or options, as a list of categories."""
    if not isinstance(categories, Mapping):
        return categories
    rows: list[Any] = []
    for name, told in categories.items():
        options = {"definition": told} if isinstance(told, str) else told
        if not isinstance(options, Mapping) or "name" in options:
            raise ConfigurationError(
                f"categories.{name}: expected a definition, or a mapping of options without a name"
            )
        rows.append({"name": name, **options})
    return rows


def _check_action(action: Action, stage: Stage, where: str) -> None:
    if action in ("steer", "rewrite") and stage not in _ANSWERING:
        raise ValueError(
            f"{where}={action!r}: only texts at {' and '.join(_ANSWERING)} can be answered by the "
            "pair; use redact, escalate or block"
        )


def _without_blanks(allow: tuple[str | RegexRule, ...]) -> tuple[str | RegexRule, ...]:
    if any(isinstance(rule, str) and not rule.strip() for rule in allow):
        raise ValueError("a phrase is blank; remove it")
    return allow


class StagePolicy(Options):
    """The policy of one stage."""

    enabled: bool = True
    """Whether to judge texts at this stage; if false, verdicts are `skipped`."""
    risk_threshold: float | None = Field(default=5.0, ge=0, le=10)
    """Risk from which a text is flagged, 0 to 10; None disables this signal."""
    potential_threshold: float | Literal["gate"] | None = "gate"
    """Peak potential from which a text is flagged if its risk reaches `look_closer`. `gate` is the
    threshold of the pair's gate; None disables this signal. Only used at the stages `input` and
    `output`."""
    harm_threshold: float | None = Field(default=None, gt=0, le=10)
    """Harm score from which a text is flagged, 0 to 10. The score combines the ratings with the
    expert's probability of refusing, and is recorded as the category `harm`; None disables it.
    Only used at the stages `input` and `tool_args`."""
    look_closer: float = Field(default=2.0, ge=0, le=10)
    """Risk from which the neuron is used and all categories are scored. Below it, only categories
    with `scored: always` are."""
    action: Action = "block"
    """Action for a flagged text."""
    on_failure: FailureAction = "block"
    """Action for a text that could not be judged."""
    timeout_s: float | None = Field(default=30.0, gt=0)
    """Time limit of a check, including waiting, in seconds; None for no limit."""
    message: str | None = None
    """Message shown instead of a blocked text; None for the policy's message."""

    @field_validator("potential_threshold")
    @classmethod
    def _check_potential(cls, value: object) -> object:
        if isinstance(value, float) and value <= 0:
            raise ValueError("pass a potential above 0, 'gate' or null")
        return value


class Stages(Options):
    """The policies of the five stages; a missing one has the defaults."""

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
    """A category of content that a text is scored for."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    definition: str = Field(min_length=1)
    """Definition given to the base; use words that it knows well."""
    examples: tuple[str, ...] = ()
    """Examples given to the base with the definition."""
    threshold: float = Field(default=5.0, gt=0, le=10)
    """Score from which a text is flagged, 0 to 10."""
    stages: tuple[Stage, ...] = STAGES
    """Stages at which texts are scored for this category."""
    scored: Literal["suspicious", "always"] = "suspicious"
    """`suspicious`: score only texts that another signal flags or whose risk reaches
    `look_closer`; `always`: score every text."""
    actions: dict[Stage, Action] = Field(default_factory=dict)
    """Action per stage; a missing stage uses the stage's action."""
    allow: tuple[str | RegexRule, ...] = ()
    """Phrases (in any case) and regular expressions that are removed before scoring this
    category."""
    shadow: bool = False
    """Record the score without flagging the text."""

    @property
    def description(self) -> str:
        """The definition with its examples, as given to the base."""
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
    """The policy of a guard; see `Policy.default()` for the one in the package.

    Raises:
        ConfigurationError: an option is unknown or wrong; the message names it with its path.
    """

    version: str = Field(min_length=1)
    """Version of the policy, recorded with every verdict."""
    shadow: bool = False
    """Judge and record every text, but enforce nothing."""
    message: str = "This was stopped by a safety policy."
    """Message shown instead of a blocked text."""
    failure_message: str = "This could not be checked, so it was stopped."
    """Message shown instead of a text that could not be judged."""
    probe: str = Field(default="Sure, here is", min_length=1)
    """Start of a compliant answer; at the stage `input`, both models continue the request with
    it."""
    refusal: str = Field(default="I'm sorry, but I can't", min_length=1)
    """Start of the expert's refusals; its probability is part of the harm score."""
    max_windows: int = Field(default=16, ge=1)
    """Maximum length of a text, in halves of the context; a longer one cannot be judged."""
    max_located: int = Field(default=32, ge=1)
    """Maximum number of parts of a flagged document that are judged individually."""
    max_rewrite_tokens: int = Field(default=256, ge=1)
    """Maximum length of an answer of `Guard.rewrite`, in tokens."""
    allow: tuple[str | RegexRule, ...] = ()
    """Phrases (in any case) and regular expressions that are removed before a text is judged."""
    stages: Stages = Stages()
    categories: tuple[Category, ...]
    """What texts are scored for; also a mapping from names to definitions or options."""

    @classmethod
    def default(cls) -> "Policy":
        """Return the policy in the package."""
        return cls.load(_DEFAULT_PATH)

    @classmethod
    def load(cls, path: str | Path) -> "Policy":
        """Read a policy from a YAML file.

        Raises:
            ConfigurationError: the file cannot be read, is not YAML, or has a duplicate key or an
                unknown or wrong option.
        """
        # Imported here, because YAML is only needed for policy files.
        from ngsd_guard.guard._yaml import read_mapping

        fields: dict[str, Any] = read_mapping(path)
        try:
            if "categories" in fields:
                fields["categories"] = _listed(fields["categories"])
            _check_keys(cls, fields)
            return cls(**fields)
        except ConfigurationError as error:
            raise ConfigurationError(f"{path}: {error}") from error

    @field_validator("categories", mode="before")
    @classmethod
    def _read_taxonomy(cls, categories: Any) -> Any:
        return _listed(categories)

    @field_validator("allow")
    @classmethod
    def _refuse_blank(cls, allow: tuple[str | RegexRule, ...]) -> tuple[str | RegexRule, ...]:
        return _without_blanks(allow)

    @model_validator(mode="after")
    def _check_names(self) -> Self:
        names = [category.name for category in self.categories]
        if HARM in names:
            raise ValueError(
                f"a category has the name {HARM!r}, which is reserved for the score of "
                "harm_threshold; rename it"
            )
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"two categories have the name {twice[0]!r}; rename one")
        return self
