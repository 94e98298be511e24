"""Removes a laboratory when the process that built it has gone, however it went.

Run as `python -m cluster.guard JSON`: it waits until its standard input ends, which happens when the laboratory is
closed and when its process is killed alike; then it kills what runs there, removes its namespaces and its folder.
"""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys

from cluster.processes import in_namespace, kill_all, marked


def clean(doors: list[str], namespaces: list[str], marks: list[str], folder: str | None) -> None:
    """Removes what a laboratory consists of; what is not there already is no error."""
    # The kernel removes what is in a namespace some time after its name: a later laboratory would still find the doors.
    for door in doors:
        subprocess.run(["ip", "link", "delete", door], check=False, stderr=subprocess.DEVNULL)
    for namespace in namespaces:
        kill_all(lambda name=namespace: in_namespace(name))  # type: ignore[misc]
        subprocess.run(["ip", "netns", "delete", namespace], check=False, stderr=subprocess.DEVNULL)
    for mark in marks:
        kill_all(lambda name=mark: marked(name))  # type: ignore[misc]
    if folder:
        shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    """Waits for the end of standard input, then cleans."""
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    sys.stdin.buffer.read()
    clean(**json.loads(sys.argv[1]))


if __name__ == "__main__":
    main()
