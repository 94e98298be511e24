"""`every` walks whole lists: each item once, page by page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from artifactd_client import ApiTypeError, ArtifactServiceApi, HealthzServiceApi, RunServiceApi, every
from support import Api

ITEMS = 25


@pytest.fixture
def filled(api: Api) -> None:
    """25 of everything that is listed."""
    for number in range(ITEMS):
        name = f"{number:02}"
        api.task(task_id=name, run_id=name)
        made = api.artifact(name=name)
        api.link(artifact_id=made["artifact_id"], task_id=name, type="OUTPUT", key="data")
        api.metric(task_id="t", name=name)
        api.metric(task_id="h", name="loss", step=str(number))


LISTS: dict[str, Callable[[ArtifactServiceApi, RunServiceApi], Iterator[Any]]] = {
    "list_artifacts": lambda artifacts, _: (each.name for each in every(artifacts.list_artifacts, page_size=4)),
    "list_metrics": lambda artifacts, _: (
        each.name for each in every(artifacts.list_metrics, task_ids=["t"], page_size=4)
    ),
    "list_artifact_tasks": lambda artifacts, _: (
        each.task_id for each in every(artifacts.list_artifact_tasks, type="OUTPUT", page_size=4)
    ),
    "get_metric_history": lambda artifacts, _: (
        f"{each.step:02}" for each in every(artifacts.get_metric_history, "h", "loss", page_size=4)
    ),
    "list_tasks": lambda _, runs: (each.task_id for each in every(runs.list_tasks, page_size=4) if each.run_id),
    "run_service_list_runs": lambda _, runs: (each.run_id for each in every(runs.run_service_list_runs, page_size=4)),
}


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("name", LISTS)
def test_every_item_of_a_list_comes_once_and_in_order(
    artifacts: ArtifactServiceApi, runs: RunServiceApi, name: str
) -> None:
    assert list(LISTS[name](artifacts, runs)) == [f"{number:02}" for number in range(ITEMS)]


def test_an_empty_list_has_no_items(artifacts: ArtifactServiceApi) -> None:
    assert list(every(artifacts.list_artifacts)) == []


@pytest.mark.usefixtures("filled")
def test_a_page_is_asked_for_when_the_one_before_is_used_up(artifacts: ArtifactServiceApi) -> None:
    asked: list[Any] = []

    def listing(**query: Any) -> Any:
        asked.append(query.get("page_size"))
        return artifacts.list_artifacts(**query)

    items = every(listing, page_size=10)

    assert asked == []
    assert [next(items).name for _ in range(10)] == [f"{number:02}" for number in range(10)]
    assert asked == [10]
    assert len(list(items)) == ITEMS - 10
    assert asked == [10, 10, 10]


@pytest.mark.usefixtures("filled")
def test_pages_have_200_items_unless_it_is_said(artifacts: ArtifactServiceApi) -> None:
    asked: list[Any] = []

    def listing(**query: Any) -> Any:
        asked.append(query)
        return artifacts.list_artifacts(**query)

    assert len(list(every(listing))) == ITEMS
    assert asked == [{"page_size": 200}]


@pytest.mark.usefixtures("filled")
def test_what_is_inserted_meanwhile_repeats_and_hides_nothing(api: Api, artifacts: ArtifactServiceApi) -> None:
    found = []

    for each in every(artifacts.list_artifacts, page_size=3, sort_by="name desc"):
        found.append(each.name)
        api.artifact(name=f"z-{each.name}")  # Before all in this order.

    assert found == [f"{number:02}" for number in reversed(range(ITEMS))]


@pytest.mark.usefixtures("filled")
def test_points_logged_meanwhile_come_at_the_end_of_a_history(api: Api, artifacts: ArtifactServiceApi) -> None:
    steps = []

    for each in every(artifacts.get_metric_history, "h", "loss", page_size=10):
        steps.append(each.step)
        if each.step == 12:
            api.metric(task_id="h", name="loss", step="99")

    assert steps == [*range(ITEMS), 99]


@pytest.mark.usefixtures("filled")
def test_the_query_goes_with_every_page(artifacts: ArtifactServiceApi) -> None:
    condition = {"predicates": [{"operation": "IS_SUBSTRING", "key": "name", "string_value": "1"}]}

    found = [each.name for each in every(artifacts.list_artifacts, page_size=2, filter=condition, sort_by="name desc")]

    assert found == ["21", *(f"{number}" for number in range(19, 9, -1)), "01"]


@pytest.mark.usefixtures("filled")
def test_a_walk_may_begin_at_a_page_of_ones_own(artifacts: ArtifactServiceApi) -> None:
    first = artifacts.list_artifacts(page_size=20)

    rest = every(artifacts.list_artifacts, page_size=2, page_token=first.next_page_token)

    assert [each.name for each in rest] == [f"{number:02}" for number in range(20, ITEMS)]


def test_a_method_without_pages_is_refused(api: Api, artifacts: ArtifactServiceApi, health: HealthzServiceApi) -> None:
    made = api.artifact()

    with pytest.raises(ApiTypeError, match="healthz_service_get_healthz gives none"):
        next(every(health.healthz_service_get_healthz))
    with pytest.raises(ApiTypeError, match="get_artifact gives none"):
        next(every(artifacts.get_artifact, made["artifact_id"]))
    with pytest.raises(ApiTypeError, match="<lambda> gives none"):
        next(every(lambda **_: artifacts.get_lineage(artifact_id=made["artifact_id"])))


def test_the_answers_of_other_switches_are_refused(artifacts: ArtifactServiceApi) -> None:
    with pytest.raises(ApiTypeError, match="takes a method that gives pages"):
        next(every(artifacts.list_artifacts_with_http_info))
    with pytest.raises(ApiTypeError, match="takes a method that gives pages"):
        next(every(artifacts.list_artifacts, _preload_content=False))
