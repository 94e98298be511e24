"""Our store on a database server against its bare driver: the same statements, as many connections, in turn.

`python -m benchmarks.bare_driver` starts a PostgreSQL and a MariaDB whose commits wait for the disk, runs each kind of
work on both sides in turn, and prints requests a second and their ratio. The bare side is a thread for each connection
that runs the statements of the operation one by one, as the driver's manual has it, and does nothing else.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import uvloop

from artifactd.access import ANYONE
from artifactd.operations.context import Context, new_uuid, system_clock
from artifactd.storage.statements import Transaction
from artifactd.storage.store import Store, StoreOptions, engine_of, open_store
from benchmarks.bare_work import WORK, Recorded, Work, record
from benchmarks.size_engines import Mariadb, Postgresql

_DURABLE: dict[str, dict[str, str]] = {
    "postgresql": {"fsync": "on", "shared_buffers": "128MB", "max_connections": "200"},
    "mariadb": {
        "innodb-flush-log-at-trx-commit": "1",
        "innodb-doublewrite": "1",
        "innodb-buffer-pool-size": "128M",
        "innodb-log-file-size": "96M",
        "max-connections": "200",
    },
}
_SERVERS: dict[str, type[Postgresql | Mariadb]] = {"postgresql": Postgresql, "mariadb": Mariadb}


class Pair(NamedTuple):
    """What one round came to, in requests a second."""

    bare: float
    ours: float

    @property
    def ratio(self) -> float:
        """Ours in terms of the bare driver's."""
        return self.ours / self.bare


class Figure(NamedTuple):
    """The rounds of a work on an engine, with so many connections."""

    engine: str
    work: str
    connections: int
    pairs: list[Pair]


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the benchmark and prints its table."""
    options = _options(arguments)
    print(f"{'engine':<11}{'work':<17}{'connections':>11}{'bare/s':>9}{'ours/s':>9}{'ratio':>8}  spread")
    for engine in options.engines:
        with tempfile.TemporaryDirectory(prefix="artifactd-bare-") as folder:
            Path(folder).chmod(0o755)
            measure(engine, Path(folder), options, lambda figure: print(_line(figure), flush=True))


def measure(engine: str, folder: Path, options: argparse.Namespace, done: Callable[[Figure], None]) -> dict[str, str]:
    """Measures one engine, on a server of its own.

    Args:
        folder: for the server; its account must be able to reach it.
        options: as of the command line.
        done: takes each figure once it is there.

    Returns:
        The server's version.

    Raises:
        RuntimeError: the server is not installed, or does not start.
    """
    directory = folder / "server"
    directory.mkdir()
    started = _SERVERS[engine](directory, _DURABLE[engine]).running()
    with started as server, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_measure(engine, server.url("bare"), options, done))
        name, _, number = server.version().partition(" ")
        return {name: number}


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bare_driver", description=__doc__)
    parser.add_argument("--engines", nargs="+", choices=list(_SERVERS), default=list(_SERVERS))
    parser.add_argument("--work", nargs="+", choices=list(WORK), default=list(WORK))
    parser.add_argument("--connections", nargs="+", type=int, default=[1, 8], help="how many, each a run of its own")
    parser.add_argument("--rounds", type=int, default=7, help="how often each side has its turn")
    parser.add_argument("--seconds", type=float, default=1.5, help="how long a turn lasts")
    return parser.parse_args(arguments)


async def _measure(engine: str, url: str, options: argparse.Namespace, done: Callable[[Figure], None]) -> None:
    for connections in options.connections:
        limits = StoreOptions(read_connections=connections, write_connections=connections)
        store = await open_store(url, limits)
        try:
            for name in options.work:
                pairs = await _rounds(store, url, WORK[name], connections, options)
                done(Figure(engine, name, connections, pairs))
        finally:
            await store.close()


async def _rounds(store: Store, url: str, work: Work, connections: int, options: argparse.Namespace) -> list[Pair]:
    recorded = [await record(store, work, f"bare-{new_uuid()}") for _ in range(connections)]
    bare = [_bare(url, work, one, number) for number, one in enumerate(recorded)]
    pairs: list[Pair] = []
    for number in range(options.rounds + 1):
        sides: dict[str, float] = {}
        for side in ("bare", "ours") if number % 2 else ("ours", "bare"):
            if side == "bare":
                sides[side] = await asyncio.to_thread(_bare_turn, bare, options.seconds)
            else:
                sides[side] = await _our_turn(store, work, connections, options.seconds)
        # The first turns fill caches and prepare statements.
        if number:
            pairs.append(Pair(**sides))
    for _, close in bare:
        close()
    return pairs


def _bare_turn(bare: list[tuple[Callable[[], None], Callable[[], None]]], seconds: float) -> float:
    """Runs each connection's work on a thread of its own; gives how often a second."""
    done = [0] * len(bare)
    deadline = time.monotonic() + seconds

    def run(number: int) -> None:
        once = bare[number][0]
        while time.monotonic() < deadline:
            once()
            done[number] += 1

    began = time.monotonic()
    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(bare))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done) / (time.monotonic() - began)


async def _our_turn(store: Store, work: Work, connections: int, seconds: float) -> float:
    """Has callers ask the store, twice as many as it has connections unless that is one; gives how often a second."""
    callers = 1 if connections == 1 else 2 * connections
    deadline = time.monotonic() + seconds
    done = 0

    async def call(number: int) -> None:
        nonlocal done
        operation = work.operation(f"ours-{number}")
        while time.monotonic() < deadline:

            def run(transaction: Transaction) -> object:
                return operation(Context(ANYONE, system_clock(), new_uuid, "default"), transaction)

            await (store.write(run) if work.writes else store.read(run))
            done += 1

    began = time.monotonic()
    await asyncio.gather(*(call(number) for number in range(callers)))
    return done / (time.monotonic() - began)


def _bare(url: str, work: Work, recorded: list[Recorded], stripe: int) -> tuple[Callable[[], None], Callable[[], None]]:
    """A connection of the bare driver: what runs the statements once, and what closes it."""
    connection = _connect(url, autocommit=not work.writes)
    cursor = connection.cursor()
    number = time.time_ns() // 1_000
    # Each connection counts in a place of its own, as ours do.
    statements = [
        (sql, values | {"stripe": stripe} if "stripe" in values else values, has_rows)
        for sql, values, has_rows in recorded
    ]

    def once() -> None:
        nonlocal number
        number += 1
        for sql, values, has_rows in statements:
            cursor.execute(sql, work.again(values, number))
            if has_rows:
                cursor.fetchall()
        if work.writes:
            connection.commit()

    return once, connection.close


def _connect(url: str, *, autocommit: bool) -> Any:
    if engine_of(url) == "postgresql":
        import psycopg

        return psycopg.connect(url, autocommit=autocommit, prepare_threshold=0)
    import pymysql

    from artifactd.storage.engines.mysql import mysql_address

    return pymysql.connect(**mysql_address(url).options, charset="utf8mb4", autocommit=autocommit)


def _line(figure: Figure) -> str:
    ratios = sorted(pair.ratio for pair in figure.pairs)
    bare, ours = (statistics.median(side) for side in zip(*figure.pairs, strict=True))
    ratio, spread = statistics.median(ratios), f"{ratios[0]:.2f}-{ratios[-1]:.2f}"
    return (
        f"{figure.engine:<11}{figure.work:<17}{figure.connections:>11}{bare:>9.0f}{ours:>9.0f}{ratio:>8.2f}  {spread}"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
