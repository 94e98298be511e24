"""Reads of a standby that are in the way of what it has to apply, which PostgreSQL stops."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from replicas.database import ANY_AGE, ReplicatedDatabase
from sqlalchemy import text

from artifactd.storage.statements import Statement, Transaction
from artifactd.storage.store import Store, open_store

pytestmark = [pytest.mark.anyio, pytest.mark.engines("postgresql")]
COUNT = Statement(text("SELECT count(*) FROM artifacts"))


@pytest.fixture(scope="module")
def database(engine: str) -> Iterator[ReplicatedDatabase]:
    """A store with one standby."""
    database = ReplicatedDatabase(engine, replicas=1)
    yield database
    database.close()


@pytest.fixture
async def replicated(database: ReplicatedDatabase) -> AsyncIterator[Store]:
    """The store, read from its standby too."""
    store = await open_store(database.url, read_urls=tuple(database.read_urls()))
    async with asyncio.timeout(60):
        while store.state().replica_ages_s == (float("inf"),):  # noqa: ASYNC110  # A real standby is waited for.
            await asyncio.sleep(0.01)
    yield store
    await store.close()


class Hindrance:
    """A function that reads twice, with something in between that the standby cannot apply beside it."""

    def __init__(self, database: ReplicatedDatabase, times: int) -> None:
        self._database = database
        self._times = times
        self.runs = 0

    def __call__(self, transaction: Transaction) -> int:
        """Reads; gives how often it was run."""
        self.runs += 1
        transaction.rows(COUNT)
        if self.runs <= self._times:
            with self._database.primary.connect(self._database.name) as connection:
                connection.execute("BEGIN", "LOCK TABLE artifacts IN ACCESS EXCLUSIVE MODE", "COMMIT")
            self._database.wait_for_all()
        transaction.rows(COUNT)
        return self.runs


async def test_a_read_that_the_standby_stopped_is_run_again_there(
    database: ReplicatedDatabase, replicated: Store
) -> None:
    runs, age_s = await replicated.read_within(Hindrance(database, 1), max_age_s=ANY_AGE)

    assert runs == 2
    assert age_s is not None
    assert replicated.state().conflicts == 1


async def test_a_read_that_the_standby_stops_again_and_again_is_run_on_the_primary(
    database: ReplicatedDatabase, replicated: Store
) -> None:
    found = await replicated.read_within(Hindrance(database, 3), max_age_s=ANY_AGE, scan=True)

    assert found == (4, None)
    assert replicated.state().conflicts == 2
