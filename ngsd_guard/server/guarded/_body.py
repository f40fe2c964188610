"""The body of a guarded chat completion, and its messages as the guard takes them."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from ngsd_guard.content_blocks import role_of_block
from ngsd_guard.server._errors import ApiError
from ngsd_guard.server.completions._parameters import unsupported

_BLANK: Final[tuple[Any, ...]] = (None, "", [], {})
_PLAIN: Final = ("name", "tool_call_id")
_REASONING: Final = ("reasoning_content", "reasoning")
_CALLS: Final = ("tool_calls", "function_call")
_MEMBERS: Final = frozenset(
    {"role", "content", "refusal", "annotations", *_PLAIN, *_REASONING, *_CALLS}
)
_REFUSED: Final[Mapping[str, str]] = {
    "audio": "ask for text",
    "logprobs": "the alternatives are not judged, so leave it out",
    "top_logprobs": "the alternatives are not judged, so leave it out",
    "documents": "put them into messages of the role tool",
    "chat_template": "leave it out",
}
"""Parameters that bring text past the guard, or answers that it cannot judge."""


class GuardedBody(BaseModel):
    """A chat completion request; members not named here are passed on as they are."""

    model_config = ConfigDict(extra="allow", strict=True)

    model: str
    messages: list[dict[str, Any]] = Field(min_length=1, max_length=1024)
    stream: bool | None = None
    n: int | None = Field(default=None, ge=1, le=16)
    stream_options: dict[str, Any] | None = None
    response_format: dict[str, Any] | None = None

    @property
    def asks_for_json(self) -> bool:
        """Whether the answer is to be JSON, which a refusal is not."""
        return bool((self.response_format or {}).get("type", "text") != "text")

    @property
    def includes_usage(self) -> bool:
        """Whether a stream ends with a chunk of token counts."""
        return (self.stream_options or {}).get("include_usage") is True


def check_parameters(body: GuardedBody) -> None:
    """Refuse parameters that bring text past the guard, or answers that it cannot judge.

    Raises:
        ApiError: there is such a parameter.
    """
    extra = body.model_extra or {}
    for name, remedy in _REFUSED.items():
        if extra.get(name) not in (*_BLANK, False, 0):
            raise unsupported(name, remedy)
    if extra.get("modalities") not in (*_BLANK, ["text"]):
        raise unsupported("modalities", "ask for text only")


def turns_of(messages: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return messages as the guard takes them, with everything that a model may read.

    Raises:
        ApiError: a message has a part or a member that cannot be judged.
    """
    return [turn_of(message, f"messages.{index}") for index, message in enumerate(messages)]


def turn_of(message: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Return a message as the guard takes it; see `turns_of`.

    Args:
        message: the message.
        where: its place, for errors.
    """
    given = {name: value for name, value in message.items() if value not in _BLANK}
    if not _MEMBERS.issuperset(given):
        name = "audio" if "audio" in given else "a member of an unknown name"
        raise _not_judged(f"{where} has {name}, which cannot be judged; leave it out", where)
    turn: dict[str, Any] = {name: given[name] for name in _PLAIN if name in given}
    calls = given.get("tool_calls", [])
    if "function_call" in given:
        calls = [*(calls if isinstance(calls, list) else [calls]), given["function_call"]]
    if calls:
        turn["tool_calls"] = calls
    return {"role": message.get("role"), "content": _content(given, where), **turn}


def _content(given: Mapping[str, Any], where: str) -> Any:
    content = given.get("content", "")
    for index, part in enumerate(content if isinstance(content, list) else ()):
        if role_of_block(part) in (None, "media"):
            place = f"{where}.content.{index}"
            raise _not_judged(f"{place} is not text and cannot be judged; send text only", place)
    beside: list[Any] = [
        {"type": "reasoning", "reasoning": given[name]} for name in _REASONING if name in given
    ]
    refusal = given.get("refusal")
    if refusal is not None and refusal != content:
        beside.append({"type": "refusal", "refusal": refusal})
    if "annotations" in given:
        beside.append({"type": "citation", "annotations": given["annotations"]})
    if not beside:
        return content
    said = content if isinstance(content, list) else [content]
    return [*(part for part in said if part), *beside]


def _not_judged(message: str, where: str) -> ApiError:
    return ApiError(400, message, code="unsupported_content", param=where)
