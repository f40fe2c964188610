"""Rows a second of the Ray Data job, its restart, a killed actor, and a guard of this process.

python job.py [--rows 480] [--rows-per-block 20]

Time starts with the first finished block, so that the start of Ray and the loading of weights do
not count. Each process has one thread for matrix products. Processor time does not depend on what
else the machine does.
"""

import argparse
import json
import os
import signal
import tempfile
import time
from pathlib import Path

from _cluster import MODEL, check_body, children, living, local_ray, processor_s
from _findings import Findings
from _timing import ratio
from ngsd_guard import Guard, load_engine
from ngsd_guard.audit import verify
from ray_ngsd import JobReport, check_records

_ROUNDS, _TEXTS = 3, 40


def write_input(path: Path, num_rows: int, first: int) -> None:
    """Write texts that differ from all others."""
    lines = [
        json.dumps({"id": f"r{n}", "text": check_body(first + n)["input"]}) for n in range(num_rows)
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def run_job(
    source: Path, folder: Path, num_actors: int, rows_per_block: int, *, num_kills: int = 0
) -> tuple[JobReport, float, float]:
    """Run a job; return its report, rows a second, and processor milliseconds a row."""
    marks: list[tuple[float, float, int]] = []
    audit = folder / "audit.jsonl"

    def mark(num_rows: int) -> None:
        marks.append((time.perf_counter(), processor_s(children()), num_rows))
        if len(marks) <= num_kills:
            os.kill(living(audit)[-1], signal.SIGKILL)

    report = check_records(
        source,
        folder / "out",
        column="text",
        keep=["id"],
        audit=str(audit),
        num_actors=num_actors,
        rows_per_block=rows_per_block,
        on_progress=mark,
    )
    seconds, processor = (marks[-1][k] - marks[0][k] for k in (0, 1))
    num_rows = sum(count for *_, count in marks[1:])
    return report, num_rows / seconds, 1000 * processor / num_rows


def guard_costs_ms(batch_size: int) -> tuple[dict[int, float], dict[int, float]]:
    """Return processor milliseconds a text of a guard, one at a time and in batches, by round."""
    guard, costs_ms = Guard(load_engine(MODEL)), {1: dict[int, float](), batch_size: {}}
    for number in range(_ROUNDS):
        for size, by_round in costs_ms.items():
            first = 10**6 * size + 1000 * number
            texts = [check_body(first + n)["input"] for n in range(_TEXTS)]
            guard.check(f"{texts[0]}?")
            started_s = time.process_time()
            for start in range(0, _TEXTS, size):
                guard.check_batch([{"messages": text} for text in texts[start : start + size]])
            by_round[number] = 1000 * (time.process_time() - started_s) / _TEXTS
    return costs_ms[1], costs_ms[batch_size]


def main() -> None:
    """Run the job with one and two actors, lose some parts, run it again, and compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=480)
    parser.add_argument("--rows-per-block", type=int, default=20)
    options = parser.parse_args()
    findings = Findings()
    with tempfile.TemporaryDirectory() as name, local_ray(2):
        root = Path(name)
        for number, num_actors in enumerate((1, 2)):
            folder = root / str(num_actors)
            folder.mkdir()
            write_input(folder / "in.jsonl", options.rows, number * options.rows)
            _, per_s, cost_ms = run_job(
                folder / "in.jsonl", folder, num_actors, options.rows_per_block
            )
            findings.add(
                f"rows a second, {num_actors} actors; processor time of a row",
                f"{per_s:.1f}; {cost_ms:.1f} ms",
                passed=True,
            )
        parts = sorted((folder / "out").glob("part-*"))
        lost = len(parts) // 2
        kept = {part: part.stat().st_mtime_ns for part in parts[lost:]}
        for part in parts[:lost]:
            part.unlink()
        report, *_ = run_job(folder / "in.jsonl", folder, 2, options.rows_per_block, num_kills=1)
        repeated = report.num_rows - report.num_rows_before
        findings.add(
            f"rows checked again after {lost} parts were lost, one actor killed",
            repeated,
            passed=repeated == lost * options.rows_per_block
            and all(part.stat().st_mtime_ns == mtime for part, mtime in kept.items()),
            target=str(lost * options.rows_per_block),
        )
        ids = [json.loads(line)["id"] for part in parts for line in part.read_text().splitlines()]
        findings.add(
            "rows in the input's order, each once",
            len(ids),
            passed=ids == [f"r{n}" for n in range(options.rows)],
            target=str(options.rows),
        )
        log = verify(folder / "audit.jsonl")
        findings.add("chains of the log that verify", f"{len(log.chains)}", passed=log.is_intact)
    alone, together = guard_costs_ms(options.rows_per_block)
    findings.add(
        f"processor time of a text in this process, alone ÷ {options.rows_per_block} at once",
        ratio(alone, together),
        passed=True,
    )
    findings.close()


if __name__ == "__main__":
    main()
