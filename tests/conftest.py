"""Fixtures that every test may take."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Generator, Iterator
from pathlib import Path

import pytest
from support import Api, Clock, LiveServer, counted_ids, running_app

from artifactd.access import ANYONE
from artifactd.operations.context import Context
from artifactd.storage.store import Store, open_store


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where everything is required (ARTIFACTD_TEST_REQUIRE=all), a test that would be skipped fails."""
    report = yield
    if report.skipped and os.environ.get("ARTIFACTD_TEST_REQUIRE") == "all":
        report.outcome = "failed"
        report.longrepr = f"required, but skipped: {report.longrepr}"
    return report


@pytest.fixture
def anyio_backend() -> str:
    """Asynchronous tests run on asyncio."""
    return "asyncio"


@pytest.fixture(params=["sqlite"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty store of each engine."""
    urls = {"sqlite": f"sqlite:///{tmp_path}/store.db"}
    return urls[request.param]


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    """An open store of each engine, for tests marked `anyio`."""
    store = await open_store(database_url)
    yield store
    await store.close()


@pytest.fixture
def clock() -> Clock:
    """The server's clock, for tests to move."""
    return Clock()


@pytest.fixture
def context(clock: Clock) -> Context:
    """What an operation is told by a caller who may do everything."""
    return Context(ANYONE, clock(), counted_ids(), "")


@pytest.fixture
def api(database_url: str, clock: Clock) -> Iterator[Api]:
    """A client of the real application over an empty store of each engine."""
    with running_app(database_url, clock=clock) as (url, _):
        api = Api(url, clock)
        yield api
        api.close()


@pytest.fixture
def live_server(database_url: str) -> Iterator[LiveServer]:
    """`artifactd serve` as a process of its own, over an empty store of each engine."""
    server = LiveServer(database_url)
    yield server
    server.kill()
