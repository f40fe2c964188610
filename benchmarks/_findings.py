"""What a check of a host found."""

import sys
from dataclasses import dataclass


@dataclass
class Findings:
    """What a check found; it prints each line, and fails at the end if one is not as wanted."""

    failed: int = 0

    def add(self, name: str, measured: object, *, passed: bool, target: str = "") -> None:
        """Print a figure with its target."""
        self.failed += not passed
        wanted = f" (wanted: {target})" if target else ""
        print(f"{'pass' if passed else 'FAIL'}  {name}: {measured}{wanted}", flush=True)

    def close(self) -> None:
        """Exit with 1 if anything was not as wanted."""
        sys.exit(1 if self.failed else 0)
