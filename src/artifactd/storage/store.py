"""The one entrance to storage: `open_store(url)` gives a `Store` that runs functions of a transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import NamedTuple, Protocol
from urllib.parse import urlsplit

from artifactd.errors import InvalidArgument, quoted
from artifactd.storage.statements import ReadFunction, Result


class StoreOptions(NamedTuple):
    """Limits and tuning of a store; see `artifactd.settings` for what each means.

    `quiet_max_s`, in seconds, is no setting: a line to a database server that was quiet for longer is tried before a
    COMMIT is sent along it, since nobody would know what became of that if the line had broken meanwhile. Neither is
    `here_max_s`: so long a read that may be a scan keeps the event loop, before it begins anew on a thread. Nor
    `view_max_s`: so long reads of a file that nothing is written to share one view of it.
    """

    write_queue_max: int = 1_024
    scan_threads: int = 2
    scan_queue_max: int = 1_024
    scan_timeout_s: float = 10.0
    write_connections: int = 8
    read_connections: int = 4
    write_timeout_s: float = 30.0
    quiet_max_s: float = 1.0
    here_max_s: float = 0.001
    view_max_s: float = 0.001
    migrate: bool = False
    synchronous: str = "FULL"
    cache_bytes: int = 16 << 20


class StoreState(NamedTuple):
    """Gauges of a store, for monitoring.

    `conflicts` counts the transactions that were run again because another was first; for each replica of the
    database, `replica_ages_s` says how old its answers may be, in seconds, and `replica_reads` how many it gave.
    """

    writes_waiting: int
    scans_waiting: int
    commits: int
    writes: int
    conflicts: int
    replica_ages_s: tuple[float, ...] = ()
    replica_reads: tuple[int, ...] = ()


class TooLongHereError(Exception):
    """A read takes longer than others may be kept waiting for."""


class Store(Protocol):
    """A database, whichever it is. Callers can't tell which they have, but by how soon it answers."""

    reads_here: bool = False
    """Whether `read_here` may be called: a read that an index serves takes microseconds in this very process."""

    def read_here(self, function: ReadFunction[Result], *, scan: bool = False) -> Result:
        """As `read`, but at once, without waiting for anything; only where `reads_here`.

        Raises:
            TooLongHereError: a scan turned out to be one, and has to be read elsewhere.
        """
        del function, scan
        raise AssertionError("this store reads elsewhere")

    async def read(self, function: ReadFunction[Result], *, scan: bool = False) -> Result:
        """Runs a function on one consistent view of the store.

        Args:
            function: reads only; it may be run on another thread.
            scan: whether it may have to look at many rows; then it runs apart, under a time limit.

        Raises:
            Unavailable: the store is out of reach, too many scans wait, or this one took too long.
        """
        ...

    async def read_within(
        self, function: ReadFunction[Result], *, max_age_s: float, scan: bool = False
    ) -> tuple[Result, float | None]:
        """As `read`, where what it sees may be as old as that; 0 takes no old answer.

        Gives also how old it may have been when it was looked at, in seconds; None where it was not old.
        """
        del max_age_s
        return await self.read(function, scan=scan), None

    def write(self, function: ReadFunction[Result], *, heavy: bool = False) -> Awaitable[Result]:
        """Runs a function in a transaction of its own; what it gives is there once what it wrote is durable.

        If the function raises, nothing of it is kept. A caller that is cancelled before the function ran leaves
        nothing; one cancelled later may have written.

        Args:
            heavy: whether it takes long (a large batch), so that it should not run beside requests.

        Raises:
            Unavailable: too many writes wait, or the store is out of reach, full or failing.
        """
        ...

    async def check(self) -> None:
        """Makes sure that the store answers. Raises Unavailable where it does not."""
        ...

    def state(self) -> StoreState:
        """Gauges for monitoring."""
        ...

    async def close(self) -> None:
        """Finishes the writes that wait, then lets go of the database."""
        ...


async def open_store(
    url: str,
    options: StoreOptions | None = None,
    *,
    read_urls: tuple[str, ...] = (),
    clock: Callable[[], int] = lambda: 0,
) -> Store:
    """Opens the store that a URL names, and makes its schema if it is empty.

    Args:
        read_urls: replicas of the same database, for reads that may be a little old (`Store.read_within`).
        clock: microseconds since the epoch, by which old heartbeats are forgotten.
        url: `sqlite:///PATH` (relative), `sqlite:////PATH` (absolute), `postgresql://USER:PASSWORD@HOST/DATABASE` or
            `mysql://USER:PASSWORD@HOST/DATABASE` (MariaDB too); the last two with several hosts, if there are.

    Raises:
        InvalidArgument: the URL names no engine that we have, or a store of another version.
        Unavailable: the store cannot be opened.
    """
    options = options or StoreOptions()
    if not read_urls:
        return await _open(url, options)
    from artifactd.storage.heartbeats import Heartbeats
    from artifactd.storage.replicas import Replica, ReplicatedStore

    one_connection = options._replace(read_connections=1, write_connections=1)
    stores = [
        (_replica(url, read_url, options), _replica(url, read_url, one_connection))
        for read_url in dict.fromkeys(read_urls)
    ]
    primary = await _open(url, options)
    beats = _connected(url, one_connection)
    heartbeats = Heartbeats(beats, clock)
    replicas = [Replica(number, *pair, heartbeats) for number, pair in enumerate(stores)]
    return ReplicatedStore(primary, beats, replicas, heartbeats)


def _replica(url: str, read_url: str, options: StoreOptions) -> Store:
    """A replica; that it cannot be reached now is no error, since the primary can be read."""
    engine = engine_of(url)
    try:
        if engine != "sqlite" and engine == engine_of(read_url):
            return _connected(read_url, options, is_replica=True)
    except InvalidArgument as error:
        # Each such message begins with the name of the setting.
        raise InvalidArgument(f"read-{error.message}") from error
    raise InvalidArgument(
        f"read-database-url {quoted(without_password(read_url))} is no replica of "
        f"{quoted(without_password(url))}: both must be PostgreSQL, or both MySQL or MariaDB"
    )


def _connected(url: str, options: StoreOptions, *, is_replica: bool = False) -> Store:
    """A store on a server, which is not asked for anything yet."""
    if engine_of(url) == "postgresql":
        from artifactd.storage.engines.postgresql import connected_store as connected_postgresql

        return connected_postgresql(url, options, is_replica=is_replica)
    from artifactd.storage.engines.mysql import connected_store as connected_mysql

    return connected_mysql(url, options, is_replica=is_replica)


def engine_of(url: str) -> str:
    """The engine that a URL names: `sqlite`, `postgresql` or `mysql`.

    Raises:
        InvalidArgument: none that we have.
    """
    found = _ENGINES.get(urlsplit(url).scheme)
    if found is None:
        raise InvalidArgument(
            f"database-url {quoted(without_password(url))} is not supported: give sqlite:///PATH, "
            "postgresql://USER:PASSWORD@HOST/DATABASE or mysql://USER:PASSWORD@HOST/DATABASE"
        )
    return found


def require_shareable(url: str, processes: int) -> None:
    """Makes sure that so many processes of one machine may open the store that a URL names.

    Raises:
        InvalidArgument: they may not, saying what to do instead.
    """
    if processes > 1 and engine_of(url) == "sqlite":
        raise InvalidArgument(
            f"--workers {processes} cannot share a SQLite store, which one process alone serves safely: leave it at 1, "
            "or give --database-url a PostgreSQL or MariaDB database, which any number of processes may share"
        )


_ENGINES = {
    "sqlite": "sqlite",
    "postgresql": "postgresql",
    "postgres": "postgresql",
    "mysql": "mysql",
    "mariadb": "mysql",
}


async def _open(url: str, options: StoreOptions) -> Store:
    match engine_of(url):
        case "sqlite":
            from artifactd.storage.engines.sqlite import open_sqlite

            return await open_sqlite(url, options)
        case "postgresql":
            from artifactd.storage.engines.postgresql import open_postgresql

            return await asyncio.to_thread(open_postgresql, url, options)
        case _:
            from artifactd.storage.engines.mysql import open_mysql

            return await asyncio.to_thread(open_mysql, url, options)


def without_password(url: str) -> str:
    """A database's URL as it may be shown."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}" if parts.scheme else url
