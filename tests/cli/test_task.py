"""`artifactd task …`, as a process against a real server."""

from __future__ import annotations

import json

import pytest
from cli.conftest import Cli
from support import Api


@pytest.fixture(scope="module", autouse=True)
def tasks(server: Api) -> None:
    """Two tasks of a run, one of which reads what the other made, and a child."""
    made = server.artifact(name="rows", type="Dataset", request={"task_id": "load", "producer_key": "out"})
    times = {"start_time": "2026-01-01T00:00:00Z", "end_time": "2026-01-01T00:00:01.5Z"}
    server.task(task_id="load", run_id="r", display_name="load it", state="SUCCEEDED", **times)
    inputs = {"data": {"artifact_ids": [made["artifact_id"]]}}
    server.task(task_id="train", run_id="r", name="train", state="FAILED", inputs=inputs, input_parameters={"lr": 0.1})
    server.task(task_id="child", parent_task_id="train")
    server.metric(task_id="train", name="loss", value=0.5)


def test_tasks_of_a_run_stand_in_their_order(cli: Cli) -> None:
    done = cli("task", "list", "--run", "r", "--columns", "task_id,display_name,state,duration")

    assert done.out.splitlines() == [
        "task_id  display_name  state      duration",
        "load     load it       SUCCEEDED  1.5 s",
        "train    train         FAILED",
    ]


def test_all_tasks_are_listed_the_newest_first(cli: Cli) -> None:
    assert cli("task", "list", "-q").out.splitlines() == ["child", "train", "load"]


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (("--parent", "train"), ["child"]),
        (("--where", "state=FAILED"), ["train"]),
        (("--where", "name~rai"), ["train"]),
    ],
)
def test_tasks_are_found_by_parent_and_condition(cli: Cli, arguments: tuple[str, ...], found: list[str]) -> None:
    assert cli("task", "list", "-q", *arguments).out.splitlines() == found


def test_a_card_shows_what_a_task_read_and_its_metrics(cli: Cli) -> None:
    done = cli("task", "get", "train").out

    assert "state        FAILED\n" in done
    assert "input_parameters\n  lr  0.1\n" in done
    assert "read\n  Dataset rows as data  0000" in done
    assert "metric  value\n──────  ─────\nloss    0.5\n" in done


def test_a_card_shows_what_a_task_made_and_how_long_it_took(cli: Cli) -> None:
    done = cli("task", "get", "load").out

    assert "made\n  Dataset rows as out  0000" in done
    assert "duration      1.5 s\n" in done


def test_a_task_as_json_is_what_the_api_answers(cli: Cli, server: Api) -> None:
    assert json.loads(cli("task", "get", "train", "--json").out) == server.get("/tasks/train")
