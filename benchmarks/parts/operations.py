"""Every operation against the ceilings and, where they have it too, against the peers."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

from benchmarks import ceilings, machine, report, servers, works
from benchmarks.disk import SyncProbe, sqlite_facts
from benchmarks.load import wrk
from benchmarks.measuring import Bench, Round, as_raw, from_raw
from benchmarks.peers import environments, ml_metadata, mlflow
from benchmarks.results import Result
from benchmarks.seeding import fill
from benchmarks.subjects import SETTLE_S, HttpService, Subject, artifactd_scripts
from benchmarks.table import markdown

TABLES = {"artifacts": "artifacts", "metrics": "metric_points"}
_LOGGED_WORKS = ("log_metric", "get_artifact")
"""What shows the cost of the access log: the rest of a request is as with these."""
Say = Callable[[str], None]


def measure_server(given: argparse.Namespace, directory: Path, say: Say) -> Result:
    """Artifactd and the ceilings, every operation."""
    return _measure("server", given, directory, say)


def measure_peers(given: argparse.Namespace, directory: Path, say: Say) -> Result:
    """Every operation by artifactd and the ceilings, and by the peers what they have too."""
    return _measure("peers", given, directory, say)


def measure_normal(given: argparse.Namespace, directory: Path, say: Say) -> Result:
    """Artifactd and the ceilings, single writes that survive only a crash of the program."""
    fewer = argparse.Namespace(**{**vars(given), "synchronous": "NORMAL", "works": ["log_metric", "create_artifact"]})
    return _measure("normal", fewer, directory, say)


def _measure(part: str, given: argparse.Namespace, directory: Path, say: Say) -> Result:
    wrk()
    with_peers = part == "peers"
    asked = works.chosen(given.works)
    load_before = os.getloadavg()[0]
    with ExitStack() as stack:
        size, synchronous = given.store_size, given.synchronous
        ours = stack.enter_context(artifactd(directory, size, synchronous, say, "--no-access-log"))
        at_rest = ours.resident_bytes()
        logged = stack.enter_context(artifactd(directory, size, synchronous, say, name=report.LOGGED))
        logged.scripts = {work: script for work, script in logged.scripts.items() if work in _LOGGED_WORKS}
        subjects: list[Subject] = [ours, logged]
        if with_peers:
            subjects.append(stack.enter_context(mlflow.mlflow(directory, given.store_size, say)))
            for wal in (False, True):
                peer = ml_metadata.ml_metadata(directory, given.store_size, say, wal=wal)
                subjects.append(stack.enter_context(peer))
        for ceiling in ceilings.subjects(ours.targets, say):
            stack.enter_context(ceiling.server)
            subjects.append(ceiling)
        bench = Bench(subjects, asked, SyncProbe(directory))
        rounds = list(bench.rounds(given.clients, given.rounds, given.seconds, say))
    settings = (
        f"{given.rounds} rounds of {given.seconds} s for each work, service and number of clients, on stores of "
        f"{given.store_size:,} artifacts; artifactd with SQLite, `synchronous={given.synchronous}`."
    )
    facts = [*report.notes(rounds), _memory(at_rest, rounds), _load(load_before)]
    versions = machine.versions() | ceilings.versions() | (_peer_versions() if with_peers else {})
    voids = [f"{done.work} by {done.subject}: {done.void}" for done in rounds if done.void]
    return Result(part, settings, facts, versions, machine.machine(directory), as_raw(rounds), voids)


@contextmanager
def artifactd(
    directory: Path, artifacts: int, synchronous: str, say: Say, *options: str, name: str = report.OURS
) -> Iterator[HttpService]:
    """Artifactd with a SQLite store of so many artifacts, ready to be driven.

    Args:
        options: settings other than the default ones, as flags.
    """
    directory = directory / name
    directory.mkdir()
    database = directory / "store.db"
    url = f"sqlite:///{database}"
    say(f"filling a store of {artifacts:,} artifacts")
    with servers.artifactd(url, "--sqlite-synchronous", "NORMAL") as server:
        targets = fill(server.url, artifacts, directory)
    with servers.artifactd(url, "--sqlite-synchronous", synchronous, *options) as server:
        count = partial(sqlite_facts, database, TABLES)
        yield HttpService(name, server, artifactd_scripts(), targets, count, settle_s=SETTLE_S)


def _memory(at_rest: int, rounds: list[Round]) -> str:
    after = report.of_subject(rounds, report.OURS)[-1].resident_bytes
    return f"artifactd's memory: {at_rest >> 20} MiB at rest, {after >> 20} MiB after the last round."


def _load(before: float) -> str:
    return (
        f"Load average of the machine, of {os.cpu_count()} cores: {before:.1f} before the run, "
        f"{os.getloadavg()[0]:.1f} after it. The run itself makes about 2; what is over that is other programs."
    )


def _peer_versions() -> dict[str, str]:
    return {
        "MLflow": environments.MLFLOW.version("mlflow"),
        "ml-metadata": environments.ML_METADATA.version("ml-metadata"),
    }


def server_section(result: Result) -> str:
    """The part of the page with every operation."""
    return _section(result, "")


def peers_section(result: Result) -> str:
    """The part of the page with the peers."""
    return _section(result, f"{mlflow.SETTINGS}\n\n{ml_metadata.SETTINGS}\n\n")


def _section(result: Result, about: str) -> str:
    rounds = from_raw(result.raw)
    head, cells = report.ratio_table(rounds)
    facts = "\n".join(f"- {fact}" for fact in result.facts)
    return (
        f"{result.settings}\n\n{about}{markdown(cells, head)}\n\n"
        f"{markdown(report.rows(rounds), report.COLUMNS, 2)}\n\n{facts}\n"
    )
