"""Copying a store: between every two engines everything arrives as it was, or an error says what did not."""

from __future__ import annotations

import asyncio
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from engines.databases import Databases
from engines.selection import chosen, need
from storage.copies import ONCE, POINTS, api_of, fill, run_sql, shown

from artifactd.errors import Aborted, AlreadyExists, InvalidArgument, Unavailable
from artifactd.storage import migrate
from artifactd.storage.backup import backup_store
from artifactd.storage.copying import TABLES, Progress, bulk_store, copy, verify
from artifactd.storage.migrating import plan
from artifactd.storage.store import open_store


@pytest.fixture(scope="module")
def filled(engine: str, databases: Databases) -> Iterator[str]:
    """A store of each engine that is full of difficult things, which no test changes."""
    with databases.empty_store(engine) as url:
        with api_of(url) as api:
            fill(api)
        yield url


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that is full of difficult things."""
    path = tmp_path_factory.mktemp("copying") / "store.db"
    with api_of(f"sqlite:///{path}") as api:
        fill(api)
    return path


@pytest.fixture
def source(template: Path, tmp_path: Path) -> str:
    """The same, in a file that a test may change."""
    path = shutil.copy(template, tmp_path / "source.db")
    return f"sqlite:///{path}"


@pytest.fixture(params=chosen())
def target(request: pytest.FixtureRequest, databases: Databases) -> Iterator[str]:
    """An empty database of each engine."""
    need(request.param, request.config)
    with databases.empty_database(request.param) as url:
        yield url


class Cut(Exception):
    """An interruption."""


def cut_at(step: str, table: str, rows: int = 0) -> Callable[[Progress], None]:
    """Interrupts a copy at a table, once so many rows of it were read."""

    def watch(progress: Progress) -> None:
        if (progress.step, progress.table) == (step, table) and progress.rows >= rows:
            raise Cut

    return watch


def rows_of(url: str, table: str) -> int:
    [(count,)] = run_sql(url, f"SELECT count(*) FROM {table}")
    return int(count)


def assert_unfinished(url: str) -> None:
    with pytest.raises(InvalidArgument, match="holds an unfinished copy: run the same `artifactd copy` again"):
        asyncio.run(open_store(url))


def test_the_api_shows_the_copy_as_it_showed_the_source(filled: str, target: str) -> None:
    copied = copy(filled, target)

    assert not copied.resumed
    assert {table.name: table.rows for table in copied.tables} == {t.name: rows_of(filled, t.name) for t in TABLES}
    with api_of(filled) as before, api_of(target) as after:
        assert shown(after) == shown(before)
    assert verify(filled, target).tables == verify(target, filled).tables


def test_a_copy_has_the_schema_of_a_new_store(source: str, target: str, databases: Databases) -> None:
    copy(source, target)

    store = bulk_store(target, make=False)
    with databases.empty_store(store.schema.migrated().engine.replace("mysql", "mariadb")) as new:
        assert indexes_of(target) == indexes_of(new)
        assert store.schema.look() == bulk_store(new, make=False).schema.look()
    assert plan(target).lacking == []


def indexes_of(url: str) -> list[str]:
    store = bulk_store(url, make=False)
    with store.changes() as transaction:
        return sorted(str(name) for (name,) in transaction.rows(store.index_names))


def test_a_copy_takes_writes_and_numbers_them_behind_what_it_has(source: str, target: str) -> None:
    copy(source, target)
    [(largest,)] = run_sql(target, "SELECT max(artifact_pk) FROM artifacts")
    [(total,)] = run_sql(target, "SELECT count(*) FROM artifacts")

    with api_of(target) as api:
        made = api.artifact(name="new", namespace="new-team", request={"task_id": "new-task"})
        api.metric(task_id="new-task", name="new", value=1)
        api.metric(task_id="long", name="loss", value=1, step=POINTS)

        assert api.get(f"/artifacts/{made['artifact_id']}")["name"] == "new"
        assert api.get("/artifacts")["total_size"] == total + 1
        assert api.get("/metric_history/long/loss")["total_size"] == POINTS + 1
    assert run_sql(target, "SELECT max(artifact_pk) FROM artifacts") == [(largest + 1,)]


def test_an_answer_that_was_kept_for_its_key_is_given_by_the_copy(source: str, target: str) -> None:
    copy(source, target)

    request = {"artifact": {"name": "kept"}}
    with api_of(source) as before, api_of(target) as after:
        replies = [api.request("POST", "/artifacts", request, headers=ONCE) for api in (before, after)]
    assert replies[0].body == replies[1].body


def test_a_zero_of_an_older_store_keeps_its_sign(source: str, target: str) -> None:
    run_sql(source, "UPDATE artifacts SET negative_zero = NULL")
    run_sql(source, "UPDATE metrics SET value_json = NULL WHERE value_class = 2")
    run_sql(source, "UPDATE metric_points SET value_json = NULL WHERE value_json = '-0.0'")

    copy(source, target)

    with api_of(source) as before, api_of(target) as after:
        assert shown(after) == shown(before)
    assert run_sql(target, "SELECT count(*) FROM artifacts WHERE negative_zero") == [(1,)]


@pytest.mark.parametrize(
    ("step", "table", "rows"),
    [
        ("copying", "artifact_tasks", 0),
        ("copying", "metric_points", 512),
        ("indexing", "metrics", 0),
    ],
)
def test_a_copy_goes_on_where_kill_9_ended_it(source: str, target: str, step: str, table: str, rows: int) -> None:
    program = subprocess.run(
        [sys.executable, "-c", _COPY_UNTIL_KILLED, source, target, step, table, str(rows)],
        capture_output=True,
        check=False,
    )
    assert program.returncode == -signal.SIGKILL, program.stderr.decode()
    assert_unfinished(target)
    arrived = sum(rows_of(target, each.name) for each in TABLES)

    copied = copy(source, target)

    assert copied.resumed
    assert sum(each.written for each in copied.tables) == sum(each.rows for each in copied.tables) - arrived
    assert (arrived == 0) == (table == "artifact_tasks")
    with api_of(source) as before, api_of(target) as after:
        assert shown(after) == shown(before)


_COPY_UNTIL_KILLED = """
import os, signal, sys
from artifactd.storage.copying import copy

source, target, step, table, rows = sys.argv[1:]

def watch(progress):
    if (progress.step, progress.table) == (step, table) and progress.rows >= int(rows):
        os.kill(os.getpid(), signal.SIGKILL)

copy(source, target, watch, batch_rows_max=64)
"""


@pytest.mark.engines("postgresql", "mariadb")
def test_a_copy_goes_on_after_its_connections_were_lost(source: str, engine: str, databases: Databases) -> None:
    with databases.empty_database(engine) as target:

        def watch(progress: Progress) -> None:
            if (progress.step, progress.table, progress.rows) == ("copying", "metric_points", 256):
                end_connections(engine, target)

        with pytest.raises(Unavailable, match=r"writing metric_points of .* failed"):
            copy(source, target, watch, batch_rows_max=64)

        assert copy(source, target).resumed


def end_connections(engine: str, url: str) -> None:
    """Ends whoever else is connected to a database."""
    if engine == "postgresql":
        others = "datname = current_database() AND pid <> pg_backend_pid()"
        run_sql(url, f"SELECT count(pg_terminate_backend(pid, 1000)) FROM pg_stat_activity WHERE {others}")
        return
    others = "db = database() AND id <> connection_id()"
    for (number,) in run_sql(url, f"SELECT id FROM information_schema.processlist WHERE {others}"):
        run_sql(url, f"KILL {number}")


def test_a_copy_is_of_one_moment(filled: str, databases: Databases, tmp_path: Path) -> None:
    """What a server writes to the source while it is copied is left out."""
    target = f"sqlite:///{tmp_path}/copy.db"
    with databases.empty_database("sqlite") as between:
        copy(filled, between)
        later = False

        def watch(progress: Progress) -> None:
            nonlocal later
            if progress.table == "artifacts" and progress.rows == 0 and not later:
                later = True
                with api_of(between) as api:
                    api.artifact(name="later", request={"task_id": "later"})
                    api.metric(task_id="later", name="later")

        copied = copy(between, target, watch)

        assert later
        for table in copied.tables:
            assert table.rows == rows_of(filled, table.name)


def test_a_source_that_changed_between_two_runs_is_found(source: str, target: str) -> None:
    with pytest.raises(Cut):
        copy(source, target, cut_at("copying", "runs"))
    run_sql(source, "UPDATE artifacts SET description = 'another' WHERE artifact_pk = 1")

    with pytest.raises(Aborted, match=r"artifacts has 24 rows on both sides, but not the same ones. Was one of them"):
        copy(source, target)

    assert_unfinished(target)


def test_rows_that_are_missing_are_found_and_named(source: str, target: str) -> None:
    def watch(progress: Progress) -> None:
        if progress.step == "indexing" and progress.ended and progress.table == "tasks":
            run_sql(target, "DELETE FROM metric_points WHERE arrival = 1")

    with pytest.raises(Aborted, match=r"metric_points has \d+ rows there and \d+ in the source") as found:
        copy(source, target, watch)

    assert "artifacts" not in found.value.message
    assert_unfinished(target)


def test_two_stores_that_differ_are_told_apart_without_copying(source: str, target: str) -> None:
    copy(source, target)
    run_sql(target, "UPDATE runs SET description = '' WHERE run_pk = 1")

    with pytest.raises(Aborted, match="runs has 3 rows on both sides, but not the same ones"):
        verify(source, target)


def test_an_unfinished_copy_of_another_store_is_left_alone(source: str, target: str, tmp_path: Path) -> None:
    with pytest.raises(Cut):
        copy(source, target, cut_at("copying", "runs"))
    other = f"sqlite:///{tmp_path}/other.db"
    with api_of(other) as api:
        api.artifact(name="other")

    with pytest.raises(AlreadyExists, match="holds an unfinished copy of another store"):
        copy(other, target)

    assert copy(source, target).resumed


def test_a_store_without_rows_is_copied_and_filled(target: str, databases: Databases, engine: str) -> None:
    with databases.empty_store(engine) as empty, databases.empty_store("sqlite") as other:
        copy(empty, other)
        copied = copy(other, target)

    assert [table.rows for table in copied.tables] == [0] * len(TABLES)


def test_a_new_store_that_was_never_written_to_is_filled(source: str, databases: Databases, engine: str) -> None:
    with databases.empty_store(engine) as new:
        copy(source, new)

        with api_of(source) as before, api_of(new) as after:
            assert shown(after) == shown(before)


def test_a_target_that_has_rows_is_refused_and_left_alone(source: str, databases: Databases, engine: str) -> None:
    with databases.empty_store(engine) as other:
        with api_of(other) as api:
            api.artifact(name="other")

        with pytest.raises(AlreadyExists, match=r"is not empty: it has rows in artifacts. Copy into an empty database"):
            copy(source, other)

        with api_of(other) as api:
            assert [each["name"] for each in api.get("/artifacts")["artifacts"]] == ["other"]


def test_a_database_of_another_program_is_refused(source: str, target: str) -> None:
    run_sql(target, "CREATE TABLE theirs (x INTEGER)")

    with pytest.raises(InvalidArgument, match="is a database of another program"):
        copy(source, target)
    with pytest.raises(InvalidArgument, match="is a database of another program"):
        copy(target, source)


def test_a_source_of_an_older_schema_is_refused(source: str, tmp_path: Path) -> None:
    run_sql(source, "UPDATE alembic_version SET version_num = '0001'")

    with pytest.raises(
        InvalidArgument, match=f"has the schema version 0001, and this artifactd needs {migrate.SCHEMA_VERSION}"
    ):
        copy(source, f"sqlite:///{tmp_path}/copy.db")

    assert not (tmp_path / "copy.db").exists()


def test_an_unfinished_copy_is_not_copied(source: str, target: str, tmp_path: Path) -> None:
    with pytest.raises(Cut):
        copy(source, target, cut_at("copying", "runs"))

    with pytest.raises(InvalidArgument, match="holds an unfinished copy"):
        copy(target, f"sqlite:///{tmp_path}/copy.db")
    with pytest.raises(InvalidArgument, match="holds an unfinished copy"):
        verify(source, target)


def test_a_source_without_tables_is_refused(databases: Databases, engine: str, source: str) -> None:
    with databases.empty_database(engine) as empty, pytest.raises(InvalidArgument, match=r"no file|there is no store"):
        copy(empty, source)


def test_a_store_is_not_copied_onto_itself(source: str) -> None:
    with pytest.raises(InvalidArgument, match="--from and --to name the same store"):
        copy(source, source)


def test_a_file_that_is_no_database_is_refused(source: str, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear reader, " * 1_000)

    with pytest.raises(Unavailable, match=r"opening .*letter.txt' failed: file is not a database"):
        copy(source, f"sqlite:///{tmp_path}/letter.txt")


@pytest.mark.parametrize("url", ["postgresql://127.0.0.1:1/none", "mysql://127.0.0.1:1/none"])
def test_a_server_that_is_not_there_is_told(source: str, url: str) -> None:
    with pytest.raises(Unavailable, match=r"127.0.0.1"):
        copy(source, url)


def test_a_backup_is_copied_and_stays_as_it_is(source: str, tmp_path: Path) -> None:
    file = tmp_path / "backup.db"
    backup_store(source, file, replace=False, progress=lambda *_: None)
    before = file.read_bytes()

    copied = copy(f"sqlite:///{file}", f"sqlite:///{tmp_path}/copy.db")

    assert sum(table.rows for table in copied.tables) == sum(rows_of(source, table.name) for table in TABLES)
    assert file.read_bytes() == before


def test_a_folder_that_may_not_be_made_is_told(source: str) -> None:
    with pytest.raises(Unavailable, match=r"opening '/dev/null/copy.db' failed: File exists"):
        copy(source, "sqlite:////dev/null/copy.db")
