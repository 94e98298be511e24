"""Fixtures of the command line's tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cli.processes import Done, environment, run
from support import Api, running_app

Cli = Callable[..., Done]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """A real server over an empty store, one for the tests of a file."""
    with running_app(f"sqlite:///{tmp_path_factory.mktemp('store')}/store.db") as (url, _):
        api = Api(url)
        yield api
        api.close()


@pytest.fixture
def env(server: Api, tmp_path: Path) -> dict[str, str]:
    """An environment that names the server and nothing else."""
    return environment(tmp_path, ARTIFACTD_SERVER=server.url)


@pytest.fixture
def cli(env: dict[str, str]) -> Cli:
    """Runs `artifactd` against the server, with pipes."""

    def run_it(*arguments: object, stdin: str | bytes = "", **more: str) -> Done:
        return run(env | more, *arguments, stdin=stdin)

    return run_it
