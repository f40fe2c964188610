"""A signed log against somebody who has the disk, knows the format, and has no key."""

import contextlib
import shutil
from pathlib import Path
from random import Random

import pytest

from _logs import lines_of
from _tampering import reopen, tamper, write_logs
from ngsd_guard import AuditError
from ngsd_guard.audit import verify


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folders = write_logs(tmp_path_factory.mktemp("signed"))
    for folder in folders:
        report = verify(folder / "log", folder.parent / "key.pub")
        assert report.is_intact, report.problems
    return folders


def check_tamperings(logs: list[Path], folder: Path, count: int, seed: int) -> None:
    rng, missed, public = Random(seed), [], logs[0].parent / "key.pub"
    for number in range(count):
        here = folder / str(number)
        _, name, puts_back = tamper(rng.choice(logs), here, rng)
        with contextlib.suppress(AuditError):  # there is no log left
            report = verify(here / "audit.jsonl", public)
            assert all(str(problem) for problem in report.problems)
            if report.is_intact and puts_back:
                assert "put back as an older copy, that another log" in report.limits
            elif report.is_intact:
                missed.append(f"{number}: {name}")
        shutil.rmtree(here)
    assert missed == []


def test_every_tampering_with_a_signed_log_is_found_or_said(
    logs: list[Path], tmp_path: Path
) -> None:
    check_tamperings(logs, tmp_path, 300, seed=11)


@pytest.mark.slow
def test_every_one_of_five_thousand_tamperings_is_found_or_said(
    logs: list[Path], tmp_path: Path
) -> None:
    check_tamperings(logs, tmp_path, 5_000, seed=12)


def check_reopened(logs: list[Path], folder: Path, count: int, seed: int) -> None:
    """A writer that continues after a tampering must not hide it."""
    rng, hidden, key = Random(seed), [], logs[0].parent / "key.pem"
    for number in range(count):
        here, source = folder / str(number), rng.choice(logs)
        _, name, puts_back = tamper(source, here, rng)
        try:
            reopen(here / "audit.jsonl", key)
        except AuditError:
            pass  # refused
        else:
            report = verify(here / "audit.jsonl", key.with_suffix(".pub"))
            written = {line for file in (source / "log").glob("*.jsonl") for line in lines_of(file)}
            left = {line for file in here.glob("audit*.jsonl") for line in lines_of(file)}
            is_new_log = not written & left  # said by `limits`: another log in this one's place
            if report.is_intact and not puts_back and not is_new_log and not written <= left:
                hidden.append(f"{number}: {name}")
        shutil.rmtree(here)
    assert hidden == []


def test_a_writer_that_continues_a_tampered_log_hides_nothing(
    logs: list[Path], tmp_path: Path
) -> None:
    check_reopened(logs, tmp_path, 100, seed=13)


@pytest.mark.slow
def test_a_writer_that_continues_two_thousand_tampered_logs_hides_nothing(
    logs: list[Path], tmp_path: Path
) -> None:
    check_reopened(logs, tmp_path, 2_000, seed=14)
