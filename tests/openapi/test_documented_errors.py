"""Every error that the document tells of can really be had, from the operation for which it is told."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

import pytest
from support import Api, DirectApi, LiveServer, Reply, error_of, running_app

from artifactd.access import Caller, Verb
from artifactd.auth import Authenticator
from artifactd.errors import Unauthenticated, Unavailable
from artifactd.rest.openapi import openapi_document
from artifactd.rest.routes import OPERATIONS
from artifactd.settings import Settings

DOCUMENT = openapi_document()
ARTIFACT_ID = "01936f00-0000-7000-8000-000000000000"
"""The id that the examples of the document use: here it is the first artifact's."""
BODIES = {operation.name: operation.example for operation in OPERATIONS if operation.body}
TOLD = [
    (path, method.upper(), document["operationId"], int(status))
    for path, methods in DOCUMENT["paths"].items()
    for method, document in methods.items()
    for status in document["responses"]
    if int(status) >= 400 and path != "/readyz"
]


KEY_ID: list[str] = []
"""The id of the key that team-a has."""


class Door(Authenticator):
    """An authenticator that does what the `Authorization` header tells it to."""

    async def authenticate(self, headers: Mapping[str, str], address: str) -> Caller:
        """The caller, or what may go wrong on the way to it."""
        del address
        match headers.get("authorization", ""):
            case "owner":
                return Caller("owner", {"team-a": frozenset(Verb)})
            case "stranger":
                return Caller("stranger", {"team-b": frozenset(Verb)})
            case "outage":
                raise Unavailable("nobody can be told from anybody now")
            case "bug":
                raise RuntimeError("a bug")
        raise Unauthenticated("say who you are")


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """A client of a server with narrow limits, on which team-a has an artifact, a metric, a task and a run."""
    store = f"sqlite:///{tmp_path_factory.mktemp('errors')}/store.db"
    narrow = Settings(
        port=0,
        access_log=False,
        auth=("keys",),
        body_bytes_max=1_024,
        request_line_bytes_max=1_024,
        body_timeout_s=0.1,
    )
    ids = iter([ARTIFACT_ID, *(f"01936f00-0000-7000-8000-{number:012}" for number in range(1, 1_000))])
    with running_app(store, narrow, authenticator=Door(), new_id=lambda: next(ids)) as (url, _):
        api = Api(url)
        for name in ("create_artifact", "create_task", "log_metric", "create_key"):
            operation = next(item for item in OPERATIONS if item.name == name)
            made = api.raw("POST", operation.path, encoded(operation.example), {"Authorization": "owner"})
        KEY_ID[:] = [made.json["api_key"]["key_id"]]
        yield api
        api.close()


def encoded(message: Any) -> bytes:
    return json.dumps(message).encode()


def filled(path: str, *, known: bool) -> str:
    """A path with the ids of what exists, or of what does not."""
    values = {"artifact_id": ARTIFACT_ID, "task_id": "train-1", "run_id": "run-1", "name": "val/accuracy"}
    values |= {"key_id": KEY_ID[0]}
    for name, value in values.items():
        path = path.replace("{" + name + "}", value if known else "unknown")
    return path


def send(api: Api, path: str, method: str, name: str, caller: str = "owner", **more: Any) -> Reply:
    """Sends the example of an operation; `more` changes one thing of it."""
    body = more.get("body", encoded(BODIES[name]) if name in BODIES else None)
    headers = {"Authorization": caller} | more.get("headers", {})
    return api.raw(method, filled(path, known=more.get("known", True)) + more.get("query", ""), body, headers)


def not_found(api: Api, path: str, method: str, name: str) -> Reply:
    """What a stranger is told, who names what belongs to others; or anyone, who names what does not exist."""
    if name == "create_artifact":
        return send(api, path, method, name, "stranger", body=encoded({**BODIES[name], "task_id": "train-1"}))
    if name == "batch_create_artifacts":
        body = {"artifacts": [{"artifact": {"name": "x"}, "task_id": "train-1"}]}
        return send(api, path, method, name, "stranger", body=encoded(body))
    if name == "get_lineage":
        return send(api, path, method, name, query="?task_id=unknown")
    return send(api, path, method, name, "stranger")


def too_slow(api: Api, path: str, method: str) -> Reply:
    """What is told to a client that announces a body and never sends it."""
    parts = urlsplit(api.url)
    assert parts.hostname
    head = f"{method} {filled(path, known=True)} HTTP/1.1\r\nHost: {parts.netloc}\r\nAuthorization: owner\r\n"
    with socket.create_connection((parts.hostname, parts.port or 80), timeout=30) as connection:
        connection.sendall(f"{head}Content-Type: application/json\r\nContent-Length: 10\r\n\r\n".encode())
        received = b""
        while chunk := connection.recv(65_536):
            received += chunk
            if received.endswith(b"}"):
                break
    start, _, body = received.partition(b"\r\n\r\n")
    return Reply(int(start.split()[1]), {}, body)


CHANGES: dict[int, dict[str, Any]] = {
    400: {"query": "?nonsense=1"},
    401: {"caller": ""},
    403: {"headers": {"Origin": "https://elsewhere.example"}},
    413: {"body": b" " * 2_000},
    414: {"query": "?" + "x" * 2_000},
    415: {"headers": {"Content-Type": "text/plain"}},
    500: {"caller": "bug"},
    503: {"caller": "outage"},
}
"""What to change of the example to get an error."""


def provoke(api: Api, path: str, method: str, name: str, status: int) -> Reply:
    """An answer of that status."""
    if status == 404:
        return not_found(api, path, method, name)
    if status == 408:
        return too_slow(api, path, method)
    if status == 409:
        key = {"Idempotency-Key": name}
        assert send(api, path, method, name, headers=key).status == 200
        return send(api, path, method, name, headers=key, body=encoded(BODIES[name]) + b" ")
    return send(api, path, method, name, **CHANGES[status])


@pytest.mark.parametrize(
    ("path", "method", "name", "status"), TOLD, ids=[f"{name}-{status}" for _, _, name, status in TOLD]
)
def test_a_documented_error_can_be_had(path: str, method: str, name: str, status: int, api: Api) -> None:
    reply = provoke(api, path, method, name, status)

    assert reply.status == status
    assert error_of(reply)["message"]


@pytest.mark.parametrize("status", [401, 503])
def test_an_error_carries_the_headers_that_the_document_requires(status: int, api: Api) -> None:
    required = DOCUMENT["components"]["responses"][f"Error{status}"]["headers"]

    reply = provoke(api, "/apis/v2beta1/artifacts", "GET", "list_artifacts", status)

    assert {name.lower() for name, header in required.items() if header["required"]} <= set(reply.headers)


def test_get_artifact_answers_304_when_the_entity_tag_is_known(api: Api) -> None:
    reply = send(api, "/apis/v2beta1/artifacts/{artifact_id}", "GET", "get_artifact", headers={"If-None-Match": "*"})

    assert reply.status == 304


READYZ: dict[int, dict[str, Any]] = {
    200: {"target": "/readyz"},
    403: {"target": "/readyz", "headers": {"Origin": "https://elsewhere.example"}},
    414: {"target": "/readyz?" + "x" * (1 << 18)},
}


@pytest.mark.parametrize("status", READYZ)
def test_readyz_answers_as_documented(status: int, database_url: str) -> None:
    api = DirectApi(database_url)

    reply = api.raw("GET", **READYZ[status])

    assert reply.status == status
    assert str(status) in DOCUMENT["paths"]["/readyz"]["get"]["responses"]
    api.close()


def test_readyz_answers_503_once_the_store_is_closed(database_url: str) -> None:
    api = DirectApi(database_url)
    api._runner.run(api.store.close())

    reply = api.raw("GET", "/readyz")

    assert reply.status == 503
    assert error_of(reply)["code"] == 14
    api._runner.close()


def test_a_query_over_64_kib_that_is_within_the_limit_is_served(live_server: LiveServer) -> None:
    with closing(Api(live_server.url)) as api:
        reply = api.raw("GET", "/apis/v2beta1/metrics?" + "&".join(["task_ids=" + "t" * 100] * 700))

    assert reply.status == 200


def test_a_query_beyond_the_limit_is_a_414_however_long_it_is(live_server: LiveServer) -> None:
    with closing(Api(live_server.url)) as api:
        reply = api.raw("GET", "/apis/v2beta1/metrics?namespace=" + "x" * 150_000)

    assert reply.status == 414
    assert error_of(reply)["code"] == 3
