"""Metrics of several processes that serve one address: whichever is asked shows the sum over all.

Each keeps its numbers in files of its own in one directory, as prometheus-client's multiprocess mode has it, and a
scrape reads the files of all. They are named by the worker's number, not by its process: one that takes a dead one's
place counts on where that one stopped, so that counters never fall and files never pile up.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest, values
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from artifactd import __version__
from artifactd.rest.monitoring import (
    BUCKETS_S,
    GAUGES,
    REPLICA_GAUGES,
    REQUESTS,
    REQUESTS_TEXT,
    SECONDS,
    SECONDS_TEXT,
    Monitoring,
)
from artifactd.storage.store import Store

DIRECTORY_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
"""The variable by which a worker's environment names the directory; prometheus-client looks there by itself."""
_REFRESH_EVERY_S = 1.0
_Mode = Literal["livemax", "livesum", "sum"]
_MODES: dict[str, _Mode] = {
    # What a worker did before it died still counts.
    "artifactd_commits": "sum",
    "artifactd_writes": "sum",
    "artifactd_conflicts": "sum",
    "artifactd_replica_reads": "sum",
    # Each worker looks at the replicas for itself.
    "artifactd_replica_age_seconds": "livemax",
}
_MODE: _Mode = "livesum"
"""How the gauges of the workers become one, where these do not say otherwise."""


class SharedMonitoring(Monitoring):
    """As `Monitoring`, over all workers. One for each process, since it chooses how all metrics of it are kept.

    Args:
        store: this worker's.
        worker: its number, from 1.
        directory: the one of DIRECTORY_VARIABLE.
    """

    def __init__(self, store: Store, worker: int, directory: Path) -> None:
        values.ValueClass = values.MultiProcessValue(lambda: worker)  # type: ignore[no-untyped-call]  # It has no types.
        self.worker = worker
        self._store = store
        self._count_into(None)
        self.count = self._count
        self._gauges = {
            name: Gauge(name, text, registry=None, multiprocess_mode=_MODES.get(name, _MODE))
            for name, (text, _) in GAUGES.items()
        }
        self._replica_gauges = {
            name: Gauge(name, text, ("replica",), registry=None, multiprocess_mode=_MODES[name])
            for name, (text, _) in REPLICA_GAUGES.items()
        }
        self._shown: dict[tuple[str, int], float] = {}
        build = Gauge("artifactd_build_info", "The program.", ("version",), registry=None, multiprocess_mode="livemax")
        build.labels(__version__).set(1)
        self._registry = CollectorRegistry()
        MultiProcessCollector(self._registry, str(directory))  # type: ignore[no-untyped-call]  # It has no types.

    def _count_into(self, registry: CollectorRegistry | None) -> None:
        self._requests = Counter(REQUESTS, REQUESTS_TEXT, ("operation", "status"), registry=registry)
        self._seconds = Histogram(
            SECONDS,
            SECONDS_TEXT,
            ("operation",),
            buckets=BUCKETS_S,
            registry=registry,
        )
        self._children: dict[tuple[str, int], tuple[Any, Any]] = {}

    def _count(self, operation: str, status: int, seconds: float) -> None:
        """Counts an answered request."""
        children = self._children.get((operation, status))
        if children is None:
            children = self._requests.labels(operation, str(status)), self._seconds.labels(operation)
            self._children[operation, status] = children
        children[0].inc()
        children[1].observe(seconds)

    def refresh(self) -> None:
        """Brings this worker's gauges up to date, by what has changed since."""
        state = self._store.state()
        for name, (_, field) in GAUGES.items():
            self._show(self._gauges[name], (name, 0), getattr(state, field))
        for name, (_, field) in REPLICA_GAUGES.items():
            for replica, value in enumerate(getattr(state, field)):
                gauge = self._replica_gauges[name].labels(str(replica))
                if _MODES[name] == "livemax":
                    gauge.set(value)
                else:
                    self._show(gauge, (name, replica), value)

    def _show(self, gauge: Gauge, key: tuple[str, int], now: float) -> None:
        """Adds what is new: the file that the gauge is kept in may have been begun by a worker before this one."""
        before = self._shown.get(key, 0)
        if now != before:
            gauge.inc(now - before)
            self._shown[key] = now

    async def refresh_for_ever(self) -> None:
        """Does so again and again: a scrape that reaches another worker reads what this one wrote last."""
        while True:
            self.refresh()
            await asyncio.sleep(_REFRESH_EVERY_S)

    def exposition(self) -> bytes:
        """All metrics of all workers in Prometheus' text format."""
        self.refresh()
        return generate_latest(self._registry)


def forget_gauges(worker: int, directory: Path) -> None:
    """Takes what a dead worker had waiting out of the sums; what it did stays in them."""
    mark_process_dead(worker, str(directory))  # type: ignore[no-untyped-call]  # It has no types.
