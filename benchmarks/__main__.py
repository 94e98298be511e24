"""The command: fills a store, runs the rounds, keeps them raw, prints the table."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks import client, machine, measuring, operations, report, servers
from benchmarks.disk import SyncProbe
from benchmarks.load import wrk
from benchmarks.page import client_section, page, with_client
from benchmarks.seeding import fill

_RESULTS = Path(__file__).parent / "results"
_EPILOG = """examples:
  python -m benchmarks                                  everything, in about ten minutes
  python -m benchmarks --only client --write docs/benchmarks.md     in a minute; the server's figures stay
  python -m benchmarks --operations log_metric,get_artifact --clients 16 --rounds 3
  python -m benchmarks --store-size 100000 --clients 1,16,64 --write docs/benchmarks.md
"""


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; gives its exit code, which is 1 if any figure is void."""
    given = _parser().parse_args(arguments)
    void = False
    try:
        given.directory.mkdir(parents=True, exist_ok=True)
        if given.only != "client":
            void = _measure_server(given)
        if given.only == "client" or not (given.only or given.operations):
            _measure_client(given)
    except RuntimeError as error:
        print(f"benchmarks: {error}", file=sys.stderr)
        return 1
    return int(void)


def _measure_server(given: argparse.Namespace) -> bool:
    """Measures operations, and writes all of the page but what it says of the client; tells if any figure is void."""
    wrk()
    asked = operations.chosen(given.operations)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=given.directory) as directory:
        rounds, state = _run(given, asked, Path(directory))
    versions, on = machine.versions(), machine.machine(given.directory)
    about = {"versions": versions, "machine": on, "state": state, "arguments": _said(given)}
    raw = [done._asdict() | {"load": done.load._asdict()} for done in rounds]
    kept = _keep(given.results, about | {"rounds": raw})
    cells = report.rows(rounds, given.synchronous)
    facts = [*report.notes(rounds), *state]
    print(report.markdown(cells), *facts, f"The raw rounds are in {kept.name}.", sep="\n")
    if given.write:
        before = given.write.read_text(encoding="utf-8") if given.write.exists() else ""
        text = page(cells, facts, _said(given), versions, on)
        given.write.write_text(with_client(text, client_section(before)), encoding="utf-8")
    return any(done.void for done in rounds)


def _measure_client(given: argparse.Namespace) -> None:
    """Measures the Python client, and writes what the page says of it."""
    rounds = client.calls(given.rounds, given.calls, _say)
    imports = client.imports(given.rounds, _say)
    versions, on = client.versions(), machine.machine(given.directory)
    raw = {"calls": [each._asdict() for each in rounds], "imports": [each._asdict() for each in imports]}
    kept = _keep(given.results, {"versions": versions, "machine": on} | raw)
    settings = f"{given.rounds} rounds of {given.calls} times each call, and of one import each."
    section = client.section(rounds, imports, settings, versions)
    print(section, f"The raw rounds are in {kept.name}.", sep="\n")
    if given.write:
        before = given.write.read_text(encoding="utf-8") if given.write.exists() else ""
        given.write.write_text(with_client(before, section), encoding="utf-8")


def _run(
    given: argparse.Namespace, asked: list[operations.Operation], directory: Path
) -> tuple[list[measuring.Round], list[str]]:
    """The rounds, and sentences on memory and on how busy the machine was."""
    database = directory / "store.db"
    _say(f"filling a store of {given.store_size:,} artifacts")
    with servers.artifactd(database, "NORMAL") as server:
        targets = fill(server.url, given.store_size, directory)
    with servers.artifactd(database, given.synchronous) as server, servers.noop() as noop:
        at_rest, load_before = server.resident_bytes(), os.getloadavg()[0]
        bench = measuring.Bench(server, noop, database, targets, asked, SyncProbe(directory))
        rounds = list(bench.rounds(given.clients, given.rounds, given.seconds, _say))
        load_after = os.getloadavg()[0]
        load = (
            f"Load average of the machine, of {os.cpu_count()} cores: {load_before:.1f} before the first round, "
            f"{load_after:.1f} after the last. The run itself makes about 2; what is over that is other programs."
        )
        memory = (
            f"Resident memory: {_mib(at_rest)} at rest, {_mib(server.resident_bytes())} after the run; "
            f"the no-op {_mib(noop.resident_bytes())}."
        )
    return rounds, [memory, load]


def _keep(results: Path, raw: dict[str, Any]) -> Path:
    """Writes the raw rounds to a file of their own."""
    results.mkdir(parents=True, exist_ok=True)
    path = results / time.strftime("%Y%m%dT%H%M%SZ.json", time.gmtime())
    path.write_text(json.dumps(raw, indent=1) + "\n", encoding="utf-8")
    return path


def _said(given: argparse.Namespace) -> str:
    return (
        f"{given.rounds} rounds of {given.seconds} s for each operation and number of clients, on a store of "
        f"{given.store_size:,} artifacts, `synchronous={given.synchronous}`."
    )


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _mib(size: int) -> str:
    return f"{size / (1 << 20):.0f} MiB"


def _numbers(text: str) -> list[int]:
    numbers = [int(word) for word in text.split(",")]
    if min(numbers) < 1:
        raise ValueError
    return numbers


def _at_least(least: int) -> Any:
    def number(text: str) -> int:
        if int(text) < least:
            raise ValueError
        return int(text)

    return number


def _names(text: str) -> list[str]:
    names = [word.strip() for word in text.split(",") if word.strip()]
    if unknown := set(names) - set(operations.BY_NAME):
        raise argparse.ArgumentTypeError(f"no operation {', '.join(sorted(unknown))}; see --help")
    return names


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measures each operation's throughput and latency against the same HTTP stack doing nothing, "
        "interleaved in one run, and checks after each round of writes that the store holds what was acknowledged.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--only", choices=("server", "client"), help="the server's operations, or what the Python client costs")
    add("--rounds", type=_at_least(1), default=5, metavar="N", help="rounds of everything (default 5)")
    add("--seconds", type=_at_least(1), default=3, metavar="N", help="seconds of load for each figure (default 3)")
    add("--clients", type=_numbers, default=[1, 16], metavar="N,N", help="numbers of clients (default 1,16)")
    names = ", ".join(operations.BY_NAME)
    add("--operations", type=_names, default=[], metavar="NAME,NAME", help=f"only these, with their ceiling: {names}")
    add(
        "--store-size", type=_at_least(200), default=20_000, metavar="N",
        help="artifacts in the store before the first round (default 20000)",
    )  # fmt: skip
    add(
        "--synchronous", choices=("FULL", "NORMAL"), default="FULL",
        help="FULL: an answered write survives a power loss; NORMAL: only a crash of the program (default FULL)",
    )  # fmt: skip
    add(
        "--calls", type=_at_least(1), default=500, metavar="N",
        help="how often the Python client makes each call in a round (default 500)",
    )  # fmt: skip
    add("--write", type=Path, metavar="FILE", help="also write the page of documentation, such as docs/benchmarks.md")
    add(
        "--directory", type=Path, default=Path("data"), metavar="DIR",
        help="where the store is while it is measured: on the disk in question, not in memory (default data)",
    )  # fmt: skip
    add(
        "--results", type=Path, default=_RESULTS, metavar="DIR",
        help="where the raw rounds are kept (default benchmarks/results)",
    )  # fmt: skip
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
