"""Every example runs offline on the embedded pair, as its reader would run it."""

import runpy
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"


def run(name: str, capsys: pytest.CaptureFixture[str]) -> str:
    runpy.run_path(str(EXAMPLES / name), run_name="__main__")
    return capsys.readouterr().out


def test_chain(capsys: pytest.CaptureFixture[str]) -> None:
    assert "Paris" in run("chain.py", capsys)


def test_rag_chain_cites_the_document_that_holds_the_answer(
    capsys: pytest.CaptureFixture[str],
) -> None:
    said = run("rag_chain.py", capsys)
    assert "[library]" in said
    assert "baker" in said
    assert "[people]" in said


def test_tool_agent_calls_tools_and_uses_their_results(capsys: pytest.CaptureFixture[str]) -> None:
    said = run("tool_agent.py", capsys)
    assert "get_weather" in said
    assert "21 degrees" in said
    assert "minutes: 25" in said


def test_graph_sends_the_attacked_answer_to_review(capsys: pytest.CaptureFixture[str]) -> None:
    said = run("graph.py", capsys)
    assert said.count("held for review") == 1


def test_streaming_shows_the_potential(capsys: pytest.CaptureFixture[str]) -> None:
    assert "potential" in run("streaming.py", capsys)


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.py")), ids=lambda path: path.stem)
def test_every_example_is_run_by_a_test_or_takes_a_file(path: Path) -> None:
    is_run = f'run("{path.name}"' in Path(__file__).read_text(encoding="utf-8")
    assert is_run or "PROMPTS" in path.read_text(encoding="utf-8")
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 110
