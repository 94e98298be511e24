"""How commands end: an exit code for each cause, and an error that says what to do, whatever the server does."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from cli.conftest import Cli
from cli.processes import TIMEOUT_S, answering, command, environment, http, run
from support import Api, running_app

from artifactd.access import ANYONE, Caller
from artifactd.auth import Authenticator
from artifactd.cli.failing import EXIT_CODES
from artifactd.errors import PermissionDenied, Unauthenticated

PAGE = http("200 OK", b'{"artifacts": [], "total_size": 0, "next_page_token": ""}')
BUSY = http("503 Busy", b'{"code": 14, "message": "the write queue is full", "details": []}', Retry_After="0")


class Keys(Authenticator):
    """Lets the key `good` in, forbids the key `weak`, and knows no other."""

    async def authenticate(self, headers: Mapping[str, str], address: str) -> Caller:
        del address
        given = headers.get("authorization", "")
        if given == "Bearer weak":
            raise PermissionDenied("this key may not read")
        if given != "Bearer good":
            raise Unauthenticated("no credentials")
        return ANYONE


def test_a_result_ends_with_0_and_nothing_else_is_on_standard_output(cli: Cli) -> None:
    done = cli("artifact", "list")

    assert done == (0, "", "no artifacts\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("artifact", "list", "--nonsense"), "No such option"),
        (("artifact", "list", "--where", "typ=Model"), "did you mean 'type'?"),
        (("artifact", "list", "--filter", "{"), "is not a filter, such as"),
        (("artifact", "list", "--sort", "uri"), "is not one of these fields, alone or with asc or desc"),
        (("artifact", "list", "--columns", "nam"), "did you mean 'name'?"),
        (("artifact", "list", "--all", "--limit", "3"), "--all and --limit do not go together"),
        (("artifact", "list", "--json", "--columns", "name"), "--columns is for tables and CSV"),
        (("artifact", "list", "--limit", "0"), "0 is not in the range x>=1"),
        (("artifact", "list", "--server", "localhost:8888"), "is not a base URL; give one like http://127.0.0.1:8888"),
        (("artifact", "list", "--server", "http://[::1"), "is not a base URL"),
        (("artifact", "list", "--server", "http://h:99999"), "is not a base URL"),
        (("artifact", "list", "--api-key", "a\nb"), "holds a character that no header can carry"),
        (("artifact", "create", "--name", "n", "--metadata", "[1]"), "is not a JSON object"),
        (("artifact", "create", "--name", "n", "--metadata", "{"), "is not JSON: Expecting property name"),
        (("artifact", "create", "--name", "n", "--metadata", "@/nowhere"), "/nowhere cannot be read: No such file"),
        (("artifact", "create", "--name", "n", "--key", "k"), "--key needs --task"),
        (("artifact", "update", "x"), "Nothing to change"),
        (("metric", "log", "t", "loss", "high"), "'high' is no number, and no JSON object or array"),
        (("metric", "log", "t", "loss"), "Give TASK_ID NAME VALUE"),
        (("metric", "log", "t", "loss", "1", "--at", "soon"), "'soon' is not a time"),
        (("lineage",), "give one of ARTIFACT_ID, --artifact, --task and --run"),
        (("lineage", "a", "--task", "t"), "give one of ARTIFACT_ID, --artifact, --task and --run"),
        (("artifact", "list", "--page-token", "made-up"), "page_token"),
    ],
)
def test_a_request_that_is_not_right_ends_with_2(cli: Cli, arguments: tuple[str, ...], said: str) -> None:
    done = cli(*arguments)

    assert (done.code, done.out) == (2, "")
    assert said in done.err.replace("\n", " ")


@pytest.mark.parametrize(
    ("arguments", "advice"),
    [
        (("artifact", "get", "missing"), "Find it with: artifactd artifact list --where"),
        (("artifact", "update", "missing", "--name", "n"), "Find it with: artifactd artifact list --where"),
        (("metric", "get", "t", "missing"), "See what there is with: artifactd metric list --task t"),
        (("metric", "history", "t", "missing"), "See what there is with: artifactd metric list --task t"),
        (("task", "get", "missing"), "Find it with: artifactd task list --where"),
        (("run", "get", "missing"), "Find it with: artifactd run list --where"),
        (("lineage", "--run", "missing"), "Find it with: artifactd artifact list"),
    ],
)
def test_what_is_not_there_ends_with_3_and_how_to_find_it(cli: Cli, arguments: tuple[str, ...], advice: str) -> None:
    done = cli(*arguments)

    assert (done.code, done.out) == (3, "")
    assert done.err.startswith("Error: ")
    assert advice in done.err


def test_no_key_and_a_weak_one_end_with_4(tmp_path: Path) -> None:
    with running_app(f"sqlite:///{tmp_path}/store.db", authenticator=Keys()) as (url, _):
        env = environment(tmp_path, ARTIFACTD_SERVER=url)
        none, weak, good = (
            run(env | key, "artifact", "list")
            for key in ({}, {"ARTIFACTD_API_KEY": "weak"}, {"ARTIFACTD_API_KEY": "good"})
        )

    assert [none.code, weak.code, good.code] == [4, 4, 0]
    assert "Give the server's API key with --api-key or in ARTIFACTD_API_KEY" in none.err
    assert "use another key" in weak.err


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("http://127.0.0.1:1", "Connection refused). Start one with `artifactd serve`"),
        ("http://nowhere.invalid", "no artifactd server answers at http://nowhere.invalid"),
    ],
)
def test_a_server_that_cannot_be_reached_ends_with_5(cli: Cli, address: str, said: str) -> None:
    done = cli("artifact", "list", "--server", address)

    assert (done.code, done.out) == (5, "")
    assert said in done.err


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (http("200 OK", b"<html>Sign in</html>"), "HTTP 200 and no artifactd message. Is it an artifactd server?"),
        (http("502 Bad Gateway", b"<html>"), "HTTP 502 and no artifactd message"),
        (http("302 Found", b"", Location="http://127.0.0.1:1/"), "HTTP 302 and no artifactd message"),
        (http("200 OK", b"[" * 100_000), "HTTP 200 and no artifactd message"),
        (http("200 OK", b'{"artifacts": 5}'), "with no list of artifacts"),
        (http("200 OK", b'{"artifacts": [1], "total_size": 1, "next_page_token": ""}'), "with no list of artifacts"),
        (http("200 OK", b"{}"), "with no list of artifacts"),
        (http("200 OK", b'{"artifacts": [], "total_size": 9, "next_page_token": "t"}'), "the same page for ever"),
        (b"\x00\xff nonsense\r\n\r\n", "no artifactd server answers"),
        (b"", "no artifactd server answers"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", "no artifactd server answers"),
        (BUSY, "refuses GET /apis/v2beta1/artifacts: the write queue is full"),
    ],
    ids=[
        "sign-in",
        "html",
        "redirect",
        "deep",
        "no-list",
        "no-objects",
        "empty",
        "endless",
        "nonsense",
        "closed",
        "cut",
        "busy",
    ],
)
def test_a_server_that_answers_nonsense_ends_with_5_and_no_traceback(tmp_path: Path, answer: bytes, said: str) -> None:
    with answering(answer) as url:
        done = run(environment(tmp_path, ARTIFACTD_SERVER=url), "artifact", "list", "--all")

    assert done.code == 5
    assert said in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize("status", ["401 Unauthorized", "403 Forbidden"])
def test_a_proxy_that_lets_nobody_in_ends_with_4(tmp_path: Path, status: str) -> None:
    with answering(http(status, b"<html>Sign in</html>")) as url:
        done = run(environment(tmp_path, ARTIFACTD_SERVER=url), "artifact", "list")

    assert done.code == 4


def test_a_server_that_hangs_ends_with_5_after_the_time_given(tmp_path: Path) -> None:
    with answering(None) as url:
        done = run(environment(tmp_path, ARTIFACTD_SERVER=url), "artifact", "list", "--timeout", "0.2")

    assert done.code == 5
    assert "did not answer GET /apis/v2beta1/artifacts within 0.2 seconds. Give it longer with --timeout" in done.err


def test_a_server_without_tls_is_told_from_one_with_it(tmp_path: Path) -> None:
    with answering(PAGE) as url:
        done = run(environment(tmp_path, ARTIFACTD_SERVER=url.replace("http", "https")), "artifact", "list")

    assert done.code == 5
    assert "wrong version number" in done.err


def test_a_busy_server_is_asked_again(tmp_path: Path) -> None:
    with answering(BUSY, PAGE) as url:
        done = run(environment(tmp_path, ARTIFACTD_SERVER=url), "artifact", "list")

    assert done.code == 0


def test_a_connection_that_breaks_is_tried_once_more(tmp_path: Path) -> None:
    with answering(b"", PAGE) as url:
        done = run(environment(tmp_path, ARTIFACTD_SERVER=url), "artifact", "list")

    assert done.code == 0


def test_a_write_whose_answer_is_lost_is_sent_again_under_its_key(tmp_path: Path) -> None:
    made = http("200 OK", b'{"artifact_id": "made"}')
    with answering(b"", made) as url:
        done = run(environment(tmp_path, ARTIFACTD_SERVER=url), "artifact", "create", "--name", "n")

    assert (done.code, done.out) == (0, "made\n")


@pytest.mark.parametrize(
    "arguments",
    [("metric", "get", "t", b"\xff"), ("artifact", "list", "--page-token", b"\xff"), ("run", "get", b"\xff")],
)
def test_an_argument_that_is_no_text_ends_with_2(env: dict[str, str], arguments: tuple[str | bytes, ...]) -> None:
    line = [*command(), *arguments]

    done = subprocess.run(line, env=env, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)

    assert (done.returncode, done.stderr) == (2, "Error: an argument is not valid UTF-8.\n")


@pytest.mark.parametrize("body", [b"{}", b'{"artifacts": [{}], "tasks": [{}], "artifact_tasks": [{}]}'])
@pytest.mark.parametrize(
    "arguments", [("lineage", "a"), ("artifact", "get", "a"), ("task", "get", "t"), ("run", "get", "r")]
)
def test_an_answer_that_lacks_what_it_should_hold_is_no_bug(
    tmp_path: Path, body: bytes, arguments: tuple[str, ...]
) -> None:
    with answering(http("200 OK", body)) as url:
        done = run(environment(tmp_path, ARTIFACTD_SERVER=url), *arguments)

    assert done.code in (0, 5)
    assert "Traceback" not in done.err


def test_words_of_the_server_cannot_drive_the_terminal(tmp_path: Path) -> None:
    answer = http("400 Bad Request", json.dumps({"code": 3, "message": "\x1b[2Jgone", "details": []}).encode())
    with answering(answer) as url:
        done = run(environment(tmp_path, ARTIFACTD_SERVER=url), "artifact", "list")

    assert done.code == 2
    assert "\\x1b[2Jgone" in done.err


def test_a_conflict_ends_with_6(cli: Cli, server: Api) -> None:
    server.artifact(name="first", request={"task_id": "t"})
    cli("artifact", "create", "--name", "a", "--idempotency-key", "once")

    done = cli("artifact", "create", "--name", "b", "--idempotency-key", "once")

    assert (done.code, done.out) == (6, "")


@pytest.fixture
def _heeded_ctrl_c() -> Iterator[None]:
    """A shell in the background ignores the signal, and so would all that it starts."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("_heeded_ctrl_c")
def test_ctrl_c_ends_with_130_and_no_traceback(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        env = environment(tmp_path, ARTIFACTD_SERVER=f"http://127.0.0.1:{listener.getsockname()[1]}")
        line = command("artifact", "list")
        with subprocess.Popen(line, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            connection, _ = listener.accept()
            assert connection.recv(1)
            process.send_signal(signal.SIGINT)
            _, said = process.communicate(timeout=TIMEOUT_S)
            connection.close()

    assert (process.returncode, "Traceback" in said) == (130, False)


def test_the_exit_codes_are_in_the_help(cli: Cli) -> None:
    shown = cli("--help").out

    assert all(f"  {code}" in shown and meaning.split(":")[0] in shown for code, meaning in EXIT_CODES.items())
