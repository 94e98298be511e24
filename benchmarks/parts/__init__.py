"""The parts of the benchmark: each measures one thing, and writes one section of the page."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from benchmarks import client
from benchmarks.parts import drivers, engines, importing, mixed, operations, soaking, starting, viewing
from benchmarks.results import Result


class Part(NamedTuple):
    """A part.

    Attributes:
        name: on the command line.
        summary: what it measures, for `--help`.
        heading: of its section.
        measure: measures it, in an empty directory.
        section: what the page says of a result, without the heading.
        on_page: whether it is one of those that the whole benchmark runs and the page shows.
    """

    name: str
    summary: str
    heading: str
    measure: Callable[[argparse.Namespace, Path, Callable[[str], None]], Result]
    section: Callable[[Result], str]
    on_page: bool = True


PARTS = (
    Part(
        "peers", "every operation, with MLflow, ml-metadata and the ceilings", "Beside MLflow and ml-metadata",
        operations.measure_peers, operations.peers_section,
    ),
    Part(
        "server", "the same without MLflow and ml-metadata, which is quick; not on the page", "Every operation",
        operations.measure_server, operations.server_section, on_page=False,
    ),
    Part(
        "normal", "single writes with synchronous=NORMAL", "With `synchronous=NORMAL`",
        operations.measure_normal, operations.server_section,
    ),
    Part(
        "engines", "SQLite, PostgreSQL and MariaDB, at 1, 16 and 64 clients", "Engines",
        engines.measure, engines.section,
    ),
    Part(
        "drivers", "PostgreSQL and MariaDB against their bare drivers", "Bare drivers",
        drivers.measure, drivers.section,
    ),
    Part("mixed", "latency beside slow requests, and overload", "Latency under load", mixed.measure, mixed.section),
    Part("start", "start-up time and memory at rest on a large store", "Starting", starting.measure, starting.section),
    Part("view", "the page's views of a large store, in a browser", "The page", viewing.measure, viewing.section),
    Part("soak", "memory under minutes of mixed load", "Soak", soaking.measure, soaking.section),
    Part("import", "metrics from a file", "Import", importing.measure, importing.section),
    Part("client", "what the Python client costs", "What the Python client costs", client.measure, client.section),
)  # fmt: skip
BY_NAME = {part.name: part for part in PARTS}
