"""The schema: what migrations make is what the code expects, and a store of another kind is refused."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import apsw
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine
from storage.records import names_of, writing

from artifactd.errors import InvalidArgument, Unavailable
from artifactd.operations.context import Context
from artifactd.storage import migrate, schema
from artifactd.storage.store import open_store

pytestmark = pytest.mark.anyio


async def test_the_migrated_schema_is_the_one_that_the_code_declares(tmp_path: Path) -> None:
    migrated, declared = tmp_path / "migrated.db", tmp_path / "declared.db"
    await (await open_store(f"sqlite:///{migrated}")).close()
    engine = create_engine(f"sqlite:///{declared}")
    schema.metadata.create_all(engine)
    engine.dispose()

    engine = create_engine(f"sqlite:///{migrated}")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, schema.metadata) == []
    engine.dispose()
    assert statements_of(migrated) == statements_of(declared)


def statements_of(path: Path) -> set[tuple[str, str]]:
    """The tables and indexes of a file, but for Alembic's own and SQLite's, as they were made."""
    connection = apsw.Connection(str(path))
    rows = connection.execute("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL").fetchall()
    connection.close()
    own = ((str(name), " ".join(str(sql).split())) for name, sql in rows)
    return {(name, sql) for name, sql in own if name != "alembic_version" and not name.startswith("sqlite_")}


async def test_a_database_of_another_program_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    other = apsw.Connection(str(path))
    other.execute("CREATE TABLE theirs (x)")
    other.close()

    with pytest.raises(InvalidArgument, match=r"other\.db' is a database of another program: give a file of artifactd"):
        await open_store(f"sqlite:///{path}")

    other = apsw.Connection(str(path))
    assert other.execute("SELECT name FROM sqlite_schema").fetchall() == [("theirs",)]
    other.close()


@pytest.mark.parametrize(
    ("version", "advice"), [("0000", "use the artifactd that made it"), ("9999", "use a newer artifactd")]
)
async def test_a_store_of_another_version_is_refused(tmp_path: Path, version: str, advice: str) -> None:
    path = tmp_path / "store.db"
    await (await open_store(f"sqlite:///{path}")).close()
    connection = apsw.Connection(str(path))
    connection.execute("UPDATE alembic_version SET version_num = ?", (version,))
    connection.close()

    expected = f"has the schema version {version}, and this artifactd needs {migrate.SCHEMA_VERSION}: {advice}"
    with pytest.raises(InvalidArgument, match=expected):
        await open_store(f"sqlite:///{path}")


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


@pytest.mark.parametrize("attempt", range(2))
async def test_programs_that_open_the_same_new_file_at_once_all_find_it_made(
    tmp_path: Path, context: Context, attempt: int
) -> None:
    url = f"sqlite:///{tmp_path}/store{attempt}.db"

    codes = await asyncio.to_thread(codes_of_programs_that_open_at_once, url, 3)

    assert codes == [0, 0, 0]
    store = await open_store(url)
    assert await store.read(names_of(context)) == ["by0", "by1", "by2"]
    await store.close()
