"""The schema of a store on a database server: several processes may find it empty at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from typing import Any, NamedTuple, Protocol

from sqlalchemy import Connection, Engine, NullPool, create_engine, exc

from artifactd.errors import ServiceError, Unavailable, quoted
from artifactd.storage.migrate import Found, MigratedDatabase, check_version, upgrade

_WAITED_FOR_OTHERS_S = 30.0
_PAUSE_S = 0.2


class SchemaGuard(Protocol):
    """How an engine keeps migrations of several processes apart."""

    tables: frozenset[str]
    """The tables that it keeps for itself."""

    def alone(self, connection: Connection) -> AbstractContextManager[None]:
        """Waits until no other process migrates, and lets none begin until it ends."""
        ...

    def is_held(self, connection: Connection) -> bool:
        """Whether a process migrates just now, and others can see what it has done so far."""
        ...


class Access(NamedTuple):
    """How a database is reached for its schema.

    `connect` gives a connection of the driver; `tables` is the statement that gives the names of its tables; `guard`
    keeps other processes from migrating at the same time.
    """

    dialect: str
    connect: Callable[[], Any]
    errors: tuple[type[Exception], ...]
    tables: str
    guard: SchemaGuard


class ServerSchema:
    """A database on a server, for migrations.

    Args:
        where: names it in messages, without a password.
        access: how it is reached.
    """

    def __init__(self, where: str, access: Access) -> None:
        self.where = where
        self._access = access

    def look(self) -> Found:
        """What the database holds. Raises Unavailable where it cannot be reached."""
        try:
            # By the driver alone: SQLAlchemy asks a dozen things of a server that it meets for the first time.
            with closing(self._access.connect()) as connection, closing(connection.cursor()) as cursor:
                cursor.execute(self._access.tables)
                tables = frozenset(str(name) for (name,) in cursor.fetchall())
                tables -= self._access.guard.tables
                versions: tuple[str, ...] = ()
                if "alembic_version" in tables:
                    cursor.execute("SELECT version_num FROM alembic_version")
                    versions = tuple(str(version) for (version,) in cursor.fetchall())
                return Found(tables, versions)
        except self._access.errors as error:
            raise self._unreachable(error) from error

    def is_changing(self) -> bool:
        """Whether another process is at the schema now. Raises Unavailable where it cannot be reached."""
        try:
            with self._engine().connect() as connection:
                return self._access.guard.is_held(connection)
        except exc.DBAPIError as error:
            raise self._unreachable(error.orig or error) from error

    def _unreachable(self, error: BaseException) -> ServiceError:
        first_line = str(error).strip().split("\n", 1)[0]
        return Unavailable(f"cannot use the database {quoted(self.where, 4_096)}: {first_line}")

    def migrated(self) -> MigratedDatabase:
        """The database as `artifactd.storage.migrate` takes it."""
        options: dict[str, object] = {"paramstyle": "named"}
        if self._access.dialect == "mysql+pymysql":
            engine = self._engine()
            with engine.connect():
                options["is_mariadb"] = getattr(engine.dialect, "is_mariadb", False)
        return MigratedDatabase(self._access.dialect.partition("+")[0], options, self._alone)

    def _engine(self) -> Engine:
        return create_engine(f"{self._access.dialect}://", creator=self._access.connect, poolclass=NullPool)

    def upgrade(self) -> None:
        """Runs what migrations are lacking; if another process does so at the same time, waits for that.

        Raises:
            Unavailable: the database failed while it was migrated.
        """
        deadline = time.monotonic() + _WAITED_FOR_OTHERS_S
        pause = threading.Event()
        while True:
            try:
                upgrade(self.migrated())
            except exc.DBAPIError as error:
                # Whoever was before us may have failed, or the connection: what is lacking still is tried again.
                if time.monotonic() > deadline:
                    raise self._unreachable(error.orig or error) from error
            if check_version(self.where, self.look()):
                return
            pause.wait(_PAUSE_S)

    @contextmanager
    def _alone(self) -> Iterator[Connection]:
        with self._engine().begin() as connection, self._access.guard.alone(connection):
            yield connection
