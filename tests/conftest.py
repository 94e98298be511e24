"""Fixtures that every test may take."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from engines.databases import Databases
from support import Api, Clock, LiveServer, counted_ids, running_app

from artifactd.access import ANYONE
from artifactd.operations.context import Context
from artifactd.storage.store import Store, open_store

pytest_plugins = ["engines.selection"]


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


@pytest.fixture(scope="session")
def databases() -> Iterator[Databases]:
    """Empty stores and databases of every engine; a test that runs on each takes `engine` too."""
    databases = Databases(make_store)
    yield databases
    databases.close()


def make_store(url: str) -> None:
    """Makes an empty store of an empty database.

    On a thread of its own: a browser that is held open has an event loop running in the one of the tests.
    """

    async def make() -> None:
        await (await open_store(url)).close()

    with ThreadPoolExecutor(1) as threads:
        threads.submit(asyncio.run, make()).result()


@pytest.fixture
def database_url(engine: str, databases: Databases) -> Iterator[str]:
    """An empty store of each engine."""
    with databases.empty_store(engine) as url:
        yield url


@pytest.fixture
def server_url(database_url: str) -> str:
    """An empty store of each engine that is a server of its own; `database_url` is the same one."""
    return database_url


@pytest.fixture
def sqlite_url(databases: Databases) -> Iterator[str]:
    """An empty store of SQLite, for tests of what only SQLite has."""
    with databases.empty_store("sqlite") as url:
        yield url


@pytest.fixture
def empty_database_url(engine: str, databases: Databases) -> Iterator[str]:
    """A database of each engine without any table, for tests of how a store is made."""
    with databases.empty_database(engine) as url:
        yield url


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
