"""What every gate is: a pure function from state and current to state and spikes."""

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
    """State of a batch of gates, a value: a step returns a new one."""

    membrane_potential: Tensor
    """[batch], float32; after the reset of the last step, if it spiked."""
    charged_potential: Tensor
    """[batch], float32; what the threshold was last compared with, before any reset."""

    @classmethod
    def at(cls, states: Sequence[Self], steps: Sequence[int]) -> Self:
        """Return a state whose row r is that of `states[steps[r]]`."""
        index = torch.tensor(steps, device=states[0].membrane_potential.device)[None]  # [1, batch]

        def gathered(name: str) -> Tensor:
            values = torch.stack([getattr(state, name) for state in states])  # [steps, batch]
            return values.gather(0, index)[0]

        return cls(**{field.name: gathered(field.name) for field in fields(cls)})

    def select(self, rows: Sequence[int]) -> Self:
        """Return the state of some of the rows, in the order given."""
        index = torch.tensor(rows, device=self.membrane_potential.device)
        return type(self)(
            **{field.name: getattr(self, field.name)[index] for field in fields(self)}
        )

    @classmethod
    def join(cls, states: Sequence[Self]) -> Self:
        """Return one state with the rows of several, in their order."""
        return cls(
            **{
                field.name: torch.cat([getattr(state, field.name) for state in states])
                for field in fields(cls)
            }
        )


StateT = TypeVar("StateT", bound=GateState)


class Gate(ABC, Generic[StateT]):
    """Turns the current of each decode step into the decision to intervene.

    Args:
        config: the gate's options.

    Raises:
        ConfigurationError: the options are of another kind of gate.
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
        """Return the potential at which a request of this risk, 0 to 10, starts."""
        return 0.0

    def initial_state(
        self,
        batch_size: int,
        *,
        device: torch.device | str | None = None,
        initial_potential: Tensor | float | None = None,
    ) -> StateT:
        """Return the state of `batch_size` requests that have seen no token.

        Args:
            batch_size: requests side by side.
            device: where the state lives; None for the CPU.
            initial_potential: [batch], or one for all rows; None for rest, which is zero, or
                `v_reset` of the neuron.
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
        """Advance one step; `current` is [batch], float32, free of the bias."""

    def step(self, state: StateT, current: Tensor) -> tuple[StateT, Tensor]:
        """Advance every gate of the batch by one decode step.

        A current that is not a number fires the gate: a broken distance fails closed.

        Args:
            state: the state the last step returned.
            current: [batch], in [0, 1]; the raw distance between the two distributions.

        Returns:
            The new state, and spikes as [batch], bool.

        Raises:
            ShapeMismatchError: `current` is not [batch].

        Source: NGSD (arXiv 2602.02027), Algorithm 1; departs from it by the bias current, which
        is zero in both faithful presets.
        """
        if current.shape != state.membrane_potential.shape:
            raise ShapeMismatchError(
                tuple(current.shape), tuple(state.membrane_potential.shape), what="gate current"
            )
        current, bias = current.to(torch.float32), self.config.bias_current
        if bias > 0:
            # (I - bias) / (1 - bias), written so that I = 1 stays 1 in floating point.
            current = (1.0 - (1.0 - current) / (1.0 - bias)).clamp(min=0.0)
        return self._integrate(state, current)

    def _reaches_threshold(self, value: Tensor) -> Tensor:
        # Not `value >= threshold`, which is false for NaN and would let a broken step pass.
        return ~(value < self.config.v_threshold)
