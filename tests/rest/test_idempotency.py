"""Idempotency-Key (contract, Ours)."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from rest.callers import ALL, READ, CallerApi, KnownCallers
from support import Api, Reply, error_of, fields_of

DAY_S = 24 * 3_600


def send(api: Api, key: str, body: Any = None, method: str = "POST", path: str = "/artifacts") -> Reply:
    message = {"artifact": {"name": "x"}} if body is None else body
    return api.request(method, path, message, headers={"Idempotency-Key": key})


def created(api: Api) -> int:
    return int(api.get("/artifacts")["total_size"])


def test_the_same_key_and_body_gets_the_first_answer(api: Api) -> None:
    first = send(api, "k")

    again = send(api, "k")

    assert (again.status, again.body, again.headers["etag"]) == (200, first.body, first.headers["etag"])
    assert created(api) == 1


def test_the_first_answer_is_given_though_the_resource_has_changed(api: Api) -> None:
    first = send(api, "k")
    api.ok("PUT", f"/artifacts/{first.json['artifact_id']}", {"name": "changed"})

    assert send(api, "k").body == first.body


def test_another_key_is_another_write(api: Api) -> None:
    assert send(api, "k").json != send(api, "K").json


def test_without_a_key_the_same_body_is_another_write(api: Api) -> None:
    send(api, "k")
    api.artifact(name="x")

    assert created(api) == 2


def test_the_same_key_with_another_body_is_409(api: Api) -> None:
    send(api, "k")

    reply = send(api, "k", {"artifact": {"name": "y"}})

    assert (reply.status, error_of(reply)["code"]) == (409, 6)
    assert created(api) == 1


def test_a_key_is_scoped_by_path(api: Api) -> None:
    send(api, "k")

    assert send(api, "k", {"artifacts": [{"artifact": {"name": "x"}}]}, path="/artifacts:batchCreate").status == 200


def test_a_key_is_scoped_by_the_resource(api: Api) -> None:
    first, second = api.artifact(), api.artifact()
    for made in (first, second):
        reply = send(api, "k", {"name": "y"}, "PUT", f"/artifacts/{made['artifact_id']}")
        assert reply.json["artifact_id"] == made["artifact_id"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/artifacts", {"artifact": {"name": "x"}}),
        ("POST", "/artifacts:batchCreate", {"artifacts": [{"artifact": {"name": "x"}}]}),
        ("POST", "/metrics", {"metric": {"task_id": "t", "name": "n", "value": 1}}),
        ("POST", "/metrics:batchLog", {"metrics": [{"task_id": "t", "name": "n", "value": 1}]}),
        ("POST", "/tasks", {"name": "x"}),
        ("PATCH", "/tasks/t0", {"state": "RUNNING"}),
        ("PATCH", "/runs/r", {"display_name": "x"}),
    ],
)
def test_every_write_takes_a_key(api: Api, method: str, path: str, body: Any) -> None:
    api.task(task_id="t0")
    first = send(api, "k", body, method, path)
    assert first.status == 200

    assert send(api, "k", body, method, path).body == first.body


def test_a_repeated_point_is_logged_once(api: Api) -> None:
    body = {"metric": {"task_id": "t", "name": "n", "value": 1}}
    for _ in range(3):
        send(api, "k", body, path="/metrics")

    assert api.get("/metric_history/t/n")["total_size"] == 1


def test_a_repeated_link_is_answered(api: Api) -> None:
    link = {"artifact_task": {"artifact_id": api.artifact()["artifact_id"], "task_id": "t"}}

    assert send(api, "k", link, path="/artifact_tasks").body == send(api, "k", link, path="/artifact_tasks").body


def test_a_key_is_kept_for_a_day(api: Api) -> None:
    first = send(api, "k")
    assert api.clock
    api.clock.advance(DAY_S - 1)

    assert send(api, "k").body == first.body


def test_a_key_is_new_again_after_a_day(api: Api) -> None:
    first = send(api, "k")
    assert api.clock
    api.clock.advance(DAY_S + 1)

    assert send(api, "k").json["artifact_id"] != first.json["artifact_id"]
    assert send(api, "k", {"artifact": {"name": "y"}}).status == 409


@pytest.mark.parametrize(
    "bad", [{"artifact": {"name": ""}}, {"artifact": {"name": "x", "namespace": "b"}, "task_id": "in-a"}]
)
def test_only_successes_are_kept(api: Api, bad: Any) -> None:
    api.task(task_id="in-a", namespace="a")
    assert send(api, "k", bad).status == 400

    assert send(api, "k").status == 200


def test_a_refused_write_may_succeed_later_under_its_key(api: Api) -> None:
    path = "/tasks/late"
    assert send(api, "k", {"name": "x"}, "PATCH", path).status == 404
    api.task(task_id="late")

    assert send(api, "k", {"name": "x"}, "PATCH", path).json["name"] == "x"


def test_if_match_is_not_looked_at_again(api: Api) -> None:
    path = f"/artifacts/{api.artifact()['artifact_id']}"
    headers = {"Idempotency-Key": "k", "If-Match": '"1"'}
    first = api.request("PUT", path, {"name": "y"}, headers=headers)

    again = api.request("PUT", path, {"name": "y"}, headers=headers)

    assert (again.status, again.body) == (200, first.body)


@pytest.mark.parametrize("key", ["k", "K" * 255, "a b", "!~", "9f5c8a52-52d8-4f58-9d7b-000000000000", '"quoted"'])
def test_a_key_has_up_to_255_characters(shared_api: Api, key: str) -> None:
    assert send(shared_api, key).status == 200


@pytest.mark.parametrize("key", ["", "K" * 256, "é", "a\tb"])
def test_another_key_is_refused(shared_api: Api, key: str) -> None:
    reply = send(shared_api, key)

    assert (reply.status, fields_of(reply)) == (400, ["Idempotency-Key"])


def test_reads_ignore_a_key(shared_api: Api) -> None:
    headers = {"Idempotency-Key": "K" * 300}

    assert shared_api.request("GET", "/artifacts", headers=headers).status == 200


def test_a_write_still_in_flight_is_waited_for(api: Api) -> None:
    answers: list[bytes] = []

    def create() -> None:
        mine = Api(api.url)
        answers.append(send(mine, "k").body)
        mine.close()

    threads = [threading.Thread(target=create) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (len(answers), len(set(answers)), created(api)) == (8, 1, 1)


def test_a_key_is_scoped_by_caller(ann: CallerApi, bob: CallerApi) -> None:
    first = send(ann, "k")

    second = send(bob, "k")

    assert (first.json["namespace"], second.json["namespace"]) == ("a", "b")
    assert send(bob, "k", {"artifact": {"name": "y"}}).status == 409


def test_authorisation_is_checked_anew(ann: CallerApi, known_callers: KnownCallers) -> None:
    first = send(ann, "k")
    known_callers.grants["ann"] = {"a": READ}

    reply = send(ann, "k")

    assert (reply.status, error_of(reply)["code"]) == (403, 7)
    known_callers.grants["ann"] = {"a": ALL}
    assert send(ann, "k").body == first.body


def test_authorisation_is_checked_anew_for_every_namespace_of_a_batch(
    eve: CallerApi, known_callers: KnownCallers
) -> None:
    body = {"artifacts": [{"artifact": {"name": "x", "namespace": namespace}} for namespace in "ab"]}
    send(eve, "k", body, path="/artifacts:batchCreate")
    known_callers.grants["eve"] = {"a": ALL}

    assert send(eve, "k", body, path="/artifacts:batchCreate").status == 403
