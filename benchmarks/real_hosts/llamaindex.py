"""LlamaIndex's OpenAILike against the guard's own chat completions."""

from importlib.metadata import version
from typing import Any

from llama_index.core.llms import ChatMessage
from llama_index.core.tools import FunctionTool

import _hosts
from llamaindex_setup import guarded_model


def _weather(city: str) -> str:
    """Tell the weather in a city."""
    return f"Sunny in {city}."


def _chat(model: Any, text: str) -> str:
    return str(model.chat([ChatMessage(role="user", content=text)]).message.content)


def _stream(model: Any, text: str) -> str:
    chunks = model.stream_chat([ChatMessage(role="user", content=text)])
    return "".join(chunk.delta or "" for chunk in chunks)


def _call(model: Any, text: str) -> str:
    tool = FunctionTool.from_defaults(_weather, name="weather")
    answer = model.chat_with_tools([tool], user_msg=text, tool_required=True)
    (call,) = model.get_tool_calls_from_response(answer)
    return f"{call.tool_name}({', '.join(call.tool_kwargs)})"


def main() -> None:
    """Ask for harmless and harmful texts, whole and streamed, and for a tool call."""
    with _hosts.Upstream() as unused:
        packages = ("llama-index-core", "llama-index-llms-openai-like")
        check = _hosts.Checks("LlamaIndex " + ", ".join(map(version, packages)), unused)
        harmless, harmful = "What is the capital of France?", _hosts.HARMFUL
        with _hosts.guard_server() as guard:
            model: Any = guarded_model(guard)
            answer = _chat(model, harmless)
            check.passes("chat, harmless", lambda: _chat(model, harmless), wanted=None)
            check.note("chat, harmless", repr(answer))
            refusal = _chat(model, harmful)
            check.blocks("chat, harmful", lambda: _chat(model, harmful), said="I")
            check.note("chat, harmful", repr(refusal))
            check.passes("stream, harmless", lambda: _stream(model, harmless), wanted=answer)
            check.blocks("stream, harmful", lambda: _stream(model, harmful), said=refusal)
            check.passes(
                "tools", lambda: _call(model, "What is the weather in Rome?"),
                wanted="weather(city)",
            )  # fmt: skip
        check.blocks("without the guard", lambda: _chat(model, harmless))
    check.close()


if __name__ == "__main__":
    main()
