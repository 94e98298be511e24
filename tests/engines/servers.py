"""Throw-away servers of PostgreSQL and MariaDB, each in a folder of its own, that need no root and leave nothing."""

from __future__ import annotations

import abc
import os
import pwd
import random
import secrets
import signal
import socket
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import ClassVar, Self, TypeVar

from engines import connections
from engines.keeping import Kept
from engines.programs import Absent, Programs, find_mariadb, find_postgresql

Found = TypeVar("Found")
START_TIMEOUT_S = 60
ACCOUNTS = ("postgres", "mysql", "nobody")
"""Whom servers run as where the tests run as root: PostgreSQL refuses to be root."""


class Server(abc.ABC):
    """A server with its data, from `start` until `close`, and over as many restarts as a test wants.

    Args:
        durable: whether what it acknowledges survives a kill; it is slower then.
        settings: the server's own settings, over those that we choose.
        programs: which version to run; else the one that is found.
    """

    engine: ClassVar[str]
    USER: ClassVar[str] = "artifactd"
    """An account without special rights that owns the databases of the tests."""
    DATABASES: ClassVar[str] = "test"
    """What the names of databases begin with; an underscore follows."""
    _LAST_SIGNAL: ClassVar[int]
    """What ends the server fast, when its data is not needed any more, and leaves nothing in the machine."""

    def __init__(
        self,
        *,
        durable: bool = False,
        settings: Mapping[str, str] | None = None,
        programs: Programs | None = None,
    ) -> None:
        self.programs = programs or self.find()
        self.durable = durable
        self.settings = dict(settings or {})
        self.password = secrets.token_hex(8)
        self.port = 0
        self.pid = 0
        self._kept = Kept(account=account(), last_signal=self._LAST_SIGNAL)
        self.folder = self._kept.folder
        try:
            self._make_data()
        except BaseException:
            self.close()
            raise

    @staticmethod
    @abc.abstractmethod
    def find() -> Programs:
        """The programs that are used. Raises Absent, with the reason, where there are none."""

    @property
    def data(self) -> Path:
        """The data directory."""
        return self.folder / "data"

    @property
    @abc.abstractmethod
    def _socket_path(self) -> str: ...

    def url(self, database: str) -> str:
        """A database's URL, as artifactd takes it."""
        scheme = {"postgresql": "postgresql", "mariadb": "mysql"}[self.engine]
        return f"{scheme}://{self.USER}:{self.password}@127.0.0.1:{self.port}/{database}"

    @abc.abstractmethod
    def connect(self, database: str | None = None) -> connections.Connection:
        """A connection that may do everything, through the unix socket, to a database or to none in particular."""

    @abc.abstractmethod
    def create_database(self, database: str) -> None:
        """Makes a database without tables, which belongs to the user of the tests."""

    @abc.abstractmethod
    def drop_database(self, database: str) -> None:
        """Removes a database, whoever is connected to it."""

    def start(self) -> Self:
        """Starts the server, on the port that it had if it ran before, and waits until it takes connections."""
        for attempts_left in (4, 3, 2, 1, 0):
            port = self.port or free_port()
            self.pid = self._kept.told("start", command=self._serving(port))["pid"]
            started = self._answers()
            if started:
                break
            if not attempts_left or self.port or "in use" not in self.log().lower():
                raise AssertionError(f"{self.programs.server} did not start:\n{self.log()[-4_000:]}")
        if not self.port:
            self.port = port
            self._make_user()
        return self

    def stop(self) -> None:
        """Stops the server as an operator would; its data stays."""
        self._kept.told("stop", signal=self._stop_signal, timeout_s=30)

    def kill(self) -> None:
        """Ends the server and its processes at once, as a crash would; its data stays."""
        self._kept.told("stop", signal=signal.SIGKILL, timeout_s=30)

    def close(self) -> None:
        """Ends the server and removes its data. It may be called again."""
        self._kept.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.close()

    def log(self) -> str:
        """What the server printed."""
        return (self.folder / "log").read_text(errors="replace")

    _stop_signal: ClassVar[int]

    @abc.abstractmethod
    def _make_data(self) -> None: ...

    @abc.abstractmethod
    def _make_user(self) -> None: ...

    @abc.abstractmethod
    def _serving(self, port: int) -> list[str]:
        """The command that serves on a port."""

    def _run(self, *command: str) -> None:
        code = self._kept.told("run", command=list(command))["code"]
        assert code == 0, f"{command[0]} failed with {code}:\n{self.log()[-4_000:]}"

    def _answers(self) -> bool:
        """Whether the server takes connections, once that can be told."""

        def told() -> bool | None:
            if self._kept.told("look")["code"] is not None:
                return False
            # A driver is asked only once somebody listens: PyMySQL forgets to close a socket that was refused.
            with socket.socket(socket.AF_UNIX) as probe:
                if probe.connect_ex(self._socket_path) != 0:
                    return None
            try:
                self.connect().close()
            except connections.errors(self.engine):
                return None
            return True

        return wait_until(told, timeout_s=START_TIMEOUT_S)


class PostgreSQL(Server):
    """A PostgreSQL of one's own."""

    engine = "postgresql"
    # An immediate shutdown, which gives shared memory back; then a fast one.
    _LAST_SIGNAL = signal.SIGQUIT
    _stop_signal = signal.SIGINT

    @staticmethod
    def find() -> Programs:
        """See `find_postgresql`."""
        return find_postgresql()

    def connect(self, database: str | None = None) -> connections.Connection:
        """A connection of the superuser, to the database `postgres` unless told otherwise."""
        return connections.postgresql(str(self.folder), self._socket_port, database or "postgres")

    def create_database(self, database: str) -> None:
        """Makes a database as `createdb` does, with the user of the tests as its owner."""
        with self.connect() as connection:
            # Copying the files is half as dear as writing them to the log, when nothing waits for the disk.
            connection.execute(f"CREATE DATABASE {database} OWNER {self.USER} TEMPLATE template0 STRATEGY file_copy")

    def drop_database(self, database: str) -> None:
        """Removes a database and ends its connections."""
        with self.connect() as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")

    @property
    def _socket_path(self) -> str:
        return str(self.folder / f".s.PGSQL.{self._socket_port}")

    def _make_data(self) -> None:
        self._run(
            str(self.programs.installer), "-D", str(self.data), "-U", "postgres", "-E", "UTF8", "--locale=C",
            "--auth-local=trust", "--auth-host=scram-sha-256", "--no-sync", "--wal-segsize=1",
        )  # fmt: skip

    def _make_user(self) -> None:
        verifier = connections.scram_verifier(self.password)
        with self.connect() as connection:
            connection.execute(f"CREATE ROLE {self.USER} LOGIN PASSWORD '{verifier}'")

    def _serving(self, port: int) -> list[str]:
        self._socket_port = port
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(port),
            "unix_socket_directories": str(self.folder),
            "max_connections": "200",
            "shared_buffers": "32MB",
            # Inside the data, so that a kill leaves nothing behind in the machine's memory.
            "dynamic_shared_memory_type": "mmap",
            "max_wal_size": "64MB",
            "checkpoint_timeout": "1h",
            # Plans and times that do not depend on what ran before.
            "autovacuum": "off",
        }
        if not self.durable:
            settings |= {"fsync": "off", "full_page_writes": "off"}
        settings |= self.settings
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [str(self.programs.server), "-D", str(self.data), *options]


class MariaDB(Server):
    """A MariaDB of one's own, with the character set and the collation that it has by default."""

    engine = "mariadb"
    _LAST_SIGNAL = signal.SIGKILL
    _stop_signal = signal.SIGTERM
    _SHARED: ClassVar[dict[str, str]] = {
        "innodb-log-file-size": "16M",
        "innodb-buffer-pool-size": "64M",
        "skip-name-resolve": "1",
    }

    @staticmethod
    def find() -> Programs:
        """See `find_mariadb`."""
        return find_mariadb()

    def connect(self, database: str | None = None) -> connections.Connection:
        """A connection of root."""
        return connections.mariadb(self._socket_path, database)

    def create_database(self, database: str) -> None:
        """Makes a database with the server's default character set; see `_make_user` for who may use it."""
        with self.connect() as connection:
            connection.execute(f"CREATE DATABASE {database}")

    def drop_database(self, database: str) -> None:
        """Removes a database, and ends its connections, whose locks would hold that up."""
        others = connections.OTHERS["mariadb"].replace("database()", f"'{database}'")
        with self.connect() as connection:
            connections.end_on_mariadb(connection, *connection.execute(others))
            connection.execute(f"DROP DATABASE IF EXISTS {database}")

    @property
    def _socket_path(self) -> str:
        return str(self.folder / "socket")

    def _make_data(self) -> None:
        self._run(
            str(self.programs.installer), "--no-defaults", f"--datadir={self.data}", f"--tmpdir={self.folder}",
            "--auth-root-authentication-method=normal", "--skip-test-db",
            "--innodb-flush-log-at-trx-commit=0", *(f"--{name}={value}" for name, value in self._SHARED.items()),
        )  # fmt: skip

    def _make_user(self) -> None:
        with self.connect() as connection:
            connection.execute(
                f"CREATE USER {self.USER}@'%' IDENTIFIED BY '{self.password}'",
                rf"GRANT ALL ON `{self.DATABASES}\_%`.* TO {self.USER}@'%'",
            )

    def _serving(self, port: int) -> list[str]:
        settings = {
            "datadir": str(self.data),
            "tmpdir": str(self.folder),
            "socket": self._socket_path,
            "pid-file": str(self.folder / "pid"),
            "bind-address": "127.0.0.1",
            "port": str(port),
            "max-connections": "200",
            "performance-schema": "OFF",
            **self._SHARED,
        }
        if not self.durable:
            settings |= {"innodb-flush-log-at-trx-commit": "0", "innodb-doublewrite": "0"}
        settings |= self.settings
        return [str(self.programs.server), "--no-defaults", *(f"--{name}={value}" for name, value in settings.items())]


SERVERS: dict[str, type[Server]] = {"postgresql": PostgreSQL, "mariadb": MariaDB}


def account() -> str | None:
    """The account that servers run as, or None for the own one.

    Raises:
        Absent: the tests run as root, and there is nobody else.
    """
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    for name in ACCOUNTS:
        if name in known:
            return name
    raise Absent(f"database servers do not run as root, and there is none of the accounts {', '.join(ACCOUNTS)}")


def free_port() -> int:
    """A port of 127.0.0.1 that nobody uses, out of the range from which the system gives ports away.

    A server that restarts finds it free again, which one of the system's choice might not be.
    """
    while True:
        port = random.SystemRandom().randrange(20_000, 32_000)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def wait_until(condition: Callable[[], Found | None], *, timeout_s: float) -> Found:
    """What a condition of a real process gives, once it gives something."""
    deadline = time.monotonic() + timeout_s
    pause, pause_s = threading.Event(), 0.001
    while (found := condition()) is None:
        assert time.monotonic() < deadline, f"{condition} was not met in {timeout_s} s"
        pause.wait(pause_s)
        pause_s = min(2 * pause_s, 0.05)
    return found
