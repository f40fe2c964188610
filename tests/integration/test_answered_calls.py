"""Results that follow calls in a conversation: every call that a model made may be answered."""

import pytest
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage

from langchain_ngsd import ChatNGSD


@pytest.fixture(scope="module")
def mini() -> ChatNGSD:
    return ChatNGSD(max_tokens=8)


def _invalid(arguments: str) -> AIMessage:
    call = {"type": "invalid_tool_call", "name": "weather", "args": arguments, "id": "c1"}
    return AIMessage("", invalid_tool_calls=[{**call, "error": "not JSON"}])


@pytest.mark.parametrize("arguments", ['{"city": "Rome', "", "[1, 2]"])
def test_results_of_calls_that_could_not_be_parsed_are_read(mini: ChatNGSD, arguments: str) -> None:
    history = [
        HumanMessage("What is the weather in Rome?"),
        _invalid(arguments),
        ToolMessage("the arguments were not JSON", tool_call_id="c1", status="error"),
    ]
    message = mini.invoke(history)
    assert message.response_metadata["finish_reason"] in {"stop", "length", "tool_calls"}


def test_results_of_calls_that_nobody_made_are_refused_by_id(mini: ChatNGSD) -> None:
    history = [HumanMessage("Hello."), ToolMessage("sunny", tool_call_id="c9")]
    with pytest.raises(ValueError, match="c9"):
        mini.invoke(history)
