"""How old what a replica of the database shows may be, measured without comparing clocks.

A process writes ascending numbers to the primary, one after the other, and remembers by its own clock when it wrote
which. A replica applies commits in the primary's order. So whoever sees a number there sees everything, of whichever
process, that was answered for before that number's commit began.
"""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Callable

from sqlalchemy import bindparam, delete, select

from artifactd.storage.engines.expressions import insert_or_replace
from artifactd.storage.schema import heartbeats
from artifactd.storage.statements import Statement, Transaction
from artifactd.storage.store import Store

UNKNOWN_S = float("inf")
"""The age of what shows no heartbeat of this process, or none that is remembered: it is too old for everybody."""
_FORGOTTEN_AFTER_US = 24 * 3_600 * 1_000_000
_table = heartbeats.c
_BEAT = Statement(lambda dialect: insert_or_replace(dialect, heartbeats))
_SELECT = Statement(select(_table.beat).where(_table.process_id == bindparam("process_id")))
_FORGET = Statement(delete(heartbeats).where(_table.beaten_at_us < bindparam("oldest_us")))


def seconds_since_boot() -> float:
    """A clock that only goes forward, where the system has it also while the machine sleeps."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class Heartbeats:
    """The numbers of one process.

    Args:
        primary: where they are written. It has a connection for this alone, so that none waits behind other writes.
        clock: microseconds since the epoch, by which rows of processes that are gone are forgotten.
        now_s: seconds since any moment.
        remembered: how many numbers are; what shows an older one counts as too old for everybody.
    """

    def __init__(
        self,
        primary: Store,
        clock: Callable[[], int],
        *,
        now_s: Callable[[], float] = seconds_since_boot,
        remembered: int = 3_600,
    ) -> None:
        self._remembered = remembered
        self._primary = primary
        self._clock = clock
        self.now_s = now_s
        # Chosen anew by each process: its numbers begin anew too, and must not be taken for those of another.
        self._process_id = os.urandom(16)
        self._numbers = itertools.count(1)
        self._written_s: dict[int, float] = {}
        self._has_forgotten = False

    async def beat(self) -> None:
        """Writes the next number. Raises Unavailable where that fails."""
        await self._primary.write(self._write)
        self._has_forgotten = True

    def age_s(self, transaction: Transaction) -> float:
        """How old what a transaction sees may be at the most, in seconds.

        It asks in that very transaction: behind one address there may be several servers, and a server may be made
        anew from an old copy. It is this process' own number that must be there, which also tells that the schema is
        no older than the one that this process found.
        """
        row = transaction.row(_SELECT, {"process_id": self._process_id})
        written_s = self._written_s.get(row[0]) if row else None
        return UNKNOWN_S if written_s is None else self.now_s() - written_s

    def _write(self, transaction: Transaction) -> None:
        now_us = self._clock()
        if not self._has_forgotten:
            transaction.run(_FORGET, {"oldest_us": now_us - _FORGOTTEN_AFTER_US})
        # A try that has to be repeated gets another number, since its outcome may be unknown.
        number = next(self._numbers)
        transaction.run(_BEAT, {"process_id": self._process_id, "beat": number, "beaten_at_us": now_us})
        # The commit comes after this, so that what was answered for by now was committed before it.
        self._written_s[number] = self.now_s()
        self._written_s.pop(number - self._remembered, None)
