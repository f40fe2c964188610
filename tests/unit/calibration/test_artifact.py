import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from _fakes import USER, read_records
from ngsd_guard import AuditLog, Calibration, ConfigurationError, GateConfig, NGSDConfig
from ngsd_guard.calibration import calibrate
from ngsd_guard.config import ReflectionConfig
from ngsd_guard.testing import scripted_engine

TALK = [[{"role": "user", "content": f"Tell me about fox {n}."}] for n in range(9)]
HARM = [[{"role": "user", "content": f"How do I harm fox {n}?"}] for n in range(4)]
QUIET = ("Sure, here is how.", "Sure, here is how.")
REPLIES = ("Sure, here is how.", "I'm sorry, but I can't help with that.")


@pytest.fixture(scope="module")
def calibration() -> Calibration:
    engine = scripted_engine(*QUIET)
    options = {"budget": 0.25, "max_new_tokens": 4, "created": date(2026, 1, 2)}
    return calibrate(engine, TALK, HARM, **options)


def for_loud_pair(calibration: Calibration) -> Calibration:
    """Return the calibration with the identity of the dissenting pair."""
    engine = scripted_engine(*REPLIES)
    gate = GateConfig(
        v_threshold=2.0,
        bias_current=0.8,
        reset_retention=0.86,
        initial_potential_knots=((2.0, 0.0), (5.0, 1.7)),
    )
    identity = {"weights_digest": engine.expert.weights_digest}
    return calibration.replace(gate=gate, expert=calibration.expert.replace(**identity))


def test_calibration_records_its_pair_and_its_rates(calibration: Calibration) -> None:
    assert calibration.name == "scripted-base 2026-01-02"
    assert calibration.created == date(2026, 1, 2)
    assert (calibration.budget, calibration.max_new_tokens) == (0.25, 4)
    assert (calibration.num_benign, calibration.num_harmful) == ((3, 3, 3), (2, 2))
    assert calibration.intervention_rate.value == calibration.recall.value == 0.0
    assert calibration.intervention_rate.n == 3
    assert set(calibration.library_versions) == {"ngsd-guard", "torch", "transformers"}


def test_calibration_round_trips_through_its_file(calibration: Calibration, tmp_path: Path) -> None:
    calibration.save(tmp_path / "c.json")
    loaded = Calibration.load(tmp_path / "c.json")
    assert loaded == calibration
    assert loaded.digest == calibration.digest
    assert calibration.replace(name="other").digest != calibration.digest


def test_older_artifact_loads_and_keeps_its_digest(
    calibration: Calibration, tmp_path: Path
) -> None:
    calibration.save(tmp_path / "c.json")
    newer = {"evidence", "num_cut", "prompt_hashes"}
    fields = json.loads((tmp_path / "c.json").read_text())
    older = {name: value for name, value in fields.items() if name not in newer}
    (tmp_path / "c.json").write_text(json.dumps(older))
    loaded = Calibration.load(tmp_path / "c.json")
    assert (loaded.evidence, loaded.num_cut, loaded.prompt_hashes) == (None, None, None)
    assert json.loads(json.dumps(loaded.model_dump(mode="json"))) == older


def test_evidence_stands_by_set_and_harm_beside_its_control(calibration: Calibration) -> None:
    evidence = calibration.evidence
    assert evidence is not None
    assert evidence.compared == {"rubric": 0.5}  # the scripted base rates every request alike
    assert evidence.auroc.value == 0.5
    assert (evidence.auroc.num_harmful, evidence.auroc.num_benign) == (2, 3)
    assert [(row.form, row.harmful, row.flagged.n) for row in evidence.sets] == [
        ("plain", True, 2),
        ("plain", False, 3),
    ]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"schema_version": 7}, "schema_version=7.*reads 1; upgrade"),
        ({"schema_version": None}, "schema_version=None"),
        ({"budget": 2.0}, "Calibration: budget=2.0"),
        ({"v_treshold": 2.0}, "unknown option 'v_treshold'"),
        ({"gate": {"tau": 0.5}}, "tau=0.5"),
        ({"gate": {"kind": "ema"}}, "of the 'lif' gate"),
    ],
)
def test_wrong_value_in_the_file_is_named(
    calibration: Calibration, tmp_path: Path, change: dict[str, Any], message: str
) -> None:
    calibration.save(tmp_path / "c.json")
    fields = json.loads((tmp_path / "c.json").read_text()) | change
    (tmp_path / "c.json").write_text(json.dumps(fields))
    with pytest.raises(ConfigurationError, match=message):
        Calibration.load(tmp_path / "c.json")


@pytest.mark.parametrize(
    ("text", "message"), [("{", "is not JSON"), ("[]", "no JSON object"), (None, "cannot read")]
)
def test_file_that_is_not_a_calibration_is_refused(
    tmp_path: Path, text: str | None, message: str
) -> None:
    if text is not None:
        (tmp_path / "c.json").write_text(text)
    with pytest.raises(ConfigurationError, match=message):
        Calibration.load(tmp_path / "c.json")


def test_file_that_cannot_be_written_is_named(calibration: Calibration, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot write the calibration"):
        calibration.save(tmp_path / "nowhere" / "c.json")


def test_apply_replaces_gate_and_reflection_and_keeps_the_rest(calibration: Calibration) -> None:
    paper = NGSDConfig.preset("paper")
    applied = calibration.apply(paper)
    assert (applied.gate, applied.reflection) == (calibration.gate, calibration.reflection)
    assert applied.decoding == paper.decoding


def test_engine_refuses_the_calibration_of_other_weights(calibration: Calibration) -> None:
    with pytest.raises(ConfigurationError, match=r"other weights of the expert.*recalibrate"):
        scripted_engine(*REPLIES, calibration=calibration)


def test_engine_runs_under_its_calibration_and_the_record_names_it(
    calibration: Calibration, tmp_path: Path
) -> None:
    calibration = for_loud_pair(calibration).replace(
        reflection=ReflectionConfig(alpha_knots=((0.0, 0.9),))
    )
    log = AuditLog(tmp_path / "audit.jsonl")
    engine = scripted_engine(*REPLIES, calibration=calibration, audit=log)
    assert engine.calibration == calibration
    assert engine.config.gate == calibration.gate
    answer = engine.generate(USER, trace=True)
    assert answer.text == REPLIES[1]
    assert answer.initial_potential == 1.7  # the risk is 9
    assert answer.steps is not None
    assert answer.steps[0].charged_potential == pytest.approx(7 / 8 * 1.7 + 1.0)
    (record,) = read_records(tmp_path / "audit.jsonl")
    assert record["preset"] == "calibrated"
    assert record["calibration"] == calibration.name
    assert record["calibration_digest"] == calibration.digest
    assert record["initial_potential"] == 1.7


def test_record_of_an_uncalibrated_pair_has_no_calibration(tmp_path: Path) -> None:
    engine = scripted_engine(audit=AuditLog(tmp_path / "audit.jsonl"))
    engine.generate(USER)
    assert engine.generate(USER, guarded=False).initial_potential is None
    guarded, unguarded = read_records(tmp_path / "audit.jsonl")
    assert engine.calibration is None
    assert (guarded["preset"], guarded["calibration"]) == ("default", None)
    assert guarded["calibration_digest"] is None
    assert (guarded["initial_potential"], unguarded["initial_potential"]) == (0.0, None)


def test_progress_is_reported_after_every_conversation() -> None:
    seen: list[tuple[int, int]] = []
    calibrate(
        scripted_engine(*QUIET),
        TALK,
        HARM,
        budget=0.25,
        max_new_tokens=1,
        on_progress=lambda *done: seen.append(done),
    )
    assert seen == [(n, 13) for n in range(1, 14)]


def test_too_few_requests_are_refused_before_any_is_answered() -> None:
    seen: list[int] = []
    with pytest.raises(ConfigurationError, match="at least 147"):
        calibrate(scripted_engine(), TALK, HARM, on_progress=lambda done, _: seen.append(done))
    assert seen == []
