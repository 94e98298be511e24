"""A backup shows one moment of a store that is written to, whole or not at all."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

import apsw
import pytest
from storage.store_files import big_store, in_the_middle, rows_of, silent, small_store, url_of
from support import Api, LiveServer

from artifactd.errors import AlreadyExists, InvalidArgument, NotFound, ServiceError, Unavailable
from artifactd.storage.backup import StoreContents, backup_store, restore_store

OTHER_ENGINES = [
    ("postgresql://db/artifacts", "pg_basebackup or pg_dump"),
    ("postgresql+psycopg://db/artifacts", "pg_basebackup or pg_dump"),
    ("mariadb://db/artifacts", "mariadb-backup or mariadb-dump"),
    ("mysql://db/artifacts", "mysqldump"),
]


def backup(store: Path, file: Path, *, replace: bool = False) -> StoreContents:
    return backup_store(url_of(store), file, replace=replace, progress=silent)


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_backup_shows_the_moment_at_which_it_began_and_never_begins_again(tmp_path: Path) -> None:
    store, file = big_store(tmp_path / "store.db"), tmp_path / "file.db"
    before = rows_of(store)
    server = LiveServer(url_of(store))
    api = Api(server.url)
    steps: list[tuple[int, int]] = []

    def write_meanwhile(doing: str, pages: int, of_pages: int) -> None:
        if doing == "copying":
            steps.append((pages, of_pages))
        api.artifact(name="written meanwhile", metadata={"filling": "x" * 100_000})

    contents = backup_store(url_of(store), file, replace=False, progress=write_meanwhile)
    api.close()

    assert rows_of(file) == before
    assert contents.counts["artifacts"] == len(before["artifacts"])
    assert len(steps) > 3
    assert [pages for pages, _ in steps] == sorted({pages for pages, _ in steps})
    assert {total for _, total in steps} == {steps[-1][0]}
    assert server.stop() == 0
    assert len(rows_of(store)["artifacts"]) == len(before["artifacts"]) + len(steps) + 1


def test_what_a_server_has_answered_is_in_the_backup_before_any_checkpoint(tmp_path: Path) -> None:
    server = LiveServer(url_of(tmp_path / "store.db"))
    api = Api(server.url)
    made = api.artifact(name="just now")["artifact_id"]
    api.close()

    backup(tmp_path / "store.db", tmp_path / "file.db")
    server.kill()

    assert [row[1].hex() for row in rows_of(tmp_path / "file.db")["artifacts"]] == [made.replace("-", "")]


def test_a_backup_is_one_file_that_needs_no_other(tmp_path: Path) -> None:
    small_store(tmp_path / "store.db")
    (tmp_path / "backups").mkdir()

    contents = backup(tmp_path / "store.db", tmp_path / "backups" / "file.db")

    file = tmp_path / "backups" / "file.db"
    assert names(file.parent) == {"file.db"}
    assert file.read_bytes()[18:20] == b"\x01\x01", "SQLite's format says that no write-ahead log goes with it"
    assert contents.bytes == file.stat().st_size
    assert not contents.is_older


def test_a_backup_may_be_read_by_whom_the_store_may(tmp_path: Path) -> None:
    small_store(tmp_path / "store.db").chmod(0o640)

    backup(tmp_path / "store.db", tmp_path / "file.db")

    assert stat.S_IMODE((tmp_path / "file.db").stat().st_mode) == 0o640


def test_a_backup_of_a_store_left_by_a_crash_has_what_was_answered(tmp_path: Path) -> None:
    server = LiveServer(url_of(tmp_path / "store.db"))
    api = Api(server.url)
    api.artifact()
    api.close()
    server.kill()

    assert backup(tmp_path / "store.db", tmp_path / "file.db").counts["artifacts"] == 1


def test_an_existing_file_is_replaced_only_when_told_to(tmp_path: Path) -> None:
    small_store(tmp_path / "store.db")
    (tmp_path / "file.db").write_text("something dear")

    with pytest.raises(AlreadyExists, match=r"file\.db' exists: name another file, or say --force"):
        backup(tmp_path / "store.db", tmp_path / "file.db")
    assert (tmp_path / "file.db").read_text() == "something dear"
    backup(tmp_path / "store.db", tmp_path / "file.db", replace=True)

    assert rows_of(tmp_path / "file.db") == rows_of(tmp_path / "store.db")


def test_a_file_that_somebody_else_makes_meanwhile_is_left_alone(tmp_path: Path) -> None:
    small_store(tmp_path / "store.db")

    def make_it(*_: object) -> None:
        (tmp_path / "file.db").write_text("something dear")

    with pytest.raises(AlreadyExists):
        backup_store(url_of(tmp_path / "store.db"), tmp_path / "file.db", replace=False, progress=make_it)

    assert (tmp_path / "file.db").read_text() == "something dear"
    assert names(tmp_path) == {"store.db", "file.db"}


def test_a_link_stays_one_and_what_it_leads_to_is_replaced(tmp_path: Path) -> None:
    small_store(tmp_path / "store.db")
    (tmp_path / "monday.db").write_text("older")
    (tmp_path / "latest.db").symlink_to("monday.db")

    backup(tmp_path / "store.db", tmp_path / "latest.db", replace=True)

    assert (tmp_path / "latest.db").is_symlink()
    assert rows_of(tmp_path / "monday.db") == rows_of(tmp_path / "store.db")


def file_in_use(folder: Path) -> Path:
    (folder / "other.db-wal").write_bytes(b"a log")
    return folder / "other.db"


@pytest.mark.parametrize(
    ("choose", "error", "said"),
    [
        (lambda folder: folder / "store.db", InvalidArgument, "is the store itself"),
        (lambda folder: folder, InvalidArgument, "is not a file"),
        (lambda folder: folder / "nowhere" / "file.db", InvalidArgument, "there is no folder"),
        (file_in_use, AlreadyExists, "is a database in use, or was one, for other.db-wal lies beside it"),
    ],
)
def test_what_cannot_be_a_backup_s_file_is_refused_even_with_force(
    tmp_path: Path, choose: Callable[[Path], Path], error: type[ServiceError], said: str
) -> None:
    small_store(tmp_path / "store.db")
    before = rows_of(tmp_path / "store.db")

    with pytest.raises(error, match=said):
        backup(tmp_path / "store.db", choose(tmp_path), replace=True)

    assert rows_of(tmp_path / "store.db") == before


def no_store(path: Path) -> None:
    """Makes nothing."""


def of_another_program(path: Path) -> None:
    connection = apsw.Connection(str(path))
    connection.execute("CREATE TABLE alembic_version (version_num); INSERT INTO alembic_version VALUES ('7ac7')")
    connection.close()


def torn(path: Path) -> None:
    small_store(path)
    os.truncate(path, path.stat().st_size // 2)


def overwritten(path: Path) -> None:
    data = bytearray(big_store(path).read_bytes())
    data[4096 * 3 : 4096 * 40] = b"\xa5" * (4096 * 37)
    path.write_bytes(data)


@pytest.mark.parametrize(
    ("make", "error", "said"),
    [
        (no_store, NotFound, "there is no store at"),
        (Path.touch, NotFound, "there is no store at"),
        (of_another_program, InvalidArgument, "is a database of another program"),
        (lambda path: path.write_text("no database" * 1_000), InvalidArgument, "is no SQLite database"),
        (torn, InvalidArgument, "is damaged"),
        (overwritten, InvalidArgument, "store.db' is damaged"),
    ],
)
def test_what_is_no_store_gives_no_backup(
    tmp_path: Path, make: Callable[[Path], object], error: type[ServiceError], said: str
) -> None:
    make(tmp_path / "store.db")
    (tmp_path / "backups").mkdir()

    with pytest.raises(error, match=said):
        backup(tmp_path / "store.db", tmp_path / "backups" / "file.db")

    assert names(tmp_path / "backups") == set()


def test_a_store_that_another_program_keeps_to_itself_is_told(tmp_path: Path) -> None:
    small_store(tmp_path / "store.db")
    holder = apsw.Connection(str(tmp_path / "store.db"))
    holder.execute("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE").fetchall()

    with pytest.raises(Unavailable, match="another program holds"):
        backup(tmp_path / "store.db", tmp_path / "file.db")

    holder.close()


def test_a_backup_that_is_stopped_leaves_nothing(tmp_path: Path) -> None:
    big_store(tmp_path / "store.db")

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        backup_store(url_of(tmp_path / "store.db"), tmp_path / "file.db", replace=False, progress=stop)

    assert names(tmp_path) == {"store.db"}


@pytest.mark.parametrize("doing", ["copying", "checking"])
def test_a_backup_that_is_killed_leaves_the_older_one_or_none(tmp_path: Path, doing: str) -> None:
    store = big_store(tmp_path / "store.db")
    older = small_store(tmp_path / "older.db").read_bytes()

    for file, force in (("new.db", False), ("older.db", True)):
        call = f"backup_store({url_of(store)!r}, Path({str(tmp_path / file)!r}), replace={force}, progress=progress)"
        with in_the_middle(call, doing) as process:
            process.kill()

    assert not (tmp_path / "new.db").exists()
    assert (tmp_path / "older.db").read_bytes() == older
    backup(store, tmp_path / "new.db")


@pytest.mark.parametrize(("url", "tools"), OTHER_ENGINES)
def test_another_engine_s_own_tools_are_named(tmp_path: Path, url: str, tools: str) -> None:
    with pytest.raises(InvalidArgument, match=f"`artifactd backup` is for SQLite.*{tools}.*`artifactd copy`"):
        backup_store(url, tmp_path / "file.db", replace=False, progress=silent)
    with pytest.raises(InvalidArgument, match=f"`artifactd restore` is for SQLite.*{tools}.*`artifactd copy`"):
        restore_store(tmp_path / "file.db", url, replace=False, progress=silent)


def test_an_unknown_engine_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidArgument, match="names the engine 'oracle'"):
        backup_store("oracle://db", tmp_path / "file.db", replace=False, progress=silent)


def test_a_disk_that_is_full_leaves_nothing(tmp_path: Path) -> None:
    store = big_store(tmp_path / "store.db")

    call = f"backup_store({url_of(store)!r}, Path({str(tmp_path / 'file.db')!r}), replace=False, progress=progress)"
    with in_the_middle(call, "copying", file_bytes_max=1 << 20) as process:
        _, errors = process.communicate()

    assert "artifactd.errors.Unavailable" in errors
    assert names(tmp_path) == {"store.db"}
