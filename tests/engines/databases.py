"""Empty databases and empty stores of each engine, as many as the tests want, for next to nothing.

A store is made by the program itself once, in a database that serves as the template. SQLite's are copies of that
file. A server's are copies too, but used again by one test after another: to empty the tables that have rows takes a
fraction of the time of another copy. Whatever else a test changed (a table, a column, a row that a new store has) is
seen, and such a database is thrown away.
"""

from __future__ import annotations

import abc
import contextlib
import itertools
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from engines import connections
from engines.connections import Connection
from engines.keeping import Kept
from engines.servers import SERVERS, Server, wait_until

Prepare = Callable[[str], None]
"""Makes an empty store of the empty database of a URL, and lets go of it."""

ENGINES = ("sqlite", *SERVERS)


class Databases:
    """Databases of every engine. Servers start when they are first needed, and end with `close`."""

    def __init__(self, prepare: Prepare) -> None:
        self._prepare = prepare
        self._engines: dict[str, _Engine] = {}

    def empty_database(self, engine: str) -> AbstractContextManager[str]:
        """The URL of a database without tables."""
        return self._engine(engine).empty_database()

    def empty_store(self, engine: str) -> AbstractContextManager[str]:
        """The URL of a store that is as new."""
        return self._engine(engine).empty_store()

    def server(self, engine: str) -> Server:
        """The server that all tests share: to look into, not to stop."""
        found = self._engine(engine)
        assert isinstance(found, _ServersDatabases), f"{engine} has no server"
        return found.server

    def started(self) -> list[str]:
        """The engines that were used."""
        return list(self._engines)

    def close(self) -> None:
        """Ends the servers and removes all data."""
        while self._engines:
            _, engine = self._engines.popitem()
            engine.close()

    def _engine(self, name: str) -> _Engine:
        if name not in self._engines:
            self._engines[name] = _MAKE[name](self._prepare)
        return self._engines[name]


class _Engine(Protocol):
    """Databases of one engine."""

    def empty_database(self) -> AbstractContextManager[str]: ...

    def empty_store(self) -> AbstractContextManager[str]: ...

    def close(self) -> None: ...


class _SQLite:
    """Files, each in a folder of its own."""

    def __init__(self, prepare: Prepare) -> None:
        self._prepare = prepare
        self._kept = Kept()
        self._numbers = itertools.count()
        self._template: Path | None = None

    @contextlib.contextmanager
    def empty_database(self) -> Iterator[str]:
        with self._file() as path:
            yield f"sqlite:///{path}"

    @contextlib.contextmanager
    def empty_store(self) -> Iterator[str]:
        if self._template is None:
            template = self._kept.folder / "template.db"
            self._prepare(f"sqlite:///{template}")
            self._template = template
        with self._file() as path:
            shutil.copy(self._template, path)
            yield f"sqlite:///{path}"

    def close(self) -> None:
        self._kept.close()

    @contextlib.contextmanager
    def _file(self) -> Iterator[Path]:
        folder = self._kept.folder / str(next(self._numbers))
        folder.mkdir()
        try:
            yield folder / "store.db"
        finally:
            shutil.rmtree(folder)


class _Look(NamedTuple):
    """What is found in a store that a test has left."""

    state: tuple[Any, ...]
    """Everything that a test may change and that emptying tables does not put right."""
    emptying: list[str]
    """The statements that remove the rows and start their numbers anew."""


class _ServersDatabases(abc.ABC):
    """Databases of one server."""

    def __init__(self, prepare: Prepare) -> None:
        self._prepare = prepare
        self._numbers = itertools.count()
        self._template = ""
        self._as_new: tuple[Any, ...] = ()
        self._seeded: list[str] = []
        """The tables in which a new store has rows. A test that changes these costs another copy."""
        self._tables: list[str] = []
        """The others."""
        self._used: list[tuple[str, Connection]] = []
        self.server = self._new_server()
        try:
            self.server.start()
        except BaseException:
            self.server.close()
            raise

    @contextlib.contextmanager
    def empty_database(self) -> Iterator[str]:
        name = self._new_name()
        self.server.create_database(name)
        try:
            yield self.server.url(name)
        finally:
            self.server.drop_database(name)

    @contextlib.contextmanager
    def empty_store(self) -> Iterator[str]:
        name, connection = self._store()
        try:
            yield self.server.url(name)
        finally:
            self._used.append((name, connection))

    def close(self) -> None:
        for _, connection in self._used:
            connection.close()
        self.server.close()

    def _store(self) -> tuple[str, Connection]:
        while self._used:
            name, connection = self._used.pop()
            if self._is_as_new(connection):
                return name, connection
            connection.close()
            self.server.drop_database(name)
        if not self._template:
            self._make_template()
        name = self._new_name()
        self._copy_template(name)
        return name, self.server.connect(name)

    def _is_as_new(self, connection: Connection) -> bool:
        """Empties a store that was used, and says whether it can be used again."""
        try:
            look = self._calm_look(connection)
            if look.state != self._as_new:
                return False
            if look.emptying:
                connection.execute(*look.emptying)
        except connections.errors(self.server.engine):
            return False
        return True

    def _make_template(self) -> None:
        name = self._new_name()
        self.server.create_database(name)
        self._prepare(self.server.url(name))
        with self.server.connect(name) as connection:
            tables = self._all_tables(connection)
            ((filled,),) = connection.execute(self._which_are_filled(tables))
            self._seeded = [table for table, has_rows in zip(tables, filled, strict=True) if has_rows]
            self._tables = [table for table in tables if table not in self._seeded]
            self._as_new = self._calm_look(connection).state
            self._learn_to_copy(connection)
        self._template = name

    def _new_name(self) -> str:
        return f"{Server.DATABASES}_{next(self._numbers)}"

    def _calm_look(self, connection: Connection) -> _Look:
        """A look at a store that nobody else is connected to: whoever is gets ended."""
        return wait_until(lambda: self._look(connection), timeout_s=30)

    def _which_are_filled(self, tables: list[str]) -> str:
        """The statement that says of each table whether it has rows."""
        return "SELECT " + (", ".join(f"EXISTS (SELECT 1 FROM {table})" for table in tables) or "1")

    @abc.abstractmethod
    def _new_server(self) -> Server: ...

    @abc.abstractmethod
    def _all_tables(self, connection: Connection) -> list[str]:
        """The names of all tables, quoted."""

    @abc.abstractmethod
    def _learn_to_copy(self, connection: Connection) -> None:
        """Keeps what copies of the template are made from."""

    @abc.abstractmethod
    def _copy_template(self, name: str) -> None: ...

    @abc.abstractmethod
    def _look(self, connection: Connection) -> _Look | None:
        """What there is, in as few calls as can be. None where somebody else was connected, and has been told to go."""


class _PostgreSQL(_ServersDatabases):
    _STATE = (
        # Columns, constraints, schemas, functions, and whether ANALYZE found something out about rows.
        """
        SELECT count(*), md5(string_agg(
            concat_ws(',', relkind, relname, attname, atttypid, atttypmod, attnotnull, attcollation),
            ';' ORDER BY relname, attnum))
        FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
        WHERE relnamespace = 'public'::regnamespace AND attnum > 0
        """,
        """
        SELECT md5(string_agg(concat_ws(',', conrelid::int, conname, contype), ';' ORDER BY conrelid, conname))
        FROM pg_constraint WHERE oid >= 16384
        """,
        """
        SELECT (SELECT count(*) FROM pg_namespace WHERE oid >= 16384),
            (SELECT count(*) FROM pg_proc WHERE oid >= 16384),
            (SELECT count(*) FROM pg_statistic WHERE starelid >= 16384)
        """,
    )
    # A number may have been drawn though the table is empty: what drew it was rolled back.
    _DRAWN = (
        "SELECT quote_ident(sequencename), start_value FROM pg_sequences"
        " WHERE schemaname = 'public' AND last_value IS NOT NULL"
    )
    # To the planner, a table that was never vacuumed has at least ten pages: up to there old rows change no plan.
    _SMALL_BYTES = 8 * 8_192

    def _new_server(self) -> Server:
        return SERVERS["postgresql"]()

    def _all_tables(self, connection: Connection) -> list[str]:
        (rows,) = connection.execute(
            "SELECT quote_ident(relname) FROM pg_class"
            " WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY relname"
        )
        return [name for (name,) in rows]

    def _learn_to_copy(self, connection: Connection) -> None:
        """The server copies files."""

    def _copy_template(self, name: str) -> None:
        with self.server.connect() as connection:
            connection.execute(
                f"CREATE DATABASE {name} OWNER {self.server.USER} TEMPLATE {self._template} STRATEGY file_copy"
            )

    def _look(self, connection: Connection) -> _Look | None:
        sizes = "SELECT " + (", ".join(f"pg_relation_size('{table}')" for table in self._tables) or "1")
        seeds = [f"SELECT {table}::text FROM {table} ORDER BY 1" for table in self._seeded]
        others, filled, sizes_bytes, drawn, *state = connection.execute(
            connections.OTHERS["postgresql"],
            self._which_are_filled(self._tables),
            sizes,
            self._DRAWN,
            *self._STATE,
            *seeds,
        )
        if others:
            return None
        found = [table for table in zip(self._tables, filled[0], sizes_bytes[0], strict=False) if table[1]]
        large = [table for table, _, bytes_ in found if bytes_ > self._SMALL_BYTES]
        emptying = [f"TRUNCATE {', '.join(large)} CASCADE"] if large else []
        # Several times as fast, but the file keeps old rows.
        emptying += [f"DELETE FROM {table}" for table, _, bytes_ in found if bytes_ <= self._SMALL_BYTES]
        emptying += [f"SELECT setval('{name}', {start}, false)" for name, start in drawn]
        # A replica checks no foreign keys, so that the order of tables is of no account.
        return _Look((*state,), ["SET session_replication_role = replica", *emptying] if emptying else [])


class _MariaDB(_ServersDatabases):
    def _new_server(self) -> Server:
        return SERVERS["mariadb"]()

    def _all_tables(self, connection: Connection) -> list[str]:
        (rows,) = connection.execute("SHOW FULL TABLES")
        assert all(kind == "BASE TABLE" for _, kind in rows), rows
        return [f"`{name}`" for name, _ in rows]

    def _learn_to_copy(self, connection: Connection) -> None:
        (((self._collation,),),) = connection.execute("SELECT @@collation_database")
        shown = connection.execute(*(f"SHOW CREATE TABLE {table}" for table in self._tables + self._seeded))
        self._creates = [_NUMBER.sub("", create) for ((_, create),) in shown]

    def _copy_template(self, name: str) -> None:
        filling = [f"INSERT INTO {table} SELECT * FROM {self._template}.{table}" for table in self._seeded]
        start = [f"CREATE DATABASE {name} COLLATE {self._collation}", f"USE {name}", "SET foreign_key_checks = 0"]
        with self.server.connect() as connection:
            connection.execute(*start, *self._creates, *filling)

    def _look(self, connection: Connection) -> _Look | None:
        others, filled, *state = connection.execute(
            connections.OTHERS["mariadb"],
            self._which_are_filled(self._tables),
            *(f"SHOW CREATE TABLE {table}" for table in self._tables),
            "SHOW TABLES",
            "SELECT @@collation_database",
            "SHOW TRIGGERS",
            *(f"SHOW CREATE TABLE {table}" for table in self._seeded),
            *(f"SELECT * FROM {table}" for table in self._seeded),
        )
        if others:
            connections.end_on_mariadb(connection, others)
            return None
        shown = [create for ((_, create),) in state[: len(self._tables)]]
        # A number may have been drawn though the table is empty: what drew it was rolled back.
        emptied = [
            table
            for table, has_rows, create in zip(self._tables, filled[0], shown, strict=False)
            if has_rows or _NUMBER.search(create)
        ]
        # TRUNCATE is as fast as DELETE where the numbers of rows start anew, and leaves no old versions of rows.
        emptying = ["SET foreign_key_checks = 0", *(f"TRUNCATE {table}" for table in emptied)] if emptied else []
        return _Look((*(_NUMBER.sub("", create) for create in shown), *state[len(self._tables) :]), emptying)


_NUMBER = re.compile(r" AUTO_INCREMENT=\d+(?= )")
_MAKE: dict[str, Callable[[Prepare], _Engine]] = {
    "sqlite": _SQLite,
    "postgresql": _PostgreSQL,
    "mariadb": _MariaDB,
}
