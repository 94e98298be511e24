"""The one writer of a SQLite store: group commit.

It takes everything that waits, runs all of it inside one transaction, commits once, and only then answers all of
them. Functions run on the event loop's thread, since they take microseconds and a thread would fight it for the
interpreter. So does a commit, as long as the disk is quick: to hand it over costs more than it takes. Where the disk
is slow it runs on a thread of its own, and so do heavy functions (docs/decisions/0001).

A failing function fails alone: mostly it has written nothing yet. If it has, the transaction is begun anew and each
function runs in a savepoint of its own, which costs a tenth of a write. When SQLite has given up the whole transaction
(a full disk, an I/O error), everyone in it gets the error and no one is acknowledged.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import apsw
import structlog

from artifactd.errors import Internal, ServiceError, Unavailable
from artifactd.storage.engines.sqlite_connection import SqliteTransaction, as_service_error
from artifactd.storage.statements import ReadFunction, Result, StatementCache

_log = structlog.get_logger(__name__)
_BATCH_WRITES_MAX = 256
_BATCH_SECONDS_MAX = 0.01
_BUSY_TIMEOUT_MS = 5_000
_LOOKS_MAX = 16
"""How often the event loop is let go round for more writes before a transaction begins."""
_LOOKS_IN_VAIN_MAX = 2
_QUICK_COMMIT_S = 0.001
"""A commit that takes no longer may keep the event loop."""
_KNOWN_NAMESPACES_MAX = 10_000
"""How many namespaces are remembered from one transaction to the next; of more, all are forgotten."""
_FORGETTING = 0.97
"""What is left of a slow commit in what is expected of the next one."""


class _Write:
    """A function that waits to be run, and what came of it."""

    __slots__ = ("answer", "error", "function", "heavy", "result")

    def __init__(self, function: ReadFunction[Any], answer: asyncio.Future[Any], *, heavy: bool) -> None:
        self.function = function
        self.heavy = heavy
        self.answer = answer
        self.result: Any = None
        self.error: BaseException | None = None

    def resolve(self) -> None:
        """Answers the caller, unless it has gone away: then nobody else may suffer for it."""
        if self.answer.done():
            return
        if self.error is None:
            self.answer.set_result(self.result)
        else:
            self.answer.set_exception(self.error)


class _LeftoversError(Exception):
    """A function failed, and what it wrote before is still in the transaction."""


class SqliteWriter:
    """Runs writes on a connection that nobody else uses. Belongs to the event loop that made it.

    Args:
        connection: is closed with this.
        queue_max: how many writes may wait.
        shapes: the engine's cache of statements.
        let_go: ends the view of whoever keeps one, since the write-ahead log cannot begin anew under it.
    """

    def __init__(
        self, connection: apsw.Connection, queue_max: int, shapes: StatementCache, let_go: Callable[[], None]
    ) -> None:
        self._connection = connection
        self._transaction = SqliteTransaction(connection, shapes)
        self._queue: deque[_Write] = deque()
        self._queue_max = queue_max
        self._let_go = let_go
        self._loop = asyncio.get_running_loop()
        self._arrived = asyncio.Event()
        self._closing = False
        self._log_is_long = False
        self._last_batch = 0
        # How long a commit is expected to take; the first shows.
        self._commit_s = 1.0
        self._thread = ThreadPoolExecutor(1, "artifactd-commit")
        self.commits = 0
        self.writes = 0
        self._task = asyncio.create_task(self._run(), name="artifactd-writer")

    @property
    def waiting(self) -> int:
        """How many writes wait to be run."""
        return len(self._queue)

    def check(self) -> None:
        """Raises Unavailable if the writer no longer runs."""
        if self._task.done():
            raise Unavailable("the store's writer has stopped: restart the server")

    def write(self, function: ReadFunction[Result], *, heavy: bool) -> asyncio.Future[Result]:
        """Queues a function; what it gives is there when what it wrote is durable, or raises what it raised."""
        if self._closing:
            raise Unavailable("the server is stopping", retry_after_s=1)
        self.check()
        if len(self._queue) >= self._queue_max:
            raise Unavailable(f"{self._queue_max} writes are waiting already", retry_after_s=1)
        answer: asyncio.Future[Result] = self._loop.create_future()
        self._queue.append(_Write(function, answer, heavy=heavy))
        self._arrived.set()
        return answer

    def shorten_log(self) -> None:
        """Asks for a pause between two transactions in which the write-ahead log can be emptied.

        Checkpoints beside steady writes never see its end, so it could not begin anew and would grow for ever.
        """
        self._log_is_long = True

    async def _catch_up(self) -> None:
        self._log_is_long = False
        try:
            self._let_go()
            await self._on_thread(self._connection.wal_checkpoint, None, apsw.SQLITE_CHECKPOINT_PASSIVE)
        except apsw.Error as error:
            # Only housekeeping: whatever is wrong fails a write too, and that one answers for it.
            _log.warning("checkpoint failed", error=str(error))

    async def close(self) -> None:
        """Runs what waits, then closes the connection."""
        self._closing = True
        self._arrived.set()
        await self._task
        self._thread.shutdown(wait=True)
        self._connection.close()

    async def _run(self) -> None:
        while self._queue or not self._closing:
            if not self._queue:
                self._arrived.clear()
                await self._arrived.wait()
                continue
            if self._log_is_long:
                await self._catch_up()
            await self._gather()
            batch: list[_Write] = []
            try:
                await self._begin()
                try:
                    await self._apply_waiting(batch)
                except _LeftoversError:
                    self._roll_back("ROLLBACK")
                    await self._begin()
                    await self._apply_apart(batch)
                self._transaction.sums.run_on(self._transaction)
                await self._commit()
                self.commits += 1
                if len(self._transaction.known_namespaces) > _KNOWN_NAMESPACES_MAX:
                    self._transaction.known_namespaces.clear()
                self.writes += len(batch)
                self._last_batch = len(batch)
            except Exception as error:
                self._lose(batch, error)
            for write in batch:
                write.resolve()

    async def _gather(self) -> None:
        """Lets the event loop take in what has arrived, as long as more comes.

        Clients that were answered together ask again together, a moment apart. Half of them would else miss each
        transaction. Whoever writes alone waits for nobody.
        """
        if self._last_batch <= 1 and len(self._queue) <= 1:
            return
        seen = in_vain = 0
        for _ in range(_LOOKS_MAX):
            waiting = len(self._queue)
            in_vain = 0 if waiting > seen else in_vain + 1
            if in_vain > _LOOKS_IN_VAIN_MAX or waiting >= _BATCH_WRITES_MAX:
                return
            seen = waiting
            await asyncio.sleep(0)

    async def _commit(self) -> None:
        began_s = time.perf_counter()
        if self._commit_s <= _QUICK_COMMIT_S:
            self._connection.execute("COMMIT")
        else:
            await self._on_thread(self._connection.execute, "COMMIT")
        self._commit_s = max(time.perf_counter() - began_s, self._commit_s * _FORGETTING)

    async def _on_thread(self, function: Any, *arguments: Any) -> Any:
        return await self._loop.run_in_executor(self._thread, function, *arguments)

    async def _begin(self) -> None:
        """Takes the write lock; only if another program holds it is it waited for, and then on the thread."""
        self._let_go()
        self._connection.set_busy_timeout(0)
        try:
            self._connection.execute("BEGIN IMMEDIATE")
        except apsw.BusyError:
            self._connection.set_busy_timeout(_BUSY_TIMEOUT_MS)
            await self._on_thread(self._connection.execute, "BEGIN IMMEDIATE")

    async def _apply_waiting(self, batch: list[_Write]) -> None:
        """Runs what waits, up to a bound, so that the first of a long queue is not kept from its answer."""
        deadline = time.monotonic() + _BATCH_SECONDS_MAX
        while self._queue and len(batch) < _BATCH_WRITES_MAX and time.monotonic() < deadline:
            write = self._queue.popleft()
            if write.answer.done():
                continue
            batch.append(write)
            if write.heavy:
                await self._on_thread(self._apply, write)
            else:
                self._apply(write)

    async def _apply_apart(self, batch: list[_Write]) -> None:
        """Runs what has run before, so that what fails leaves nothing behind."""
        for write in batch:
            write.result = write.error = None
            if write.heavy:
                await self._on_thread(self._apply_in_savepoint, write)
            else:
                self._apply_in_savepoint(write)

    def _apply(self, write: _Write) -> None:
        """Runs one function, which fails alone.

        Raises:
            _LeftoversError: it failed and had written something.
            apsw.Error: SQLite has lost the transaction.
        """
        sums = self._transaction.sums
        before = self._connection.total_changes(), sums.changes
        try:
            write.result = write.function(self._transaction)
        except BaseException as error:
            self._note(write, error)
            if (self._connection.total_changes(), sums.changes) != before:
                raise _LeftoversError from error

    def _apply_in_savepoint(self, write: _Write) -> None:
        self._connection.execute("SAVEPOINT one_write")
        try:
            write.result = write.function(self._transaction)
            self._transaction.sums.run_on(self._transaction)
        except BaseException as error:
            self._note(write, error)
            self._roll_back("ROLLBACK TO one_write")
        self._connection.execute("RELEASE one_write")

    def _roll_back(self, statement: str) -> None:
        self._transaction.forget()
        self._connection.execute(statement)

    def _note(self, write: _Write, error: BaseException) -> None:
        """Notes what a function raised, unless SQLite has lost the transaction by it: that is everybody's error."""
        if isinstance(error, apsw.IOError) or not self._connection.in_transaction:
            raise error
        write.error = as_service_error(error, "writing") if isinstance(error, apsw.Error) else error
        if isinstance(error, apsw.Error):
            _log.error("a write failed in the store", exc_info=error)

    def _lose(self, batch: list[_Write], error: Exception) -> None:
        """Rolls the transaction back and gives its error to everyone in it."""
        _log.error("a transaction was lost", writes=len(batch), exc_info=error)
        failure: ServiceError
        if isinstance(error, apsw.Error):
            failure = as_service_error(error, "writing")
        else:
            failure = Internal("the write was not kept, because of a fault in the server")
        try:
            self._transaction.forget()
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
        except apsw.Error as again:
            _log.error("the rollback failed", exc_info=again)
        if not batch and self._queue:
            # The lock was not to be had: whoever waits longest is told, so that the queue moves on.
            batch.extend(self._queue)
            self._queue.clear()
        for write in batch:
            write.result, write.error = None, failure
