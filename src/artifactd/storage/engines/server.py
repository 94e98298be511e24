"""A store on a database server: transactions on pooled connections, tried again where they collide.

Operations are plain functions, so a transaction has a thread and a connection for as long as it runs. Writes, reads
that an index serves, and scans have connections of their own: none waits for another kind. What PostgreSQL and MySQL
do differently is behind `Driver`.
"""

from __future__ import annotations

import asyncio
import os
import random
import threading

import structlog
from sqlalchemy import text

from artifactd.access import Undecided
from artifactd.errors import ServiceError
from artifactd.storage.engines.driver import (
    Driver,
    Fault,
    NotAloneError,
    OutcomeUnknownError,
    OverTimeError,
    Purpose,
    as_service_error,
    outcome_unknown,
)
from artifactd.storage.engines.pool import Pool, Session
from artifactd.storage.statements import ReadFunction, Result, Statement, StatementCache
from artifactd.storage.store import Store, StoreOptions, StoreState

_log = structlog.get_logger(__name__)
_TRIES_MAX = 20
"""How often a write that collides with others is tried before its caller gets 503."""
_TRIES_OF_REPLICA_MAX = 3
"""How often a read is tried on a replica, which stops those that are in the way of what it has to apply."""
_PAUSE_MAX_S = 0.1
_STRIPES = 64
"""How many counters share the counting of one list; a connection always counts in the same one."""


class ServerStore(Store):
    """See `artifactd.storage.store.Store`. Belongs to the event loop that opened it.

    Args:
        is_replica: whether another server can answer too: then it gives up sooner, and it is for the one who turns to
            another to log why.
    """

    def __init__(self, driver: Driver, options: StoreOptions, *, is_replica: bool = False) -> None:
        self._driver = driver
        self._is_replica = is_replica
        self._tries_max = _TRIES_OF_REPLICA_MAX if is_replica else _TRIES_MAX
        self._write_timeout_s = options.write_timeout_s
        self._shapes = StatementCache()
        self._pause = threading.Event()
        # Where a process begins among the stripes is left to chance, so that processes seldom share one.
        first = int.from_bytes(os.urandom(4), "big") % _STRIPES
        self._writers = Pool(driver, Purpose.WRITE, options.write_connections, options.write_queue_max, first)
        self._readers = Pool(driver, Purpose.READ, options.read_connections, options.scan_queue_max, 0)
        self._scanners = Pool(driver, Purpose.SCAN, options.scan_threads, options.scan_queue_max, 0)
        self.commits = 0

    async def read(self, function: ReadFunction[Result], *, scan: bool = False) -> Result:
        """Runs a function in a transaction that sees one moment; a scan under a time limit."""
        if scan:
            return await self._scanners.run(lambda session: self._run(session, function, Purpose.SCAN))
        return await self._readers.run(lambda session: self._run(session, function, Purpose.READ))

    async def write(self, function: ReadFunction[Result], *, heavy: bool = False) -> Result:
        """Runs a function in a transaction, again if others were first, and answers once it is committed."""
        del heavy
        try:
            async with asyncio.timeout(self._write_timeout_s):
                result = await self._writers.run(lambda session: self._run(session, function, Purpose.WRITE))
        except TimeoutError:
            # The thread goes on; what becomes of the transaction is not known now.
            raise outcome_unknown() from None
        self.commits += 1
        return result

    async def check(self) -> None:
        """Reads one row. Raises Unavailable where the database does not answer."""
        await self.read(lambda transaction: transaction.row(_CHECK))

    def state(self) -> StoreState:
        """Gauges for monitoring."""
        pools = (self._writers, self._readers, self._scanners)
        conflicts = sum(pool.conflicts for pool in pools)
        return StoreState(self._writers.waiting, self._scanners.waiting, self.commits, self.commits, conflicts)

    async def close(self) -> None:
        """Waits for what runs, then lets go of the database."""
        await asyncio.gather(self._writers.close(), self._readers.close(), self._scanners.close())

    def _run(self, session: Session, function: ReadFunction[Result], purpose: Purpose) -> Result:
        """Runs a function in as many transactions as it takes; on a thread of the pool."""
        doing = "writing" if purpose is Purpose.WRITE else "reading"
        refused: ServiceError | None = None
        for tries in range(1, self._tries_max + 1):
            try:
                return self._once(session, function, purpose)
            except Undecided:
                # It refuses nothing yet.
                raise
            except ServiceError as error:
                # Each statement of a write sees its own moment, so what it found may never have stood side by side.
                if purpose is not Purpose.WRITE or _is_same(error, refused) or tries == self._tries_max:
                    raise
                refused = error
                continue
            except OverTimeError as error:
                raise as_service_error(Fault.TIMEOUT, doing) from error
            except OutcomeUnknownError as error:
                session.drop()
                _log.warning("the outcome of a commit is not known", exc_info=error.__cause__)
                raise outcome_unknown() from error
            except self._driver.errors as error:
                fault = self._driver.fault(error)
                # One that was idle may have been closed by the other side long since.
                was_idle = session.uses > 1
                if fault is Fault.LOST:
                    session.drop()
                if not (fault is Fault.CONFLICT or (fault is Fault.LOST and was_idle)) or tries == self._tries_max:
                    raise self._failure(fault, doing, error) from error
            session.conflicts += fault is Fault.CONFLICT
            pause_s = random.uniform(0, min(_PAUSE_MAX_S, 0.001 * 2**tries))  # nosec B311  # noqa: S311  # No secret.
            self._pause.wait(pause_s)
        raise AssertionError

    def _once(self, session: Session, function: ReadFunction[Result], purpose: Purpose) -> Result:
        try:
            return self._as_a_whole(session, function, purpose, alone=purpose is Purpose.READ)
        except NotAloneError:
            return self._as_a_whole(session, function, purpose, alone=False)

    def _as_a_whole(self, session: Session, function: ReadFunction[Result], purpose: Purpose, *, alone: bool) -> Result:
        driver, connection = self._driver, session.connected()
        try:
            driver.begin(connection, purpose, alone=alone)
            transaction = driver.transaction(connection, self._shapes, session.stripe % _STRIPES, purpose)
            try:
                result = function(transaction)
            except ServiceError as error:
                if purpose is Purpose.WRITE and not isinstance(error, Undecided):
                    # A refusal counts only if all that was run before it has succeeded: else another was first.
                    transaction.settle()
                raise
            transaction.sums.run_on(transaction)
            driver.commit(connection, purpose)
        except (OutcomeUnknownError, NotAloneError):
            raise
        except BaseException as error:
            self._undo(session, error)
            raise
        return result

    def _undo(self, session: Session, error: BaseException) -> None:
        """Rolls back; a connection on which that fails is of no more use."""
        if isinstance(error, self._driver.errors) and self._driver.fault(error) is Fault.LOST:
            return
        try:
            self._driver.rollback(session.connection)
        except self._driver.errors:
            session.drop()

    def _failure(self, fault: Fault, doing: str, error: Exception) -> ServiceError:
        if self._is_replica:
            return as_service_error(fault, doing)
        log = _log.error if fault is Fault.OTHER else _log.warning
        log(f"the database failed while {doing}", fault=fault.name, exc_info=error)
        return as_service_error(fault, doing)


def _is_same(error: ServiceError, other: ServiceError | None) -> bool:
    return type(error) is type(other) and error.message == getattr(other, "message", None)


_CHECK = Statement(text("SELECT 1 FROM namespaces LIMIT 1"))
