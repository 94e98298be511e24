"""Connections to a database server, a thread each, and a bounded queue before them."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
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


class Pool:
    """Sessions for one purpose, each used by one thread at a time."""

    def __init__(self, driver: Driver, purpose: Purpose, size: int, waiting_max: int, first_stripe: int) -> None:
        self._purpose = purpose
        self._waiting_max = waiting_max
        self._threads = ThreadPoolExecutor(size, f"artifactd-{purpose}")
        self._sessions = [Session(driver, purpose, first_stripe + number) for number in range(size)]
        # The session used last is used next: a quiet pool keeps few connections busy.
        self._idle = deque(self._sessions)
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
        loop = asyncio.get_running_loop()
        work = self._threads.submit(self._with_session, function)
        # A caller that goes away leaves its function running, and that one counts until its thread is done with it.
        work.add_done_callback(lambda _: loop.call_soon_threadsafe(self._done))
        return await asyncio.wrap_future(work)

    def _with_session(self, function: Callable[[Session], Result]) -> Result:
        session = self._idle.popleft()
        try:
            return function(session)
        finally:
            self._idle.appendleft(session)

    def _done(self) -> None:
        self._inside -= 1

    async def close(self) -> None:
        """Finishes what waits and what runs, then lets go of the connections.

        If nothing moves for a while, whoever waits for the database is made to wait no longer.
        """
        self._closing = True
        ended = asyncio.create_task(asyncio.to_thread(self._threads.shutdown, wait=True))
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
