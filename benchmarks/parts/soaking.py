"""A mixed load for minutes, and whether memory grows."""

from __future__ import annotations

import argparse
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import linear_regression
from typing import NamedTuple

from benchmarks import machine
from benchmarks.load import wrk
from benchmarks.measuring import why_void
from benchmarks.parts.operations import artifactd
from benchmarks.results import Result
from benchmarks.works import BY_NAME

Say = Callable[[str], None]
_CLIENTS = {"log_metric": 4, "create_artifact": 2, "get_artifact": 4, "filter_artifacts": 2, "get_lineage": 2}
_EVERY_S = 1.0
_SAY_EVERY = 30


class Sample(NamedTuple):
    """Memory at a moment."""

    at_s: float
    resident_bytes: int


def measure(given: argparse.Namespace, directory: Path, say: Say) -> Result:
    """Writes, gets, lists and lineages at once, for so many minutes."""
    wrk()
    seconds = max(2, round(given.minutes * 60))
    with artifactd(directory, given.store_size, given.synchronous, say) as ours:
        at_rest, began = ours.resident_bytes(), time.monotonic()
        with ThreadPoolExecutor(len(_CLIENTS)) as pool:
            loads = {
                name: pool.submit(ours.drive, BY_NAME[name], clients, seconds, 1) for name, clients in _CLIENTS.items()
            }
            samples, pause = [], threading.Event()
            while (at_s := time.monotonic() - began) < seconds:
                samples.append(Sample(at_s, ours.resident_bytes()))
                if len(samples) % _SAY_EVERY == 1:
                    say(f"after {at_s:.0f} s: {samples[-1].resident_bytes >> 20} MiB")
                pause.wait(_EVERY_S)
        done = {name: load.result() for name, load in loads.items()}
    voids = [f"{name}: {why}" for name, load in done.items() if (why := why_void(load, _CLIENTS[name], None))]
    raw = {
        "at_rest_bytes": at_rest,
        "samples": samples,
        "requests": {name: load.requests for name, load in done.items()},
        "seconds": seconds,
    }
    clients = ", ".join(f"{BY_NAME[name].title} {count}" for name, count in _CLIENTS.items())
    settings = (
        f"{seconds / 60:g} minutes of a mixed load on a store of {given.store_size:,} artifacts that grows meanwhile; "
        f"SQLite, `synchronous={given.synchronous}`. Clients: {clients}."
    )
    return Result("soak", settings, [], machine.versions(), machine.machine(directory), raw, voids)


def growth_bytes_per_min(samples: Sequence[Sequence[float]]) -> float:
    """By how much memory grew a minute over the second half, as the straight line nearest to the samples rises."""
    half = samples[len(samples) // 2 :]
    return linear_regression([each[0] for each in half], [each[1] for each in half]).slope * 60


def section(result: Result) -> str:
    """The part of the page on the soak."""
    if result.voids:
        return f"{result.settings}\n\nVoid: {'; '.join(result.voids)}.\n"
    samples, mib = result.raw["samples"], 1 << 20
    half = [each[1] for each in samples[len(samples) // 2 :]]
    requests = sum(result.raw["requests"].values())
    return (
        f"{result.settings}\n\n- {requests:,} requests, without an error.\n"
        f"- Memory: {result.raw['at_rest_bytes'] / mib:.0f} MiB at rest, {samples[len(samples) // 2][1] / mib:.0f} MiB "
        f"half-way, {samples[-1][1] / mib:.0f} MiB at the end; over the second half between {min(half) / mib:.0f} and "
        f"{max(half) / mib:.0f} MiB, {growth_bytes_per_min(samples) / mib:+.2f} MiB a minute.\n"
    )
