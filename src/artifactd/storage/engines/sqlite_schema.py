"""The schema of a SQLite file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import apsw
from sqlalchemy import URL, Connection, create_engine, event

from artifactd.storage.engines.sqlite_statistics import write_statistics
from artifactd.storage.migrate import Found, MigratedDatabase, upgrade


class SqliteSchema:
    """A file, for migrations; see `artifactd.storage.migrate.Schema`."""

    def __init__(self, path: Path, connect: Callable[[], apsw.Connection]) -> None:
        self.where = str(path)
        self._path = path
        self._connect = connect

    def look(self) -> Found:
        """What the file holds."""
        with closing(self._connect()) as connection:
            rows = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
            tables = frozenset(str(name) for (name,) in rows)
            versions: tuple[str, ...] = ()
            if "alembic_version" in tables:
                rows = connection.execute("SELECT version_num FROM alembic_version")
                versions = tuple(str(version) for (version,) in rows)
            return Found(tables, versions)

    def is_changing(self) -> bool:
        """A transaction holds all migrations together: nobody sees it between two of them."""
        return False

    def migrated(self) -> MigratedDatabase:
        """The file as Alembic is given it."""
        return MigratedDatabase("sqlite", {"paramstyle": "named"}, self._alone)

    def upgrade(self) -> None:
        """Runs the migrations that the file lacks."""
        upgrade(self.migrated())
        with closing(self._connect()) as connection:
            write_statistics(connection)

    @contextmanager
    def _alone(self) -> Iterator[Connection]:
        engine = create_engine(URL.create("sqlite", database=str(self._path)))
        event.listen(engine, "connect", _no_implicit_transactions)
        event.listen(engine, "begin", _begin)
        with engine.begin() as connection:
            yield connection
        engine.dispose()


def _no_implicit_transactions(connection: object, _: object) -> None:
    # Python's driver would commit each CREATE TABLE by itself.
    connection.isolation_level = None  # type: ignore[attr-defined]  # Its driver has it.


def _begin(connection: Connection) -> None:
    # Two servers that start at once on an empty file: the second waits, and finds the work done.
    connection.exec_driver_sql("BEGIN IMMEDIATE")
