import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from _logs import lines_of, put_lines, rebuild, verdict
from _tampering import open_writer
from ngsd_guard import AuditLog
from ngsd_guard.audit import json_schema, load_record, read_lines, schema_page, write_key_pair
from ngsd_guard.audit._signing import SigningKey

ROOT = Path(__file__).parents[3]
FIXTURES = ROOT / "tests" / "fixtures" / "audit"


@pytest.mark.parametrize("version", [1, 2, 3])
def test_records_of_every_version_load(version: int) -> None:
    lines = (FIXTURES / f"v{version}.jsonl").read_text().splitlines()
    records = [load_record(line) for line in lines]
    assert {record.schema_version for record in records} == {version}
    assert {"request", "verdict"} <= {record.kind for record in records}
    for record, line in zip(records, lines, strict=True):
        assert record.model_dump(mode="json", exclude_unset=True) | {"seed": None} == (
            json.loads(line) | {"seed": None}
        )


def test_fixture_of_the_current_version_has_every_kind() -> None:
    kinds = {record["kind"] for record in read_lines(FIXTURES / "v3.jsonl")}
    assert kinds == set(json_schema()["discriminator"]["mapping"])


def test_page_of_the_schema_is_up_to_date() -> None:
    page = (ROOT / "docs" / "audit-schema.md").read_text()
    assert page == schema_page(), "run: ngsd-guard audit schema --page --out docs/audit-schema.md"


def test_schema_describes_its_members() -> None:
    schema = json_schema()
    request = schema["$defs"]["RequestRecord"]["properties"]
    assert "64 zeros" in request["prev_hash"]["description"]
    assert schema["$defs"]["Timing"]["properties"]["time_to_first_token_s"]["description"]


@pytest.fixture
def verifier(tmp_path: Path) -> list[str]:
    """Return how to run the program in docs/audit.md."""
    text = (ROOT / "docs" / "audit.md").read_text()
    (program,) = [code for code in re.findall(r"```python\n(.*?)```", text, re.S) if "sys" in code]
    assert len(program.splitlines()) <= 40
    assert "ngsd" not in program
    path = tmp_path / "verifier.py"
    path.write_text(program)
    return [sys.executable, str(path)]


def test_an_outsider_verifies_a_log_with_the_public_key_and_the_documented_format(
    verifier: list[str], tmp_path: Path
) -> None:
    private, public, path = tmp_path / "k.pem", tmp_path / "k.pub", tmp_path / "audit.jsonl"
    write_key_pair(private, public)
    with AuditLog(path, signing_key=private, checkpoint_every=5, max_bytes=8192) as log:
        for number in range(20):
            log.write(verdict(str(number), risk=number / 7, source_id='"hash":"0",'))

    def run() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*verifier, str(path), str(public)], check=False, capture_output=True, text=True
        )

    count = sum(1 for _ in read_lines(path))
    assert run().stdout == f"{count} records are what was written\n", run().stderr
    sound = lines_of(path)
    for changed in (
        [sound[0].replace(b"base", b"bose"), *sound[1:]],
        sound[1:],
        sound[:-1],
        rebuild(sound),
    ):
        put_lines(path, changed)
        assert run().returncode != 0
    put_lines(path, sound)
    index = path.with_name("audit.jsonl.index")
    index.write_bytes(index.read_bytes().replace(b'"slot":1', b'"slot":2'))
    assert run().returncode != 0


def test_an_outsider_misses_a_chain_that_the_index_names(
    verifier: list[str], tmp_path: Path
) -> None:
    private, public, path = tmp_path / "k.pem", tmp_path / "k.pub", tmp_path / "audit.jsonl"
    write_key_pair(private, public)
    writers = [open_writer(path, SigningKey(private)) for _ in range(2)]
    for writer in writers:
        writer.release()
    command = [*verifier, str(path), str(public)]
    assert subprocess.run(command, check=False, capture_output=True).returncode == 0
    for file in tmp_path.glob("audit-2.*"):
        file.unlink()
    assert subprocess.run(command, check=False, capture_output=True).returncode != 0
