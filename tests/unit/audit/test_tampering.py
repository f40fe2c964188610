"""Verification with the public key detects every change to a signed log."""

import contextlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Final

import pytest

from _logs import lines_of, put_head, put_lines, rebuild, reseal, verdict
from ngsd_guard import AuditLog
from ngsd_guard.audit import verify, write_key_pair

Lines = list[bytes]


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a signed log in three files, another one, and two key pairs."""
    folder = tmp_path_factory.mktemp("original")
    for name in ("key", "other"):
        write_key_pair(folder / f"{name}.pem", folder / f"{name}.pub")
    for name, key in (("audit", "key"), ("twin", "key")):
        for number in range(3):  # opened and closed three times
            with AuditLog(
                folder / f"{name}.jsonl",
                signing_key=folder / f"{key}.pem",
                checkpoint_every=7,
                max_bytes=8192,
                fsync="never",
            ) as log:
                for count in range(8):
                    log.write(verdict(f"{name}-{number}-{count}", risk=count / 2))
    assert len(list(folder.glob("audit*.jsonl"))) >= 3
    return folder


def edit_byte(lines: Lines, rng: Random) -> Lines:
    place = rng.randrange(len(lines))
    line = bytearray(lines[place])
    at = rng.randrange(len(line))
    line[at] = rng.choice([byte for byte in range(32, 127) if byte != line[at]])
    return [*lines[:place], bytes(line), *lines[place + 1 :]]


def edit_member(lines: Lines, rng: Random) -> Lines:
    """Change a record and its hash."""
    place = rng.randrange(len(lines))
    name = rng.choice([n for n in json.loads(lines[place]) if n not in ("hash", "signature")])
    changed = reseal(lines[place], **{name: rng.choice(["changed", 77, False])})
    return [*lines[:place], changed, *lines[place + 1 :]]


def delete(lines: Lines, rng: Random) -> Lines:
    start = rng.randrange(len(lines))
    return lines[:start] + lines[start + rng.randint(1, 3) :]


def insert(lines: Lines, rng: Random) -> Lines:
    place = rng.randrange(len(lines) + 1)
    made = reseal(rng.choice(lines), event_id="made-up") if rng.random() < 0.5 else b"{}"
    return [*lines[:place], made, *lines[place:]]


def repeat(lines: Lines, rng: Random) -> Lines:
    place = rng.randrange(len(lines))
    return [*lines[: place + 1], *lines[place:]]


def reorder(lines: Lines, rng: Random) -> Lines:
    one, other = rng.sample(range(len(lines)), 2)
    moved = list(lines)
    moved[one], moved[other] = moved[other], moved[one]
    return moved


def truncate(lines: Lines, rng: Random) -> Lines:
    return lines[: rng.randrange(len(lines))]


def renumber(lines: Lines, rng: Random) -> Lines:
    """Delete a record and rebuild the rest of the chain."""
    place = rng.randrange(len(lines))
    return rebuild(lines[:place] + lines[place + 1 :])


def append(lines: Lines, rng: Random) -> Lines:
    """Add a record that is correctly linked to the last one."""
    last = json.loads(lines[-1])
    made = reseal(
        rng.choice(lines), prev_hash=last["hash"], sequence=last["sequence"] + 1,
        event_id="made-up",
    )  # fmt: skip
    return [*lines, made]


def change_lines(folder: Path, rng: Random) -> None:
    """Change a file line by line; sometimes adapt or delete the head."""
    log, head = folder / "audit.jsonl", folder / "audit.jsonl.head"
    file = rng.choice(sorted(folder.glob("audit*.jsonl")))
    lines = lines_of(file)
    change = rng.choice(_CHANGES)
    changed = change(lines, rng)
    while changed == lines:
        changed = change(lines, rng)
    put_lines(file, changed)
    if rng.random() < 0.4 and file == log:
        with contextlib.suppress(IndexError, ValueError, KeyError):  # it may not be a record
            put_head(log, lines_of(log)[-1], signature="A" * 86)
    elif rng.random() < 0.2:
        head.unlink()


def splice(folder: Path, rng: Random) -> None:
    other = rng.choice([line for path in folder.glob("twin*.jsonl") for line in lines_of(path)])
    file = rng.choice(sorted(folder.glob("audit*.jsonl")))
    lines = lines_of(file)
    place = rng.randrange(len(lines))
    put_lines(file, [*lines[:place], other, *lines[place + rng.randint(0, 1) :]])


def take_from_twin(folder: Path, rng: Random) -> None:
    """Replace the newest file, or the head, by that of another log with the same key."""
    suffix = rng.choice(["", ".head"])
    shutil.copy(folder / f"twin.jsonl{suffix}", folder / f"audit.jsonl{suffix}")


def cut_to_the_start(folder: Path, rng: Random) -> None:
    """Keep only some first records, with an unsigned head."""
    log, files = folder / "audit.jsonl", sorted(folder.glob("audit*.jsonl"))
    lines = lines_of(files[0])
    left = lines[: rng.randint(1, len(lines))]
    for file in files:
        file.unlink()
    put_lines(log, left)
    put_head(log, left[-1])


def cut_to_an_earlier_close(folder: Path, _rng: Random) -> None:
    """Keep only what the first writer closed, and delete the head."""
    log, files = folder / "audit.jsonl", sorted(folder.glob("audit*.jsonl"))
    lines = [line for file in files for line in lines_of(file)]
    ends = [n for n, line in enumerate(lines) if json.loads(line).get("cause") == "close"]
    for file in [*files, folder / "audit.jsonl.head"]:
        file.unlink()
    put_lines(log, lines[: ends[0] + 1])


def take_away(folder: Path, rng: Random) -> None:
    rng.choice([*folder.glob("audit*.jsonl"), folder / "audit.jsonl.head"]).unlink()


def put_unsigned_head(folder: Path, _rng: Random) -> None:
    put_head(folder / "audit.jsonl", lines_of(folder / "audit.jsonl")[-1])


def cut_and_blank_a_slot(folder: Path, rng: Random) -> None:
    """Remove the end, and blank one half of the head; the other half is signed."""
    log, head = folder / "audit.jsonl", folder / "audit.jsonl.head"
    lines = lines_of(log)
    put_lines(log, lines[: rng.randrange(len(lines) - 1)])
    slots = head.read_bytes()
    blank = b" " * 383 + b"\n"
    head.write_bytes(rng.choice([slots[:384] + blank, blank + slots[384:]]))


def edit_head(folder: Path, rng: Random) -> None:
    head = folder / "audit.jsonl.head"
    slot = json.loads(head.read_bytes()[:384])
    slot["sequence"] -= rng.randint(1, 3)
    text = json.dumps(slot, sort_keys=True, separators=(",", ":")).encode().ljust(383) + b"\n"
    head.write_bytes(text * 2)


def rebuild_all(folder: Path, rng: Random) -> None:
    """Rebuild the entire log without the key."""
    log, files = folder / "audit.jsonl", sorted(folder.glob("audit*.jsonl"))
    lines = rebuild(
        [line for file in files for line in lines_of(file)], host=f"host-{rng.random()}"
    )
    for file in files:
        file.unlink()
    put_lines(log, lines)
    put_head(log, lines[-1], signature="A" * 86)


_CHANGES: Final = (edit_byte, edit_member, delete, insert, repeat, reorder, truncate, renumber,
                   append)  # fmt: skip
_TAMPERINGS: Final = (
    *[change_lines] * len(_CHANGES), splice, take_from_twin, cut_to_the_start,
    cut_to_an_earlier_close, take_away,
    cut_and_blank_a_slot, put_unsigned_head, edit_head, rebuild_all,
)  # fmt: skip


def check_tamperings(original: Path, folder: Path, count: int, seed: int) -> None:
    rng, missed = Random(seed), []
    public = original / "key.pub"
    assert verify(original / "audit.jsonl", public).is_intact
    for number in range(count):
        here = folder / str(number)
        shutil.copytree(original, here)
        tampering = rng.choice(_TAMPERINGS)
        tampering(here, rng)
        problems = verify(here / "audit.jsonl", public).problems
        if not problems:
            missed.append(f"{number}: {tampering.__name__}")
        assert all(str(problem) for problem in problems)
        shutil.rmtree(here)
    assert missed == []


def test_every_tampering_is_detected(original: Path, tmp_path: Path) -> None:
    check_tamperings(original, tmp_path, 250, seed=1)


@pytest.mark.slow
def test_every_one_of_two_thousand_tamperings_is_detected(original: Path, tmp_path: Path) -> None:
    check_tamperings(original, tmp_path, 2_000, seed=2)


def test_the_wrong_key_is_reported(original: Path) -> None:
    (problem,) = verify(original / "audit.jsonl", original / "other.pub").problems
    assert (problem.line, problem.sequence) == (1, 0)


@pytest.mark.parametrize(
    ("change", "line", "reason"),
    [
        (lambda lines: [*lines[:3], lines[3].replace(b"allow", b"block"), *lines[4:]], 4, "edited"),
        (lambda lines: [*lines[:3], *lines[4:]], 4, "records 3 to 3 are missing"),
        (lambda lines: [*lines[:3], lines[4], lines[3], *lines[5:]], 4, "are missing"),
        (lambda lines: [*lines[:4], *lines[3:]], 5, "is repeated"),
        (lambda lines: [*lines[:4], b"", *lines[4:]], 5, "not JSON"),
        (lambda lines: [*lines[:4], b"[1]", *lines[4:]], 5, "not part of a chain"),
        (lambda lines: [*lines[:4], lines[4] + b" ", *lines[5:]], 5, "edited"),
    ],
)
def test_the_first_bad_record_is_named(
    tmp_path: Path, change: Callable[[Lines], Lines], line: int, reason: str
) -> None:
    path = tmp_path / "audit.jsonl"
    with AuditLog(path) as log:
        for number in range(6):
            log.write(verdict(str(number)))
    put_lines(path, change(lines_of(path)))
    (problem,) = verify(path).problems
    assert (problem.file, problem.line) == ("audit.jsonl", line)
    assert reason in problem.reason


@pytest.mark.parametrize("blanked", [0, 1])
def test_either_half_of_the_head_reveals_a_removed_end(
    original: Path, tmp_path: Path, blanked: int
) -> None:
    here = tmp_path / "log"
    shutil.copytree(original, here)
    log, head = here / "audit.jsonl", here / "audit.jsonl.head"
    put_lines(log, lines_of(log)[:-2])
    slots = [head.read_bytes()[:384], head.read_bytes()[384:]]
    slots[blanked] = b" " * 383 + b"\n"
    head.write_bytes(b"".join(slots))
    (problem,) = verify(log, original / "key.pub").problems
    assert "removed from the end" in problem.reason
    with AuditLog(log, signing_key=original / "key.pem", max_bytes=8192):
        pass  # a new writer records the gap
    assert "missing" in verify(log, original / "key.pub").problems[0].reason


def test_the_head_reveals_a_removed_end(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    with AuditLog(path) as log:
        log.write(verdict())
    put_lines(path, lines_of(path)[:-1])
    (problem,) = verify(path).problems
    assert problem.reason == "records 3 to 3 were removed from the end"
    path.with_name("audit.jsonl.head").unlink()
    (problem,) = verify(path).problems
    assert "removed from the end" in problem.reason
