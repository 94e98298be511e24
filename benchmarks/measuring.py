"""The rounds: every operation in turn, at every number of clients, several times over."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from benchmarks.disk import SyncProbe, store_facts
from benchmarks.load import Load, drive
from benchmarks.operations import Operation
from benchmarks.servers import Server

_WARM_UP_S = 1
_SETTLE_S = 1.2
"""After writes: longer than the server takes to begin moving its write-ahead log into the database."""


class Round(NamedTuple):
    """One operation under load once, as it was measured.

    Attributes:
        stored: how many requests' worth of rows the store has more than before; None for reads.
        disk_bytes: how many bytes the database takes more than before; None for reads.
        fdatasync_us: the disk's own figure, the mean of just before and just after; 0 for reads.
        void: why the round counts for nothing; empty for a good one.
    """

    operation: str
    clients: int
    number: int
    load: Load
    server_cpu_s: float
    stored: float | None
    disk_bytes: int | None
    fdatasync_us: float
    void: str

    @property
    def per_s(self) -> float:
        """Requests a second."""
        return self.load.requests / self.load.duration_us * 1_000_000


class Bench(NamedTuple):
    """What is measured, and with what."""

    server: Server
    noop: Server
    database: Path
    targets: dict[str, Path]
    operations: list[Operation]
    probe: SyncProbe

    def rounds(self, clients: list[int], count: int, seconds: int, say: Callable[[str], None]) -> Iterator[Round]:
        """Measures, after a warm-up. Every second time the order is turned round, so that drift hits all alike."""
        for operation in self.operations:
            self._measure(operation, max(clients), 0, _WARM_UP_S)
        for number in range(1, count + 1):
            for many in clients:
                for operation in self.operations if number % 2 else reversed(self.operations):
                    done = self._measure(operation, many, number, seconds)
                    say(f"round {number}, {many:2} clients, {operation.name}: {done.per_s:,.0f}/s {done.void}".rstrip())
                    yield done

    def _measure(self, operation: Operation, clients: int, number: int, seconds: int) -> Round:
        server = self.noop if operation.is_ceiling else self.server
        arguments = {"round": number * 1_000 + clients}
        if operation.targets:
            arguments["targets"] = str(self.targets[operation.targets])  # type: ignore[assignment]
        probed = bool(operation.table and number)
        sync_before_us = self.probe.median_us() if probed else 0.0
        before = store_facts(self.database) if operation.table else None
        cpu_before = server.cpu_s()
        load = drive(operation.script, server.url, clients, seconds, **arguments)
        cpu_s = server.cpu_s() - cpu_before
        stored = disk_bytes = None
        if before is not None:
            time.sleep(_SETTLE_S)
            after = store_facts(self.database)
            stored = (after.rows[operation.table] - before.rows[operation.table]) / operation.items
            disk_bytes = after.bytes - before.bytes
        fdatasync_us = (sync_before_us + self.probe.median_us()) / 2 if probed else 0.0
        void = why_void(load, clients, stored)
        return Round(operation.name, clients, number, load, cpu_s, stored, disk_bytes, fdatasync_us, void)


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
