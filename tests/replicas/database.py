"""A server whose database has replicas, as tests of reads from those take it."""

from __future__ import annotations

import contextlib
import itertools
import re
import time
from collections.abc import Iterator
from typing import Any

from conftest import make_store
from engines.replication import Replica, Replication
from engines.servers import wait_until
from support import Api, LiveServer, Reply

DATABASE = "test_reads"
ANY_AGE = 1_000_000
"""Seconds that no answer of a test is old."""
_TIMEOUT_S = 60


class ReplicatedDatabase:
    """A store on a primary with replicas."""

    name = DATABASE

    def __init__(self, engine: str, replicas: int = 2) -> None:
        self._replication = Replication(engine, replicas)
        self.primary = self._replication.primary
        self.replicas = self._replication.replicas
        self.primary.create_database(DATABASE)
        self.url = self.primary.url(DATABASE)
        make_store(self.url)
        self._replication.wait_for_all()

    def read_urls(self) -> list[str]:
        """The replicas' URLs."""
        return [replica.url(DATABASE) for replica in self.replicas]

    def wait_for_all(self) -> None:
        """Waits until every replica has what the primary has by now."""
        self._replication.wait_for_all()

    def close(self) -> None:
        """Ends the servers."""
        self._replication.close()


class Reader:
    """A client of an `artifactd serve` that reads from replicas."""

    def __init__(self, database_url: str, *read_urls: str, flags: tuple[str, ...] = ()) -> None:
        given = [part for url in read_urls for part in ("--read-database-url", url)]
        self.server = LiveServer(database_url, *given, *flags)
        self.api = Api(self.server.url)

    def get(
        self,
        path: str,
        max_age_s: int | None = None,
        *,
        method: str = "GET",
        headers: dict[str, str] | None = None,
        **query: Any,
    ) -> Reply:
        """Reads, as old as that."""
        given = {} if max_age_s is None else {"Cache-Control": f"max-age={max_age_s}"}
        return self.api.request(method, path, query=query, headers=given | (headers or {}))

    def measure(self, name: str) -> list[float]:
        """What `/metrics` says, for each replica."""
        shown = self.api.raw("GET", "/metrics").body.decode()
        return [float(value) for value in re.findall(rf'^{name}{{replica="\d+"}} (\S+)$', shown, re.MULTILINE)]

    def wait_until_old(self, path: str, seconds: int) -> None:
        """Waits until the answers of all replicas, which take turns, are older than that."""

        def is_old() -> bool | None:
            ages = [int(self.get(path, ANY_AGE).headers["age"]) for _ in self.measure("artifactd_replica_reads")]
            return min(ages) > seconds or None

        wait_until(is_old, timeout_s=_TIMEOUT_S)

    def wait_until_read(self) -> None:
        """Waits until every replica is read from."""
        wait_until(
            lambda: max(self.measure("artifactd_replica_age_seconds")) < float("inf") or None, timeout_s=_TIMEOUT_S
        )

    def wait_until_primary_is_read(self, path: str) -> None:
        """Waits until no replica answers, all of which are to be away."""
        wait_until(lambda: "age" not in self.get(path, ANY_AGE).headers or None, timeout_s=_TIMEOUT_S)

    def close(self) -> None:
        """Ends the server."""
        self.api.close()
        self.server.kill()


@contextlib.contextmanager
def held_up(*replicas: Replica) -> Iterator[None]:
    """Replicas that have all there is, and get nothing new."""
    for replica in replicas:
        replica.wait_for_all()
        replica.pause()
    try:
        yield
    finally:
        for replica in replicas:
            replica.resume()
        for replica in replicas:
            replica.wait_for_all()


class Stopwatch:
    """The time since a moment that is past."""

    def __init__(self) -> None:
        self._began_s = time.monotonic()

    def seconds(self) -> float:
        """So much is over."""
        return time.monotonic() - self._began_s


_numbers = itertools.count()


def fresh_name() -> str:
    """A name that no other test uses."""
    return f"reads-{next(_numbers)}"
