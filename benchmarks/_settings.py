"""Sizes of the measurements."""

from dataclasses import dataclass
from itertools import product
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Settings:
    """Sizes of a run of `decode.py`."""

    rounds: int
    slow_rounds: int
    """Rounds that include the loop without a cache."""
    batch_sizes: tuple[int, ...] = (1, 8, 32)
    prompt_lengths: tuple[int, ...] = (64, 512)
    output_lengths: tuple[int, ...] = (128, 512)
    growth_lengths: tuple[int, ...] = (32, 64, 128, 256, 512)
    growth_prompt_length: int = 64
    num_natural: int = 24
    """Prompts of each kind that are answered completely."""
    longest_natural: int = 256
    num_first_tokens: int = 6
    """Prompts of each kind per round whose first token is timed."""
    num_step_tokens: int = 64
    """Tokens over which the time per step is measured."""
    memory_batch_sizes: tuple[int, ...] = (1, 8)
    data: Path | None = None
    """Folder of the public sets."""

    @classmethod
    def quick(cls, rounds: int, data: Path | None) -> "Settings":
        """Return tiny sizes for a smoke test."""
        return cls(
            rounds=rounds,
            slow_rounds=1,
            batch_sizes=(1, 3),
            prompt_lengths=(64,),
            output_lengths=(12, 24),
            growth_lengths=(8, 16, 32),
            num_natural=3,
            longest_natural=48,
            num_first_tokens=2,
            num_step_tokens=12,
            memory_batch_sizes=(2,),
            data=data,
        )

    def cells(self, context_length: int) -> list["Cell"]:
        """Return the combinations that fit the context."""
        combinations = product(self.batch_sizes, self.prompt_lengths, self.output_lengths)
        cells = [Cell(*combination) for combination in combinations]
        return [cell for cell in cells if cell.prompt + cell.output <= context_length]


@dataclass(frozen=True, slots=True)
class Cell:
    """One combination of sizes."""

    batch: int
    prompt: int
    """Number of tokens of each prompt."""
    output: int
    """Number of tokens of each answer."""

    @property
    def name(self) -> str:
        """Key of the cell's measurements."""
        return f"{self.batch}x{self.prompt}+{self.output}"
