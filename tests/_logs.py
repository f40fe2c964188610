"""What tests of the log write into it, and how they change it behind its back."""

import hashlib
import json
from pathlib import Path
from typing import Any

from ngsd_guard.audit import VerdictRecord
from ngsd_guard.audit._canonical import canonical, sealed


def verdict(event_id: str = "event", **fields: Any) -> VerdictRecord:
    """Return a record of a harmless text."""
    members: dict[str, Any] = {
        "package_version": "0", "base": "base", "expert": "expert", "preset": "default",
        "config_digest": "0" * 64, "event_id": event_id, "policy_version": "1",
        "policy_digest": "0" * 64, "stage": "input", "evaluation": "evaluated", "flagged": False,
        "action": "allow", "enforced": True, "shadow": False, "latency_s": 0.125,
    }  # fmt: skip
    return VerdictRecord(**(members | fields))


def lines_of(path: Path) -> list[bytes]:
    """Return the lines of a file."""
    return path.read_bytes().splitlines()


def put_lines(path: Path, lines: list[bytes]) -> None:
    """Write a file of lines."""
    path.write_bytes(b"".join(line + b"\n" for line in lines))


def reseal(line: bytes, **changes: Any) -> bytes:
    """Return a record with changed members and the right hash, as whoever can hash would."""
    fields = {**json.loads(line), **changes}
    del fields["hash"]
    return sealed(fields)[0]


def rebuild(lines: list[bytes], **changes: Any) -> list[bytes]:
    """Return a whole chain made anew."""
    before, made = "0" * 64, []
    for sequence, line in enumerate(lines):
        made.append(reseal(line, prev_hash=before, sequence=sequence, **changes))
        before = json.loads(made[-1])["hash"]
    return made


def put_head(path: Path, last: bytes, signature: str | None = None) -> None:
    """Write the head that belongs to a last record."""
    fields = json.loads(last)
    head = {
        "chain_id": fields["chain_id"], "sequence": fields["sequence"],
        "head_hash": fields["hash"],
    }  # fmt: skip
    if signature is not None:
        head["signature"] = signature
    slot = canonical(head).ljust(383) + b"\n"
    path.with_name(f"{path.name}.head").write_bytes(slot * 2)


def digest(data: bytes) -> str:
    """Return SHA-256, hexadecimal."""
    return hashlib.sha256(data).hexdigest()
