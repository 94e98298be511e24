"""The store that a copy goes to: marked as unfinished until it is whole, and without indexes while it is filled.

While it is filled, its version is COPYING and a fingerprint of what is copied, so that nothing serves it and the copy
goes on only from the same source. How far it has come is seen in the largest key of each table.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

from sqlalchemy import Index, Table, bindparam, column, select, table, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.schema import DropIndex

from artifactd.errors import AlreadyExists, quoted
from artifactd.storage import migrate
from artifactd.storage.engines.bulk import BulkStore, DriverErrors, Snapshot
from artifactd.storage.schema import artifact_tasks, artifacts, metrics, namespaces, runs, tasks
from artifactd.storage.statements import Row, Statement

_FINGERPRINT_BYTES = 12
_IDENTITIES = (
    (namespaces.c.namespace_id, namespaces.c.namespace),
    (artifacts.c.artifact_pk, artifacts.c.artifact_id),
    (artifact_tasks.c.artifact_task_pk, artifact_tasks.c.id),
    (metrics.c.metric_pk, metrics.c.task_id, metrics.c.name),
    (runs.c.run_pk, runs.c.run_id),
    (tasks.c.task_pk, tasks.c.task_id),
)
_SET_VERSION = Statement(
    update(table("alembic_version", column("version_num"))).values(version_num=bindparam("version"))
)
_ERRORS = DriverErrors((DBAPIError,), (DBAPIError,), ())


def fingerprint(source: Snapshot) -> str:
    """What tells a store from another: the first row of each table, as far as it never changes."""
    first = [source.transaction.row(Statement(select(*some).order_by(some[0]).limit(1))) for some in _IDENTITIES]
    return blake2b(repr(first).encode(), digest_size=_FINGERPRINT_BYTES).hexdigest()


class CopyTarget:
    """A store that is being filled. `tables` are those that a copy holds."""

    def __init__(self, store: BulkStore, tables: Sequence[Table]) -> None:
        self.where = store.schema.where
        self._store = store
        self._schema = store.schema
        self._tables = tables

    def begin(self, source: str) -> bool:
        """Makes an empty database a store that only the source with this fingerprint can fill.

        Returns:
            Whether an unfinished copy of that source was there already.

        Raises:
            AlreadyExists: it holds anything else.
            InvalidArgument: it is of another program, or of another version.
        """
        mark = f"{migrate.COPYING}-{source}"
        found = self._schema.look()
        if any(version.startswith(migrate.COPYING) for version in found.versions):
            if found.versions != (mark,):
                raise AlreadyExists(
                    f"{quoted(self.where, 4_096)} holds an unfinished copy of another store, or of this one before it "
                    "was changed: empty it, and copy again"
                )
            return True
        if not found.empty and not migrate.check_version(self.where, found):
            raise migrate.older(self.where, found)
        if found.empty:
            with _ERRORS.told(self.where, "making the tables of"):
                self._schema.upgrade()
        self._refuse_rows()
        self._set_version(mark)
        return False

    def _refuse_rows(self) -> None:
        with self._store.changes() as transaction:
            for each in self._tables:
                if transaction.row(Statement(select(*each.primary_key.columns).limit(1))) is not None:
                    raise AlreadyExists(
                        f"{quoted(self.where, 4_096)} is not empty: it has rows in {each.name}. Copy into an empty "
                        "database"
                    )

    def largest_key(self, of: Table) -> Row | None:
        """The key of the last row that a table has so far."""
        key = of.primary_key.columns
        with self._store.changes() as transaction:
            return transaction.row(Statement(select(*key).order_by(*(each.desc() for each in key)).limit(1)))

    def drop_indexes(self, of: Table) -> None:
        """Takes a table's indexes away: rows come in several times faster without."""
        with self._store.changes() as transaction:
            present = {name for (name,) in transaction.rows(self._store.index_names)}
            for index in of.indexes:
                if index.name in present:
                    transaction.run(Statement(DropIndex(index)), {})

    def lacking_indexes(self) -> dict[Table, list[Index]]:
        """The indexes that are not there, by their tables, in the order of their names."""
        with self._store.changes() as transaction:
            present = {name for (name,) in transaction.rows(self._store.index_names)}
        lacking = {
            each: sorted((index for index in each.indexes if index.name not in present), key=lambda i: str(i.name))
            for each in self._tables
        }
        return {each: indexes for each, indexes in lacking.items() if indexes}

    def finish(self) -> None:
        """Says that the copy is whole: from now on it may be served."""
        self._set_version(migrate.SCHEMA_VERSION)

    def _set_version(self, version: str) -> None:
        with self._store.changes() as transaction:
            transaction.run(_SET_VERSION, {"version": version})
