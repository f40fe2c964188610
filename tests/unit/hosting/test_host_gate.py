from pathlib import Path

import pytest
import torch

from _fakes import EAGER, EOS, USER, FailingModel, FunctionModel, random_logits, read_records
from _hosted import base_logits, decode_alone
from ngsd_guard import AuditLog, ConfigurationError, DecodingConfig, Engine, NGSDConfig, errors
from ngsd_guard.hosting import HostGate, HostRow, RowOptions
from ngsd_guard.pairs import Pair
from ngsd_guard.testing import ScriptedModel

REFERENCE = NGSDConfig.preset("reference")
OTHER = [{"role": "user", "content": "And about bears?"}]


def random_pair(config: NGSDConfig = REFERENCE) -> Pair:
    return Pair(
        FunctionModel(random_logits(1), name="base"),
        FunctionModel(random_logits(2), name="expert"),
        config,
    )


@pytest.mark.parametrize("config", [REFERENCE, NGSDConfig.preset("paper"), NGSDConfig()])
def test_greedy_answer_is_the_engines(config: NGSDConfig) -> None:
    pair = random_pair(config)
    expected = Engine(pair).generate(USER, max_new_tokens=40)
    answer, report = decode_alone(HostGate[str](pair), USER, 40)
    assert answer == list(expected.token_ids)
    assert (report.risk, report.alpha) == (expected.risk, expected.alpha)
    assert (report.num_spikes, report.num_overrides) == (
        expected.num_spikes,
        expected.num_overrides,
    )
    assert report.peak_potential == pytest.approx(expected.peak_potential, abs=1e-6)


def test_reference_answers_have_spikes_and_overrides() -> None:
    _, report = decode_alone(HostGate[str](random_pair()), USER, 40)
    assert report.num_spikes > report.num_overrides > 0


def test_record_is_the_engines(tmp_path: Path) -> None:
    pair = random_pair()
    with AuditLog(tmp_path / "engine.jsonl") as log:
        Engine(pair, audit=log).generate(USER, max_new_tokens=20)
    with AuditLog(tmp_path / "host.jsonl") as log:
        gate = HostGate[str](pair, log)
        decode_alone(gate, USER, 20)
        gate.close()
    (engine,), (host,) = (read_records(tmp_path / f"{name}.jsonl") for name in ("engine", "host"))
    own = {
        "event_id", "chain_id", "hash", "prev_hash", "time_utc", "time_monotonic_s", "timing",
        "usage", "finish_reason", "max_new_tokens", "temperature", "top_p", "peak_potential",
    }  # fmt: skip
    assert {k: v for k, v in host.items() if k not in own} == {
        k: v for k, v in engine.items() if k not in own
    }
    assert host["usage"]["output_tokens"] == 20


def test_row_comes_back_with_its_state_and_its_expert_reads_again() -> None:
    pair = random_pair()
    expected = Engine(pair).generate(USER, max_new_tokens=30)
    gate, base = HostGate[int](pair), pair.base
    prompt, output = base.encode_chat(USER), list[int]()
    gate.add(0, prompt)
    for step in range(30):
        if step in (1, 7, 20):
            gate.park(0 if step == 1 else 100, output)
            gate.add(100, prompt, output if step < 20 else list(output))
        key = 0 if step == 0 else 100
        logits = base_logits(base, [*prompt, *output])[None]
        output.append(int(gate.apply([HostRow(key, output)], logits).argmax()))
    report = gate.finish(100, output_ids=output)
    assert output == list(expected.token_ids)
    assert report.num_spikes == expected.num_spikes


def test_only_the_last_call_before_a_token_counts() -> None:
    pair = random_pair()
    expected = Engine(pair).generate(USER, max_new_tokens=10)
    gate, base = HostGate[str](pair), pair.base
    prompt, output = base.encode_chat(USER), list[int]()
    gate.add("row", prompt)
    for _ in range(10):
        logits = base_logits(base, [*prompt, *output])[None]
        gate.apply([HostRow("row", output)], torch.randn(1, 257))
        output.append(int(gate.apply([HostRow("row", output)], logits).argmax()))
    report = gate.finish("row", output_ids=output)
    assert output == list(expected.token_ids)
    assert report.num_spikes == expected.num_spikes


def test_unspiked_rows_keep_the_hosts_logits() -> None:
    pair = random_pair(NGSDConfig(gate=REFERENCE.gate.replace(v_threshold=1e9)))
    gate = HostGate[str](pair)
    gate.add("row", pair.base.encode_chat(USER))
    logits = torch.randn(1, 257)
    assert torch.equal(gate.apply([HostRow("row", [])], logits), logits)


def test_padding_of_the_vocabulary_is_never_chosen() -> None:
    gate = HostGate[str](random_pair())
    gate.add("row", gate.pair.base.encode_chat(USER))
    gated = gate.apply([HostRow("row", [])], torch.randn(1, 300))
    assert gated.shape == (1, 300)
    assert bool((gated[:, 257:] == -torch.inf).all())


def test_what_the_host_forbids_stays_forbidden_at_a_spike() -> None:
    gate = HostGate[str](random_pair(EAGER))
    gate.add("row", gate.pair.base.encode_chat(USER))
    logits = torch.randn(1, 257)
    logits[0, 100:] = -torch.inf
    gated = gate.apply([HostRow("row", [])], logits)
    assert not torch.equal(gated, logits)
    assert bool((gated[0, 100:] == -torch.inf).all())


def test_rating_may_be_given() -> None:
    pair = random_pair(EAGER)
    rating = Engine(pair).reflect(USER)
    gate = HostGate[str](pair)
    gate.add("row", pair.base.encode_chat(OTHER), options=RowOptions(rating=rating))
    gate.apply([HostRow("row", [])], torch.randn(1, 257))
    assert gate.finish("row").risk == rating.risk


def failing_pair(fault: torch.Tensor | Exception) -> Pair:
    base = ScriptedModel("Sure, here is how it is done.", name="base")
    return Pair(base, FailingModel("I'm sorry.", fail_at=3, fault=fault, name="expert"))


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (RuntimeError("out of memory"), errors.DecodingError),
        (torch.full((1, 257), torch.nan), errors.NonFiniteLogitsError),
    ],
)
def test_failing_expert_raises_and_goes_on_failing(
    fault: torch.Tensor | Exception, kind: type[errors.NGSDError], tmp_path: Path
) -> None:
    pair = failing_pair(fault)
    with AuditLog(tmp_path / "audit.jsonl") as log:
        gate = HostGate[str](pair, log)
        prompt, output = pair.base.encode_chat(USER), list[int]()
        gate.add("row", prompt)
        for _ in range(3):
            logits = base_logits(pair.base, [*prompt, *output])[None]
            output.append(int(gate.apply([HostRow("row", output)], logits).argmax()))
        for _ in range(2):
            with pytest.raises(kind):
                gate.apply([HostRow("row", output)], torch.randn(1, 257))
        report = gate.cancel("row")
    assert isinstance(report.error, kind)
    (record,) = read_records(tmp_path / "audit.jsonl")
    assert (record["status"], record["evaluation"]) == ("failed", "error")
    assert record["num_tokens_released"] == 3


def test_failing_row_may_only_end_and_the_others_go_on() -> None:
    pair = failing_pair(RuntimeError("out of memory"))
    gate = HostGate[str](pair, on_failure="end")
    prompt = pair.base.encode_chat(USER)
    outputs: dict[str, list[int]] = {"early": [], "late": []}
    gate.add("early", prompt)
    gate.add("late", pair.base.encode_chat(OTHER))
    for step in range(4):
        names = ["early"] if step < 2 else ["late", "early"]
        logits = torch.randn(len(names), 257)
        logits[:, EOS] = -20.0
        gated = gate.apply([HostRow(name, outputs[name]) for name in names], logits)
        for name, row in zip(names, gated, strict=True):
            outputs[name].append(int(row.argmax()))
    assert outputs["early"][3] == EOS
    assert EOS not in outputs["late"]
    gated = gate.apply([HostRow("early", outputs["early"])], torch.randn(1, 257))
    assert gated.argmax() == EOS
    assert int((gated > -torch.inf).sum()) == 1


def test_tokens_that_were_not_gated_are_refused() -> None:
    gate = HostGate[str](random_pair())
    gate.add("row", gate.pair.base.encode_chat(USER))
    with pytest.raises(errors.DecodingError, match="not gated"):
        gate.apply([HostRow("row", [65])], torch.randn(1, 257))


def test_tokens_that_change_are_refused() -> None:
    gate = HostGate[str](random_pair())
    gate.add("row", gate.pair.base.encode_chat(USER))
    gate.apply([HostRow("row", [])], torch.randn(1, 257))
    gate.apply([HostRow("row", [65])], torch.randn(1, 257))
    with pytest.raises(errors.DecodingError, match="changed"):
        gate.apply([HostRow("row", [66, 67])], torch.randn(1, 257))


def test_unknown_token_is_refused() -> None:
    gate = HostGate[str](random_pair())
    gate.add("row", gate.pair.base.encode_chat(USER))
    gate.apply([HostRow("row", [])], torch.randn(1, 257))
    with pytest.raises(errors.DecodingError, match="asynchronous"):
        gate.apply([HostRow("row", [-1])], torch.randn(1, 257))


def test_answer_beyond_the_experts_context_fails() -> None:
    base = FunctionModel(random_logits(1), name="base")
    expert = FunctionModel(random_logits(2), name="expert", context_length=60)
    gate = HostGate[str](Pair(base, expert, REFERENCE))
    with pytest.raises(errors.ContextOverflowError):
        decode_alone(gate, USER, 60)


def test_repairs_need_the_engine() -> None:
    with pytest.raises(ConfigurationError, match="max_repairs"):
        HostGate[str](random_pair(NGSDConfig(decoding=DecodingConfig(max_repairs=2))))


def test_sampled_tokens_follow_the_mixture() -> None:
    """Softmax of what the host is given is the mixture, renormalised."""
    from ngsd_guard.decoding import mix_top_k

    pair = random_pair(EAGER)
    gate = HostGate[str](pair)
    prompt = pair.base.encode_chat(USER)
    gate.add("row", prompt)
    logits = base_logits(pair.base, prompt)[None]
    gated = gate.apply([HostRow("row", [])], logits).softmax(dim=-1)[0]
    report = gate.finish("row")
    assert report.num_spikes == 1
    expert = base_logits(pair.expert, pair.expert.encode_chat(USER)).softmax(dim=-1)
    mixed = mix_top_k(logits[0].softmax(dim=-1), expert, alpha=report.alpha or 0.0)
    assert torch.allclose(gated, mixed / mixed.sum(), atol=1e-6)


def test_row_that_was_away_too_long_is_recorded_and_refused(tmp_path: Path) -> None:
    pair = random_pair()
    prompt = pair.base.encode_chat(USER)
    with AuditLog(tmp_path / "audit.jsonl") as log:
        gate = HostGate[str](pair, log, max_parked=1)
        outputs: dict[str, list[int]] = {"first": [], "second": []}
        for name, output in outputs.items():
            gate.add(name, prompt, output)
            gate.apply([HostRow(name, output)], torch.randn(1, 257))
            output.append(65 if name == "first" else 66)
            gate.park(name, output)
        gate.add("second", prompt, outputs["second"])
        gate.apply([HostRow("second", outputs["second"])], torch.randn(1, 257))
        gate.add("first", prompt, outputs["first"])
        with pytest.raises(errors.DecodingError, match="not known"):
            gate.apply([HostRow("first", outputs["first"])], torch.randn(1, 257))
        gate.cancel("first")
        gate.close()
    statuses = [record["status"] for record in read_records(tmp_path / "audit.jsonl")]
    assert statuses == ["cancelled", "failed", "completed"]
