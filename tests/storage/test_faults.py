"""A disk that fails or is full: everyone it touched gets 503, nothing false is acknowledged, and the store recovers."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import apsw
import pytest
from storage.faulty_disk import BROKEN, FULL, FaultyDisk
from storage.records import count_of, names_of, writing
from support import Api, error_of, running_app

from artifactd.errors import NotFound, Unavailable
from artifactd.operations.context import Context
from artifactd.storage.statements import Transaction
from artifactd.storage.store import Store, open_store

pytestmark = pytest.mark.anyio

ERRORS = pytest.mark.parametrize("error", [FULL, BROKEN])


async def names_after_restart(path: Path, context: Context) -> list[str]:
    """What a store holds once another program opens it; its kept count must agree."""
    store = await open_store(f"sqlite:///{path}")
    names = await store.read(names_of(context))
    assert await store.read(count_of(context)) == len(names)
    await store.close()
    connection = apsw.Connection(str(path))
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()
    return names


async def try_writes(store: Store, context: Context, names: list[str]) -> list[str]:
    """Writes together; gives the names that were acknowledged. Every other one must have got Unavailable."""
    results = await asyncio.gather(*(store.write(writing(context, name)) for name in names), return_exceptions=True)
    assert all(isinstance(result, str | Unavailable) for result in results), results
    return [name for name, result in zip(names, results, strict=True) if isinstance(result, str)]


async def test_an_answer_comes_only_after_the_log_was_synced(
    disk: FaultyDisk, tmp_path: Path, context: Context
) -> None:
    store = await open_store(disk.url(tmp_path / "store.db"))
    for number in range(10):
        disk.events.clear()

        await store.write(writing(context, f"a{number}"))

        log = [event for event, file in disk.events if file == "store.db-wal"]
        assert "write" in log
        assert log[-1] == "sync"
    await store.close()


@ERRORS
async def test_when_the_disk_refuses_to_write_everyone_of_the_batch_gets_503_and_nothing_is_kept(
    disk: FaultyDisk, tmp_path: Path, context: Context, error: type[apsw.Error]
) -> None:
    store = await open_store(disk.url(tmp_path / "store.db"))
    await store.write(writing(context, "before"))

    disk.write_error = error
    acknowledged = await try_writes(store, context, [f"lost{number}" for number in range(20)])

    assert acknowledged == []
    assert await store.read(names_of(context)) == ["before"]
    disk.write_error = None
    await store.write(writing(context, "after"))
    assert await store.read(names_of(context)) == ["after", "before"]
    await store.close()
    assert await names_after_restart(tmp_path / "store.db", context) == ["after", "before"]


@ERRORS
async def test_when_the_disk_refuses_to_sync_nobody_is_acknowledged(
    disk: FaultyDisk, tmp_path: Path, context: Context, error: type[apsw.Error]
) -> None:
    store = await open_store(disk.url(tmp_path / "store.db"))
    await store.write(writing(context, "before"))

    disk.sync_error = error
    acknowledged = await try_writes(store, context, [f"lost{number}" for number in range(20)])

    assert acknowledged == []
    assert await store.read(names_of(context)) == ["before"]
    disk.sync_error = None
    await store.write(writing(context, "after"))
    assert await store.read(names_of(context)) == ["after", "before"]
    await store.close()
    assert await names_after_restart(tmp_path / "store.db", context) == ["after", "before"]


async def test_a_full_disk_is_named_as_such(disk: FaultyDisk, tmp_path: Path, context: Context) -> None:
    store = await open_store(disk.url(tmp_path / "store.db"))
    disk.write_error = FULL

    with pytest.raises(Unavailable, match="the store's disk is full; nothing was changed") as refused:
        await store.write(writing(context, "lost"))

    assert refused.value.retry_after_s == 30
    await store.close()


@ERRORS
async def test_a_large_write_that_spills_to_a_failing_disk_is_rolled_back(
    disk: FaultyDisk, tmp_path: Path, context: Context, error: type[apsw.Error]
) -> None:
    store = await open_store(disk.url(tmp_path / "store.db"))
    large = '{"a":"' + "x" * 900_000 + '"}'

    def too_large(transaction: Transaction) -> None:
        for number in range(40):
            writing(context, f"lost{number}", large)(transaction)

    disk.write_error = error
    writes = [store.write(too_large, heavy=True), *(store.write(writing(context, f"with{n}")) for n in range(3))]
    results = await asyncio.gather(*writes, return_exceptions=True)

    assert all(isinstance(result, Unavailable) for result in results)
    disk.write_error = None
    await store.write(writing(context, "after"))
    await store.close()
    assert await names_after_restart(tmp_path / "store.db", context) == ["after"]


async def test_who_failed_by_their_own_fault_is_not_acknowledged_by_a_broken_disk_either(
    disk: FaultyDisk, tmp_path: Path, context: Context
) -> None:
    store = await open_store(disk.url(tmp_path / "store.db"))

    def failing(_: Transaction) -> None:
        raise NotFound("there is no such thing")

    disk.sync_error = BROKEN
    results = await asyncio.gather(store.write(failing), store.write(writing(context, "lost")), return_exceptions=True)

    assert isinstance(results[0], NotFound | Unavailable)
    assert isinstance(results[1], Unavailable)
    disk.sync_error = None
    await store.close()


@pytest.mark.parametrize("seed", range(6))
async def test_whatever_fails_whenever_the_store_holds_what_it_acknowledged(
    disk: FaultyDisk, tmp_path: Path, context: Context, seed: int
) -> None:
    chance = random.Random(seed)
    store = await open_store(disk.url(tmp_path / "store.db"))
    acknowledged: list[str] = []
    for round_ in range(15):
        disk.write_error = chance.choice([None, None, FULL, BROKEN])
        disk.sync_error = chance.choice([None, None, FULL, BROKEN])
        names = [f"a{round_:02}-{number}" for number in range(chance.randint(1, 12))]

        kept = await try_writes(store, context, names)

        assert kept == ([] if disk.write_error or disk.sync_error else names)
        acknowledged += kept
        assert await store.read(names_of(context)) == sorted(acknowledged)
    disk.write_error = disk.sync_error = None
    await store.close()

    assert await names_after_restart(tmp_path / "store.db", context) == sorted(acknowledged)


async def test_what_was_not_acknowledged_does_not_come_back_after_a_crash_that_followed_other_writes(
    disk: FaultyDisk, tmp_path: Path, context: Context
) -> None:
    store = await open_store(disk.url(tmp_path / "store.db"))
    disk.sync_error = BROKEN
    await try_writes(store, context, [f"lost{number}" for number in range(20)])
    disk.sync_error = None
    await store.write(writing(context, "kept"))

    # A crash leaves the two files as they are.
    for end in (".db", ".db-wal"):
        (tmp_path / f"crashed{end}").write_bytes((tmp_path / f"store{end}").read_bytes())

    assert await names_after_restart(tmp_path / "crashed.db", context) == ["kept"]
    await store.close()


@pytest.mark.engines("sqlite")
async def test_a_database_that_may_not_grow_gives_503_and_then_goes_on(database_url: str, context: Context) -> None:
    store = await open_store(database_url)
    large = '{"a":"' + "x" * 500_000 + '"}'
    await store.write(lambda transaction: _pages_max(transaction, 400))
    acknowledged = []
    for number in range(8):
        try:
            await store.write(writing(context, f"a{number}", large))
            acknowledged.append(f"a{number}")
        except Unavailable as error:
            assert "disk is full" in error.message  # noqa: PT017

    assert 0 < len(acknowledged) < 8
    assert await store.read(names_of(context)) == acknowledged
    await store.write(lambda transaction: _pages_max(transaction, 1_000_000))
    await store.write(writing(context, "b", large))
    assert await store.read(names_of(context)) == [*acknowledged, "b"]
    await store.close()


def _pages_max(transaction: Transaction, pages: int) -> None:
    transaction._connection.execute(f"PRAGMA max_page_count = {pages}")  # type: ignore[attr-defined]


@pytest.mark.engines("sqlite")
async def test_one_write_too_large_for_the_disk_fails_alone(database_url: str, context: Context) -> None:
    store = await open_store(database_url)
    await store.write(lambda transaction: _pages_max(transaction, 150))
    large = '{"a":"' + "x" * 1_000_000 + '"}'

    results = await asyncio.gather(
        store.write(writing(context, "first")),
        store.write(writing(context, "large", large)),
        store.write(writing(context, "last")),
        return_exceptions=True,
    )

    assert isinstance(results[1], Unavailable)
    kept = [name for name, result in zip(["first", "large", "last"], results, strict=True) if isinstance(result, str)]
    assert await store.read(names_of(context)) == kept
    await store.close()


@pytest.mark.engines("sqlite")
async def test_another_program_that_holds_the_lock_gives_503_and_no_hang(database_url: str, context: Context) -> None:
    store = await open_store(database_url)
    await store.write(writing(context, "before"))
    other = apsw.Connection(database_url.removeprefix("sqlite:///"))
    other.execute("BEGIN IMMEDIATE")

    writes = [asyncio.ensure_future(store.write(writing(context, f"a{number}"))) for number in range(3)]
    await asyncio.sleep(0)
    assert await store.read(names_of(context)) == ["before"]
    results = await asyncio.gather(*writes, return_exceptions=True)

    assert all(isinstance(result, Unavailable) for result in results)
    assert "another program holds the store" in str(results[0])
    other.execute("ROLLBACK")
    await store.write(writing(context, "after"))
    assert await store.read(names_of(context)) == ["after", "before"]
    other.close()
    await store.close()


@pytest.mark.engines("sqlite")
async def test_a_short_lock_of_another_program_is_waited_for(database_url: str, context: Context) -> None:
    store = await open_store(database_url)
    other = apsw.Connection(database_url.removeprefix("sqlite:///"))
    other.execute("BEGIN IMMEDIATE")
    write = asyncio.ensure_future(store.write(writing(context, "patient")))
    await asyncio.sleep(0)
    await store.read(names_of(context), scan=True)

    other.execute("COMMIT")
    await write

    assert await store.read(names_of(context)) == ["patient"]
    other.close()
    await store.close()


@ERRORS
def test_clients_get_503_while_the_disk_fails_and_are_served_again_after(
    disk: FaultyDisk, tmp_path: Path, error: type[apsw.Error]
) -> None:
    with running_app(disk.url(tmp_path / "store.db")) as (url, _):
        api = Api(url)
        kept = api.artifact(name="kept")
        disk.sync_error = error

        reply = api.request("POST", "/artifacts", {"artifact": {"name": "lost"}})

        assert reply.status == 503
        assert error_of(reply)["code"] == 14
        assert int(reply.headers["retry-after"]) > 0
        assert "disk" not in reply.json["message"] or error is FULL
        assert api.get("/artifacts")["artifacts"] == [kept]
        disk.sync_error = None
        again = api.artifact(name="again")
        assert api.get("/artifacts")["artifacts"] == [kept, again]
        api.close()
