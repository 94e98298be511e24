"""A restored store is the backup row by row, or the store is as it was."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import apsw
import pytest
from storage.store_files import big_store, in_the_middle, rows_of, silent, small_store, url_of
from support import Api, DirectApi, LiveServer

from artifactd.errors import Aborted, AlreadyExists, InvalidArgument, NotFound, ServiceError
from artifactd.storage.backup import StoreContents, backup_store, restore_store


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A backup of a small store, alone in its folder."""
    (tmp_path / "backups").mkdir()
    source = small_store(tmp_path / "backups" / "source.db", "of the backup")
    backup_store(url_of(source), tmp_path / "backups" / "file.db", replace=False, progress=silent)
    source.unlink()
    return tmp_path / "backups" / "file.db"


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Where to restore to; nothing is there."""
    (tmp_path / "stores").mkdir()
    return tmp_path / "stores" / "store.db"


def restore(file: Path, store: Path, *, replace: bool = False) -> StoreContents:
    return restore_store(file, url_of(store), replace=replace, progress=silent)


def files_of(path: Path) -> set[str]:
    return {each.name for each in path.parent.iterdir()}


def change(path: Path, statement: str) -> None:
    connection = apsw.Connection(str(path))
    connection.execute(statement).fetchall()
    connection.close()


def crashed_store(path: Path) -> None:
    """A store whose last writes are in its write-ahead log alone."""
    server = LiveServer(url_of(path))
    api = Api(server.url)
    for number in range(20):
        api.artifact(name=f"lost {number}")
    api.close()
    server.kill()
    assert path.with_name("store.db-wal").stat().st_size


def test_a_restored_store_is_the_backup_row_by_row(file: Path, store: Path) -> None:
    contents = restore(file, store)

    assert rows_of(store) == rows_of(file)
    assert contents.counts == {"artifact_tasks": 2, "artifacts": 1, "metrics": 1, "runs": 1, "tasks": 3}
    assert files_of(store) == {"store.db"}


def test_a_restored_store_is_served(file: Path, store: Path) -> None:
    restore(file, store)

    api = DirectApi(url_of(store), new_id=lambda: "00000000-0000-7000-8000-00000000ffff")
    assert [each["name"] for each in api.get("/artifacts")["artifacts"]] == ["of the backup"]
    api.artifact(name="another")
    api.close()


def test_the_folder_of_a_store_is_made(file: Path, store: Path) -> None:
    restore(file, store.parent / "deep" / "er" / "store.db")

    assert (store.parent / "deep" / "er" / "store.db").exists()


def test_an_empty_file_is_filled(file: Path, store: Path) -> None:
    store.touch()

    restore(file, store)

    assert rows_of(store) == rows_of(file)


def test_a_store_that_holds_something_is_replaced_only_when_told_to(file: Path, store: Path) -> None:
    big_store(store)
    before = rows_of(store)

    with pytest.raises(AlreadyExists, match=r"store\.db' holds a store already: name another, or say --force"):
        restore(file, store)
    assert rows_of(store) == before
    restore(file, store, replace=True)

    assert rows_of(store) == rows_of(file)
    assert store.stat().st_size == file.stat().st_size


def test_a_store_that_is_served_is_refused_however_idle_the_server(file: Path, store: Path) -> None:
    small_store(store)
    server = LiveServer(url_of(store))
    api = Api(server.url)

    with pytest.raises(Aborted, match="is open in another program: stop the server that uses it first"):
        restore(file, store, replace=True)
    api.artifact(name="goes on")

    assert len(api.get("/artifacts")["artifacts"]) == 2
    api.close()
    assert server.stop() == 0
    restore(file, store, replace=True)
    assert rows_of(store) == rows_of(file)


def test_a_store_of_a_server_that_has_not_written_is_refused_too(file: Path, store: Path) -> None:
    server = LiveServer(url_of(store))

    with pytest.raises(Aborted):
        restore(file, store, replace=True)

    assert server.stop() == 0


def test_nobody_gets_at_a_store_while_it_is_restored(file: Path, store: Path) -> None:
    small_store(store)
    refused: list[str] = []

    def look(doing: str, *_: int) -> None:
        if doing == "copying":
            other = apsw.Connection(str(store))
            with pytest.raises(apsw.BusyError):
                other.execute("SELECT * FROM artifacts")
            other.close()
            refused.append(doing)

    restore_store(file, url_of(store), replace=True, progress=look)

    assert refused
    assert rows_of(store) == rows_of(file)


def test_a_program_that_opened_the_store_before_sees_what_was_restored(file: Path, store: Path) -> None:
    small_store(store, "older")
    early = apsw.Connection(str(store))

    restore(file, store, replace=True)

    assert early.execute("SELECT name FROM artifacts").fetchall() == [("of the backup",)]
    early.close()


def test_a_log_that_a_crash_left_is_not_applied_to_what_is_restored(file: Path, store: Path) -> None:
    crashed_store(store)

    restore(file, store, replace=True)

    assert rows_of(store) == rows_of(file)
    assert files_of(store) == {"store.db"}


def test_a_log_whose_store_is_gone_is_not_applied_to_what_is_restored(file: Path, store: Path) -> None:
    crashed_store(store)
    store.unlink()
    store.with_name("store.db-journal").write_bytes(b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" * 512)

    restore(file, store)

    assert rows_of(store) == rows_of(file)
    assert files_of(store) == {"store.db"}


@pytest.mark.parametrize("bytes_left", [0, 4_000, 50_001])
def test_a_log_beside_a_torn_store_is_not_applied_to_what_is_restored(file: Path, store: Path, bytes_left: int) -> None:
    crashed_store(store)
    os.truncate(store, bytes_left)

    restore(file, store, replace=True)

    assert rows_of(store) == rows_of(file)
    assert files_of(store) == {"store.db"}


def torn_store(path: Path) -> None:
    os.truncate(big_store(path), 100_001)


def without_its_first_page(path: Path) -> None:
    data = small_store(path).read_bytes()
    path.write_bytes(data[:60] + b"\xa5" * 4_036 + data[4_096:])


@pytest.mark.parametrize(
    "damage", [torn_store, without_its_first_page, lambda path: path.write_text("no database" * 1_000)]
)
def test_a_damaged_store_is_replaced(file: Path, store: Path, damage: Callable[[Path], None]) -> None:
    damage(store)

    restore(file, store, replace=True)

    assert rows_of(store) == rows_of(file)
    assert store.stat().st_size == file.stat().st_size


def torn(file: Path) -> None:
    os.truncate(file, file.stat().st_size - 4_096)


def overwritten(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[4_096 * 4 : 4_096 * 30] = b"\xa5" * (4_096 * 26)
    file.write_bytes(data)


def of_another_program(file: Path) -> None:
    file.unlink()
    change(file, "CREATE TABLE alembic_version (version_num)")


def newer(file: Path) -> None:
    change(file, "UPDATE alembic_version SET version_num = '9999'")


def with_a_log(file: Path) -> None:
    file.with_name("file.db-wal").write_bytes(b"a log")


@pytest.mark.parametrize(
    ("spoil", "error", "said"),
    [
        (Path.unlink, NotFound, "there is no file"),
        (torn, InvalidArgument, "is damaged"),
        (overwritten, InvalidArgument, "is damaged"),
        (lambda file: os.truncate(file, 0), InvalidArgument, "is a database of another program"),
        (lambda file: file.write_text("no database" * 1_000), InvalidArgument, "is no SQLite database"),
        (of_another_program, InvalidArgument, "is a database of another program"),
        (newer, InvalidArgument, "has the schema version 9999, .* use a newer artifactd"),
        (
            with_a_log,
            InvalidArgument,
            "beside .* lies file.db-wal: .* Make a backup of a store with `artifactd backup`",
        ),
    ],
)
def test_what_is_no_good_backup_is_refused_and_nothing_is_made(
    file: Path, store: Path, spoil: Callable[[Path], None], error: type[ServiceError], said: str
) -> None:
    spoil(file)

    with pytest.raises(error, match=said):
        restore(file, store)

    assert files_of(store) == set()


def test_a_backup_that_is_refused_leaves_the_store_as_it_was(file: Path, store: Path) -> None:
    before = small_store(store).read_bytes()
    overwritten(file)

    with pytest.raises(InvalidArgument):
        restore(file, store, replace=True)

    assert store.read_bytes() == before


def test_a_store_is_not_restored_from_itself(store: Path) -> None:
    small_store(store)

    with pytest.raises(InvalidArgument, match="is the store itself"):
        restore(store, store, replace=True)


def test_a_store_is_not_restored_over_a_folder(file: Path, store: Path) -> None:
    with pytest.raises(InvalidArgument, match="is not a file"):
        restore(file, store.parent, replace=True)


def test_a_copy_of_a_stopped_store_will_do_and_nothing_is_written_beside_it(file: Path, store: Path) -> None:
    change(file, "PRAGMA journal_mode = WAL")

    restore(file, store)

    assert rows_of(store)["artifacts"] == rows_of(file)["artifacts"]
    assert files_of(file) == {"file.db"}


def test_a_name_that_means_something_in_a_url_is_a_name(file: Path, store: Path) -> None:
    odd = file.with_name("50%20 of it?mode=rw#1.db")
    shutil.copy(file, odd)

    restore(odd, store)

    assert rows_of(store) == rows_of(file)


def test_a_backup_of_an_older_schema_is_restored_as_it_is_and_told(file: Path, store: Path) -> None:
    change(file, "UPDATE alembic_version SET version_num = '0000'")

    contents = restore(file, store)

    assert contents[:2] == ("0000", True)
    assert rows_of(store) == rows_of(file)


def test_a_restore_that_is_stopped_leaves_the_store_as_it_was(file: Path, store: Path) -> None:
    small_store(store)
    before = rows_of(store)

    def stop(doing: str, *_: int) -> None:
        if doing == "copying":
            raise KeyboardInterrupt

    big = big_store(file.with_name("big.db"))
    with pytest.raises(KeyboardInterrupt):
        restore_store(big, url_of(store), replace=True, progress=stop)

    assert rows_of(store) == before


def test_a_restore_that_is_killed_leaves_the_store_as_it_was(file: Path, store: Path) -> None:
    small_store(store)
    before = rows_of(store)
    big = big_store(file.with_name("big.db"))

    call = f"restore_store(Path({str(big)!r}), {url_of(store)!r}, replace=True, progress=progress)"
    with in_the_middle(call, "copying") as process:
        process.kill()

    assert rows_of(store) == before
    restore(file, store, replace=True)
    assert rows_of(store) == rows_of(file)
