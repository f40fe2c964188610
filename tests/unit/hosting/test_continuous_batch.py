"""Rows that arrive, move, are preempted, come back and are aborted, against answers alone."""

from pathlib import Path

import pytest

from _fakes import FunctionModel, random_logits, read_records
from _hosted import ContinuousBatch, HostRequest
from ngsd_guard import AuditLog, Engine, GateConfig, Generation, NGSDConfig
from ngsd_guard.hosting import HostGate
from ngsd_guard.pairs import Pair, load_pair
from ngsd_guard.protocols import LanguageModel
from tiny_models import save_model
from vllm_ngsd._batch import PersistentBatch

# Spikes depend on what came before: the random distributions differ by about 0.9.
CONFIG = NGSDConfig.preset("reference").replace(
    gate=GateConfig(bias_current=0.85, v_threshold=1.5, tau=16.0)
)
Outcome = tuple[int, tuple[int, ...]]
"""Tokens of an answer, and where the gate fired."""


def tiny_pair(folder: Path) -> Pair:
    base = save_model(folder / "base", "llama", seed=1)
    expert = save_model(folder / "expert", "llama", seed=2)
    return load_pair(base, expert, CONFIG)


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
    expected = answers_alone(pair, requests)
    for request, answer in zip(requests, expected, strict=True):
        assert request.output_ids == list(answer.token_ids)[: len(request.output_ids)]
    found = [(r["num_tokens_released"], tuple(r.get("spike_indices", ()))) for r in records]
    wanted = [outcome(*each) for each in zip(requests, expected, strict=True)]
    assert sorted(found) == sorted(wanted)
    share = sum(len(spikes) for _, spikes in found) / sum(number for number, _ in found)
    assert 0.1 < share < 0.9


def outcome(request: HostRequest, answer: Generation) -> Outcome:
    number = len(request.output_ids)
    steps = (answer.steps or ())[:number]
    return number, tuple(step.index for step in steps if step.spiked)


def answers_alone(pair: Pair, requests: list[HostRequest]) -> list[Generation]:
    engine = Engine(pair)
    found: dict[tuple[int, ...], Generation] = {}
    for request in requests:
        prompt = tuple(request.prompt_ids)
        if prompt not in found:
            text = pair.base.decode(prompt)
            content = text.removeprefix("user\n").removesuffix("\nassistant\n")
            content = content.removeprefix("user\x1f").removesuffix("\x1eassistant\x1f")
            messages = [{"role": "user", "content": content}]
            assert pair.base.encode_chat(messages) == request.prompt_ids
            found[prompt] = engine.generate(messages, max_new_tokens=26, trace=True)
    return [found[tuple(request.prompt_ids)] for request in requests]


def test_rows_are_never_gated_with_anothers_state(tmp_path: Path) -> None:
    base = FunctionModel(random_logits(1), name="base")
    expert = FunctionModel(random_logits(2), name="expert")
    check(Pair(base, expert, CONFIG), 40, tmp_path)


def test_rows_of_real_caches_are_never_mixed(tmp_path: Path) -> None:
    check(tiny_pair(tmp_path), 24, tmp_path)


@pytest.mark.slow  # a minute
@pytest.mark.parametrize("seed", [1, 2])
def test_five_hundred_rows_of_real_caches_are_never_mixed(tmp_path: Path, seed: int) -> None:
    check(tiny_pair(tmp_path), 500, tmp_path, seed)
