"""A request and its two answers, without and with the guard."""

from dataclasses import dataclass

from ngsd_guard.refusals import is_refusal
from ngsd_guard.types import Generation, Message


@dataclass(frozen=True, slots=True)
class DemoRequest:
    """One request of the demo."""

    kind: str
    """Kind of request it is an example of."""
    prompt: str
    is_attack: bool = False
    prefill: str = ""
    """Prefilled start of the answer."""

    @property
    def messages(self) -> list[Message]:
        """The request as a conversation."""
        messages: list[Message] = [{"role": "user", "content": self.prompt}]
        if self.prefill:
            messages.append({"role": "assistant", "content": self.prefill})
        return messages


@dataclass(frozen=True, slots=True)
class DemoResult:
    """One request and its two answers."""

    request: DemoRequest
    unguarded: Generation
    guarded: Generation

    @property
    def is_unchanged(self) -> bool:
        """Whether the guard did not change the answer."""
        return self.guarded.token_ids == self.unguarded.token_ids

    @property
    def unguarded_refused(self) -> bool:
        """Whether the base alone refused."""
        return is_refusal(self.unguarded.text)

    @property
    def guarded_refused(self) -> bool:
        """Whether the guarded pair refused."""
        return is_refusal(self.guarded.text)
