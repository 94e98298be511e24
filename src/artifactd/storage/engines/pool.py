"""Connections to a database server, a thread each, and a bounded queue before them."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from typing import Any

from artifactd.errors import Unavailable
from artifactd.storage.engines.driver import Driver, Purpose
from artifactd.storage.statements import Result

_STOPPING_S = 10.0
_NAMES = {Purpose.WRITE: "writes", Purpose.READ: "reads", Purpose.SCAN: "long reads"}


class Session:
    """A place in a pool, and its connection once there is one.

    `stripe` is the number of the counters that its transactions count in.
    """

    def __init__(self, driver: Driver, purpose: Purpose, stripe: int) -> None:
        self._driver = driver
        self._purpose = purpose
        self.stripe = stripe
        self.connection: Any = None
        self.uses = 0
        self.conflicts = 0

    def connected(self) -> Any:
        """The connection, which is made if there is none."""
        if self.connection is None:
            self.connection = self._driver.connect(self._purpose)
            self.uses = 0
        self.uses += 1
        return self.connection

    def drop(self) -> None:
        """Lets go of the connection; the next use makes another."""
        connection, self.connection = self.connection, None
        if connection is not None:
            with suppress(*self._driver.errors):
                self._driver.close(connection)

    def interrupt(self) -> None:
        """Ends the waiting of whoever uses the connection."""
        if self.connection is not None:
            self._driver.interrupt(self.connection)


class _Work:
    """A function that waits for a thread, and who waits for what comes of it."""

    __slots__ = ("_is_taken", "caller", "function", "loop")

    def __init__(
        self, function: Callable[[Session], Any], loop: asyncio.AbstractEventLoop, caller: asyncio.Future[Any]
    ) -> None:
        self.function = function
        self.loop = loop
        self.caller = caller
        self._is_taken = threading.Lock()

    def take(self) -> bool:
        """Whether it is for the one who asks to run the function or to leave it: it is so once."""
        return self._is_taken.acquire(blocking=False)


class Pool:
    """Sessions for one purpose, each used by one thread at a time.

    An executor of the standard library wakes the event loop twice for each function and takes several locks; here it
    is woken once.
    """

    def __init__(self, driver: Driver, purpose: Purpose, size: int, waiting_max: int, first_stripe: int) -> None:
        self._purpose = purpose
        self._waiting_max = waiting_max
        self._sessions = [Session(driver, purpose, first_stripe + number) for number in range(size)]
        # The session used last is used next: a quiet pool keeps few connections busy.
        self._idle = deque(self._sessions)
        self._threads: list[threading.Thread] = []
        self._work: SimpleQueue[_Work | None] = SimpleQueue()
        self._inside = 0
        self._closing = False

    @property
    def waiting(self) -> int:
        """How many functions wait for a thread or run."""
        return self._inside

    @property
    def conflicts(self) -> int:
        """How often a transaction had to be run again."""
        return sum(session.conflicts for session in self._sessions)

    async def run(self, function: Callable[[Session], Result]) -> Result:
        """Runs a function of a session on a thread. Raises Unavailable where too many wait."""
        if self._inside >= self._waiting_max + len(self._sessions):
            raise Unavailable(f"{self._inside} {_NAMES[self._purpose]} are waiting already", retry_after_s=1)
        if self._closing:
            raise Unavailable("the server is stopping", retry_after_s=1)
        self._inside += 1
        if self._inside > len(self._threads) < len(self._sessions):
            self._start_thread()
        loop = asyncio.get_running_loop()
        caller: asyncio.Future[Result] = loop.create_future()
        work = _Work(function, loop, caller)
        self._work.put(work)
        try:
            return await caller
        except asyncio.CancelledError:
            if work.take():
                self._inside -= 1
            raise

    def _start_thread(self) -> None:
        name = f"artifactd-{self._purpose}_{len(self._threads)}"
        thread = threading.Thread(target=self._serve, name=name, daemon=True)
        thread.start()
        self._threads.append(thread)

    def _serve(self) -> None:
        """Runs one function after the other, until there is none and none will come."""
        while (work := self._work.get()) is not None:
            if not work.take():
                # Its caller went away before.
                continue
            result, error = None, None
            session = self._idle.popleft()
            try:
                result = work.function(session)
            except BaseException as raised:  # It is the caller's.
                error = raised
            finally:
                self._idle.appendleft(session)
            # A loop that was closed has nobody left who waits.
            with suppress(RuntimeError):
                work.loop.call_soon_threadsafe(self._done, work.caller, result, error)
            del work, result, error

    def _done(self, caller: asyncio.Future[Any], result: Any, error: BaseException | None) -> None:
        # A caller that goes away leaves its function running, and that one counts until its thread is done with it.
        self._inside -= 1
        if caller.done():
            return
        if error is None:
            caller.set_result(result)
        else:
            caller.set_exception(error)

    def _end_threads(self) -> None:
        for _ in self._threads:
            self._work.put(None)
        for thread in self._threads:
            thread.join()

    async def close(self) -> None:
        """Finishes what waits and what runs, then lets go of the connections.

        If nothing moves for a while, whoever waits for the database is made to wait no longer.
        """
        self._closing = True
        ended = asyncio.create_task(asyncio.to_thread(self._end_threads))
        inside = self._inside + 1
        while not ended.done():
            if self._inside == inside:
                for session in self._sessions:
                    session.interrupt()
            inside = self._inside
            await asyncio.wait({ended}, timeout=_STOPPING_S)
        await ended
        for session in self._sessions:
            session.drop()
