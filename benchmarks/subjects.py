"""Who does the works: artifactd, the peers, the ceilings. Each is driven, and looked at from outside."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from benchmarks.disk import StoreFacts
from benchmarks.load import Load, drive
from benchmarks.servers import Server
from benchmarks.works import WORKS, Work

SETTLE_S = 1.2
"""After writes to SQLite: longer than artifactd takes to begin moving its write-ahead log into the database."""


class Subject(Protocol):
    """One that does works.

    Attributes:
        name: in the raw rounds.
        clients_max: how many it can serve at a time; a library serves the one process that it is in.
        settle_s: seconds to wait after its writes.
    """

    name: str
    clients_max: int
    settle_s: float

    def does(self, work: Work) -> bool:
        """Whether it does this work."""
        ...

    def drive(self, work: Work, clients: int, seconds: int, number: int) -> Load:
        """Does a work again and again; `number` tells its own writes from those of any other time."""
        ...

    def cpu_s(self) -> float:
        """Processor time used so far."""
        ...

    def resident_bytes(self) -> int:
        """Memory in use."""
        ...

    def facts(self) -> StoreFacts | None:
        """What is in its store, counted there; None for one that has none."""
        ...

    def wait_until_idle(self) -> None:
        """Waits until it works no more for what it was last driven with."""
        ...


@dataclass
class HttpService:
    """A service that wrk drives.

    Args:
        scripts: the script for each work that it does, by the work's name.
        targets: the files of targets of those that have one.
        count: what looks into its store.
        seconds_min: seconds that a work is driven at least, by its name, where one answer takes long.
        others: processes beside it whose time and memory are its own, such as a database's.
    """

    name: str
    server: Server
    scripts: Mapping[str, str]
    targets: Mapping[str, Path]
    count: Callable[[], StoreFacts] | None = None
    seconds_min: Mapping[str, int] = field(default_factory=dict)
    others: tuple[Callable[[], tuple[float, int]], ...] = ()
    settle_s: float = 0.0
    clients_max: int = 1_000

    def does(self, work: Work) -> bool:
        """See `Subject`."""
        return work.name in self.scripts

    def drive(self, work: Work, clients: int, seconds: int, number: int) -> Load:
        """See `Subject`."""
        arguments: dict[str, str | int] = {"round": number * 1_000 + clients}
        if work.name in self.targets:
            arguments["targets"] = str(self.targets[work.name])
        least = self.seconds_min.get(work.name, seconds)
        return drive(self.scripts[work.name], self.server.url, clients, max(seconds, least), **arguments)

    def cpu_s(self) -> float:
        """See `Subject`."""
        return self.server.cpu_s() + sum(other()[0] for other in self.others)

    def resident_bytes(self) -> int:
        """See `Subject`."""
        return self.server.resident_bytes() + sum(other()[1] for other in self.others)

    def facts(self) -> StoreFacts | None:
        """See `Subject`."""
        return self.count() if self.count else None

    def wait_until_idle(self) -> None:
        """See `Subject`."""
        self.server.wait_until_idle()


def artifactd_scripts() -> dict[str, str]:
    """The scripts for all that artifactd does."""
    return {work.name: work.script for work in WORKS if not work.is_ceiling}
