"""What copying a store needs of an engine: all rows of a table as of one moment, and many rows in at once."""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import NamedTuple, Protocol

from sqlalchemy import Index, Select, Table, select

from artifactd.errors import Aborted, Internal, ServiceError, Unavailable, quoted
from artifactd.storage.migrate import Schema
from artifactd.storage.statements import Row, Statement, Transaction

SILENCE_MAX_S = 1_800
"""How long a server may say nothing while it counts, commits or builds an index of a large table."""


class Snapshot(Protocol):
    """A store as it was at one moment, for as long as this is open."""

    @property
    def transaction(self) -> Transaction:
        """For small questions, while no rows are being read."""
        ...

    def rows(self, table: Table) -> Generator[Row, None, None]:
        """All rows of a table in the order of its key, however many, a few of them in memory.

        Raises:
            Unavailable: the store was lost meanwhile.
        """
        ...


class Loader(Protocol):
    """Fills a store. Used by one thread at a time."""

    def load(self, table: Table, rows: Sequence[Row]) -> None:
        """Keeps rows, with a value for each column: all of them, or none.

        Raises:
            Aborted: the key of one of them exists.
            Unavailable: the store was lost; the rows may have been kept.
        """
        ...


class BulkStore(Protocol):
    """A store, as copying sees it."""

    @property
    def schema(self) -> Schema:
        """What it is, and how its tables are changed."""
        ...

    def snapshot(self) -> AbstractContextManager[Snapshot]:
        """Begins to look at it. Raises Unavailable where it cannot be reached."""
        ...

    def loader(self) -> AbstractContextManager[Loader]:
        """Begins to fill it. Raises Unavailable where it cannot be reached."""
        ...

    def changes(self) -> AbstractContextManager[Transaction]:
        """A transaction for changes, which are durable in the end, unless something is raised."""
        ...

    @property
    def index_names(self) -> Statement:
        """Gives the name of each index that there is."""
        ...

    def make_indexes(self, table: Table, indexes: Sequence[Index]) -> None:
        """Makes indexes of all rows that a table has. Raises Unavailable where the store is lost meanwhile."""
        ...

    def settle(self, tables: Sequence[Table]) -> None:
        """Does what the engine needs once the tables are full, so that rows go on being numbered behind them."""
        ...


class DriverErrors(NamedTuple):
    """The errors of a driver: its own, those of a lost connection or a bad disk, and those of a key that exists."""

    all: tuple[type[Exception], ...]
    lost: tuple[type[Exception], ...]
    duplicate: tuple[type[Exception], ...]

    @contextlib.contextmanager
    def told(self, where: str, doing: str) -> Iterator[None]:
        """Turns the errors of what runs inside into ours. The first line of theirs is for the operator who copies."""
        try:
            yield
        except self.all as error:
            raise self._ours(error, f"{doing} {quoted(where, 4_096)}") from error

    def _ours(self, error: Exception, doing: str) -> ServiceError:
        if isinstance(error, self.duplicate):
            return Aborted(f"{doing} met a row that is there already: something else writes to it meanwhile")
        original = getattr(error, "orig", None) or error
        lines = str(original.args[-1] if original.args else original).strip().splitlines()
        message = f"{doing} failed: {lines[0] if lines else type(original).__name__}"
        return Unavailable(message) if isinstance(error, self.lost) else Internal(message)


def everything(table: Table) -> Select[tuple[object, ...]]:
    """All rows of a table, in the order of its key."""
    return select(*table.c).order_by(*table.primary_key.columns)
