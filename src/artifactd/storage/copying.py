"""Moves a store to another database, of the same engine or of another: all rows, as they are, checked at the end.

Table by table, in the order of its key, in batches that are kept whole. Run again after an interruption, it reads the
source from the beginning, which the check at the end needs anyway, and writes what is behind the last row that arrived.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple

from sqlalchemy import Table, func, select

from artifactd.errors import Aborted, InvalidArgument, quoted
from artifactd.storage.copy_target import CopyTarget, fingerprint
from artifactd.storage.digests import TableDigest, normal_form
from artifactd.storage.engines.bulk import BulkStore, Loader, Snapshot
from artifactd.storage.migrate import check_version, older
from artifactd.storage.schema import heartbeats, locks, tables_of
from artifactd.storage.statements import Row, Statement
from artifactd.storage.store import engine_of

BATCH_ROWS_MAX = 8_192
_BATCH_BYTES_MAX = 4 << 20
_ROWS_BETWEEN_REPORTS = 256
TABLES = [table for table in tables_of("sqlite") if table not in (heartbeats, locks)]
"""What is copied: all but what only servers that run have to say to each other."""


class Progress(NamedTuple):
    """How far a step has come: `copying`, `reading`, `checking` or `indexing` the tables.

    Of `total` rows of all tables, or indexes, `done` are done; `rows` of them are of this table. `ended` is whether
    this is the last of the table.
    """

    step: str
    table: str
    done: int
    total: int
    rows: int = 0
    ended: bool = False

    @property
    def counts_rows(self) -> bool:
        """Whether it is rows that are counted, and not indexes."""
        return self.step != "indexing"


class CopiedTable(NamedTuple):
    """A table that is the same on both sides: its rows, and how many of them were written now."""

    name: str
    rows: int
    written: int
    digest: str


class Copied(NamedTuple):
    """What a copy holds in the end. `resumed` is whether an earlier run had begun it."""

    source: str
    target: str
    resumed: bool
    tables: list[CopiedTable]


Watch = Callable[[Progress], None]


def copy(
    source_url: str, target_url: str, watch: Watch = lambda _: None, *, batch_rows_max: int = BATCH_ROWS_MAX
) -> Copied:
    """Copies the store of one URL into the empty database of another, or goes on with a copy that was cut short.

    Args:
        watch: is told how far it has come, often. What it raises ends the copy, which can be gone on with.
        batch_rows_max: how many rows are kept in one transaction.

    Raises:
        InvalidArgument: a bad URL; the source is no store of this version; the target is of another program.
        AlreadyExists: the target holds something else.
        Aborted: the copy differs from the source, and stays marked as unfinished.
        Unavailable: one of them cannot be reached.
    """
    source = _source(source_url, target_url)
    with source.snapshot() as snapshot:
        identity = fingerprint(snapshot)
        store = bulk_store(target_url, make=True)
        target = CopyTarget(store, TABLES)
        resumed = target.begin(identity)
        with store.loader() as loader, ThreadPoolExecutor(1, "artifactd-copy") as thread:
            copier = _Copier(target, loader, thread, batch_rows_max)
            wanted = copier.copy(snapshot, watch)
    _make_indexes(store, target, watch)
    store.settle(TABLES)
    _check(store, wanted, watch)
    target.finish()
    return _summary(source, store, wanted, copier.written, resumed=resumed)


def verify(source_url: str, target_url: str, watch: Watch = lambda _: None) -> Copied:
    """Compares two stores and changes neither. Raises as `copy` does."""
    source = _source(source_url, target_url)
    store = bulk_store(target_url, make=False)
    _refuse_other_versions(store)
    with source.snapshot() as snapshot:
        wanted = _digests(snapshot, "reading", _count(snapshot), watch)
    _check(store, wanted, watch)
    return _summary(source, store, wanted, {}, resumed=False)


def _source(source_url: str, target_url: str) -> BulkStore:
    if source_url == target_url:
        raise InvalidArgument("--from and --to name the same store")
    source = bulk_store(source_url, make=False)
    _refuse_other_versions(source)
    return source


def _refuse_other_versions(store: BulkStore) -> None:
    found = store.schema.look()
    if found.empty:
        raise InvalidArgument(f"{quoted(store.schema.where, 4_096)} is empty: there is no store in it")
    if not check_version(store.schema.where, found):
        raise older(store.schema.where, found)


def bulk_store(url: str, *, make: bool) -> BulkStore:
    """The store that a URL names; only a file can be made."""
    match engine_of(url):
        case "sqlite":
            from artifactd.storage.engines.sqlite_bulk import SqliteBulk

            return SqliteBulk(url, make=make)
        case "postgresql":
            from artifactd.storage.engines.postgresql_bulk import PostgresqlBulk

            return PostgresqlBulk(url)
        case _:
            from artifactd.storage.engines.mysql_bulk import MysqlBulk

            return MysqlBulk(url)


class _Copier:
    """Reads a snapshot and fills a target, which keeps one batch while the next is read.

    `written` tells how many rows each table got.
    """

    def __init__(self, target: CopyTarget, loader: Loader, thread: ThreadPoolExecutor, batch_rows_max: int) -> None:
        self._target = target
        self._loader = loader
        self._thread = thread
        self._batch_rows_max = batch_rows_max
        self._loading: Future[None] | None = None
        self.written: dict[str, int] = {}

    def copy(self, snapshot: Snapshot, watch: Watch) -> dict[str, TableDigest]:
        """Brings all tables over, and gives the digest of each as it was read."""
        digests: dict[str, TableDigest] = {}
        reports = _Reports("copying", _count(snapshot), watch)
        for table in TABLES:
            digest = digests[table.name] = TableDigest()
            self.written[table.name] = 0
            with contextlib.closing(reports.of(table, digest, snapshot)) as rows:
                behind = _behind(table, self._target.largest_key(table), rows)
                for batch in _batches(behind, self._batch_rows_max):
                    self._load(table, batch)
            self._wait()
        return digests

    def _load(self, table: Table, batch: list[Row]) -> None:
        self._wait()
        if not self.written[table.name]:
            self._target.drop_indexes(table)
        self.written[table.name] += len(batch)
        self._loading = self._thread.submit(self._loader.load, table, batch)

    def _wait(self) -> None:
        loading, self._loading = self._loading, None
        if loading is not None:
            loading.result()


class _Reports:
    """Reads tables, and tells how far that has come."""

    def __init__(self, step: str, total: int, watch: Watch) -> None:
        self._step = step
        self._total = total
        self._watch = watch
        self._before = 0

    def of(self, table: Table, digest: TableDigest, snapshot: Snapshot) -> Generator[tuple[Row, int], None, None]:
        """The rows of a table in normal form, each with about its bytes; each is counted into the digest."""
        normal = normal_form(table)
        with contextlib.closing(snapshot.rows(table)) as rows:
            for row in map(normal, rows):
                if not digest.rows:
                    self._say(table, 0)
                yield row, digest.add(row)
                if digest.rows % _ROWS_BETWEEN_REPORTS == 0:
                    self._say(table, digest.rows)
        if digest.rows:
            self._say(table, digest.rows, ended=True)
        self._before += digest.rows

    def _say(self, table: Table, rows: int, *, ended: bool = False) -> None:
        done = self._before + rows
        self._watch(Progress(self._step, table.name, done, max(done, self._total), rows, ended))


def _behind(table: Table, key: Row | None, rows: Iterator[tuple[Row, int]]) -> Iterator[tuple[Row, int]]:
    """The rows behind a key. Python and every engine order keys alike: by number, by code point, by byte."""
    names = list(table.c.keys())
    places = [names.index(column.name) for column in table.primary_key.columns]
    for row, size in rows:
        if key is None or tuple(row[place] for place in places) > key:
            yield row, size


def _batches(rows: Iterator[tuple[Row, int]], rows_max: int) -> Iterator[list[Row]]:
    """The rows in batches, which are small enough for the memory however long a row is."""
    batch: list[Row] = []
    bytes_ = 0
    for row, size in rows:
        if batch and (len(batch) == rows_max or bytes_ + size > _BATCH_BYTES_MAX):
            yield batch
            batch, bytes_ = [], 0
        batch.append(row)
        bytes_ += size
    if batch:
        yield batch


def _count(snapshot: Snapshot) -> int:
    rows = [snapshot.transaction.row(Statement(select(func.count()).select_from(table))) for table in TABLES]
    return sum(row[0] for row in rows if row is not None)


def _digests(snapshot: Snapshot, step: str, total: int, watch: Watch) -> dict[str, TableDigest]:
    digests = {table.name: TableDigest() for table in TABLES}
    reports = _Reports(step, total, watch)
    for table in TABLES:
        with contextlib.closing(reports.of(table, digests[table.name], snapshot)) as rows:
            for _ in rows:
                pass
    return digests


def _make_indexes(store: BulkStore, target: CopyTarget, watch: Watch) -> None:
    lacking = target.lacking_indexes()
    done, total = 0, sum(map(len, lacking.values()))
    for table, indexes in lacking.items():
        watch(Progress("indexing", table.name, done, total))
        store.make_indexes(table, indexes)
        done += len(indexes)
        watch(Progress("indexing", table.name, done, total, ended=True))


def _check(store: BulkStore, wanted: dict[str, TableDigest], watch: Watch) -> None:
    """Reads the copy back, and raises Aborted where a table is not as it was in the source."""
    with store.snapshot() as snapshot:
        found = _digests(snapshot, "checking", sum(digest.rows for digest in wanted.values()), watch)
    differences = [
        f"{name} has {there.rows} rows there and {here.rows} in the source"
        if there.rows != here.rows
        else f"{name} has {here.rows} rows on both sides, but not the same ones"
        for name, here in wanted.items()
        if (there := found[name]).hexadecimal != here.hexadecimal or there.rows != here.rows
    ]
    if differences:
        raise Aborted(
            f"{quoted(store.schema.where, 4_096)} is not the same as the source: {'; '.join(differences)}. Was one of "
            "them written to? Stop the servers that use them, empty the target and copy again"
        )


def _summary(
    source: BulkStore, target: BulkStore, wanted: dict[str, TableDigest], written: dict[str, int], *, resumed: bool
) -> Copied:
    tables = [
        CopiedTable(name, digest.rows, written.get(name, 0), digest.hexadecimal) for name, digest in wanted.items()
    ]
    return Copied(source.schema.where, target.schema.where, resumed, tables)
