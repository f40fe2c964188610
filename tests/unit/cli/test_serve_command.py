"""`ngsd-guard serve`, without a web server."""

import socket
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ngsd_guard import cli, server
from ngsd_guard.cli import _common
from ngsd_guard.server import ServerState
from ngsd_guard.testing import scripted_engine


@pytest.fixture
def runner(monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setattr(_common, "open_engine", lambda *arguments: scripted_engine())
    return CliRunner()


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[ServerState]:
    states: list[ServerState] = []

    def serve(app: Any, **_: Any) -> None:
        states.append(app.state.ngsd)

    monkeypatch.setattr(server, "serve", serve)
    return states


def test_only_this_machine_is_served_by_default(
    runner: CliRunner, served: list[ServerState]
) -> None:
    result = runner.invoke(cli.app, ["serve", "--pair", "ngsd-mini"])
    assert result.exit_code == 0
    assert "Warning" not in result.output
    (state,) = served
    assert state.settings.host == "127.0.0.1"
    assert "localhost" in state.settings.allowed_hosts
    assert state.model_name == "ngsd-mini"


def test_other_addresses_without_keys_are_warned_about(
    runner: CliRunner, served: list[ServerState], tmp_path: Path
) -> None:
    result = runner.invoke(cli.app, ["serve", "--host", "0.0.0.0"])
    assert "Warning: everyone who can reach 0.0.0.0" in result.output
    keys = tmp_path / "keys"
    keys.write_text("a-key\n")
    result = runner.invoke(cli.app, ["serve", "--host", "0.0.0.0", "--api-key-file", str(keys)])
    assert "Warning" not in result.output
    assert served[1].settings.allowed_hosts == ()
    assert "a-key" not in repr(served[1].settings)


@pytest.mark.parametrize(
    ("options", "is_on"),
    [
        ([], True),
        (["--no-playground"], False),
        (["--host", "::1"], True),
        (["--host", "0.0.0.0"], False),
        (["--host", "0.0.0.0", "--playground"], True),
    ],
)
def test_playground_is_on_by_default_where_only_this_machine_reaches_it(
    runner: CliRunner, served: list[ServerState], options: list[str], is_on: bool
) -> None:
    runner.invoke(cli.app, ["serve", *options])
    assert served[0].settings.playground is is_on


def test_an_upstream_is_refused_by_name(runner: CliRunner) -> None:
    result = runner.invoke(cli.app, ["serve", "--upstream", "http://127.0.0.1:9/v1"])
    assert result.exit_code != 0
    assert "upstream" in str(result.exception) + result.output


def test_taken_port_is_named(runner: CliRunner) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = runner.invoke(cli.app, ["serve", "--port", str(port)])
    assert result.exit_code == 1
    assert f"cannot listen on 127.0.0.1, port {port}" in result.output
