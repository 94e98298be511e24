"""A client outlives a fork: parent and children go on with it at once, and no answer goes astray.

Each test is a program of its own, so that this process need not be forked.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from client.conftest import Certificates
from support import Api, LiveServer

PRELUDE = """
import multiprocessing, os, pickle, sys, threading
import artifactd_client
from artifactd_client import *

configuration = Configuration(host=sys.argv[1])
configuration.ssl_ca_cert = sys.argv[2] or None
Configuration.set_default(configuration)
client = ApiClient(pool_threads=2)
artifacts = ArtifactServiceApi(client)

def use(who, times):
    for number in range(times):
        name = f"{who}-{number}"
        made = artifacts.create_artifact({"artifact": {"name": name}})
        assert made.name == name, (made.name, name)
        assert artifacts.get_artifact(made.artifact_id) == made
        waiting = [artifacts.get_artifact(made.artifact_id, async_req=True) for _ in range(2)]
        assert [each.get(30) for each in waiting] == [made, made]

def child(work, *arguments):
    process_id = os.fork()
    if process_id:
        return process_id
    try:
        work(*arguments)
        os._exit(0)
    except BaseException:
        import traceback
        traceback.print_exc()
    finally:
        os._exit(1)

def wait(process_ids):
    assert [os.waitstatus_to_exitcode(os.waitpid(each, 0)[1]) for each in process_ids] == [0] * len(process_ids)

"""


def run(script: str, url: str, authority: str = "") -> None:
    """Runs a program to its end, which must be a good one."""
    command = [sys.executable, "-c", PRELUDE + script, url, authority]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


def names_in(api: Api) -> list[str]:
    """The names of all artifacts, in alphabetical order."""
    return sorted(each["name"] for each in api.walk("/artifacts", "artifacts", page_size=200))


@pytest.fixture
def own(live_server: LiveServer) -> Iterator[Api]:
    """A server in a process of its own, seen without the client."""
    api = Api(live_server.url)
    yield api
    api.close()


def test_parent_and_children_call_at_once_after_a_fork(own: Api) -> None:
    script = """
use("before", 2)
children = [child(use, f"child-{number}", 15) for number in range(4)]
use("parent", 15)
wait(children)
use("after", 2)
"""
    run(script, own.url)

    callers = {"before": 2, "parent": 15, "after": 2, **{f"child-{number}": 15 for number in range(4)}}
    assert names_in(own) == sorted(f"{who}-{number}" for who, times in callers.items() for number in range(times))


def test_parent_and_children_call_at_once_through_multiprocessing(own: Api) -> None:
    script = """
use("before", 2)
fork = multiprocessing.get_context("fork")
children = [fork.Process(target=use, args=(f"child-{number}", 15)) for number in range(3)]
for each in children: each.start()
use("parent", 15)
for each in children: each.join()
assert [each.exitcode for each in children] == [0, 0, 0]
"""
    run(script, own.url)

    assert len(names_in(own)) == 2 + 4 * 15


def test_a_pool_of_forked_workers_shares_what_its_parent_has_used(own: Api) -> None:
    script = """
use("before", 1)
def log(number):
    return artifacts.log_metric({"metric": {"task_id": f"t{number}", "name": "loss", "value": number}}).value
with multiprocessing.get_context("fork").Pool(3) as workers:
    assert workers.map(log, range(60)) == list(range(60))
"""
    run(script, own.url)

    assert len(own.walk("/metrics", "metrics", page_size=200)) == 60


def test_a_fork_in_the_midst_of_other_threads_calls_hangs_nobody(own: Api) -> None:
    script = """
use("before", 1)
sys.setswitchinterval(1e-5)
stopping = threading.Event()
def busy():
    while not stopping.is_set():
        artifacts.list_artifacts(page_size=1)
threads = [threading.Thread(target=busy) for _ in range(6)]
for each in threads: each.start()
def work(who):
    use(who, 1)
    client.close()
for number in range(40):
    wait([child(work, f"child-{number}")])
stopping.set()
for each in threads: each.join()
"""
    run(script, own.url)

    assert len(names_in(own)) == 41


def test_threads_of_a_child_that_call_first_at_once_use_no_connection_of_the_parent(own: Api) -> None:
    script = """
def at_once(who):
    barrier, wrong = threading.Barrier(8), []
    def work(number):
        try:
            barrier.wait()
            use(f"{who}-{number}", 2)
        except BaseException as error:
            wrong.append(error)
    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for each in threads: each.start()
    for each in threads: each.join()
    assert wrong == []
at_once("before")
children = [child(at_once, f"child-{number}") for number in range(3)]
at_once("parent")
wait(children)
"""
    run(script, own.url)

    assert len(names_in(own)) == 5 * 8 * 2


def test_a_childs_child_has_connections_of_its_own(own: Api) -> None:
    script = """
def of_a_child():
    use("child", 2)
    grandchild = child(use, "grandchild", 10)
    use("child-again", 10)
    wait([grandchild])
use("before", 2)
children = [child(of_a_child)]
use("parent", 10)
wait(children)
"""
    run(script, own.url)

    assert len(names_in(own)) == 34


def test_a_child_that_closes_its_client_closes_nothing_of_the_parent(own: Api) -> None:
    script = """
use("before", 2)
waiting = [artifacts.list_artifacts(page_size=1, async_req=True) for _ in range(5)]
pool, manager = client.pool, client.rest_client.pool_manager
def close():
    client.close()
    use("child", 1)
    client.close()
wait([child(close)])
assert client.pool is pool and client.rest_client.pool_manager is manager and len(manager.pools) == 1
assert [len(each.get(30).artifacts) for each in waiting] == [1] * 5
use("parent", 2)
"""
    run(script, own.url)

    assert len(names_in(own)) == 5


def test_a_child_that_ends_as_programs_end_complains_of_nothing(own: Api) -> None:
    script = """
use("before", 2)
process_id = os.fork()
use("child" if process_id == 0 else "parent", 2)
if process_id:
    wait([process_id])
"""
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", PRELUDE + script, own.url, ""]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert (done.returncode, done.stderr) == (0, "")
    assert len(names_in(own)) == 6


def test_messages_errors_and_settings_cross_the_border_of_a_spawned_process(own: Api, tmp_path: Path) -> None:
    script = """
def ask(configuration, message):
    with ApiClient(configuration) as mine:
        service = ArtifactServiceApi(mine)
        return service.create_artifact(V2beta1CreateArtifactRequest(artifact=message))

def fail(configuration):
    with ApiClient(configuration) as mine:
        ArtifactServiceApi(mine).get_artifact("no-such")

if __name__ == "__main__":
    use("before", 1)
    with multiprocessing.get_context("spawn").Pool(2) as workers:
        sent = V2beta1Artifact(name="iris", metadata={"a": [1, None]})
        made = workers.apply(ask, (configuration, sent))
        assert made == artifacts.get_artifact(made.artifact_id) and made.metadata == {"a": [1, None]}
        try:
            workers.apply(fail, (configuration,))
        except ApiException as error:
            assert (error.status, error.code, "no-such" in error.message) == (404, 5, True)
            assert error.headers["content-type"] == "application/json"
        else:
            raise AssertionError("no error")
"""
    program = tmp_path / "program.py"
    program.write_text(PRELUDE + script)

    command = [sys.executable, str(program), own.url, ""]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == 0, done.stderr
    assert names_in(own) == ["before-0", "iris"]


class Echo(BaseHTTPRequestHandler):
    """Answers each path with an artifact of that id, and keeps the connection open."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = json.dumps({"artifact_id": self.path.rpartition("/")[2]}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing is printed."""


@pytest.fixture
def tls_url(certificates: Certificates) -> Iterator[str]:
    """The URL of an echo behind TLS."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        server.daemon_threads = True
        server.socket = certificates.good.context().wrap_socket(server.socket, server_side=True)
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"https://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def test_parent_and_child_go_on_through_tls(tls_url: str, certificates: Certificates) -> None:
    script = """
def echo(who, times):
    for number in range(times):
        name = f"{who}-{number}"
        assert artifacts.get_artifact(name).artifact_id == name
        assert artifacts.get_artifact(name, async_req=True).get(30).artifact_id == name
echo("before", 2)
children = [child(echo, f"child-{number}", 20) for number in range(3)]
echo("parent", 20)
wait(children)
echo("after", 2)
"""
    run(script, tls_url, certificates.authority)
