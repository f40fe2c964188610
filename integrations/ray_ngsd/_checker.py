"""One actor of a job: checks blocks of rows with a guard of its own."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ngsd_guard import Guard, load_engine
from ngsd_guard.errors import InvalidRequestError
from ngsd_guard.guard import CheckRequest, Stage, Verdict
from ray_ngsd._blocks import Block, Format, read_json_rows, read_parquet_table
from ray_ngsd._needs import need
from ray_ngsd._parts import (
    ROW,
    count_part,
    part_path,
    verdict_columns,
    write_json_part,
    write_parquet_part,
)
from ray_ngsd._replica import audit_log


@dataclass(frozen=True, slots=True)
class CheckerOptions:
    """What each actor of a job is given."""

    output: str
    format: Format
    column: str
    stage: Stage
    keep: tuple[str, ...]
    pair: str
    expert: str | None
    calibration: str | None
    policy: str | None
    audit: str | None
    device: str | None


class BlockChecker:
    """Checks one block after the other, and writes its part of the output.

    Args:
        options: of the job.
        node_id: id of the node that it runs on; None asks Ray.

    Raises:
        ConfigurationError: an option is wrong.
        AuditError: the audit log cannot be opened.
    """

    def __init__(self, options: CheckerOptions, node_id: str | None = None) -> None:
        self._options = options
        if node_id is None:
            node_id = need("ray").get_runtime_context().get_node_id()
        # A part appears after its records are on the disk, so that not each needs to wait for it.
        self._audit = audit_log(options.audit, str(node_id), fsync="interval")
        engine = load_engine(
            options.pair,
            options.expert,
            device=options.device,
            audit=self._audit,
            calibration=options.calibration,
        )
        self._guard = Guard(engine, options.policy)

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        """Check a block, given as its fields; return the counts of its verdicts."""
        block = Block(**row)
        path = part_path(Path(self._options.output), block.index, self._options.format)
        if path.exists():  # this call repeats one whose answer was lost
            counts = count_part(path)
        elif self._options.format == "jsonl":
            counts = self._check_json(block, path)
        else:
            counts = self._check_parquet(block, path)
        return {"index": block.index, "num_rows": block.num_rows, "counts": dict(counts)}

    def close(self) -> None:
        """Close the audit log."""
        if self._audit is not None:
            self._audit.close()

    def _check_json(self, block: Block, path: Path) -> Counter[str]:
        rows = read_json_rows(block)
        found = self._verdicts([(row or {}).get(self._options.column) for row in rows])
        out = []
        for number, (row, verdict) in enumerate(zip(rows, found, strict=True), block.first_row):
            kept = {name: (row or {}).get(name) for name in self._options.keep}
            out.append({**kept, ROW: number, **verdict_columns(verdict)})
        write_json_part(path, out, self._flush)
        return _counts(found)

    def _check_parquet(self, block: Block, path: Path) -> Counter[str]:
        keep, column = self._options.keep, self._options.column
        table = read_parquet_table(block, list(dict.fromkeys([*keep, column])))
        found = self._verdicts(table.column(column).to_pylist())
        rows = [
            {ROW: number, **verdict_columns(verdict)}
            for number, verdict in enumerate(found, block.first_row)
        ]
        write_parquet_part(path, table.select(list(keep)), rows, self._flush)
        return _counts(found)

    def _verdicts(self, texts: Sequence[Any]) -> list[Verdict]:
        """Judge texts or conversations; what is neither gets the policy's action for failures."""
        stage = self._options.stage
        requests = {
            number: CheckRequest(text, None, stage, source_id=None)
            for number, text in enumerate(texts)
            if isinstance(text, str | list)
        }
        judged = self._guard.check_batch(list(requests.values()))
        verdicts = dict(zip(requests, judged, strict=True))
        missing = InvalidRequestError("the row has no text or list of messages in its column")
        for number in range(len(texts)):
            if number not in verdicts:
                verdicts[number] = self._guard.fail(CheckRequest("", None, stage), missing)
        return [verdicts[number] for number in range(len(texts))]

    def _flush(self) -> None:
        if self._audit is not None:
            self._audit.flush()


def _counts(verdicts: Sequence[Verdict]) -> Counter[str]:
    return Counter(name for each in verdicts for name in (each.evaluation, each.action))
