"""artifactd on each host of a cluster."""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
from typing import Protocol

from cluster.hosts import Host
from cluster.waiting import wait_until
from support import ROOT

PORT = 18888
FLAGS = ["--no-access-log", "--allow-unauthenticated", "--allowed-hosts=*"]


def python_path() -> str:
    """Where a program on a host finds this tree's artifactd before any other."""
    return os.pathsep.join([str(ROOT / "src"), os.environ.get("PYTHONPATH", "")])


class Database(Protocol):
    """A cluster of databases, as artifactd is told of it."""

    hosts: list[Host]

    def url_from(self, host: Host) -> str:
        """The database's URL for an artifactd on a host, which names the host's own server first."""


class Service:
    """artifactd on each host, started again where it ended, as a service's supervisor would."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self) -> None:
        """Starts every host's at once over the empty database, and waits until all are ready."""
        for host in self._database.hosts:
            self._start_on(host)
        for host in self._database.hosts:
            self.wait_until_ready(host)

    def _start_on(self, host: Host) -> None:
        everywhere = "0.0.0.0" if host.can_be_cut else host.address
        command = [sys.executable, "-m", "artifactd", "serve", f"--host={everywhere}", f"--port={PORT}", *FLAGS]
        environment = {"ARTIFACTD_DATABASE_URL": self._database.url_from(host), "PYTHONPATH": python_path()}
        self._processes[host.name] = host.start("artifactd", command, environment=environment)

    def wait_until_ready(self, host: Host, seconds: float = 60) -> None:
        """Waits until a host's can reach its database; starts it when it does not run."""

        def ready() -> bool:
            if not self.runs_on(host):
                self._start_on(host)
            connection = http.client.HTTPConnection(host.door, PORT, timeout=20)
            try:
                connection.request("GET", "/readyz")
                return connection.getresponse().status == 200
            finally:
                connection.close()

        wait_until(ready, seconds, f"artifactd on {host.name}")

    def runs_on(self, host: Host) -> bool:
        """Whether a host's runs."""
        return self._processes[host.name].poll() is None
