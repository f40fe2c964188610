"""Logs to tamper with, and a generator of tamperings that knows the format.

A tampering gets a folder with a log, older copies of it, another log of the same key, and a random
generator, but no key. It returns whether it put back something that the key's holder had written
at another time or for another log, which no check of the files alone can tell from the truth.
"""

import contextlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any, Final

from _logs import lines_of, put_head, put_lines, rebuild, reseal, verdict
from ngsd_guard.audit._canonical import canonical
from ngsd_guard.audit._log import AuditLog
from ngsd_guard.audit._signing import SigningKey, write_key_pair
from ngsd_guard.audit._writer import Writer
from ngsd_guard.config import AuditConfig

Tampering = Callable[["Case"], bool]
NAME: Final = "audit.jsonl"
_SLOT: Final = 384
_BLANK: Final = b" " * (_SLOT - 1) + b"\n"


class Case:
    """A copy of a log to tamper with."""

    def __init__(self, source: Path, folder: Path, rng: Random) -> None:
        shutil.copytree(source / "log", folder)
        self.folder, self.source, self.rng = folder, source, rng
        self.log = folder / NAME
        self.index = folder / f"{NAME}.index"

    @property
    def files(self) -> list[Path]:
        """Files of records with at least one record."""
        return sorted(p for p in self.folder.glob("audit*.jsonl") if p.stat().st_size)

    @property
    def heads(self) -> list[Path]:
        return sorted(self.folder.glob("*.head"))

    @property
    def current(self) -> list[Path]:
        """The current file of every chain with records in it."""
        logs = (head.with_name(head.name.removesuffix(".head")) for head in self.heads)
        return [log for log in logs if log.exists() and log.stat().st_size]

    def chain_files(self, log: Path) -> list[Path]:
        """All files of a chain, with its head."""
        rotated = sorted(self.folder.glob(f"{log.stem}.[0-9]*.jsonl"))
        return [p for p in (*rotated, log, log.with_name(f"{log.name}.head")) if p.exists()]

    def state(self) -> dict[str, bytes]:
        return {p.name: p.read_bytes() for p in sorted(self.folder.iterdir()) if not p.is_symlink()}


# ---- the logs


def write_logs(folder: Path) -> list[Path]:
    """Write signed logs of several shapes; return a folder for each, with copies and a twin."""
    write_key_pair(folder / "key.pem", folder / "key.pub")
    key = SigningKey(folder / "key.pem")
    made = []
    for name, build in (("closed", _closed), ("killed", _killed), ("several", _several),
                        ("survivor", _survivor)):  # fmt: skip
        here = folder / name
        (here / "log").mkdir(parents=True)
        (here / "older").mkdir()
        for number in build(here / "log" / NAME, key):
            shutil.copytree(here / "log", here / "older" / str(number))
        for _ in build(here / "twin" / NAME, key):
            pass
        made.append(here)
    return made


def _config() -> AuditConfig:
    return AuditConfig(fsync="never", checkpoint_every=5, max_bytes=8192)


def open_writer(log: Path, key: SigningKey | None) -> Writer:
    """Return a writer with a chain of its own, as another process would have."""
    log.parent.mkdir(exist_ok=True)
    writer = Writer(log, _config(), key)
    writer.num_users = 1
    return writer


def write(writer: Writer, name: str, count: int) -> None:
    for number in range(count):
        fields = verdict(f"{name}-{number}", risk=number / 2).model_dump(exclude_none=True)
        kind = fields.pop("kind")
        fields.pop("schema_version")

        def emit(kind: str = kind, fields: dict[str, Any] = fields) -> Any:
            return writer._own.info(kind, **fields)

        writer.write(emit, lambda _: None)


def kill(writer: Writer) -> None:
    """Leave the files as `kill -9` would."""
    writer._done.set()
    writer.is_closed = True
    writer._chain.close()


def _closed(log: Path, key: SigningKey) -> Iterator[int]:
    for number in range(3):
        writer = open_writer(log, key)
        write(writer, f"closed-{number}", 8)
        yield 2 * number
        writer.release()
        yield 2 * number + 1


def _killed(log: Path, key: SigningKey) -> Iterator[int]:
    writer = open_writer(log, key)
    for number in range(3):
        write(writer, f"killed-{number}", 4)
        yield number
    kill(writer)


def _several(log: Path, key: SigningKey) -> Iterator[int]:
    writers = []
    for number in range(3):
        writers.append(open_writer(log, key))
        for writer in writers:
            write(writer, f"several-{number}", 4)
        yield number
    for writer in writers:
        writer.release()
    yield 3


def _survivor(log: Path, key: SigningKey) -> Iterator[int]:
    """Write a chain that never names the later one, because its writer was killed."""
    first = open_writer(log, key)
    write(first, "first", 1)
    yield 0
    second = open_writer(log, key)
    write(second, "second", 6)
    yield 1
    kill(first)
    kill(second)


# ---- lines


def _edit_byte(lines: list[bytes], rng: Random) -> list[bytes]:
    place = rng.randrange(len(lines))
    line = bytearray(lines[place])
    at = rng.randrange(len(line))
    line[at] = rng.choice([byte for byte in range(256) if byte not in (line[at], 10)])
    return [*lines[:place], bytes(line), *lines[place + 1 :]]


def _edit_member(lines: list[bytes], rng: Random) -> list[bytes]:
    place = rng.randrange(len(lines))
    name = rng.choice([n for n in json.loads(lines[place]) if n not in ("hash", "signature")])
    value = rng.choice(["changed", 77, False, [], [7], {"a": 1}, None, [{"chain_id": 1}]])
    return [*lines[:place], reseal(lines[place], **{name: value}), *lines[place + 1 :]]


def _move_hash(lines: list[bytes], rng: Random) -> list[bytes]:
    """Move the hash within a line, which leaves the hashed bytes as they are."""
    place = rng.randrange(len(lines))
    member = f'"hash":"{json.loads(lines[place])["hash"]}",'.encode()
    rest = lines[place].replace(member, b"", 1)
    return [*lines[:place], b"{" + member + rest[1:], *lines[place + 1 :]]


def _delete(lines: list[bytes], rng: Random) -> list[bytes]:
    start = rng.randrange(len(lines))
    return lines[:start] + lines[start + rng.randint(1, 3) :]


def _insert(lines: list[bytes], rng: Random) -> list[bytes]:
    place = rng.randrange(len(lines) + 1)
    made = rng.choice([
        reseal(rng.choice(lines), event_id="made-up"), b"{}", b"[]", b"[" * 100_000, b"", b"\x00",
    ])  # fmt: skip
    return [*lines[:place], made, *lines[place:]]


def _repeat(lines: list[bytes], rng: Random) -> list[bytes]:
    place = rng.randrange(len(lines))
    return [*lines[: place + 1], *lines[place:]]


def _reorder(lines: list[bytes], rng: Random) -> list[bytes]:
    moved = list(lines)
    rng.shuffle(moved)
    return moved


def _truncate(lines: list[bytes], rng: Random) -> list[bytes]:
    return lines[: rng.randrange(len(lines))]


def _renumber(lines: list[bytes], rng: Random) -> list[bytes]:
    place = rng.randrange(len(lines))
    return rebuild(lines[:place] + lines[place + 1 :])


def _append(lines: list[bytes], rng: Random) -> list[bytes]:
    last = json.loads(lines[-1])
    linked = {"prev_hash": last["hash"], "sequence": last["sequence"] + 1, "event_id": "made-up"}
    return [*lines, reseal(rng.choice(lines), **linked)]


_LINES: Final = (_edit_byte, _edit_member, _move_hash, _delete, _insert, _repeat, _reorder,
                 _truncate, _renumber, _append)  # fmt: skip


def change_lines(case: Case) -> bool:
    file, change = case.rng.choice(case.files), case.rng.choice(_LINES)
    put_lines(file, change(lines_of(file), case.rng))
    return False


def change_lines_and_head(case: Case) -> bool:
    log, change = case.rng.choice(case.current), case.rng.choice(_LINES)
    put_lines(log, change(lines_of(log), case.rng))
    with contextlib.suppress(IndexError, ValueError, KeyError, TypeError, RecursionError):
        put_head(log, lines_of(log)[-1], signature=case.rng.choice([None, "A" * 86]))
    return False


def splice(case: Case) -> bool:
    file = case.rng.choice(case.files)
    other = case.rng.choice(sorted((case.source / "twin").glob("audit*.jsonl")))
    lines, place = lines_of(file), case.rng.randrange(len(lines_of(file)))
    taken = case.rng.choice(lines_of(other) or [b"{}"])
    put_lines(file, [*lines[:place], taken, *lines[place + case.rng.randint(0, 1) :]])
    return False


def rebuild_all(case: Case) -> bool:
    log = case.rng.choice(case.current)
    *rotated, _, head = case.chain_files(log)
    lines = [line for file in [*rotated, log] for line in lines_of(file)]
    made = rebuild(lines, host="other")
    for file in [*rotated, head]:
        file.unlink()
    put_lines(log, made)
    put_head(log, made[-1], signature="A" * 86)
    return False


# ---- heads


def cut_and_blank(case: Case) -> bool:
    """Drop last lines, and blank one position of the head; the other one is signed."""
    log = case.rng.choice(case.current)
    lines = lines_of(log)
    put_lines(log, lines[: max(0, len(lines) - case.rng.randint(1, 3))])
    head = log.with_name(f"{log.name}.head")
    slots = head.read_bytes()
    blank = case.rng.choice([_BLANK, b"\0" * _SLOT, b"", b"{}".ljust(_SLOT)])
    head.write_bytes(case.rng.choice([slots[:_SLOT] + blank, blank + slots[_SLOT:], blank + blank]))
    return False


def change_head(case: Case) -> bool:
    head = case.rng.choice(case.heads)
    data = bytearray(head.read_bytes())
    at, size = case.rng.randrange(len(data)), case.rng.choice([1, 1, 1, 8, 384])
    for place in range(at, min(at + size, len(data))):
        data[place] = case.rng.choice([32, 48, 65, 97, 0, 10])
    head.write_bytes(data)
    return False


def lower_head(case: Case) -> bool:
    log = case.rng.choice(case.current)
    lines = lines_of(log)
    cut = lines[: case.rng.randint(0, len(lines) - 1)]
    head = log.with_name(f"{log.name}.head")
    fields = json.loads(head.read_bytes()[:_SLOT])
    if cut:
        last = json.loads(cut[-1])
        fields |= {"sequence": last["sequence"], "head_hash": last["hash"]}
    slot = canonical(fields).ljust(_SLOT - 1) + b"\n"
    put_lines(log, cut)
    head.write_bytes(case.rng.choice([slot * 2, head.read_bytes()[:_SLOT] + slot]))
    return False


def remove_head(case: Case) -> bool:
    head = case.rng.choice(case.heads)
    target = head.with_name("elsewhere")
    shutil.move(head, target)
    if case.rng.random() < 0.5:
        os.symlink(target, head)
    return False


def remove_head_and_add_garbage(case: Case) -> bool:
    log = case.rng.choice(case.current)
    log.with_name(f"{log.name}.head").unlink()
    with log.open("ab") as file:
        file.write(case.rng.choice([b"garbage\n", b"[" * 99_999 + b"\n", b"{}\n"]))
    return False


def exchange_heads(case: Case) -> bool:
    """Put the head of another chain, or of another log, in place of one."""
    head = case.rng.choice(case.heads)
    other = case.rng.choice([*case.heads, case.source / "twin" / f"{NAME}.head"])
    head.write_bytes(other.read_bytes())
    return False


def cut_to_a_close(case: Case) -> bool:
    """Keep a chain up to a checkpoint that closed it, without the head."""
    log = case.rng.choice(case.current)
    *rotated, _, head = case.chain_files(log)
    lines = [line for file in [*rotated, log] for line in lines_of(file)]
    ends = [n for n, line in enumerate(lines) if json.loads(line)["kind"] == "checkpoint"]
    for file in [*rotated, head]:
        file.unlink()
    put_lines(log, lines[: case.rng.choice(ends or [0]) + 1])
    return False


# ---- chains and the index


def remove_files(case: Case) -> bool:
    case.rng.choice([*case.files, *case.heads, case.index]).unlink()
    return False


def remove_chain(case: Case) -> bool:
    for file in case.chain_files(case.rng.choice(case.current)):
        file.unlink()
    if case.rng.random() < 0.3:
        case.index.write_bytes(b"")
    return False


def empty_everything(case: Case) -> bool:
    for file in (*case.files, *case.heads, case.index):
        file.write_bytes(b"")
    return False


def move_chain(case: Case) -> bool:
    """Give a chain the name of another writer's, or add a copy of it."""
    log = case.rng.choice(case.current)
    put = case.rng.choice([shutil.move, shutil.copy])
    for file in case.chain_files(log):
        put(file, file.with_name(file.name.replace(log.stem, "audit-9", 1)))
    return False


def add_chain(case: Case) -> bool:
    """Add or put in a chain of another log with the same key."""
    twin = case.source / "twin"
    stem = case.rng.choice(["audit-8", *(log.stem for log in case.current)])
    for file in case.chain_files(case.folder / f"{stem}.jsonl"):
        file.unlink()
    for file in (*twin.glob("audit.[0-9]*.jsonl"), twin / NAME, twin / f"{NAME}.head"):
        shutil.copy(file, case.folder / file.name.replace("audit", stem, 1))
    return False


def add_file(case: Case) -> bool:
    name = case.rng.choice(["audit.000077.jsonl", "audit-7.jsonl"])
    (case.folder / name).write_bytes(case.rng.choice([b"", b"{}\n"]))
    return False


def change_index(case: Case) -> bool:
    data = bytearray(case.index.read_bytes())
    at = case.rng.randrange(len(data))
    data[at] = case.rng.choice([byte for byte in (32, 48, 49, 65, 97, 125) if byte != data[at]])
    case.index.write_bytes(data[: case.rng.choice([len(data), at])])
    return False


def edit_index(case: Case) -> bool:
    """Change the index as a program would, with an old, no or a made-up signature."""
    fields = json.loads(case.index.read_bytes())
    chain = case.rng.choice(fields["chains"])
    match case.rng.randrange(4):
        case 0:
            fields["chains"].remove(chain)
            if case.rng.random() < 0.8:
                log = case.folder / (NAME if chain["slot"] == 1 else f"audit-{chain['slot']}.jsonl")
                for file in case.chain_files(log):
                    file.unlink()
        case 1:
            chain["sequence"] = max(-1, chain["sequence"] - 1)
            fields["revision"] += 1
        case 2:
            fields["chains"].append({**chain, "chain_id": "0" * 16, "slot": 6})
        case _:
            fields["key_id"] = None
    if case.rng.random() < 0.5:
        del fields["signature"]
    case.index.write_bytes(canonical(fields) + b"\n")
    return False


def exchange_index(case: Case) -> bool:
    shutil.copy(case.source / "twin" / f"{NAME}.index", case.index)
    return False


# ---- what the key's holder wrote at another time


def put_back_all(case: Case) -> bool:
    older = case.rng.choice(sorted((case.source / "older").iterdir()))
    shutil.rmtree(case.folder)
    shutil.copytree(older, case.folder)
    return True


def put_back_chain(case: Case) -> bool:
    """Put back an older copy of one chain, and sometimes of the index."""
    older = case.rng.choice(sorted((case.source / "older").iterdir()))
    log = case.rng.choice(case.current)
    for file in case.chain_files(log):
        file.unlink()
    old = [*older.glob(f"{log.stem}.[0-9]*.jsonl"), older / log.name, older / f"{log.name}.head"]
    for file in (*old, *([older / f"{NAME}.index"] if case.rng.random() < 0.5 else [])):
        if file.exists():
            shutil.copy(file, case.folder)
    return True


def put_in_the_twin(case: Case) -> bool:
    shutil.rmtree(case.folder)
    shutil.copytree(case.source / "twin", case.folder)
    return True


TAMPERINGS: Final[tuple[Tampering, ...]] = (
    *[change_lines] * 6, *[change_lines_and_head] * 3, splice, rebuild_all, *[cut_and_blank] * 2,
    *[change_head] * 2, lower_head, remove_head, remove_head_and_add_garbage, exchange_heads,
    cut_to_a_close, remove_files, *[remove_chain] * 2, empty_everything, move_chain, add_chain,
    add_file, change_index, *[edit_index] * 2, exchange_index, put_back_all, put_back_chain,
    put_in_the_twin,
)  # fmt: skip


def tamper(source: Path, folder: Path, rng: Random) -> tuple[Case, str, bool]:
    """Tamper with a copy of a log until something changed.

    Returns:
        The case, the name of the tampering, and whether it only put back signed files.
    """
    while True:
        case = Case(source, folder, rng)
        before, tampering = case.state(), rng.choice(TAMPERINGS)
        puts_back = tampering(case)
        if case.state() != before:
            return case, tampering.__name__, puts_back
        shutil.rmtree(folder)


def reopen(log: Path, key: Path) -> None:
    """Open and close the log as the next process would."""
    AuditLog(log, signing_key=key, fsync="never", checkpoint_every=5, max_bytes=8192).close()
