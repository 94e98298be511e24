"""The contract's section JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support import API, Api, Reply, error_of, fields_of


def post(api: Api, path: str, body: str | bytes, method: str = "POST") -> Reply:
    return api.raw(method, API + path, body if isinstance(body, bytes) else body.encode())


def metadata_round_trip(api: Api, text: str) -> str:
    """What comes back of a metadata's JSON text under the key x, as text."""
    made = post(api, "/artifacts", f'{{"artifact": {{"name": "n", "metadata": {{"x": {text}}}}}}}')
    assert made.status == 200, made
    artifact_id = made.body[len(b'{"artifact_id":"') :].split(b'"')[0].decode()
    found = api.raw("GET", f"{API}/artifacts/{artifact_id}")
    return found.body.split(b'"metadata":{"x":')[1].split(b'},"created_at"')[0].decode()


def test_names_go_out_in_snake_case(shared_api: Api) -> None:
    answer = shared_api.artifact()

    assert {"artifact_id", "created_at", "updated_at"} <= set(answer)


CAMEL: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
    (
        "POST",
        "/artifacts",
        {
            "artifact": {"name": "n", "numberValue": 2, "createdAt": "x", "updatedAt": "x"},
            "runId": "camel", "taskId": "camel-1", "producerKey": "k", "iterationIndex": "1", "reuseIfExists": False,
        },
        {"number_value": 2},
    ),
    (
        "POST",
        "/artifacts:batchCreate",
        {"artifacts": [{"artifact": {"name": "n", "numberValue": 2}, "taskId": "camel-1", "producerKey": "k"}]},
        {},
    ),
    (
        "POST",
        "/metrics",
        {"metric": {"taskId": "m", "runId": "mr", "name": "n", "value": 1, "createdAt": "2026-01-31"}},
        {"task_id": "m", "run_id": "mr", "created_at": "2026-01-31T00:00:00Z"},
    ),
    ("POST", "/metrics:batchLog", {"metrics": [{"taskId": "m2", "name": "n", "value": 1}]}, {}),
    (
        "POST",
        "/tasks",
        {
            "taskId": "c", "runId": "cr", "displayName": "d", "createTime": "2026-01-31", "startTime": "2026-01-31",
            "endTime": "2026-01-31", "parentTaskId": "p", "podName": "p", "executionId": "e",
            "executorDetail": {"mainJob": "m", "preCachingCheckJob": "p", "failedMainJobs": ["f"]},
            "inputParameters": {"camelCase": 1}, "outputParameters": {"snake_case": 2},
            "stateHistory": [{"updateTime": "x"}], "childTasks": [{"taskId": "x", "podName": "y"}],
            "inputs": {"inKey": {"artifactIds": []}}, "outputs": {},
        },
        {
            "task_id": "c", "display_name": "d", "parent_task_id": "p",
            "executor_detail": {"main_job": "m", "pre_caching_check_job": "p", "failed_main_jobs": ["f"]},
            "input_parameters": {"camelCase": 1}, "output_parameters": {"snake_case": 2},
        },
    ),
    (
        "PATCH",
        "/runs/camelRun",
        {
            "runId": "camelRun", "displayName": "d", "pipelineName": "p", "experimentId": "e",
            "storageState": "ARCHIVED", "scheduledAt": "2026-01-31", "finishedAt": "2026-01-31",
            "pipelineSpec": {"rootDag": 1}, "pipelineVersionReference": {"pipelineId": "i", "pipelineVersionId": "v"},
            "runtimeConfig": {"pipelineRoot": "r", "parameters": {"aB": 1}}, "stateHistory": [],
            "runDetails": {"taskDetails": [{"taskId": "x"}]},
        },
        {
            "pipeline_version_reference": {"pipeline_id": "i", "pipeline_version_id": "v"},
            "runtime_config": {"pipeline_root": "r", "parameters": {"aB": 1}}, "pipeline_spec": {"rootDag": 1},
        },
    ),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "body", "shown"), CAMEL, ids=[case[1] for case in CAMEL])
def test_lower_camel_case_is_accepted_in_every_message(
    shared_api: Api, method: str, path: str, body: Any, shown: dict[str, Any]
) -> None:
    answer = shared_api.ok(method, path, body)

    assert answer | shown == answer


def test_lower_camel_case_is_accepted_in_links(shared_api: Api) -> None:
    artifact_id = shared_api.artifact()["artifact_id"]
    link = {"artifactId": artifact_id, "taskId": "t", "runId": "lr", "producer": {"taskName": "p"}, "createdAt": "x"}

    made = shared_api.ok("POST", "/artifact_tasks", {"artifactTask": link})

    assert (made["artifact_id"], made["producer"]) == (artifact_id, {"task_name": "p"})
    assert shared_api.ok("POST", "/artifact_tasks:batchCreate", {"artifactTasks": [link]})["artifact_tasks"] == [made]


def test_a_field_in_both_spellings_is_400(shared_api: Api) -> None:
    reply = post(shared_api, "/tasks", '{"task_id": "a", "taskId": "b"}')

    assert (reply.status, len(fields_of(reply))) == (400, 1)


@pytest.mark.parametrize("spelling", ["ArtifactId", "ARTIFACT", "Artifact", "artifact_Id", "@type", "", "artifact "])
def test_other_spellings_are_unknown_fields(shared_api: Api, spelling: str) -> None:
    reply = post(shared_api, "/artifacts", json.dumps({"artifact": {"name": "n"}, spelling: None}))

    assert reply.status == 400
    assert repr(spelling) in repr(fields_of(reply)[0]) or fields_of(reply) == [spelling]


UNKNOWN_FIELDS = [
    ("POST", "/artifacts", {"artifact": {"name": "n", "state": 1}}, "artifact.state"),
    ("POST", "/artifacts", {"name": "n"}, "name"),
    ("POST", "/metrics", {"metric": {"task_id": "t", "name": "n", "value": 1, "id": None}}, "metric.id"),
    ("POST", "/tasks", {"executor_detail": {"main_job": "x", "y": 1}}, "executor_detail.y"),
    ("POST", "/tasks", {"error": {"x": 1}}, "error.x"),
    ("POST", "/tasks", {"inputs": {"k": {"x": 1}}}, "inputs.k.x"),
    ("POST", "/tasks", {"child_tasks": [{"x": 1}]}, "child_tasks[0].x"),
    ("PATCH", "/runs/r", {"runtime_config": {"x": 1}}, "runtime_config.x"),
    ("PATCH", "/runs/r", {"run_details": {"task_details": [{"x": 1}]}}, "run_details.task_details[0].x"),
    ("POST", "/artifact_tasks", {"artifact_task": {"producer": {"x": 1}}}, "artifact_task.producer.x"),
]


@pytest.mark.parametrize(("method", "path", "body", "field"), UNKNOWN_FIELDS)
def test_an_unknown_field_is_named(shared_api: Api, method: str, path: str, body: Any, field: str) -> None:
    reply = shared_api.request(method, path, body)

    assert (reply.status, fields_of(reply)) == (400, [field])


def test_nulls_inside_data_are_data(shared_api: Api) -> None:
    data = {"a": None, "b": [None, {"c": None}]}

    assert shared_api.artifact(metadata=data)["metadata"] == data
    assert shared_api.metric(name="nulls", schema="ClassificationMetric", value=data)["value"] == data
    assert shared_api.task(input_parameters=data)["input_parameters"] == data


@pytest.mark.parametrize("body", [b"null", b"[]", b"1", b'"x"', b"true", b"NaN"])
def test_a_body_that_is_no_object_is_400(shared_api: Api, body: bytes) -> None:
    reply = post(shared_api, "/artifacts", body)

    assert (reply.status, fields_of(reply)) == (400, ["body"])


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/artifacts"), ("PUT", "/artifacts/x"), ("POST", "/metrics"), ("POST", "/tasks"), ("PATCH", "/runs/r")],
)
@pytest.mark.parametrize("body", [None, b"", b"  \n"])
def test_no_body_where_one_is_due_is_400(shared_api: Api, method: str, path: str, body: bytes | None) -> None:
    reply = shared_api.raw(method, API + path, body)

    assert (reply.status, fields_of(reply)) == (400, ["body"])


@pytest.mark.parametrize(
    "body",
    [
        b"{", b"{'a': 1}", b'{"artifact": }', b'{"artifact": {"name": "n"},}', b'{"artifact": {"name": "n"}} {}',
        b'{"artifact": {"name": "n", "metadata": {"a": 01}}}', b'{"artifact": {"name": "n\n"}}', b"\xef\xbb\xbf{}",
        b'{"artifact": {"name": "n"} // x\n}', b'{"artifact": {"name": "\\x41"}}', b"{" * 100_000, b"[" * 100_000,
        b'{"artifact": {"name": "n", "metadata": {"a": .5}}}', b'{"artifact": {"name": "n", "metadata": {"a": +1}}}',
        b'{"artifact": {"name": "n", "metadata": {"a": nan}}}', b'{"artifact": {"name": "n", "metadata": {"a": 1_0}}}',
        b'{artifact: {"name": "n"}}', b'{"artifact": {"name": "\\ud83d"}}',
    ],
    ids=lambda body: repr(body[:40]),
)  # fmt: skip
def test_malformed_json_is_400(shared_api: Api, body: bytes) -> None:
    reply = post(shared_api, "/artifacts", body)

    assert (reply.status, error_of(reply)["code"]) == (400, 3)
    assert fields_of(reply)


@pytest.mark.parametrize("bad", [b"\xff", b"\xc3\x28", b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"\xc0\x80"])
@pytest.mark.parametrize(
    "place", [b'{"artifact": {"name": "%s"}}', b'{"artifact": {"name": "n", "metadata": {"%s": 1}}}']
)
def test_invalid_utf8_is_400(shared_api: Api, place: bytes, bad: bytes) -> None:
    assert error_of(post(shared_api, "/artifacts", place % bad))["code"] == 3


@pytest.mark.parametrize("bad", [r"\u0000", r"\ud800", r"\udc00x", r"\udc00\ud800", r"a\u0000b"])
@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/artifacts", '{"artifact": {"name": "%s"}}'),
        ("/artifacts", '{"artifact": {"name": "n", "metadata": {"%s": 1}}}'),
        ("/artifacts", '{"artifact": {"name": "n", "metadata": {"a": [{"b": "%s"}]}}}'),
        ("/artifacts", '{"artifact": {"name": "n"}, "%s": 1}'),
        ("/metrics", '{"metric": {"task_id": "t", "name": "%s", "value": 1}}'),
        ("/metrics", '{"metric": {"task_id": "t", "name": "n", "schema": "ClassificationMetric", "value": {"%s": 1}}}'),
        ("/tasks", '{"labels": {"%s": "x"}}'),
        ("/tasks", '{"labels": {"x": "%s"}}'),
        ("/tasks", '{"inputs": {"%s": {}}}'),
        ("/tasks", '{"output_parameters": {"x": "%s"}}'),
    ],
)
def test_nul_and_lone_surrogates_are_400_in_every_string_and_key(
    shared_api: Api, path: str, place: str, bad: str
) -> None:
    reply = post(shared_api, path, place % bad)

    assert reply.status == 400
    assert fields_of(reply)


def test_a_surrogate_pair_is_a_character(shared_api: Api) -> None:
    assert post(shared_api, "/artifacts", r'{"artifact": {"name": "\ud83d\ude80"}}').json["name"] == "🚀"


def test_an_escaped_backslash_before_u0000_is_no_nul(shared_api: Api) -> None:
    assert post(shared_api, "/artifacts", r'{"artifact": {"name": "\\u0000"}}').json["name"] == r"\u0000"


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_nesting_of_100_is_taken_and_over_100_is_400(shared_api: Api, opening: str, closing: str) -> None:
    def body(depth: int) -> str:
        inner = depth - 3  # The body, the artifact and its metadata are three levels.
        return '{"artifact":{"name":"n","metadata":{"x":' + opening * inner + "1" + closing * inner + "}}}"

    assert post(shared_api, "/artifacts", body(100)).status == 200
    reply = post(shared_api, "/artifacts", body(101))
    assert (reply.status, fields_of(reply)) == (400, ["artifact"])
    assert post(shared_api, "/artifacts", body(2_000)).status == 400


def test_many_brackets_that_do_not_nest_are_taken(shared_api: Api) -> None:
    data = {"a": [[] for _ in range(500)], "b": "[" * 500}

    assert shared_api.artifact(metadata=data)["metadata"] == data


@pytest.mark.parametrize("token", ["NaN", "Infinity", "-Infinity"])
def test_bare_nan_and_infinities_in_metadata_go_out_as_strings(shared_api: Api, token: str) -> None:
    assert metadata_round_trip(shared_api, f'[{token}, {{"a": {token}}}]') == f'["{token}",{{"a":"{token}"}}]'


@pytest.mark.parametrize("token", ["NaN", "Infinity", "-Infinity"])
@pytest.mark.parametrize(
    ("method", "path", "place", "field"),
    [
        ("POST", "/artifacts", '{"artifact": {"name": "n", "number_value": %s}}', "artifact.number_value"),
        ("POST", "/artifacts", '{"artifact": {"name": %s}}', "artifact.name"),
        ("POST", "/artifacts", '{"artifact": %s}', "artifact"),
        ("POST", "/artifacts", '{"artifact": {"name": "n"}, "task_id": "t", "iteration_index": %s}', "iteration_index"),
        ("POST", "/metrics", '{"metric": {"task_id": "t", "name": "n", "value": 1, "step": %s}}', "metric.step"),
        ("POST", "/metrics", '{"metric": {"task_id": "t", "name": %s, "value": 1}}', "metric.name"),
        ("POST", "/tasks", '{"input_parameters": {"a": [%s]}}', "input_parameters.a[0]"),
        ("POST", "/tasks", '{"output_parameters": {"a": %s}}', "output_parameters.a"),
        ("POST", "/tasks", '{"labels": {"a": %s}}', "labels.a"),
        ("POST", "/tasks", '{"error": {"code": %s}}', "error.code"),
        ("POST", "/tasks", '{"error": {"details": [{"a": %s}]}}', "error.details[0].a"),
        ("PATCH", "/runs/r", '{"pipeline_spec": {"a": {"b": %s}}}', "pipeline_spec.a.b"),
        ("PATCH", "/runs/r", '{"runtime_config": {"parameters": {"a": %s}}}', "runtime_config.parameters.a"),
        ("PATCH", "/runs/r", '{"created_at": %s}', "created_at"),
    ],
)
def test_bare_nan_and_infinities_are_400_anywhere_else(
    shared_api: Api, method: str, path: str, place: str, field: str, token: str
) -> None:
    reply = post(shared_api, path, place % token, method)

    assert (reply.status, fields_of(reply)) == (400, [field])


NUMBERS = [
    "0", "-1", "9007199254740993", "18446744073709551616", "-170141183460469231731687303715884105728", "9" * 400,
    "9" * 5_000, "0.1", "1.0", "-0.0", "5e-324", "1.7976931348623157e308", "2.2250738585072014e-308", "1e22",
    "123456789012345.67",
]  # fmt: skip


@pytest.mark.parametrize("text", NUMBERS, ids=lambda text: text[:20])
def test_numbers_in_metadata_come_back_as_they_went_in(shared_api: Api, text: str) -> None:
    assert metadata_round_trip(shared_api, text) == text


@pytest.mark.parametrize("text", NUMBERS, ids=lambda text: text[:20])
def test_numbers_in_json_values_come_back_as_they_went_in(shared_api: Api, text: str) -> None:
    name = f"number{NUMBERS.index(text)}"
    body = f'{{"metric": {{"task_id": "t", "name": "{name}", "schema": "ClassificationMetric", "value": [{text}]}}}}'

    assert post(shared_api, "/metrics", body).status == 200
    assert f'"value":[{text}]'.encode() in shared_api.raw("GET", f"{API}/metrics/t/{name}").body


def test_a_number_in_metadata_beyond_a_double_is_400(shared_api: Api) -> None:
    assert post(shared_api, "/artifacts", '{"artifact": {"name": "n", "metadata": {"a": 1e999}}}').status == 400


@pytest.mark.parametrize("text", ["true", "false", "null", '""', '"é🚀\\n\\""', "[]", "{}", '{"":{"b":1}}'])
def test_every_json_value_comes_back_from_metadata(shared_api: Api, text: str) -> None:
    assert json.loads(metadata_round_trip(shared_api, text)) == json.loads(text)


def test_keys_of_data_are_never_renamed(shared_api: Api) -> None:
    data = {"camelCase": {"innerKey": 1}, "snake_case": 2, "artifactId": 3, "UPPER": 4, "": 5}

    assert shared_api.artifact(metadata=data, numberValue=1)["metadata"] == data
    assert shared_api.task(labels={"camelCase": "x"}, displayName="d")["labels"] == {"camelCase": "x"}


@pytest.mark.parametrize(("sent", "kept"), [("5", 5), (5.0, 5), ("-5", -5), ("9223372036854775807", 2**63 - 1)])
def test_integers_come_in_as_decimal_strings_and_whole_numbers(shared_api: Api, sent: Any, kept: int) -> None:
    assert shared_api.metric(name="steps", step=sent)["step"] == kept


def test_times_go_out_in_utc_with_z_and_microseconds(api: Api) -> None:
    assert api.artifact()["created_at"] == "2025-10-09T08:53:20.000001Z"
    assert api.task(create_time="2026-01-31T01:00:00+02:00")["create_time"] == "2026-01-30T23:00:00Z"


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/artifacts", "artifacts"),
        ("/metrics", "metrics"),
        ("/artifact_tasks", "artifact_tasks"),
        ("/tasks", "tasks"),
        ("/runs", "runs"),
    ],
)
def test_an_empty_list_carries_all_three_fields(api: Api, path: str, field: str) -> None:
    assert api.get(path) == {field: [], "total_size": 0, "next_page_token": ""}
