"""The load generator: wrk, one script an operation."""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

SCRIPTS = Path(__file__).parent / "scripts"


class Load(NamedTuple):
    """What wrk saw, with times in microseconds.

    `busy` is the share of its threads' time that wrk spent computing: near 1 it would be the bottleneck.
    """

    requests: int
    duration_us: int
    bytes: int
    p50_us: float
    p90_us: float
    p99_us: float
    max_us: float
    errors: dict[str, int]
    busy: float


def wrk() -> str:
    """The program.

    Raises:
        RuntimeError: it is not there.
    """
    found = shutil.which("wrk")
    if found is None:
        raise RuntimeError("wrk is not on the PATH: on Debian, apt-get install wrk")
    return found


def wrk_version() -> str:
    """Its version, as it says it."""
    said = subprocess.run([wrk(), "--version"], capture_output=True, text=True, check=False).stdout
    return " ".join(said.split()[:2])


def drive(script: str, url: str, clients: int, seconds: int, **arguments: Any) -> Load:
    """Sends one request after the other from each client, for so many seconds.

    Args:
        arguments: what `common.lua` reads.
    """
    threads = min(clients, max(1, (os.cpu_count() or 1) // 2))
    command = [wrk(), "--threads", str(threads), "--connections", str(clients), "--duration", f"{seconds}s"]
    command += ["--timeout", "10s", "--script", str(SCRIPTS / script), url, "--"]
    command += [f"{name}={value}" for name, value in arguments.items()]
    before = _children_cpu_s()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    cpu_s = _children_cpu_s() - before
    if done.returncode:
        raise RuntimeError(f"wrk failed: {done.stderr.strip() or done.stdout.strip()}")
    figures = json.loads(done.stdout.splitlines()[-1])
    return Load(**figures, busy=cpu_s * 1_000_000 / max(1, figures["duration_us"]) / threads)


def _children_cpu_s() -> float:
    """Processor time of the processes that have ended and were waited for: the servers run on."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
