"""One answer that a host decodes, as the gate follows it."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import uuid4

from ngsd_guard.errors import NGSDError
from ngsd_guard.gate import GateState
from ngsd_guard.hosting._conversation import Recovered
from ngsd_guard.types import FinishReason, RiskScores


@dataclass(frozen=True, slots=True)
class RowOptions:
    """What a host says of a row, for its record; None where it does not know."""

    max_new_tokens: int | None = None
    temperature: float | None = None
    top_k: int | None = None
    top_p: float | None = None
    seed: int | None = None
    rating: RiskScores | None = None
    """Risk and alpha, where they are known already."""
    trace_id: str | None = None
    """Id of the host's request."""


@dataclass(frozen=True, slots=True)
class RowReport:
    """How one answer was guarded."""

    id: str
    """Identifies the answer in the audit log."""
    risk: float | None
    """0 to 10; None where it failed before it was rated."""
    alpha: float | None
    """Guidance strength, 0 to 1; likewise."""
    num_spikes: int
    num_overrides: int
    """Spikes whose token is not the base's most likely one."""
    peak_potential: float
    """Highest potential compared with the threshold."""
    num_tokens: int
    """Tokens that were gated and released."""
    finish_reason: FinishReason | None
    """None where the host does not say."""
    error: NGSDError | None = None
    """Why it was not guarded any further; None where it was to its end."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The gate's decision about the next token."""

    current: float
    charged_potential: float
    spiked: bool
    base_token_id: int
    """The base's most likely token."""
    gated_token_id: int
    """The most likely token of what the host was given."""


@dataclass(frozen=True, slots=True)
class StateRow:
    """One row of the gates' state."""

    state: GateState
    row: int

    @staticmethod
    def gather(rows: Sequence["StateRow"]) -> GateState:
        """Return the state of some rows, in their order."""
        first = rows[0].state
        if all(each.state is first for each in rows):
            return first.select([each.row for each in rows])
        return type(first).join([each.state.select([each.row]) for each in rows])


@dataclass(slots=True, eq=False)
class HostedSequence:
    """One answer in the making: its text, its gate and what has happened."""

    prompt_ids: tuple[int, ...]
    conversation: Recovered
    text: list[int]
    """What the expert reads: its prompt, then the answer."""
    options: RowOptions
    id: str = field(default_factory=lambda: uuid4().hex)
    started_s: float = field(default_factory=time.perf_counter)
    rating: RiskScores | None = None
    rated_s: float = 0.0
    first_token_s: float = 0.0
    initial_potential: float | None = None
    before: StateRow | None = None
    """The gate before the next token; None until it was rated."""
    after: StateRow | None = None
    """The gate after it, should the host choose one now."""
    decision: Decision | None = None
    """About the next token; the host may ask again before it chooses one."""
    error: NGSDError | None = None
    token_ids: list[int] = field(default_factory=list)
    currents: list[float] = field(default_factory=list)
    potentials: list[float] = field(default_factory=list)
    spike_indices: list[int] = field(default_factory=list)
    override_indices: list[int] = field(default_factory=list)

    def take(self, token_id: int) -> None:
        """Take in the token that the host chose."""
        self.token_ids.append(token_id)
        self.text.append(token_id)
        self._count(token_id)
        self.before, self.after, self.decision = self.after, None, None

    def settle(self) -> None:
        """Count a last token that the host chose and did not show."""
        if self.decision is not None:
            self._count(self.decision.gated_token_id)
            self.decision = None

    def _count(self, token_id: int) -> None:
        decision, index = self.decision, len(self.currents)
        if decision is None:
            return
        self.currents.append(decision.current)
        self.potentials.append(decision.charged_potential)
        if decision.spiked:
            self.spike_indices.append(index)
            if token_id != decision.base_token_id:
                self.override_indices.append(index)

    @property
    def peak_potential(self) -> float:
        """Highest potential compared with the threshold."""
        return max(self.potentials, default=0.0)

    def report(self, finish_reason: FinishReason | None) -> RowReport:
        """Return how it was guarded."""
        return RowReport(
            id=self.id,
            risk=None if self.rating is None else self.rating.risk,
            alpha=None if self.rating is None else self.rating.alpha,
            num_spikes=len(self.spike_indices),
            num_overrides=len(self.override_indices),
            peak_potential=self.peak_potential,
            num_tokens=len(self.currents),
            finish_reason=finish_reason,
            error=self.error,
        )
