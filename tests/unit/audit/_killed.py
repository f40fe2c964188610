"""Kills a writer at random moments and looks at what it leaves; run as a program.

Arguments: folder, number of kills, seed. Prints how many records were acknowledged.
"""

import os
import random
import signal
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))
from _logs import verdict
from ngsd_guard import AuditLog
from ngsd_guard.audit import read_records, verify


def write_until_killed(path: Path, name: str, acknowledged: int) -> None:
    log = AuditLog(path, fsync="never", max_bytes=16_384, checkpoint_every=16)
    for number in range(1_000_000):
        event = f"{name}-{number}"
        log.write(verdict(event))
        os.write(acknowledged, f"{event}\n".encode())


def main() -> None:
    folder, num_kills, seed = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    rng, path, total = random.Random(seed), folder / "audit.jsonl", 0
    for kill in range(num_kills):
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            try:
                write_until_killed(path, str(kill), writing)
            finally:
                os._exit(1)
        os.close(writing)
        # Most are killed while they write, the others while they open the log.
        first = os.read(reading, 1) if rng.random() < 0.8 else b""
        time.sleep(rng.uniform(0, 0.03))
        os.kill(child, signal.SIGKILL)
        assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
        with os.fdopen(reading, "rb") as pipe:
            acknowledged = (first + pipe.read()).decode().split("\n")[:-1]
        if path.exists() and path.stat().st_size:  # else it was killed before its first record
            assert verify(path).is_intact, verify(path).problems
        AuditLog(path, fsync="never", max_bytes=16_384, checkpoint_every=16).close()  # recovery
        report = verify(path)
        assert report.is_intact, report.problems
        events = {r.event_id for r in read_records(path) if r.kind == "verdict"}
        lost = [event for event in acknowledged if event not in events]
        assert not lost, lost
        total += len(acknowledged)
        if kill % 40 == 39:  # a new log, so that reading it stays short
            for file in folder.iterdir():
                file.unlink()
    sys.stdout.write(f"{total}\n")


if __name__ == "__main__":
    main()
