"""Folders for throw-away data, and the processes in them, that are gone when the tests are, however those end."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

MEMORY_BYTES_FREE_MIN = 1 << 30
SOCKET_PATH_BYTES_MAX = 90
"""Unix sockets' names end at about 104 bytes on macOS, 108 on Linux; the servers need some for themselves."""


class Kept:
    """A folder, and at times a server, in the care of a process of its own (`keeper.py`).

    Args:
        account: whom the folder belongs to and the server runs as, or None for the own one.
        last_signal: what ends the server fast, when its data is not needed any more.
    """

    def __init__(self, *, account: str | None = None, last_signal: int = signal.SIGKILL) -> None:
        options = {"place": place_for_data(), "account": account, "last_signal": last_signal}
        keeper = Path(__file__).with_name("keeper.py")
        self._keeper = subprocess.Popen(
            [sys.executable, "-I", "-S", str(keeper), json.dumps(options)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        self.folder = Path(self.told("folder")["folder"])

    def told(self, order: str, **more: Any) -> dict[str, Any]:
        """Has an order carried out (see `keeper.py`) and gives the answer."""
        assert self._keeper.stdin is not None
        assert self._keeper.stdout is not None
        self._keeper.stdin.write(json.dumps({"do": order, **more}).encode() + b"\n")
        self._keeper.stdin.flush()
        answer = self._keeper.stdout.readline()
        assert answer, "the keeper of a folder has ended"
        found: dict[str, Any] = json.loads(answer)
        return found

    def close(self) -> None:
        """Ends the server and removes the folder. It may be called again."""
        if self._keeper.returncode is None:
            self._keeper.communicate()


def place_for_data() -> str:
    """A folder in memory where the machine has a GiB of it to spare, else the one for temporary files."""
    memory = Path("/dev/shm")
    if memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free >= MEMORY_BYTES_FREE_MIN:
        return str(memory)
    place = tempfile.gettempdir()
    return place if len(place) < SOCKET_PATH_BYTES_MAX - len("/artifactd-12345678/socket") else "/tmp"
