"""Replicas of throw-away servers, which a test can hold up, freeze, stop and start as it likes."""

from __future__ import annotations

import abc
import os
import secrets
import signal
import subprocess
from typing import Self

from engines.programs import Absent
from engines.servers import MariaDB, PostgreSQL, Server, wait_until

CAUGHT_UP_TIMEOUT_S = 60


class Replica(Server, abc.ABC):
    """A server that takes over, by itself, whatever its primary commits, and that takes no writes.

    Args:
        primary: a server that runs, made by `primary_of`.
    """

    def __init__(self, primary: Server) -> None:
        self.primary = primary
        super().__init__(programs=primary.programs)
        # The accounts are those of the primary.
        self.password = primary.password

    @abc.abstractmethod
    def pause(self) -> None:
        """Stops applying what the primary commits, though not answering reads."""

    @abc.abstractmethod
    def resume(self) -> None:
        """Goes on applying it."""

    @abc.abstractmethod
    def wait_for_all(self) -> None:
        """Waits until everything is applied that the primary has committed by now."""

    def freeze(self) -> None:
        """Makes the server say nothing more, while its connections stay open: as a cut cable would."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Lets it go on."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: int) -> None:
        # PostgreSQL has a process for each connection, each the leader of a group of its own.
        shown = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
        parents = [tuple(map(int, line.split())) for line in shown.splitlines()]
        for pid in [self.pid, *(pid for pid, parent in parents if parent == self.pid)]:
            os.kill(pid, number)


class PostgreSQLReplica(Replica, PostgreSQL):
    """A streaming standby."""

    def __init__(self, primary: Server) -> None:
        super().__init__(primary)
        # A read that is in the way of what is to be applied is stopped at once.
        self.settings = {"max_standby_streaming_delay": "0"}

    def pause(self) -> None:
        """Stops replay."""
        with self.connect() as connection:
            connection.execute("SELECT pg_wal_replay_pause()")
            wait_until(
                lambda: connection.execute("SELECT 1 WHERE pg_get_wal_replay_pause_state() = 'paused'")[0] or None,
                timeout_s=CAUGHT_UP_TIMEOUT_S,
            )

    def resume(self) -> None:
        """Goes on with replay."""
        with self.connect() as connection:
            connection.execute("SELECT pg_wal_replay_resume()")

    def wait_for_all(self) -> None:
        """Waits until the primary's log is replayed up to where it ends now."""
        with self.primary.connect() as connection:
            [[(position,)]] = connection.execute("SELECT pg_current_wal_flush_lsn()")
        with self.connect() as connection:
            wait_until(
                lambda: connection.execute(f"SELECT 1 WHERE pg_last_wal_replay_lsn() >= '{position}'")[0] or None,
                timeout_s=CAUGHT_UP_TIMEOUT_S,
            )

    def _make_data(self) -> None:
        program = self.programs.installer.resolve().with_name("pg_basebackup")
        if not os.access(program, os.X_OK):
            raise Absent(f"there is no {program}")
        assert isinstance(self.primary, PostgreSQL)
        self._run(
            str(program), "-D", str(self.data), "-h", str(self.primary.folder), "-p", str(self.primary.port),
            "-U", "postgres", "--write-recovery-conf", "--wal-method=stream", "--checkpoint=fast", "--no-sync",
        )  # fmt: skip

    def _make_user(self) -> None:
        pass


class MariaDBReplica(Replica, MariaDB):
    """A replica by global transaction ids, which began as empty as its primary."""

    def __init__(self, primary: Server) -> None:
        super().__init__(primary)
        self.settings = {"server-id": str(2 + secrets.randbelow(2**31)), "read-only": "1"}

    def pause(self) -> None:
        """Stops applying what arrives."""
        with self.connect() as connection:
            connection.execute("STOP SLAVE SQL_THREAD")

    def resume(self) -> None:
        """Goes on with that."""
        with self.connect() as connection:
            connection.execute("START SLAVE SQL_THREAD")

    def wait_for_all(self) -> None:
        """Waits until the primary's binary log is applied up to where it ends now."""
        with self.primary.connect() as connection:
            [[(position,)]] = connection.execute("SELECT @@gtid_binlog_pos")
        with self.connect() as connection:
            [[(code,)]] = connection.execute(f"SELECT MASTER_GTID_WAIT('{position}', {CAUGHT_UP_TIMEOUT_S})")
            assert code == 0, f"{position} was not applied"

    def _make_user(self) -> None:
        password = secrets.token_hex(8)
        with self.primary.connect() as connection:
            connection.execute(
                f"CREATE OR REPLACE USER replicating{self.port}@'%' IDENTIFIED BY '{password}'",
                f"GRANT REPLICATION SLAVE ON *.* TO replicating{self.port}@'%'",
            )
        with self.connect() as connection:
            connection.execute(
                f"CHANGE MASTER TO MASTER_HOST = '127.0.0.1', MASTER_PORT = {self.primary.port},"
                f" MASTER_USER = 'replicating{self.port}', MASTER_PASSWORD = '{password}',"
                " MASTER_CONNECT_RETRY = 1, MASTER_USE_GTID = slave_pos",
                "START SLAVE",
            )


_PRIMARIES: dict[str, tuple[type[Server], type[Replica], dict[str, str]]] = {
    "postgresql": (PostgreSQL, PostgreSQLReplica, {"wal_keep_size": "64MB"}),
    "mariadb": (MariaDB, MariaDBReplica, {"log-bin": "binary-log", "server-id": "1"}),
}


class Replication:
    """A primary and its replicas, all of which run.

    Args:
        engine: `postgresql` or `mariadb`.
        replicas: how many.
    """

    def __init__(self, engine: str, replicas: int) -> None:
        primary, replica, settings = _PRIMARIES[engine]
        self.primary = primary(settings=settings)
        self.replicas: list[Replica] = []
        try:
            self.primary.start()
            for _ in range(replicas):
                self.replicas.append(replica(self.primary))
                self.replicas[-1].start()
        except BaseException:
            self.close()
            raise

    def wait_for_all(self) -> None:
        """Waits until every replica has what the primary has by now."""
        for replica in self.replicas:
            replica.wait_for_all()

    def close(self) -> None:
        """Ends them all and removes their data."""
        for server in (*self.replicas, self.primary):
            server.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
