"""The gate interface: a pure function from state and current to the next state and spikes."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import ClassVar, Generic, Self, TypeVar

import torch
from torch import Tensor

from ngsd_guard.config import GateConfig, GateKind
from ngsd_guard.errors import ConfigurationError, ShapeMismatchError


@dataclass(frozen=True, slots=True)
class GateState:
    """Immutable state of a batch of gates; each step returns a new one."""

    membrane_potential: Tensor
    """[batch], float32; after the last step's reset, if it spiked."""
    charged_potential: Tensor
    """[batch], float32; the value last compared with the threshold, before any reset."""

    @classmethod
    def at(cls, states: Sequence[Self], steps: Sequence[int]) -> Self:
        """Return a state whose row r is row r of `states[steps[r]]`."""
        index = torch.tensor(steps, device=states[0].membrane_potential.device)[None]  # [1, batch]

        def gathered(name: str) -> Tensor:
            values = torch.stack([getattr(state, name) for state in states])  # [steps, batch]
            return values.gather(0, index)[0]

        return cls(**{field.name: gathered(field.name) for field in fields(cls)})

    def select(self, rows: Sequence[int]) -> Self:
        """Return the state of the given rows, in that order."""
        index = torch.tensor(rows, device=self.membrane_potential.device)
        return type(self)(
            **{field.name: getattr(self, field.name)[index] for field in fields(self)}
        )

    @classmethod
    def join(cls, states: Sequence[Self]) -> Self:
        """Return one state with the rows of all `states`, in order."""
        return cls(
            **{
                field.name: torch.cat([getattr(state, field.name) for state in states])
                for field in fields(cls)
            }
        )


StateT = TypeVar("StateT", bound=GateState)


class Gate(ABC, Generic[StateT]):
    """Decides at each decode step, from the input current, whether to intervene.

    Args:
        config: the gate's options.

    Raises:
        ConfigurationError: the options are for another kind of gate.
    """

    kind: ClassVar[GateKind]

    def __init__(self, config: GateConfig) -> None:
        if config.kind != self.kind:
            raise ConfigurationError(
                f"{type(self).__name__} got options of kind {config.kind!r}; "
                f"pass GateConfig(kind={self.kind!r}, ...)"
            )
        self.config = config

    def initial_potential(self, risk: float) -> float:
        """Return the potential at which a request with this risk (0 to 10) starts."""
        return 0.0

    def initial_state(
        self,
        batch_size: int,
        *,
        device: torch.device | str | None = None,
        initial_potential: Tensor | float | None = None,
    ) -> StateT:
        """Return the state of `batch_size` requests before the first token.

        Args:
            batch_size: number of requests.
            device: device of the state; None for the CPU.
            initial_potential: [batch], or one value for all rows; None for the resting potential,
                which is `v_reset` for `lif` and zero for the other gates.
        """
        start = self._rest if initial_potential is None else initial_potential
        potential = torch.as_tensor(start, dtype=torch.float32, device=device)
        return self._start(potential.expand(batch_size).clone())

    @property
    def _rest(self) -> float:
        return 0.0

    @abstractmethod
    def _start(self, potential: Tensor) -> StateT:
        """Return the state before the first step; `potential` is [batch], float32."""

    @abstractmethod
    def _integrate(self, state: StateT, current: Tensor) -> tuple[StateT, Tensor]:
        """Advance one step; `current` is [batch], float32, with the bias already subtracted."""

    def step(self, state: StateT, current: Tensor) -> tuple[StateT, Tensor]:
        """Advance every gate in the batch by one decode step.

        A NaN current fires the gate, so that a failed distance computation fails closed.

        Args:
            state: the state returned by the previous step.
            current: [batch], in [0, 1]; the raw distance between the two distributions.

        Returns:
            The new state, and spikes as [batch], bool.

        Raises:
            ShapeMismatchError: `current` is not [batch].

        Source: NGSD (arXiv 2602.02027), Algorithm 1; departs from it by the bias current, which
        is zero in the presets `paper` and `reference`.
        """
        if current.shape != state.membrane_potential.shape:
            raise ShapeMismatchError(
                tuple(current.shape), tuple(state.membrane_potential.shape), what="gate current"
            )
        current, bias = current.to(torch.float32), self.config.bias_current
        if bias > 0:
            # (I - bias) / (1 - bias), written so that I = 1 gives exactly 1 in floating point.
            current = (1.0 - (1.0 - current) / (1.0 - bias)).clamp(min=0.0)
        return self._integrate(state, current)

    def _reaches_threshold(self, value: Tensor) -> Tensor:
        # Not `value >= threshold`: that is false for NaN, and the gate would not fire.
        return ~(value < self.config.v_threshold)
