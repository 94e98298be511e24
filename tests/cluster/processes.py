"""The processes of a host: finding every one of them, whoever started it, and killing them as a power cut would."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

from cluster.waiting import wait_until

MARK = "ARTIFACTD_TEST_HOST"
"""The environment variable that marks a host's processes where there are no network namespaces."""

Find = Callable[[], list[int]]


def pids() -> list[int]:
    """Every process that this one can see."""
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def in_namespace(name: str) -> list[int]:
    """The processes inside a named network namespace."""
    try:
        wanted = Path("/run/netns", name).stat()
    except FileNotFoundError:
        return []
    found = []
    for pid in pids():
        try:
            there = Path(f"/proc/{pid}/ns/net").stat()
        except OSError:
            continue  # It has ended, or is a zombie.
        if (there.st_ino, there.st_dev) == (wanted.st_ino, wanted.st_dev):
            found.append(pid)
    return found


def marked(mark: str) -> list[int]:
    """The processes whose environment carries a mark, and everything that descends from them.

    Descendants are asked for too because PostgreSQL's processes write their titles over their environment.
    """
    wanted = f"{MARK}={mark}".encode()
    children: dict[int, list[int]] = {}
    found: list[int] = []
    for pid in pids():
        try:
            # The name in parentheses may hold blanks; after it come the state and the parent.
            state, parent = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:2]
            environment = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if state != "Z":
            children.setdefault(int(parent), []).append(pid)
            if wanted in environment:
                found.append(pid)
    for pid in found:  # It grows while it is walked.
        found += [child for child in children.get(pid, []) if child not in found]
    return found


def name_of(pid: int) -> str:
    """The name of a process's program, empty when it has ended."""
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


def kill_all(find: Find) -> None:
    """Kills what is found with SIGKILL, until nothing is found any more."""

    def gone() -> bool:
        found = find()
        for pid in found:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        return not found

    wait_until(gone, 20, "the end of killed processes", every_s=0.01)
