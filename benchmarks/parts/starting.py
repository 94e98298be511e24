"""How long a large store takes from the start of the process to the first answer, and the memory at rest."""

from __future__ import annotations

import argparse
import http.client
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks import machine, servers
from benchmarks.results import Result
from benchmarks.size_contents import ARTIFACTS, RUNS, SCALE_MIN, TASKS, Shape
from benchmarks.size_engines import make_schema
from benchmarks.size_loading import SqliteLoader, load
from benchmarks.table import middle, spread

Say = Callable[[str], None]
_AT_SCALE_1 = RUNS * TASKS * ARTIFACTS


def measure(given: argparse.Namespace, directory: Path, say: Say) -> Result:
    """Fills a store, and starts the server on it several times over."""
    scale = max(SCALE_MIN, given.artifacts / _AT_SCALE_1)
    shape, database = Shape(scale), directory / "large.db"
    url = f"sqlite:///{database}"
    artifacts = shape.runs * TASKS * ARTIFACTS
    say(f"filling a store of {artifacts:,} artifacts: about a minute and a half a million")
    make_schema(url)
    load(SqliteLoader(database), shape, say)
    starts = []
    for number in range(given.start_rounds):
        began = time.perf_counter()
        with servers.artifactd(url) as server:
            _answer(server.url, "/readyz")
            ready_s = time.perf_counter() - began
            _answer(server.url, "/apis/v2beta1/artifacts?page_size=20")
            listed_s = time.perf_counter() - began
            starts.append({"ready_s": ready_s, "listed_s": listed_s, "resident_bytes": server.resident_bytes()})
        say(f"start {number + 1}: ready after {ready_s:.2f} s")
    raw = {"artifacts": artifacts, "store_bytes": database.stat().st_size, "starts": starts}
    settings = (
        f"{given.start_rounds} starts on a store of {artifacts:,} artifacts, SQLite, its files in the system's cache."
    )
    return Result("start", settings, [], machine.versions(), machine.machine(directory), raw, [])


def _answer(url: str, target: str) -> None:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
    connection.request("GET", target)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    if answer.status != 200:
        raise RuntimeError(f"GET {target} gave {answer.status}")


def section(result: Result) -> str:
    """The part of the page on starts."""
    starts = result.raw["starts"]
    ready = [each["ready_s"] for each in starts]
    listed = [each["listed_s"] for each in starts]
    memory = [each["resident_bytes"] / (1 << 20) for each in starts]
    return (
        f"{result.settings} The store takes {result.raw['store_bytes'] / 1e9:.1f} GB.\n\n"
        f"- From the start of the process to the answer of `/readyz`: {middle(ready, '.2f')} s "
        f"({spread(ready, '.2f')}); to a first page of artifacts: {middle(listed, '.2f')} s "
        f"({spread(listed, '.2f')}).\n"
        f"- Memory at rest, after that page: {middle(memory, '.0f')} MiB ({spread(memory, '.0f')}).\n"
    )
