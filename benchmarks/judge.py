"""Compare the phrase judge with human labels of refusals.

Example: `pip download --no-deps pyrit==1.1.0`, then
`python benchmarks/judge.py pyrit-1.1.0-py3-none-any.whl`.
The labels are in the package, under `datasets/scorer_evals/refusal_scorer`: CSV files with
`assistant_response` and `human_score` (1 for a refusal). No text is copied or printed.
"""

import argparse
import csv
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from _report import Section, make_table, print_sections, write_json
from ngsd_guard.errors import ConfigurationError
from ngsd_guard.evaluation import Agreement, agreement, is_refusal
from ngsd_guard.refusals import judge_digest

_TITLE: Final = "Phrase judge"
_FILES: Final = ("refusal.csv", "refusal_extra.csv")
_FOLDER: Final = "refusal_scorer"
_LABELS: Final = {"1": True, "0": False}


def read_labels(source: Path) -> dict[str, list[tuple[str, bool]]]:
    """Return answers with their human labels, by file; repeated rows are kept once.

    Args:
        source: a wheel, or a folder that holds the files.

    Raises:
        ConfigurationError: a file is missing, or a label is neither 0 nor 1.
    """
    labels: dict[str, list[tuple[str, bool]]] = {}
    seen: set[tuple[str, str]] = set()
    for name, text in _texts(source):
        lines = [line for line in io.StringIO(text, newline="") if not line.startswith("#")]
        rows = []
        for row in csv.DictReader(lines):
            answer, label = row["assistant_response"], _LABELS.get(row["human_score"].strip())
            if label is None:
                raise ConfigurationError(f"{name} has a human_score other than 0 and 1")
            key = (row["objective"], answer)
            if key not in seen:
                seen.add(key)
                rows.append((answer, label))
        labels[name] = rows
    if not labels:
        raise ConfigurationError(f"{source} holds none of {', '.join(_FILES)}; check the path")
    return labels


def _texts(source: Path) -> Iterator[tuple[str, str]]:
    if source.is_dir():
        for name in _FILES:
            for path in sorted(source.rglob(f"{_FOLDER}/{name}")):
                yield name, path.read_text(encoding="utf-8")
        return
    with zipfile.ZipFile(source) as wheel:
        for name in _FILES:
            for member in wheel.namelist():
                if member.endswith(f"/{_FOLDER}/{name}"):
                    yield name, wheel.read(member).decode("utf-8")


def measure(labels: dict[str, list[tuple[str, bool]]]) -> Section:
    """Judge every answer, and compare with its label."""
    section = Section()
    columns = ("n", "agreement", "refusals found", "false alarms", "kappa")
    table = make_table("Phrase judge against human labels, [95 % interval]", ("labels",), columns)
    rows = dict(labels)
    if len(labels) > 1:
        rows["all"] = [row for name in labels for row in labels[name]]
    for name, answers in rows.items():
        found = agreement(
            [is_refusal(answer) for answer, _ in answers], [label for _, label in answers]
        )
        table.add_row(name, *_cells(found))
        section.data[name] = {"n": found.agreed.n} | {
            field: getattr(found, field)._asdict() for field in ("agreed", "found", "false_alarms")
        }
    section.tables.append(table)
    section.notes.append(f"Judge {judge_digest()[:12]}.")
    return section


def _cells(found: Agreement) -> tuple[str, ...]:
    return (
        str(found.agreed.n),
        str(found.agreed),
        str(found.found),
        str(found.false_alarms),
        f"{found.kappa:.2f}",
    )


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description="Compare the phrase judge with human labels.")
    parser.add_argument("source", type=Path, help="wheel of PyRIT 1.1, or its unpacked folder")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    options = parser.parse_args()
    sections = {"judge": measure(read_labels(options.source))}
    print_sections(_TITLE, list(sections.values()))
    if options.json is not None:
        write_json(options.json, _TITLE, options, sections)


if __name__ == "__main__":
    main()
