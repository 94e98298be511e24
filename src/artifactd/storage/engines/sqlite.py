"""SQLite, embedded: one writer with group commit, reads that never wait for it."""

from __future__ import annotations

import asyncio
import os
import time
from collections import deque
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

import apsw
import structlog
from sqlalchemy import select

from artifactd.errors import InvalidArgument, Unavailable, quoted
from artifactd.storage.engines.sqlite_connection import connector, read_on
from artifactd.storage.engines.sqlite_reader import SqliteReader
from artifactd.storage.engines.sqlite_schema import SqliteSchema
from artifactd.storage.engines.sqlite_writer import SqliteWriter
from artifactd.storage.migrate import ensure_schema
from artifactd.storage.schema import namespaces
from artifactd.storage.statements import ReadFunction, Result, Statement, StatementCache, Transaction
from artifactd.storage.store import Store, StoreOptions, StoreState, TooLongHereError

_log = structlog.get_logger(__name__)
_CHECKPOINT_EVERY_S = 1.0
_LOG_PAGES_LONG = 8_192
"""32 MiB of write-ahead log; a log that is longer is emptied between two transactions."""
_STEPS_BETWEEN_CLOCK_LOOKS = 5_000
_STEPS_BETWEEN_LOOKS_HERE = 2_000
"""So often a read looks at the clock, in steps of SQLite's: on a thread, and where it keeps the event loop."""
_ANY_ROW = Statement(select(namespaces.c.namespace_id).limit(1))


def _limited(
    connection: apsw.Connection, function: ReadFunction[Result], seconds: float, steps: int
) -> ReadFunction[Result]:
    """A function under a time limit, at which SQLite looks after so many steps of a statement.

    The limit must not stop the end of the transaction: the connection would stay in it for ever.
    """

    def limited(transaction: Transaction) -> Result:
        deadline_s = time.monotonic() + seconds
        connection.set_progress_handler(lambda: time.monotonic() > deadline_s, steps)
        try:
            return function(transaction)
        finally:
            connection.set_progress_handler(None)

    return limited


class Scanners:
    """A few threads with a connection each, for reads that may look at many rows, under a time limit."""

    def __init__(self, connect: Callable[[], apsw.Connection], options: StoreOptions, shapes: StatementCache) -> None:
        self._waiting_max = options.scan_threads + options.scan_queue_max
        self._timeout_s = options.scan_timeout_s
        self._shapes = shapes
        self._pool = ThreadPoolExecutor(options.scan_threads, "artifactd-scan")
        self._idle = deque(connect() for _ in range(options.scan_threads))
        self.waiting = 0

    async def read(self, function: ReadFunction[Result]) -> Result:
        """Runs a function on one of the threads; its time limit begins when it starts to run."""
        if self.waiting >= self._waiting_max:
            raise Unavailable(f"{self.waiting} long reads are waiting already", retry_after_s=1)
        self.waiting += 1
        loop = asyncio.get_running_loop()
        work = self._pool.submit(self._run, function)
        # A caller that goes away leaves its read running, and that one counts until its thread is done with it.
        work.add_done_callback(lambda _: loop.call_soon_threadsafe(self._done))
        return await asyncio.wrap_future(work)

    def _run(self, function: ReadFunction[Result]) -> Result:
        connection = self._idle.popleft()
        limited = _limited(connection, function, self._timeout_s, _STEPS_BETWEEN_CLOCK_LOOKS)
        try:
            return read_on(connection, self._shapes, limited)
        finally:
            self._idle.append(connection)

    def _done(self) -> None:
        self.waiting -= 1

    def close(self) -> None:
        """Waits for what runs, then lets go of the connections."""
        self._pool.shutdown(wait=True)
        while self._idle:
            self._idle.popleft().close()


class SqliteStore(Store):
    """See `artifactd.storage.store.Store`. Belongs to the event loop that opened it."""

    def __init__(self, connect: Callable[[], apsw.Connection], options: StoreOptions) -> None:
        self._shapes = StatementCache()
        self._here_max_s = options.here_max_s
        self._here = connect()
        self._reader = SqliteReader(
            self._here, self._shapes, lambda: self._writer.commits, view_max_s=options.view_max_s
        )
        self._checkpointer = connect()
        self._scanners = Scanners(connect, options, self._shapes)
        self._writer = SqliteWriter(connect(), options.write_queue_max, self._shapes, self._reader.let_go)
        self._checkpoint_thread = ThreadPoolExecutor(1, "artifactd-checkpoint")
        self._checkpoints = asyncio.create_task(self._checkpoint_for_ever(), name="artifactd-checkpoints")

    reads_here = True

    def read_here(self, function: ReadFunction[Result], *, scan: bool = False) -> Result:
        """Runs where it stands, five times cheaper than on a thread; what may be a scan, as far as that is short."""
        if not scan:
            return self._reader.read(function)
        try:
            return self._reader.read(_limited(self._here, function, self._here_max_s, _STEPS_BETWEEN_LOOKS_HERE))
        except Unavailable as error:
            if isinstance(error.__cause__, apsw.InterruptError):
                raise TooLongHereError from error
            raise

    async def read(self, function: ReadFunction[Result], *, scan: bool = False) -> Result:
        """An indexed read runs where it stands, five times cheaper than a thread; a scan runs on one.

        Whoever may wait does not share a view, and so sees what another program has just committed: a key, say.
        """
        if scan:
            return await self._scanners.read(function)
        self._reader.let_go()
        return self._reader.read(function)

    def write(self, function: ReadFunction[Result], *, heavy: bool = False) -> Awaitable[Result]:
        """Hands the function to the writer, which answers when its transaction is on disk."""
        return self._writer.write(function, heavy=heavy)

    async def check(self) -> None:
        """Reads one row and makes sure that the writer is at work."""
        self._writer.check()
        self._reader.let_go()
        self._reader.read(lambda transaction: transaction.rows(_ANY_ROW))

    def state(self) -> StoreState:
        """Gauges for monitoring."""
        return StoreState(self._writer.waiting, self._scanners.waiting, self._writer.commits, self._writer.writes, 0)

    async def close(self) -> None:
        """Finishes the writes that wait, then closes every connection."""
        await self._writer.close()
        self._checkpoints.cancel()
        await asyncio.gather(self._checkpoints, return_exceptions=True)
        await asyncio.to_thread(self._scanners.close)
        # Its connection must not be closed under a checkpoint that still runs.
        await asyncio.to_thread(self._checkpoint_thread.shutdown)
        self._reader.close()
        self._checkpointer.close()

    async def _checkpoint_for_ever(self) -> None:
        """Moves the write-ahead log into the database off the request path, as the writer never does it itself."""
        while True:
            await asyncio.sleep(_CHECKPOINT_EVERY_S)
            try:
                passive = apsw.SQLITE_CHECKPOINT_PASSIVE
                loop = asyncio.get_running_loop()
                self._reader.let_go()
                checkpoint = self._checkpointer.wal_checkpoint
                pages, _ = await loop.run_in_executor(self._checkpoint_thread, checkpoint, None, passive)
                if pages > _LOG_PAGES_LONG:
                    self._writer.shorten_log()
            except apsw.Error as error:
                # Only housekeeping: whatever is wrong fails a write too, and that one answers for it.
                _log.warning("checkpoint failed", error=str(error))


def database_path(url: str) -> tuple[Path, str | None]:
    """The file that a `sqlite:///PATH` URL names, and the SQLite file system layer behind `?vfs=`, if any.

    Raises:
        InvalidArgument: the URL names a host, no file, a database in memory, or an unknown option.
    """
    parts = urlsplit(url)
    path = unquote(parts.path)
    options = dict(parse_qsl(parts.query))
    if parts.netloc or len(path) < 2 or ":memory:" in path:
        raise InvalidArgument(
            f"database-url {quoted(url)} names no file: give sqlite:///relative.db or sqlite:////absolute/path.db"
        )
    if unknown := sorted(set(options) - {"vfs"}):
        raise InvalidArgument(f"database-url has an unknown option {quoted(unknown[0])}")
    return Path(path[1:]), options.get("vfs")


async def open_sqlite(url: str, options: StoreOptions) -> SqliteStore:
    """Opens or makes the file that a URL names.

    Raises:
        InvalidArgument: a bad URL, or a store of another version.
        Unavailable: the file cannot be opened or written.
    """
    path, vfs = database_path(url)
    connect = connector(path, vfs, options.synchronous, options.cache_bytes)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        connect().close()
        if not os.access(path, os.W_OK):
            raise Unavailable(f"the database {quoted(str(path), 4_096)} may not be written")
        await asyncio.to_thread(ensure_schema, SqliteSchema(path, connect), migrate=options.migrate)
        return SqliteStore(connect, options)
    except (apsw.Error, OSError) as error:
        raise Unavailable(f"cannot open the database {quoted(str(path), 4_096)}: {error}") from error


def sqlite_schema(url: str, options: StoreOptions) -> SqliteSchema:
    """The schema of the file that a URL names, which is not made by looking at it.

    Raises:
        InvalidArgument: a bad URL, or no such file.
    """
    path, vfs = database_path(url)
    if not path.exists():
        raise InvalidArgument(f"there is no file {quoted(str(path), 4_096)}: artifactd serve makes one")
    return SqliteSchema(path, connector(path, vfs, options.synchronous, options.cache_bytes))
