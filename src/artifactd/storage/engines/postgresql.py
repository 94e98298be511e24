"""PostgreSQL, by psycopg on threads (docs/decisions/0009)."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from typing import Any, cast

import psycopg
from psycopg import conninfo
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql.base import PGCompiler, PGDialect

from artifactd.errors import InvalidArgument
from artifactd.storage.engines.driver import Fault, OutcomeUnknownError, Purpose
from artifactd.storage.engines.postgresql_pipeline import Pipeline
from artifactd.storage.engines.server import ServerStore
from artifactd.storage.engines.server_schema import Access, ServerSchema
from artifactd.storage.engines.transaction import NOTHING, ServerTransaction
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


class _Compiler(ConstantsInText, PGCompiler):  # type: ignore[misc]  # One overrides the other's method.
    """PostgreSQL's compiler, with constants in the text."""


DIALECT = PGDialect(paramstyle="pyformat")  # type: ignore[no-untyped-call]  # SQLAlchemy gives it no types.
DIALECT.statement_compiler = _Compiler
_READS = "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
_BEGIN = {
    Purpose.WRITE: "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
    Purpose.READ: None,
    Purpose.SCAN: None,
}
"""None where the connection's settings make each transaction one that reads, so that nothing need be said."""
_TABLES = "SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema()"
_SCHEMA_LOCK = 0x617274696661_6374
_ROWS_AT_ONCE = 512
_LOCK = "SELECT pg_advisory_xact_lock(%(key)s::bigint)"
_LOCK_SHARED = "SELECT pg_advisory_xact_lock_shared(%(key)s::bigint)"
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
    """A connection that notes what it is warned of while it commits.

    `heard_at_s` is when the server last answered a commit, by the monotonic clock.
    """

    line: Pipeline
    warnings: list[str] | None = None
    heard_at_s = 0.0

    def note(self, notice: psycopg.errors.Diagnostic) -> None:
        """Notes a warning."""
        if self.warnings is not None and notice.severity_nonlocalized == "WARNING":
            self.warnings.append(notice.message_primary or "")


class NotReplicatedError(psycopg.Error):
    """A commit that was kept by the primary, but not confirmed by its synchronous standby."""


class PostgresqlTransaction(ServerTransaction):
    """Runs statements on one connection; see `artifactd.storage.statements.Transaction`."""

    __slots__ = ("_line",)
    dialect = DIALECT

    def __init__(self, line: Pipeline, shapes: StatementCache, stripe: int, timeout_s: float | None) -> None:
        super().__init__(shapes, stripe, timeout_s)
        self._line = line

    def rows(self, statement: Statement, values: Values = NOTHING) -> list[Row]:
        """All rows of a statement."""
        self.check_time()
        line = self._line
        if statement.alone and line.may_be_alone:
            return line.ask_alone(statement.sql(DIALECT), values)
        return line.ask(statement.sql(DIALECT), values)

    def run(self, statement: Statement, values: Values) -> None:
        """Runs a statement that gives no rows; what becomes of it is told with the next that does."""
        self.check_time()
        self._line.send(statement.sql(DIALECT), values)

    def run_many(self, statement: Statement, values: Sequence[Values]) -> None:
        """Runs a statement that gives no rows once for each set of values; rows are inserted several at a time."""
        self.check_time()
        self._line.send_many(statement.sql(DIALECT), values)

    def insert(self, statement: Insert, values: Values) -> int:
        """Inserts a row and gives its number."""
        ((number,),) = self.rows(statement, values)
        return int(number)

    def stream(self, statement: Statement, values: Values) -> Iterator[Row]:
        """The rows of a statement, fetched some at a time."""
        with self.plain() as connection, connection.cursor(name="stream") as cursor:
            cursor.itersize = _ROWS_AT_ONCE
            cursor.execute(cast("Any", statement.sql(DIALECT)), values)
            for row in cursor:
                self.check_time()
                yield row

    def lock(self, name: str, *, shared: bool = False) -> bool:
        """Takes an advisory lock, which ends with the transaction; what is asked next waits for it."""
        key = int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "big", signed=True)
        self._line.send(_LOCK_SHARED if shared else _LOCK, {"key": key})
        return True

    def settle(self) -> None:
        """Waits until all that was run has succeeded."""
        self._line.settle()

    def plain(self) -> contextlib.AbstractContextManager[psycopg.Connection[Any]]:
        """The connection for the driver's own ways, inside this transaction."""
        return self._line.plain()


class PostgresqlDriver:
    """See `artifactd.storage.engines.driver.Driver`."""

    errors: tuple[type[Exception], ...] = (psycopg.Error,)

    def __init__(self, url: str, options: StoreOptions, sessions: str = "read-write") -> None:
        self._conninfo = connection_string(url, sessions)
        self._limit_ms = max(1, round(options.scan_timeout_s * 1_000))
        self._timeout_s = options.scan_timeout_s
        self._quiet_max_s = options.quiet_max_s

    def connect(self, purpose: Purpose) -> _Connection:
        """A connection, on which only scans have a time limit: a commit must never be cancelled half-way."""
        connection = _Connection.connect(self._conninfo, autocommit=True)
        connection.add_notice_handler(connection.note)
        limit = self._limit_ms if purpose is Purpose.SCAN else 0
        # A plan for any namespace and any ids takes each namespace for one of middling size, and reads a large one
        # whole to find a few ids. Only what a scan runs has such plans; the rest is spared the planning.
        plans = "force_custom_plan" if purpose is Purpose.SCAN else "force_generic_plan"
        connection.execute(
            f"SET statement_timeout = {limit}; SET timezone = 'UTC'; SET jit = off; SET lock_timeout = 0; "
            f"SET plan_cache_mode = {plans}{'' if purpose is Purpose.WRITE else f'; {_READS}'}".encode(),
            prepare=False,
        )
        connection.line = Pipeline(connection)
        connection.heard_at_s = time.monotonic()
        return connection

    def transaction(self, connection: Any, shapes: StatementCache, stripe: int, purpose: Purpose) -> Any:
        """What functions run their statements on."""
        timeout_s = self._timeout_s if purpose is Purpose.SCAN else None
        return PostgresqlTransaction(connection.line, shapes, stripe, timeout_s)

    def begin(self, connection: Any, purpose: Purpose, *, alone: bool) -> None:
        """Begins a transaction: it is said with the first statement."""
        connection.line.begin(_BEGIN[purpose], alone=alone)

    def commit(self, connection: Any, purpose: Purpose) -> None:
        """Commits. A server that only warns that no standby has confirmed did not do what it was to do."""
        line: Pipeline = connection.line
        if not line.sent:
            return
        if purpose is not Purpose.WRITE:
            # What was read is known; what the server says of the end is heard before the next transaction.
            line.end("COMMIT")
            return
        if not line.answered and time.monotonic() - connection.heard_at_s > self._quiet_max_s:
            # Nobody would know what became of a COMMIT that is sent along a line that broke while nobody looked.
            line.settle()
        line.end("COMMIT")
        try:
            line.take_until_end()
        except psycopg.Error as error:
            if error.sqlstate is None:
                raise OutcomeUnknownError from error
            # The server runs nothing behind what failed.
            raise
        warnings = connection.warnings = []
        try:
            line.take_end()
        except psycopg.Error as error:
            if self.fault(error) is Fault.CONFLICT:
                raise
            raise OutcomeUnknownError from error
        finally:
            connection.warnings = None
        if warnings:
            raise OutcomeUnknownError from NotReplicatedError(warnings[0])
        connection.heard_at_s = time.monotonic()

    def rollback(self, connection: Any) -> None:
        """Rolls back."""
        connection.line.rollback()

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
