"""The one entrance to storage: `open_store(url)` gives a `Store` that runs functions of a transaction."""

from __future__ import annotations

from typing import NamedTuple, Protocol
from urllib.parse import urlsplit

from artifactd.errors import InvalidArgument, quoted
from artifactd.storage.statements import ReadFunction, Result


class StoreOptions(NamedTuple):
    """Limits and tuning of a store; see `artifactd.settings` for what each means."""

    write_queue_max: int = 1_024
    scan_threads: int = 2
    scan_queue_max: int = 1_024
    scan_timeout_s: float = 10.0
    synchronous: str = "FULL"
    cache_bytes: int = 16 << 20


class StoreState(NamedTuple):
    """Gauges of a store, for monitoring."""

    writes_waiting: int
    scans_waiting: int
    commits: int
    writes: int


class Store(Protocol):
    """A database, whichever it is. Callers can't tell which they have."""

    async def read(self, function: ReadFunction[Result], *, scan: bool = False) -> Result:
        """Runs a function on one consistent view of the store.

        Args:
            function: reads only; it may be run on another thread.
            scan: whether it may have to look at many rows; then it runs apart, under a time limit.

        Raises:
            Unavailable: the store is out of reach, too many scans wait, or this one took too long.
        """
        ...

    async def write(self, function: ReadFunction[Result], *, heavy: bool = False) -> Result:
        """Runs a function in a transaction of its own and returns once what it wrote is durable.

        If the function raises, nothing of it is kept. A caller that is cancelled before the function ran leaves
        nothing; one cancelled later may have written.

        Args:
            heavy: whether it takes long (a large batch), so that it should not run beside requests.

        Raises:
            Unavailable: too many writes wait, or the store is out of reach, full or failing.
        """
        ...

    async def check(self) -> None:
        """Makes sure that the store answers. Raises Unavailable where it does not."""
        ...

    def state(self) -> StoreState:
        """Gauges for monitoring."""
        ...

    async def close(self) -> None:
        """Finishes the writes that wait, then lets go of the database."""
        ...


async def open_store(url: str, options: StoreOptions | None = None) -> Store:
    """Opens the store that a URL names, and makes its schema if it is empty.

    Args:
        url: `sqlite:///PATH` (relative) or `sqlite:////PATH` (absolute).

    Raises:
        InvalidArgument: the URL names no engine that we have, or a store of another version.
        Unavailable: the store cannot be opened.
    """
    scheme = urlsplit(url).scheme
    if scheme == "sqlite":
        from artifactd.storage.engines.sqlite import open_sqlite

        return await open_sqlite(url, options or StoreOptions())
    raise InvalidArgument(f"database-url {quoted(_without_password(url))} is not supported: give sqlite:///PATH")


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname or ''}{parts.path}" if parts.scheme else url
