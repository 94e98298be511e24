"""No secret stands in what the server says or keeps, and nothing that a client sends writes lines of its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from auth.conftest import as_caller
from rest.callers import CallerApi
from support import Api, LiveServer

from artifactd.api_keys import key_digest

NewKey = Callable[..., str]


@pytest.fixture
def server(database_url: str) -> Iterator[LiveServer]:
    """A server that logs all that it can."""
    server = LiveServer(database_url, "--auth", "keys", "--log-level", "debug", "--access-log")
    yield server
    server.kill()


def test_no_key_stands_in_the_log_or_an_answer(server: LiveServer, new_key: NewKey) -> None:
    key = new_key("admin", "a", expires_at_us=None)
    wrong = key[:-3] + "AAA"
    with as_caller(server.url, key) as api:
        api.artifact()
        made = api.ok("POST", "/keys", {"api_key": {"name": "x", "role": "reader", "namespaces": ["a"]}})["key"]
        answers = [api.request("GET", "/keys").body, api.request("GET", f"/artifacts/{wrong}").body]
    for credential in (wrong, f"Basic {key}", f"{key}, {key}"):
        with CallerApi(server.url, credential) as api:
            answers.append(api.request("GET", "/artifacts").body)
    assert server.stop() == 0

    said = server.output + server.errors + b"".join(answers).decode()
    assert "list_keys" in server.errors
    assert [text for text in (key, made) if text[-43:] in said] == []
    # What was asked for stands in the log; that it was a credential elsewhere does not.
    assert wrong[-43:] not in server.errors.replace(f"/artifacts/{wrong}", "")


@pytest.mark.engines("sqlite")
def test_a_store_has_a_digest_and_no_key(database_url: str, new_key: NewKey) -> None:
    key = new_key("admin", "a")
    path = Path(database_url.removeprefix("sqlite:///"))
    kept = b"".join(file.read_bytes() for file in path.parent.iterdir())

    assert key_digest(key) in kept
    assert key[-43:].encode() not in kept


@pytest.mark.parametrize(
    "text", ['x\n{"event": "request"}', "x\r\nlevel=info", "x\u2028y", "\x1b[2J\x1b[31mred", 'x", "caller": "root']
)
@pytest.mark.engines("sqlite")
def test_nothing_that_a_client_sends_makes_lines_of_its_own(server: LiveServer, new_key: NewKey, text: str) -> None:
    with as_caller(server.url, new_key("writer", "a")) as api:
        api.artifact(name=text)
        api.request("GET", "/artifacts/" + text.encode().hex(), headers={"User-Agent": "x", "X-Forwarded-For": "y"})
        api.request("POST", "/artifacts", {"artifact": {"name": "x", "namespace": text[:60]}})
    stranger = Api(server.url)
    stranger.raw("GET", "/" + "".join(f"%{byte:02x}" for byte in text.encode()))
    stranger.close()
    assert server.stop() == 0

    lines = [json.loads(line) for line in server.errors.splitlines()]
    assert {line["event"] for line in lines} <= {"request"}
    assert "root" not in {line.get("caller") for line in lines}
    assert "\x1b" not in server.errors
