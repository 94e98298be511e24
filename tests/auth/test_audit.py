"""Notes of who wrote what: with the write itself, without any secret, and forgotten in time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from auth.conftest import Serve, as_caller
from support import Api, Clock

from artifactd.cli.direct import in_store
from artifactd.model import AUDITED_CHARS_MAX, TIME_US_MAX, TIME_US_MIN, AuditEntry
from artifactd.operations.auditing import Audit, note_write
from artifactd.operations.context import Context
from artifactd.storage.audit import AuditQuery, select_entries

NewKey = Callable[..., str]
EVERYTHING = AuditQuery(TIME_US_MIN, TIME_US_MAX)
DAY_S = 24 * 3_600


def notes_in(url: str, query: AuditQuery = EVERYTHING) -> list[AuditEntry]:
    """The notes in a store."""
    found = in_store(url, lambda _, transaction: select_entries(transaction, query, -1, 10_000), write=False)
    return [entry for _, entry in found]


def test_a_write_is_noted_with_who_what_when_and_whence(
    keyed: str, new_key: NewKey, database_url: str, clock: Clock
) -> None:
    key = new_key("writer", "a")
    with as_caller(keyed, key) as api:
        made = api.artifact()["artifact_id"]

    (note,) = notes_in(database_url)
    assert note == AuditEntry(
        at_us=clock.now_us,
        caller=f"key:{key.split('_')[1]} ci",
        address="127.0.0.1",
        operation="create_artifact",
        namespaces=("a",),
        resources=(made,),
        status=200,
        request_id=note.request_id,
    )


def test_every_write_says_what_it_wrote(keyed: str, new_key: NewKey, database_url: str) -> None:
    with as_caller(keyed, new_key("admin", "a", name="boss")) as api:
        made = api.artifact(request={"task_id": "t", "run_id": "r"})["artifact_id"]
        api.ok("PUT", f"/artifacts/{made}", {"name": "y"})
        batch = api.ok("POST", "/artifacts:batchCreate", {"artifacts": [{"artifact": {"name": n}} for n in "ab"]})
        api.metric(task_id="t", name="val/loss")
        points = [{"task_id": "t", "name": "n", "value": 1}, {"task_id": "t", "name": "n", "value": 2}]
        api.ok("POST", "/metrics:batchLog", {"metrics": points})
        link = api.link(artifact_id=made, task_id="t")["id"]
        links = {"artifact_tasks": [{"artifact_id": made, "task_id": "t"}]}
        api.ok("POST", "/artifact_tasks:batchCreate", links)
        api.task(task_id="u")
        api.ok("PATCH", "/tasks/u", {"display_name": "y"})
        api.ok("PATCH", "/runs/r", {"display_name": "y"})
        key = api.ok("POST", "/keys", {"api_key": {"name": "x", "role": "reader", "namespaces": ["a"]}})["api_key"]
        api.ok("DELETE", f"/keys/{key['key_id']}")

    ids = " ".join(item["artifact_id"] for item in batch["artifacts"])
    assert [(note.operation, " ".join(note.resources)) for note in notes_in(database_url)] == [
        ("create_artifact", made),
        ("update_artifact", made),
        ("batch_create_artifacts", ids),
        ("log_metric", "t/val/loss"),
        ("batch_log_metrics", "t/n"),
        ("create_artifact_task", link),
        ("batch_create_artifact_tasks", link),
        ("create_task", "u"),
        ("update_task", "u"),
        ("update_run", "r"),
        ("create_key", f"key:{key['key_id']}"),
        ("revoke_key", f"key:{key['key_id']}"),
    ]


def test_a_write_that_is_refused_to_a_known_caller_is_noted_too(keyed: str, new_key: NewKey, database_url: str) -> None:
    with as_caller(keyed, new_key("reader", "a")) as api:
        assert api.request("POST", "/artifacts", {"artifact": {"name": "x"}}).status == 403

    (note,) = notes_in(database_url)
    assert (note.status, note.operation, note.resources) == (403, "create_artifact", ("/apis/v2beta1/artifacts",))


def test_what_fails_leaves_no_note_of_having_been_done(keyed: str, new_key: NewKey, database_url: str) -> None:
    with as_caller(keyed, new_key("writer", "a")) as api:
        body = {"artifacts": [{"artifact": {"name": "x"}}, {"artifact": {"name": "y", "namespace": "b"}}]}
        assert api.request("POST", "/artifacts:batchCreate", body).status == 403
        assert api.request("PUT", "/artifacts/none", {"name": "y"}).status == 404

    assert [note.status for note in notes_in(database_url)] == [403, 404]


def test_a_write_that_is_repeated_by_its_key_is_noted_once(keyed: str, new_key: NewKey, database_url: str) -> None:
    with as_caller(keyed, new_key("writer", "a")) as api:
        for _ in range(2):
            api.ok("POST", "/artifacts", {"artifact": {"name": "x"}}, headers={"Idempotency-Key": "once"})

    assert len(notes_in(database_url)) == 1


def test_reads_are_not_noted(keyed: str, new_key: NewKey, database_url: str) -> None:
    with as_caller(keyed, new_key("reader", "a")) as api:
        api.get("/artifacts")

    assert notes_in(database_url) == []


@pytest.mark.parametrize(("settings", "noted"), [({}, 0), ({"audit": "on"}, 1)])
def test_without_authentication_writes_are_noted_where_a_setting_says_so(
    serve: Serve, database_url: str, settings: dict[str, Any], noted: int
) -> None:
    with serve(**settings) as url:
        api = Api(url)
        api.artifact()
        api.close()

    assert [note.caller for note in notes_in(database_url)] == ["anonymous"] * noted


def test_notes_can_be_turned_off(serve: Serve, new_key: NewKey, database_url: str) -> None:
    with serve(auth=("keys",), audit="off") as url, as_caller(url, new_key("writer", "a")) as api:
        api.artifact()

    assert notes_in(database_url) == []


def test_notes_are_found_by_what_they_say(serve: Serve, new_key: NewKey, database_url: str, clock: Clock) -> None:
    with serve(auth=("keys",)) as url:
        with as_caller(url, new_key("writer", "team-a", name="ann")) as ann:
            made = ann.artifact()["artifact_id"]
        clock.advance(10)
        with as_caller(url, new_key("writer", "team-a2", name="bob")) as bob:
            bob.metric(task_id="t", name="loss")
            caller = notes_in(database_url)[-1].caller

    def operations(**query: Any) -> list[str]:
        return [note.operation for note in notes_in(database_url, EVERYTHING._replace(**query))]

    assert operations() == ["create_artifact", "log_metric"]
    assert operations(caller=caller) == ["log_metric"]
    assert operations(namespace="team-a") == ["create_artifact"]
    assert operations(operation="log_metric") == ["log_metric"]
    assert operations(resource=made) == ["create_artifact"]
    assert operations(resource="%") == []
    assert operations(since_us=clock.now_us) == ["log_metric"]
    assert operations(until_us=clock.now_us) == ["create_artifact"]


def test_notes_of_one_moment_are_read_on_from_any_of_them(database_url: str, context: Context) -> None:
    noted = Audit("create_artifact", "127.0.0.1", "id", 0)
    for number in range(5):
        in_store(
            database_url,
            lambda _, transaction, n=number: note_write(context, transaction, noted, ["a"], [f"x{n}"]),  # type: ignore[misc]
            write=True,
        )

    found, behind, since_us = [], -1, TIME_US_MIN
    while True:
        query = EVERYTHING._replace(since_us=since_us)
        page = in_store(database_url, lambda _, t, q=query, b=behind: select_entries(t, q, b, 2), write=False)  # type: ignore[misc]
        found += [resource for _, entry in page for resource in entry.resources]
        if len(page) < 2:
            break
        behind, since_us = page[-1][0], page[-1][1].at_us

    assert found == ["x0", "x1", "x2", "x3", "x4"]


def test_old_notes_are_forgotten_and_young_ones_kept(
    serve: Serve, new_key: NewKey, database_url: str, clock: Clock
) -> None:
    with serve(auth=("keys",), audit_days=2) as url, as_caller(url, new_key("writer", "a")) as api:
        for _ in range(100):
            api.metric(task_id="t", name="old")
        clock.advance(3 * DAY_S)
        for _ in range(100):
            api.metric(task_id="t", name="young")

    names = [resource for note in notes_in(database_url) for resource in note.resources]
    assert names.count("t/old") == 0
    assert names.count("t/young") == 100


def test_notes_are_kept_for_ever_where_a_setting_says_so(
    serve: Serve, new_key: NewKey, database_url: str, clock: Clock
) -> None:
    with serve(auth=("keys",), audit_days=0) as url, as_caller(url, new_key("writer", "a")) as api:
        for _ in range(70):
            api.metric(task_id="t", name="old")
        clock.advance(10_000 * DAY_S)
        for _ in range(70):
            api.metric(task_id="t", name="young")

    assert len(notes_in(database_url)) == 140


def test_a_note_of_a_large_batch_is_bounded_and_says_what_it_leaves_out(
    keyed: str, new_key: NewKey, database_url: str
) -> None:
    points = [{"task_id": f"t{number}", "name": "n" * 200, "value": 1} for number in range(200)]
    with as_caller(keyed, new_key("writer", "a")) as api:
        api.ok("POST", "/metrics:batchLog", {"metrics": points})

    (note,) = notes_in(database_url)
    *shown, last = note.resources
    assert 0 < sum(map(len, shown)) <= AUDITED_CHARS_MAX
    assert last == f"and {200 - len(shown)} more"


def test_notes_of_refusals_are_bounded(keyed: str, new_key: NewKey, database_url: str) -> None:
    with as_caller(keyed, new_key("reader", "a")) as api:
        for _ in range(100):
            assert api.request("POST", "/artifacts", {"artifact": {"name": "x"}}).status == 403

    assert 60 <= len(notes_in(database_url)) < 100


def test_behind_a_trusted_proxy_a_note_says_where_the_request_began(
    serve: Serve, new_key: NewKey, database_url: str
) -> None:
    forwarded = {"X-Forwarded-For": "1.1.1.1, 203.0.113.9"}
    key = new_key("writer", "a")
    for proxies in (("127.0.0.1",), ()):
        with serve(auth=("keys",), trusted_proxies=proxies) as url, as_caller(url, key) as api:
            point = {"task_id": "t", "name": "n", "value": 1}
            api.ok("POST", "/metrics", {"metric": point}, headers=forwarded)

    assert [note.address for note in notes_in(database_url)] == ["203.0.113.9", "127.0.0.1"]


def test_a_name_cannot_pass_for_another_resource(keyed: str, new_key: NewKey, database_url: str) -> None:
    with as_caller(keyed, new_key("writer", "a")) as api:
        api.metric(task_id="t", name='n", "key:boss')

    (note,) = notes_in(database_url)
    assert note.resources == ('t/n", "key:boss',)
