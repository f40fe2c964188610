"""What one call may say besides its messages: LangChain's options as a chat request's."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from langchain_core.messages import BaseMessage

from langchain_ngsd._messages import to_engine_messages
from ngsd_guard import ConfigurationError
from ngsd_guard.chat import ChatRequest

SAMPLING_OPTIONS: Final = ("max_tokens", "seed", "temperature", "top_k", "top_p")
_REQUEST_OPTIONS: Final = (
    "logprobs",
    "parallel_tool_calls",
    "response_format",
    "tool_choice",
    "tools",
    "top_logprobs",
)
_CALL_OPTIONS: Final = frozenset({*SAMPLING_OPTIONS, *_REQUEST_OPTIONS, "strict"})


def chat_request(
    messages: Sequence[BaseMessage],
    sampling: Mapping[str, Any],
    options: Mapping[str, Any],
    *,
    timeout_s: float | None,
) -> ChatRequest:
    """Return the request of one call.

    Args:
        messages: the conversation.
        sampling: `stop` and all of `SAMPLING_OPTIONS`; those of the model, unless the call has
            its own.
        options: what the call itself says; `strict` changes nothing, since answers always fit.
        timeout_s: seconds the answer may take; None for no limit.

    Raises:
        ConfigurationError: an option is unknown or wrong.
    """
    unknown = sorted(options.keys() - _CALL_OPTIONS)
    if unknown:
        remedy = ""
        if fixed := [name for name in unknown if name in ("model", "chat_template_kwargs")]:
            remedy = f" (for another {fixed[0]}, make another ChatNGSD)"
        raise ConfigurationError(
            f"unknown option {', '.join(unknown)}{remedy}; a call takes stop, "
            f"{', '.join(sorted(_CALL_OPTIONS))}"
        )
    own = {name: options[name] for name in _REQUEST_OPTIONS if options.get(name) is not None}
    chosen = dict(sampling)
    chosen["max_new_tokens"] = chosen.pop("max_tokens")
    return ChatRequest(messages=to_engine_messages(messages), timeout_s=timeout_s, **chosen, **own)
