"""The command line, with a scripted pair instead of loaded models."""

import json
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from torch import Tensor
from typer.testing import CliRunner

from _fakes import read_records
from ngsd_guard import (
    AuditError,
    AuditLog,
    Engine,
    NGSDConfig,
    NonFiniteLogitsError,
    __version__,
    cli,
)
from ngsd_guard.cli import _common
from ngsd_guard.pairs import Pair
from ngsd_guard.testing import ScriptedCache, ScriptedModel, scripted_engine

_REFUSAL = "I'm sorry, but I can't help with that."


def _open_scripted(
    base: str, expert: str | None, preset: str | None, audit: Path | None, *_: object
) -> Engine:
    return scripted_engine(audit=None if audit is None else AuditLog(audit))


@pytest.fixture
def runner(monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setattr(_common, "open_engine", _open_scripted)
    return CliRunner()


def _use_engine(monkeypatch: pytest.MonkeyPatch, engine: Engine) -> None:
    monkeypatch.setattr(_common, "open_engine", lambda *arguments: engine)


def test_the_version_is_printed(runner: CliRunner) -> None:
    result = runner.invoke(cli.app, ["--version"])
    assert (result.exit_code, result.stdout.strip()) == (0, f"ngsd-guard {__version__}")


def test_help_names_the_commands(runner: CliRunner) -> None:
    result = runner.invoke(cli.app, ["--help"])
    assert result.exit_code == 0
    assert "demo" in result.stdout
    assert "chat" in result.stdout


def test_the_command_line_imports_no_transformers() -> None:
    heavy = "{'transformers', 'langchain_core'}"
    program = f"import sys, ngsd_guard.cli; sys.exit(bool({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_the_demo_shows_both_answers_and_writes_its_files(
    runner: CliRunner, tmp_path: Path
) -> None:
    out = tmp_path / "new" / "folder"
    result = runner.invoke(cli.app, ["demo", "--out", str(out)])
    assert result.exit_code == 0, result.output
    assert "Sure, here is how." in result.stdout
    assert "0 of 4 unguarded, 4 of 4 guarded" in result.stdout
    assert str(out / "potential.svg") in result.stdout
    assert (out / "potential.svg").read_text().startswith("<svg")
    assert len(read_records(out / "audit.jsonl")) == 2 * 9
    assert "\x1b" not in result.stdout  # no colours into a pipe


def test_the_demo_fits_a_narrow_terminal(
    runner: CliRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "50")
    result = runner.invoke(cli.app, ["demo", "--out", str(tmp_path)])
    assert result.exit_code == 0, result.output
    answers = result.stdout.split("token overridden")[0]
    assert max(map(len, answers.splitlines())) <= 50


def test_an_unknown_preset_is_one_line_on_stderr() -> None:
    result = CliRunner().invoke(cli.app, ["chat", "--preset", "bogus"])
    assert result.exit_code == 1
    assert result.stderr.startswith("ngsd-guard: unknown preset 'bogus'")
    assert result.stderr.count("\n") == 1
    assert result.stdout == ""


def test_a_missing_model_is_one_line_on_stderr(tmp_path: Path) -> None:
    arguments = ["--base", str(tmp_path), "--expert", str(tmp_path)]
    result = CliRunner().invoke(cli.app, ["chat", *arguments])
    assert result.exit_code == 1
    assert "cannot load a model" in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_base_without_an_expert_is_one_line_on_stderr(tmp_path: Path) -> None:
    result = CliRunner().invoke(cli.app, ["demo", "--base", "x", "--out", str(tmp_path / "out")])
    assert result.exit_code == 1
    assert "no expert for 'x'" in result.stderr


def test_a_folder_that_cannot_be_created_is_one_line_on_stderr(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = CliRunner().invoke(cli.app, ["demo", "--out", str(tmp_path / "file")])
    assert result.exit_code == 1
    assert "cannot open the audit log" in result.stderr


def test_a_chat_answers_and_draws_the_potential(runner: CliRunner) -> None:
    result = runner.invoke(cli.app, ["chat"], input="How?\n")
    assert result.exit_code == 0, result.output
    assert _REFUSAL in result.stdout
    assert "> How?" in result.stdout
    assert "█" in result.stdout
    assert "risk 9.0" in result.stdout


def test_an_unguarded_chat_is_the_base_alone(runner: CliRunner) -> None:
    result = runner.invoke(cli.app, ["chat", "--unguarded"], input="How?\n/exit\nnever read\n")
    assert "Sure, here is how." in result.stdout
    assert _REFUSAL not in result.stdout
    assert "never read" not in result.stdout
    assert "█" not in result.stdout


class _Recorder(ScriptedModel):
    """Records its conversations."""

    def __init__(self, reply: str, **options: int) -> None:
        super().__init__(reply, scores=(9, 9, 0, 0), **options)
        self.seen: list[list[tuple[str, str]]] = []

    def encode_chat(self, messages: Sequence[object], tools: object = ()) -> list[int]:
        turns = [(turn["role"], turn["content"]) for turn in messages]
        if turns[-1][0] != "assistant":
            self.seen.append(turns)
        return super().encode_chat(messages)


def _conversations(model: _Recorder) -> list[list[tuple[str, str]]]:
    return [turns for turns in model.seen if "severityScore" not in str(turns)]


def test_the_conversation_is_kept_until_it_is_reset(monkeypatch: pytest.MonkeyPatch) -> None:
    base = _Recorder("Yes.")
    _use_engine(monkeypatch, Engine(Pair(base, ScriptedModel("Yes."))))
    result = CliRunner().invoke(
        cli.app, ["chat", "--system", "Be kind."], input="one\n\ntwo\n/what\n/reset\nthree\n"
    )
    assert result.exit_code == 0, result.output
    system = ("system", "Be kind.")
    assert _conversations(base) == [
        [system, ("user", "one")],
        [system, ("user", "one"), ("assistant", "Yes."), ("user", "two")],
        [system, ("user", "three")],
    ]
    assert "use /reset or /exit" in result.stdout


def test_a_conversation_that_exceeds_the_context_can_continue(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    base = _Recorder("Yes.", context_length=4_000)
    _use_engine(monkeypatch, Engine(Pair(base, ScriptedModel("Yes."))))
    result = CliRunner().invoke(cli.app, ["chat", "--unguarded"], input=f"{'x' * 5_000}\nshort\n")
    assert result.exit_code == 0, result.output
    assert "context length is 4000" in " ".join(result.stdout.split())
    assert "/reset" in result.stdout
    assert "Yes." in result.stdout
    assert _conversations(base)[-1] == [("user", "short")]


class _Interrupted(ScriptedModel):
    """Receives Ctrl-C at its fifth token."""

    def forward(self, input_ids: Sequence[int], cache: ScriptedCache) -> Tensor:
        logits = super().forward(input_ids, cache)
        if bytes(cache.token_ids[-4:]) == self.reply.encode()[:4]:
            signal.raise_signal(signal.SIGINT)
        return logits


def test_an_interrupt_cancels_the_answer_and_not_the_chat(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "audit.jsonl"
    model = _Interrupted("Sure, here is how.")
    _use_engine(monkeypatch, Engine(Pair(model, ScriptedModel("No.")), audit=AuditLog(path)))
    handler = signal.getsignal(signal.SIGINT)
    result = CliRunner().invoke(cli.app, ["chat", "--unguarded"], input="one\ntwo\n")
    assert result.exit_code == 0, result.output
    assert result.stdout.count("cancelled; turn discarded") == 2
    assert "here is how" not in result.stdout
    assert signal.getsignal(signal.SIGINT) is handler
    records = read_records(path)
    assert [(r["status"], r["num_messages"]) for r in records] == [("cancelled", 1)] * 2


def test_an_interrupt_at_the_prompt_exits_cleanly(
    runner: CliRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_arguments: object, **_options: object) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr("rich.console.Console.input", interrupt)
    assert runner.invoke(cli.app, ["chat"]).exit_code == 0


def test_a_failed_answer_does_not_end_the_chat(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken(ScriptedModel):
        def forward(self, input_ids: Sequence[int], cache: ScriptedCache) -> Tensor:
            raise NonFiniteLogitsError("broken", 3)

    _use_engine(monkeypatch, Engine(Pair(Broken(""), ScriptedModel(""))))
    result = CliRunner().invoke(cli.app, ["chat"], input="one\ntwo\n")
    assert result.exit_code == 0, result.output
    assert result.stdout.count("non-finite logits") == 2


def test_an_answer_that_cannot_be_recorded_ends_the_chat(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    log = AuditLog(tmp_path / "audit.jsonl")
    _use_engine(monkeypatch, scripted_engine(audit=log))
    log.close()
    result = CliRunner().invoke(cli.app, ["chat"], input="one\ntwo\n")
    assert result.exit_code == 1
    assert "is closed" in result.stderr
    assert isinstance(result.exception, SystemExit | AuditError)


def test_an_answer_at_its_maximum_length_says_so(runner: CliRunner) -> None:
    result = runner.invoke(cli.app, ["chat", "--max-new-tokens", "5"], input="How?\n")
    assert "--max-new-tokens" in result.stdout


def test_the_options_reach_the_loader(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    seen: list[object] = []

    def load(
        base: str, expert: str | None, config: NGSDConfig, *, audit: AuditLog, backend: str | None
    ) -> Engine:
        seen.extend([base, expert, config.preset_name, audit.path, backend])
        return scripted_engine()

    monkeypatch.setattr("ngsd_guard.engine.load_engine", load)
    arguments = ["--base", "b", "--expert", "e", "--preset", "paper", "--audit", str(tmp_path)]
    arguments += ["--backend", "llama.cpp"]
    assert CliRunner().invoke(cli.app, ["chat", *arguments]).exit_code == 0
    assert seen == ["b", "e", "paper", tmp_path / "audit.jsonl", "llama.cpp"]


def test_invalid_bytes_do_not_end_the_chat(runner: CliRunner) -> None:
    result = runner.invoke(cli.app, ["chat"], input=b"caf\xc3\xa9 \xff\n")
    assert result.exit_code == 0, result.output
    assert "caf\u00e9 \ufffd" in result.stdout


def test_pairs_lists_the_known_pairs_and_where_their_bases_come_from() -> None:
    result = CliRunner().invoke(cli.app, ["pairs"])
    assert result.exit_code == 0
    assert "ngsd-mini-lora" in result.output
    listed = json.loads(CliRunner().invoke(cli.app, ["pairs", "--json"]).output)
    assert {pair["name"] for pair in listed} >= {"ngsd-mini"}
