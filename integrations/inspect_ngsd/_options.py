"""From Inspect's options to a chat request and an engine."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from inspect_ai.model import GenerateConfig
from inspect_ai.tool import ToolChoice, ToolFunction, ToolInfo

from ngsd_guard import ConfigurationError, NGSDConfig
from ngsd_guard.chat import ChatRequest, EngineChoice

_MODEL_ARGS: Final = ("audit", "backend", "device", "expert", "max_concurrency", "preset")
_MAX_QUEUE: Final = 1024
"""More than Inspect's own limit of connections ever lets through."""
_OURS: Final = {
    "logprobs": "logprobs",
    "max_tokens": "max_new_tokens",
    "parallel_tool_calls": "parallel_tool_calls",
    "seed": "seed",
    "stop_seqs": "stop",
    "temperature": "temperature",
    "top_k": "top_k",
    "top_logprobs": "top_logprobs",
    "top_p": "top_p",
}
"""Inspect's name of an option, and ours."""
_INSPECTS_OWN: Final = frozenset(
    {"adaptive_connections", "attempt_timeout", "cache", "cache_prompt", "fail_on_refusal",
     "internal_tools", "max_connections", "max_retries", "max_tool_output", "reasoning_history",
     "response_schema", "stream_idle_timeout", "system_message", "timeout"}
)  # fmt: skip
"""Options that Inspect applies before or around a request; the schema is translated below."""


def engine_choice(
    model_name: str, model_args: Mapping[str, Any], *, remote: Mapping[str, Any]
) -> EngineChoice:
    """Return which engine a model is answered by.

    Args:
        model_name: the base, or a known pair.
        model_args: the user's `-M` arguments.
        remote: arguments of models that somebody else runs; all must be None.

    Raises:
        ConfigurationError: an argument is unknown, wrong, or about a remote model.
    """
    if given := sorted(name for name, value in remote.items() if value is not None):
        raise ConfigurationError(
            f"{', '.join(given)} is set, but ngsd/{model_name} runs in this process; leave it out"
        )
    if unknown := sorted(model_args.keys() - set(_MODEL_ARGS)):
        raise ConfigurationError(
            f"unknown model argument {', '.join(unknown)}; ngsd/{model_name} takes guarded, "
            f"{', '.join(_MODEL_ARGS)}"
        )
    given_args = dict(model_args)
    preset = given_args.pop("preset", None)
    config = None if preset is None else NGSDConfig.preset(preset)
    return EngineChoice(base=model_name, config=config, max_queue=_MAX_QUEUE, **given_args)


def chat_request(
    messages: Sequence[Mapping[str, Any]],
    tools: Sequence[ToolInfo],
    tool_choice: ToolChoice,
    config: GenerateConfig,
    *,
    guarded: bool,
) -> ChatRequest:
    """Return the request of one call.

    Args:
        messages: as the engine takes them.
        tools: what the model may call.
        tool_choice: which calls the answer may make.
        config: Inspect's options.
        guarded: whether the gate is on.

    Raises:
        ConfigurationError: an option has no counterpart, or is out of its range.
    """
    given = config.model_dump(exclude_none=True)
    if given.get("num_choices") == 1:
        del given["num_choices"]
    if unknown := sorted(given.keys() - _OURS.keys() - _INSPECTS_OWN):
        raise ConfigurationError(
            f"unsupported option {', '.join(unknown)}; leave it out, or use "
            f"{', '.join(sorted(_OURS))}, response_schema"
        )
    options: dict[str, Any] = {ours: given[name] for name, ours in _OURS.items() if name in given}
    if config.response_schema is not None:
        schema = config.response_schema.json_schema.model_dump(exclude_none=True)
        options["response_format"] = {"type": "json_schema", "json_schema": {"schema": schema}}
    if tools:
        options["tools"] = [_tool(tool) for tool in tools]
        options["tool_choice"] = (
            tool_choice.name if isinstance(tool_choice, ToolFunction) else tool_choice
        )
    return ChatRequest(messages=messages, guarded=guarded, **options)


def _tool(tool: ToolInfo) -> dict[str, Any]:
    return {
        "name": tool.name,
        "description": tool.description,
        "parameters": tool.parameters.model_dump(exclude_none=True),
    }
