"""PostgreSQL, by psycopg on threads (docs/decisions/0009)."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from hashlib import blake2b
from typing import Any, cast

import psycopg
from psycopg import conninfo
from psycopg.pq import ConnStatus, ExecStatus
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql.base import PGCompiler, PGDialect

from artifactd.errors import InvalidArgument
from artifactd.storage.engines.driver import Fault, Purpose
from artifactd.storage.engines.server import ServerStore
from artifactd.storage.engines.server_schema import Access, ServerSchema
from artifactd.storage.engines.transaction import ServerTransaction
from artifactd.storage.migrate import ensure_schema
from artifactd.storage.statements import (
    ConstantsInText,
    Insert,
    Row,
    Statement,
    StatementCache,
    Values,
)
from artifactd.storage.store import StoreOptions


class _Compiler(ConstantsInText, PGCompiler):  # type: ignore[misc]
    """PostgreSQL's compiler, with constants in the text."""


DIALECT = PGDialect(paramstyle="pyformat")  # type: ignore[no-untyped-call]
DIALECT.statement_compiler = _Compiler
_BEGIN = {
    Purpose.WRITE: b"BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
    Purpose.READ: b"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    Purpose.SCAN: b"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
}
_TABLES = "SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema()"
_SCHEMA_LOCK = 0x617274696661_6374
_PREPARED_MAX = 512
_ROWS_AT_ONCE = 512
# A server that is cut off must be noticed although it says nothing, within about the same time as by a clean end.
_CONNECTION_DEFAULTS = {
    "application_name": "artifactd",
    "client_encoding": "UTF8",
    "connect_timeout": "5",
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "3",
    "tcp_user_timeout": "10000",
}
_FAULTS = {
    "23505": Fault.CONFLICT,  # unique_violation: what was looked for has just been made.
    "40001": Fault.CONFLICT,  # serialization_failure
    "40P01": Fault.CONFLICT,  # deadlock_detected
    "55P03": Fault.CONFLICT,  # lock_not_available
    "57014": Fault.TIMEOUT,  # query_canceled
    "53100": Fault.FULL,  # disk_full
    "53300": Fault.CROWDED,  # too_many_connections
    "25006": Fault.LOST,  # read_only_sql_transaction: it has become a standby.
    "57P01": Fault.LOST,  # admin_shutdown
    "57P02": Fault.LOST,  # crash_shutdown
    "57P03": Fault.LOST,  # cannot_connect_now
    "57P05": Fault.LOST,  # idle_session_timeout
    "25P03": Fault.LOST,  # idle_in_transaction_session_timeout
}


class _Connection(psycopg.Connection[Row]):
    """A connection that notes what it is warned of while it commits."""

    warnings: list[str] | None = None

    def note(self, notice: psycopg.errors.Diagnostic) -> None:
        """Notes a warning."""
        if self.warnings is not None and notice.severity_nonlocalized == "WARNING":
            self.warnings.append(notice.message_primary or "")


class NotReplicatedError(psycopg.Error):
    """A commit that was kept by the primary, but not confirmed by its synchronous standby."""


class PostgresqlTransaction(ServerTransaction):
    """Runs statements on one connection; see `artifactd.storage.statements.Transaction`."""

    dialect = DIALECT

    def insert(self, statement: Insert, values: Values) -> int:
        """Inserts a row and gives its number."""
        row = self.row(statement, values)
        assert row is not None
        return int(row[0])

    def stream(self, statement: Statement, values: Values) -> Iterator[Row]:
        """The rows of a statement, fetched some at a time."""
        with self.connection.cursor(name="stream") as cursor:
            cursor.itersize = _ROWS_AT_ONCE
            cursor.execute(cast("Any", statement.sql(DIALECT)), values)
            for row in cursor:
                self.check_time()
                yield row

    def lock(self, name: str, *, shared: bool = False) -> bool:
        """Takes an advisory lock, which ends with the transaction."""
        key = int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "big", signed=True)
        function = b"pg_advisory_xact_lock_shared" if shared else b"pg_advisory_xact_lock"
        self.cursor.execute(b"SELECT %b(%%(key)s::bigint)" % function, {"key": key})
        return True


class PostgresqlDriver:
    """See `artifactd.storage.engines.driver.Driver`."""

    errors: tuple[type[Exception], ...] = (psycopg.Error,)

    def __init__(self, url: str, options: StoreOptions, sessions: str = "read-write") -> None:
        self._conninfo = connection_string(url, sessions)
        self._limit_ms = max(1, round(options.scan_timeout_s * 1_000))
        self._timeout_s = options.scan_timeout_s

    def connect(self, purpose: Purpose) -> _Connection:
        """A connection, on which only scans have a time limit: a commit must never be cancelled half-way."""
        connection = _Connection.connect(self._conninfo, autocommit=True, prepare_threshold=0)
        connection.prepared_max = _PREPARED_MAX
        connection.add_notice_handler(connection.note)
        limit = self._limit_ms if purpose is Purpose.SCAN else 0
        # A plan for any namespace and any ids takes each namespace for one of middling size, and reads a large one
        # whole to find a few ids. Only what a scan runs has such plans; the rest is spared the planning.
        plans = "force_custom_plan" if purpose is Purpose.SCAN else "force_generic_plan"
        connection.execute(
            f"SET statement_timeout = {limit}; SET timezone = 'UTC'; SET jit = off; SET lock_timeout = 0; "
            f"SET plan_cache_mode = {plans}".encode(),
            prepare=False,
        )
        return connection

    def transaction(self, connection: Any, shapes: StatementCache, stripe: int, purpose: Purpose) -> Any:
        """What functions run their statements on."""
        timeout_s = self._timeout_s if purpose is Purpose.SCAN else None
        return PostgresqlTransaction(connection, shapes, stripe, timeout_s)

    def begin(self, connection: Any, purpose: Purpose) -> None:
        """Begins a transaction."""
        _execute(connection, _BEGIN[purpose])

    def commit(self, connection: Any) -> None:
        """Commits. A server that only warns that no standby has confirmed did not do what it was to do."""
        warnings = connection.warnings = []
        _execute(connection, b"COMMIT")
        connection.warnings = None
        if warnings:
            raise NotReplicatedError(warnings[0])

    def rollback(self, connection: Any) -> None:
        """Rolls back."""
        _execute(connection, b"ROLLBACK")

    def close(self, connection: Any) -> None:
        """Closes the connection."""
        connection.close()

    def interrupt(self, connection: Any) -> None:
        """Ends the connection below whoever waits on it."""
        with contextlib.suppress(OSError, psycopg.Error), socket.socket(fileno=connection.pgconn.socket) as line:
            line.shutdown(socket.SHUT_RDWR)
            line.detach()

    def fault(self, error: Exception) -> Fault:
        """What an error means, by its SQLSTATE; one without has not come from the server."""
        state = getattr(error, "sqlstate", None)
        if state is None:
            return Fault.LOST if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError) else Fault.OTHER
        return Fault.LOST if state.startswith("08") else _FAULTS.get(state, Fault.OTHER)


def _execute(connection: _Connection, command: bytes) -> None:
    """Runs a command without parameters or rows by libpq alone: a third less of our time than through a cursor."""
    result = connection.pgconn.exec_(command)
    if result.status != ExecStatus.COMMAND_OK:
        if connection.pgconn.status != ConnStatus.OK:
            # What libpq says of a broken line carries no SQLSTATE, and so would not be told from a fault of ours.
            raise psycopg.OperationalError(result.get_error_message())
        raise psycopg.errors.error_from_result(result, connection.info.encoding)


def connection_string(url: str, sessions: str = "read-write") -> str:
    """A `postgresql://` URL in libpq's form, with our defaults for what it leaves unsaid.

    Args:
        sessions: which of several hosts is taken, as libpq's `target_session_attrs` has it.

    Raises:
        InvalidArgument: it is no such URL.
    """
    try:
        given = conninfo.conninfo_to_dict(url)
    except psycopg.Error as error:
        raise InvalidArgument(
            "database-url is not a PostgreSQL URL: give postgresql://USER:PASSWORD@HOST[:PORT][,HOST…]/DATABASE"
        ) from error
    if "," in str(given.get("host", "")):
        given.setdefault("target_session_attrs", sessions)
    return conninfo.make_conninfo("", **cast("Any", _CONNECTION_DEFAULTS | given))


def open_postgresql(url: str, options: StoreOptions) -> ServerStore:
    """Opens the database that a URL names.

    Raises:
        InvalidArgument: a bad URL, or a store of another version.
        Unavailable: the database cannot be reached.
    """
    store = connected_store(url, options)
    ensure_schema(server_schema(url), migrate=options.migrate)
    return store


def connected_store(url: str, options: StoreOptions, *, is_replica: bool = False) -> ServerStore:
    """The database that a URL names, as it is: its server is first asked when somebody reads or writes.

    Args:
        is_replica: whether it is for reads alone, which another server can answer too.

    Raises:
        InvalidArgument: a bad URL.
    """
    driver = PostgresqlDriver(url, options, "prefer-standby" if is_replica else "read-write")
    return ServerStore(driver, options, is_replica=is_replica)


def server_schema(url: str) -> ServerSchema:
    """The database that a URL names, for migrations."""
    text = connection_string(url)
    access = Access("postgresql+psycopg", lambda: psycopg.connect(text), (psycopg.Error,), _TABLES, _Guard())
    parts = conninfo.conninfo_to_dict(text)
    where = f"postgresql://{parts.get('host', '')}/{parts.get('dbname', '')}"
    return ServerSchema(where, access)


class _Guard:
    """A lock of the database's, held to the end of the transaction: who comes second finds the work done."""

    tables: frozenset[str] = frozenset()

    @contextlib.contextmanager
    def alone(self, connection: Connection) -> Iterator[None]:
        """Takes the lock."""
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_SCHEMA_LOCK})")
        yield

    def is_held(self, connection: Connection) -> bool:
        """A transaction holds all migrations together: nobody sees it between two of them."""
        del connection
        return False
