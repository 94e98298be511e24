"""ml-metadata with SQLite: a library, so each caller has it in its own process."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.disk import StoreFacts, sqlite_facts
from benchmarks.load import Load
from benchmarks.peers.environments import ML_METADATA
from benchmarks.servers import Server
from benchmarks.works import Work

NAME, NAME_WAL = "ml-metadata", "ml-metadata-wal"
SETTINGS = (
    "ml-metadata: `MetadataStore` over a SQLite file, called by one process, with nothing between. As it makes its "
    "file, each commit writes a rollback journal; **ml-metadata, WAL** is the same with the file set to WAL mode from "
    "outside: it has no setting for that, but writes faster so. Both sync every commit. A metric is an artifact "
    "of a type of its own, as Kubeflow Pipelines records them."
)
_WRITES = ("log_metric", "batch_log_metrics", "create_artifact")
_READS = ("get_artifact", "filter_artifacts", "get_lineage")
_CHAIN_NODES = 8
"""Five artifacts and three tasks."""


class MlMetadata:
    """The library in a process, driven through its standard input."""

    clients_max = 1
    settle_s = 0.0

    def __init__(self, name: str, server: Server, database: Path, works: tuple[str, ...]) -> None:
        self.name = name
        self._server = server
        self._database = database
        self._works = works

    def does(self, work: Work) -> bool:
        """See `Subject`."""
        return work.name in self._works

    def ask(self, message: dict[str, Any]) -> Any:
        """What the driver answers.

        Raises:
            RuntimeError: it ended.
        """
        process = self._server.process
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(message) + "\n")
        process.stdin.flush()
        line = process.stdout.readline()
        if not line:
            raise RuntimeError(f"ml-metadata failed at {message}")
        return json.loads(line)

    def drive(self, work: Work, clients: int, seconds: int, number: int) -> Load:
        """See `Subject`."""
        assert clients == 1
        return Load(**self.ask({"work": work.name, "seconds": seconds, "round": number}), busy=0.0)

    def cpu_s(self) -> float:
        """See `Subject`."""
        return self._server.cpu_s()

    def resident_bytes(self) -> int:
        """See `Subject`."""
        return self._server.resident_bytes()

    def facts(self) -> StoreFacts | None:
        """See `Subject`. Its metrics are artifacts."""
        return sqlite_facts(self._database, {"artifacts": "Artifact", "metrics": "Artifact"})

    def wait_until_idle(self) -> None:
        """See `Subject`: it has answered, and does nothing else."""


@contextmanager
def ml_metadata(directory: Path, items: int, say: Callable[[str], None], *, wal: bool = False) -> Iterator[MlMetadata]:
    """ml-metadata with a store of so many artifacts, ready to be driven.

    Args:
        wal: whether its file is in WAL mode; then it does only writes, since reads are alike.

    Raises:
        RuntimeError: it does not start, or does not find what was made.
    """
    python, name = ML_METADATA.make(say), NAME_WAL if wal else NAME
    database = directory / f"{name}.db"
    if wal:
        with contextlib.closing(sqlite3.connect(database)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
    with Server([str(python), "-m", "benchmarks.peers.ml_metadata_driver", str(database)]) as server:
        peer = MlMetadata(name, server, database, _WRITES if wal else _WRITES + _READS)
        say(f"filling the store of {name} with {items:,} artifacts")
        seen = peer.ask({"fill": items})
        if seen["got"] != 1 or not seen["listed"] or seen["in_lineage"] != _CHAIN_NODES:
            raise RuntimeError(f"{name} does not find what was made: {seen}")
        with contextlib.closing(sqlite3.connect(database)) as connection:
            mode = connection.execute("PRAGMA journal_mode").fetchone()[0]
        if mode != ("wal" if wal else "delete"):
            raise RuntimeError(f"the store of {name} is in the journal mode {mode}")
        yield peer
