"""An agent that calls tools: every call names an existing tool and has valid arguments.

    pip install 'ngsd-guard[agents]' && python examples/tool_agent.py

Runs offline on the embedded pair.
"""

from langchain.agents import create_agent
from langchain_core.messages import HumanMessage
from langchain_core.tools import tool

from langchain_ngsd import ChatNGSD


@tool
def get_weather(city: str) -> dict[str, str | int]:
    """Get the weather for a city."""
    return {"sky": "cloudy", "degrees": 21 if city == "Rome" else 14}


@tool
def start_timer(duration: int) -> dict[str, str]:
    """Start a timer."""
    return {"status": "done"}


agent = create_agent(ChatNGSD(max_tokens=64), [get_weather, start_timer])

if __name__ == "__main__":
    for request in ("What is the weather in Rome?", "Start a timer: 25 minutes."):
        for message in agent.invoke({"messages": [HumanMessage(request)]})["messages"]:
            message.pretty_print()
