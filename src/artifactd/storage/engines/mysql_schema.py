"""What keeps migrations of several processes apart on MariaDB and MySQL, where no transaction holds them together."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator

from sqlalchemy import Connection, exc, inspect

from artifactd.errors import Unavailable

_WAIT_S = 60
_PAUSE_S = 0.2
_LOCK = "SELECT GET_LOCK('artifactd schema', 60)"
_LOCK_IS_HELD = "SELECT IS_USED_LOCK('artifactd schema') IS NOT NULL"
_MAKE_LEASE = (
    "CREATE TABLE IF NOT EXISTS migrating (one TINYINT NOT NULL PRIMARY KEY, until_s BIGINT NOT NULL) ENGINE=InnoDB",
    "INSERT IGNORE INTO migrating VALUES (1, 0)",
)
# As long as a migration may take in a cluster: so long after one that died, another may begin.
_TAKE_LEASE = "UPDATE migrating SET until_s = UNIX_TIMESTAMP() + 600 WHERE until_s < UNIX_TIMESTAMP()"
_GIVE_BACK_LEASE = "UPDATE migrating SET until_s = 0"
_LEASE_IS_TAKEN = "SELECT count(*) FROM migrating WHERE until_s > UNIX_TIMESTAMP()"


class MysqlGuard:
    """A lock of the server's; in a Galera cluster, where that reaches no other node, also a lease in a table.

    A lease is taken by changing its row. Nodes that do so at once change the same row, so the cluster lets one commit.
    Who takes it after another has all that was written before it was given back, since nodes commit in one order.
    """

    tables = frozenset({"migrating"})

    @contextlib.contextmanager
    def alone(self, connection: Connection) -> Iterator[None]:
        """Takes the lock, which is held until the connection ends, and the lease."""
        connection.exec_driver_sql(_LOCK)
        if not _in_cluster(connection):
            yield
            return
        _take_lease(connection)
        try:
            yield
        finally:
            connection.exec_driver_sql(_GIVE_BACK_LEASE)

    def is_held(self, connection: Connection) -> bool:
        """Whether the lock or the lease is held."""
        if connection.exec_driver_sql(_LOCK_IS_HELD).scalar():
            return True
        return inspect(connection).has_table("migrating") and bool(connection.exec_driver_sql(_LEASE_IS_TAKEN).scalar())


def _in_cluster(connection: Connection) -> bool:
    row = connection.exec_driver_sql("SHOW VARIABLES LIKE 'wsrep_on'").fetchone()
    return row is not None and row[1] == "ON"


def _take_lease(connection: Connection) -> None:
    """Takes the lease as soon as nobody has it.

    Raises:
        Unavailable: somebody has had it for too long.
    """
    for statement in _MAKE_LEASE:
        connection.exec_driver_sql(statement)
    pause = threading.Event()
    deadline = time.monotonic() + _WAIT_S
    while time.monotonic() < deadline:
        # Where another node was first, this fails as a deadlock.
        with contextlib.suppress(exc.OperationalError):
            if connection.exec_driver_sql(_TAKE_LEASE).rowcount == 1:
                return
        pause.wait(_PAUSE_S)
    raise Unavailable("another process has been migrating the store for a minute: try again once it has finished")
