"""Where the server, the key and the namespace come from, and the file that keeps them."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from cli.conftest import Cli
from cli.processes import environment, run
from support import Api


@pytest.fixture
def config_file(tmp_path: Path) -> Path:
    return tmp_path / ".config" / "artifactd" / "config.toml"


def write(path: Path, text: str, mode: int = 0o600) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)


def test_flags_beat_variables_and_variables_beat_the_file(server: Api, tmp_path: Path, config_file: Path) -> None:
    bad, worse = "http://127.0.0.1:1", "http://127.0.0.1:2"
    write(config_file, f'server = "{worse}"\n')

    by_file = run(environment(tmp_path), "run", "list")
    by_variable = run(environment(tmp_path, ARTIFACTD_SERVER=bad), "run", "list")
    by_flag = run(environment(tmp_path, ARTIFACTD_SERVER=bad), "run", "list", "--server", server.url)

    assert (worse in by_file.err, bad in by_variable.err, by_flag.code) == (True, True, 0)


def test_the_namespace_of_the_file_counts_and_an_empty_flag_lifts_it(cli: Cli, server: Api, config_file: Path) -> None:
    server.artifact(name="here", namespace="research")
    server.artifact(name="there", namespace="production")
    write(config_file, 'namespace = "research"\n')

    assert len(cli("artifact", "list", "-q").out.splitlines()) == 1
    assert len(cli("artifact", "list", "-q", "--namespace", "").out.splitlines()) == 2
    assert "namespace" not in cli("artifact", "list", "-q", ARTIFACTD_NAMESPACE="").err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('servr = "x"', "has the key 'servr' (did you mean 'server'?); it can have server, api_key, namespace"),
        ("server = 3", "server must be text in quotes"),
        ("server =", "is not a TOML file"),
    ],
)
def test_a_file_that_is_not_right_ends_with_2(cli: Cli, config_file: Path, text: str, said: str) -> None:
    write(config_file, text)

    done = cli("run", "list")

    assert (done.code, done.out) == (2, "")
    assert said in done.err


def test_a_file_that_is_named_must_be_there(cli: Cli, tmp_path: Path) -> None:
    done = cli("run", "list", ARTIFACTD_CONFIG=f"{tmp_path}/missing.toml")

    assert done.code == 2
    assert "there is no such file. `artifactd config set server URL` makes it" in done.err


@pytest.mark.parametrize(("mode", "warned"), [(0o644, True), (0o640, True), (0o600, False)])
def test_a_key_that_others_may_read_is_warned_about(cli: Cli, config_file: Path, mode: int, warned: bool) -> None:
    write(config_file, 'api_key = "secret"\n', mode)

    done = cli("run", "list")

    assert done.code == 0
    assert ("holds an API key that others may read: chmod 600" in done.err) == warned


def test_what_is_set_is_kept_where_only_the_owner_reads(cli: Cli, config_file: Path) -> None:
    write(config_file, '# mine\nnamespace = "a"\n', 0o644)

    cli("config", "set", "api_key", "-", stdin='se"cret\\\n')
    done = cli("config", "set", "namespace", "b")

    assert (done.code, done.out) == (0, "")
    assert config_file.read_text() == '# mine\nnamespace = "b"\napi_key = "se\\"cret\\\\"\n'
    assert stat.S_IMODE(config_file.stat().st_mode) == 0o600


def test_an_empty_value_removes_a_key(cli: Cli, config_file: Path) -> None:
    cli("config", "set", "namespace", "b")

    assert cli("config", "set", "namespace", "").code == 0
    assert config_file.read_text() == ""


def test_a_server_that_is_no_url_is_not_kept(cli: Cli, config_file: Path) -> None:
    done = cli("config", "set", "server", "localhost")

    assert (done.code, config_file.exists()) == (2, False)


def test_what_counts_is_shown_with_where_it_comes_from_but_no_key(cli: Cli, server: Api, config_file: Path) -> None:
    write(config_file, 'api_key = "0123456789abcdefghij"\n')

    assert cli("config", "show").out.splitlines() == [
        f"server      {server.url}  (ARTIFACTD_SERVER)",
        f"api_key     …ghij  ({config_file})",
        "namespace   -  (not set)",
    ]


def test_a_short_key_is_not_shown_at_all(cli: Cli) -> None:
    assert "api_key     …  (ARTIFACTD_API_KEY)" in cli("config", "show", ARTIFACTD_API_KEY="short").out


@pytest.mark.parametrize(
    ("variables", "path"),
    [
        ({}, "{home}/.config/artifactd/config.toml"),
        ({"XDG_CONFIG_HOME": "/xdg"}, "/xdg/artifactd/config.toml"),
        ({"XDG_CONFIG_HOME": "/xdg", "ARTIFACTD_CONFIG": "/mine.toml"}, "/mine.toml"),
    ],
)
def test_the_file_is_where_it_is_expected(cli: Cli, tmp_path: Path, variables: dict[str, str], path: str) -> None:
    assert cli("config", "path", **variables).out == path.format(home=tmp_path) + "\n"
