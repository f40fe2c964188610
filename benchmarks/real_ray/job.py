"""Rows a second of the Ray Data job, its restart, and a guard of this process beside it.

python job.py [--rows 480] [--rows-per-block 20]

The time starts with the first finished block, so that the start of Ray and the loading of weights
do not count. Each process has one thread for matrix products.
"""

import argparse
import json
import tempfile
import time
from pathlib import Path

from _cluster import MODEL, check_body, local_ray
from _findings import Findings
from ngsd_guard import Guard, load_engine
from ngsd_guard.audit import verify
from ray_ngsd import JobReport, check_records


def write_input(path: Path, num_rows: int, first: int) -> None:
    """Write texts that differ from all others."""
    lines = [
        json.dumps({"id": f"r{n}", "text": check_body(first + n)["input"]}) for n in range(num_rows)
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def run_job(
    source: Path, folder: Path, num_actors: int, rows_per_block: int
) -> tuple[JobReport, float]:
    """Run a job; return its report and its rows a second after the first block."""
    marks: list[tuple[float, int]] = []
    report = check_records(
        source,
        folder / "out",
        column="text",
        keep=["id"],
        audit=str(folder / "audit.jsonl"),
        num_actors=num_actors,
        rows_per_block=rows_per_block,
        on_progress=lambda num_rows: marks.append((time.perf_counter(), num_rows)),
    )
    seconds = marks[-1][0] - marks[0][0]
    return report, sum(count for _, count in marks[1:]) / seconds


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
            _, per_s = run_job(folder / "in.jsonl", folder, num_actors, options.rows_per_block)
            findings.add(f"rows a second, {num_actors} actors", f"{per_s:.1f}", passed=True)
        parts = sorted((folder / "out").glob("part-*"))
        ids = [json.loads(line)["id"] for part in parts for line in part.read_text().splitlines()]
        findings.add(
            "rows in the input's order, each once",
            len(ids),
            passed=ids == [f"r{n}" for n in range(options.rows)],
            target=str(options.rows),
        )  # fmt: skip
        kept = {part: part.stat().st_mtime_ns for part in parts[3:]}
        for part in parts[:3]:
            part.unlink()
        report, _ = run_job(folder / "in.jsonl", folder, 2, options.rows_per_block)
        repeated = report.num_rows - report.num_rows_before
        findings.add(
            "rows checked again after 3 parts were lost",
            repeated,
            passed=repeated == 3 * options.rows_per_block
            and all(part.stat().st_mtime_ns == mtime for part, mtime in kept.items()),
            target=str(3 * options.rows_per_block),
        )
        log = verify(folder / "audit.jsonl")
        findings.add("chains of the log that verify", f"{len(log.chains)}", passed=log.is_intact)
    guard = Guard(load_engine(MODEL))
    for size in (1, options.rows_per_block):
        texts = [check_body(10**6 * size + n)["input"] for n in range(options.rows // 2)]
        guard.check(texts[0])
        started = time.perf_counter()
        for start in range(0, len(texts), size):
            guard.check_batch([{"messages": text} for text in texts[start : start + size]])
        per_s = len(texts) / (time.perf_counter() - started)
        findings.add(f"texts a second in this process, {size} at once", f"{per_s:.1f}", passed=True)
    findings.close()


if __name__ == "__main__":
    main()
