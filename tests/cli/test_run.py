"""`artifactd run …`, as a process against a real server."""

from __future__ import annotations

import json

import pytest
from cli.conftest import Cli
from support import Api


@pytest.fixture(scope="module", autouse=True)
def runs(server: Api) -> None:
    """Two runs, one of an experiment and with a task."""
    server.ok("PATCH", "/runs/plain", {"display_name": "plain"})
    config = {"parameters": {"seed": 7}}
    body = {"display_name": "nightly", "experiment_id": "e", "labels": {"branch": "main"}, "runtime_config": config}
    server.ok("PATCH", "/runs/nightly-1", body)
    server.task(task_id="load", run_id="nightly-1", display_name="load it", state="SUCCEEDED")


def test_runs_are_listed_the_newest_first(cli: Cli) -> None:
    assert cli("run", "list", "-q").out.splitlines() == ["nightly-1", "plain"]


@pytest.mark.parametrize(
    "arguments", [("--experiment", "e"), ("--where", "name~night"), ("--where", "state=SUCCEEDED")]
)
def test_runs_are_found_by_experiment_and_condition(cli: Cli, arguments: tuple[str, ...]) -> None:
    assert "nightly-1" in cli("run", "list", "-q", *arguments).out.splitlines()


def test_columns_lead_into_objects(cli: Cli) -> None:
    done = cli("run", "list", "--columns", "run_id,labels.branch", "--format", "csv")

    assert done.out.splitlines() == ["run_id,labels.branch", "nightly-1,main", "plain,"]


def test_a_card_shows_a_run_and_its_tasks(cli: Cli) -> None:
    done = cli("run", "get", "nightly-1").out

    assert "runtime_config\n  parameters\n    seed  7\n" in done
    assert done.endswith("task_id  display_name  state\nload     load it       SUCCEEDED\n")


def test_a_run_as_json_is_what_the_api_answers(cli: Cli, server: Api) -> None:
    assert json.loads(cli("run", "get", "nightly-1", "--json").out) == server.get("/runs/nightly-1")
