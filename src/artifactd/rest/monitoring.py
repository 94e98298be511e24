"""What operators see: one structured log line a request, and Prometheus metrics."""

from __future__ import annotations

import logging
import sys
from bisect import bisect_left
from collections.abc import Callable, Iterator, MutableMapping
from itertools import accumulate
from typing import Any

import structlog
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from artifactd import __version__
from artifactd.rest.whole_lines import WholeLines
from artifactd.storage.store import Store
from artifactd.wire.message import encode_anything

_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
BUCKETS_S = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)


REQUESTS, REQUESTS_TEXT = "artifactd_requests", "Requests answered."
SECONDS, SECONDS_TEXT = "artifactd_request_seconds", "Time from the request's head to its answer."
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


class _Requests(Collector):
    """Counts requests in plain numbers, which cost a sixth of the library's own, and shows them as the library would.

    Belongs to one event loop, so that nothing has to be locked.
    """

    def __init__(self) -> None:
        self._cells: dict[tuple[str, int], list[int]] = {}
        self._buckets: dict[str, list[int]] = {}
        self._sums: dict[str, list[float]] = {}

    def count(self, operation: str, status: int, seconds: float) -> None:
        """Counts an answered request."""
        cell = self._cells.get((operation, status))
        if cell is None:
            cell = self._cells[operation, status] = [0]
            self._buckets.setdefault(operation, [0] * (len(BUCKETS_S) + 1))
            self._sums.setdefault(operation, [0.0])
        cell[0] += 1
        self._buckets[operation][bisect_left(BUCKETS_S, seconds)] += 1
        self._sums[operation][0] += seconds

    def collect(self) -> Iterator[Metric]:
        """The numbers so far."""
        requests = CounterMetricFamily(REQUESTS, REQUESTS_TEXT, labels=("operation", "status"))
        for (operation, status), (number,) in self._cells.items():
            requests.add_metric((operation, str(status)), number)
        seconds = HistogramMetricFamily(SECONDS, SECONDS_TEXT, labels=("operation",))
        bounds = [*(str(float(bound)) for bound in BUCKETS_S), "+Inf"]
        for operation, buckets in self._buckets.items():
            shown = list(zip(bounds, map(float, accumulate(buckets)), strict=True))
            seconds.add_metric((operation,), shown, self._sums[operation][0])
        yield requests
        yield seconds


class Monitoring:
    """Counts requests, and shows the store's gauges. Each server has its own registry."""

    worker: int | None = None
    """This process' number, where it is one of several that serve one address."""

    def __init__(self, store: Store) -> None:
        registry = CollectorRegistry()
        requests = _Requests()
        registry.register(requests)
        self.count: Callable[[str, int, float], None] = requests.count
        """Counts an answered request, by its operation, its status and the seconds that it took."""
        for name, (text, field) in GAUGES.items():
            Gauge(name, text, registry=registry).set_function(_showing(store, field))
        replicas = range(len(store.state().replica_ages_s))
        for name, (text, field) in REPLICA_GAUGES.items() if replicas else ():
            gauge = Gauge(name, text, ("replica",), registry=registry)
            for replica in replicas:
                gauge.labels(str(replica)).set_function(_showing(store, field, replica))
        Gauge("artifactd_build_info", "The program.", ("version",), registry=registry).labels(__version__).set(1)
        self._registry = registry

    def exposition(self) -> bytes:
        """All metrics in Prometheus' text format."""
        return generate_latest(self._registry)
