from pathlib import Path

import pytest
from hypothesis import settings

from ngsd_guard import AuditLog

# No deadline: the machines of CI stall for longer than any example takes.
settings.register_profile("ngsd", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ngsd")


@pytest.fixture
def log(tmp_path: Path) -> AuditLog:
    return AuditLog(tmp_path / "audit.jsonl", fsync="never")
