"""What the messages of chat hosts can hold, and how each kind is read."""

import re
from collections.abc import Mapping
from typing import Any, Final, Literal

BlockRole = Literal[
    "text", "document", "reasoning", "encrypted", "call", "record", "wrapped", "media"
]
"""How a block is read.

`text`, `reasoning`: what an answer or a question says, and what was thought before it. `document`:
a text with its title, or only where to fetch it. `call`: repeats what an assistant message says in
`tool_calls`. `record`: calls and results that a provider ran itself, results of tools, citations;
read as the JSON they are. `wrapped`: holds another provider's block under `value`. `encrypted`:
only its provider can read it. `media`: not text.
"""
_KINDS: Final[Mapping[BlockRole, str]] = {
    "text": "text input_text output_text refusal",
    "reasoning": "reasoning thinking reasoning_text summary_text reasoning_content",
    "document": "text-plain document",
    "encrypted": "redacted_thinking",
    "call": "tool_use tool_call tool_call_chunk invalid_tool_call function_call custom_tool_call",
    "record": (
        # LangChain
        "server_tool_call server_tool_call_chunk server_tool_result citation json input_json "
        # OpenAI Responses
        "web_search_call file_search_call code_interpreter_call computer_call mcp_call "
        "mcp_list_tools mcp_approval_request mcp_approval_response local_shell_call "
        "local_shell_call_output shell_call shell_call_output apply_patch_call "
        "apply_patch_call_output tool_search_call tool_search_output function_call_output "
        "custom_tool_call_output compaction "
        # Anthropic
        "server_tool_use mcp_tool_use mcp_tool_result tool_result web_search_tool_result "
        "web_fetch_tool_result code_execution_tool_result bash_code_execution_tool_result "
        "text_editor_code_execution_tool_result tool_search_tool_result search_result "
        "input_json_delta tool_reference "
        # Google and Bedrock
        "executable_code code_execution_result function_response guard_content cache_point "
        "citations_content"
    ),
    "wrapped": "non_standard",
    "media": (
        "image image_url input_image audio input_audio video file input_file media file_data "
        "inline_data image_generation_call computer_call_output computer_screenshot "
        "container_upload"
    ),
}
BLOCK_ROLES: Final[Mapping[str, BlockRole]] = {
    kind: role for role, kinds in _KINDS.items() for kind in kinds.split()
}
"""Every known kind of block, by its `type`."""

SPOKEN: Final = (
    "text", "thinking", "reasoning", "reasoning_content", "refusal", "summary", "content",
)  # fmt: skip
"""Members of a block that hold what it says."""
_LABELS: Final = frozenset(
    {"id", "call_id", "tool_use_id", "item_id", "type", "index", "output_index", "status", "phase",
     "cache_control", "extras", "role"}
)  # fmt: skip
"""Members of a block that say nothing as long as they are single words."""
_SEALED: Final = frozenset(
    {"signature", "thought_signature", "encrypted_content", "encrypted_index", "redacted_content"}
)
"""Members of a block that only its provider can read; they have no spaces."""
_SOURCES: Final = frozenset({"url", "base64", "file_id", "file"})
"""Where a document is stored, if its text is not in the block."""
_SEPARATORS: Final = re.compile(r"[\W_]+")
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def kind_of(block: Any) -> str | None:
    """Return the type of a block; "text" for a plain string, None where it names no type.

    Bedrock and Google name the type by the only member of the block, in camel case.
    """
    if isinstance(block, str):
        return "text"
    if not isinstance(block, Mapping):
        return None
    if "type" in block:
        kind = block["type"]
        return kind if isinstance(kind, str) else None
    names = [key for key in block if isinstance(key, str)]
    kind = _CAMEL.sub("_", names[0]).lower() if len(names) == len(block) == 1 else None
    return kind if kind in BLOCK_ROLES or kind in SPOKEN else None


def role_of_block(block: Any) -> BlockRole | None:
    """Return how a block is read; None for one of an unknown kind."""
    kind = kind_of(block) or ""
    return BLOCK_ROLES.get(kind, "reasoning" if kind in SPOKEN else None)


def text_of(block: Any) -> str | None:
    """Return the text of a typed block that holds text; None for any other block."""
    if isinstance(block, str):
        return block
    if not isinstance(block, Mapping) or "type" not in block:
        return None
    is_document = block["type"] == "text-plain"
    if not is_document and role_of_block(block) != "text":
        return None
    text = block.get("refusal" if block["type"] == "refusal" else "text")
    return text if isinstance(text, str) else None


def unspoken_part(block: Mapping[str, Any]) -> dict[str, Any]:
    """Return the members of a block that say something beside its text, such as citations."""
    return {
        key: value
        for key, value in block.items()
        if key not in SPOKEN and value not in (None, "", [], {}) and not _is_label(key, value)
    }


def is_encrypted(block: Mapping[str, Any]) -> bool:
    """Return whether nobody but its provider can read anything in a block."""
    rest = {key: value for key, value in block.items() if key != "data"}
    return (
        role_of_block(block) == "encrypted"
        and not is_phrase(block.get("data"))
        and not unspoken_part(rest)
        and not any(block.get(name) for name in SPOKEN)
    )


def without_sealed(value: Any) -> Any:
    """Return a JSON value without what only a provider can read."""
    if isinstance(value, Mapping):
        return {
            key: without_sealed(item) for key, item in value.items() if not _is_sealed(key, item)
        }
    return [without_sealed(item) for item in value] if isinstance(value, list | tuple) else value


def is_stored_elsewhere(document: Mapping[str, Any]) -> bool:
    """Return whether a block of a document holds a reference instead of text, or beside it."""
    source = document.get("source")
    kind = source.get("type") if isinstance(source, Mapping) else None
    return kind in _SOURCES or not _SOURCES.isdisjoint(document)


def holds_media(value: Any) -> bool:
    """Return whether a block contains another one that is not text."""
    if isinstance(value, Mapping):
        kind = value.get("type")
        is_media = isinstance(kind, str) and BLOCK_ROLES.get(kind) == "media"
        return is_media or any(map(holds_media, value.values()))
    return isinstance(value, list | tuple) and any(map(holds_media, value))


def words_of(name: Any) -> str:
    """Return the words of a name or an id, as text: `get_weather` says "get weather"."""
    if not isinstance(name, str):
        return ""
    plain = _CAMEL.sub(" ", name)
    return " ".join(plain.replace("_", " ").replace("-", " ").split())


def is_phrase(label: Any) -> bool:
    """Return whether an id or a label contains several words: `call_a1` is one, `do_it` two."""
    if isinstance(label, str):
        parts = _SEPARATORS.split(_UUID.sub("", label))
        return len([part for part in parts if part.isalpha()]) > 1
    if isinstance(label, Mapping):
        return any(map(is_phrase, label)) or any(map(is_phrase, label.values()))
    return isinstance(label, list | tuple) and any(map(is_phrase, label))


def _is_label(key: object, value: Any) -> bool:
    if _is_sealed(key, value):
        return True
    if key == "extras" and isinstance(value, Mapping):
        return not unspoken_part({**value}) and not any(value.get(name) for name in SPOKEN)
    is_kind = key == "type" and isinstance(value, str) and value in BLOCK_ROLES
    return key in _LABELS and (is_kind or not is_phrase(value))


def _is_sealed(key: object, value: Any) -> bool:
    return key in _SEALED and isinstance(value, str) and len(value.split()) < 2
