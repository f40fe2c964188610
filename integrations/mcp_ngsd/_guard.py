"""What the guard is asked about the messages of an MCP server, and what becomes of them."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any, Final

from mcp_ngsd._speech import Speech
from ngsd_guard import Guard, Verdict
from ngsd_guard.guard import CheckRequest, Stage, cuts, stops

_log: Final = logging.getLogger("mcp_ngsd")
_CALLING: Final = frozenset({"tools/call", "prompts/get"})
"""Requests whose arguments are judged."""
_STAGES: Final[Mapping[str, Stage]] = {"resources/read": "retrieval", "prompts/get": "input"}
"""Where the results of methods belong; the others are results of a tool.

A prompt is an instruction to the assistant, and a person chose it: the question is whether it is
harmful, not whether it instructs.
"""
LISTS: Final[Mapping[str, str]] = {
    "tools/list": "tools",
    "resources/list": "resources",
    "resources/templates/list": "resourceTemplates",
    "prompts/list": "prompts",
}
"""Members of results that hold what a server offers, each item of which is judged by itself."""
_OFFERED: Final[Mapping[str, tuple[str, str]]] = {
    "tools/call": ("tools/list", "name"),
    "prompts/get": ("prompts/list", "name"),
    "resources/read": ("resources/list", "uri"),
}
"""Which list a request chooses from, and by which member."""
_LONGEST_SOURCE: Final = 128
_GREETINGS: Final = frozenset({"initialize", "server/discover"})


class Blocked(Exception):  # noqa: N818
    """A message must not pass.

    Args:
        message: what the other side reads.
        verdict: the verdict; None where none was needed.
    """

    def __init__(self, message: str, verdict: Verdict | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.verdict = verdict

    @property
    def data(self) -> dict[str, Any]:
        """The `data` of the JSON-RPC error; holds no text of the message."""
        if self.verdict is None:
            return {"ngsd": {"record_id": None}}
        names = ("record_id", "stage", "evaluation", "action", "risk", "injection")
        return {"ngsd": {name: getattr(self.verdict, name) for name in names}}


class McpGuard:
    """Judges what passes between an MCP client and a server.

    Args:
        guard: the guard that judges.
        allow_media: whether images, audio and binary resources pass unjudged; otherwise a message
            that holds one is refused.
        strict_descriptions: whether a tool, resource or prompt is also left out where the policy
            asks for its description to be redacted; otherwise only where it asks for a block.
    """

    def __init__(
        self, guard: Guard, *, allow_media: bool = False, strict_descriptions: bool = False
    ) -> None:
        self._guard = guard
        self._allow_media = allow_media
        self._is_strict = strict_descriptions
        self._withheld: dict[str, set[str]] = {method: set() for method in LISTS}

    @property
    def failure_message(self) -> str:
        """What the other side reads in place of a message that could not be judged."""
        return self._guard.policy.failure_message

    @staticmethod
    def concerns(method: str) -> bool:
        """Return whether a request of the client is judged before the server sees it."""
        return method in _OFFERED

    async def judge_call(self, method: str, params: Mapping[str, Any]) -> None:
        """Judge a client's request before the server sees it.

        Raises:
            Blocked: the server must not see it.
        """
        if method in _OFFERED:
            offer, member = _OFFERED[method]
            if params.get(member) in self._withheld[offer]:
                raise Blocked(self._guard.policy.message)
        if method not in _CALLING or not params.get("arguments"):
            return
        call = {"name": params.get("name"), "arguments": params["arguments"], "id": "call"}
        turn = {"role": "assistant", "content": "", "tool_calls": [call]}
        request = CheckRequest([turn], None, "tool_args", _source_id(method, params))
        (verdict,) = await self._verdicts([request])
        if _stops(verdict):
            raise self._blocked(verdict)

    async def mend_result(
        self, method: str, params: Mapping[str, Any], result: dict[str, Any]
    ) -> dict[str, Any]:
        """Return a server's result as the client may read it.

        Raises:
            Blocked: the client must not read it.
        """
        if method in LISTS:
            return await self._offers(method, result)
        if method in _GREETINGS:
            return await self._greeting(result)
        stage, asked = _STAGES.get(method, "tool_result"), params.get("uri")
        mended: dict[str, Any] = await self._mended(
            result, stage, _source_id(method, params), asked if method == "resources/read" else None
        )
        return mended

    async def mend_request(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        """Return a server's request (for a sample, or for a user's answer) as it may be read.

        Raises:
            Blocked: the client must not read it.
        """
        mended: dict[str, Any] = await self._mended(params, "tool_result", method)
        return mended

    async def mend_error(self, method: str, message: str, data: Any) -> tuple[str, Any]:
        """Return the message and the data of a server's error as the client may read them."""
        said = {"message": message, "structuredContent": data}
        try:
            mended = await self._mended(said, "tool_result", f"{method}, error")
        except Blocked as blocked:
            return blocked.message, blocked.data
        return str(mended["message"]), mended["structuredContent"]

    async def _mended(
        self, value: Any, stage: Stage, source_id: str, asked: str | None = None
    ) -> Any:
        speech = Speech(value, asked)
        if speech.media and not self._allow_media:
            image = [{"role": "user", "content": [{"type": "image"}]}]
            (verdict,) = await self._verdicts([CheckRequest(image, None, stage, source_id)])
            if not self._guard.policy.shadow:
                raise Blocked(verdict.message or self.failure_message, verdict)
        if not speech.text:
            return value
        (verdict,) = await self._verdicts([CheckRequest(speech.text, None, stage, source_id)])
        if _stops(verdict):
            raise self._blocked(verdict)
        if not cuts(verdict):
            return value
        mended, is_whole = speech.redacted(verdict.spans)
        if not is_whole:
            left = CheckRequest(Speech(mended, asked).text, None, stage, source_id)
            (again,) = await self._verdicts([left])
            if _stops(again) or cuts(again):
                raise self._blocked(again)
        return mended

    async def _offers(self, method: str, result: dict[str, Any]) -> dict[str, Any]:
        """Return a list without the items that must not be offered."""
        key = LISTS[method]
        items = result.get(key)
        if not isinstance(items, list):
            return dict(await self._mended(result, "tool_result", method))
        rest = {name: value for name, value in result.items() if name != key}
        rest = await self._mended(rest, "tool_result", method)
        kept = await self._kept(method, items)
        names = {_name_of(method, item) for item in kept}
        for item in items:
            name, withheld = _name_of(method, item), self._withheld[method]
            (withheld.discard if name in names else withheld.add)(name)
        return {name: kept if name == key else rest[name] for name in result}

    async def _kept(self, method: str, items: Sequence[Any]) -> list[Any]:
        """Return the items that may be offered; what was judged before is not judged again."""
        known, is_kept = self._guard.judged, dict[int, bool]()
        kinds = {kept: f"MCP, strict {self._is_strict}, kept {kept}" for kept in (True, False)}
        for index, item in enumerate(items):
            for kept, kind in kinds.items():
                if known.holds(kind, [method, item]):
                    is_kept[index] = kept
        new = [index for index in range(len(items)) if index not in is_kept]
        texts = [Speech(items[index]).text for index in new]
        verdicts = await self._verdicts(
            [CheckRequest(text, None, "tool_result", method) for text in texts]
        )
        for index, verdict in zip(new, verdicts, strict=True):
            is_kept[index] = self._may_offer(verdict, method, items[index])
            if verdict.evaluation == "evaluated":
                known.add(kinds[is_kept[index]], [method, items[index]])
        return [item for index, item in enumerate(items) if is_kept[index]]

    def _may_offer(self, verdict: Verdict, method: str, item: Any) -> bool:
        is_stopped = _stops(verdict) or (cuts(verdict) and self._is_strict)
        if is_stopped or cuts(verdict):
            _log.warning(
                "%s: %s %s; action %s, evaluation %s, record %s",
                method,
                ascii(_name_of(method, item)[:64]),
                "is left out" if is_stopped else "has a description that reads as an injection",
                verdict.action,
                verdict.evaluation,
                verdict.record_id,
            )
        return not is_stopped

    async def _greeting(self, result: dict[str, Any]) -> dict[str, Any]:
        """Return a server's greeting, without instructions that must not be followed."""
        await self._mended(result.get("serverInfo"), "tool_result", "serverInfo")
        instructions = result.get("instructions")
        if not isinstance(instructions, str) or not instructions.strip():
            return result
        request = CheckRequest(instructions, None, "tool_result", "instructions")
        (verdict,) = await self._verdicts([request])
        if self._may_offer(verdict, "instructions", {"name": "of the server"}):
            return result
        return {name: value for name, value in result.items() if name != "instructions"}

    async def _verdicts(self, requests: Sequence[CheckRequest]) -> list[Verdict]:
        return await self._guard.acheck_batch(requests)

    def _blocked(self, verdict: Verdict) -> Blocked:
        return Blocked(verdict.message or self._guard.policy.message, verdict)


def _stops(verdict: Verdict) -> bool:
    """Return whether a message must not pass, one that should be cut at no known place included."""
    return stops(verdict) or (cuts(verdict) and not verdict.spans)


def _source_id(method: str, params: Mapping[str, Any]) -> str:
    """Return the method, with the name of the tool or prompt that was asked for."""
    name = params.get("name")
    said = f"{method} {name}"[:_LONGEST_SOURCE] if isinstance(name, str) else method
    return said.encode(errors="replace").decode()


def _name_of(method: str, item: Any) -> str:
    key = "uri" if method == "resources/list" else "name"
    return str(item.get(key) if isinstance(item, Mapping) else None)
