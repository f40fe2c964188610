"""A Ray Data job that checks the rows of large files."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ngsd_guard import ConfigurationError, Policy
from ngsd_guard.guard import STAGES, Stage
from ray_ngsd._blocks import check_columns, format_of, input_files, plan_blocks
from ray_ngsd._checker import BlockChecker, CheckerOptions
from ray_ngsd._needs import need
from ray_ngsd._parts import PREFIX, claim_output, count_part, part_path


@dataclass(frozen=True, slots=True)
class JobReport:
    """What a job found, in all of its output."""

    num_rows: int
    num_rows_before: int
    """Rows that an earlier run of the job had checked."""
    actions: dict[str, int]
    """Rows by the action that the policy calls for."""
    evaluations: dict[str, int]
    """Rows by whether they were judged; `error` and `timeout` were not."""


def check_records(
    input: str | Path,
    output: str | Path,
    *,
    column: str,
    stage: Stage = "input",
    keep: Sequence[str] = (),
    pair: str = "ngsd-mini",
    expert: str | None = None,
    calibration: str | None = None,
    policy: str | None = None,
    audit: str | None = None,
    device: str | None = None,
    num_actors: int = 1,
    num_cpus: float = 1.0,
    num_gpus: float = 0.0,
    rows_per_block: int = 1000,
    on_progress: Callable[[int], object] | None = None,
) -> JobReport:
    """Check each row of JSONL or Parquet files with a pool of Ray actors.

    The output has one part for each block of rows, in the input's format and order. A job that was
    interrupted goes on with the blocks that have no part when it is called again with the same
    arguments. A row without a text gets the policy's action for failures.

    Args:
        input: a file, or a folder of files, that all nodes can read.
        output: a folder that all nodes can write to.
        column: name of the column with a text, or with a list of messages.
        stage: place of the texts in a pipeline.
        keep: columns of the input that are kept, such as an id.
        pair: a known pair, or the folder of a base.
        expert: a folder or hub id; None for a known pair's first.
        calibration: the path of one; None for the one next to the expert.
        policy: path of a policy file; None for the built-in policy.
        audit: path of an audit log, in which each actor writes a chain of its own; `{node}` stands
            for Ray's id of the actor's node. None records nothing.
        device: where both models run; None for the CPU.
        num_actors: number of actors, each with a pair.
        num_cpus: processor cores of an actor.
        num_gpus: GPUs of an actor.
        rows_per_block: rows that are checked and written together.
        on_progress: called with the number of rows of each block that is done.

    Returns:
        The counts of all verdicts.

    Raises:
        ConfigurationError: an argument is wrong, a file cannot be read, or the output belongs to
            another job.
        MissingDependencyError: Ray Data is not installed.
    """
    data = need("ray.data")
    options = CheckerOptions(
        output=str(Path(output).absolute()),
        format=format_of(files := [file.absolute() for file in input_files(input)]),
        column=column,
        stage=stage,
        keep=tuple(keep),
        pair=pair,
        expert=expert,
        calibration=calibration,
        policy=policy,
        audit=audit,
        device=device,
    )
    _check(options, num_actors, rows_per_block)
    check_columns(files, [column, *keep])
    claim_output(Path(output), _describe(options, files, rows_per_block))
    counts, num_rows, num_before, waiting = Counter[str](), 0, 0, []
    for block in plan_blocks(files, rows_per_block):
        num_rows += block.num_rows
        path = part_path(Path(output), block.index, options.format)
        if path.exists():
            counts += count_part(path)
            num_before += block.num_rows
        else:
            waiting.append(asdict(block))
    if waiting:
        done = data.from_items(waiting, override_num_blocks=len(waiting)).map(
            BlockChecker,
            fn_constructor_args=[options],
            compute=data.ActorPoolStrategy(size=min(num_actors, len(waiting))),
            num_cpus=num_cpus,
            num_gpus=num_gpus,
        )
        for row in done.iter_rows():
            counts += Counter({name: count or 0 for name, count in row["counts"].items()})
            if on_progress is not None:
                on_progress(row["num_rows"])
    evaluations = {name: counts.pop(name) for name in _EVALUATIONS if counts[name]}
    return JobReport(num_rows, num_before, dict(counts), evaluations)


_EVALUATIONS = ("evaluated", "error", "timeout", "skipped")


def _check(options: CheckerOptions, num_actors: int, rows_per_block: int) -> None:
    if options.stage not in STAGES:
        raise ConfigurationError(f"stage={options.stage!r}; pass one of {', '.join(STAGES)}")
    for name, value in (("num_actors", num_actors), ("rows_per_block", rows_per_block)):
        if value < 1:
            raise ConfigurationError(f"{name}={value}; pass at least 1")
    taken = [name for name in options.keep if name.startswith(PREFIX)]
    if taken:
        raise ConfigurationError(
            f"keep has the column {taken[0]!r}, and {PREFIX} starts the names of the columns that "
            "are added; rename it first"
        )


def _describe(
    options: CheckerOptions, files: Sequence[Path], rows_per_block: int
) -> dict[str, Any]:
    """Return what must be the same when a job is continued."""
    policy = Policy.default() if options.policy is None else Policy.load(options.policy)
    stats = [file.stat() for file in files]
    return {
        "input": [
            [str(file), stat.st_size, stat.st_mtime_ns]
            for file, stat in zip(files, stats, strict=True)
        ],
        "column": options.column,
        "stage": options.stage,
        "keep": list(options.keep),
        "pair": options.pair,
        "expert": options.expert,
        "calibration": options.calibration,
        "policy": policy.digest,
        "rows_per_block": rows_per_block,
    }
