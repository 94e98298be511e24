"""Compare: where artifacts or runs differ, how far their metrics are apart, and where their lineages part."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from page.conftest import Open
from page.visits import Visit
from playwright.sync_api import Locator, expect
from support import Api, LiveServer

RATES = {"slow": 0.1, "fast": 0.3, "again": 0.1}


@pytest.fixture(scope="module")
def models(recorded: LiveServer) -> Iterator[dict[str, str]]:
    """A model of each run: all from one data set, made with a rate of its own, and measured."""
    api = Api(recorded.url)
    data = api.artifact(name="table", type="Dataset", uri="s3://tables/1")["artifact_id"]
    made: dict[str, str] = {}
    for run, rate in RATES.items():
        fit, judge = f"fit-{run}", f"judge-{run}"
        api.task(task_id=fit, run_id=run, name="fit", state="SUCCEEDED", input_parameters={"rate": rate})
        api.task(task_id=judge, run_id=run, name="judge", state="SUCCEEDED")
        api.link(artifact_id=data, task_id=fit, key="rows")
        model = {"name": "classifier", "type": "Model", "uri": f"s3://models/{run}", "metadata": {"layers": 3}}
        made[run] = api.artifact(**model, request={"task_id": fit, "producer_key": "model"})["artifact_id"]
        api.link(artifact_id=made[run], task_id=judge, key="model")
        curve = [
            {"confidenceThreshold": 1 - x, "falsePositiveRate": x, "recall": min(1, x + rate)} for x in (0, 0.5, 1)
        ]
        matrix = {
            "annotationSpecs": [{"displayName": "no"}, {"displayName": "yes"}],
            "rows": [{"row": [5, 1]}, {"row": [2, 6]}],
        }
        value: Any = {"confidenceMetrics": curve, "confusionMatrix": matrix}
        api.metric(task_id=judge, name="judged", schema="ClassificationMetric", value=value)
        for step in range(3):
            api.metric(task_id=judge, name="accuracy", value=rate + step / 10, step=step)
        api.metric(task_id=judge, name="loss", value=rate)
    yield made
    api.close()


def compared(visit: Open, server: LiveServer, kind: str, ids: list[str], **more: str) -> Visit:
    seen = visit(f"{server.url}/compare?" + urlencode([(kind, each) for each in ids] + list(more.items())))
    seen.settled()
    return seen


def region(seen: Visit, name: str) -> Locator:
    return seen.page.get_by_role("region", name=name)


def test_only_what_differs_is_shown_at_first(visit: Open, recorded: LiveServer, models: dict[str, str]) -> None:
    seen = compared(visit, recorded, "artifact", [models["slow"], models["fast"]])
    differences = region(seen, "Differences")
    expect(differences).to_contain_text("s3://models/fast")
    expect(differences).not_to_contain_text("metadata.layers")

    seen.page.get_by_role("checkbox", name="What is the same, too").check()

    expect(differences).to_contain_text("metadata.layers")


def test_metrics_are_told_by_how_far_they_are_from_the_first(
    visit: Open, recorded: LiveServer, models: dict[str, str]
) -> None:
    metrics = region(compared(visit, recorded, "artifact", [models["slow"], models["fast"]]), "Metrics")

    expect(metrics.get_by_role("row", name="accuracy")).to_contain_text("0.5 best+0.2 (+66.7%) better")
    expect(metrics.get_by_role("row", name="loss")).to_contain_text("+0.2 (+200%) worse")


@pytest.mark.usefixtures("models")
def test_another_one_can_be_measured_against(visit: Open, recorded: LiveServer) -> None:
    seen = compared(visit, recorded, "run", ["slow", "fast"])

    seen.page.get_by_role("button", name="First: measure against fast").click()

    expect(region(seen, "Metrics").get_by_role("row", name="loss")).to_contain_text("\u22120.2 (\u221266.7%) better")
    assert seen.path == "/compare?run=fast&run=slow"


def test_the_lineages_of_models_part_at_the_task_that_was_given_something_else(
    visit: Open, recorded: LiveServer, models: dict[str, str]
) -> None:
    parted = region(
        compared(visit, recorded, "artifact", [models["slow"], models["fast"]]), "Where their lineages part"
    )

    expect(parted).to_contain_text("both come from table")
    expect(parted).to_contain_text("part at the task fit")
    expect(parted.get_by_role("row", name="parameter rate")).to_contain_text("0.10.3")


@pytest.mark.usefixtures("models")
def test_the_lineages_of_runs_part_at_the_task_that_was_given_something_else(visit: Open, recorded: LiveServer) -> None:
    parted = region(compared(visit, recorded, "run", ["slow", "fast"]), "Where their lineages part")

    expect(parted).to_contain_text("part at the task fit")
    expect(parted.get_by_role("row", name="parameter rate")).to_contain_text("0.10.3")


def test_what_was_made_in_the_same_way_is_said_to_be(visit: Open, recorded: LiveServer, models: dict[str, str]) -> None:
    parted = region(
        compared(visit, recorded, "artifact", [models["slow"], models["again"]]), "Where their lineages part"
    )

    expect(parted).to_contain_text("were made in the same way, as far as is known")


@pytest.mark.usefixtures("models")
def test_curves_and_histories_lie_over_each_other(visit: Open, recorded: LiveServer) -> None:
    page = compared(visit, recorded, "run", ["slow", "fast", "again"]).page

    roc = page.get_by_role("figure", name="ROC curve")
    expect(roc.get_by_role("listitem")).to_have_count(3)
    expect(page.get_by_role("figure", name="accuracy").get_by_role("listitem")).to_have_count(3)
    expect(page.get_by_role("figure", name="Confusion matrix")).to_have_count(3)


@pytest.mark.usefixtures("models")
def test_one_is_left_out_and_another_added_by_its_name(visit: Open, recorded: LiveServer) -> None:
    seen = compared(visit, recorded, "run", ["slow", "fast"])
    sides = seen.page.get_by_role("list", name="What is compared").get_by_role("listitem")

    seen.page.get_by_role("searchbox", name="Add to what is compared").fill("aga")
    seen.page.get_by_role("list", name="Found").get_by_role("button", name="again").click()
    expect(sides).to_have_count(3)
    seen.page.get_by_role("button", name="Leave fast out").click()

    expect(sides).to_have_count(2)
    assert seen.path == "/compare?run=slow&run=again"


def test_more_than_ten_are_not_compared_silently(visit: Open, recorded: LiveServer) -> None:
    seen = compared(visit, recorded, "run", [f"run-{number}" for number in range(11)])

    expect(seen.page.get_by_text("At most 10 can be compared at once")).to_be_visible()


def test_artifacts_are_not_compared_with_runs(visit: Open, recorded: LiveServer, models: dict[str, str]) -> None:
    seen = visit(f"{recorded.url}/compare?artifact={models['slow']}&artifact={models['fast']}&run=slow")
    expect(seen.page.get_by_text("cannot be compared with each other")).to_be_visible()

    seen.page.get_by_role("button", name="the artifacts").click()

    expect(region(seen, "Differences")).to_be_visible()


def test_nothing_to_compare_says_where_to_tick(visit: Open, recorded: LiveServer) -> None:
    seen = compared(visit, recorded, "run", [])

    expect(seen.page.get_by_text("There is nothing to compare yet")).to_be_visible()


def test_what_is_not_there_is_said_not_to_be(visit: Open, recorded: LiveServer) -> None:
    seen = compared(visit, recorded, "run", ["nowhere", "slow"])

    expect(seen.page.get_by_role("alert")).to_be_visible()
    # The browser itself notes each answer of 404.
    seen.complaints.clear()
