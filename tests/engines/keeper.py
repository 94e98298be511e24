"""A program that keeps one throw-away server: whatever becomes of the tests, server and data go with them.

It is told what to do by lines of JSON on its standard input, and answers each with one on its standard output. The end
of its input means that the tests are over, however they ended: it then kills the server and removes the folder. It is
a process of its own because a killed one cleans nothing up, and in a session of its own so that an interrupt from the
keyboard leaves it alive to do so.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any


class Keeper:
    """The folder and, at times, the process of one server."""

    def __init__(self, place: str, account: str | None, last_signal: int) -> None:
        self._last_signal = last_signal
        self._server: subprocess.Popen[bytes] | None = None
        self.folder = Path(tempfile.mkdtemp(prefix="artifactd-", dir=place))
        self._identity: dict[str, Any] = {}
        if account is not None:
            entry = pwd.getpwnam(account)
            self._identity = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
            os.chown(self.folder, entry.pw_uid, entry.pw_gid)

    def do(self, order: dict[str, Any]) -> dict[str, Any]:
        """Carries out one order and gives what is to be answered."""
        match order["do"]:
            case "folder":
                return {"folder": str(self.folder)}
            case "run":
                process = self._started(order["command"])
                return {"code": process.wait()}
            case "start":
                self._server = self._started(order["command"])
                return {"pid": self._server.pid}
            case "look":
                return {"code": self._server.poll() if self._server else None}
            case "stop":
                self._stop(order["signal"], order["timeout_s"])
                return {}
        raise ValueError(order)

    def close(self) -> None:
        """Ends the server without ceremony and removes what it wrote."""
        self._stop(self._last_signal, 10)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _started(self, command: list[str]) -> subprocess.Popen[bytes]:
        # C messages: programs are read by programs here. No my.cnf, no .pgpass and no PGPORT of the developer's.
        environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "HOME": str(self.folder)}
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                command,
                cwd=self.folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=die_with_the_keeper,  # noqa: PLW1509 - this process has one thread.
                **self._identity,
            )

    def _stop(self, signal_number: int, timeout_s: float) -> None:
        server, self._server = self._server, None
        if server is None:
            return
        with contextlib.suppress(ProcessLookupError):
            if signal_number == signal.SIGKILL:
                os.killpg(server.pid, signal.SIGKILL)
            else:
                server.send_signal(signal_number)
        try:
            server.wait(timeout_s)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()


def die_with_the_keeper() -> None:
    """Asks Linux to kill this process when its parent dies: even a keeper may be killed."""
    if sys.platform == "linux":
        death_signal = 1  # PR_SET_PDEATHSIG
        ctypes.CDLL(None).prctl(death_signal, signal.SIGKILL)


def main() -> None:
    """Keeps a server until the end of the input."""
    options = json.loads(sys.argv[1])
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(1))
    keeper = Keeper(options["place"], options["account"], options["last_signal"])
    try:
        for line in sys.stdin:
            print(json.dumps(keeper.do(json.loads(line))), flush=True)
    finally:
        keeper.close()


if __name__ == "__main__":
    main()
