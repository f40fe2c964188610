"""Measure the cost of the audit log, and the speed and memory of its verification.

Example: `python benchmarks/audit.py`; use `--log-mib 1024` to verify a log of one gibibyte.
"""

import argparse
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

import torch
from rich.progress import track

from _report import Figure, Section, make_table, note, print_sections, write_json
from ngsd_guard import AuditLog, Engine, load_engine
from ngsd_guard.audit import VerdictRecord, verify, write_key_pair
from ngsd_guard.pairs import Pair

_QUESTIONS: Final = (
    "Name three colours.", "What is 12 plus 30?", "How do I pick a lock at my neighbour's?",
    "Write a short note to my sister.", "Which is larger, 17 or 71?",
)  # fmt: skip
_OPTIONS: Final[dict[str, dict[str, Any]]] = {
    "per interval": {"fsync": "interval"},
    "per interval, signed, traces": {"fsync": "interval", "trace_rate": 1.0},
    "always": {"fsync": "always"},
}


def measure_overhead(folder: Path, rounds: int) -> Section:
    """Answer the same requests alternately with and without a log."""
    plain = load_engine()
    write_key_pair(folder / "key.pem", folder / "key.pub")
    engines: dict[str, Engine] = {"no log": plain, "no log, again": plain}
    for name, options in _OPTIONS.items():
        key = folder / "key.pem" if "signed" in name else None
        log = AuditLog(folder / f"{len(engines)}.jsonl", signing_key=key, **options)
        engines[name] = Engine(
            Pair(plain.base, plain.expert, calibration=plain.calibration), audit=log
        )
    seconds: dict[str, list[float]] = {name: [] for name in engines}
    names = list(engines)
    for number in track(range(rounds + 1), "overhead"):
        for place in range(len(names)):
            name = names[(number + place) % len(names)]
            taken = _timed(partial(_answer, engines[name]))
            if number > 0:  # the first is the warm-up
                seconds[name].append(taken)
    base = statistics.median(seconds["no log"])
    section = Section()
    table = make_table(
        f"{len(_QUESTIONS)} guarded requests of 32 tokens, {rounds} rounds",
        ["log"],
        ["median, ms", "median of the rounds' ratios"],
    )
    for name, all_taken in seconds.items():
        ratio = statistics.median(t / b for t, b in zip(all_taken, seconds["no log"], strict=True))
        table.add_row(name, f"{1000 * statistics.median(all_taken):.2f}", f"{ratio:.4f}")
        if name == "per interval":
            section.figures.append(
                Figure("time of a guarded request with a log ÷ without", f"{ratio:.4f}", "<= 1.02")
            )
    section.tables.append(table)
    _measure_writing(folder, base / len(_QUESTIONS), section)
    section.data = {"seconds": seconds}
    for engine in engines.values():
        if engine.audit is not None:
            engine.audit.close()
    return section


def _answer(engine: Engine) -> None:
    for question in _QUESTIONS:
        engine.generate([{"role": "user", "content": question}], max_new_tokens=32)


def _measure_writing(folder: Path, request_s: float, section: Section) -> None:
    """Time only the writing, which is hidden by the noise of complete requests."""
    table = make_table("Writing one record", ["log"], ["µs", "share of a request, %"])
    for number, (name, options) in enumerate(_OPTIONS.items()):
        key = folder / "key.pem" if "signed" in name else None
        with AuditLog(folder / f"w{number}.jsonl", signing_key=key, **options) as log:
            taken = [_timed(partial(log.write, _record(n))) for n in range(1_000)]
        mean = statistics.fmean(taken)
        share = f"{100 * mean / request_s:.2f}"
        table.add_row(name, f"{1e6 * mean:.0f}", share)
        if name == "per interval":
            section.figures.append(
                Figure("writing one record ÷ a guarded request, %", share, "<= 2")
            )
    section.tables.append(table)


def measure_verification(folder: Path, log_mib: int) -> Section:
    """Verify a signed and an unsigned log of a given size, each in a separate process."""
    section = Section()
    table = make_table(
        f"Verification of a log of {log_mib} MiB",
        ["log"],
        ["records", "s", "records/s", "peak memory above a small log's, MiB"],
    )
    write_key_pair(folder / "v.pem", folder / "v.pub")
    for name, key in (("not signed", None), ("signed", folder / "v.pem")):
        small, large = folder / f"small-{key is None}.jsonl", folder / f"large-{key is None}.jsonl"
        _fill(small, 2**20, key)
        _fill(large, log_mib * 2**20, key)
        public = folder / "v.pub" if key else None
        _, _, least = _verify_apart(small, public)
        count, taken, peak = _verify_apart(large, public)
        speed = count / taken
        table.add_row(name, str(count), f"{taken:.1f}", f"{speed:.0f}", f"{peak - least:.1f}")
        section.figures.append(
            Figure(f"records verified per second, {name}", f"{speed:.0f}", ">= 20000")
        )
    section.tables.append(table)
    return section


def _fill(path: Path, num_bytes: int, key: Path | None) -> None:
    with AuditLog(path, signing_key=key, fsync="never") as log:
        for number in track(range(num_bytes // 1_150), f"{num_bytes >> 20} MiB"):
            log.write(_record(number))


def _record(number: int) -> VerdictRecord:
    return VerdictRecord(
        package_version="0", base="base", expert="expert", preset="default",
        config_digest="0" * 64, event_id=f"{number:032x}", policy_version="1",
        policy_digest="0" * 64, stage="input", evaluation="evaluated", flagged=False,
        action="allow", enforced=True, shadow=False, risk=number % 100 / 10, latency_s=0.0125,
    )  # fmt: skip


def _verify_apart(path: Path, public_key: Path | None) -> tuple[int, float, float]:
    """Return the number of records, the seconds, and the process's peak memory in MiB."""
    program = [sys.executable, __file__, "--verify", str(path)]
    if public_key is not None:
        program += ["--public-key", str(public_key)]
    done = subprocess.run(program, check=True, capture_output=True, text=True)
    count, seconds, peak = done.stdout.split()
    return int(count), float(seconds), float(peak)


def _verify_here(path: Path, public_key: Path | None) -> None:
    started = time.perf_counter()
    report = verify(path, public_key)
    taken = time.perf_counter() - started
    if not report.is_intact:
        raise SystemExit(str(report.problems))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(f"{report.num_records} {taken} {peak}\n")


def _timed(work: Callable[[], Any]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def main() -> None:
    """Parse the arguments, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=40, help="rounds of requests")
    parser.add_argument("--log-mib", type=int, default=64, help="size of the log to verify, in MiB")
    parser.add_argument("--threads", type=int, default=2, help="number of torch threads")
    parser.add_argument("--json", type=Path, help="file for all measurements")
    parser.add_argument(
        "--only", nargs="*", choices=("overhead", "verification"), help="parts to measure"
    )
    parser.add_argument("--verify", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--public-key", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.verify is not None:
        _verify_here(args.verify, args.public_key)
        return
    torch.set_num_threads(args.threads)
    sections: dict[str, Section] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if not args.only or "overhead" in args.only:
            note("overhead")
            sections["overhead"] = measure_overhead(folder, args.rounds)
        if not args.only or "verification" in args.only:
            note("verification")
            sections["verification"] = measure_verification(folder, args.log_mib)
    print_sections("Audit log", list(sections.values()))
    if args.json:
        write_json(args.json, "Audit log", args, sections)


if __name__ == "__main__":
    main()
