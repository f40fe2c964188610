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


def test_an_upstream_has_its_key_from_a_file_or_the_environment(
    runner: CliRunner,
    served: list[ServerState],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    keys = tmp_path / "key"
    keys.write_text("# theirs\nkey-in-a-file\n")
    monkeypatch.setenv("NGSD_UPSTREAM_KEY", "key-in-a-variable")
    options = ["serve", "--upstream", "https://127.0.0.1:9/v1", "--upstream-model", "ours=theirs"]
    written = runner.invoke(cli.app, [*options, "--upstream-key-file", str(keys)]).output
    written += runner.invoke(cli.app, options).output
    monkeypatch.delenv("NGSD_UPSTREAM_KEY")
    written += runner.invoke(cli.app, options).output
    found = [state.settings.upstream for state in served]
    values = [each.key.get_secret_value() if each and each.key else None for each in found]
    assert values == ["key-in-a-file", "key-in-a-variable", None]
    assert all(each is not None and each.models == {"ours": "theirs"} for each in found)
    assert "key-in" not in written + repr([state.settings for state in served])
    assert "Warning" not in written


@pytest.mark.parametrize(
    "options",
    [
        ["--upstream", "ftp://a/v1"],
        ["--upstream", "https://user:zebra-secret@a/v1"],
        ["--upstream", "https://a/v1?key=zebra-secret"],
        ["--upstream", "https://a/v1", "--upstream-model", "ours"],
        ["--upstream-model", "ours=theirs"],
        ["--upstream", "https://a/v1", "--upstream-key-file", "missing"],
    ],
)
def test_wrong_upstreams_are_refused_without_their_secrets(
    runner: CliRunner, served: list[ServerState], options: list[str]
) -> None:
    result = runner.invoke(cli.app, ["serve", *options])
    assert result.exit_code != 0
    assert served == []
    assert "upstream" in (result.output + str(result.exception)).lower()
    assert "zebra-secret" not in result.output + str(result.exception)


@pytest.mark.parametrize("key", ["a b\n", "a\nX-Injected: 1", "\u00e9"])
def test_a_key_that_would_break_headers_is_refused_without_it(
    runner: CliRunner, served: list[ServerState], key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NGSD_UPSTREAM_KEY", key)
    result = runner.invoke(cli.app, ["serve", "--upstream", "https://a/v1"])
    assert result.exit_code != 0
    assert key.strip() not in result.output + str(result.exception)


def test_a_key_over_plain_http_is_warned_about(
    runner: CliRunner, served: list[ServerState], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NGSD_UPSTREAM_KEY", "a-key")
    for url, is_open in [("http://192.0.2.1/v1", True), ("http://127.0.0.1/v1", False)]:
        result = runner.invoke(cli.app, ["serve", "--upstream", url])
        assert ("Warning: the upstream's key" in result.output) is is_open


def test_taken_port_is_named(runner: CliRunner) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = runner.invoke(cli.app, ["serve", "--port", str(port)])
    assert result.exit_code == 1
    assert f"cannot listen on 127.0.0.1, port {port}" in result.output
