"""The schema: what migrations make is what the code expects, and a store of another kind is refused."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from engines.databases import Databases
from storage.catalog import catalog_of, create_declared, make_first_version, rows_of, run
from storage.records import count_of, names_of, writing

from artifactd.errors import InvalidArgument, Unavailable
from artifactd.operations.context import Context
from artifactd.storage import migrate, migrating
from artifactd.storage.store import StoreOptions, open_store

pytestmark = pytest.mark.anyio


async def test_a_new_store_has_the_schema_that_the_code_declares(
    engine: str, databases: Databases, empty_database_url: str
) -> None:
    await (await open_store(empty_database_url)).close()

    with databases.empty_database(engine) as declared:
        create_declared(declared)

        assert catalog_of(empty_database_url) == catalog_of(declared)
    assert len(catalog_of(empty_database_url)) > 60


async def test_a_store_of_the_first_version_is_refused_then_migrated_with_all_that_it_holds(
    engine: str, databases: Databases, empty_database_url: str, context: Context
) -> None:
    make_first_version(empty_database_url)

    with pytest.raises(InvalidArgument, match=r"has the schema version 0001.* needs 0003: make a backup.*migrate"):
        await open_store(empty_database_url)

    store = await open_store(empty_database_url, StoreOptions(migrate=True))
    assert await store.read(names_of(context)) == ["old"]
    await store.write(writing(context, "new"))
    assert await store.read(names_of(context)) == ["new", "old"]
    assert await store.read(count_of(context)) == 2
    await store.close()
    with databases.empty_database(engine) as fresh:
        await (await open_store(fresh)).close()
        assert catalog_of(empty_database_url) == catalog_of(fresh)
        if engine == "mysql":
            assert rows_of(empty_database_url, "SELECT count(*) FROM locks") == [(1_024,)]


async def test_a_migration_that_was_cut_short_goes_on_where_it_stopped(empty_database_url: str, engine: str) -> None:
    # Only where statements on tables cannot be taken back can anything be left half done.
    make_first_version(empty_database_url)
    migrating.migrate(empty_database_url)
    if engine == "mariadb":
        run(empty_database_url, "UPDATE alembic_version SET version_num = '0001'")

    migrating.migrate(empty_database_url)

    assert migrating.plan(empty_database_url).lacking == []
    assert rows_of(empty_database_url, "SELECT total FROM counts") == [(1,)]


async def test_a_database_of_another_program_is_refused_and_left_alone(empty_database_url: str) -> None:
    run(empty_database_url, "CREATE TABLE theirs (x INTEGER)")

    with pytest.raises(InvalidArgument, match="is a database of another program: give one of artifactd's own"):
        await open_store(empty_database_url)

    assert [line for line in catalog_of(empty_database_url) if "theirs" not in line] == []


@pytest.mark.parametrize(
    ("version", "sentence"),
    [
        ("0000", f"has the schema version 0000, and this artifactd needs {migrate.SCHEMA_VERSION}: make a backup"),
        (
            "9999",
            f"has the schema version 9999, and this artifactd knows none beyond {migrate.SCHEMA_VERSION}: use a newer",
        ),
        ("copying", "holds an unfinished copy: run the same `artifactd copy` again to finish it, or remove it"),
    ],
)
async def test_a_store_of_another_version_is_refused(empty_database_url: str, version: str, sentence: str) -> None:
    await (await open_store(empty_database_url)).close()
    run(empty_database_url, f"UPDATE alembic_version SET version_num = '{version}'")

    with pytest.raises(InvalidArgument, match=sentence):
        await open_store(empty_database_url)


async def test_a_password_is_in_no_error(empty_database_url: str, engine: str) -> None:
    if engine == "sqlite":
        return
    address = urlsplit(empty_database_url)
    wrong = f"{address.scheme}://nobody:secret@{address.hostname}:{address.port}{address.path}"

    with pytest.raises(Unavailable, match="cannot use the database") as refused:
        await open_store(wrong)

    assert "secret" not in refused.value.message


async def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear reader, " * 1_000)

    with pytest.raises(Unavailable, match=r"cannot open the database .*letter\.txt"):
        await open_store(f"sqlite:///{path}")

    assert path.read_text() == "Dear reader, " * 1_000


def files_in(folder: Path) -> list[Path]:
    """The files below a folder."""
    return [file.relative_to(folder) for file in folder.rglob("*") if file.is_file()]


@pytest.mark.parametrize(
    "name", ["with blank.db", "ünïcode.db", "per%cent.db", "ask?.db", "hash#.db", "a&b=c.db", "new/folder/store.db"]
)
async def test_a_file_may_have_any_name(tmp_path: Path, context: Context, name: str) -> None:
    url = f"sqlite:///{tmp_path}/{name.replace('%', '%25').replace('?', '%3F').replace('#', '%23')}"

    store = await open_store(url)
    await store.write(writing(context, "kept"))
    await store.close()

    assert files_in(tmp_path) == [Path(name)]
    store = await open_store(url)
    assert await store.read(names_of(context)) == ["kept"]
    await store.close()


@pytest.mark.parametrize(
    "url", ["sqlite://", "sqlite:///", "sqlite:///:memory:", "sqlite://host/store.db", "sqlite:///a.db?mode=ro"]
)
async def test_a_url_that_names_no_file_is_refused(url: str) -> None:
    with pytest.raises(InvalidArgument, match="database-url"):
        await open_store(url)


async def test_a_url_of_another_engine_is_refused_without_its_password() -> None:
    with pytest.raises(InvalidArgument, match="oracle://host/db") as refused:
        await open_store("oracle://scott:tiger@host/db")

    assert "tiger" not in refused.value.message


_OPEN_AND_WRITE = """
import asyncio, sys
from artifactd.access import ANYONE
from artifactd.operations.artifacts import create_artifact
from artifactd.operations.context import Context, new_uuid
from artifactd.requests import NewArtifact
from artifactd.storage.store import open_store

async def main(url, name):
    store = await open_store(url)
    new = NewArtifact(name, None, None, None, None, None, None)
    context = Context(ANYONE, 1, new_uuid, "")
    await store.write(lambda transaction: create_artifact(context, transaction, new))
    await store.close()

print("ready", flush=True)
sys.stdin.readline()
asyncio.run(main(sys.argv[1], sys.argv[2]))
"""


def codes_of_programs_that_open_at_once(url: str, count: int) -> list[int]:
    """The exit codes of programs that open a store at the same moment, write to it, and close it."""
    programs = [
        subprocess.Popen(
            [sys.executable, "-c", _OPEN_AND_WRITE, url, f"by{number}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(count)
    ]
    for program in programs:
        assert program.stdout is not None
        assert program.stdout.readline() == "ready\n"
    for program in programs:
        assert program.stdin is not None
        program.stdin.write("go\n")
        program.stdin.flush()
    for program in programs:
        program.communicate()
    return [program.returncode for program in programs]


async def test_programs_that_open_the_same_empty_database_at_once_all_find_it_made(
    empty_database_url: str, context: Context
) -> None:
    codes = await asyncio.to_thread(codes_of_programs_that_open_at_once, empty_database_url, 3)

    assert codes == [0, 0, 0]
    store = await open_store(empty_database_url)
    assert await store.read(names_of(context)) == ["by0", "by1", "by2"]
    await store.close()
