"""Reads that may be a little old, from replicas of the database."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Sequence
from typing import NamedTuple

import structlog

from artifactd.errors import ServiceError, Unavailable
from artifactd.storage.heartbeats import UNKNOWN_S, Heartbeats
from artifactd.storage.statements import ReadFunction, Result, Transaction
from artifactd.storage.store import Store, StoreState

_log = structlog.get_logger(__name__)


class Pace(NamedTuple):
    """How often replicas are looked at, and what is put up with.

    `every_s` is how often a heartbeat is written and each replica is looked at; `silence_max_s` how long a replica may
    take to show it, after which nobody waits for it any longer; `misses_max` how many looks in a row may find no
    heartbeat of this process before the log says so.
    """

    every_s: float = 1.0
    silence_max_s: float = 2.0
    misses_max: int = 10


DEFAULT_PACE = Pace()


class Replica:
    """A replica of the database, which may be away or behind at any time.

    Args:
        number: its place among the replicas, from 0.
        store: for reads.
        looks: the same with a connection of its own, so that looking at the replica never waits behind reads.
        heartbeats: tells how old what is seen may be.
        pace: how often it is looked at.
    """

    def __init__(
        self, number: int, store: Store, looks: Store, heartbeats: Heartbeats, pace: Pace = DEFAULT_PACE
    ) -> None:
        self._pace = pace
        self._number = number
        self._store = store
        self._looks = looks
        self._heartbeats = heartbeats
        self._as_of_s: float | None = None
        self._limits: set[asyncio.Timeout] = set()
        self._condition = ""
        self._misses = 0
        self.chosen_at = 0
        """When it was last chosen, counted in choices."""
        self.reads = 0
        """How many reads it has answered."""

    @property
    def reading(self) -> int:
        """How many reads it is busy with."""
        return len(self._limits)

    @property
    def conflicts(self) -> int:
        """How often a read of it had to be run again, since what it read was about to change."""
        return self._store.state().conflicts

    def age_s(self) -> float:
        """How old its answers may be at the most, as far as was seen last."""
        return UNKNOWN_S if self._as_of_s is None else self._heartbeats.now_s() - self._as_of_s

    async def read(
        self, function: ReadFunction[Result], *, max_age_s: float, scan: bool
    ) -> tuple[Result, float] | None:
        """What a function reads, and how old that may be; None where this is no replica to read from now.

        Raises:
            Unavailable: a scan took too long. Anywhere else it would too.
        """
        if self._as_of_s is None:
            return None
        found_s = UNKNOWN_S

        def read_if_fresh(transaction: Transaction) -> tuple[Result, float] | None:
            nonlocal found_s
            found_s = self._heartbeats.age_s(transaction)
            return (function(transaction), found_s) if found_s <= max_age_s else None

        try:
            async with asyncio.timeout(None) as limit:
                self._limits.add(limit)
                try:
                    found = await self._store.read(read_if_fresh, scan=scan)
                finally:
                    self._limits.discard(limit)
        except TimeoutError:
            return None
        except ServiceError as error:
            if scan and found_s <= max_age_s and isinstance(error, Unavailable) and error.retry_after_s is None:
                raise
            if error.__cause__ is not None:
                # It is not that too many wait: it failed, and is left alone until it is seen to be well.
                self._as_of_s = None
                self._note("failing", _cause(error))
            return None
        if self._as_of_s is not None:
            # Only a look brings back a replica that was lost meanwhile.
            self._saw(found_s)
        self.reads += found is not None
        return found

    async def look_for_ever(self) -> None:
        """Finds out again and again whether the replica answers, and how old its answers may be."""
        while True:
            look = asyncio.ensure_future(self._looks.read(self._heartbeats.age_s))
            try:
                done, _ = await asyncio.wait({look}, timeout=self._pace.silence_max_s)
                if not done:
                    self._lose(f"it has said nothing for {self._pace.silence_max_s:g} s")
                # There is one look at a time, however long it takes.
                self._saw(await look)
                self._note_heartbeat()
            except ServiceError as error:
                self._lose(_cause(error))
            finally:
                look.cancel()
            await asyncio.sleep(self._pace.every_s)

    async def close(self) -> None:
        """Lets go of it."""
        await asyncio.gather(self._store.close(), self._looks.close())

    def _saw(self, age_s: float) -> None:
        self._as_of_s = None if age_s == UNKNOWN_S else self._heartbeats.now_s() - age_s

    def _note_heartbeat(self) -> None:
        """Notes what a look has shown. A first heartbeat may still be on its way when a server has just started."""
        if self._as_of_s is not None:
            self._misses = 0
            self._note("well", "")
            return
        self._misses += 1
        if self._misses >= self._pace.misses_max:
            cause = "it shows no heartbeat of this server: it is over an hour behind, or no replica of this database"
            self._note("without a heartbeat", cause)

    def _lose(self, cause: str) -> None:
        """Has whoever waits for the replica read elsewhere, and the next ones too until it is seen to be well."""
        self._as_of_s = None
        self._misses = 0
        now = asyncio.get_running_loop().time()
        limits, self._limits = self._limits, set()
        for limit in limits:
            limit.reschedule(now)
        self._note("away", cause)

    def _note(self, condition: str, cause: str) -> None:
        """Logs a condition that is another than before."""
        if condition == self._condition:
            return
        self._condition = condition
        if condition == "well":
            _log.info("a replica of the database can be read", replica=self._number)
        else:
            event = f"a replica of the database is {condition}: the primary is read"
            _log.warning(event, replica=self._number, cause=cause)


class ReplicatedStore(Store):
    """A primary, and replicas for reads that say how old an answer may be; all others go to the primary.

    Args:
        beats: the primary too, for heartbeats alone.
        pace: how often one is written.
    """

    def __init__(
        self,
        primary: Store,
        beats: Store,
        replicas: Sequence[Replica],
        heartbeats: Heartbeats,
        pace: Pace = DEFAULT_PACE,
    ) -> None:
        self._pace = pace
        self._primary = primary
        self._beats = beats
        self._replicas = replicas
        self._heartbeats = heartbeats
        self._choices = itertools.count(1)
        self._tasks = [asyncio.create_task(self._beat_for_ever(), name="artifactd-heartbeats")]
        self._tasks += [asyncio.create_task(replica.look_for_ever(), name="artifactd-looks") for replica in replicas]
        for task in self._tasks:
            task.add_done_callback(_log_fault)

    async def read(self, function: ReadFunction[Result], *, scan: bool = False) -> Result:
        """Reads from the primary."""
        return await self._primary.read(function, scan=scan)

    async def read_within(
        self, function: ReadFunction[Result], *, max_age_s: float, scan: bool = False
    ) -> tuple[Result, float | None]:
        """Reads from the least busy replica that is fresh enough; from the primary if there is none."""
        for replica in self._worth_asking(max_age_s):
            replica.chosen_at = next(self._choices)
            found = await replica.read(function, max_age_s=max_age_s, scan=scan)
            if found is not None:
                return found
        return await self._primary.read(function, scan=scan), None

    async def write(self, function: ReadFunction[Result], *, heavy: bool = False) -> Result:
        """Writes to the primary."""
        return await self._primary.write(function, heavy=heavy)

    async def check(self) -> None:
        """Makes sure that the primary answers; without a replica, the primary is read."""
        await self._primary.check()

    def state(self) -> StoreState:
        """The primary's gauges, and what is known of the replicas."""
        state = self._primary.state()
        return state._replace(
            conflicts=state.conflicts + sum(replica.conflicts for replica in self._replicas),
            replica_ages_s=tuple(replica.age_s() for replica in self._replicas),
            replica_reads=tuple(replica.reads for replica in self._replicas),
        )

    async def close(self) -> None:
        """Lets go of all of them."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        replicas = (replica.close() for replica in self._replicas)
        await asyncio.gather(self._primary.close(), self._beats.close(), *replicas)

    def _worth_asking(self, max_age_s: float) -> list[Replica]:
        """The replicas that may be fresh enough, the least busy first; each may have moved on since it was seen."""
        if max_age_s <= 0:
            return []
        fresh = [replica for replica in self._replicas if replica.age_s() - self._pace.every_s <= max_age_s]
        return sorted(fresh, key=lambda replica: (replica.reading, replica.chosen_at))

    async def _beat_for_ever(self) -> None:
        failing = False
        while True:
            try:
                await self._heartbeats.beat()
                failing = False
            except ServiceError as error:
                if not failing:
                    _log.warning("no heartbeat reaches the primary: replicas look ever older", cause=_cause(error))
                failing = True
            await asyncio.sleep(self._pace.every_s)


def _log_fault(task: asyncio.Task[None]) -> None:
    """Says why a task has ended that never should; without it replicas only look ever older."""
    if not task.cancelled() and (error := task.exception()) is not None:
        _log.error("replicas of the database are watched no more", task=task.get_name(), exc_info=error)


def _cause(error: ServiceError) -> str:
    """Why a database failed, in a line for the log."""
    return str(error.__cause__ or error.message).strip().partition("\n")[0]
