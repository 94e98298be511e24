"""The laboratory does to its hosts what it says, and leaves nothing behind."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from cluster.hosts import Host, doors_of
from cluster.processes import in_namespace, marked
from cluster.waiting import wait_until
from support import ROOT

pytestmark = pytest.mark.cluster

PORT = 18080
LISTEN = f"""
import socket, sys
server = socket.create_server((sys.argv[1], {PORT}))
while True:
    server.accept()[0].sendall(b"here")
"""
ASK = f"""
import socket, sys
socket.create_connection((sys.argv[1], {PORT}), 1).recv(4) == b"here" or sys.exit(1)
"""
FAMILY = """
import signal, subprocess, sys
wait = "import signal; signal.pause()"
parent = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', '{wait}'], start_new_session=True, env={{}})"
subprocess.Popen([sys.executable, "-c", f"{parent}; {wait}"], start_new_session=True)
signal.pause()
"""
BUILD = """
import json, sys
from cluster.hosts import laboratory
with laboratory(2) as hosts:
    for host in hosts:
        host.start("child", [sys.executable, "-c", "import signal; signal.pause()"])
    print(json.dumps([str(hosts[0].folder), hosts[0].entrance[3:4]]), flush=True)
    sys.stdin.read()
"""


def answers(host: Host, *, of: Host) -> bool:
    """Whether a program on `of` reaches the one on a host, by its place in the cluster's network."""
    return of.start("ask", [sys.executable, "-c", ASK, host.address]).wait(20) == 0


@pytest.fixture
def listening(hosts: list[Host]) -> list[Host]:
    """Hosts on each of which a program listens at all addresses."""
    for host in hosts:
        host.kill()
        everywhere = "0.0.0.0" if host.can_be_cut else host.address
        host.start("listen", [sys.executable, "-c", LISTEN, everywhere])
        wait_until(lambda host=host: answers(host, of=host), 20, "a listening program")  # type: ignore[misc]
    return hosts


def test_hosts_reach_each_other(listening: list[Host]) -> None:
    assert all(answers(host, of=other) for host in listening for other in listening)


def test_a_host_that_is_cut_off_is_reached_by_its_door_alone_until_it_is_healed(listening: list[Host]) -> None:
    one, two, three = listening
    if not one.can_be_cut:
        with pytest.raises(NotImplementedError):
            one.cut()
        return

    one.cut()

    assert [answers(one, of=two), answers(two, of=one), answers(three, of=two)] == [False, False, True]
    with socket.create_connection((one.door, PORT), 5) as connection:
        assert connection.recv(4) == b"here"

    one.heal()

    wait_until(lambda: answers(one, of=two), 20, "a healed host")
    assert answers(two, of=one)


def test_to_kill_a_host_ends_every_process_on_it_and_none_elsewhere(listening: list[Host]) -> None:
    one, two, _ = listening
    one.start("family", [sys.executable, "-c", FAMILY])
    wait_until(lambda: len(one.processes()) == 4, 20, "a program with a child and a grandchild")

    one.kill()

    assert one.processes() == []
    assert len(two.processes()) == 1


def test_a_killed_host_starts_again(listening: list[Host]) -> None:
    one, two, _ = listening
    one.kill()
    assert not answers(one, of=two)

    one.start("listen", [sys.executable, "-c", LISTEN, "0.0.0.0" if one.can_be_cut else one.address])

    wait_until(lambda: answers(one, of=two), 20, "a host that was started again")


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_laboratory_is_removed_however_its_builder_ends(how: signal.Signals) -> None:
    path = [str(ROOT / "tests"), str(ROOT / "src"), os.environ.get("PYTHONPATH", "")]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(path)}
    environment.pop("ARTIFACTD_TEST_CLUSTER_DIR", None)
    # A shell in the background ignores Ctrl-C, and so would all that it starts.
    heed = "import signal\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"
    words = [sys.executable, "-c", heed + BUILD]
    with subprocess.Popen(words, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=-3) as builder:
        assert builder.stdout
        folder, namespace = json.loads(builder.stdout.readline())
        started = marked(folder)
        with contextlib.ExitStack() as kept:
            # The kernel keeps a namespace while somebody has it open, as it does for a while in any case.
            for name in namespace:
                kept.enter_context(Path("/run/netns", name).open("rb"))

            builder.send_signal(how)

            builder.wait(30)
            wait_until(lambda: not Path(folder).parent.exists(), 30, "the removal of the laboratory's folder")
            assert not [door for name in namespace for door in doors_of(int(name.split("-")[1]))]
    assert len(started) == 1
    assert marked(folder) == []
    assert all(in_namespace(name) == [] and not Path("/run/netns", name).exists() for name in namespace)
