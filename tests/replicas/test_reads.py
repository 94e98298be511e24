"""Reads from replicas of the database: never old unless asked for, and then no older than was asked for."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from engines.servers import free_port, wait_until
from replicas.database import ANY_AGE, Reader, ReplicatedDatabase, Stopwatch, fresh_name, held_up
from support import Api, error_of, filter_of

pytestmark = pytest.mark.engines("postgresql", "mariadb")


@pytest.fixture(scope="module")
def database(engine: str) -> Iterator[ReplicatedDatabase]:
    """A store whose database has two replicas; a test that changes one puts it right."""
    database = ReplicatedDatabase(engine)
    yield database
    database.close()


@pytest.fixture(scope="module")
def reader(database: ReplicatedDatabase) -> Iterator[Reader]:
    """A server that reads from both, and that lets pages of a browser have old answers."""
    reader = Reader(database.url, *database.read_urls(), flags=("--page-max-age-s", "1000"))
    reader.wait_until_read()
    yield reader
    reader.close()


@pytest.fixture
def known(database: ReplicatedDatabase, reader: Reader) -> dict[str, Any]:
    """An artifact with a link, a task and a metric, of a namespace of its own, which all replicas have."""
    name = fresh_name()
    made: dict[str, Any] = reader.api.artifact(
        name=name, namespace=name, description="old", metadata={"state": "old"}, request={"task_id": name}
    )
    reader.api.metric(task_id=name, name="loss", value=1, namespace=name)
    for replica in database.replicas:
        replica.wait_for_all()
    return made


def change(reader: Reader, known: dict[str, Any]) -> Stopwatch:
    """Changes everything about a known artifact; gives the time since the first change."""
    name = known["name"]
    reader.api.ok("PUT", f"/artifacts/{known['artifact_id']}", {"description": "new", "metadata": {"state": "new"}})
    age = Stopwatch()
    reader.api.metric(task_id=name, name="loss", value=2, namespace=name)
    reader.api.link(artifact_id=known["artifact_id"], task_id=f"{name}-reader", key="in")
    reader.api.artifact(name=name, namespace=name)
    return age


def shown(reader: Reader, known: dict[str, Any], max_age_s: int | None, **headers: str) -> dict[str, tuple[Any, Any]]:
    """What each kind of read shows of a known artifact, and the age that it gives."""
    name, path = known["name"], f"/artifacts/{known['artifact_id']}"
    given = {key.replace("_", "-"): value for key, value in headers.items()}
    where = filter_of({"operation": "EQUALS", "key": "metadata.state", "string_value": "new"})

    def look(field: str, path: str, **query: Any) -> tuple[Any, Any]:
        reply = reader.get(path, max_age_s, headers=given, **query)
        assert reply.status == 200, reply
        value = reply.json[field]
        return len(value) if isinstance(value, list) else value, reply.headers.get("age")

    return {
        "get": look("description", path),
        "list": look("total_size", "/artifacts", namespace=name),
        "scan": look("artifacts", "/artifacts", namespace=name, filter=where),
        "lineage": look("artifact_tasks", "/lineage", artifact_id=known["artifact_id"]),
        "metric": look("value", f"/metrics/{name}/loss"),
        "history": look("total_size", f"/metric_history/{name}/loss"),
        "tasks": look("total_size", "/tasks", namespace=name),
    }


OLD = {"get": "old", "list": 1, "scan": 0, "lineage": 1, "metric": 1, "history": 1, "tasks": 1}
NEW = {"get": "new", "list": 2, "scan": 1, "lineage": 2, "metric": 2, "history": 2, "tasks": 2}


def test_a_read_that_does_not_ask_for_an_old_answer_gets_the_newest(
    database: ReplicatedDatabase, reader: Reader, known: dict[str, Any]
) -> None:
    newest = {kind: (value, None) for kind, value in NEW.items()}
    with held_up(*database.replicas):
        change(reader, known)

        assert shown(reader, known, None) == newest
        assert shown(reader, known, 0) == newest
        assert shown(reader, known, None, Cache_Control="max-age=1000, no-cache") == newest
        assert shown(reader, known, None, Cache_Control="max-age=soon") == newest
        assert shown(reader, known, None, Sec_Fetch_Site="none") == newest


@pytest.mark.parametrize("headers", [{"Cache_Control": "max-age=1000"}, {"Sec_Fetch_Site": "same-origin"}])
def test_a_read_that_takes_an_old_answer_gets_one_that_says_how_old_it_may_be(
    database: ReplicatedDatabase, reader: Reader, known: dict[str, Any], headers: dict[str, str]
) -> None:
    with held_up(*database.replicas):
        changed = change(reader, known)
        reader.wait_until_old(f"/artifacts/{known['artifact_id']}", 1)
        least_s = changed.seconds()

        found = shown(reader, known, None, **headers)

        assert {kind: value for kind, (value, _) in found.items()} == OLD
        assert all(least_s <= int(age) <= 1_000 for _, age in found.values())


def test_an_answer_is_no_older_than_was_asked_for(
    database: ReplicatedDatabase, reader: Reader, known: dict[str, Any]
) -> None:
    with held_up(*database.replicas):
        change(reader, known)
        reader.wait_until_old(f"/artifacts/{known['artifact_id']}", 1)

        assert shown(reader, known, 1) == {kind: (value, None) for kind, value in NEW.items()}


def test_the_newest_comes_from_a_replica_once_that_has_it(
    database: ReplicatedDatabase, reader: Reader, known: dict[str, Any]
) -> None:
    with held_up(*database.replicas):
        change(reader, known)

    found = shown(reader, known, ANY_AGE)

    assert {kind: value for kind, (value, _) in found.items()} == NEW
    assert all(age is not None for _, age in found.values())


def test_what_an_old_answer_says_of_versions_and_absence_has_its_age_too(
    database: ReplicatedDatabase, reader: Reader, known: dict[str, Any]
) -> None:
    path = f"/artifacts/{known['artifact_id']}"
    with held_up(*database.replicas):
        change(reader, known)
        later = reader.api.artifact(name=known["name"], namespace=known["name"])

        unchanged = reader.get(path, ANY_AGE, headers={"If-None-Match": '"1"'})
        head = reader.get(path, ANY_AGE, method="HEAD")
        absent = reader.get(f"/artifacts/{later['artifact_id']}", ANY_AGE)
        refused = reader.api.request(
            "PUT", path, {"description": "x"}, headers={"If-Match": '"1"', "Cache-Control": f"max-age={ANY_AGE}"}
        )

        assert [(reply.status, "age" in reply.headers) for reply in (unchanged, head, absent, refused)] == [
            (304, True),
            (200, True),
            (404, True),
            (409, False),
        ]
        assert head.headers["etag"] == '"1"'
        assert head.body == b""
        assert error_of(absent)["code"] == 5
        assert reader.get(f"/artifacts/{later['artifact_id']}").status == 200


def test_pages_of_a_list_may_come_from_the_primary_and_from_replicas(
    database: ReplicatedDatabase, reader: Reader
) -> None:
    name = fresh_name()
    made = [reader.api.artifact(name=name, namespace=name)["artifact_id"] for _ in range(5)]
    for replica in database.replicas:
        replica.wait_for_all()

    for ages in ([None, ANY_AGE, None], [ANY_AGE, None, ANY_AGE]):
        query: dict[str, Any] = {"namespace": name}
        found: list[str] = []
        for age in ages:
            reply = reader.get("/artifacts", age, page_size=2, **query)
            assert ("age" in reply.headers) == (age is not None)
            found += [item["artifact_id"] for item in reply.json["artifacts"]]
            assert reply.json["total_size"] == 5
            query = {"page_token": reply.json["next_page_token"]}
        assert found == made


def test_a_replica_that_is_held_up_leaves_its_reads_to_the_other(
    database: ReplicatedDatabase, reader: Reader, known: dict[str, Any]
) -> None:
    path = f"/artifacts/{known['artifact_id']}"
    with held_up(database.replicas[0]):
        wait_until(lambda: max(reader.measure("artifactd_replica_age_seconds")) > 6 or None, timeout_s=60)
        before = reader.measure("artifactd_replica_reads")

        replies = [reader.get(path, 5) for _ in range(10)]

        after = reader.measure("artifactd_replica_reads")
        assert [(reply.status, reply.json["description"]) for reply in replies] == [(200, "old")] * 10
        assert after[0] == before[0]
        assert after[1] > before[1]


def test_replicas_share_the_reads(reader: Reader, known: dict[str, Any]) -> None:
    path = f"/artifacts/{known['artifact_id']}"
    before = reader.measure("artifactd_replica_reads")

    assert all("age" in reader.get(path, ANY_AGE).headers for _ in range(10))

    after = reader.measure("artifactd_replica_reads")
    assert [new - old for new, old in zip(after, before, strict=True)] == [5, 5]


def test_replicas_that_die_are_replaced_by_the_primary_and_taken_back(
    database: ReplicatedDatabase, reader: Reader, known: dict[str, Any]
) -> None:
    path = f"/artifacts/{known['artifact_id']}"

    for replica in database.replicas:
        replica.kill()
    replies = [reader.get(path, ANY_AGE) for _ in range(10)]
    reader.wait_until_primary_is_read(path)
    for replica in database.replicas:
        replica.start()

    assert [reply.status for reply in replies] == [200] * 10
    assert shown(reader, known, None)["get"] == ("old", None)
    reader.wait_until_read()
    assert "age" in reader.get(path, ANY_AGE).headers


def test_replicas_that_fall_silent_hold_nobody_up(
    database: ReplicatedDatabase, reader: Reader, known: dict[str, Any]
) -> None:
    for replica in database.replicas:
        replica.freeze()
    try:
        found = shown(reader, known, ANY_AGE)
    finally:
        for replica in database.replicas:
            replica.thaw()

    assert found == {kind: (value, None) for kind, value in OLD.items()}
    reader.wait_until_read()


@pytest.mark.engines("postgresql")
def test_a_replica_that_is_away_at_the_start_is_told_in_the_log(database: ReplicatedDatabase) -> None:
    away = f"{database.url.partition('://')[0]}://nobody:secret@127.0.0.1:{free_port()}/test_reads"
    reader = Reader(database.url, away)

    made = reader.api.artifact(name="away")
    reply = reader.get(f"/artifacts/{made['artifact_id']}", ANY_AGE)
    reader.api.close()
    code = reader.server.stop()

    assert (reply.status, reply.headers.get("age")) == (200, None)
    assert "a replica of the database is away: the primary is read" in reader.server.errors
    assert "secret" not in reader.server.errors
    assert code == 0


@pytest.mark.engines("postgresql")
def test_workers_show_their_replicas_together(database: ReplicatedDatabase) -> None:
    reader = Reader(database.url, *database.read_urls(), flags=("--workers", "2"))
    try:
        made = reader.api.artifact(name="workers")
        for replica in database.replicas:
            replica.wait_for_all()
        path = f"/artifacts/{made['artifact_id']}"
        wait_until(lambda: "age" in reader.get(path, ANY_AGE).headers or None, timeout_s=60)

        assert len(reader.measure("artifactd_replica_age_seconds")) == 2
        assert sum(reader.measure("artifactd_replica_reads")) >= 1
    finally:
        reader.close()


def test_no_answer_is_older_than_its_age_while_much_is_written(
    database: ReplicatedDatabase, reader: Reader, known: dict[str, Any]
) -> None:
    path = f"/artifacts/{known['artifact_id']}"
    began = Stopwatch()
    acknowledged: list[float] = []

    def write() -> None:
        api = Api(reader.server.url)
        for number in range(150):
            api.ok("PUT", path, {"description": str(number)})
            acknowledged.append(began.seconds())
        api.close()

    wrong, old = [], 0
    with ThreadPoolExecutor(1) as thread:
        writing = thread.submit(write)
        while not writing.done():
            with held_up(database.replicas[old % 2]):
                for max_age_s in (1, 2, 3, None) * 5:
                    asked_s = began.seconds()
                    reply = reader.get(path, max_age_s)
                    age_s = int(reply.headers.get("age", 0))
                    old += age_s > 0
                    least = sum(moment < asked_s - age_s for moment in acknowledged) - 1
                    if least >= 0 and int(reply.json["description"]) < least:
                        wrong.append((reply, least))
        writing.result()

    assert wrong == []
    assert old > 0
