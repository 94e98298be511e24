"""Values that would be more than values elsewhere: through every parameter, path, filter and token they are text."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest
from auth.conftest import Serve, as_caller
from rest.callers import CallerApi

from artifactd.rest.routes import OPERATIONS

PAYLOADS = [
    "' OR '1'='1",
    "' OR 1=1 -- ",
    '" OR ""="',
    "'; DROP TABLE artifacts; --",
    "') UNION SELECT key_id, digest FROM api_keys --",
    "\\' OR 1=1 #",
    "%",
    "_",
    "%' ESCAPE '!",
    "${7*7}{{7*7}}",
    "../../etc/passwd",
    "(SELECT pg_sleep(5))",
]
READS = [operation for operation in OPERATIONS if operation.method == "GET" and operation.tag != "KeyService"]


@pytest.fixture
def known(serve: Serve, new_key: Callable[..., str]) -> Iterator[CallerApi]:
    """A caller of one namespace, beside another in which there is something."""
    with serve(auth=("keys",)) as url:
        with as_caller(url, new_key("writer", "b")) as other:
            other.artifact(name="theirs", request={"task_id": "tb", "run_id": "rb"})
            other.metric(task_id="tb", name="loss")
        with as_caller(url, new_key("writer", "a")) as api:
            api.artifact(name="mine", request={"task_id": "ta", "run_id": "ra"})
            yield api


def assert_harmless(api: CallerApi, body: bytes) -> None:
    """Nothing of the other namespace shows, and all is there as before."""
    assert b"theirs" not in body
    assert b"root:" not in body
    assert api.get("/artifacts")["total_size"] == 1


@pytest.mark.parametrize("operation", READS, ids=lambda operation: operation.name)
def test_no_parameter_is_more_than_text(known: CallerApi, operation: Any) -> None:
    for payload in PAYLOADS:
        path = operation.path
        for name in ("artifact_id", "task_id", "run_id", "name"):
            path = path.replace("{" + name + "}", quote(payload, safe=""))
        for parameter in ("", *operation.parameters):
            query = f"?{parameter}={quote(payload)}" if parameter else ""
            reply = known.raw("GET", path + query)
            assert reply.status in (200, 400, 403, 404), (operation.name, parameter, payload, reply)
            assert_harmless(known, reply.body)


@pytest.mark.parametrize("noun", ["artifacts", "metrics", "tasks", "runs", "artifact_tasks"])
def test_no_filter_is_more_than_a_comparison(known: CallerApi, noun: str) -> None:
    for payload in PAYLOADS:
        for key in ("name", "namespace", "task_id", "artifact_id", payload, f"metadata.{payload}"):
            for operation in ("EQUALS", "IS_SUBSTRING", "GREATER_THAN", payload):
                predicate = {"operation": operation, "key": key, "string_value": payload}
                reply = known.request("GET", f"/{noun}", query={"filter": json.dumps({"predicates": [predicate]})})
                assert reply.status in (200, 400), (noun, predicate, reply)
                assert_harmless(known, reply.body)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_is_written_comes_back_as_it_was(known: CallerApi, payload: str) -> None:
    made = known.artifact(name=payload, description=payload, uri=payload, metadata={payload: payload})

    assert known.get(f"/artifacts/{made['artifact_id']}") == made
    assert made["name"] == made["description"] == made["uri"] == payload
    assert made["metadata"] == {payload: payload}


@pytest.mark.parametrize(
    "path",
    [
        "/artifacts?task_ids=tb",
        "/artifact_tasks?task_ids=tb&type=UNSPECIFIED",
        "/artifact_tasks?run_ids=rb&type=UNSPECIFIED",
        "/metrics?task_ids=tb",
        "/metrics?run_ids=rb",
        "/tasks?run_id=rb",
        "/tasks?parent_id=tb",
        "/tasks/tb",
        "/runs/rb",
        "/metrics/tb/loss",
        "/metric_history/tb/loss",
        "/lineage?task_id=tb",
        "/lineage?run_id=rb",
    ],
)
def test_no_id_of_another_namespace_finds_anything(known: CallerApi, path: str) -> None:
    reply = known.request("GET", path)

    assert reply.status in (200, 400, 404)
    if reply.status == 200:
        assert reply.json["total_size"] == 0
    assert_harmless(known, reply.body)


def test_a_token_that_carries_another_namespace_or_sql_finds_nothing(known: CallerApi) -> None:
    known.artifact(name="more")
    token = known.get("/artifacts", page_size=1)["next_page_token"]
    for spoilt in (token[:-2] + "AA", token[::-1], token + "A", *PAYLOADS):
        assert known.request("GET", "/artifacts", query={"page_token": spoilt}).status == 400
