"""The ceilings: stacks that answer the same to everything, which no service on them can outrun."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from benchmarks.peers.environments import NOOP
from benchmarks.servers import Server
from benchmarks.subjects import HttpService
from benchmarks.works import GET_CEILING, WORKS

Say = Callable[[str], None]


class Ceiling(NamedTuple):
    """A stack that does nothing.

    Attributes:
        name: of the subject that it is.
        title: for the table.
        server: makes its server; it may have to install something first.
    """

    name: str
    title: str
    server: Callable[[Say], Server]


def _usual(say: Say) -> Server:
    return Server([str(NOOP.make(say)), "-m", "benchmarks.noop"])


def _own(kind: str) -> Callable[[Say], Server]:
    return lambda _: Server([sys.executable, "-m", "benchmarks.noop_own", kind])


CEILINGS = (
    Ceiling("noop-falcon", "uvicorn + Falcon", _usual),
    Ceiling("noop-server", "our HTTP server", _own("server")),
    Ceiling("noop-adapter", "our server and adapter", _own("adapter")),
)
"""Every kind; another one is one more line, and the table has a column more."""


def versions() -> dict[str, str]:
    """What the usual stack is made of."""
    return {"Falcon": NOOP.version("falcon"), "uvicorn": NOOP.version("uvicorn")}


def subjects(targets: Mapping[str, Path], say: Say) -> list[HttpService]:
    """Each ceiling as a subject whose server is not yet started.

    Args:
        targets: of a store of artifactd, since its reads send those.
    """
    scripts = {work.name: work.script for work in WORKS if work.is_ceiling}
    reads = {GET_CEILING: targets["get_artifact"]}
    return [HttpService(ceiling.name, ceiling.server(say), scripts, reads) for ceiling in CEILINGS]
