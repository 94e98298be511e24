"""What a search finds: artifacts, runs and tasks by what their names and ids begin with."""

from __future__ import annotations

from typing import Any

import pytest
from support import Api, fields_of


def found(api: Api, text: str, **query: Any) -> dict[str, list[str]]:
    """The names or ids that a search gives, of each noun."""
    answer = api.ok("GET", "/search", query={"query": text, **query})
    return {
        "artifacts": [item["name"] for item in answer["artifacts"]],
        "runs": [item["run_id"] for item in answer["runs"]],
        "tasks": [item["task_id"] for item in answer["tasks"]],
    }


def test_a_search_finds_artifacts_by_the_beginning_of_their_names(api: Api) -> None:
    for name in ("iris", "iris-2", "an iris", "Iris"):
        api.artifact(name=name)

    assert found(api, "iris")["artifacts"] == ["iris", "iris-2"]


def test_a_search_finds_an_artifact_by_its_whole_id(api: Api) -> None:
    made = api.artifact(name="iris")

    assert found(api, made["artifact_id"])["artifacts"] == ["iris"]


def test_a_search_finds_runs_and_tasks_by_id_and_by_name(api: Api) -> None:
    api.ok("POST", "/tasks", {"task_id": "train-1", "run_id": "train-run", "display_name": "fit"})
    api.ok("PATCH", "/runs/nightly-7", {"display_name": "train every night"})

    assert found(api, "train") == {"artifacts": [], "runs": ["nightly-7", "train-run"], "tasks": ["train-1"]}
    assert found(api, "fit")["tasks"] == ["train-1"]


def test_a_search_gives_what_both_name_and_id_find_once(api: Api) -> None:
    api.ok("POST", "/tasks", {"task_id": "train", "name": "train", "display_name": "train"})

    assert found(api, "train")["tasks"] == ["train"]


@pytest.mark.parametrize("text", ["100%", "a_", "ä", "\U0010ffff", "\ud7ff", "x'; --"])
def test_a_search_takes_every_character_for_itself(api: Api, text: str) -> None:
    for name in (text, f"{text}!", "100x", "ab", "z"):
        api.artifact(name=name)

    assert found(api, text)["artifacts"] == [text, f"{text}!"]


def test_a_search_gives_no_more_of_each_noun_than_asked_for(api: Api) -> None:
    for number in range(5):
        api.artifact(name=f"iris-{number}")

    assert found(api, "iris", page_size=2)["artifacts"] == ["iris-0", "iris-1"]


def test_a_search_stays_in_the_namespace_that_it_names(api: Api) -> None:
    api.artifact(name="iris", namespace="team-a")
    api.artifact(name="iris-b", namespace="team-b")

    assert found(api, "iris", namespace="team-b")["artifacts"] == ["iris-b"]
    assert found(api, "iris")["artifacts"] == ["iris", "iris-b"]


def test_a_search_leaves_the_pipelines_of_runs_out(api: Api) -> None:
    api.ok("PATCH", "/runs/nightly", {"pipeline_spec": {"root": {}}})

    [run] = api.ok("GET", "/search", query={"query": "night"})["runs"]

    assert "pipeline_spec" not in run


@pytest.mark.parametrize("query", [{}, {"query": ""}, {"query": "x" * 257}])
def test_a_search_refuses_a_text_that_is_none_or_too_long(api: Api, query: dict[str, str]) -> None:
    reply = api.request("GET", "/search", query=query)

    assert reply.status == 400
    assert fields_of(reply) == ["query"]
