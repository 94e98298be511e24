"""A batch does what its items do one by one, or nothing: artifacts with and without tasks, and links."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from properties.conftest import NewApi
from properties.values import FixedClock, examples
from support import DirectApi

TASKS = st.sampled_from(["t", "u", "v"])
RUNS = st.sampled_from(["r", "s"])
NEW_ARTIFACTS = st.lists(
    st.fixed_dictionaries(
        {"artifact": st.fixed_dictionaries({"name": st.sampled_from("ab")}, optional={"namespace": st.just("team")})},
        optional={
            "task_id": TASKS,
            "run_id": RUNS,
            "producer_key": st.sampled_from("kl"),
            "reuse_if_exists": st.booleans(),
        },
    ),
    min_size=1,
    max_size=6,
)
NEW_LINKS = st.lists(
    st.fixed_dictionaries(
        {"artifact": st.integers(0, 4), "task_id": TASKS},
        optional={
            "run_id": RUNS,
            "type": st.sampled_from(["INPUT", "OUTPUT"]),
            "key": st.sampled_from(["", "k", "l"]),
            "producer": st.fixed_dictionaries(
                {}, optional={"task_name": st.sampled_from("xy"), "iteration": st.integers(0, 1)}
            ),
        },
    ),
    min_size=1,
    max_size=6,
)


def one_by_one(api: DirectApi, path: str, field: str, items: list[dict[str, Any]]) -> tuple[int, list[Any]]:
    """The status with which the first was refused, or 200, and what the others were answered."""
    answers: list[Any] = []
    for item in items:
        reply = api.request("POST", path, {field: item} if field else item)
        if reply.status != 200:
            return reply.status, answers
        answers.append(reply.json)
    return 200, answers


def everything(api: DirectApi) -> list[Any]:
    """What there is."""
    links = [api.get("/artifact_tasks", type=type_, page_size=200) for type_ in ("INPUT", "OUTPUT")]
    return [*links, *(api.get(path, page_size=200) for path in ("/artifacts", "/tasks", "/runs"))]


@examples(60)
@given(before=NEW_ARTIFACTS, batch=NEW_ARTIFACTS)
def test_a_batch_of_artifacts_does_what_they_do_one_by_one_or_nothing(
    new_api: NewApi, before: list[dict[str, Any]], batch: list[dict[str, Any]]
) -> None:
    with new_api(FixedClock()) as api:
        one_by_one(api, "/artifacts", "", before)
        status, singly = one_by_one(api, "/artifacts", "", batch)
        expected = everything(api)
    with new_api(FixedClock()) as api:
        one_by_one(api, "/artifacts", "", before)
        unchanged = everything(api)

        reply = api.request("POST", "/artifacts:batchCreate", {"artifacts": batch})

        assert reply.status == status
        assert everything(api) == (expected if status == 200 else unchanged)
        assert status != 200 or reply.json["artifacts"] == singly


@examples(60)
@given(before=NEW_LINKS, batch=NEW_LINKS)
def test_a_batch_of_links_does_what_they_do_one_by_one_or_nothing(
    new_api: NewApi, before: list[dict[str, Any]], batch: list[dict[str, Any]]
) -> None:
    with new_api(FixedClock()) as api:
        known, asked = prepared(api, before), of_artifacts(api, batch)
        status, singly = one_by_one(api, "/artifact_tasks", "artifact_task", asked)
        expected = everything(api)
    with new_api(FixedClock()) as api:
        assert prepared(api, before) == known

        reply = api.request("POST", "/artifact_tasks:batchCreate", {"artifact_tasks": of_artifacts(api, batch)})

        assert reply.status == status
        assert everything(api) == (expected if status == 200 else known)
        assert status != 200 or reply.json["artifact_tasks"] == singly


def prepared(api: DirectApi, links: list[dict[str, Any]]) -> list[Any]:
    """Makes artifacts, one of another namespace, tasks with and without a run, and these links; gives all there is."""
    for name in "abc":
        api.artifact(name=name)
    api.artifact(name="d", namespace="team")
    api.task(task_id="t", run_id="r")
    api.task(task_id="u")
    for link in of_artifacts(api, links):
        api.request("POST", "/artifact_tasks", {"artifact_task": link})
    return everything(api)


def of_artifacts(api: DirectApi, links: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Links with the ids of the artifacts that they name by number; the last number is of none."""
    ids = [artifact["artifact_id"] for artifact in api.get("/artifacts", sort_by="name")["artifacts"]][:4]
    unknown = "00000000-0000-4000-8000-00000000ffff"
    return [
        {name: value for name, value in link.items() if name != "artifact"}
        | {"artifact_id": [*ids, unknown][link["artifact"]]}
        for link in links
    ]
