"""Rows that arrive, move, are preempted, come back and are aborted, against answers alone."""

from pathlib import Path

import pytest

from _fakes import FunctionModel, random_logits, read_records
from _hosted import ContinuousBatch, HostRequest
from ngsd_guard import AuditLog, Engine, NGSDConfig
from ngsd_guard.hosting import HostGate
from ngsd_guard.pairs import Pair, load_pair
from ngsd_guard.protocols import LanguageModel
from tiny_models import save_model
from vllm_ngsd._batch import PersistentBatch

REFERENCE = NGSDConfig.preset("reference")


def tiny_pair(folder: Path) -> Pair:
    base = save_model(folder / "base", "llama", seed=1)
    expert = save_model(folder / "expert", "llama", seed=2)
    return load_pair(base, expert, REFERENCE)


def requests_for(base: LanguageModel, number: int) -> list[HostRequest]:
    requests = []
    for index in range(number):
        content = f"Question {index % (number // 2)} about {'foxes ' * (index % 5)}"
        prompt_ids = base.encode_chat([{"role": "user", "content": content}])
        request = HostRequest(prompt_ids, max_tokens=3 + index * 7 % 23)
        if index % 6 == 5:
            request.num_aborted_at = index % 3
        requests.append(request)
    return requests


def check(pair: Pair, number: int, path: Path, seed: int = 11) -> None:
    requests = requests_for(pair.base, number)
    with AuditLog(path / "audit.jsonl", fsync="never") as log:
        gate = HostGate[int](pair, log, on_failure="end")
        batch = PersistentBatch(gate)
        host = ContinuousBatch(pair.base, batch, seed)
        host.run(requests)
        batch.close()
        assert gate.keys == ()
    assert min(host.num_preempted, host.num_swapped, host.num_repeated) > 0
    records = read_records(path / "audit.jsonl")
    assert len(records) == number
    aborted = [r for r in requests if r.num_aborted_at is not None]
    assert sum(record["status"] == "cancelled" for record in records) == len(aborted)
    assert all(record["evaluation"] == "evaluated" for record in records)
    assert sum(r["num_tokens_released"] for r in records) == sum(
        len(r.output_ids) for r in requests
    )
    expected = answers_alone(pair, requests)
    num_equal = sum(
        r.output_ids == e[: len(r.output_ids)] for r, e in zip(requests, expected, strict=True)
    )
    assert num_equal == number
    assert sum(len(record.get("spike_indices", ())) for record in records) > number


def answers_alone(pair: Pair, requests: list[HostRequest]) -> list[list[int]]:
    engine = Engine(pair)
    found: dict[tuple[int, ...], list[int]] = {}
    for request in requests:
        prompt = tuple(request.prompt_ids)
        if prompt not in found:
            text = pair.base.decode(prompt)
            content = text.removeprefix("user\n").removesuffix("\nassistant\n")
            content = content.removeprefix("user\x1f").removesuffix("\x1eassistant\x1f")
            messages = [{"role": "user", "content": content}]
            assert pair.base.encode_chat(messages) == request.prompt_ids
            answer = engine.generate(messages, max_new_tokens=26, speculative=False)
            found[prompt] = list(answer.token_ids)
    return [found[tuple(request.prompt_ids)] for request in requests]


def test_rows_are_never_gated_with_anothers_state(tmp_path: Path) -> None:
    base = FunctionModel(random_logits(1), name="base")
    expert = FunctionModel(random_logits(2), name="expert")
    check(Pair(base, expert, REFERENCE), 40, tmp_path)


def test_rows_of_real_caches_are_never_mixed(tmp_path: Path) -> None:
    check(tiny_pair(tmp_path), 24, tmp_path)


@pytest.mark.slow  # a minute
@pytest.mark.parametrize("seed", [1, 2])
def test_five_hundred_rows_of_real_caches_are_never_mixed(tmp_path: Path, seed: int) -> None:
    check(tiny_pair(tmp_path), 500, tmp_path, seed)
