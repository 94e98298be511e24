"""Which point of a metric is the current one, and the history of all (contract, log_metric and Ours)."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from support import Api, error_of, fields_of, quoted

EARLY, LATE = "2001-01-01T00:00:00Z", "2002-01-01T00:00:00Z"


def log_all(api: Api, *points: dict[str, Any], name: str = "loss") -> None:
    for number, point in enumerate(points):
        api.metric(name=name, **{"value": number, **point})


def current(api: Api) -> Any:
    return api.get("/metrics/t/loss")["value"]


def history(api: Api, name: str = "loss", **query: Any) -> Any:
    return api.get(f"/metric_history/t/{quoted(name)}", **query)


def values(api: Api) -> list[Any]:
    return [point["value"] for point in api.walk("/metric_history/t/loss", "metrics")]


@pytest.mark.parametrize(
    ("points", "shown"),
    [
        ([{"step": 1}, {"step": 2}], 1),
        ([{"step": 2}, {"step": 1}], 0),
        ([{"step": 2, "created_at": EARLY}, {"step": 1, "created_at": LATE}], 0),
        ([{"created_at": EARLY}, {"created_at": LATE}], 1),
        ([{"created_at": LATE}, {"created_at": EARLY}], 0),
        ([{"created_at": EARLY}, {"created_at": EARLY}], 1),
        ([{"step": 0, "created_at": LATE}, {"created_at": EARLY}], 0),
        ([{"created_at": EARLY}, {"step": 0, "created_at": EARLY}], 1),
        ([{}, {"step": -1}], 0),
        ([{"step": -1}, {}], 1),
        ([{"step": 1}, {}], 0),
        ([{}, {"step": 1, "created_at": EARLY}], 1),
        ([{}, {}], 1),
    ],
)
def test_the_current_point_has_the_greatest_step_then_time_then_arrival(
    api: Api, points: list[dict[str, Any]], shown: int
) -> None:
    log_all(api, *points)

    assert current(api) == shown
    assert api.get("/metrics")["metrics"][0]["value"] == shown


def test_the_current_point_does_not_depend_on_the_order_of_arrival(api: Api) -> None:
    points = [
        {"step": step, "created_at": at, "value": f} for f, (step, at) in enumerate([(1, LATE), (2, EARLY), (2, LATE)])
    ]

    for number, order in enumerate(itertools.permutations(points)):
        log_all(api, *order, name=f"m{number}")

    assert {item["value"] for item in api.get("/metrics")["metrics"]} == {2}


def test_log_metric_answers_the_point_just_logged_though_it_is_not_the_current_one(api: Api) -> None:
    api.metric(step=5, value=1)

    assert api.metric(step=1, value=2)["value"] == 2
    assert current(api) == 1


def test_the_current_point_brings_its_own_schema_type_and_step(api: Api) -> None:
    api.metric(type="METRIC_OUTPUT", step=1)
    later = api.metric(schema="ClassificationMetric", value={"a": 1}, step=2)

    assert api.get("/metrics/t/loss") == later


def test_without_created_at_a_point_has_the_servers_time(api: Api) -> None:
    assert api.metric()["created_at"] == "2025-10-09T08:53:20.000001Z"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("2026-01-31T12:30:00.123456Z", "2026-01-31T12:30:00.123456Z"),
        ("2026-01-31T12:30:00.123Z", "2026-01-31T12:30:00.123000Z"),
        ("2026-01-31T12:30:00.12Z", "2026-01-31T12:30:00.120000Z"),
        ("2026-01-31T23:59:59.123456+00:00", "2026-01-31T23:59:59.123456Z"),
        ("2026-01-31T12:30:00", "2026-01-31T12:30:00Z"),
        ("2026-01-31", "2026-01-31T00:00:00Z"),
        ("2026-01-31T12:30:00+02:00", "2026-01-31T10:30:00Z"),
        ("2026-01-31t12:30:00z", "2026-01-31T12:30:00Z"),
        ("2026-01-31T12:30:00.5-00:30", "2026-01-31T13:00:00.5Z"),
        ("2026-01-31T12:30:00.123456789Z", "2026-01-31T12:30:00.123456Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
        ("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"),
    ],
)
def test_created_at_may_be_sent_for_back_filling(shared_api: Api, sent: str, kept: str) -> None:
    logged = shared_api.metric(name=sent, created_at=sent)

    assert logged["created_at"].replace("500000Z", "5Z") == kept
    assert shared_api.get(f"/metrics/t/{quoted(sent)}") == logged


@pytest.mark.parametrize(
    "bad",
    [
        "yesterday", "", "2026", "2026-13-01", "2026-02-30T00:00:00Z", "2026-01-31T25:00:00Z", "12:30:00",
        "2026-01-31T24:00:00Z", "2026-01-31T12:60:00Z", "2026-01-31T12:30:60Z", "2026-02-30T00:00:00.123456+00:00",
        "2026-01-31T12:30", "2026-01-31T12:30:00+25:00", "0000-01-01T00:00:00Z", "10000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00", " 2026-01-31", "2026-01-31Z",
        1_760_000_000, True, {}, ["2026-01-31"],
    ],
    ids=str,
)  # fmt: skip
def test_log_metric_refuses_a_created_at_that_is_no_rfc_3339_time(shared_api: Api, bad: Any) -> None:
    body = {"metric": {"task_id": "t", "name": "n", "value": 1, "created_at": bad}}

    reply = shared_api.request("POST", "/metrics", body)

    assert (reply.status, fields_of(reply)) == (400, ["metric.created_at"])


def test_the_history_has_every_value_ever_logged_oldest_first(api: Api) -> None:
    log_all(api, {}, {"created_at": LATE}, {"step": 9}, {"created_at": EARLY})

    answer = history(api)

    assert [point["value"] for point in answer["metrics"]] == [3, 1, 0, 2]
    assert (answer["total_size"], answer["next_page_token"]) == (4, "")


def test_points_of_one_time_stay_in_the_order_of_their_arrival(api: Api) -> None:
    log_all(api, *({"created_at": EARLY} for _ in range(5)))

    assert values(api) == [0, 1, 2, 3, 4]


def test_a_point_of_the_history_is_as_it_was_logged(api: Api) -> None:
    logged = [
        api.metric(step=1, type="METRIC_OUTPUT"),
        api.metric(value="NaN"),
        api.metric(schema="SlicedClassificationMetric", value=[1]),
        api.metric(value="-Infinity", step=0),
    ]

    assert history(api)["metrics"] == logged


def test_a_repeat_of_a_point_with_the_same_client_sent_time_step_and_value_changes_nothing(api: Api) -> None:
    for value in (1, "NaN", "Infinity"):
        first = api.metric(created_at=EARLY, step=1, value=value)
        assert api.metric(created_at=EARLY, step=1, value=value) == first

    assert values(api) == [1, "NaN", "Infinity"]


def test_a_repeat_of_a_classification_changes_nothing(api: Api) -> None:
    for value in ({"a": 1, "b": 2}, {"b": 2, "a": 1}):
        api.metric(created_at=EARLY, schema="ClassificationMetric", value=value)

    assert len(values(api)) == 1


def test_a_repeat_does_not_become_current_by_its_arrival(api: Api) -> None:
    log_all(api, {"created_at": EARLY}, {"created_at": EARLY})

    api.metric(created_at=EARLY, value=0)

    assert current(api) == 1


def test_an_absent_step_repeats_the_step_0(api: Api) -> None:
    api.metric(created_at=EARLY)
    api.metric(created_at=EARLY, step=0)

    assert len(values(api)) == 1


@pytest.mark.parametrize("other", [{"created_at": LATE}, {"step": 2}, {"value": 2}, {"value": "NaN"}])
def test_a_point_that_differs_is_no_repeat(api: Api, other: dict[str, Any]) -> None:
    api.metric(created_at=EARLY, step=1, value=1)
    api.metric(**{"created_at": EARLY, "step": 1, "value": 1, **other})

    assert len(values(api)) == 2


def test_points_with_the_servers_time_are_never_repeats(api: Api) -> None:
    log_all(api, *({"value": 1, "step": 1} for _ in range(3)))

    assert values(api) == [1, 1, 1]


def test_the_history_is_paged(api: Api) -> None:
    log_all(api, *({} for _ in range(25)))

    first = history(api)
    assert (len(first["metrics"]), first["total_size"]) == (20, 25)
    rest = history(api, page_token=first["next_page_token"], page_size=3)
    assert [point["value"] for point in rest["metrics"]] == [20, 21, 22]
    assert values(api) == list(range(25))


def test_points_logged_during_a_walk_are_met_once(api: Api) -> None:
    log_all(api, {}, {}, {})
    page = history(api, page_size=2)
    api.metric(value=3)

    rest = history(api, page_token=page["next_page_token"])

    assert [point["value"] for point in page["metrics"] + rest["metrics"]] == [0, 1, 2, 3]


def test_a_history_token_is_bound_to_its_metric(api: Api) -> None:
    for name in ("loss", "other"):
        log_all(api, {}, {}, name=name)
    token = history(api, page_size=1)["next_page_token"]

    reply = api.request("GET", "/metric_history/t/other", query={"page_token": token})

    assert (reply.status, fields_of(reply)) == (400, ["page_token"])


@pytest.mark.parametrize("query", [{"sort_by": "value"}, {"filter": "{}"}, {"namespace": "a"}, {"pagesize": "1"}])
def test_the_history_takes_no_other_parameter(api: Api, query: dict[str, str]) -> None:
    api.metric()

    reply = api.request("GET", "/metric_history/t/loss", query=query)

    assert (reply.status, fields_of(reply)) == (400, list(query))


def test_the_history_of_an_unknown_metric_is_404(shared_api: Api) -> None:
    reply = shared_api.request("GET", "/metric_history/t/unknown")

    assert (reply.status, error_of(reply)["code"]) == (404, 5)


def test_the_history_of_a_name_with_slashes_is_found_both_ways(api: Api) -> None:
    api.metric(name="val/loss")

    assert history(api, "val/loss") == api.get("/metric_history/t/val/loss")


def test_the_history_shows_the_run_that_the_task_turned_out_to_belong_to(api: Api) -> None:
    log_all(api, {}, {})
    api.task(task_id="t", run_id="r")

    assert {point["run_id"] for point in history(api)["metrics"]} == {"r"}
