"""The page of documentation, made from the newest result of each part."""

from __future__ import annotations

import re
from collections.abc import Mapping

from benchmarks import goals
from benchmarks.parts import PARTS
from benchmarks.results import Result

_INTRODUCTION = """# How fast it is

Written by `make bench` (`python -m benchmarks --write docs/benchmarks.md`); do not edit by hand. Absolute figures
depend on the machine, and drift from hour to hour: compare ratios, and only within one run. Each part is a run of its
own; one that was not measured again keeps its older figures.
"""
GOALS_HEADING, VERSIONS_HEADING = "Goals", "On what"
_GOALS = """\
Ratios are medians of those of the rounds, with the least and the greatest. With any number of clients, ml-metadata is
what one caller gets: it is a library in that caller's process. Of several ceilings the last one counts, which is the
closest to what the service runs on. A goal for ten million artifacts stays open on a smaller store.
"""
_METHOD = """## How it is measured

- `wrk` sends requests over kept-alive connections to loopback, one after the other from each client. Every write is
  another one: other names and steps. Reads go round up to 20,000 artifacts, 2,000 metrics, every pair of type and name,
  200 lineages and 20 runs; the list without a filter is always its first page. The scripts are
  `benchmarks/scripts/*.lua`, and `benchmarks/scripts/mlflow/*.lua` for MLflow. ml-metadata, a library, is called in a
  loop for as long by a process of its own environment (`benchmarks/peers/ml_metadata_driver.py`).
- All stores hold the same before the first round (`benchmarks/contents.py`). artifactd's and ml-metadata's are filled
  through their API, MLflow's by SQL after it made its schema, with what its API shows checked.
- A **ceiling** is an HTTP stack in a process of its own with an answer that is always the same, and no store. Reads are
  compared with its GET; writes with its POST, which reads the body of `register an artifact`. **uvicorn + Falcon** is
  the usual stack (`benchmarks/noop.py`). **Our HTTP server** answers with fixed bytes; with **our server and adapter**
  each request is also guarded, routed and counted as always, for an operation that does nothing
  (`benchmarks/noop_own.py`).
- Works and services are interleaved: each round runs every work by everyone who does it, ceilings included, at each
  number of clients, every second round in the opposite order; before the next, it waits until the last one is idle.
  Requests/s, p50 and p99 are medians of the rounds; ratios are taken within each round, and the median is shown with
  the least and the greatest. MLflow is driven for at least 3 s each time, and for 6 s with what it writes and
  searches, since it answers too few in less.
- artifactd runs as one process with its defaults, but for the access log where it is compared with peers and ceilings,
  since those write none; what the log costs is shown beside (its lines go to `/dev/null`). After filling,
  it is started anew, and all works are driven once before the first round.
- A round with any error (connection, time-out, status of 400 or more) or without answers voids its figure. So does a
  round of writes after which the store does not hold as many new rows as there were answers, give or take the
  requests in flight when `wrk` stopped: one for each client. Rows are counted in the database, not asked of the
  service. The raw rounds are kept in `benchmarks/results`.
- `CPU ms each` is the processor time of all processes of a service for each request; `memory` is what they hold just
  after the round, with what they share counted once.
- `bytes per item` is by how much the database grew for each artifact or point, over all rounds that add such, indexes
  included, free pages and the write-ahead log not.
- `p50 ÷ fdatasync` compares one client's durable write with the disk's own least: 4 KiB written over older ones in a
  file of fixed size, and one `fdatasync`, measured just before and after each round of writes.
- `wrk busy` is the share of time that the load generator's threads computed; near 100% it would be the bottleneck.
- `wrk` 4.1 corrects latencies for requests that a slow answer kept it from sending, so p99 is not flattered.
"""
_LIMITS = """## What it does not show

- A network: client and server share one machine and its cores, so at many clients they compete for them.
- Artifacts with links, large metadata or an `Idempotency-Key`; authentication, which is off.
- How cost grows with the store: that is in [Size](size.md).
"""


def page(results: Mapping[str, Result], before: str = "") -> str:
    """The page in Markdown.

    Args:
        results: the newest of each part.
        before: the page as it is: a part without a result keeps its section.
    """
    told = section_of(before, GOALS_HEADING)
    parts = [_INTRODUCTION, f"## {GOALS_HEADING}\n\n{_GOALS}\n{goals.section(results, told)}"]
    shown = [part for part in PARTS if part.on_page]
    for part in shown:
        text = part.section(results[part.name]) if part.name in results else section_of(before, part.heading)
        if text:
            parts.append(f"## {part.heading}\n\n{text}")
    parts += [_METHOD, _LIMITS]
    if versions := _versions(results) or section_of(before, VERSIONS_HEADING):
        parts.append(f"## {VERSIONS_HEADING}\n\n{versions}")
    return "\n".join(parts)


def section_of(text: str, heading: str) -> str:
    """What stands under a heading of a page; empty if it has none."""
    found = re.search(rf"^## {re.escape(heading)}\n\n(.*?)(?:\n(?=## )|\Z)", text, re.DOTALL | re.MULTILINE)
    return found[1] if found else ""


def _versions(results: Mapping[str, Result]) -> str:
    """What took part in any of the results, and on which machine."""
    versions: dict[str, str] = {}
    machine: dict[str, str] = {}
    for part in PARTS:
        if part.on_page and part.name in results:
            versions |= results[part.name].versions
            machine |= results[part.name].machine
    return f"{_list('Versions', versions)}\n\n{_list('Machine', machine)}\n" if versions else ""


def _list(name: str, facts: Mapping[str, str]) -> str:
    return f"{name}: " + ", ".join(f"{key} {value}" for key, value in facts.items()) + "."
