"""SQL from the tests to their servers: the only place here that knows the drivers."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from collections.abc import Sequence
from typing import Any, Protocol, Self
from urllib.parse import urlsplit

Row = Sequence[Any]


class Connection(Protocol):
    """A connection on which each call is a transaction of its own."""

    def execute(self, *statements: str) -> list[list[Row]]:
        """Runs statements without parameters, in one go; gives the rows of each that has some to give."""
        ...

    def close(self) -> None:
        """Closes the connection."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...


def postgresql(folder: str, port: int, database: str) -> Connection:
    """A connection of the superuser, through the socket in a folder."""
    return _PostgreSQL(host=folder, port=port, dbname=database, user="postgres")


def mariadb(socket: str, database: str | None) -> Connection:
    """A connection of root, through a socket."""
    return _MariaDB(unix_socket=socket, user="root", database=database)


def of_url(url: str) -> Connection:
    """A connection as artifactd makes it."""
    parts = urlsplit(url)
    if parts.scheme == "postgresql":
        return _PostgreSQL(conninfo=url)
    return _MariaDB(
        host=parts.hostname,
        port=parts.port,
        user=parts.username,
        password=parts.password,
        database=parts.path.removeprefix("/"),
    )


def errors(engine: str) -> type[Exception]:
    """What a driver raises when the server is out of reach or refuses a statement."""
    if engine == "postgresql":
        import psycopg

        return psycopg.Error
    import pymysql

    error: type[Exception] = pymysql.err.MySQLError
    return error


OTHERS = {
    "postgresql": "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'",
    "mariadb": "SELECT id FROM information_schema.processlist WHERE db = database() AND id <> connection_id()",
}
"""A row for each other connection to the same database; PostgreSQL ends them as it is asked."""


def end_on_mariadb(connection: Connection, others: Sequence[Row]) -> None:
    """Ends connections, each of which may have gone meanwhile."""
    import pymysql

    for (number,) in others:
        try:
            connection.execute(f"KILL {number}")
        except pymysql.err.OperationalError as error:
            if error.args[0] != pymysql.constants.ER.NO_SUCH_THREAD:
                raise


def scram_verifier(password: str) -> str:
    """What PostgreSQL keeps of a password, with one iteration instead of 4,096: a login takes a third of the time."""
    salt, iterations = os.urandom(16), 1
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, iterations)
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    parts = [salt, hashlib.sha256(client_key).digest(), hmac.digest(salted, b"Server Key", "sha256")]
    encoded = [base64.b64encode(part).decode() for part in parts]
    return f"SCRAM-SHA-256${iterations}:{encoded[0]}${encoded[1]}:{encoded[2]}"


class _PostgreSQL:
    def __init__(self, **options: Any) -> None:
        import psycopg

        self._connection = psycopg.connect(**options, autocommit=True)

    def execute(self, *statements: str) -> list[list[Row]]:
        cursor = self._connection.execute("; ".join(statements).encode(), prepare=False)
        found: list[list[Row]] = []
        while True:
            if cursor.description:
                found.append(cursor.fetchall())
            if not cursor.nextset():
                return found

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _MariaDB:
    def __init__(self, **options: Any) -> None:
        import pymysql
        from pymysql.constants import CLIENT

        # Without TLS: to look for its certificates takes longer than to connect.
        self._connection = pymysql.connect(
            **options,
            autocommit=True,
            client_flag=CLIENT.MULTI_STATEMENTS,
            ssl_disabled=True,
            read_timeout=60,
        )

    def execute(self, *statements: str) -> list[list[Row]]:
        found: list[list[Row]] = []
        with self._connection.cursor() as cursor:
            cursor.execute("; ".join(statements))
            while True:
                if cursor.description:
                    found.append(list(cursor.fetchall()))
                if not cursor.nextset():
                    return found

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
