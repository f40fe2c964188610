"""What a chat model is asked for."""

from collections.abc import Mapping, Sequence
from typing import Any, Self

from pydantic import Field, SkipValidation, model_validator

from ngsd_guard.config import SamplingOptions
from ngsd_guard.errors import ConfigurationError


class ChatRequest(SamplingOptions):
    """A conversation to be answered, and how.

    Messages, tools, `tool_choice` and `response_format` are checked when the request is prepared
    for an engine; the rest here.

    Raises:
        ConfigurationError: an option is unknown, of the wrong type or out of its range.
    """

    messages: SkipValidation[Sequence[Mapping[str, Any]]] = Field(repr=False)
    """Turns of `role` and `content`, as `Engine.stream` takes them."""
    max_new_tokens: int | None = Field(default=None, ge=1)
    """Longest answer, in tokens; None for the configured length, cut to the context."""
    tools: SkipValidation[Sequence[Mapping[str, Any]] | None] = None
    """What the model may call, as `normalise_tools` takes it; None for nothing."""
    tool_choice: SkipValidation[Any] = None
    """Which calls the answer may make, as `check_tool_choice` takes it."""
    parallel_tool_calls: bool | None = None
    """Whether one answer may hold several calls; None allows it."""
    response_format: SkipValidation[Any] = None
    """`{"type": "text"}`, `{"type": "json_object"}`, the latter with a `schema` if wanted, or
    `{"type": "json_schema", "json_schema": {"schema": ...}}`; None is text."""
    logprobs: bool = False
    """Whether to report each token's log-probability."""
    top_logprobs: int | None = Field(default=None, ge=0, le=20)
    """Likeliest alternatives to report with it; needs `logprobs`."""
    guarded: bool = True
    """Whether the gate is on; False answers as the base alone, for comparisons."""
    timeout_s: float | None = Field(default=None, gt=0)
    """Seconds the answer may take, the wait for its turn included; None waits."""

    @model_validator(mode="after")
    def _check_logprobs(self) -> Self:
        if self.top_logprobs is not None and not self.logprobs:
            raise ConfigurationError("top_logprobs needs logprobs=True; add it")
        return self

    @property
    def num_logprobs(self) -> int | None:
        """Alternatives to report at each step; None reports no log-probabilities."""
        return (self.top_logprobs or 0) if self.logprobs else None
