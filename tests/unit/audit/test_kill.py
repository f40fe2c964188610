import subprocess
import sys
from pathlib import Path

import pytest


def kill(folder: Path, num_kills: int, seed: int) -> int:
    """Return how many records were acknowledged before the kills; raise if one was lost."""
    program = [sys.executable, str(Path(__file__).with_name("_killed.py")), str(folder)]
    done = subprocess.run(
        [*program, str(num_kills), str(seed)],
        check=False, capture_output=True, text=True, timeout=1_800,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2_000:]
    return int(done.stdout)


def test_nothing_acknowledged_is_lost_when_a_writer_is_killed(tmp_path: Path) -> None:
    assert kill(tmp_path, 40, seed=1) > 40


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_in_a_thousand_kills(tmp_path: Path) -> None:
    assert kill(tmp_path, 1_000, seed=2) > 1_000
