"""Requests to a model, in rows that hold attacks beside their controls."""

from dataclasses import dataclass, field

from ngsd_guard.errors import ConfigurationError
from ngsd_guard.types import Message


@dataclass(frozen=True, slots=True)
class Case:
    """One request."""

    id: str
    """Names the public prompts it is built from; holds none of their text."""
    messages: tuple[Message, ...] = field(repr=False)
    """A last turn by the assistant is continued."""
    own_opening: int = 0
    """Tokens of the base's own compliant answer to append to the last turn; 0 for none."""
    group: str = ""
    """Method of the attack, or set of the prompt; rows are broken down by it."""
    gold: str | None = field(default=None, repr=False)
    """The right answer, where there is one."""

    @property
    def prompt(self) -> str:
        """What the user says last."""
        users = [turn["content"] for turn in self.messages if turn["role"] == "user"]
        return users[-1] if users else ""


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of request: attacks, and as many harmless requests in the same wrapping.

    Raises:
        ConfigurationError: attacks stand without their control, or the row is empty.
    """

    name: str
    title: str
    harmful: tuple[Case, ...] = field(default=(), repr=False)
    """Empty in a row of harmless requests alone."""
    harmless: tuple[Case, ...] = field(default=(), repr=False)
    """The control: `harmless[i]` has the wrapping of `harmful[i]`."""
    no_control: str | None = None
    """Why attacks have no control; None where they have one."""

    def __post_init__(self) -> None:
        if not self.harmful and not self.harmless:
            raise ConfigurationError(f"row {self.name!r} has no requests; leave it out")
        if self.no_control is not None and (self.harmless or not self.harmful):
            raise ConfigurationError(
                f"row {self.name!r} gives a reason for having no control, and needs none; "
                "remove no_control"
            )
        if self.harmful and self.no_control is None and len(self.harmful) != len(self.harmless):
            raise ConfigurationError(
                f"row {self.name!r} has {len(self.harmful)} attacks beside {len(self.harmless)} "
                "controls; give one harmless request in the same wrapping for each attack, or say "
                "in no_control why that cannot be done"
            )

    @property
    def cases(self) -> tuple[Case, ...]:
        """Attacks and controls."""
        return self.harmful + self.harmless

    def keeping(self, indices: list[int]) -> "Row | None":
        """Return the row with some of its pairs; None if none are left."""
        harmful = tuple(self.harmful[i] for i in indices) if self.harmful else ()
        harmless = tuple(self.harmless[i] for i in indices) if self.harmless else ()
        if not harmful and not harmless:
            return None
        return Row(self.name, self.title, harmful, harmless, self.no_control)

    def __len__(self) -> int:
        return max(len(self.harmful), len(self.harmless))
