"""Every example runs offline on the embedded pair."""

import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(autouse=True)
def _as_scripts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(EXAMPLES))


def run(name: str, capsys: pytest.CaptureFixture[str]) -> str:
    runpy.run_path(str(EXAMPLES / name), run_name="__main__")
    return capsys.readouterr().out


def run_apart(name: str, folder: Path) -> str:
    """Run an example in a process of its own, for hosts that warn or keep tasks running."""
    names = ("HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR")
    environment = {**os.environ, **dict.fromkeys(names, str(folder))}
    command = [sys.executable, str(EXAMPLES / name)]
    done = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_chain(capsys: pytest.CaptureFixture[str]) -> None:
    assert "Paris" in run("chain.py", capsys)


def test_rag_chain_cites_the_document_with_the_answer(
    capsys: pytest.CaptureFixture[str],
) -> None:
    said = run("rag_chain.py", capsys)
    assert "9:30. [fair]" in said
    assert "baker" in said
    assert "[people]" in said


def test_tool_agent_calls_tools_and_uses_their_results(capsys: pytest.CaptureFixture[str]) -> None:
    said = run("tool_agent.py", capsys)
    assert "get_weather" in said
    assert "21 degrees" in said
    assert "duration: 25" in said


def test_graph_sends_the_attacked_answer_to_review(capsys: pytest.CaptureFixture[str]) -> None:
    said = run("graph.py", capsys)
    assert said.count("held for review") == 1


def test_transformers_generate_refuses_the_attack(capsys: pytest.CaptureFixture[str]) -> None:
    harmless, attack = run("transformers_generate.py", capsys).split("== ")[1:]
    assert "Paris" in harmless
    assert "spikes 0" in harmless
    assert "sorry" in attack
    assert "spikes 0" not in attack


def test_streaming_shows_the_potential(capsys: pytest.CaptureFixture[str]) -> None:
    assert "potential" in run("streaming.py", capsys)


def test_agent_guard_stops_the_attack_and_lets_others_pass(
    capsys: pytest.CaptureFixture[str],
) -> None:
    said = run("agent_guard.py", capsys)
    harmless, attack, hidden = said.split("== ")[1:]
    assert "Paris." in harmless
    assert "stopped by a safety policy" in attack
    assert "system prompt" not in hidden
    assert "baker" in hidden


def test_rag_guard_removes_the_hidden_instruction(
    capsys: pytest.CaptureFixture[str],
) -> None:
    said = run("rag_guard.py", capsys)
    assert "9:30" in said
    assert "cheap.example" not in said
    assert "$85" in said


def test_memory_goes_on_after_a_stopped_request(capsys: pytest.CaptureFixture[str]) -> None:
    said = run("memory.py", capsys)
    assert "Paris" in said
    assert said.count("[refusal]") == 1
    assert "steal" not in said
    assert "Three colours" in said


def test_human_review_waits_for_each_flagged_request(capsys: pytest.CaptureFixture[str]) -> None:
    harmless, car, baseball = run("human_review.py", capsys).split("== ")[1:]
    assert "waits" not in harmless
    assert "waits" in car
    assert "stopped by a safety policy" in car
    assert "waits" in baseball
    assert "stopped" not in baseball
    assert "'decision': 'allow', 'reviewer': 'r-17', 'reason_code': 'sport'" in baseball


def test_several_agents_read_no_hidden_instruction(capsys: pytest.CaptureFixture[str]) -> None:
    said = run("several_agents.py", capsys)
    assert "librarian reads: This was stopped by a safety policy." in said
    assert "desk reads: Clara works as a baker." in said
    assert "desk says:  She is a baker." in said
    assert "system prompt" not in said


def test_inspect_task_has_controls(tmp_path: Path) -> None:
    pytest.importorskip("inspect_ai", reason="needs the extra `inspect`")
    lines = run_apart("inspect_task.py", tmp_path).splitlines()
    shares = {row.split("base")[0].strip(): row.split()[-1] for row in lines}
    assert shares["harmful, forced opening"] == "100%"
    assert shares["harmless, plain"] == "0%"
    assert shares["a question"] == "0%"
    assert not list(tmp_path.glob("logs*"))


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.py")), ids=lambda path: path.stem)
def test_every_example_is_tested_or_takes_a_file(path: Path) -> None:
    source = Path(__file__).read_text(encoding="utf-8")
    is_run = f'run("{path.name}"' in source or f'run_apart("{path.name}"' in source
    takes_a_file_or_is_imported = path.name in ("guard_prompts.py", "minilm.py")
    assert is_run or takes_a_file_or_is_imported
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 110
