"""MariaDB and MySQL, by PyMySQL on threads (docs/decisions/0009)."""

from __future__ import annotations

import contextlib
import re
import socket
import time
from collections.abc import Iterator, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

import pymysql
from pymysql.constants import CLIENT, CR, ER
from pymysql.cursors import SSCursor
from sqlalchemy.dialects.mysql.base import MySQLCompiler, MySQLDialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import CreateIndex, CreateTable

from artifactd.errors import InvalidArgument, quoted
from artifactd.storage.engines.driver import Fault, OutcomeUnknownError, Purpose
from artifactd.storage.engines.mysql_connection import MysqlConnection
from artifactd.storage.engines.mysql_schema import MysqlGuard
from artifactd.storage.engines.server import ServerStore
from artifactd.storage.engines.server_schema import Access, ServerSchema
from artifactd.storage.engines.transaction import NOTHING, ServerTransaction
from artifactd.storage.migrate import ensure_schema
from artifactd.storage.statements import ConstantsInText, Insert, Row, Statement, StatementCache, Values
from artifactd.storage.store import StoreOptions


class _Compiler(ConstantsInText, MySQLCompiler):  # type: ignore[misc]  # One overrides the other's method.
    """MySQL's compiler, with constants in the text."""


DIALECT = MySQLDialect(paramstyle="pyformat")
DIALECT.statement_compiler = _Compiler
_SLOTS = 1_024
_INSERT = re.compile(r"(INSERT INTO [^()]+\([^()]+\) VALUES )(\(.+\))", re.DOTALL)
_PORT = 3_306
_CONNECT_TIMEOUT_S = 5
_LOCK_WAIT_S = 10
_SILENCE_MAX_S = 30
"""How long the server may say nothing: then it counts as lost."""
# A server that is cut off is noticed sooner than one that is at work, for which it may say nothing; as with PostgreSQL.
_LINE_OPTIONS = {"TCP_USER_TIMEOUT": 10_000, "TCP_KEEPIDLE": 5, "TCP_KEEPINTVL": 2, "TCP_KEEPCNT": 3}
_COLLATIONS = {True: "utf8mb4_nopad_bin", False: "utf8mb4_0900_bin"}
"""By code point and without padding, on MariaDB and on MySQL."""
_BEGIN = {
    Purpose.WRITE: "START TRANSACTION",
    Purpose.READ: "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
    Purpose.SCAN: "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
}
"""What begins a transaction in a cluster."""
_FAULTS = {
    ER.DUP_ENTRY: Fault.CONFLICT,  # What was looked for has just been made.
    ER.LOCK_DEADLOCK: Fault.CONFLICT,  # In a Galera cluster also: another node was first.
    ER.LOCK_WAIT_TIMEOUT: Fault.CONFLICT,
    ER.CHECKREAD: Fault.CONFLICT,  # What is to be changed has changed since it was read.
    ER.CON_COUNT_ERROR: Fault.CROWDED,
    ER.DISK_FULL: Fault.FULL,
    ER.RECORD_FILE_FULL: Fault.FULL,
    ER.OPTION_PREVENTS_STATEMENT: Fault.LOST,  # It has become read-only.
    ER.UNKNOWN_COM_ERROR: Fault.LOST,  # A Galera node without its cluster takes no commands.
    ER.SERVER_SHUTDOWN: Fault.LOST,
    ER.QUERY_INTERRUPTED: Fault.LOST,
    1836: Fault.LOST,  # It has become read-only, on MySQL.
    1927: Fault.LOST,  # The connection was killed, on MariaDB.
    1969: Fault.TIMEOUT,  # max_statement_time, on MariaDB.
    3024: Fault.TIMEOUT,  # max_execution_time, on MySQL.
    CR.CR_SERVER_GONE_ERROR: Fault.LOST,
    CR.CR_SERVER_LOST: Fault.LOST,
    CR.CR_CONN_HOST_ERROR: Fault.LOST,
    CR.CR_CONNECTION_ERROR: Fault.LOST,
}


class MysqlAddress(NamedTuple):
    """Where a `mysql://` URL leads: hosts to be tried in their order, and what each connection is told."""

    hosts: tuple[tuple[str, int], ...]
    options: dict[str, Any]

    @property
    def where(self) -> str:
        """The address without user and password, for messages."""
        hosts = ",".join(f"{host}:{port}" for host, port in self.hosts)
        return f"mysql://{hosts}/{self.options['database']}"

    def waiting(self, silence_max_s: int) -> MysqlAddress:
        """The same, where the server may say nothing for so long before it counts as lost."""
        return self._replace(options=self.options | {"read_timeout": silence_max_s, "write_timeout": silence_max_s})


class MysqlTransaction(ServerTransaction):
    """Runs statements on one connection; see `artifactd.storage.statements.Transaction`."""

    __slots__ = ("connection",)
    dialect = DIALECT

    def __init__(
        self, connection: MysqlConnection, shapes: StatementCache, stripe: int, timeout_s: float | None
    ) -> None:
        super().__init__(shapes, stripe, timeout_s)
        self.connection = connection

    def rows(self, statement: Statement, values: Values = NOTHING) -> list[Row]:
        """All rows of a statement."""
        self.check_time()
        connection = self.connection
        sql = connection.bound(statement.sql(DIALECT), values)
        return connection.ask_alone(sql) if statement.alone and connection.may_be_alone else connection.ask(sql)

    def run(self, statement: Statement, values: Values) -> None:
        """Runs a statement that gives no rows; what becomes of it is told with the next that does."""
        self.check_time()
        connection = self.connection
        connection.send(connection.bound(statement.sql(DIALECT), values))

    def run_many(self, statement: Statement, values: Sequence[Values]) -> None:
        """Runs a statement that gives no rows once for each set of values; rows are inserted many at a time."""
        self.check_time()
        connection = self.connection
        insert = _several_rows(statement.sql(DIALECT))
        if insert is None:
            super().run_many(statement, values)
            return
        before, row = insert
        connection.send_rows(before, [connection.bound(row, one) for one in values])

    def insert(self, statement: Insert, values: Values) -> int:
        """Inserts a row and gives its number."""
        self.rows(statement, values)
        return self.connection.insert_id()

    def stream(self, statement: Statement, values: Values) -> Iterator[Row]:
        """The rows of a statement, as they arrive."""
        self.connection.start()
        with self.connection.cursor(SSCursor) as cursor:
            cursor.execute(statement.sql(DIALECT), values)
            while row := cursor.fetchone():
                self.check_time()
                yield row

    def lock(self, name: str, *, shared: bool = False) -> bool:
        """Locks one of the rows that are there for it; names that meet in a row only wait in vain."""
        slot = int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "big") % _SLOTS
        if self.connection.in_cluster:
            # A lock is of one node; that both change a row is what lets the cluster refuse the second.
            self.connection.send(f"UPDATE locks SET uses = uses + 1 WHERE slot = {slot}")  # nosec B608  # noqa: S608  # A number.
        else:
            how = "LOCK IN SHARE MODE" if shared else "FOR UPDATE"
            self.connection.send(f"SELECT uses FROM locks WHERE slot = {slot} {how}")  # nosec B608  # noqa: S608  # A number.
        return True

    def settle(self) -> None:
        """Waits until all that was run has succeeded."""
        self.connection.settle()


class MysqlDriver:
    """See `artifactd.storage.engines.driver.Driver`."""

    errors: tuple[type[Exception], ...] = (pymysql.Error,)

    def __init__(self, address: MysqlAddress, options: StoreOptions, *, is_replica: bool = False) -> None:
        self._address = address
        self._is_replica = is_replica
        self._timeout_s = options.scan_timeout_s
        self._quiet_max_s = options.quiet_max_s

    def connect(self, purpose: Purpose) -> MysqlConnection:
        """A connection to the first host that takes one."""
        connection = connect(self._address)
        with connection.cursor() as cursor:
            cursor.execute("SELECT VERSION()")
            [(version,)] = cursor.fetchall()
            is_mariadb = "MariaDB" in version
            if is_mariadb:
                cursor.execute("SELECT @@wsrep_on")
                [(connection.in_cluster,)] = cursor.fetchall()
            settings = _settings(purpose, self._timeout_s, is_mariadb=is_mariadb)
            if not connection.in_cluster:
                # A transaction begins with its first statement. What a read sees is settled then, too.
                settings["autocommit"] = 0
            elif not self._is_replica:
                # What was written through another node is waited for before anything is read.
                settings["wsrep_sync_wait"] = 1
            if purpose is not Purpose.WRITE:
                cursor.execute("SET SESSION TRANSACTION READ ONLY")
            assignments = ", ".join(f"{name} = {value}" for name, value in settings.items())
            cursor.execute(f"SET SESSION {assignments}")
            cursor.execute(f"SET NAMES utf8mb4 COLLATE {_COLLATIONS[is_mariadb]}")
        connection.heard_at_s = time.monotonic()
        return connection

    def transaction(self, connection: Any, shapes: StatementCache, stripe: int, purpose: Purpose) -> MysqlTransaction:
        """What functions run their statements on."""
        return MysqlTransaction(connection, shapes, stripe, self._timeout_s if purpose is Purpose.SCAN else None)

    def begin(self, connection: Any, purpose: Purpose, *, alone: bool) -> None:
        """Begins a transaction: the server does, with the first statement."""
        connection.begin_lazily(_BEGIN[purpose], alone=alone)

    def commit(self, connection: Any, purpose: Purpose) -> None:
        """Commits."""
        if not connection.sent:
            return
        if purpose is not Purpose.WRITE:
            connection.end_reading()
            return
        if not connection.answered and time.monotonic() - connection.heard_at_s > self._quiet_max_s:
            # Nobody would know what became of a COMMIT that is sent along a line that broke while nobody looked.
            connection.settle()
        before = connection.waiting
        try:
            connection.ask("COMMIT")
        except pymysql.Error as error:
            if self._was_kept_by_nobody(connection, before, error):
                raise
            raise OutcomeUnknownError from error
        connection.heard_at_s = time.monotonic()

    def _was_kept_by_nobody(self, connection: MysqlConnection, before: int, error: pymysql.Error) -> bool:
        """Whether it is known of a COMMIT that failed, behind so many statements, that it kept nothing."""
        if not connection.delivered:
            return True
        # The server runs nothing behind what failed, and where each goes by itself, nothing more was sent.
        if connection.succeeded < before:
            return connection.refused or connection.in_cluster
        return connection.refused and self.fault(error) is Fault.CONFLICT

    def rollback(self, connection: Any) -> None:
        """Rolls back."""
        connection.undo()

    def close(self, connection: Any) -> None:
        """Closes the connection."""
        if connection.open:
            connection.close()

    def interrupt(self, connection: Any) -> None:
        """Ends the connection below whoever waits on it."""
        line = connection._sock  # noqa: SLF001  # The driver has no public way.
        if line is not None:
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    def fault(self, error: Exception) -> Fault:
        """What an error means, by its number."""
        number = error.args[0] if error.args else None
        if isinstance(error, pymysql.InterfaceError):
            return Fault.LOST
        return _FAULTS.get(number, Fault.OTHER) if isinstance(number, int) else Fault.OTHER


@lru_cache
def _several_rows(sql: str) -> tuple[str, str] | None:
    """What stands before the row of an insert, and the row; None where a statement cannot insert several."""
    found = _INSERT.fullmatch(sql)
    return None if found is None or "ON DUPLICATE" in sql else (found[1] % (), found[2])


def _settings(purpose: Purpose, timeout_s: float, *, is_mariadb: bool) -> dict[str, Any]:
    isolation = "READ-COMMITTED" if purpose is Purpose.WRITE else "REPEATABLE-READ"
    settings: dict[str, Any] = {
        "tx_isolation" if is_mariadb else "transaction_isolation": f"'{isolation}'",
        "sql_mode": "'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'",
        "time_zone": "'+00:00'",
        "innodb_lock_wait_timeout": _LOCK_WAIT_S,
    }
    if purpose is Purpose.SCAN and is_mariadb:
        settings["max_statement_time"] = timeout_s
    elif purpose is Purpose.SCAN:
        settings["max_execution_time"] = round(timeout_s * 1_000)
    return settings


def connect(address: MysqlAddress) -> MysqlConnection:
    """A connection to the first host that takes one. Raises pymysql.Error where none does."""
    for host, port in address.hosts[:-1]:
        with contextlib.suppress(pymysql.OperationalError):
            return _connect_to(host, port, address.options)
    return _connect_to(*address.hosts[-1], address.options)


def _connect_to(host: str, port: int, options: dict[str, Any]) -> MysqlConnection:
    connection = MysqlConnection(
        host=host,
        port=port,
        charset="utf8mb4",
        autocommit=True,
        connect_timeout=_CONNECT_TIMEOUT_S,
        client_flag=CLIENT.FOUND_ROWS | CLIENT.MULTI_STATEMENTS,
        **options,
    )
    try:
        _watch_line(connection)
        # A Galera node that has lost its cluster takes connections, but nothing else.
        connection.query("SELECT 1 FROM DUAL WHERE 1 = 0")
    except pymysql.Error:
        connection.close()
        raise
    return connection


def _watch_line(connection: MysqlConnection) -> None:
    """Lets the operating system notice that the other side does not even acknowledge what it is sent."""
    line = connection._sock  # noqa: SLF001  # The driver has no public way.
    if line.family == socket.AF_UNIX:
        return
    for name, value in _LINE_OPTIONS.items():
        if hasattr(socket, name):  # Not every system has all.
            line.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


_OPTIONS = {"ssl_ca", "ssl_cert", "ssl_key", "ssl_verify_identity", "unix_socket"}


def mysql_address(url: str) -> MysqlAddress:
    """Where a URL leads: `mysql://USER:PASSWORD@HOST[:PORT][,HOST…]/DATABASE`, with `?ssl_ca=…` and the like.

    Raises:
        InvalidArgument: it is no such URL, or it has an unknown option.
    """
    parts = urlsplit(url)
    login, _, places = parts.netloc.rpartition("@")
    user, _, password = login.partition(":")
    database = unquote(parts.path.removeprefix("/"))
    given = dict(parse_qsl(parts.query))
    try:
        hosts = tuple(_host(place) for place in (places or "localhost").split(","))
    except ValueError:
        hosts = ()
    if not database or not hosts:
        raise InvalidArgument(
            "database-url is not a MySQL URL: give mysql://USER:PASSWORD@HOST[:PORT][,HOST…]/DATABASE"
        )
    if unknown := sorted(set(given) - _OPTIONS):
        raise InvalidArgument(f"database-url has an unknown option {quoted(unknown[0])}: it takes {sorted(_OPTIONS)}")
    options: dict[str, Any] = {"user": unquote(user) or None, "password": unquote(password), "database": database}
    if "ssl_verify_identity" in given:
        is_verified = given["ssl_verify_identity"].lower() in ("1", "true", "yes")
        given["ssl_verify_identity"] = is_verified  # type: ignore[assignment]  # The others are texts.
    return MysqlAddress(hosts, options | given).waiting(_SILENCE_MAX_S)


def _host(place: str) -> tuple[str, int]:
    found = urlsplit(f"//{place}")
    if not found.hostname:
        raise ValueError
    return found.hostname, found.port or _PORT


@compiles(CreateTable, "mysql")
def _create_table(element: CreateTable, compiler: Any, **kw: Any) -> str:
    is_mariadb = compiler.dialect.is_mariadb
    sql = str(compiler.visit_create_table(element, **kw)).rstrip()
    if is_mariadb:
        # No transaction holds statements on tables together: one that was cut short goes on where it stopped.
        sql = sql.replace("CREATE TABLE ", "CREATE TABLE IF NOT EXISTS ", 1)
    return f"{sql} ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE={_COLLATIONS[bool(is_mariadb)]}"


@compiles(CreateIndex, "mysql")
def _create_index(element: CreateIndex, compiler: Any, **kw: Any) -> str:
    sql = str(compiler.visit_create_index(element, **kw))
    return sql.replace(" INDEX ", " INDEX IF NOT EXISTS ", 1) if compiler.dialect.is_mariadb else sql


def open_mysql(url: str, options: StoreOptions) -> ServerStore:
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
    driver = MysqlDriver(mysql_address(url), options, is_replica=is_replica)
    return ServerStore(driver, options, is_replica=is_replica)


def server_schema(url: str, *, silence_max_s: int = _SILENCE_MAX_S) -> ServerSchema:
    """The database that a URL names, for migrations.

    Args:
        silence_max_s: how long the server may say nothing before it counts as lost.
    """
    address = mysql_address(url).waiting(silence_max_s)
    access = Access("mysql+pymysql", lambda: connect(address), (pymysql.Error,), "SHOW TABLES", MysqlGuard())
    return ServerSchema(address.where, access)
