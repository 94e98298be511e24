"""Writes: acknowledged together, failing alone, bounded, finished at a stop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable
from pathlib import Path
from typing import Any

import pytest
from storage.faulty_disk import FaultyDisk
from storage.records import count_of, names_of, new_artifact, writing

from artifactd.errors import AlreadyExists, NotFound, Unavailable, invalid
from artifactd.operations.artifacts import create_artifact
from artifactd.operations.context import Context
from artifactd.storage.statements import Transaction
from artifactd.storage.store import Store, StoreOptions, open_store

pytestmark = pytest.mark.anyio


async def stalled(disk: FaultyDisk) -> None:
    """Waits until a commit stands at the disk."""
    assert await asyncio.to_thread(disk.stalls.wait, 30)


@pytest.mark.engines("sqlite")
async def test_many_concurrent_writes_share_a_few_commits(store: Store, context: Context) -> None:
    before = store.state().commits

    await asyncio.gather(*(store.write(writing(context, f"a{number}")) for number in range(500)))

    assert store.state().commits - before < 50
    assert await store.read(count_of(context)) == 500


async def test_a_write_is_seen_by_the_next_read(store: Store, context: Context) -> None:
    for number in range(20):
        await store.write(writing(context, f"a{number}"))

        assert await store.read(count_of(context)) == number + 1
        assert await store.read(count_of(context), scan=True) == number + 1


async def test_a_write_that_fails_is_rolled_back_alone(store: Store, context: Context) -> None:
    def failing(transaction: Transaction) -> None:
        writing(context, "never")(transaction)
        raise NotFound("there is no such thing")

    writes = [store.write(writing(context, f"a{number}")) for number in range(3)]
    results = await asyncio.gather(writes[0], store.write(failing), *writes[1:], return_exceptions=True)

    assert isinstance(results[1], NotFound)
    assert await store.read(names_of(context)) == ["a0", "a1", "a2"]
    assert await store.read(count_of(context)) == 3


async def test_of_many_writes_at_once_those_that_fail_leave_nothing_and_the_others_are_kept_once(
    store: Store, context: Context
) -> None:
    def failing_at_once(_: Transaction) -> None:
        raise NotFound("there is no such thing")

    def failing_late(transaction: Transaction) -> None:
        writing(context, "never")(transaction)
        raise NotFound("there is no such thing")

    kept = [f"a{number:02}" for number in range(20)]
    writes: list[Awaitable[Any]] = [store.write(writing(context, name), heavy=name.endswith("5")) for name in kept]
    writes += [store.write(failing_at_once), store.write(failing_late), store.write(failing_late, heavy=True)]
    writes += [store.write(writing(context, f"b{number}")) for number in range(5)]
    results = await asyncio.gather(*writes, return_exceptions=True)

    assert [number for number, result in enumerate(results) if isinstance(result, NotFound)] == [20, 21, 22]
    assert sorted(await store.read(names_of(context))) == [*kept, "b0", "b1", "b2", "b3", "b4"]
    assert await store.read(count_of(context)) == 25


@pytest.mark.engines("postgresql", "mariadb")
async def test_a_refusal_is_given_only_once_two_looks_agree(store: Store) -> None:
    given = iter([invalid("run_id", "is elsewhere"), AlreadyExists("there is one"), AlreadyExists("there is one")])

    def refuse(_: Transaction) -> None:
        raise next(given)

    with pytest.raises(AlreadyExists):
        await store.write(refuse)


@pytest.mark.engines("postgresql", "mariadb")
async def test_a_write_that_is_refused_at_the_first_look_alone_is_done(store: Store) -> None:
    given = iter([invalid("run_id", "is elsewhere")])

    def refuse_once(_: Transaction) -> str:
        for error in given:
            raise error
        return "done"

    assert await store.write(refuse_once) == "done"


async def test_a_namespace_that_came_with_a_write_that_failed_comes_with_the_next(
    store: Store, context: Context
) -> None:
    def create(transaction: Transaction) -> str:
        return create_artifact(context, transaction, new_artifact("model", namespace="fresh")).namespace

    def failing(transaction: Transaction) -> str:
        create(transaction)
        raise NotFound("there is no such thing")

    failed = await asyncio.gather(store.write(failing), store.write(failing), return_exceptions=True)

    assert [type(result) for result in failed] == [NotFound, NotFound]
    assert await store.write(create) == "fresh"
    assert await store.read(count_of(context)) == 1


async def test_a_bug_in_a_write_reaches_its_caller_alone(store: Store, context: Context) -> None:
    def buggy(transaction: Transaction) -> None:
        writing(context, "never")(transaction)
        raise ZeroDivisionError

    results = await asyncio.gather(store.write(buggy), store.write(writing(context, "kept")), return_exceptions=True)

    assert isinstance(results[0], ZeroDivisionError)
    assert await store.read(names_of(context)) == ["kept"]


async def test_a_caller_who_goes_away_before_the_write_ran_leaves_nothing(database_url: str, context: Context) -> None:
    store = await open_store(database_url, StoreOptions(write_connections=1))
    began, may_end = threading.Event(), threading.Event()

    def held(transaction: Transaction) -> str:
        began.set()
        assert may_end.wait(30)
        return writing(context, "staying")(transaction)

    staying = asyncio.ensure_future(store.write(held, heavy=True))
    assert await asyncio.to_thread(began.wait, 30)
    leaving = asyncio.ensure_future(store.write(writing(context, "leaving")))
    await asyncio.sleep(0)
    leaving.cancel()
    may_end.set()

    await staying

    assert await store.read(names_of(context)) == ["staying"]
    await store.close()


async def test_a_caller_who_goes_away_during_the_commit_takes_nobodys_answer_along(
    disk: FaultyDisk, tmp_path: Path, context: Context
) -> None:
    store = await open_store(disk.url(tmp_path / "store.db"))
    disk.stalled_at = "-wal"
    writes = [asyncio.ensure_future(store.write(writing(context, f"a{number}"))) for number in range(5)]
    await stalled(disk)

    writes[0].cancel()
    writes[3].cancel()
    disk.goes_on.set()
    async with asyncio.timeout(30):
        results = await asyncio.gather(*writes, return_exceptions=True)

    gone = [isinstance(result, asyncio.CancelledError) for result in results]
    assert gone == [True, False, False, True, False]
    assert {"a1", "a2", "a4"} <= set(await store.read(names_of(context)))
    await store.close()


async def test_a_full_queue_refuses_at_once_and_loses_nothing(
    disk: FaultyDisk, tmp_path: Path, context: Context
) -> None:
    store = await open_store(disk.url(tmp_path / "store.db"), StoreOptions(write_queue_max=3))
    disk.stalled_at = "-wal"
    running = asyncio.ensure_future(store.write(writing(context, "running")))
    await stalled(disk)
    waiting = [asyncio.ensure_future(store.write(writing(context, f"waiting{number}"))) for number in range(3)]
    await asyncio.sleep(0)

    with pytest.raises(Unavailable, match="3 writes are waiting already") as refused:
        await store.write(writing(context, "refused"))

    assert refused.value.retry_after_s == 1
    assert store.state().writes_waiting == 3
    disk.goes_on.set()
    await asyncio.gather(running, *waiting)
    assert await store.read(names_of(context)) == ["running", "waiting0", "waiting1", "waiting2"]
    await store.close()


async def test_reads_go_on_while_a_commit_waits_for_the_disk(
    disk: FaultyDisk, tmp_path: Path, context: Context
) -> None:
    store = await open_store(disk.url(tmp_path / "store.db"))
    await store.write(writing(context, "first"))
    disk.stalled_at = "-wal"
    second = asyncio.ensure_future(store.write(writing(context, "second")))
    await stalled(disk)

    assert await store.read(names_of(context)) == ["first"]
    assert await store.read(names_of(context), scan=True) == ["first"]

    assert not second.done()
    disk.goes_on.set()
    await second
    await store.close()


async def test_a_heavy_write_leaves_the_event_loop_to_others(store: Store, context: Context) -> None:
    began, may_end = threading.Event(), threading.Event()

    def heavy(transaction: Transaction) -> str:
        began.set()
        assert may_end.wait(30)
        return writing(context, "heavy")(transaction)

    write = asyncio.ensure_future(store.write(heavy, heavy=True))
    assert await asyncio.to_thread(began.wait, 30)
    assert await store.read(names_of(context)) == []
    may_end.set()
    await write

    assert await store.read(names_of(context)) == ["heavy"]


async def test_a_heavy_write_that_fails_is_rolled_back_alone(store: Store, context: Context) -> None:
    def failing(transaction: Transaction) -> None:
        writing(context, "never")(transaction)
        raise NotFound("there is no such thing")

    results = await asyncio.gather(
        store.write(writing(context, "kept")), store.write(failing, heavy=True), return_exceptions=True
    )

    assert isinstance(results[1], NotFound)
    assert await store.read(names_of(context)) == ["kept"]


async def test_closing_finishes_the_writes_that_wait(database_url: str, context: Context) -> None:
    store = await open_store(database_url)
    writes = [asyncio.ensure_future(store.write(writing(context, f"a{number}"))) for number in range(600)]
    await asyncio.sleep(0)

    await store.close()

    async with asyncio.timeout(30):
        await asyncio.gather(*writes)
    again = await open_store(database_url)
    assert await again.read(count_of(context)) == 600
    await again.close()


async def test_a_store_that_closes_takes_no_more_writes(database_url: str, context: Context) -> None:
    store = await open_store(database_url)
    await store.close()

    with pytest.raises(Unavailable, match="stopping"):
        await store.write(writing(context, "late"))


async def test_closing_waits_for_a_checkpoint_that_runs(disk: FaultyDisk, tmp_path: Path, context: Context) -> None:
    store = await open_store(disk.url(tmp_path / "store.db"))
    await store.write(writing(context, "kept"))
    disk.stalled_at = ".db"
    await stalled(disk)

    closing = asyncio.create_task(store.close())
    await asyncio.sleep(0)
    disk.goes_on.set()
    await closing

    again = await open_store(f"sqlite:///{tmp_path}/store.db")
    assert await again.read(names_of(context)) == ["kept"]
    await again.close()


async def test_the_first_of_a_long_queue_is_not_kept_from_its_answer(
    store: Store, context: Context, engine: str
) -> None:
    writes = [asyncio.ensure_future(store.write(writing(context, f"a{number}"))) for number in range(1_000)]

    done, pending = await asyncio.wait(writes, return_when=asyncio.FIRST_COMPLETED)

    assert pending
    # The writer of SQLite takes no more at a time; elsewhere threads may be further by the time that one looks.
    assert engine != "sqlite" or len(done) <= 256
    await asyncio.gather(*pending)
    assert await store.read(count_of(context)) == 1_000
