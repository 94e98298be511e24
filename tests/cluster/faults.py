"""What is done to a cluster, chosen by a seed, and the record of it."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

from cluster.hosts import Host

SEED = int(os.environ.get("ARTIFACTD_TEST_SEED", "1"))
FAULTS = int(os.environ.get("ARTIFACTD_TEST_FAULTS", "20"))


class Cluster(Protocol):
    """What faults need to know of a cluster."""

    hosts: list[Host]

    @property
    def program(self) -> str:
        """The database's own program."""

    def roles(self) -> dict[str, list[Host]]:
        """The hosts by what they are in the cluster, the role that matters most first."""

    def mend(self, host: Host) -> None:
        """Connects a host again that was cut off, and starts what does not run on it."""

    def wait_until_healthy(self, seconds: float = 60) -> None:
        """Waits until every host takes part again."""


class Fault(NamedTuple):
    """One thing done to one host: `cut`, `kill` (the whole host) or `crash` (the database's processes alone)."""

    kind: str
    role: str
    host: Host
    program: str

    @property
    def text(self) -> str:
        """The fault as the record names it."""
        return f"{self.kind} {self.role}"

    def strike(self) -> None:
        """Does it."""
        if self.kind == "cut":
            self.host.cut()
        else:
            self.host.kill(self.program if self.kind == "crash" else "")


def deal(cluster: Cluster, chance: random.Random) -> Iterator[Fault]:
    """Faults without end: every kind at every role, and twice at the first, in an order left to chance; then again."""
    kinds = ["cut", "kill", "crash"] if all(host.can_be_cut for host in cluster.hosts) else ["kill", "crash"]
    while True:
        first, *others = cluster.roles()
        deck = [(kind, role) for role in (first, first, *others) for kind in kinds]
        chance.shuffle(deck)
        # The first fault is at the first role, so that a round of one or two is worth it.
        deck.insert(0, deck.pop(next(place for place, (_, role) in enumerate(deck) if role == first)))
        for kind, role in deck:
            # Who has the role is looked up when it is struck.
            yield Fault(kind, role, chance.choice(cluster.roles()[role]), cluster.program)


def table(cluster: Cluster, title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """The record of all faults, as Markdown. Times are rounded to tenths of a second."""
    uncut = "" if all(host.can_be_cut for host in cluster.hosts) else "; nothing is cut off, which needs root"
    lines = [columns, ["---"] * len(columns), *rows]
    cells = [[f"{cell:.1f}" if isinstance(cell, float) else str(cell) for cell in line] for line in lines]
    return "\n".join([f"{title}, seed {SEED}{uncut}", "", *("| " + " | ".join(line) + " |" for line in cells)])
