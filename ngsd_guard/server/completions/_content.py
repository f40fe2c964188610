"""The text of content parts."""

from collections.abc import Sequence
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, StringConstraints

from ngsd_guard.server._errors import ApiError

_TEXT: Final = frozenset({"text", "input_text", "output_text"})
_MEDIA: Final = frozenset(
    {"image_url", "input_image", "input_audio", "audio", "file", "input_file", "video_url"}
)
ToolName = Annotated[str, StringConstraints(pattern=r"^[a-zA-Z0-9_-]{1,64}$")]


class ContentPart(BaseModel):
    """A part of a message's content; only text is supported."""

    model_config = ConfigDict(extra="allow", strict=True)

    type: str
    text: str | None = None
    refusal: str | None = None


Content = str | list[ContentPart]


def text_blocks(content: Content | None, where: str) -> str | list[dict[str, Any]] | None:
    """Return a content as the engine takes it.

    An assistant's refusal is part of what it said, unless it repeats the text beside it.

    Args:
        content: text, parts, or nothing.
        where: place of the message, for errors.

    Raises:
        ApiError: a part is not text.
    """
    if content is None or isinstance(content, str):
        return content
    return [{"type": "text", "text": text} for text in _texts(content, where)]


def _texts(parts: Sequence[ContentPart], where: str) -> list[str]:
    texts: list[str] = []
    refusals: list[str] = []
    for index, part in enumerate(parts):
        if part.type in _TEXT and part.text is not None:
            texts.append(part.text)
        elif part.type == "refusal" and part.refusal is not None:
            refusals.append(part.refusal)
        else:
            raise _not_text(part, f"{where}.content.{index}")
    return texts or refusals


def _not_text(part: ContentPart, where: str) -> ApiError:
    if part.type in _TEXT or part.type == "refusal":
        return ApiError(400, f"{where} has no text; add it", code="invalid_request", param=where)
    kind = part.type if part.type in _MEDIA else "unknown type"
    return ApiError(
        400,
        f"{where} is of type {kind}; only text is supported, so describe it in words",
        code="unsupported_content",
        param=where,
    )
