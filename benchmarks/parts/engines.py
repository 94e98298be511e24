"""artifactd on each of its engines, side by side, with commits that survive a power loss on each."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from benchmarks import machine, report, servers, works
from benchmarks.disk import StoreFacts, SyncProbe
from benchmarks.load import wrk
from benchmarks.measuring import Bench, as_raw, from_raw
from benchmarks.parts.operations import TABLES, artifactd
from benchmarks.results import Result
from benchmarks.seeding import fill
from benchmarks.servers import ROOT, process_cpu_s, process_resident_bytes, process_tree
from benchmarks.subjects import HttpService, Subject, artifactd_scripts
from benchmarks.table import markdown

Say = Callable[[str], None]
_DATABASE = "test_bench"
_SETTINGS = {
    "postgresql": {"shared_buffers": "512MB", "max_wal_size": "2GB", "autovacuum": "on"},
    "mariadb": {"innodb-buffer-pool-size": "512M", "innodb-log-file-size": "512M"},
}


def measure(given: argparse.Namespace, directory: Path, say: Say) -> Result:
    """The works that peers have too, on each engine that is here, at 1, 16 and 64 clients."""
    wrk()
    versions = machine.versions()
    missing = []
    with ExitStack() as stack:
        subjects: list[Subject] = [
            stack.enter_context(artifactd(directory, given.engine_store_size, given.synchronous, say))
        ]
        for engine in ("postgresql", "mariadb"):
            place = directory / engine
            place.mkdir()
            try:
                service, version = stack.enter_context(_service(engine, place, given.engine_store_size, say))
            except _absent() as reason:
                missing.append(f"{engine} is not measured: {reason}.")
                continue
            subjects.append(service)
            versions |= {engine: version}
        asked = [work for work in works.chosen(given.works, shared=True) if not work.is_ceiling]
        bench = Bench(subjects, asked, SyncProbe(directory))
        rounds = list(bench.rounds(given.engine_clients, given.engine_rounds, given.seconds, say))
    settings = (
        f"{given.engine_rounds} rounds of {given.seconds} s for each work, engine and number of clients, on stores of "
        f"{given.engine_store_size:,} artifacts. Every commit is synced: SQLite with "
        f"`synchronous={given.synchronous}`, PostgreSQL and MariaDB as they do by default; those have "
        "512 MiB of memory for pages. Processor time and "
        "memory are artifactd's and the database's together."
    )
    voids = [f"{done.work} by {done.subject}: {done.void}" for done in rounds if done.void]
    return Result("engines", settings, missing, versions, machine.machine(directory), as_raw(rounds), voids)


@contextmanager
def _service(engine: str, directory: Path, artifacts: int, say: Say) -> Iterator[tuple[HttpService, str]]:
    """Artifactd on a database server of its own, filled and ready to be driven; and the server's version."""
    server_kind = _servers()[engine]
    say(f"starting {engine}, and filling a store of {artifacts:,} artifacts")
    with server_kind(durable=True, settings=_SETTINGS[engine]) as database:
        database.create_database(_DATABASE)
        with servers.artifactd(database.url(_DATABASE)) as server:
            targets = fill(server.url, artifacts, directory)
        with database.connect(_DATABASE) as connection:
            what = "TABLE artifacts, artifact_tasks, metrics, metric_points" if engine == "mariadb" else ""
            connection.execute(f"ANALYZE {what}")
        with servers.artifactd(database.url(_DATABASE)) as server:
            yield HttpService(
                f"artifactd-{engine}", server, artifactd_scripts(), targets,
                count=lambda: _facts(database), others=(lambda: _usage(database.pid),),
            ), ".".join(map(str, database.programs.version))  # fmt: skip


def _facts(database: Any) -> StoreFacts:
    """Counts rows; what a server keeps on disk grows by files, so bytes tell nothing."""
    with database.connect(_DATABASE) as connection:
        rows = {
            kind: int(connection.execute(f"SELECT count(*) FROM {table}")[0][0][0]) for kind, table in TABLES.items()
        }
    return StoreFacts(rows, 0)


def _usage(pid: int) -> tuple[float, int]:
    processes = process_tree(pid)
    return sum(map(process_cpu_s, processes)), sum(map(process_resident_bytes, processes))


def _servers() -> dict[str, Any]:
    """The throw-away servers of the tests."""
    with contextlib.suppress(ValueError):
        sys.path.remove(str(ROOT / "tests"))
    sys.path.append(str(ROOT / "tests"))
    from engines.servers import SERVERS

    return dict(SERVERS)


def _absent() -> type[Exception]:
    _servers()
    from engines.programs import Absent

    return Absent


def section(result: Result) -> str:
    """The part of the page on engines."""
    facts = "".join(f"\n- {fact}" for fact in result.facts)
    table = markdown(report.rows(from_raw(result.raw)), report.COLUMNS, 2)
    return f"{result.settings}\n\n{table}\n{facts}\n".rstrip() + "\n"
