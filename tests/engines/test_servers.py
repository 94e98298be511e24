"""Throw-away servers: they start, keep to themselves, survive what they should and leave nothing."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from engines.servers import SERVERS, Server, free_port, wait_until

pytestmark = pytest.mark.engines("postgresql", "mariadb")
ABANDONING = """
import sys
from engines.servers import SERVERS
server = SERVERS[sys.argv[1]]().start()
print(server.folder, server.pid, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def server(engine: str) -> Iterator[Server]:
    with SERVERS[engine](durable=True) as server:
        yield server


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_a_server_keeps_its_data_and_its_port_over_a_crash_and_leaves_nothing_in_the_end(server: Server) -> None:
    port, folder = server.port, server.folder
    server.create_database("test_kept")
    with server.connect("test_kept") as connection:
        connection.execute("CREATE TABLE kept (number int); INSERT INTO kept VALUES (7)")

    server.kill()
    assert not listens(port)
    server.start()
    with server.connect("test_kept") as connection:
        assert [*map(tuple, connection.execute("SELECT number FROM kept")[0])] == [(7,)]
    server.stop()
    assert not listens(port)
    server.start()
    assert server.port == port
    assert listens(port)
    server.close()

    assert not alive(server.pid)
    assert not folder.exists()


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGINT], ids=["killed", "interrupted"])
def test_nothing_is_left_behind_by_tests_that_end_badly(engine: str, ending: signal.Signals) -> None:
    paths = os.pathsep.join(path for path in sys.path if path)
    tests = subprocess.Popen(
        [sys.executable, "-c", ABANDONING, engine],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "PYTHONPATH": paths},
    )
    assert tests.stdout is not None
    folder, pid = tests.stdout.readline().split()
    assert alive(int(pid))

    tests.send_signal(ending)

    tests.communicate()
    assert wait_until(lambda: None if alive(int(pid)) or Path(folder).exists() else True, timeout_s=30)


def test_a_server_that_cannot_start_says_why(engine: str) -> None:
    server = SERVERS[engine](settings={"no_such_setting": "1"})

    with pytest.raises(AssertionError, match=r"no.such.setting"):
        server.start()

    server.close()
    assert not server.folder.exists()


def test_a_port_that_is_taken_is_not_given() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", free_port()))

        assert free_port() != taken.getsockname()[1]
