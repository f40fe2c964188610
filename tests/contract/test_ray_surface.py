"""The interfaces of Ray Serve and Ray Data that the integration uses, without Ray."""

import importlib
import inspect
import json
import runpy
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from _guard_fakes import BENIGN, HARMFUL, SECRET, keyword_engine
from canaries import leaks_in
from ngsd_guard import AuditLog, ConfigurationError, MissingDependencyError
from ngsd_guard.audit import read_records, verify
from ray_ngsd import JobReport, ServeOptions, application, check_records


class Ray:
    """Stands in for Ray: replicas and actors run in this process."""

    def __init__(self) -> None:
        self.deployment: dict[str, Any] = {}
        self.map: dict[str, Any] = {}
        self.blocks_done: list[int] = []
        self.fail_at: int | None = None

    def ingress(self, app: Any) -> Callable[[], Any]:
        assert inspect.isfunction(app)  # Ray calls no other object to build an application
        assert not inspect.signature(app).parameters
        return lambda: type("Ingress", (), {"build": staticmethod(app)})

    def deploy(self, ingress: Any, **options: Any) -> Any:
        self.deployment = options
        return SimpleNamespace(bind=lambda: SimpleNamespace(build=ingress.build))

    def from_items(self, items: list[Any], *, override_num_blocks: int) -> Any:
        assert override_num_blocks == len(items)  # so that a lost actor repeats one block alone
        return SimpleNamespace(map=lambda *args, **options: self._mapped(items, *args, **options))

    def _mapped(
        self, items: list[Any], actor: Any, *, fn_constructor_args: Any, **options: Any
    ) -> Any:
        self.map = options

        def iter_rows() -> Iterator[Any]:
            checker = actor(*fn_constructor_args)
            for number, item in enumerate(items):
                if number == self.fail_at:
                    raise RuntimeError("the actor was killed")
                self.blocks_done.append(item["index"])
                yield checker(item)
            checker.close()

        return SimpleNamespace(iter_rows=iter_rows)


@pytest.fixture
def ray(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Ray]:
    """Stand-ins for Ray's modules, and a scripted pair instead of weights."""
    ray = Ray()
    node = SimpleNamespace(get_node_id=lambda: "node1")
    modules: dict[str, dict[str, Any]] = {
        "ray": {"get_runtime_context": lambda: node},
        "ray.serve": {"ingress": ray.ingress, "deployment": ray.deploy},
        "ray.data": {"from_items": ray.from_items, "ActorPoolStrategy": SimpleNamespace},
    }
    for name, members in modules.items():
        module = ModuleType(name)
        vars(module).update(members)
        monkeypatch.setitem(sys.modules, name, module)

    def scripted(pair: str, *args: Any, audit: AuditLog | None, **options: Any) -> Any:
        return keyword_engine(audit=audit)

    for name in ("_replica", "_checker"):
        monkeypatch.setattr(importlib.import_module(f"ray_ngsd.{name}"), "load_engine", scripted)
    yield ray
    for path in tmp_path.rglob("in.*"):  # no other file may have its text
        path.unlink()


@pytest.mark.parametrize("call", [
    lambda path: application(ServeOptions()),
    lambda path: check_records(path, path.parent / "out", column="text"),
])  # fmt: skip
def test_missing_ray_names_the_extra(
    call: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingDependencyError, match=r"ngsd-guard\[ray\]"):
        call(tmp_path / "in.jsonl")


def test_builder_has_the_one_annotated_parameter_that_serve_run_fills() -> None:
    (parameter,) = inspect.signature(application).parameters.values()
    assert parameter.annotation is ServeOptions
    options = ServeOptions.model_validate({"num_replicas": "2", "audit": "audit.jsonl"})
    assert options.num_replicas == 2


async def test_replica_answers_records_and_closes_its_log(ray: Ray, tmp_path: Path) -> None:
    path = tmp_path / "{node}" / "audit.jsonl"
    app = application(ServeOptions(num_replicas=3, audit=str(path), max_ongoing_requests=5))
    assert ray.deployment["num_replicas"] == 3
    assert ray.deployment["max_ongoing_requests"] == 5
    replica = app.build()
    client = httpx.AsyncClient(transport=httpx.ASGITransport(replica), base_url="http://guard")
    answer = await client.post("/v1/moderations", json={"input": HARMFUL})
    (result,) = answer.json()["results"]
    assert result["flagged"]
    await replica({"type": "lifespan"}, *_lifespan())
    log = tmp_path / "node1" / "audit.jsonl"
    assert verify(log).chains[0].is_closed
    assert result["ngsd"]["record_id"] in {getattr(r, "event_id", 0) for r in read_records(log)}


async def test_each_replica_has_a_chain(ray: Ray, tmp_path: Path) -> None:
    """Each process has one; two replicas of this process share theirs."""
    app = application(ServeOptions(audit=str(tmp_path / "audit.jsonl")))
    replicas = [app.build() for _ in range(2)]
    assert replicas[0].audit is not replicas[1].audit
    for replica in replicas:
        await replica({"type": "lifespan"}, *_lifespan())
    assert verify(tmp_path / "audit.jsonl").is_intact


async def test_replica_asks_for_a_key(ray: Ray, tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("a-key\n")
    replica = application(ServeOptions(api_key_file=str(tmp_path / "keys"))).build()
    (tmp_path / "keys").unlink()  # replicas are given the hashes
    client = httpx.AsyncClient(transport=httpx.ASGITransport(replica), base_url="http://guard")
    body = {"input": BENIGN}
    assert (await client.post("/v1/moderations", json=body)).status_code == 401
    headers = {"Authorization": "Bearer a-key"}
    assert (await client.post("/v1/moderations", json=body, headers=headers)).status_code == 200


def test_autoscaling_takes_the_place_of_a_number(ray: Ray) -> None:
    application(ServeOptions(num_replicas=2, max_replicas=6, target_ongoing_requests=4))
    assert "num_replicas" not in ray.deployment
    assert ray.deployment["autoscaling_config"] == {
        "min_replicas": 2, "max_replicas": 6, "target_ongoing_requests": 4,
    }  # fmt: skip


@pytest.mark.parametrize("options", [
    {"num_replicas": 0}, {"num_replicas": 3, "max_replicas": 2}, {"replicas": 2},
])  # fmt: skip
def test_wrong_options_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        ServeOptions(**options)


TEXTS = [BENIGN, HARMFUL, None, BENIGN, HARMFUL, BENIGN, 7]


def write_input(folder: Path, format: str) -> Path:
    path = folder / f"in.{format}"
    rows = [{"id": f"r{n}", "text": text} for n, text in enumerate(TEXTS)]
    if format == "jsonl":
        lines = [json.dumps(row) for row in rows]
        path.write_text("\n".join([*lines[:4], "", *lines[4:], "no row"]) + "\n")
    else:
        texts = [text if isinstance(text, str) else None for text in TEXTS]
        table = pa.table({"id": [row["id"] for row in rows], "text": texts})
        pq.write_table(table, path, row_group_size=4)
    return path


def run(path: Path, **options: Any) -> JobReport:
    defaults: dict[str, Any] = {
        "column": "text", "keep": ["id"], "rows_per_block": 3,
        "audit": str(path.parent / "audit.jsonl"),
    }  # fmt: skip
    return check_records(path, path.parent / "out", **{**defaults, **options})


def read_output(folder: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for part in sorted(folder.glob("part-*")):
        if part.suffix == ".jsonl":
            rows += [json.loads(line) for line in part.read_text().splitlines()]
        else:
            rows += pq.read_table(part).to_pylist()
    return rows


@pytest.mark.parametrize("format", ["jsonl", "parquet"])
def test_rows_keep_their_order_and_get_a_verdict(ray: Ray, tmp_path: Path, format: str) -> None:
    report = run(write_input(tmp_path, format), num_actors=2, num_cpus=1.5)
    rows = read_output(tmp_path / "out")
    ids = [f"r{n}" for n in range(7)] + [None] * (format == "jsonl")
    assert [row["id"] for row in rows] == ids
    assert [row["ngsd_row"] for row in rows] == list(range(len(ids)))
    assert [row["ngsd_flagged"] for row in rows[:2]] == [False, True]
    bad = [2, 6, *([7] if format == "jsonl" else [])]
    assert [n for n, row in enumerate(rows) if row["ngsd_evaluation"] == "error"] == bad
    assert {rows[n]["ngsd_action"] for n in bad} == {"block"}
    assert report.num_rows == len(ids)
    assert report.evaluations == {"evaluated": 5, "error": len(bad)}
    assert sum(report.actions.values()) == len(ids)
    assert ray.map["compute"].size == 2
    assert ray.map["num_cpus"] == 1.5
    recorded = {getattr(r, "event_id", None) for r in read_records(tmp_path / "audit.jsonl")}
    assert {row["ngsd_record_id"] for row in rows} <= recorded


@pytest.mark.parametrize("format", ["jsonl", "parquet"])
def test_a_job_goes_on_where_it_was_stopped(ray: Ray, tmp_path: Path, format: str) -> None:
    path = write_input(tmp_path, format)
    ray.fail_at = 1
    with pytest.raises(RuntimeError):
        run(path)
    ray.fail_at = None
    report = run(path)
    assert ray.blocks_done == [0, 1, 2]
    assert report.num_rows_before == 3
    assert sum(report.evaluations.values()) == report.num_rows
    assert run(path).num_rows_before == report.num_rows
    assert ray.blocks_done == [0, 1, 2]


@pytest.mark.parametrize("change", [
    {"stage": "output"}, {"rows_per_block": 4}, {"keep": []}, {"pair": "smollm2"},
])  # fmt: skip
def test_another_job_is_refused_the_same_output(
    ray: Ray, tmp_path: Path, change: dict[str, Any]
) -> None:
    path = write_input(tmp_path, "jsonl")
    run(path)
    with pytest.raises(ConfigurationError, match="another"):
        run(path, **change)
    path.write_text(path.read_text() + "{}\n")
    with pytest.raises(ConfigurationError, match="another input"):
        run(path)


def test_no_text_is_written_or_printed(
    ray: Ray, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_input(tmp_path, "jsonl")
    arguments = ["ray_ngsd", "check", str(path), str(tmp_path / "out"), "--column", "text"]
    monkeypatch.setattr(sys, "argv", [*arguments, "--keep", "id", "--rows-per-block", "3"])
    with pytest.raises(SystemExit) as stopped:
        runpy.run_module("ray_ngsd", run_name="__main__")
    assert stopped.value.code == 0
    path.unlink()
    shown = "".join(capfd.readouterr())
    assert "8 rows" in shown
    assert SECRET not in shown
    assert list(leaks_in(tmp_path)) == []


def test_conversations_are_judged_as_such(ray: Ray, tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    turns = [{"role": "user", "content": BENIGN}, {"role": "assistant", "content": HARMFUL}]
    path.write_text(json.dumps({"text": turns}) + "\n")
    run(path, stage="output", keep=[])
    (row,) = read_output(tmp_path / "out")
    assert row["ngsd_flagged"]


def test_wrong_inputs_are_refused_with_a_remedy(ray: Ray, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"\.jsonl"):
        run(tmp_path / "in.csv")
    path = write_input(tmp_path, "parquet")
    for options in ({"stage": "outptu"}, {"num_actors": 0}, {"keep": ["ngsd_row"]}):
        with pytest.raises(ConfigurationError):
            run(path, **options)
    with pytest.raises(ConfigurationError, match="no column"):
        run(path, column="txet")
    path.write_bytes(b"not Parquet")
    with pytest.raises(ConfigurationError, match="cannot read"):
        check_records(path, tmp_path / "other", column="text")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    with pytest.raises(ConfigurationError, match="not empty"):
        check_records(write_input(tmp_path, "jsonl"), tmp_path / "full", column="text")


def _lifespan() -> tuple[Any, Any]:
    received = iter(["lifespan.startup", "lifespan.shutdown"])
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": next(received)}

    async def send(message: Any) -> None:
        sent.append(message)

    return receive, send
