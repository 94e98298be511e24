"""Latency of single requests while slow ones run beside them, and a load beyond the queue."""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from benchmarks import beside, machine
from benchmarks.beside import Beside
from benchmarks.load import SCRIPTS, Load, drive, wrk
from benchmarks.measuring import why_void
from benchmarks.parts.operations import artifactd
from benchmarks.results import Result
from benchmarks.servers import Server
from benchmarks.subjects import HttpService
from benchmarks.table import Rows, markdown, middle, spread
from benchmarks.works import BY_NAME

Say = Callable[[str], None]
CLIENTS = 16
ALONE, SCAN, IMPORT = "alone", "a scan", "an import"
CONDITIONS = (ALONE, SCAN, "lineages", IMPORT, f"{SCAN} and {IMPORT}")
WORKS = ("log_metric", "create_artifact", "get_artifact")
COLUMNS = (
    "work", "beside it", "requests/s", "p50 ms", "p99 ms", "p99 ÷ p50", "(least to most)",
    "p99 ÷ p50 alone", "longest ms", "p50 ms of what is beside",
)  # fmt: skip
_FILES = 16_384
_OVERLOAD_CLIENTS = 2_048


class Mixed(NamedTuple):
    """A work under load once, with what ran beside it."""

    work: str
    condition: str
    number: int
    load: Load
    beside: dict[str, Beside]
    void: str

    @property
    def tail(self) -> float:
        """p99 over p50."""
        return self.load.p99_us / self.load.p50_us


def measure(given: argparse.Namespace, directory: Path, say: Say) -> Result:
    """Each of the works alone, and beside each kind of slow request; then too many clients for the queue."""
    wrk()
    with artifactd(directory, given.store_size, given.synchronous, say) as ours:
        lineages = ours.targets["get_lineage"].read_text(encoding="ascii").split()
        sends = {SCAN: beside.scan(), "lineages": beside.lineage(lineages), IMPORT: beside.importing()}
        rounds = []
        for number in range(given.mixed_rounds + 1):
            seconds = given.seconds if number else 1
            for condition in CONDITIONS if number % 2 else reversed(CONDITIONS):
                chosen = {name: send for name, send in sends.items() if name in condition}
                for work in WORKS:
                    done = _round(ours, work, condition, chosen, seconds, number)
                    say(f"round {number}, {work}, {condition}: p99 {done.load.p99_us / 1_000:.1f} ms {done.void}")
                    rounds += [done] if number else []
        say(f"overload: {_OVERLOAD_CLIENTS} clients")
        overload = _overload(ours.server, given.seconds)
    settings = (
        f"{given.mixed_rounds} rounds of {given.seconds} s, {CLIENTS} clients, on a store of {given.store_size:,} "
        f"artifacts; SQLite, `synchronous={given.synchronous}`. A scan is a list with a filter that no index serves "
        f"and nothing matches; an import logs {beside.IMPORT_METRICS:,} metrics a call, one call after the other."
    )
    voids = [f"{done.work} beside {done.condition}: {done.void}" for done in rounds if done.void]
    if overload["wrong"]:
        voids.append(f"overload: {overload['wrong']} answers were neither 200 nor 503 with Retry-After")
    raw = {"rounds": as_raw(rounds), "overload": overload}
    return Result("mixed", settings, [], machine.versions(), machine.machine(directory), raw, voids)


def _round(
    ours: HttpService, work: str, condition: str, sends: dict[str, beside.Send], seconds: int, number: int
) -> Mixed:
    # Each condition is a part of the number, so that no two rounds write the same.
    unique = number * len(CONDITIONS) + CONDITIONS.index(condition) + 1
    with beside.running(ours.server.url, sends) as ran:
        load = ours.drive(BY_NAME[work], CLIENTS, seconds, unique)
    void = why_void(load, CLIENTS, None) or ", ".join(f"{name} never ended" for name in sends if not ran[name].times)
    return Mixed(work, condition, number, load, ran, void)


def _overload(server: Server, seconds: int) -> dict[str, Any]:
    """More clients than writes may wait, and the rate of 16 clients before and after."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(_FILES, hard)), hard))
    before = _rate(drive("log_metric.lua", server.url, CLIENTS, seconds, round=900_001))
    command = [wrk(), "--threads", "1", "--connections", str(_OVERLOAD_CLIENTS), "--duration", f"{seconds * 2}s"]
    command += ["--timeout", "30s", "--script", str(SCRIPTS / "overload.lua"), server.url, "--", "round=900002"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"wrk failed: {done.stderr.strip() or done.stdout.strip()}")
    server.wait_until_idle()
    after = _rate(drive("log_metric.lua", server.url, CLIENTS, seconds, round=900_003))
    return {**json.loads(done.stdout.splitlines()[-1]), "before_per_s": before, "after_per_s": after}


def _rate(load: Load) -> float:
    return load.requests / load.duration_us * 1_000_000


def as_raw(rounds: list[Mixed]) -> list[dict[str, Any]]:
    """The rounds as they are kept."""
    return [
        done._asdict()
        | {"load": done.load._asdict(), "beside": {name: ran._asdict() for name, ran in done.beside.items()}}
        for done in rounds
    ]


def from_raw(raw: list[dict[str, Any]]) -> list[Mixed]:
    """The rounds as they were kept."""
    return [
        Mixed(**{
            **each,
            "load": Load(**each["load"]),
            "beside": {name: Beside(**ran) for name, ran in each["beside"].items()},
        })
        for each in raw
    ]  # fmt: skip


def tails(rounds: list[Mixed], work: str, condition: str) -> list[float]:
    """p99 over p50 in each round; none if one is void."""
    mine = [done for done in rounds if (done.work, done.condition) == (work, condition)]
    return [] if any(done.void for done in mine) else [done.tail for done in mine]


def tails_over_alone(rounds: list[Mixed], work: str, condition: str) -> list[float]:
    """p99 over the p50 that the work has alone in the same round; none if one is void."""
    mine, alone = (
        [done for done in rounds if (done.work, done.condition) == (work, which)] for which in (condition, ALONE)
    )
    if any(done.void for done in (*mine, *alone)):
        return []
    p50_us = {done.number: done.load.p50_us for done in alone}
    return [done.load.p99_us / p50_us[done.number] for done in mine if done.number in p50_us]


def _rows(rounds: list[Mixed]) -> Rows:
    return [_row(rounds, work, condition) for work in WORKS for condition in CONDITIONS]


def _row(rounds: list[Mixed], work: str, condition: str) -> tuple[str, ...]:
    mine = [done for done in rounds if (done.work, done.condition) == (work, condition)]
    head = (BY_NAME[work].title, condition)
    if voids := [done.void for done in mine if done.void]:
        return (*head, f"void: {voids[0]}", *("" for _ in COLUMNS[3:]))
    ratios = [done.tail for done in mine]
    ran = {name: median(done.beside[name].p50_ms for done in mine) for name in mine[0].beside}
    return (
        *head,
        middle((_rate(done.load) for done in mine), ",.0f"),
        middle((done.load.p50_us / 1_000 for done in mine), ",.2f"),
        middle((done.load.p99_us / 1_000 for done in mine), ",.2f"),
        middle(ratios, ".1f"),
        spread(ratios, ".1f"),
        middle(tails_over_alone(rounds, work, condition), ".1f"),
        f"{max(done.load.max_us for done in mine) / 1_000:,.1f}",
        ", ".join(f"{name} {ms:,.1f}" for name, ms in ran.items()),
    )


def section(result: Result) -> str:
    """The part of the page on latency under load."""
    seen = result.raw["overload"]
    seconds = seen["duration_us"] / 1_000_000
    overload = (
        f"Overload: {_OVERLOAD_CLIENTS:,} clients, twice as many as writes may wait. {seen['taken'] / seconds:,.0f} "
        f"writes/s were taken, {seen['shed'] / seconds:,.0f} answers/s were 503 with `Retry-After`, {seen['wrong']} "
        f"were anything else; p99 of all answers {seen['p99_us'] / 1_000:,.0f} ms. {CLIENTS} clients logged "
        f"{seen['before_per_s']:,.0f} metrics/s before it and {seen['after_per_s']:,.0f} after it "
        f"({seen['after_per_s'] / seen['before_per_s']:.0%})."
    )
    return f"{result.settings}\n\n{markdown(_rows(from_raw(result.raw['rounds'])), COLUMNS, 2)}\n\n- {overload}\n"
