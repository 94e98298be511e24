"""The engines as the size benchmark uses them: a place for two stores, filled and thrown away by it alone."""

from __future__ import annotations

import asyncio
import contextlib
import os
import pwd
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

from artifactd.storage.store import StoreOptions, open_store
from benchmarks.size_loading import Loader, MariadbLoader, PostgresqlLoader, SqliteLoader

MEMORY_MIB = 4_096
"""What a server may keep of the store in memory."""
_START_TIMEOUT_S = 60.0
_ACCOUNTS = ("postgres", "mysql", "nobody")
"""Whom servers run as where this runs as root: PostgreSQL refuses to be root."""


class Engine(Protocol):
    """An engine, running."""

    bytes_per_artifact: int
    """What a store takes for each artifact and all that comes with it, and what making its indexes takes beside it."""
    settings: str

    def url(self, name: str) -> str:
        """The URL of a database of that name, made now and empty if there is none."""
        ...

    def loader(self, url: str) -> Loader:
        """What fills the store of a URL."""
        ...

    def version(self) -> str:
        """Which engine it is."""
        ...

    def cpu_s(self) -> float:
        """The processor time that it has used outside this process."""
        ...


class Sqlite:
    """Files in a directory."""

    bytes_per_artifact = 4_600
    settings = "SQLite with the cache that artifactd gives it (16 MiB a connection) and the system's own"

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        os.environ["SQLITE_TMPDIR"] = str(directory)

    def url(self, name: str) -> str:
        """See `Engine`."""
        return f"sqlite:///{self._directory / name}.db"

    def loader(self, url: str) -> Loader:
        """See `Engine`."""
        return SqliteLoader(Path(url.removeprefix("sqlite:///")))

    def version(self) -> str:
        """See `Engine`."""
        import apsw

        return f"SQLite {apsw.sqlite_lib_version()}"

    def cpu_s(self) -> float:
        """See `Engine`: it has no process of its own."""
        return 0.0


class _Server:
    """A server of one's own, reached through a socket in its directory.

    Args:
        directory: for its data, its socket and its log.
        changed: settings of the server that are to be others than for the size benchmark, by their names.
    """

    def __init__(self, directory: Path, changed: Mapping[str, str] | None = None) -> None:
        self._directory = directory
        self._changed = dict(changed or {})
        self._account = _account()
        if self._account:
            shutil.chown(directory, self._account)

    def _run(self, *command: str) -> None:
        with (self._directory / "log").open("ab") as log:
            done = subprocess.run(command, user=self._account, cwd="/", stdout=log, stderr=log, check=False)
        if done.returncode:
            raise RuntimeError(f"{command[0]} failed with {done.returncode}: {self.fault()}")

    @contextlib.contextmanager
    def _running(self, *command: str, answers: Callable[[], None]) -> Iterator[None]:
        with (self._directory / "log").open("ab") as log:
            process = subprocess.Popen(command, user=self._account, cwd="/", stdout=log, stderr=log)
        self._pid = process.pid
        try:
            self._wait(process, answers)
            yield
        finally:
            process.terminate()
            try:
                process.wait(_START_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def cpu_s(self) -> float:
        """See `Engine`: of every thread of the server and of the processes that it has started."""
        children = Path(f"/proc/{self._pid}/task/{self._pid}/children").read_text(encoding="ascii").split()
        total_ns = 0
        for pid in (self._pid, *children):
            for thread in Path(f"/proc/{pid}/task").glob("*/schedstat"):
                with contextlib.suppress(OSError):
                    total_ns += int(thread.read_text(encoding="ascii").split()[0])
        return total_ns / 1e9

    def _wait(self, process: subprocess.Popen[bytes], answers: Callable[[], None]) -> None:
        deadline = time.monotonic() + _START_TIMEOUT_S
        pause = threading.Event()
        while True:
            try:
                answers()
            except Exception as error:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"the server did not start: {self.fault()}") from error
                pause.wait(0.2)
            else:
                return

    def fault(self) -> str:
        """The end of the server's log."""
        return (self._directory / "log").read_text(errors="replace")[-2_000:]


class Postgresql(_Server):
    """A PostgreSQL of one's own."""

    bytes_per_artifact = 6_500
    settings = f"PostgreSQL with {MEMORY_MIB} MiB of shared buffers, `fsync=off`"

    @contextlib.contextmanager
    def running(self) -> Iterator[Postgresql]:
        """The server, for as long as it is needed."""
        data, programs = self._directory / "data", _programs("initdb", "postgres")
        if not data.exists():
            self._run(programs[0], "-D", str(data), "-U", "postgres", "-E", "UTF8", "--locale=C", "-A", "trust", "-N")
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self._directory),
            "shared_buffers": f"{MEMORY_MIB}MB",
            "fsync": "off",
            "wal_level": "minimal",
            "max_wal_senders": "0",
            "max_wal_size": "4GB",
            "autovacuum": "off",
        }
        options = [part for item in (settings | self._changed).items() for part in ("-c", "=".join(item))]
        with self._running(programs[1], "-D", str(data), *options, answers=lambda: self._sql("SELECT 1")):
            yield self

    def _sql(self, sql: str) -> Any:
        import psycopg

        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            return connection.execute(sql.encode()).fetchall() if sql.startswith("SELECT") else connection.execute(
                sql.encode()
            )  # fmt: skip

    def _url(self, database: str) -> str:
        return f"postgresql://postgres@/{database}?host={self._directory}"

    def url(self, name: str) -> str:
        """See `Engine`."""
        if not self._sql(f"SELECT 1 FROM pg_database WHERE datname = '{name}'"):
            self._sql(f"CREATE DATABASE {name}")
        return self._url(name)

    def loader(self, url: str) -> Loader:
        """See `Engine`."""
        return PostgresqlLoader(url)

    def version(self) -> str:
        """See `Engine`."""
        return "PostgreSQL " + str(self._sql("SELECT current_setting('server_version')")[0][0]).split()[0]


class Mariadb(_Server):
    """A MariaDB of one's own."""

    bytes_per_artifact = 6_500
    settings = f"MariaDB with a buffer pool of {MEMORY_MIB} MiB, `innodb_flush_log_at_trx_commit=0`, no doublewrite"

    @contextlib.contextmanager
    def running(self) -> Iterator[Mariadb]:
        """The server, for as long as it is needed."""
        data, programs = self._directory / "data", _programs("mariadb-install-db", "mariadbd")
        if not data.exists():
            self._run(
                programs[0], "--no-defaults", f"--datadir={data}", "--auth-root-authentication-method=normal",
                "--skip-test-db", f"--tmpdir={self._directory}",
            )  # fmt: skip
        settings = {
            "datadir": str(data),
            "tmpdir": str(self._directory),
            "socket": str(self._directory / "socket"),
            "pid-file": str(self._directory / "pid"),
            "skip-networking": "1",
            "innodb-buffer-pool-size": f"{MEMORY_MIB}M",
            "innodb-log-file-size": "2G",
            "innodb-flush-log-at-trx-commit": "0",
            "innodb-doublewrite": "0",
            "innodb-sort-buffer-size": "64M",
            "local-infile": "1",
        }
        options = [f"--{name}={value}" for name, value in (settings | self._changed).items()]
        with self._running(programs[1], "--no-defaults", *options, answers=lambda: self._sql("SELECT 1")):
            yield self

    def _sql(self, sql: str) -> Any:
        import pymysql

        connection = pymysql.connect(unix_socket=str(self._directory / "socket"), user="root", autocommit=True)
        with contextlib.closing(connection), connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall()

    def url(self, name: str) -> str:
        """See `Engine`."""
        self._sql(f"CREATE DATABASE IF NOT EXISTS {name}")
        return f"mysql://root@localhost/{name}?unix_socket={self._directory / 'socket'}"

    def loader(self, url: str) -> Loader:
        """See `Engine`."""
        from artifactd.storage.engines.mysql import mysql_address

        # To make the indexes of a large table it says nothing for minutes.
        return MariadbLoader(mysql_address(url).waiting(24 * 3_600), self._directory)

    def version(self) -> str:
        """See `Engine`."""
        return "MariaDB " + str(self._sql("SELECT VERSION()")[0][0]).split("-")[0]


@contextlib.contextmanager
def engine(name: str, directory: Path) -> Iterator[Engine]:
    """An engine whose data is in an empty directory."""
    if name == "sqlite":
        yield Sqlite(directory)
    else:
        server = Postgresql(directory) if name == "postgresql" else Mariadb(directory)
        with server.running() as running:
            yield running


_Engines = dict[str, type[Sqlite | Postgresql | Mariadb]]
ENGINES: _Engines = {"sqlite": Sqlite, "postgresql": Postgresql, "mariadb": Mariadb}


def make_schema(url: str) -> None:
    """Makes the tables, as the server does when it starts."""

    async def open_and_close() -> None:
        store = await open_store(url, StoreOptions(scan_threads=1))
        await store.close()

    asyncio.run(open_and_close())


def _account() -> str | None:
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    found = next((name for name in _ACCOUNTS if name in known), None)
    if found is None:
        raise RuntimeError(f"database servers do not run as root, and there is none of the accounts {_ACCOUNTS}")
    return found


def _programs(*names: str) -> list[str]:
    """The paths of programs, looked for in PATH and where Debian keeps them, newest version first."""
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: -int(path.parent.name.split(".")[0]))
    search = os.pathsep.join([os.environ.get("PATH", ""), *map(str, places), "/usr/sbin"])
    found = [shutil.which(name, path=search) for name in names]
    if not all(found):
        raise RuntimeError(f"{', '.join(names)}: not installed")
    return [str(path) for path in found]
