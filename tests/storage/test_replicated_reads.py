"""Reads from replicas: which one is read, how old that is said to be, and what happens when one fails.

The replicas here are stores that only hold what a test writes into them, heartbeats too.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, ExitStack

import pytest
import structlog
from engines.databases import Databases
from sqlalchemy import text

from artifactd.errors import Internal, NotFound, Unavailable
from artifactd.storage.heartbeats import Heartbeats
from artifactd.storage.replicas import Pace, Replica, ReplicatedStore
from artifactd.storage.statements import ReadFunction, Result, Statement, Transaction
from artifactd.storage.store import Store, StoreState, open_store

pytestmark = [pytest.mark.anyio, pytest.mark.engines("sqlite")]
DAY_US = 24 * 3_600 * 1_000_000
BEATS = Statement(text("SELECT process_id, beat, beaten_at_us FROM heartbeats ORDER BY beaten_at_us"))
PUT = Statement(text("INSERT OR REPLACE INTO heartbeats VALUES (:process_id, :beat, :beaten_at_us)"))
FAST = Pace(every_s=0.001, silence_max_s=0.05, misses_max=3)


class Moment:
    """A clock in seconds that a test moves."""

    def __init__(self) -> None:
        self.now_s = 1_000.0

    def __call__(self) -> float:
        return self.now_s


class Unwell(Store):
    """A store whose reads can be made to fail, or to hang, and that the test closes itself."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.error: Exception | None = None
        self.hanging = False
        self.reads = 0

    async def read(self, function: ReadFunction[Result], *, scan: bool = False) -> Result:
        self.reads += 1
        if self.hanging:
            await asyncio.Event().wait()
        if self.error is not None:
            raise self.error
        return await self._store.read(function, scan=scan)

    async def write(self, function: ReadFunction[Result], *, heavy: bool = False) -> Result:
        return await self._store.write(function, heavy=heavy)

    async def check(self) -> None:
        await self._store.check()

    def state(self) -> StoreState:
        return self._store.state()

    async def close(self) -> None:
        pass


def lost() -> Unavailable:
    """What a store raises whose server has failed."""
    error = Unavailable("the database cannot be reached", retry_after_s=1)
    error.__cause__ = OSError("connection refused")
    return error


async def until(condition: Callable[[], object]) -> None:
    """Waits until a condition is met."""
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110  # What is waited for is no test's to tell.
            await asyncio.sleep(0.001)


class Scene:
    """A primary, and stores that stand for replicas."""

    def __init__(self, stores: list[Store], stack: AsyncExitStack) -> None:
        self.primary, *self.copies = stores
        self.moment = Moment()
        self.wall_us = 10 * DAY_US
        self.heartbeats = Heartbeats(self.primary, lambda: self.wall_us, now_s=self.moment, remembered=5)
        self._stack = stack

    async def replicate(self, *copies: Store) -> None:
        """Copies the heartbeats of the primary."""
        rows = await self.primary.read(lambda transaction: transaction.rows(BEATS))
        for copy in copies:

            def put(transaction: Transaction) -> None:
                for process_id, beat, beaten_at_us in rows:
                    values = {"process_id": process_id, "beat": beat, "beaten_at_us": beaten_at_us}
                    transaction.run(PUT, values)

            await copy.write(put)

    async def serve(self, *stores: Store, looks: Sequence[Store] = ()) -> ReplicatedStore:
        """A store over the primary and such replicas, whose heartbeats a test makes itself."""
        pairs = zip(stores, looks or stores, strict=True)
        replicas = [Replica(number, *pair, self.heartbeats, FAST) for number, pair in enumerate(pairs)]
        store = ReplicatedStore(self.primary, Unwell(self.primary), replicas, Beatless(self.heartbeats), FAST)
        self._stack.push_async_callback(store.close)
        return store


class Beatless(Heartbeats):
    """Heartbeats that a test makes one by one."""

    def __init__(self, real: Heartbeats) -> None:
        self.__dict__ = real.__dict__

    async def beat(self) -> None:
        await asyncio.sleep(0)


@pytest.fixture
def urls(databases: Databases, engine: str) -> Iterator[list[str]]:
    """Three empty stores."""
    with ExitStack() as stack:
        yield [stack.enter_context(databases.empty_store(engine)) for _ in range(3)]


@pytest.fixture
async def scene(urls: list[str]) -> AsyncIterator[Scene]:
    """A primary and two empty stores."""
    stores = [await open_store(url) for url in urls]
    async with AsyncExitStack() as stack:
        yield Scene(stores, stack)
    for store in stores:
        await store.close()


def nothing(transaction: Transaction) -> str:
    """Reads nothing in particular."""
    del transaction
    return "read"


async def test_what_shows_a_heartbeat_is_as_old_as_that_is(scene: Scene) -> None:
    await scene.heartbeats.beat()
    await scene.replicate(scene.copies[0])
    scene.moment.now_s += 7.5
    await scene.heartbeats.beat()
    scene.moment.now_s += 2

    assert await scene.primary.read(scene.heartbeats.age_s) == 2
    assert await scene.copies[0].read(scene.heartbeats.age_s) == 9.5
    assert await scene.copies[1].read(scene.heartbeats.age_s) == float("inf")


async def test_another_process_tells_nothing_by_the_heartbeats_of_this_one(scene: Scene) -> None:
    await scene.heartbeats.beat()

    other = Heartbeats(scene.primary, lambda: scene.wall_us)

    assert await scene.primary.read(other.age_s) == float("inf")


async def test_no_more_heartbeats_are_remembered_than_were_agreed(scene: Scene) -> None:
    await scene.heartbeats.beat()
    await scene.replicate(scene.copies[0])
    for _ in range(4):
        await scene.heartbeats.beat()
    assert await scene.copies[0].read(scene.heartbeats.age_s) == 0

    await scene.heartbeats.beat()

    assert await scene.copies[0].read(scene.heartbeats.age_s) == float("inf")
    assert len(scene.heartbeats._written_s) == 5


async def test_rows_of_processes_that_are_gone_are_forgotten_after_a_day(scene: Scene) -> None:
    await scene.heartbeats.beat()
    scene.wall_us += DAY_US // 2
    await Heartbeats(scene.primary, lambda: scene.wall_us).beat()
    assert len(await scene.primary.read(lambda transaction: transaction.rows(BEATS))) == 2

    scene.wall_us += DAY_US // 2 + 1
    await Heartbeats(scene.primary, lambda: scene.wall_us).beat()
    assert len(await scene.primary.read(lambda transaction: transaction.rows(BEATS))) == 2

    await scene.heartbeats.beat()
    assert len(await scene.primary.read(lambda transaction: transaction.rows(BEATS))) == 3


async def test_only_a_replica_that_is_fresh_enough_is_read(scene: Scene) -> None:
    await scene.heartbeats.beat()
    await scene.replicate(scene.copies[0])
    store = await scene.serve(scene.copies[0])
    await until(lambda: store.state().replica_ages_s == (0.0,))
    scene.moment.now_s += 3.25

    assert await store.read_within(nothing, max_age_s=4) == ("read", 3.25)
    assert await store.read_within(nothing, max_age_s=3) == ("read", None)
    assert await store.read_within(nothing, max_age_s=0) == ("read", None)
    assert store.state().replica_reads == (1,)


async def test_reads_are_shared_and_the_next_replica_helps_out(scene: Scene) -> None:
    await scene.heartbeats.beat()
    await scene.replicate(*scene.copies)
    first, second = (Unwell(copy) for copy in scene.copies)
    store = await scene.serve(first, second)
    await until(lambda: store.state().replica_ages_s == (0.0, 0.0))

    for _ in range(6):
        assert await store.read_within(nothing, max_age_s=1) == ("read", 0)
    assert store.state().replica_reads == (3, 3)

    second.error = lost()
    for _ in range(4):
        assert await store.read_within(nothing, max_age_s=1) == ("read", 0)
    assert store.state().replica_reads == (7, 3)


async def test_a_replica_that_fails_is_left_alone_until_it_is_well(scene: Scene) -> None:
    await scene.heartbeats.beat()
    await scene.replicate(scene.copies[0])
    replica = Unwell(scene.copies[0])
    with structlog.testing.capture_logs() as logs:
        store = await scene.serve(replica)
        await until(lambda: store.state().replica_ages_s == (0.0,))
        replica.error = lost()
        assert await store.read_within(nothing, max_age_s=1) == ("read", None)
        await until(lambda: len(logs) >= 3)
        looks = replica.reads
        await until(lambda: replica.reads > looks + 3)
        replica.error = None
        await until(lambda: store.state().replica_ages_s == (0.0,))
        assert await store.read_within(nothing, max_age_s=1) == ("read", 0)

    assert [(line["event"], line.get("cause")) for line in logs] == [
        ("a replica of the database can be read", None),
        ("a replica of the database is failing: the primary is read", "connection refused"),
        ("a replica of the database is away: the primary is read", "connection refused"),
        ("a replica of the database can be read", None),
    ]


async def test_a_replica_that_hangs_holds_nobody_up(scene: Scene) -> None:
    await scene.heartbeats.beat()
    await scene.replicate(scene.copies[0])
    replica = Unwell(scene.copies[0])
    store = await scene.serve(replica)
    await until(lambda: store.state().replica_ages_s == (0.0,))
    replica.hanging = True

    reads = [store.read_within(nothing, max_age_s=1, scan=scan) for scan in (False, True)]

    assert await asyncio.gather(*reads) == [("read", None)] * 2


async def test_nobody_turns_from_a_replica_that_hangs_to_one_that_was_found_to_hang(scene: Scene) -> None:
    await scene.heartbeats.beat()
    await scene.replicate(*scene.copies)
    replicas = [Unwell(copy) for copy in scene.copies]
    looks = [Unwell(copy) for copy in scene.copies]
    store = await scene.serve(*replicas, looks=looks)
    await until(lambda: store.state().replica_ages_s == (0.0, 0.0))

    replicas[0].hanging = replicas[1].hanging = True
    read = asyncio.ensure_future(store.read_within(nothing, max_age_s=1))
    await until(lambda: replicas[0].reads)
    looks[1].hanging = True
    await until(lambda: store.state().replica_ages_s == (0.0, float("inf")))
    looks[0].hanging = True

    assert await read == ("read", None)
    assert replicas[1].reads == 0


async def test_a_fault_of_a_replica_is_none_of_the_service(scene: Scene) -> None:
    await scene.heartbeats.beat()
    await scene.replicate(scene.copies[0])
    replica, looks = Unwell(scene.copies[0]), Unwell(scene.copies[0])
    store = await scene.serve(replica, looks=[looks])

    for error in (Internal("a fault"), Unavailable("it took too long"), Unavailable("full", retry_after_s=1)):
        await until(lambda: store.state().replica_ages_s == (0.0,))
        replica.error = error
        assert await store.read_within(nothing, max_age_s=1) == ("read", None)


async def test_a_scan_that_takes_too_long_is_not_tried_again_on_the_primary(scene: Scene) -> None:
    await scene.heartbeats.beat()
    await scene.replicate(scene.copies[0])
    store = await scene.serve(scene.copies[0])
    await until(lambda: store.state().replica_ages_s == (0.0,))

    def too_long(transaction: Transaction) -> None:
        nothing(transaction)
        raise Unavailable("it took longer than allowed")

    with pytest.raises(Unavailable, match="longer than allowed"):
        await store.read_within(too_long, max_age_s=1, scan=True)


async def test_a_store_behind_the_same_address_that_is_older_is_not_believed(scene: Scene) -> None:
    fresh, stale = scene.copies
    await scene.heartbeats.beat()
    await scene.replicate(stale)
    scene.moment.now_s += 100
    await scene.heartbeats.beat()
    await scene.replicate(fresh)
    store = await scene.serve(stale, looks=[fresh])
    await until(lambda: store.state().replica_ages_s == (0.0,))

    assert await store.read_within(nothing, max_age_s=50) == ("read", None)
    await until(lambda: store.state().replica_ages_s == (0.0,))
    assert await store.read_within(nothing, max_age_s=100) == ("read", 100)


async def test_a_store_without_a_heartbeat_of_this_server_is_not_read_and_the_log_says_so(scene: Scene) -> None:
    await scene.heartbeats.beat()
    with structlog.testing.capture_logs() as logs:
        store = await scene.serve(scene.copies[0])
        await until(lambda: logs)

        assert await store.read_within(nothing, max_age_s=2**31) == ("read", None)

    assert logs[0]["event"] == "a replica of the database is without a heartbeat: the primary is read"
    assert "no replica of this database" in logs[0]["cause"]
    assert store.state().replica_ages_s == (float("inf"),)


async def test_an_error_of_what_is_read_is_the_callers(scene: Scene) -> None:
    await scene.heartbeats.beat()
    store = await scene.serve(scene.copies[0])

    def absent(transaction: Transaction) -> None:
        nothing(transaction)
        raise NotFound("there is none")

    with pytest.raises(NotFound):
        await store.read_within(absent, max_age_s=0)
