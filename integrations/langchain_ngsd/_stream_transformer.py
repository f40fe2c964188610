"""What the events of an agent (`stream_events(version="v3")`) show: what a guard has judged."""

from collections.abc import Mapping
from typing import Any, ClassVar

from langchain_core.messages import BaseMessage
from langgraph.stream import StreamTransformer

from langchain_ngsd._shown import (
    is_screened,
    may_be_shown,
    was_judged_call,
    was_judged_error,
)
from langchain_ngsd._tool_results import messages_in
from ngsd_guard import Guard


class JudgedStream(StreamTransformer):
    """Takes out of the events what no guard has judged.

    It judges nothing itself. A model that was not screened is left out while it streams; its answer
    is in the next snapshot of the state once it was judged. Snapshots contain the messages that
    were judged, and tool events the calls, results and errors that were.

    Args:
        scope: namespace of the run.
        guard: the guard whose memory counts.
    """

    before_builtins: ClassVar[bool] = True
    required_stream_modes: ClassVar[tuple[str, ...]] = ("messages", "tools", "values")

    def __init__(self, scope: tuple[str, ...] = (), *, guard: Guard) -> None:
        super().__init__(scope)
        self._guard = guard

    def init(self) -> dict[str, Any]:
        """Return no projection."""
        return {}

    def process(self, event: Any) -> bool:
        """Take out what was not judged; return whether the log keeps the event.

        Later transformers read an event that the log drops, so its text is removed as well.
        """
        params = event["params"]
        match event["method"]:
            case "messages":
                return self._keeps_message(params)
            case "tools":
                return self._keeps_tool(params["data"])
            case "values" | "updates":
                params["data"] = self._shown(params["data"])
        return True

    def _keeps_message(self, params: Any) -> bool:
        payload, metadata = params["data"]
        if is_screened(metadata):
            return True
        if isinstance(payload, BaseMessage):
            if may_be_shown(self._guard, payload):
                return True
        elif isinstance(payload, dict) and payload.get("event") == "message-start":
            # The projection of messages ignores a run that begins as a tool's.
            params["data"] = ({**payload, "role": "tool"}, metadata)
            return False
        elif isinstance(payload, dict) and payload.get("event") == "message-finish":
            params["data"] = ({"event": "message-finish"}, metadata)
            return False
        params["data"] = (None, metadata)
        return False

    def _keeps_tool(self, data: Any) -> bool:
        match data["event"]:
            case "tool-started":
                call = data["tool_call_id"], data["tool_name"], data.get("input")
                if not was_judged_call(self._guard, *call):
                    data["input"] = None
            case "tool-output-delta":
                data["event"], data["delta"] = "tool-output-withheld", None
                return False
            case "tool-finished" if not self._may_show(data.get("output")):
                data["output"] = None
            case "tool-error" if not was_judged_error(self._guard, data.get("message")):
                data["message"] = "the tool failed"
        return True

    def _may_show(self, output: Any) -> bool:
        """Return whether all that a tool returned is messages that were judged."""
        items = output if isinstance(output, list) else [output]
        try:
            return all(may_be_shown(self._guard, m) for item in items for m in messages_in(item))
        except Exception:  # it holds something else
            return False

    def _shown(self, value: Any) -> Any:
        """Return a part of the state without messages that were not judged."""
        match value:
            case BaseMessage():
                return value if may_be_shown(self._guard, value) else None
            case Mapping():
                return {key: self._shown(each) for key, each in value.items()}
            case list() | tuple():
                return [self._shown(each) for each in value if self._is_kept(each)]
        return value

    def _is_kept(self, value: Any) -> bool:
        return not isinstance(value, BaseMessage) or may_be_shown(self._guard, value)
