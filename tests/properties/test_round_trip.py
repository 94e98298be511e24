"""What is written is read back identical."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Any

import pytest
from engines.databases import Databases
from hypothesis import given
from hypothesis import strategies as st
from properties.values import (
    DOUBLES,
    FINITE,
    IDS,
    TIMES_US,
    depth_of,
    exact,
    examples,
    json_values,
    objects,
    shown,
    texts,
    time_text,
)
from support import API, DirectApi, filter_of, quoted

TYPES = [
    "Artifact",
    "Model",
    "Dataset",
    "HTML",
    "Markdown",
    "Metric",
    "ClassificationMetric",
    "SlicedClassificationMetric",
]
STATES = ["PENDING", "RUNNING", "SUCCEEDED", "SKIPPED", "FAILED", "CANCELING", "CANCELED", "PAUSED", "CACHED"]
SERVER_MADE = ("artifact_id", "created_at", "updated_at", "namespace")
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def api(engine: str, databases: Databases) -> Iterator[DirectApi]:
    """One client for all examples, which do not see each other."""
    with databases.empty_store(engine) as url:
        api = DirectApi(url)
        yield api
        api.close()


def sent(api: DirectApi, method: str, path: str, message: Any, *, ascii_only: bool = False) -> Any:
    """Sends a message in which NaN, the infinities and every character may stand bare; gives the answer's JSON."""
    body = json.dumps(message, ensure_ascii=ascii_only).encode()
    reply = api.raw(method, API + path, body)
    assert reply.status == 200, reply
    return reply.json


def without_unset(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value not in (None, "", {})}


ARTIFACTS = st.fixed_dictionaries(
    {"name": texts(1, 256)},
    optional={
        "type": st.sampled_from(TYPES),
        "uri": texts(0, 200),
        "description": texts(0, 200),
        "number_value": FINITE,
        "metadata": objects(depth_max=97),
    },
)


@examples(60, cost=20)
@given(fields=ARTIFACTS, ascii_only=st.booleans())
def test_an_artifact_is_read_back_as_it_was_created(api: DirectApi, fields: dict[str, Any], ascii_only: bool) -> None:
    made = sent(api, "POST", "/artifacts", {"artifact": fields}, ascii_only=ascii_only)

    expected = without_unset({"type": "Artifact"} | fields)
    if "metadata" in expected:
        expected["metadata"] = shown(expected["metadata"])
    got = api.get(f"/artifacts/{made['artifact_id']}")
    assert exact(made) == exact(got)
    assert exact({name: value for name, value in got.items() if name not in SERVER_MADE}) == exact(expected)
    only = filter_of({"key": "artifact_id", "operation": "EQUALS", "string_value": made["artifact_id"]})
    assert exact(api.get("/artifacts", filter=only)["artifacts"]) == exact([got])


@examples(60, cost=20)
@given(
    before=ARTIFACTS,
    changes=ARTIFACTS,
    keep=st.sets(st.sampled_from(["name", "type", "description", "number_value", "metadata"])),
)
def test_an_update_replaces_what_is_present_and_keeps_the_rest(
    api: DirectApi, before: dict[str, Any], changes: dict[str, Any], keep: set[str]
) -> None:
    made = sent(api, "POST", "/artifacts", {"artifact": before})
    changes = {name: value for name, value in changes.items() if name not in keep and name != "uri"}

    updated = sent(api, "PUT", f"/artifacts/{made['artifact_id']}", changes)

    expected = without_unset({"type": "Artifact"} | before | changes)
    if "metadata" in expected:
        expected["metadata"] = shown(expected["metadata"])
    got = api.get(f"/artifacts/{made['artifact_id']}")
    assert exact(updated) == exact(got)
    assert exact({name: value for name, value in got.items() if name not in SERVER_MADE}) == exact(expected)
    assert got["created_at"] == made["created_at"]


@pytest.mark.parametrize("digits", [4_299, 4_300, 4_301, 100_000])
def test_an_integer_of_any_length_comes_back_digit_by_digit(api: DirectApi, digits: int) -> None:
    number = "-" + "9" * digits

    reply = api.raw(
        "POST", f"{API}/artifacts", f'{{"artifact": {{"name": "a", "metadata": {{"n": {number}}}}}}}'.encode()
    )

    artifact_id = reply.body.split(b'"artifact_id":"')[1][:36].decode()
    assert b'"n":' + number.encode() in api.raw("GET", f"{API}/artifacts/{artifact_id}").body


@examples(60, cost=20)
@given(
    name=texts(1, 256).filter(lambda name: name not in (".", "..")),
    value=DOUBLES,
    fields=st.fixed_dictionaries(
        {},
        optional={
            "step": st.integers(-(2**63), 2**63 - 1),
            "type": st.sampled_from(["METRIC_INPUT", "METRIC_OUTPUT"]),
            "created_at": TIMES_US.map(time_text),
        },
    ),
)
def test_a_metric_is_read_back_as_it_was_logged(
    api: DirectApi, name: str, value: float, fields: dict[str, Any]
) -> None:
    task_id = f"task-{next(_numbers)}"
    key = {"task_id": task_id, "name": name}

    logged = sent(api, "POST", "/metrics", {"metric": key | {"value": value} | fields})

    expected = key | {"schema": "Metric", "type": "METRIC_INPUT", "namespace": "", "value": shown(value)} | fields
    expected.setdefault("created_at", logged["created_at"])
    assert exact(logged) == exact(expected)
    assert exact(api.get(f"/metrics/{task_id}/{quoted(name)}")) == exact(expected)
    assert exact(api.get(f"/metric_history/{task_id}/{quoted(name)}")["metrics"]) == exact([expected])
    assert exact(api.get("/metrics", task_ids=task_id)["metrics"]) == exact([expected])


@examples(40, cost=20)
@given(
    value=st.one_of(
        objects(depth_max=96), st.lists(json_values(), max_size=5).filter(lambda value: depth_of(value) <= 96)
    ),
    schema=st.sampled_from(["ClassificationMetric", "SlicedClassificationMetric"]),
)
def test_a_classification_metric_keeps_its_json(api: DirectApi, value: Any, schema: str) -> None:
    task_id = f"classification-{next(_numbers)}"

    sent(api, "POST", "/metrics", {"metric": {"task_id": task_id, "name": "m", "schema": schema, "value": value}})

    assert exact(api.get(f"/metrics/{task_id}/m")["value"]) == exact(shown(value))
    assert exact(api.get(f"/metric_history/{task_id}/m")["metrics"][0]["value"]) == exact(shown(value))


STATUSES = st.fixed_dictionaries(
    {},
    optional={
        "code": st.sampled_from([-(2**31), 0, 2**31 - 1]) | st.integers(-(2**31), 2**31 - 1),
        "message": texts(),
        "details": st.lists(
            st.fixed_dictionaries({"@type": texts()}, optional={"value": st.sampled_from(["", "aGk=", "AAAA"])}),
            max_size=2,
        ),
    },
)
TASK_FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "name": texts(1, 256),
        "display_name": texts(1, 256),
        "state": st.sampled_from(STATES),
        "create_time": TIMES_US.map(time_text),
        "start_time": TIMES_US.map(time_text),
        "end_time": TIMES_US.map(time_text),
        "pod_name": texts(1, 256),
        "execution_id": texts(1, 256),
        "executor_detail": st.fixed_dictionaries(
            {}, optional={"main_job": texts(), "failed_main_jobs": st.lists(texts(), max_size=3)}
        ),
        "error": STATUSES,
        "input_parameters": objects(FINITE),
        "output_parameters": objects(FINITE),
        "labels": st.dictionaries(texts(1), texts(), max_size=4),
    },
)


@examples(60, cost=20)
@given(fields=TASK_FIELDS)
def test_a_task_is_read_back_as_it_was_created(api: DirectApi, fields: dict[str, Any]) -> None:
    made = sent(api, "POST", "/tasks", fields)

    got = api.get(f"/tasks/{made['task_id']}")
    server_made = ("task_id", "namespace", "state_history", *({"create_time", "state"} - set(fields)))
    assert exact(made) == exact(got)
    assert exact({name: got[name] for name in got if name not in server_made}) == exact(without_unset(fields))


@examples(60, cost=20)
@given(before=TASK_FIELDS, changes=TASK_FIELDS)
def test_a_task_shows_what_a_patch_changed_and_keeps_the_rest(
    api: DirectApi, before: dict[str, Any], changes: dict[str, Any]
) -> None:
    made = sent(api, "POST", "/tasks", before)

    sent(api, "PATCH", f"/tasks/{made['task_id']}", changes)

    expected = without_unset(before | changes)
    got = api.get(f"/tasks/{made['task_id']}")
    server_made = ("task_id", "namespace", "state_history", *({"create_time", "state"} - set(expected)))
    assert exact({name: got[name] for name in got if name not in server_made}) == exact(expected)


RUN_FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "display_name": texts(1, 256),
        "pipeline_name": texts(1, 256),
        "experiment_id": texts(1, 256),
        "description": texts(1, 300),
        "state": st.sampled_from(STATES),
        "storage_state": st.sampled_from(["AVAILABLE", "ARCHIVED"]),
        "created_at": TIMES_US.map(time_text),
        "scheduled_at": TIMES_US.map(time_text),
        "finished_at": TIMES_US.map(time_text),
        "error": STATUSES,
        "pipeline_spec": objects(FINITE),
        "pipeline_version_reference": st.fixed_dictionaries(
            {}, optional={"pipeline_id": texts(), "pipeline_version_id": texts()}
        ),
        "runtime_config": st.fixed_dictionaries(
            {}, optional={"parameters": objects(FINITE, depth_max=90), "pipeline_root": texts()}
        ),
        "labels": st.dictionaries(texts(1), texts(), max_size=4),
    },
)


@examples(60, cost=20)
@given(before=RUN_FIELDS, changes=RUN_FIELDS)
def test_a_run_is_read_back_as_it_was_patched(api: DirectApi, before: dict[str, Any], changes: dict[str, Any]) -> None:
    path = f"/runs/run-{next(_numbers)}"
    sent(api, "PATCH", path, before)

    sent(api, "PATCH", path, changes)

    expected = without_unset({"storage_state": "AVAILABLE"} | before | changes)
    got = api.get(path)
    server_made = (
        "run_id",
        "namespace",
        "state_history",
        "run_details",
        *({"created_at", "state"} - set(before | changes)),
    )
    assert exact({name: got[name] for name in got if name not in server_made}) == exact(
        {name: expected[name] for name in expected if name not in server_made}
    )


@examples(40, cost=20)
@given(
    type_=st.sampled_from(["INPUT", "OUTPUT", "COMPONENT_INPUT", "ITERATOR_OUTPUT", "TASK_FINAL_STATUS_OUTPUT"]),
    key=texts(1, 256),
    task_name=texts(1, 256),
    iteration=st.integers(0, 2**63 - 1),
    task_id=IDS,
)
def test_a_link_is_read_back_as_it_was_made(
    api: DirectApi, type_: str, key: str, task_name: str, iteration: int, task_id: str
) -> None:
    artifact_id = api.artifact()["artifact_id"]
    fields = {
        "artifact_id": artifact_id,
        "task_id": task_id,
        "type": type_,
        "key": key,
        "producer": {"task_name": task_name, "iteration": str(iteration)},
    }

    made = sent(api, "POST", "/artifact_tasks", {"artifact_task": fields})

    assert api.get("/artifact_tasks", artifact_ids=artifact_id, type="UNSPECIFIED")["artifact_tasks"] == [made]
    assert {name: made[name] for name in made if name not in ("id", "created_at")} == fields
