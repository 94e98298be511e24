"""Runs and tasks: states, metrics, and what each task read and made."""

from __future__ import annotations

import re
from typing import Any

import pytest
from page.conftest import Open
from playwright.sync_api import expect
from support import Api, LiveServer


@pytest.fixture
def run(api: Api) -> Any:
    """The recorded run of the breast-cancer pipeline."""
    return next(run for run in api.ok("GET", "/runs")["runs"] if run["pipeline_name"] == "breast-cancer")


def test_runs_show_their_state_and_the_metrics_that_tell_most(visit: Open, recorded: LiveServer) -> None:
    row = visit(f"{recorded.url}/runs").page.get_by_role("row", name=re.compile("breast-cancer"))

    expect(row).to_contain_text("Succeeded")
    expect(row).to_contain_text("accuracy")


def test_a_run_lists_its_tasks(visit: Open, recorded: LiveServer, run: Any) -> None:
    page = visit(f"{recorded.url}/runs/{run['run_id']}").page

    expect(page.get_by_role("listitem").filter(has_text="Succeeded")).to_have_count(8)


def test_a_task_of_a_run_shows_what_it_read_and_made(visit: Open, recorded: LiveServer, run: Any) -> None:
    seen = visit(f"{recorded.url}/runs/{run['run_id']}")
    seen.page.get_by_role("button", name="split-data").click()

    details = seen.page.get_by_role("region", name="split-data")

    expect(details.get_by_role("link", name="data", exact=True)).to_be_visible()
    expect(details.get_by_role("link", name="train", exact=True)).to_be_visible()
    assert "task=" in seen.path


def test_a_run_shows_the_metrics_of_its_tasks(visit: Open, recorded: LiveServer, run: Any) -> None:
    page = visit(f"{recorded.url}/runs/{run['run_id']}").page

    page.get_by_role("tab", name="Metrics").click()

    expect(
        page.get_by_role("grid", name="Metrics").get_by_role("row", name=re.compile("accuracy")).first
    ).to_be_visible()


def test_a_state_that_changes_appears_without_a_reload(visit: Open, recorded: LiveServer, api: Api) -> None:
    api.task(task_id="live-task", run_id="live-run", display_name="live", state="RUNNING")
    page = visit(f"{recorded.url}/runs/live-run").page
    expect(page.locator(".heading .state")).to_have_text(re.compile("Running"))

    api.ok("PATCH", "/tasks/live-task", {"state": "FAILED"})

    expect(page.locator(".heading .state")).to_have_text(re.compile("Failed"), timeout=20_000)


def test_a_task_has_a_view_of_its_own(visit: Open, recorded: LiveServer, run: Any, api: Api) -> None:
    tasks = api.ok("GET", "/tasks", query={"run_id": run["run_id"]})["tasks"]
    task = next(task for task in tasks if task["display_name"] == "evaluate-random-forest")

    page = visit(f"{recorded.url}/tasks/{task['task_id']}").page

    expect(page.get_by_role("heading", level=1)).to_have_text("evaluate-random-forest")
    expect(page.get_by_role("grid", name="Metrics").get_by_role("row", name=re.compile("accuracy"))).to_be_visible()


def test_a_run_of_a_thousand_tasks_draws_only_those_in_sight(visit: Open, recorded: LiveServer, api: Api) -> None:
    for number in range(1_000):
        api.task(task_id=f"many-{number:04}", run_id="many", state="SUCCEEDED")

    page = visit(f"{recorded.url}/runs/many").page

    expect(page.get_by_role("tab", name="Tasks (1000)")).to_be_visible()
    assert page.get_by_role("listitem").count() < 60
