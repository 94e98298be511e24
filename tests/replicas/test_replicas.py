"""Servers over one database behave as one: what one has written the other shows, and races have one outcome."""

from __future__ import annotations

import collections
import itertools
from typing import Any

import pytest
from replicas.conftest import Replicas, all_ok
from support import API, Api, Reply

pytestmark = pytest.mark.engines("postgresql", "mariadb")

AT_ONCE = 12


def test_what_one_has_written_the_other_reads_at_once(replicas: Replicas) -> None:
    here, there = replicas.apis

    for number in range(20):
        made = here.artifact(name=f"read-{number}", namespace="read")
        assert there.get(f"/artifacts/{made['artifact_id']}") == made
        assert there.get("/artifacts", namespace="read")["total_size"] == number + 1


def test_a_page_token_of_one_is_good_at_the_other(replicas: Replicas) -> None:
    here, there = replicas.apis
    made = [here.artifact(name=f"token-{number}", namespace="token")["artifact_id"] for number in range(5)]

    first = here.get("/artifacts", namespace="token", page_size=2)
    second = there.get("/artifacts", page_token=first["next_page_token"], page_size=2)
    third = here.get("/artifacts", page_token=second["next_page_token"], page_size=2)

    pages = [first, second, third]
    assert [item["artifact_id"] for page in pages for item in page["artifacts"]] == made


def test_reuse_if_exists_makes_one_artifact_however_many_ask_at_once(replicas: Replicas) -> None:
    body = {"artifact": {"name": "same", "namespace": "reuse", "metadata": {"a": 1}}, "reuse_if_exists": True}

    replies = replicas.at_once(AT_ONCE, lambda api, _: api.request("POST", "/artifacts", body))

    assert len({made["artifact_id"] for made in all_ok(replies)}) == 1
    assert replicas.apis[0].get("/artifacts", namespace="reuse")["total_size"] == 1


def test_a_write_with_a_key_happens_once_however_often_it_is_sent_at_once(replicas: Replicas) -> None:
    body = {"artifact": {"name": "once", "namespace": "once"}}
    key = {"Idempotency-Key": "once"}

    replies = replicas.at_once(AT_ONCE, lambda api, _: api.request("POST", "/artifacts", body, headers=key))

    assert len({made["artifact_id"] for made in all_ok(replies)}) == 1
    assert replicas.apis[1].get("/artifacts", namespace="once")["total_size"] == 1


def test_a_key_with_two_bodies_at_once_serves_one_and_refuses_the_other(replicas: Replicas) -> None:
    def send(api: Api, number: int) -> Reply:
        body = {"artifact": {"name": f"body-{number % 2}", "namespace": "bodies"}}
        return api.request("POST", "/artifacts", body, headers={"Idempotency-Key": "bodies"})

    replies = replicas.at_once(AT_ONCE, send)

    assert collections.Counter(reply.status for reply in replies) == {200: AT_ONCE // 2, 409: AT_ONCE // 2}
    assert replicas.apis[0].get("/artifacts", namespace="bodies")["total_size"] == 1


def test_the_same_link_at_once_is_one_link(replicas: Replicas) -> None:
    artifact_id = replicas.apis[0].artifact(name="linked", namespace="links")["artifact_id"]
    link = {"artifact_task": {"artifact_id": artifact_id, "task_id": "linker", "type": "INPUT", "key": "k"}}

    replies = replicas.at_once(AT_ONCE, lambda api, _: api.request("POST", "/artifact_tasks", link))

    assert len({made["id"] for made in all_ok(replies)}) == 1
    assert replicas.apis[1].get("/artifact_tasks", task_ids="linker")["total_size"] == 1
    assert replicas.apis[1].get("/tasks", namespace="links")["total_size"] == 1


def test_no_point_of_a_metric_that_all_log_at_once_is_lost(replicas: Replicas) -> None:
    rounds = 10

    def send(api: Api, number: int) -> list[Reply]:
        points = [
            {"task_id": "curve", "name": "loss", "value": 1.0, "step": number * rounds + n} for n in range(rounds)
        ]
        return [api.request("POST", "/metrics", {"metric": point | {"namespace": "curve"}}) for point in points]

    for replies in replicas.at_once(AT_ONCE, send):
        all_ok(replies)

    here = replicas.apis[0]
    history = here.walk("/metric_history/curve/loss", "metrics", page_size=50)
    assert sorted(point["step"] for point in history) == list(range(AT_ONCE * rounds))
    assert here.get("/metrics/curve/loss")["step"] == AT_ONCE * rounds - 1
    totals = [here.get(path, namespace="curve")["total_size"] for path in ("/metrics", "/tasks")]
    assert totals == [1, 1]


def test_a_point_that_all_repeat_at_once_is_kept_once(replicas: Replicas) -> None:
    point = {"task_id": "repeat", "name": "loss", "value": 1.0, "created_at": "2025-01-01T00:00:00Z"}

    all_ok(replicas.at_once(AT_ONCE, lambda api, _: api.request("POST", "/metrics", {"metric": point})))

    assert replicas.apis[0].get("/metric_history/repeat/loss")["total_size"] == 1


def test_batches_that_log_the_same_metrics_in_opposite_orders_all_succeed(replicas: Replicas) -> None:
    names = [f"m{number}" for number in range(20)]

    def send(api: Api, number: int) -> Reply:
        ordered = names if number % 2 else names[::-1]
        return api.request(
            "POST",
            "/metrics:batchLog",
            {"metrics": [{"task_id": "orders", "name": name, "value": number, "step": number} for name in ordered]},
        )

    all_ok(replicas.at_once(AT_ONCE, send))

    here = replicas.apis[0]
    assert [here.get(f"/metric_history/orders/{name}")["total_size"] for name in names] == [AT_ONCE] * len(names)


def test_what_is_logged_while_a_task_gets_its_run_is_of_that_run(replicas: Replicas) -> None:
    here = replicas.apis[0]
    artifact_id = here.artifact(name="adopted", namespace="adopt")["artifact_id"]

    def send(api: Api, number: int) -> list[Reply]:
        if number == AT_ONCE // 2:
            task = {"task_id": task_id, "namespace": "adopt", "run_id": f"run-{task_id}"}
            return [api.request("POST", "/tasks", task)]
        metric = {"task_id": task_id, "name": f"m{number}", "value": 1, "namespace": "adopt"}
        link = {"artifact_id": artifact_id, "task_id": task_id, "key": f"k{number}"}
        return [
            api.request("POST", "/metrics", {"metric": metric}),
            api.request("POST", "/artifact_tasks", {"artifact_task": link}),
        ]

    for attempt in range(5):
        task_id = f"adopted-{attempt}"
        for replies in replicas.at_once(AT_ONCE, send):
            all_ok(replies)

        run_ids = {metric["run_id"] for metric in here.walk("/metrics", "metrics", task_ids=task_id)}
        run_ids |= {link["run_id"] for link in here.walk("/artifact_tasks", "artifact_tasks", task_ids=task_id)}
        assert run_ids == {f"run-{task_id}"}


def test_of_changes_of_one_version_at_once_one_succeeds(replicas: Replicas) -> None:
    made = replicas.apis[0].artifact(name="changed", namespace="changed")
    path = f"/artifacts/{made['artifact_id']}"

    def send(api: Api, number: int) -> Reply:
        return api.request("PUT", path, {"description": f"by {number}"}, headers={"If-Match": '"1"'})

    replies = replicas.at_once(AT_ONCE, send)

    assert sorted(reply.status for reply in replies) == [200] + [409] * (AT_ONCE - 1)
    [changed] = [reply.json for reply in replies if reply.status == 200]
    assert replicas.apis[1].get(path) == changed


def test_every_change_of_one_artifact_at_once_counts(replicas: Replicas) -> None:
    made = replicas.apis[0].artifact(name="versions", namespace="versions")
    path = f"/artifacts/{made['artifact_id']}"

    all_ok(replicas.at_once(AT_ONCE, lambda api, number: api.request("PUT", path, {"description": f"by {number}"})))

    assert replicas.apis[0].request("GET", path).headers["etag"] == f'"{AT_ONCE + 1}"'


def test_a_task_that_all_create_at_once_is_the_first_one(replicas: Replicas) -> None:
    def send(api: Api, number: int) -> Reply:
        return api.request(
            "POST", "/tasks", {"task_id": "first", "display_name": f"by {number % 3}", "run_id": "r-first"}
        )

    replies = replicas.at_once(AT_ONCE, send)

    assert collections.Counter(reply.status for reply in replies) == {200: AT_ONCE // 3, 409: AT_ONCE - AT_ONCE // 3}
    assert len({reply.json["display_name"] for reply in replies if reply.status == 200}) == 1


def test_a_change_of_a_stub_is_not_lost_to_who_fills_it_in_at_the_same_time(replicas: Replicas) -> None:
    def send(api: Api, number: int) -> Reply:
        if number == AT_ONCE // 2:
            return api.request("POST", "/tasks", {"task_id": task_id, "display_name": "created"})
        return api.request("PATCH", f"/tasks/{task_id}", {"state": "RUNNING"})

    for attempt in range(10):
        task_id = f"stub-{attempt}"
        replicas.apis[0].metric(task_id=task_id, namespace="stub")

        statuses = {reply.status for reply in replicas.at_once(AT_ONCE, send)}

        task = replicas.apis[1].get(f"/tasks/{task_id}")
        assert statuses <= {200, 409}
        assert task["state"] == "RUNNING"
        assert task.get("display_name") == (None if 409 in statuses else "created")


def test_what_names_only_a_run_that_comes_into_being_goes_to_its_namespace(replicas: Replicas) -> None:
    def send(api: Api, number: int) -> Reply:
        if number == AT_ONCE // 2:
            return api.request("PATCH", f"/runs/{run_id}", {"namespace": "born"})
        return api.request("POST", "/artifacts", {"artifact": {"name": "in a run"}, "run_id": run_id})

    for attempt in range(10):
        run_id = f"born-{attempt}"

        replies = replicas.at_once(AT_ONCE, send)

        where = replicas.apis[1].get(f"/runs/{run_id}")["namespace"]
        made = all_ok([reply for index, reply in enumerate(replies) if index != AT_ONCE // 2])
        assert {artifact["namespace"] for artifact in made} == {where}
        assert replies[AT_ONCE // 2].status == (200 if where == "born" else 400)


def test_states_that_all_report_at_once_are_all_in_the_history(replicas: Replicas) -> None:
    replicas.apis[0].task(task_id="states", namespace="states")

    def send(api: Api, number: int) -> Reply:
        state = "RUNNING" if number % 2 else "PENDING"
        return api.request("PATCH", "/tasks/states", {"state": state, "labels": {f"l{number}": "x"}})

    answers = all_ok(replicas.at_once(AT_ONCE, send))

    history = replicas.apis[1].get("/tasks/states")["state_history"]
    assert len(history) == max(len(answer["state_history"]) for answer in answers)
    states = [change["state"] for change in history]
    assert all(before != after for before, after in itertools.pairwise(states))


def test_totals_are_exact_after_all_wrote_at_once(replicas: Replicas) -> None:
    each = 10

    def send(api: Api, number: int) -> list[Any]:
        namespace = f"totals-{number % 3}"
        return [
            api.artifact(name=f"a{number}-{n}", namespace=namespace, request={"task_id": f"totals-{number}-{n}"})
            for n in range(each)
        ]

    replicas.at_once(AT_ONCE, send)

    for number in range(3):
        wanted = AT_ONCE // 3 * each
        for api in replicas.apis:
            assert api.get("/artifacts", namespace=f"totals-{number}")["total_size"] == wanted
            assert api.get("/tasks", namespace=f"totals-{number}")["total_size"] == wanted
            assert len(api.walk("/artifacts", "artifacts", namespace=f"totals-{number}", page_size=7)) == wanted


def test_a_namespace_that_all_use_first_at_once_is_one(replicas: Replicas) -> None:
    for attempt in range(5):
        namespace = f"new-{attempt}"
        replicas.at_once(AT_ONCE, lambda api, number, where=namespace: api.artifact(name=f"n{number}", namespace=where))  # type: ignore[misc]

        assert replicas.apis[0].get("/artifacts", namespace=namespace)["total_size"] == AT_ONCE


def test_every_server_is_ready(replicas: Replicas) -> None:
    assert [api.raw("GET", path).status for api in replicas.apis for path in ("/readyz", f"{API}/healthz")] == [200] * 4
