"""The page of documentation, written by the run itself."""

from __future__ import annotations

import re

from benchmarks import client
from benchmarks.report import Rows, markdown

_INTRODUCTION = """# How fast it is

Written by `python -m benchmarks --write docs/benchmarks.md`; do not edit by hand. Absolute figures depend on the
machine, and drift from hour to hour: compare ratios, and only within one run.
"""
_METHOD = """## How it is measured

- `wrk` sends requests over kept-alive connections to loopback, one after the other from each client. Every write is
  another one: other names and steps. Reads go round up to 20,000 artifacts, 2,000 metrics, every pair of type and name,
  200 lineages and 20 runs; the list without a filter is always its first page. The scripts are `benchmarks/*.lua`.
- The **ceiling** is the same HTTP server and framework in a process of its own, with an answer that is always the
  same (`benchmarks/noop.py`): nothing is decoded, stored or logged. Reads are compared with its GET; writes with its
  POST, which reads the body of `register an artifact`.
- Operations are interleaved: each round runs every one of them, ceilings included, at each number of clients, every
  second round in the opposite order. Requests/s, p50 and p99 are medians of the rounds; ratios are taken within each
  round, and the median is shown with the least and the greatest.
- artifactd runs as one process with its defaults, access log included (its lines go to `/dev/null`). After filling,
  it is started anew, and all operations are driven once before the first round.
- A round with any error (connection, time-out, status of 400 or more) or without answers voids its figure. So does a
  round of writes after which the store does not hold as many new rows as `wrk` counted answers, give or take the
  requests in flight when `wrk` stopped: one for each client. Rows are counted in the database, not asked of the
  server.
- `bytes per item` is by how much the database grew for each artifact or point, over all rounds that add such, indexes
  included, free pages and the write-ahead log not.
- `p50 ÷ fdatasync` compares one client's durable write with the disk's own least: 4 KiB written over older ones in a
  file of fixed size, and one `fdatasync`, measured just before and after each round of writes.
- `wrk busy` is the share of time that the load generator's threads computed; near 100% it would be the bottleneck.
- `wrk` 4.1 corrects latencies for requests that a slow answer kept it from sending, so p99 is not flattered.
"""
_LIMITS = """## What it does not show

- Other engines than SQLite, other services (MLflow, ml-metadata), and stores of more artifacts than stated.
- A network: client and server share one machine and its cores, so at many clients they compete for them.
- Mixed load, p99 beside imports and scans, soaks, start-up times.
- Artifacts with links, large metadata or an `Idempotency-Key`; authentication, which is off.
- Lists whose filter no index serves: they read the whole namespace.
"""


def page(cells: Rows, facts: list[str], settings: str, versions: dict[str, str], machine: dict[str, str]) -> str:
    """The page in Markdown.

    Args:
        facts: sentences that follow the table.
        settings: how the run was asked for.
    """
    parts = [
        _INTRODUCTION,
        f"## Figures\n\n{settings}\n\n{markdown(cells)}\n\n" + "\n".join(f"- {fact}" for fact in facts) + "\n",
        _METHOD,
        _LIMITS,
        "## On what\n\n" + _list("Versions", versions) + _list("Machine", machine),
    ]
    return "\n".join(parts)


def client_section(text: str) -> str:
    """The part of a page that tells of the client; empty if it has none."""
    found = re.search(f"^{client.TITLE}$.*?(?=^## )", text, re.DOTALL | re.MULTILINE)
    return found[0] if found else ""


def with_client(text: str, section: str) -> str:
    """The page with another part on the client: it follows the figures, and everything else stays."""
    rest = text.replace(client_section(text) or "\0", "")
    figures, method, more = rest.partition(_METHOD.splitlines()[0])
    return f"{figures}{section.rstrip()}\n\n{method}{more}" if section else rest


def _list(name: str, facts: dict[str, str]) -> str:
    return f"{name}: " + ", ".join(f"{key} {value}" for key, value in facts.items()) + ".\n\n"
