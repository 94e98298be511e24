"""sort_by and order_by (contract, list_*)."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from engines.databases import Databases
from support import Api, Clock, error_of, fields_of, running_app

TEXTS = ["b", "B", "a", "", "é", "z", "🚀", "\uffff", "a ", "a b", "aa", "10", "9", "b", "b"]
NUMBERS = [1, -1, 0, 1e300, 0.5, "NaN", "Infinity", "-Infinity", 1, -0.0, 5e-324, 1, "Infinity", "NaN", "-Infinity"]
TIMES = [f"{2000 + (7 * number) % 5}-01-01T00:00:00Z" for number in range(15)]


@pytest.fixture(scope="module")
def sorted_api(engine: str, databases: Databases) -> Iterator[Api]:
    """A client of a store with fifteen items of every noun, with ties and unset fields."""
    clock = Clock()
    with databases.empty_store(engine) as store, running_app(store, clock=clock) as (url, _):
        api = Api(url, clock)
        for number in range(15):
            fill(api, number)
        for item in api.get("/artifacts")["artifacts"][::4]:
            api.ok("PUT", f"/artifacts/{item['artifact_id']}", {"description": "changed"})
        yield api
        api.close()


def fill(api: Api, number: int) -> None:
    text, value = TEXTS[number], NUMBERS[number]
    kinds = ["Model", "Artifact", "HTML"]
    some = {} if number % 3 == 0 or isinstance(value, str) else {"number_value": value}
    made = api.artifact(name=text or "x", type=kinds[number % 3], **some)
    task_id, run = f"t{(number * 7) % 15}", {"run_id": f"r{number % 4}"} if number % 4 else {}
    api.task(
        task_id=task_id, name=text, display_name=text, state=["RUNNING", "FAILED", "CACHED"][number % 3],
        create_time=TIMES[number], **run,
        **({"start_time": TIMES[number], "end_time": TIMES[14 - number]} if number % 2 else {}),
    )  # fmt: skip
    schema = {"schema": "ClassificationMetric", "value": [number]} if number % 5 == 4 else {"value": value}
    kind = ["METRIC_INPUT", "METRIC_OUTPUT"][number % 2]
    api.metric(task_id=task_id, name=text or "x", type=kind, created_at=TIMES[number], **schema)
    for link in ("INPUT", "COMPONENT_INPUT"):
        api.link(artifact_id=made["artifact_id"], task_id=task_id, type=link)
    api.ok("PATCH", f"/runs/{task_id}", {"display_name": text, "created_at": TIMES[number]})


IDENTITY: dict[str, Callable[[Any], Any]] = {
    "artifacts": lambda item: item["artifact_id"],
    "metrics": lambda item: (item["task_id"], item["name"]),
    "artifact_tasks": lambda item: item["id"],
    "tasks": lambda item: item["task_id"],
    "runs": lambda item: item["run_id"],
}
SORTS = {
    "artifacts": ["artifact_id", "name", "type", "created_at", "updated_at", "number_value"],
    "metrics": ["task_id", "name", "run_id", "schema", "type", "value", "created_at"],
    "artifact_tasks": ["id", "artifact_id", "task_id", "run_id", "type", "created_at"],
    "tasks": ["task_id", "run_id", "name", "display_name", "state", "create_time", "start_time", "end_time"],
    "runs": ["run_id", "display_name", "created_at", "state"],
}
ALIASES = {
    "artifacts": {"id": "artifact_id", "value": "number_value", "last_update": "updated_at"},
    "metrics": {"id": "task_id", "number_value": "value", "last_update": "created_at"},
    "artifact_tasks": {"last_update": "created_at"},
    "tasks": {"id": "task_id", "status": "state", "last_update": "updated_at", "created_at": "create_time"},
    "runs": {"id": "run_id", "status": "state", "name": "display_name", "last_update": "updated_at"},
}
PARAMETER = {"tasks": "order_by"}
EVERY = [(noun, field) for noun, fields in SORTS.items() for field in fields]


def rank(field: str, value: Any, descending: bool) -> tuple[int, Any]:
    """Where a value stands in ascending order: unset, -Infinity, finite, Infinity; NaN last both ways."""
    if field in ("value", "number_value"):
        if value is None or isinstance(value, list):
            return 0, 0
        number = float(value)
        if math.isnan(number):
            return (-1 if descending else 4), 0
        return (2, number) if math.isfinite(number) else (3 if number > 0 else 1, 0)
    return (0, "") if value is None else (1, value)


def walked(api: Api, noun: str, sort: str | None, page_size: int = 4) -> list[Any]:
    query = {} if sort is None else {PARAMETER.get(noun, "sort_by"): sort}
    return [IDENTITY[noun](item) for item in api.walk(f"/{noun}", noun, page_size=page_size, **query)]


@pytest.mark.parametrize(("noun", "field"), EVERY)
@pytest.mark.parametrize("descending", [False, True])
def test_a_list_is_sorted_by_the_field_with_ties_by_the_identifier(
    sorted_api: Api, noun: str, field: str, descending: bool
) -> None:
    items = sorted_api.walk(f"/{noun}", noun, page_size=200)
    expected = sorted(
        items,
        key=lambda item: (rank(field, item.get(field), descending), IDENTITY[noun](item)),
        reverse=descending,
    )

    for page_size in (1, 4, 200):
        found = walked(sorted_api, noun, f"{field} desc" if descending else field, page_size)
        assert found == [IDENTITY[noun](item) for item in expected]


@pytest.mark.parametrize(("noun", "field"), EVERY)
def test_asc_is_the_default_direction(sorted_api: Api, noun: str, field: str) -> None:
    assert walked(sorted_api, noun, f"{field} asc") == walked(sorted_api, noun, field)


@pytest.mark.parametrize(("noun", "field"), EVERY)
def test_case_and_extra_blanks_do_not_matter(sorted_api: Api, noun: str, field: str) -> None:
    plain = walked(sorted_api, noun, f"{field} desc")

    for spelling in (f"{field.upper()} DESC", f"  {field}\t  Desc ", f"{field.title()} desC"):
        assert walked(sorted_api, noun, spelling) == plain


@pytest.mark.parametrize(
    ("noun", "alias", "field"),
    [(noun, alias, field) for noun, found in ALIASES.items() for alias, field in found.items()],
)
def test_aliases_are_known(sorted_api: Api, noun: str, alias: str, field: str) -> None:
    assert walked(sorted_api, noun, f"{alias} desc") == walked(sorted_api, noun, f"{field} desc")


@pytest.mark.parametrize("noun", ["tasks", "runs"])
def test_tasks_and_runs_are_sorted_by_their_last_update(api: Api, noun: str) -> None:
    for name in "abc":
        api.task(task_id=name, run_id=name)
    api.ok("PATCH", f"/{noun}/a", {"display_name": "x"})

    assert walked(api, noun, "updated_at") == walked(api, noun, "last_update") == ["b", "c", "a"]


@pytest.mark.parametrize(
    ("noun", "default"),
    [("artifacts", "created_at"), ("artifact_tasks", "created_at"), ("tasks", "create_time"), ("runs", "created_at")],
)
def test_the_default_order_is_by_the_time_of_making(sorted_api: Api, noun: str, default: str) -> None:
    assert walked(sorted_api, noun, None) == walked(sorted_api, noun, default)
    assert walked(sorted_api, noun, "") == walked(sorted_api, noun, default)


def test_the_default_order_of_metrics_is_that_of_first_logging(sorted_api: Api) -> None:
    assert [task_id for task_id, _ in walked(sorted_api, "metrics", None)] == [f"t{n * 7 % 15}" for n in range(15)]


@pytest.mark.parametrize("noun", SORTS)
@pytest.mark.parametrize(
    "bad", ["nonsense", "metadata", "name desc asc", "name descending", "desc", "name,type", "name;", "1", "-name",
            "name desc; DROP TABLE artifacts", "created_at_us", "a.b", "🚀"],
)  # fmt: skip
def test_another_sort_is_a_400_that_lists_the_fields(sorted_api: Api, noun: str, bad: str) -> None:
    parameter = PARAMETER.get(noun, "sort_by")

    reply = sorted_api.request("GET", f"/{noun}", query={parameter: bad})

    assert (reply.status, fields_of(reply)) == (400, [parameter])
    assert all(field in error_of(reply)["message"] for field in SORTS[noun])


@pytest.mark.parametrize(
    ("noun", "field"), [("artifacts", "uri"), ("artifacts", "description"), ("metrics", "step"), ("tasks", "pod_name")]
)
def test_a_field_that_no_index_serves_is_400(sorted_api: Api, noun: str, field: str) -> None:
    reply = sorted_api.request("GET", f"/{noun}", query={PARAMETER.get(noun, "sort_by"): field})

    assert reply.status == 400
