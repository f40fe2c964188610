"""From a finished answer to Inspect's output."""

from typing import Final

from inspect_ai.model import (
    ChatCompletionChoice,
    ChatMessageAssistant,
    Content,
    ContentReasoning,
    ContentText,
    Logprob,
    Logprobs,
    ModelOutput,
    ModelUsage,
    StopReason,
)
from inspect_ai.tool import ToolCall

from ngsd_guard import ContextOverflowError
from ngsd_guard.calls import UNPARSED
from ngsd_guard.chat import ChatAnswer, ChatFinishReason
from ngsd_guard.types import Usage

_STOP_REASONS: Final[dict[ChatFinishReason, StopReason]] = {
    "stop": "stop",
    "length": "max_tokens",
    "tool_calls": "tool_calls",
    "cancelled": "unknown",
}


def model_output(model_name: str, answer: ChatAnswer) -> ModelOutput:
    """Return an answer with its usage, and the gate's view in `metadata["ngsd"]`."""
    refused = not answer.tool_calls and answer.finished.is_guards_refusal(answer.text)
    logprobs = [Logprob.model_validate(token.as_openai()) for token in answer.logprobs]
    choice = ChatCompletionChoice(
        message=ChatMessageAssistant(
            content=_content(answer),
            tool_calls=_calls(answer) or None,
            model=model_name,
            source="generate",
        ),
        stop_reason=_STOP_REASONS[answer.finish_reason],
        logprobs=Logprobs(content=logprobs) if logprobs else None,
    )
    return ModelOutput(
        model=model_name,
        choices=[choice],
        usage=_usage(answer.usage),
        input_context_tokens=answer.usage.input_tokens,
        time=answer.generation.timing.total_s,
        metadata={"ngsd": {**answer.finished.summary(), "refused": refused}},
    )


def overflow_output(model_name: str, error: ContextOverflowError) -> ModelOutput:
    """Return what Inspect expects of a prompt that does not fit the context."""
    return ModelOutput.from_content(
        model_name, str(error), stop_reason="model_length", error=str(error)
    )


def _content(answer: ChatAnswer) -> str | list[Content]:
    if not answer.reasoning:
        return answer.text
    return [ContentReasoning(reasoning=answer.reasoning), ContentText(text=answer.text)]


def _calls(answer: ChatAnswer) -> list[ToolCall]:
    calls = [ToolCall(call.id, call.name, call.arguments) for call in answer.tool_calls]
    broken = [
        ToolCall(call.id, UNPARSED, {UNPARSED: call.text}, parse_error=call.reason)
        for call in answer.broken_calls
    ]
    return calls + broken


def _usage(usage: Usage) -> ModelUsage:
    """Return the usage as Inspect counts it: cached tokens apart from other input."""
    return ModelUsage(
        input_tokens=usage.input_tokens - usage.cached_tokens,
        input_tokens_cache_read=usage.cached_tokens,
        output_tokens=usage.output_tokens,
        total_tokens=usage.input_tokens + usage.output_tokens,
    )
