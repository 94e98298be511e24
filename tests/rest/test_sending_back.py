"""What a client reads and sends back changes nothing."""

from __future__ import annotations

import http.client
import itertools
from typing import Any
from urllib.parse import urlsplit

import pytest
from support import API, Api, error_of, filter_of

from artifactd.operations.context import new_uuid


def test_a_run_that_is_sent_back_still_reads_its_state_off_its_tasks(shared_api: Api) -> None:
    shared_api.task(task_id="back-1", run_id="back", state="RUNNING")
    shared_api.ok("PATCH", "/runs/back", shared_api.get("/runs/back"))

    shared_api.ok("PATCH", "/tasks/back-1", {"state": "SUCCEEDED", "end_time": "2026-01-01T00:00:00Z"})

    run = shared_api.get("/runs/back")
    assert (run["state"], run["finished_at"]) == ("SUCCEEDED", "2026-01-01T00:00:00Z")
    assert "state_history" not in run


def test_a_task_that_is_sent_back_makes_no_second_link(shared_api: Api) -> None:
    made = shared_api.artifact(request={"task_id": "loop-1", "producer_key": "out", "iteration_index": 2})
    shared_api.link(artifact_id=made["artifact_id"], task_id="loop-1", type="COMPONENT_INPUT", key="in")

    shared_api.ok("PATCH", "/tasks/loop-1", shared_api.get("/tasks/loop-1"))

    assert shared_api.get("/artifact_tasks", task_ids="loop-1", type="UNSPECIFIED")["total_size"] == 2


SPELLINGS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"sort_by": "name"}, {"sort_by": "  NAME   asc "}),
    ({}, {"sort_by": "created_at"}),
    ({"filter": filter_of({"operation": "EQUALS", "key": "type", "string_value": "Model"})},) * 2,
    (
        {"filter": '{"predicates":[{"operation":1,"key":"type","stringValue":"Model"}]}'},
        {"filter": filter_of({"operation": "EQUALS", "key": "type", "string_value": "Model"})},
    ),
]


@pytest.mark.parametrize(("first", "again"), SPELLINGS)
def test_a_token_fits_the_same_parameters_however_they_are_spelt(
    shared_api: Api, first: dict[str, Any], again: dict[str, Any]
) -> None:
    for _ in range(3):
        shared_api.artifact(type="Model")

    token = shared_api.get("/artifacts", page_size=1, **first)["next_page_token"]

    assert len(shared_api.get("/artifacts", page_size=1, page_token=token, **again)["artifacts"]) == 1


def test_every_changed_last_character_of_a_token_is_400(shared_api: Api) -> None:
    for _ in range(2):
        shared_api.artifact()
    token = shared_api.get("/artifacts", page_size=1)["next_page_token"]
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

    for other in [*(token[:-1] + letter for letter in letters if letter != token[-1]), token + "="]:
        reply = shared_api.request("GET", "/artifacts", query={"page_token": other})
        assert reply.status == 400, other


@pytest.mark.parametrize("length", [70_000, 131_000])
def test_a_long_request_line_is_served(shared_api: Api, length: int) -> None:
    reply = shared_api.raw("GET", f"{API}/artifacts?namespace=" + "a" * length)

    assert reply.status == 200


@pytest.mark.parametrize("length", [132_000, 300_000, 1_000_000, 5_000_000])
def test_a_longer_request_line_is_414_with_a_status(shared_api: Api, length: int) -> None:
    connection = http.client.HTTPConnection(urlsplit(shared_api.url).netloc, timeout=30)
    connection.request("GET", f"{API}/artifacts?page_token=" + "a" * length)
    response = connection.getresponse()
    body = response.read()
    connection.close()

    assert (response.status, response.getheader("Content-Type")) == (414, "application/json")
    assert b'"code":3' in body
    assert b"field_violations" in body


def test_a_header_beyond_all_bounds_is_431_with_a_status(shared_api: Api) -> None:
    connection = http.client.HTTPConnection(urlsplit(shared_api.url).netloc, timeout=30)
    connection.request("GET", "/livez", headers={"X-Long": "a" * 2_000_000})

    response = connection.getresponse()
    connection.close()

    assert (response.status, response.getheader("Content-Type")) == (431, "application/json")


def test_an_unknown_parameter_of_healthz_is_400(shared_api: Api) -> None:
    reply = shared_api.request("GET", "/healthz", query={"foo": "1"})

    assert reply.status == 400
    assert error_of(reply)["code"] == 3


def test_an_error_code_beyond_32_bits_is_400(shared_api: Api) -> None:
    reply = shared_api.request("POST", "/tasks", {"error": {"code": 1 << 40}})

    assert reply.status == 400


def test_new_ids_rise_within_the_process() -> None:
    ids = [new_uuid() for _ in range(1_000)]

    assert all(first < second for first, second in itertools.pairwise(ids))
