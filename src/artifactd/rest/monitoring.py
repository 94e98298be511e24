"""What operators see: one structured log line a request, and Prometheus metrics."""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from artifactd import __version__
from artifactd.storage.store import Store
from artifactd.wire.message import encode_anything

_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
_BUCKETS_S = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)


def configure_logging(level: str, form: str) -> None:
    """Sends structured log lines to standard error, as JSON or for people."""
    shared: list[Any] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    logging.basicConfig(handlers=[_Forward()], level=logging.WARNING, force=True)
    wrapper = structlog.make_filtering_bound_logger(_LEVELS[level])
    if form == "console":
        structlog.configure(
            processors=[
                *shared,
                structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), sort_keys=False, pad_event_to=0),
            ],
            wrapper_class=wrapper,
            logger_factory=structlog.PrintLoggerFactory(sys.stderr),
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
        logger_factory=structlog.BytesLoggerFactory(sys.stderr.buffer),
        cache_logger_on_first_use=True,
    )


class _Forward(logging.Handler):
    """Passes what libraries log by the standard library on, so that every line has one form."""

    def emit(self, record: logging.LogRecord) -> None:
        """Logs a record again, its exception too."""
        structlog.get_logger(record.name).log(record.levelno, record.getMessage(), exc_info=record.exc_info)


class Monitoring:
    """Counts requests, and shows the store's gauges. Each server has its own registry."""

    def __init__(self, store: Store) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "artifactd_requests", "Requests answered.", ("operation", "status"), registry=self._registry
        )
        self._seconds = Histogram(
            "artifactd_request_seconds",
            "Time from the request's head to its answer.",
            ("operation",),
            buckets=_BUCKETS_S,
            registry=self._registry,
        )
        self._children: dict[tuple[str, int], tuple[Any, Any]] = {}
        gauges = {
            "artifactd_writes_waiting": ("Writes that wait for the store.", lambda: store.state().writes_waiting),
            "artifactd_scans_waiting": ("Long reads that wait or run.", lambda: store.state().scans_waiting),
            "artifactd_commits": ("Transactions committed.", lambda: store.state().commits),
            "artifactd_writes": ("Writes committed.", lambda: store.state().writes),
        }
        for name, (text, function) in gauges.items():
            Gauge(name, text, registry=self._registry).set_function(function)
        Gauge("artifactd_build_info", "The program.", ("version",), registry=self._registry).labels(__version__).set(1)

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
