"""A chat host of thirty lines, with nothing of LangChain: it answers, streams and calls tools."""

import sys
from collections.abc import Callable, Iterator
from subprocess import run
from typing import Any

from ngsd_guard.chat import ChatEngine, ChatRequest, Finished, TextDelta
from ngsd_guard.testing import ScriptedModel

ADD = {
    "name": "add",
    "parameters": {"type": "object", "properties": {"a": {"type": "integer"}}},
}


class Host:
    """Answers as an HTTP server would: a body in, a reply or lines out."""

    def __init__(self, chat: ChatEngine, tools: dict[str, Callable[..., Any]]) -> None:
        self.chat = chat
        self.tools = tools

    def complete(self, body: dict[str, Any]) -> dict[str, Any]:
        messages = list(body.pop("messages"))
        while True:
            answer = self.chat.answer(ChatRequest(messages=messages, **body))
            messages.append(answer.message())
            for call in answer.tool_calls:
                result = self.tools[call.name](**call.arguments)
                messages.append({"role": "tool", "content": str(result), "tool_call_id": call.id})
            if answer.finish_reason != "tool_calls":
                return {"message": messages[-1], "usage": answer.usage.output_tokens,
                        "ngsd": answer.finished.summary()}  # fmt: skip

    def lines(self, body: dict[str, Any]) -> Iterator[str]:
        for event in self.chat.stream(ChatRequest(**body)):
            if isinstance(event, TextDelta):
                yield f"data: {event.text}"
            elif isinstance(event, Finished):
                yield f"data: [{event.finish_reason}]"


class Adding(ScriptedModel):
    """Calls the tool first, and tells its result afterwards."""

    def encode_chat(self, messages: Any, tools: Any = ()) -> list[int]:
        call = '<tool_call>{"name": "add", "arguments": {"a": 2}}</tool_call>'
        last = messages[-1]
        if tools:  # not the request to rate
            self.reply = f"It is {last['content']}." if last["role"] == "tool" else call
        return super().encode_chat(messages, tools)


def test_host_answers_streams_and_calls_tools(says: Callable[..., ChatEngine]) -> None:
    user = {"role": "user", "content": [{"type": "text", "text": "What is 2 and 3?"}]}
    calling = Host(says("", kind=Adding), {"add": lambda a: a + 3})
    reply = calling.complete({"messages": [user], "tools": [ADD], "max_new_tokens": 80})
    assert reply["message"] == {"role": "assistant", "content": "It is 5."}
    assert reply["ngsd"]["guarded"]
    streaming = Host(says("Five."), {})
    assert list(streaming.lines({"messages": [user], "stop": "."})) == [
        "data: F", "data: i", "data: v", "data: e", "data: [stop]"]  # fmt: skip


def test_chat_loads_no_host_and_no_grammar_engine() -> None:
    code = (
        "import sys, ngsd_guard.chat\n"
        "print(sorted({'langchain_core', 'langchain', 'llguidance', 'transformers'}"
        " & set(sys.modules)))"
    )
    found = run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
