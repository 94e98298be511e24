"""The rounds: every work by everyone in turn, at every number of clients, several times over."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from benchmarks.disk import SyncProbe
from benchmarks.load import Load
from benchmarks.subjects import Subject
from benchmarks.works import Work

_WARM_UP_S = 1


class Round(NamedTuple):
    """One work done by one subject under load once, as it was measured.

    Attributes:
        cpu_s: processor time that the subject used meanwhile.
        stored: how many requests' worth of items the store has more than before; None for reads.
        disk_bytes: how many bytes the database takes more than before; None for reads.
        resident_bytes: the subject's memory just after.
        fdatasync_us: the disk's own figure, the mean of just before and just after; 0 for other than writes.
        void: why the round counts for nothing; empty for a good one.
    """

    subject: str
    work: str
    clients: int
    number: int
    load: Load
    cpu_s: float
    stored: float | None
    disk_bytes: int | None
    resident_bytes: int
    fdatasync_us: float
    void: str

    @property
    def per_s(self) -> float:
        """Requests a second."""
        return self.load.requests / self.load.duration_us * 1_000_000


class Bench(NamedTuple):
    """What is measured, and with what."""

    subjects: Sequence[Subject]
    works: Sequence[Work]
    probe: SyncProbe

    def rounds(self, clients: Sequence[int], count: int, seconds: int, say: Callable[[str], None]) -> Iterator[Round]:
        """Measures, after a warm-up. Every second time the order is turned round, so that drift hits all alike."""
        for subject, work in self._pairs(1):
            self._measure(subject, work, min(max(clients), subject.clients_max), 0, _WARM_UP_S)
        for number in range(1, count + 1):
            for many in clients:
                pairs = self._pairs(many)
                for subject, work in pairs if number % 2 else reversed(pairs):
                    done = self._measure(subject, work, many, number, seconds)
                    told = f"{subject.name}, {work.name}: {done.per_s:,.0f}/s {done.void}"
                    say(f"round {number}, {many:2} clients, {told}".rstrip())
                    yield done

    def _pairs(self, clients: int) -> list[tuple[Subject, Work]]:
        """Who does what at so many clients: the works in turn, and for each those who do it."""
        return [
            (subject, work)
            for work in self.works
            for subject in self.subjects
            if subject.does(work) and clients <= subject.clients_max
        ]

    def _measure(self, subject: Subject, work: Work, clients: int, number: int, seconds: int) -> Round:
        # The disk's figure is wanted beside one client's writes alone: at more, one sync serves several.
        probed = bool(work.adds and number and clients == 1)
        sync_before_us = self.probe.median_us() if probed else 0.0
        before = subject.facts() if work.adds else None
        cpu_before_s = subject.cpu_s()
        load = subject.drive(work, clients, seconds, number)
        cpu_s, resident_bytes = subject.cpu_s() - cpu_before_s, subject.resident_bytes()
        subject.wait_until_idle()
        stored = disk_bytes = None
        if before is not None:
            threading.Event().wait(subject.settle_s)
            after = subject.facts()
            assert after is not None
            stored = (after.rows[work.adds] - before.rows[work.adds]) / work.items
            disk_bytes = after.bytes - before.bytes
        fdatasync_us = (sync_before_us + self.probe.median_us()) / 2 if probed else 0.0
        void = why_void(load, clients, stored)
        return Round(
            subject.name, work.name, clients, number, load, cpu_s, stored, disk_bytes, resident_bytes, fdatasync_us,
            void,
        )  # fmt: skip


def why_void(load: Load, clients: int, stored: float | None) -> str:
    """Why a round counts for nothing: errors, no answers, or a store that holds other than what was acknowledged.

    What was in flight when wrk stopped, at most one request a client, may be in the store or not.
    """
    if failed := {name: count for name, count in load.errors.items() if count}:
        return "errors: " + ", ".join(f"{count} {name}" for name, count in failed.items())
    if not load.requests:
        return "no answers"
    if stored is not None and not 0 <= stored - load.requests <= clients:
        return f"{load.requests} requests were acknowledged, and {stored:g} are in the store"
    return ""


def as_raw(rounds: Sequence[Round]) -> list[dict[str, Any]]:
    """The rounds as they are kept."""
    return [done._asdict() | {"load": done.load._asdict()} for done in rounds]


def from_raw(raw: Sequence[dict[str, Any]]) -> list[Round]:
    """The rounds as they were kept."""
    return [Round(**{**each, "load": Load(**each["load"])}) for each in raw]
