"""A metric's current point is the greatest by step, time and arrival; its history is every point, oldest first."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from properties.conftest import NewApi
from properties.values import DOUBLES, FixedClock, exact, examples, shown, time_text, time_us
from support import START_US, DirectApi

POINTS = st.lists(
    st.fixed_dictionaries(
        {
            "value": st.sampled_from([0.0, 1.0, 2.0, float("nan")]) | DOUBLES,
            "step": st.none() | st.integers(-1, 2) | st.integers(-(2**63), 2**63 - 1),
            "created_at": st.none() | st.integers(START_US - 2, START_US + 2),
            "now": st.integers(START_US, START_US + 2),
            "type": st.sampled_from(["METRIC_INPUT", "METRIC_OUTPUT"]),
        }
    ),
    max_size=25,
)


def log(api: DirectApi, clock: FixedClock, point: dict[str, Any]) -> dict[str, Any]:
    """Logs a drawn point; gives the message that is expected for it."""
    clock.now_us = point["now"]
    at = point["now"] if point["created_at"] is None else point["created_at"]
    fields = {"value": shown(point["value"]), "type": point["type"]}
    if point["step"] is not None:
        fields["step"] = point["step"]
    sent = fields if point["created_at"] is None else fields | {"created_at": time_text(at)}
    expected = {
        "task_id": "t",
        "name": "loss",
        "namespace": "",
        "schema": "Metric",
        "created_at": time_text(at),
    } | fields
    assert exact(api.metric(**sent)) == exact(expected)
    return expected


def repeats(point: dict[str, Any], logged: list[dict[str, Any]]) -> bool:
    """Whether a point of that time, step and value was logged (contract, log_metric)."""
    key = (point["created_at"], point.get("step", 0), str(point["value"]).removeprefix("-0.0") or "0.0")
    keys = [(p["created_at"], p.get("step", 0), str(p["value"]).removeprefix("-0.0") or "0.0") for p in logged]
    return key in keys


@examples(40)
@given(points=POINTS)
def test_the_current_point_is_the_greatest_by_step_then_time_then_arrival(
    new_api: NewApi, points: list[dict[str, Any]]
) -> None:
    clock = FixedClock()
    logged: list[dict[str, Any]] = []
    with new_api(clock) as api:
        for point in points:
            message = log(api, clock, point)
            if point["created_at"] is None or not repeats(message, logged):
                logged.append(message)

            order = [(p.get("step", 0), time_us(p["created_at"]), arrival) for arrival, p in enumerate(logged)]
            current = logged[max(order)[-1]]
            assert exact(api.get("/metrics/t/loss")) == exact(current)
            assert exact(api.get("/metrics")) == exact({"metrics": [current], "total_size": 1, "next_page_token": ""})


@examples(40)
@given(points=POINTS, seed=st.integers(0, 2**32))
def test_a_history_is_every_point_in_the_order_of_time_then_arrival(
    new_api: NewApi, points: list[dict[str, Any]], seed: int
) -> None:
    clock, chance = FixedClock(), random.Random(seed)
    logged: list[dict[str, Any]] = []
    with new_api(clock) as api:
        for point in points:
            message = log(api, clock, point)
            if point["created_at"] is None or not repeats(message, logged):
                logged.append(message)
        seen: list[dict[str, Any]] = []
        query: dict[str, Any] = {}
        while logged:
            page = api.get("/metric_history/t/loss", page_size=chance.choice([1, 2, 7, 200]), **query)
            seen += page["metrics"]
            assert page["total_size"] == len(logged)
            query = {"page_token": page["next_page_token"]}
            if not page["next_page_token"]:
                break

    assert exact(seen) == exact(sorted(logged, key=lambda point: time_us(point["created_at"])))


@examples(40)
@given(
    batches=st.lists(
        st.lists(
            st.fixed_dictionaries(
                {
                    "task_id": st.sampled_from(["t", "u"]),
                    "name": st.sampled_from(["loss", "accuracy"]),
                    "value": st.sampled_from([-0.0, 0.0, 1.0, "NaN", "Infinity"]),
                    "step": st.integers(0, 1),
                },
                optional={
                    "created_at": st.integers(START_US - 2, START_US + 2).map(time_text),
                    "type": st.sampled_from(["METRIC_INPUT", "METRIC_OUTPUT"]),
                },
            ),
            min_size=1,
            max_size=12,
        ),
        min_size=1,
        max_size=4,
    )
)
def test_batches_say_and_keep_what_their_points_do_one_by_one(
    new_api: NewApi, batches: list[list[dict[str, Any]]]
) -> None:
    with new_api(FixedClock()) as one_by_one:
        singly = [[one_by_one.metric(**point) for point in batch] for batch in batches]
        expected = all_of(one_by_one, batches)
    with new_api(FixedClock()) as api:
        together = [api.ok("POST", "/metrics:batchLog", {"metrics": batch})["metrics"] for batch in batches]

        assert exact(together) == exact(singly)
        assert exact(all_of(api, batches)) == exact(expected)


def all_of(api: DirectApi, batches: list[list[dict[str, Any]]]) -> list[Any]:
    """The metrics of points as they are now, and their histories."""
    keys = sorted({f"{point['task_id']}/{point['name']}" for batch in batches for point in batch})
    return [(api.get(f"/metrics/{key}"), api.get(f"/metric_history/{key}", page_size=200)) for key in keys]


@examples(20)
@given(seconds=st.lists(st.integers(0, 3), min_size=1, max_size=20), seed=st.integers(0, 2**32))
def test_a_walk_through_a_history_sees_every_point_once_while_others_are_logged(
    new_api: NewApi, seconds: list[int], seed: int
) -> None:
    chance = random.Random(seed)
    with new_api() as api:
        for number, second in enumerate(seconds):
            api.metric(value=number, created_at=f"2026-01-01T00:00:0{second}Z")
        seen: list[dict[str, Any]] = []
        query: dict[str, Any] = {}
        while True:
            page = api.get("/metric_history/t/loss", page_size=chance.choice([1, 2, 7]), **query)
            seen += page["metrics"]
            query = {"page_token": page["next_page_token"]}
            if not page["next_page_token"]:
                break
            api.metric(value=0.5, created_at=chance.choice(["2020-01-01T00:00:00Z", "2026-01-01T00:00:01.5Z"]))

    expected = sorted(range(len(seconds)), key=lambda number: seconds[number])
    assert [point["value"] for point in seen if point["value"] != 0.5] == expected
