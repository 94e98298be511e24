"""On what it was measured: versions and the machine, without any name of it."""

from __future__ import annotations

import os
import platform
import re
from importlib.metadata import version
from pathlib import Path

import apsw

from benchmarks.load import wrk_version

_PACKAGES = ("artifactd", "uvloop", "httptools", "msgspec", "apsw")


def versions() -> dict[str, str]:
    """What took part."""
    found = {"Python": platform.python_version()} | {name: version(name) for name in _PACKAGES}
    return found | {"SQLite": apsw.sqlite_lib_version(), "wrk": wrk_version().removeprefix("wrk ")}


def machine(directory: Path) -> dict[str, str]:
    """Cores, memory, kernel, and the kind of file system that a directory is on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)
    kernel = re.match(r"[0-9.]*", platform.release())
    return {
        "cores": str(os.cpu_count()),
        "memory": f"{memory:.0f} GiB",
        "kernel": f"{platform.system()} {kernel[0] if kernel else ''}",
        "architecture": platform.machine(),
        "file system": _file_system(directory),
    }


def _file_system(directory: Path) -> str:
    path = directory.resolve()
    best = ("", "unknown")
    for line in Path("/proc/mounts").read_text(encoding="utf-8").splitlines():
        _, mount, kind, *_ = line.split()
        if path.is_relative_to(mount) and len(mount) >= len(best[0]):
            best = (mount, kind)
    return best[1]
