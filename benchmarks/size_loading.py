"""Fills an empty store with a `Shape`, row by row straight into its tables: the API would take days.

Secondary indexes are dropped before and made again after, from the program's own schema.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from sqlalchemy import Index, Table, UniqueConstraint
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import AddConstraint, CreateIndex

from benchmarks.size_contents import Encoding, Shape, TableRows

_AT_ONCE = 20_000
_SAY_EVERY_S = 10.0
_LARGE_ROWS = 5_000
"""Tables with at least so many rows at scale 1 lose their indexes while they are filled."""
Say = Callable[[str], None]


class Loaded(NamedTuple):
    """A filled store: rows by table, bytes by table and index, seconds for the rows and for the indexes."""

    rows: dict[str, int]
    bytes: dict[str, dict[str, int]]
    rows_s: float
    indexes_s: float


class Loader(Protocol):
    """What an engine does in its own way. Its store is empty, with all tables and indexes."""

    encoding: Encoding

    def begin(self, tables: list[Table]) -> None:
        """Drops the secondary indexes of those tables."""
        ...

    def fill(self, rows: TableRows, batches: Iterable[list[tuple[Any, ...]]]) -> None:
        """Inserts the rows of one table."""
        ...

    def index(self, table: Table, say: Say) -> None:
        """Makes the table's secondary indexes."""
        ...

    def finish(self) -> dict[str, dict[str, int]]:
        """Gathers statistics; gives the bytes of each table by index, with the table's own under its name."""
        ...


def load(loader: Loader, shape: Shape, say: Say) -> Loaded:
    """Fills a store."""
    contents = shape.tables()
    large = [each.table for each in contents if each.table.name not in ("namespaces", "counts")]
    loader.begin(large)
    began = time.monotonic()
    for each in contents:
        loader.fill(each, _told(each, loader.encoding, say))
    filled = time.monotonic()
    for table in large:
        loader.index(table, say)
    indexed = time.monotonic()
    say("gathering statistics and sizes")
    sizes = loader.finish()
    rows = {each.table.name: each.rows_count for each in contents}
    return Loaded(rows, sizes, filled - began, indexed - filled)


def _told(rows: TableRows, encoding: Encoding, say: Say) -> Iterator[list[tuple[Any, ...]]]:
    """The rows in batches, telling now and then how fast they go."""
    source = rows.rows(encoding)
    began = said = time.monotonic()
    done = 0
    while batch := list(islice(source, _AT_ONCE)):
        yield batch
        done += len(batch)
        now = time.monotonic()
        if now - said > _SAY_EVERY_S:
            said = now
            say(f"{rows.table.name}: {done:,} of {rows.rows_count:,} rows, {done / (now - began):,.0f}/s")
    assert done == rows.rows_count, f"{rows.table.name}: {done} rows, not {rows.rows_count}"
    say(f"{rows.table.name}: {done:,} rows in {time.monotonic() - began:,.0f} s")


class SqliteLoader:
    """Fills a SQLite file that nobody else has open."""

    encoding = Encoding(lambda value: value.to_bytes(16, "big"), None)

    def __init__(self, path: Path) -> None:
        import apsw

        self._connection = apsw.Connection(str(path))
        self._run("PRAGMA journal_mode = OFF")
        self._run("PRAGMA synchronous = OFF")
        self._run("PRAGMA locking_mode = EXCLUSIVE")
        # Of what is sorted for an index this much is in memory, the rest in files beside the store.
        self._run(f"PRAGMA cache_size = -{1 << 20}")
        self._run("PRAGMA threads = 2")

    def _run(self, sql: str) -> list[tuple[Any, ...]]:
        return self._connection.execute(sql).fetchall()

    def begin(self, tables: list[Table]) -> None:
        """See `Loader`. What a unique constraint made cannot be dropped; its rows come nearly in order."""
        for table in tables:
            for index in _indexes(table):
                self._run(f"DROP INDEX {index.name}")

    def fill(self, rows: TableRows, batches: Iterable[list[tuple[Any, ...]]]) -> None:
        """See `Loader`."""
        columns = ", ".join(f'"{name}"' for name in (*rows.varying, *rows.constant))
        values = ", ".join(("?",) * len(rows.varying) + tuple(map(_literal, rows.constant.values())))
        sql = f"INSERT INTO {rows.table.name} ({columns}) VALUES ({values})"
        self._run("BEGIN")
        for batch in batches:
            self._connection.executemany(sql, batch)
        self._run("COMMIT")

    def index(self, table: Table, say: Say) -> None:
        """See `Loader`."""
        for index in _indexes(table):
            began = time.monotonic()
            self._run(str(CreateIndex(index).compile(dialect=sqlite.dialect())))
            say(f"{index.name}: {time.monotonic() - began:,.0f} s")

    def finish(self) -> dict[str, dict[str, int]]:
        """See `Loader`."""
        from artifactd.storage.engines.sqlite_statistics import write_statistics

        write_statistics(self._connection)
        sizes: dict[str, dict[str, int]] = {}
        rows = self._run(
            "SELECT s.tbl_name, d.name, d.pgsize FROM dbstat d JOIN sqlite_schema s ON s.name = d.name "
            "WHERE d.aggregate = TRUE AND s.tbl_name NOT LIKE 'sqlite%'"
        )
        for table, name, size in rows:
            sizes.setdefault(table, {})[name] = size
        self._run("PRAGMA locking_mode = NORMAL")
        self._run("PRAGMA journal_mode = WAL")
        self._connection.close()
        return sizes


class PostgresqlLoader:
    """Fills a PostgreSQL database by COPY."""

    encoding = Encoding(lambda value: f"\\\\x{value:032x}", "\\N")

    def __init__(self, url: str) -> None:
        import psycopg

        self._connection = psycopg.connect(url, autocommit=True)
        self._run("SET maintenance_work_mem = '1GB'")
        self._run("SET max_parallel_maintenance_workers = 2")

    def _run(self, sql: str) -> None:
        self._connection.execute(sql.encode())

    def begin(self, tables: list[Table]) -> None:
        """See `Loader`."""
        for table in tables:
            for constraint in _unique(table):
                self._run(f"ALTER TABLE {table.name} DROP CONSTRAINT {constraint.name}")
            for index in _indexes(table):
                self._run(f"DROP INDEX {index.name}")

    def fill(self, rows: TableRows, batches: Iterable[list[tuple[Any, ...]]]) -> None:
        """See `Loader`. A table that the same transaction emptied needs no log."""
        columns = ", ".join(f'"{name}"' for name in (*rows.varying, *rows.constant))
        line = _line(rows)
        sql = f"COPY {rows.table.name} ({columns}) FROM STDIN"
        with self._connection.transaction(), self._connection.cursor() as cursor:
            self._run(f"TRUNCATE {rows.table.name}")
            with cursor.copy(sql.encode()) as copy:
                for batch in batches:
                    copy.write("".join(map(line.__mod__, batch)))
        number = rows.table.autoincrement_column
        if number is not None and number.name in rows.varying:
            sequence = f"pg_get_serial_sequence('{rows.table.name}', '{number.name}')"
            self._run(f"SELECT setval({sequence}, (SELECT max({number.name}) FROM {rows.table.name}))")

    def index(self, table: Table, say: Say) -> None:
        """See `Loader`."""
        dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
        made: list[Any] = [*map(CreateIndex, _indexes(table)), *map(AddConstraint, _unique(table))]
        for each in made:
            began = time.monotonic()
            self._run(str(each.compile(dialect=dialect)))
            say(f"{each.element.name}: {time.monotonic() - began:,.0f} s")

    def finish(self) -> dict[str, dict[str, int]]:
        """See `Loader`."""
        self._run("VACUUM ANALYZE")
        self._run("CHECKPOINT")
        sizes: dict[str, dict[str, int]] = {}
        rows = self._connection.execute(
            "SELECT t.relname, t.relname, pg_table_size(t.oid) FROM pg_class t "
            "WHERE t.relkind = 'r' AND t.relnamespace = 'public'::regnamespace UNION ALL "
            "SELECT t.relname, i.relname, pg_relation_size(i.oid) FROM pg_index x "
            "JOIN pg_class t ON t.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid "
            "WHERE t.relnamespace = 'public'::regnamespace"
        )
        for table, name, size in rows:
            sizes.setdefault(table, {})[name] = size
        self._connection.close()
        return sizes


class MariadbLoader:
    """Fills a MariaDB database by LOAD DATA, from files of some rows each."""

    encoding = Encoding(lambda value: f"{value:032x}", "\\N")

    def __init__(self, address: Any, directory: Path) -> None:
        import pymysql

        self._connection = pymysql.connect(
            **address.options, host=address.hosts[0][0], port=address.hosts[0][1], charset="utf8mb4", autocommit=True,
            local_infile=True,
        )  # fmt: skip
        self._database = address.options["database"]
        self._directory = directory
        for setting in ("unique_checks = 0", "foreign_key_checks = 0", "sql_log_bin = 0"):
            self._run(f"SET SESSION {setting}")

    def _run(self, sql: str) -> Any:
        with self._connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall()

    def begin(self, tables: list[Table]) -> None:
        """See `Loader`."""
        for table in tables:
            named: list[Any] = [*_indexes(table), *_unique(table)]
            names = [str(each.name) for each in named]
            if names:
                self._run(f"ALTER TABLE {table.name} " + ", ".join(f"DROP INDEX {name}" for name in names))

    def fill(self, rows: TableRows, batches: Iterable[list[tuple[Any, ...]]]) -> None:
        """See `Loader`."""
        digests = [name for name in rows.varying if name in ("id", "artifact_id")]
        columns = ", ".join(f"@{name}" if name in digests else f"`{name}`" for name in (*rows.varying, *rows.constant))
        set_ = "SET " + ", ".join(f"`{name}` = UNHEX(@{name})" for name in digests) if digests else ""
        line = _line(rows)
        for batch in batches:
            with tempfile.NamedTemporaryFile("w", dir=self._directory, encoding="utf-8") as file:
                file.writelines(map(line.__mod__, batch))
                file.flush()
                self._run(
                    f"LOAD DATA LOCAL INFILE '{file.name}' INTO TABLE {rows.table.name} CHARACTER SET utf8mb4 "
                    f"({columns}) {set_}"
                )

    def index(self, table: Table, say: Say) -> None:
        """See `Loader`. All of a table's at once: the table is read once."""
        wanted: list[tuple[Index | UniqueConstraint, bool]] = [
            *((each, bool(each.unique)) for each in _indexes(table)),
            *((each, True) for each in _unique(table)),
        ]
        if not wanted:
            return
        began = time.monotonic()
        added = []
        for each, unique in wanted:
            columns = ", ".join(f"`{column.name}`" for column in each.columns)
            added.append(f"ADD {'UNIQUE ' if unique else ''}INDEX {each.name} ({columns})")
        self._run(f"ALTER TABLE {table.name} {', '.join(added)}")
        say(f"{len(added)} indexes of {table.name}: {time.monotonic() - began:,.0f} s")

    def finish(self) -> dict[str, dict[str, int]]:
        """See `Loader`."""
        sizes: dict[str, dict[str, int]] = {}
        for (table,) in self._run("SHOW TABLES"):
            self._run(f"ANALYZE TABLE {table}")
        rows = self._run(
            "SELECT table_name, index_name, stat_value * @@innodb_page_size FROM mysql.innodb_index_stats "
            f"WHERE stat_name = 'size' AND database_name = '{self._database}'"
        )
        for table, name, size in rows:
            # InnoDB keeps a table's rows in its primary key.
            sizes.setdefault(table, {})[table if name == "PRIMARY" else name] = int(size)
        self._connection.close()
        return sizes


def _indexes(table: Table) -> list[Index]:
    return sorted(table.indexes, key=lambda index: str(index.name))


def _unique(table: Table) -> list[UniqueConstraint]:
    return [each for each in table.constraints if isinstance(each, UniqueConstraint)]


def _literal(value: int | str) -> str:
    return str(value) if isinstance(value, int) else f"'{value}'"


def _line(rows: TableRows) -> str:
    """The template of a line of text for a row: nothing in it holds a tab, a line feed or a backslash."""
    constant = [str(value).replace("%", "%%") for value in rows.constant.values()]
    return "\t".join(("%s",) * len(rows.varying) + tuple(constant)) + "\n"
