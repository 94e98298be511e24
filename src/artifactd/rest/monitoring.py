"""What operators see: one structured log line a request, and Prometheus metrics."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, MutableMapping
from typing import Any

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from artifactd import __version__
from artifactd.rest.whole_lines import WholeLines
from artifactd.storage.store import Store
from artifactd.wire.message import encode_anything

_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
_BUCKETS_S = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)


GAUGES = {
    "artifactd_writes_waiting": ("Writes that wait for the store.", "writes_waiting"),
    "artifactd_scans_waiting": ("Long reads that wait or run.", "scans_waiting"),
    "artifactd_commits": ("Transactions committed.", "commits"),
    "artifactd_writes": ("Writes committed.", "writes"),
    "artifactd_conflicts": ("Transactions run again because another was first.", "conflicts"),
}
"""By name, the text of each gauge of the store, and the field of its state that it shows."""
REPLICA_GAUGES = {
    "artifactd_replica_age_seconds": ("How old answers of a replica of the database may be.", "replica_ages_s"),
    "artifactd_replica_reads": ("Reads that a replica of the database answered.", "replica_reads"),
}
"""The same, where the field has an entry for each replica of the database."""


def configure_logging(level: str, form: str, *, worker: int | None = None) -> None:
    """Sends structured log lines to standard error, as JSON or for people.

    Args:
        level: the least severe to print.
        form: `json` or `console`.
        worker: the number that each line names, where several processes log: 0 for the one that starts the others.
    """
    shared: list[Any] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    lines: Any = None
    if worker is not None:
        lines = WholeLines()
        if worker:
            shared.insert(0, _naming(worker))
    logging.basicConfig(handlers=[_Forward()], level=logging.WARNING, force=True)
    wrapper = structlog.make_filtering_bound_logger(_LEVELS[level])
    if form == "console":
        structlog.configure(
            processors=[
                *shared,
                structlog.dev.ConsoleRenderer(
                    colors=sys.stderr.isatty(),
                    sort_keys=False,
                    pad_event_to=0,
                    # Others show the values of variables too, and those may be passwords.
                    exception_formatter=structlog.dev.plain_traceback,
                ),
            ],
            wrapper_class=wrapper,
            logger_factory=structlog.WriteLoggerFactory(lines) if lines else structlog.PrintLoggerFactory(sys.stderr),
            cache_logger_on_first_use=True,
        )
        return
    structlog.configure(
        processors=[
            *shared,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(serializer=lambda line, **_: encode_anything(line)),
        ],
        wrapper_class=wrapper,
        logger_factory=structlog.BytesLoggerFactory(lines or sys.stderr.buffer),
        cache_logger_on_first_use=True,
    )


def _naming(worker: int) -> Any:
    def name(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        line.setdefault("worker", worker)
        return line

    return name


class _Forward(logging.Handler):
    """Passes what libraries log by the standard library on, so that every line has one form."""

    def emit(self, record: logging.LogRecord) -> None:
        """Logs a record again, its exception too."""
        structlog.get_logger(record.name).log(record.levelno, record.getMessage(), exc_info=record.exc_info)


def _showing(store: Store, field: str, replica: int | None = None) -> Callable[[], float]:
    def show() -> float:
        value = getattr(store.state(), field)
        return float(value if replica is None else value[replica])

    return show


class Monitoring:
    """Counts requests, and shows the store's gauges. Each server has its own registry."""

    worker: int | None = None
    """This process' number, where it is one of several that serve one address."""

    def __init__(self, store: Store) -> None:
        registry = CollectorRegistry()
        self._count_into(registry)
        for name, (text, field) in GAUGES.items():
            Gauge(name, text, registry=registry).set_function(_showing(store, field))
        replicas = range(len(store.state().replica_ages_s))
        for name, (text, field) in REPLICA_GAUGES.items() if replicas else ():
            gauge = Gauge(name, text, ("replica",), registry=registry)
            for replica in replicas:
                gauge.labels(str(replica)).set_function(_showing(store, field, replica))
        Gauge("artifactd_build_info", "The program.", ("version",), registry=registry).labels(__version__).set(1)
        self._registry = registry

    def _count_into(self, registry: CollectorRegistry | None) -> None:
        self._requests = Counter("artifactd_requests", "Requests answered.", ("operation", "status"), registry=registry)
        self._seconds = Histogram(
            "artifactd_request_seconds",
            "Time from the request's head to its answer.",
            ("operation",),
            buckets=_BUCKETS_S,
            registry=registry,
        )
        self._children: dict[tuple[str, int], tuple[Any, Any]] = {}

    def count(self, operation: str, status: int, seconds: float) -> None:
        """Counts an answered request."""
        children = self._children.get((operation, status))
        if children is None:
            children = self._requests.labels(operation, str(status)), self._seconds.labels(operation)
            self._children[operation, status] = children
        children[0].inc()
        children[1].observe(seconds)

    def exposition(self) -> bytes:
        """All metrics in Prometheus' text format."""
        return generate_latest(self._registry)
