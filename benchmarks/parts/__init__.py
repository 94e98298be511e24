"""The parts of the benchmark: each measures one thing, and writes one section of the page."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from benchmarks import client
from benchmarks.parts import engines, importing, mixed, operations, soaking, starting
from benchmarks.results import Result


class Part(NamedTuple):
    """A part.

    Attributes:
        name: on the command line.
        summary: what it measures, for `--help`.
        heading: of its section.
        measure: measures it, in an empty directory.
        section: what the page says of a result, without the heading.
    """

    name: str
    summary: str
    heading: str
    measure: Callable[[argparse.Namespace, Path, Callable[[str], None]], Result]
    section: Callable[[Result], str]


PARTS = (
    Part(
        "peers", "artifactd, MLflow and ml-metadata: the works that all have", "Beside MLflow and ml-metadata",
        operations.measure_peers, operations.peers_section,
    ),
    Part(
        "server", "every operation of artifactd against the ceilings", "Every operation",
        operations.measure_server, operations.server_section,
    ),
    Part(
        "normal", "single writes with synchronous=NORMAL", "With `synchronous=NORMAL`",
        operations.measure_normal, operations.server_section,
    ),
    Part("engines", "SQLite, PostgreSQL and MariaDB, at 1, 16 and 64 clients", "Engines", engines.measure, engines.section),
    Part("mixed", "latency beside slow requests, and overload", "Latency under load", mixed.measure, mixed.section),
    Part("start", "start-up time and memory at rest on a large store", "Starting", starting.measure, starting.section),
    Part("soak", "memory under minutes of mixed load", "Soak", soaking.measure, soaking.section),
    Part("import", "metrics from a file", "Import", importing.measure, importing.section),
    Part("client", "what the Python client costs", "What the Python client costs", client.measure, client.section),
)  # fmt: skip
BY_NAME = {part.name: part for part in PARTS}
