"""Ray Serve on this machine: a local Ray, and the guard's application on loopback."""

import os
import socket
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
os.environ.setdefault("OMP_NUM_THREADS", "1")  # of each process that checks
sys.path.append(str(Path(__file__).parents[1]))

import ray
from ray import serve

from ngsd_guard.audit import read_records
from ray_ngsd import ServeOptions, application
from streams import QUESTIONS

MODEL = "ngsd-mini"


@contextmanager
def local_ray(num_cpus: int) -> Iterator[None]:
    """Run Ray on this machine, with as many places for processes as wanted."""
    with tempfile.TemporaryDirectory(prefix="ray") as folder:
        ray.init(
            num_cpus=num_cpus,
            include_dashboard=False,
            log_to_driver=False,
            logging_level="ERROR",
            _temp_dir=folder,
        )
        try:
            yield
        finally:
            ray.shutdown()


@contextmanager
def serving(applications: Mapping[str, ServeOptions]) -> Iterator[str]:
    """Run applications under their route prefixes; yield the address."""
    port = free_port()
    serve.start(http_options={"host": "127.0.0.1", "port": port})
    try:
        for prefix, options in applications.items():
            name = prefix.strip("/") or "guard"
            serve.run(application(options), name=name, route_prefix=prefix)
        yield f"http://127.0.0.1:{port}"
    finally:
        serve.shutdown()


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def check_body(number: int) -> dict[str, Any]:
    """Return the body of a moderation of a text that was not sent before."""
    return {"model": MODEL, "input": f"{QUESTIONS[number % len(QUESTIONS)]} ({number})"}


def children() -> set[int]:
    """Return the processes that this one has started."""
    lists = [path.read_text() for path in Path("/proc/self/task").glob("*/children")]
    return {int(pid) for pids in lists for pid in pids.split()}


def processor_s(roots: set[int]) -> float:
    """Return the processor time of some processes and all below them so far."""
    parents: dict[int, int] = {}
    seconds: dict[int, float] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:  # it has just ended
            continue
        parents[int(folder.name)] = int(fields[1])
        seconds[int(folder.name)] = sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")
    found = set(roots)
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return sum(seconds.get(pid, 0.0) for pid in found)


def living(audit: Path) -> list[int]:
    """Return the processes that write to a log and are alive."""
    started = {r.process_id for r in read_records(audit) if r.kind == "start"}
    return sorted(pid for pid in started if pid is not None and is_alive(pid))


def is_alive(pid: int) -> bool:
    """Return whether a process runs."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"
