"""Hosts on one machine, which a test can start programs on, kill, cut off from each other, and heal.

As root each host is a network namespace with two interfaces. `address` is its place in the cluster's own network, a
bridge in a namespace of its own; `door` is where the test reaches it. Only the former is cut, so clients still reach
what runs on a host that its peers have lost. Without root a host is a loopback address: it can be killed, but not
cut off.
"""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from cluster.processes import MARK, Find, in_namespace, kill_all, marked, name_of
from support import ROOT

PROGRAMS = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def can_make_namespaces() -> bool:
    """Whether this process may make network namespaces and links between them."""
    if os.geteuid() != 0 or not shutil.which("ip"):
        return False
    probe = f"artifactd-probe-{os.getpid()}"
    if subprocess.run(["ip", "netns", "add", probe], capture_output=True, check=False).returncode:
        return False
    links = [("add", "one", "type", "veth", "peer", "name", "two"), ("add", "switch", "type", "bridge")]
    try:
        return not any(
            subprocess.run(["ip", "-n", probe, "link", *link], capture_output=True, check=False).returncode
            for link in links
        )
    finally:
        subprocess.run(["ip", "netns", "delete", probe], check=False)


class Host:
    """A machine of its own, as far as programs and the network go."""

    def __init__(self, name: str, folder: Path, address: str, door: str, find: Find) -> None:
        self.name = name
        self.folder = folder
        self.address = address
        self.door = door
        self.is_cut = False
        self.is_down = True
        self._find = find
        self._started: list[subprocess.Popen[bytes]] = []
        folder.mkdir(mode=0o755)

    def start(
        self,
        service: str,
        command: Sequence[str | Path],
        *,
        user: str = "",
        environment: Mapping[str, str] | None = None,
    ) -> subprocess.Popen[bytes]:
        """Starts a program; what it prints goes to the end of `service`.log in the host's folder.

        Args:
            user: whom to become, where we are root. Databases refuse to run as root.
            environment: what to add to a bare environment.
        """
        words = [*self.entrance, *become(user), *map(str, command)]
        bare = {"PATH": PROGRAMS, "LANG": "C.UTF-8", "HOME": str(self.folder), MARK: self.folder.as_posix()}
        with (self.folder / f"{service}.log").open("ab") as log:
            process = subprocess.Popen(
                words,
                cwd=self.folder,
                env=bare | dict(environment or {}),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._started.append(process)
        self.is_down = False
        return process

    @property
    def entrance(self) -> list[str]:
        """The words before a command that run it on this host."""
        return []

    @property
    def can_be_cut(self) -> bool:
        """Whether `cut` works here."""
        return False

    def own(self, path: Path, user: str) -> Path:
        """Makes a folder on this host that a user may write to."""
        path.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            shutil.chown(path, user, pwd.getpwnam(user).pw_gid)
        path.chmod(0o700)
        return path

    def processes(self, program: str = "") -> list[int]:
        """What runs here, of one program or of all."""
        return [pid for pid in self._find() if not program or name_of(pid) == program]

    def kill(self, program: str = "") -> None:
        """Kills every process of the host, or of one program on it, as a power cut would."""
        if program:
            # What another program starts again at once is not killed again.
            victims = self.processes(program)
            kill_all(lambda: [pid for pid in self.processes(program) if pid in victims])
        else:
            kill_all(self.processes)
            self.is_down = True
        self._started = [process for process in self._started if process.poll() is None]

    @property
    def takes_part(self) -> bool:
        """Whether the others should reach what runs here."""
        return not self.is_down and not self.is_cut

    def wait(self) -> None:
        """Waits for the end of everything that was started here."""
        for process in self._started:
            process.wait(60)

    def cut(self) -> None:
        """Cuts the host off from all others, as if its cable were pulled."""
        raise NotImplementedError("a host without a network namespace cannot be cut off")

    def heal(self) -> None:
        """Connects the host again."""

    def log(self, service: str) -> str:
        """What a program has printed."""
        return (self.folder / f"{service}.log").read_text(errors="replace")


class LoopbackHost(Host):
    """A host that is no more than a loopback address."""

    def __init__(self, name: str, folder: Path, address: str) -> None:
        super().__init__(name, folder, address, address, lambda: marked(folder.as_posix()))


class NamespaceHost(Host):
    """A host with a network namespace of its own."""

    def __init__(self, name: str, folder: Path, address: str, door: str, namespace: str, port: str) -> None:
        super().__init__(name, folder, address, door, lambda: in_namespace(namespace))
        self._namespace = namespace
        self._switch, self._port = port.split("/")

    @property
    def entrance(self) -> list[str]:
        return ["ip", "netns", "exec", self._namespace]

    @property
    def can_be_cut(self) -> bool:
        return True

    def cut(self) -> None:
        ip("-n", self._switch, "link", "set", self._port, "down")
        self.is_cut = True

    def heal(self) -> None:
        ip("-n", self._switch, "link", "set", self._port, "up")
        self.is_cut = False


def from_own(hosts: Sequence[Host], own: Host) -> list[Host]:
    """The hosts in their order, beginning with one's own."""
    place = hosts.index(own)
    return [*hosts[place:], *hosts[:place]]


def ip(*words: str) -> None:
    """Runs `ip`, and fails with what it says."""
    done = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise OSError(f"ip {' '.join(words)}: {done.stderr.strip()}")


def become(user: str) -> list[str]:
    """The words before a command that make it another user's, where we are root."""
    if not user or os.geteuid() != 0:
        return []
    return ["setpriv", f"--reuid={user}", f"--regid={pwd.getpwnam(user).pw_gid}", "--init-groups", "--"]


def add_switch() -> int:
    """Adds a namespace with a bridge, for the first network number that nobody has taken, and gives the number."""
    first = random.SystemRandom().randrange(256)
    for number in (one % 256 for one in range(first, first + 256)):
        # To add a namespace fails if there is one of that name: two runs cannot get the same number.
        # A door outlives its host's namespace where nobody removed it: its number is passed by too.
        if not doors_of(number):
            with contextlib.suppress(OSError):
                ip("netns", "add", switch_of(number))
                return number
    raise OSError("all 256 numbers of networks are taken; `ip netns` shows by whom")


def switch_of(number: int) -> str:
    """The name of a network's switch."""
    return f"artifactd-{number}-switch"


def namespaces_of(number: int, count: int) -> list[str]:
    """The names of a network's hosts' namespaces."""
    return [f"artifactd-{number}-host-{place}" for place in range(1, count + 1)]


def door_of(number: int, place: int) -> str:
    """The name of a host's door on this side, where the test is."""
    return f"artd{number}-{place}"


def doors_of(number: int) -> list[str]:
    """The names of the doors of a network that are there."""
    return [path.name for path in Path("/sys/class/net").glob(f"artd{number}-*")]


def join(number: int, place: int, namespace: str) -> tuple[str, str]:
    """Makes a host's namespace and its two interfaces; gives its address and its door.

    The addresses are of 198.18.0.0/15, which RFC 2544 sets aside for laboratories.
    """
    switch, port, door = switch_of(number), f"host{place}", door_of(number, place)
    address, near, far = (
        f"198.18.{number}.{place}",
        f"198.19.{number}.{4 * place + 1}",
        f"198.19.{number}.{4 * place + 2}",
    )
    ip("netns", "add", namespace)
    ip("-n", namespace, "link", "add", "cluster", "type", "veth", "peer", "name", port, "netns", switch)
    ip("-n", switch, "link", "set", port, "master", "switch", "up")
    ip("-n", namespace, "link", "add", "door", "type", "veth", "peer", "name", door, "netns", str(os.getpid()))
    ip("-n", namespace, "address", "add", f"{address}/24", "dev", "cluster")
    ip("-n", namespace, "address", "add", f"{far}/30", "dev", "door")
    ip("address", "add", f"{near}/30", "dev", door)
    for words in (["-n", namespace, "link", "set", name] for name in ("lo", "cluster", "door")):
        ip(*words, "up")
    ip("link", "set", door, "up")
    return address, far


def make_hosts(count: int, folder: Path, number: int) -> list[Host]:
    """Makes a switch's bridge and the hosts around it."""
    switch = switch_of(number)
    ip("-n", switch, "link", "add", "switch", "type", "bridge", "forward_delay", "0")
    ip("-n", switch, "link", "set", "switch", "up")
    hosts: list[Host] = []
    for place, namespace in enumerate(namespaces_of(number, count), 1):
        address, door = join(number, place, namespace)
        name = f"host-{place}"
        hosts.append(NamespaceHost(name, folder / name, address, door, namespace, f"{switch}/host{place}"))
    return hosts


def loopback_hosts(count: int, folder: Path) -> list[Host]:
    """Hosts on loopback addresses that hardly anybody else uses."""
    chance = random.SystemRandom()
    network = f"127.{chance.randrange(1, 255)}.{chance.randrange(1, 255)}"
    return [
        LoopbackHost(f"host-{place}", folder / f"host-{place}", f"{network}.{place}") for place in range(1, count + 1)
    ]


@contextlib.contextmanager
def laboratory(count: int) -> Iterator[list[Host]]:
    """Hosts, which are removed with all that runs on them at the end, also when this process is killed.

    `ARTIFACTD_TEST_CLUSTER_DIR` names a folder in which the hosts' folders are made, and left to read their logs.
    """
    kept = os.environ.get("ARTIFACTD_TEST_CLUSTER_DIR")
    folder = Path(tempfile.mkdtemp(prefix="artifactd-cluster-", dir=kept))
    folder.chmod(0o755)
    number = add_switch() if can_make_namespaces() else None
    parts = {
        "doors": [] if number is None else [door_of(number, place) for place in range(1, count + 1)],
        "namespaces": [] if number is None else [*namespaces_of(number, count), switch_of(number)],
        "marks": [(folder / f"host-{place}").as_posix() for place in range(1, count + 1)],
        "folder": None if kept else str(folder),
    }
    guard = subprocess.Popen(
        [sys.executable, "-m", "cluster.guard", json.dumps(parts)],
        env={"PATH": PROGRAMS, "PYTHONPATH": f"{ROOT / 'tests'}"},
        stdin=subprocess.PIPE,
        start_new_session=True,
    )
    hosts: list[Host] = []
    try:
        hosts += loopback_hosts(count, folder) if number is None else make_hosts(count, folder, number)
        yield hosts
    finally:
        assert guard.stdin
        guard.stdin.close()
        guard.wait(60)
        for host in hosts:
            host.wait()
