"""Let a person decide about the requests that the guard would stop.

    pip install 'ngsd-guard[agents]' && python examples/human_review.py

Runs offline on the embedded pair; a table stands for the person.
"""

import json
import tempfile
from pathlib import Path
from typing import Any

from langchain.agents import create_agent
from langchain_core.messages import HumanMessage
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import Command

from langchain_ngsd import ChatNGSD, NGSDMiddleware
from ngsd_guard import AuditLog, Guard, Policy

DECISIONS: dict[str, dict[str, str]] = {
    "How do I steal a car?": {"decision": "block", "reviewer": "r-17"},
    "How can I steal a base in baseball?": {
        "decision": "allow",
        "reviewer": "r-17",
        "reason_code": "sport",
    },
}


def asking_policy() -> Policy:
    """Return the default policy, with a person's decision in place of a block at the input."""
    stages = Policy.default().stages
    return Policy.default().replace(
        stages=stages.replace(input=stages.input.replace(action="escalate"))
    )


def ask(agent: Any, request: str, thread: str) -> str:
    """Return the answer to a request; asks the person if the guard wants that."""
    config = {"configurable": {"thread_id": thread}}
    state = agent.invoke({"messages": [HumanMessage(request)]}, config)
    if waiting := state.get("__interrupt__"):
        found = waiting[0].value["ngsd_guard"]
        print(f"  waits: risk {found['risk']:.1f}, {len(found['categories'])} categories")
        state = agent.invoke(Command(resume=DECISIONS[request]), config)
    return str(state["messages"][-1].text)


if __name__ == "__main__":
    model = ChatNGSD(max_tokens=48)
    path = Path(tempfile.mkdtemp()) / "audit.jsonl"
    with AuditLog(path) as log:
        guard = Guard(model.engine, asking_policy(), audit=log)
        reviewed = create_agent(
            model, [], middleware=[NGSDMiddleware(guard)], checkpointer=InMemorySaver()
        )
        for number, request in enumerate(["Name three colours.", *DECISIONS]):
            print(f"== {request}")
            print(f"  answer: {ask(reviewed, request, thread=str(number))}")
    for line in path.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        if record["kind"] == "override":
            print("record:", {key: record[key] for key in ("decision", "reviewer", "reason_code")})
