"""Reads: one consistent view each, and those that may scan apart, bounded and under a time limit."""

from __future__ import annotations

import asyncio
import threading

import pytest
from storage.records import count_of, endless, names_of, writing

from artifactd.errors import NotFound, Unavailable
from artifactd.operations.context import Context
from artifactd.storage.statements import Transaction
from artifactd.storage.store import Store, StoreOptions, TooLongHereError, open_store

pytestmark = pytest.mark.anyio


async def test_a_read_sees_one_moment_whatever_is_written_meanwhile(store: Store, context: Context) -> None:
    await store.write(writing(context, "before"))
    looked, written = threading.Event(), threading.Event()

    def twice(transaction: Transaction) -> tuple[list[str], list[str]]:
        first = names_of(context)(transaction)
        looked.set()
        assert written.wait(30)
        return first, names_of(context)(transaction)

    read = asyncio.create_task(store.read(twice, scan=True))
    assert await asyncio.to_thread(looked.wait, 30)
    await store.write(writing(context, "meanwhile"))
    written.set()

    assert await read == (["before"], ["before"])
    assert await store.read(names_of(context)) == ["before", "meanwhile"]


@pytest.mark.parametrize("scan", [False, True])
async def test_an_error_of_a_read_reaches_the_caller_and_leaves_the_next_alone(
    store: Store, context: Context, scan: bool
) -> None:
    def failing(transaction: Transaction) -> None:
        names_of(context)(transaction)
        raise NotFound("there is no such thing")

    for _ in range(5):
        with pytest.raises(NotFound):
            await store.read(failing, scan=scan)

    assert await store.read(names_of(context), scan=scan) == []


async def test_a_scan_over_its_time_limit_is_stopped_and_says_so(database_url: str, context: Context) -> None:
    store = await open_store(database_url, StoreOptions(scan_timeout_s=0.05))

    with pytest.raises(Unavailable, match="took longer than allowed"):
        await store.read(endless, scan=True)

    assert await store.read(names_of(context), scan=True) == []
    await store.close()


async def test_scans_hold_up_neither_reads_nor_writes(database_url: str, context: Context) -> None:
    store = await open_store(database_url, StoreOptions(scan_timeout_s=3.0))
    scans = [asyncio.create_task(store.read(endless, scan=True)) for _ in range(4)]
    await asyncio.sleep(0)

    for number in range(20):
        await store.write(writing(context, f"a{number}"))
        assert await store.read(count_of(context)) == number + 1

    assert not any(scan.done() for scan in scans)
    results = await asyncio.gather(*scans, return_exceptions=True)
    assert all(isinstance(result, Unavailable) for result in results)
    await store.close()


class Held:
    """A scan that runs until it is let go."""

    def __init__(self) -> None:
        self.began = threading.Event()
        self.may_end = threading.Event()

    def __call__(self, _: Transaction) -> str:
        """Waits."""
        self.began.set()
        assert self.may_end.wait(30)
        return "done"


async def test_more_scans_than_may_wait_are_refused_at_once(database_url: str) -> None:
    store = await open_store(database_url, StoreOptions(scan_threads=1, scan_queue_max=2))
    held = Held()
    scans = [asyncio.create_task(store.read(held, scan=True)) for _ in range(3)]
    assert await asyncio.to_thread(held.began.wait, 30)

    with pytest.raises(Unavailable, match="3 long reads are waiting already"):
        await store.read(held, scan=True)

    assert store.state().scans_waiting == 3
    held.may_end.set()
    assert await asyncio.gather(*scans) == ["done"] * 3
    assert store.state().scans_waiting == 0
    await store.close()


async def test_a_scan_whose_caller_went_away_counts_while_it_runs(database_url: str) -> None:
    store = await open_store(database_url, StoreOptions(scan_threads=1, scan_queue_max=1))
    held = Held()
    left = asyncio.create_task(store.read(held, scan=True))
    assert await asyncio.to_thread(held.began.wait, 30)

    left.cancel()
    await asyncio.gather(left, return_exceptions=True)

    assert store.state().scans_waiting == 1
    held.may_end.set()
    assert await store.read(held, scan=True) == "done"
    await store.close()


async def test_a_scan_that_waits_is_dropped_when_its_caller_goes_away(database_url: str) -> None:
    store = await open_store(database_url, StoreOptions(scan_threads=1, scan_queue_max=1))
    running, waiting = Held(), Held()
    scans = [asyncio.create_task(store.read(held, scan=True)) for held in (running, waiting)]
    assert await asyncio.to_thread(running.began.wait, 30)

    scans[1].cancel()
    await asyncio.gather(scans[1], return_exceptions=True)
    await asyncio.sleep(0)

    assert store.state().scans_waiting == 1
    running.may_end.set()
    assert await scans[0] == "done"
    assert not waiting.began.is_set()
    await store.close()


@pytest.mark.engines("sqlite")
async def test_scans_work_again_however_many_were_stopped(database_url: str, context: Context) -> None:
    store = await open_store(database_url, StoreOptions(scan_threads=1, scan_timeout_s=0))
    for _ in range(8_000):
        with pytest.raises(Unavailable, match="took longer than allowed"):
            await store.read(endless, scan=True)

    assert await store.read(names_of(context), scan=True) == []
    await store.close()


@pytest.mark.engines("sqlite")
async def test_a_read_that_is_too_long_for_the_event_loop_says_so_and_leaves_the_next_alone(
    store: Store, context: Context
) -> None:
    for _ in range(3_000):
        with pytest.raises(TooLongHereError):
            store.read_here(endless, scan=True)

    assert store.read_here(names_of(context)) == []
    assert await store.read(names_of(context)) == []
