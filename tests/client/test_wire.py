"""Bytes on the wire: what our client sends is what KFP's official client sends for the same call.

Request lines and headers are compared byte for byte, but for the value of `User-Agent`. Bodies are compared as JSON,
and byte for byte but for the order of keys: the official release lacks these messages, and the stand-ins of
tests/kfp_client have their fields in another order. Messages that the release has are compared byte for byte.
"""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

import artifactd_client
import official_client
import pytest
from artifactd_client import ArtifactServiceApi
from client.conftest import NewClient
from client.sides import Sides, assert_alike, assert_same, sides
from client.sockets import RawServer, Request
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kfp_client import operations

Fields = dict[str, Any]
OFFICIAL = SimpleNamespace(
    V2beta1Artifact=operations.Artifact,
    RequiredTheArtifactToUpdateTheArtifactIdFieldIsRequired=operations.Artifact,
    V2beta1CreateArtifactRequest=operations.CreateArtifactRequest,
    V2beta1Metric=operations.Metric,
    V2beta1LogMetricRequest=operations.LogMetricRequest,
)
"""The messages of the official side by the names of ours."""
MOMENT = dt.datetime(2026, 1, 31, 12, 30, 0, 123456, tzinfo=dt.timezone(dt.timedelta(hours=5, minutes=30)))
FILTER = json.dumps({"predicates": [{"operation": "EQUALS", "key": "name", "string_value": 'a "b" & c+d=%/ü'}]})
NAMES = [
    "loss",
    "val/loss",
    "a//b/",
    "../up",
    "50%",
    "%2F",
    "%",
    "two words",
    " padded ",
    "ünïcode",
    "損失",
    "🙂",
    "a+b",
    "a;b",
    "a?b#c",
    "a&b=c",
    "a:b@c",
    "~.-_",
    "'\"<>\\^`{|}",
    "{name}",
    "tab\there",
    "line\nbreak",
]


class Call(NamedTuple):
    """One operation, and what it is given. The body is made from the messages of each side."""

    name: str
    given: Fields
    body: Callable[[Any], Any] | None = None


def created(**fields: Any) -> Callable[[Any], Any]:
    """The body of `create_artifact`; the request's own fields go under `request`."""
    request = fields.pop("request", {})
    return lambda m: m.V2beta1CreateArtifactRequest(artifact=m.V2beta1Artifact(**fields), **request)


def logged(**fields: Any) -> Callable[[Any], Any]:
    """The body of `log_metric`."""
    return lambda m: m.V2beta1LogMetricRequest(metric=m.V2beta1Metric(task_id="t", name="loss", **fields))


def changed(**fields: Any) -> Callable[[Any], Any]:
    """The body of `update_artifact`."""
    return lambda m: m.RequiredTheArtifactToUpdateTheArtifactIdFieldIsRequired(**fields)


CALLS: dict[str, Call] = {
    "create with nothing": Call("create_artifact", {}, lambda m: m.V2beta1CreateArtifactRequest()),
    "create with None left out": Call("create_artifact", {}, created(name="model", uri=None, metadata=None)),
    "create with every field": Call(
        "create_artifact",
        {},
        created(
            name="model",
            type="Model",
            uri="s3://bucket/a b",
            description="ünïcode 🙂",
            namespace="ns",
            metadata={"a": {"b": [1, 2.5, None, True, "ü"]}, "": 0},
            number_value=0.1,
            created_at=MOMENT,
            request={"run_id": "r", "task_id": "t", "producer_key": "out", "iteration_index": "3"},
        ),
    ),
    "create with empty values": Call("create_artifact", {}, created(name="", metadata={}, number_value=0.0)),
    "create from a dictionary": Call("create_artifact", {}, lambda _: {"artifact": {"name": "a", "metadata": None}}),
    "create from a dictionary of messages": Call(
        "create_artifact", {}, lambda m: {"artifact": m.V2beta1Artifact(name="a", created_at=MOMENT)}
    ),
    "create with a huge integer": Call("create_artifact", {}, created(name="a", metadata={"n": 10**400, "m": -1})),
    "create with numbers that are not finite": Call(
        "create_artifact", {}, created(name="a", metadata={"n": [math.nan, math.inf, -math.inf]})
    ),
    "get": Call("get_artifact", {"artifact_id": "00000000-0000-7000-8000-000000000001"}),
    "get with nothing": Call("get_artifact", {"artifact_id": ""}),
    "get with a number": Call("get_artifact", {"artifact_id": 5}),
    "list with nothing": Call("list_artifacts", {}),
    "list with everything": Call(
        "list_artifacts",
        {"namespace": "a b", "page_token": "a+/=", "page_size": 5, "sort_by": "created_at desc", "filter": FILTER},
    ),
    "list with an empty page_token": Call("list_artifacts", {"page_token": "", "page_size": 0}),
    "list with a number for text": Call("list_artifacts", {"namespace": 5}),
    "update": Call("update_artifact", {"artifact_artifact_id": "a/b"}, changed(metadata={"a": 1}, created_at=MOMENT)),
    "update with nothing": Call("update_artifact", {"artifact_artifact_id": "a"}, changed()),
    "log a number": Call("log_metric", {}, logged(value=0.25, schema="Metric", type="METRIC_OUTPUT")),
    "log an integer": Call("log_metric", {}, logged(value=3)),
    "log zero": Call("log_metric", {}, logged(value=0)),
    "log false": Call("log_metric", {}, logged(value=False)),
    "log the last bit": Call("log_metric", {}, logged(value=0.1 + 0.2)),
    "log NaN": Call("log_metric", {}, logged(value=math.nan)),
    "log infinity": Call("log_metric", {}, logged(value=-math.inf)),
    "log at a time with an offset": Call("log_metric", {}, logged(value=1.0, created_at=MOMENT)),
    "log at a time in UTC": Call("log_metric", {}, logged(value=1.0, created_at=MOMENT.astimezone(dt.UTC))),
    "log at a time without an offset": Call(
        "log_metric", {}, logged(value=1.0, created_at=MOMENT.replace(tzinfo=None))
    ),
    "log at a date": Call("log_metric", {}, logged(value=1.0, created_at=dt.date(2026, 1, 31))),
    "log a curve": Call("log_metric", {}, logged(value={"confidenceMetrics": [{"recall": 1.0}], "schema": None})),
    "list metrics of nothing": Call("list_metrics", {}),
    "list metrics of several": Call(
        "list_metrics",
        {
            "task_ids": ["t/1", "t 2", "t&3", "ü"],
            "run_ids": ("r",),
            "namespace": "n",
            "page_token": "",
            "page_size": 3,
            "sort_by": "value",
            "filter": FILTER,
        },
    ),
    "list metrics of no tasks": Call("list_metrics", {"task_ids": [], "run_ids": []}),
    "list metrics of one task": Call("list_metrics", {"task_ids": ["t"]}),
    "list links of nothing": Call("list_artifact_tasks", {}),
    "list links of several": Call(
        "list_artifact_tasks",
        {
            "task_ids": ["t", "u"],
            "run_ids": ["r"],
            "artifact_ids": ["a", "b", "a"],
            "type": "OUTPUT",
            "page_token": "x",
            "page_size": 200,
            "sort_by": "created_at",
            "filter": "{}",
        },
    ),
    **{f"metric {name!r}": Call("get_metric", {"task_id": "a:b.c", "name": name}) for name in NAMES},
    **{f"artifact {name!r}": Call("get_artifact", {"artifact_id": name}) for name in NAMES},
    **{
        f"update {name!r}": Call("update_artifact", {"artifact_artifact_id": name}, changed(name=name))
        for name in NAMES
    },
    **{f"list {name!r}": Call("list_artifacts", {"filter": name, "sort_by": name}) for name in NAMES},
}


def send(both: Sides, call: Call) -> tuple[Request, Request]:
    """Makes a call with each client, the official one first."""
    renamed = {name.replace("artifact_artifact_id", "artifact__artifact_id"): each for name, each in call.given.items()}
    operations.Service(both.official).call(call.name, call.body(OFFICIAL) if call.body else None, **renamed)
    body = {"artifact" if call.name == "update_artifact" else "body": call.body(artifactd_client)} if call.body else {}
    getattr(ArtifactServiceApi(both.ours), call.name)(**call.given, **body)
    return both.requests()


def assert_same_call(official: Request, ours: Request) -> None:
    """Holds two requests to be the same, but for the order of keys in the body."""
    assert_alike(official, ours)
    if official.body:
        # NaN is read as text, since it does not equal itself.
        assert json.loads(ours.body, parse_constant=str) == json.loads(official.body, parse_constant=str)


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_an_operation_is_sent_as_the_official_client_sends_it(both: Sides, call: Call) -> None:
    assert_same_call(*send(both, call))


def test_what_the_official_client_sends_is_what_kfp_documents(both: Sides) -> None:
    call = Call("list_metrics", {"task_ids": ["a", "b/c"], "page_token": "", "sort_by": "value desc"})

    for request in send(both, call):
        assert request.raw.startswith(
            b"GET /apis/v2beta1/metrics?task_ids=a&task_ids=b%2Fc&page_token=&sort_by=value+desc HTTP/1.1\r\n"
        )
        assert {name.lower(): value for name, value in request.headers} == {
            "host": f"127.0.0.1:{both.recorder.port}",
            "accept-encoding": "identity",
            "accept": "application/json",
            "content-type": "application/json",
            "authorization": "KEY",
            "user-agent": request.header("user-agent"),
        }


SETTINGS: dict[str, Fields] = {
    "no key": {},
    "a bare key": {"configuration": {"api_key": {"authorization": "KEY"}}},
    "a prefixed key": {
        "configuration": {"api_key": {"authorization": "KEY"}, "api_key_prefix": {"authorization": "Bearer"}}
    },
    "a key under another name": {"configuration": {"api_key": {"other": "KEY"}}},
    "a key that a hook renews": {
        "configuration": {
            "api_key": {"authorization": "OLD"},
            "refresh_api_key_hook": lambda it: it.api_key.update(authorization="NEW"),
        }
    },
    "a cookie": {"cookie": "a=1; b=2"},
    "a default header": {"header_name": "X-Team", "header_value": "ünï"},
    "a default header over a parameter": {"header_name": "Accept", "header_value": "text/plain"},
    "characters that stay in paths": {"configuration": {"safe_chars_for_path_param": "/:"}},
    "a user and a password": {"configuration": {"username": "u", "password": "p"}},
}


@pytest.mark.parametrize("given", SETTINGS.values(), ids=SETTINGS)
@pytest.mark.parametrize(
    "call",
    [
        Call("get_metric", {"task_id": "a:b", "name": "c/d"}),
        Call("create_artifact", {}, created(name="model")),
        Call("update_artifact", {"artifact_artifact_id": "a"}, changed(name="model")),
    ],
    ids=lambda call: call.name,
)
def test_credentials_and_headers_are_sent_as_the_official_client_sends_them(
    recorder: RawServer, given: Fields, call: Call
) -> None:
    assert_same_call(*send(sides(recorder, **given), call))


def test_a_header_set_later_is_sent_with_every_call(both: Sides) -> None:
    for client in (both.official, both.ours):
        client.set_default_header("X-Team", "blue")

    official, ours = send(both, Call("list_artifacts", {}))

    assert_same_call(official, ours)
    assert ours.header("x-team") == "blue"


def test_a_client_names_itself_as_it_is_told(both: Sides) -> None:
    for client in (both.official, both.ours):
        client.user_agent = "me/1"

    assert [request.header("user-agent") for request in send(both, Call("list_artifacts", {}))] == ["me/1", "me/1"]


def test_the_hosts_path_goes_before_the_operations(recorder: RawServer) -> None:
    assert_same_call(*send(sides(recorder, f"{recorder.url}/pipeline"), Call("list_artifacts", {})))


def test_a_slash_at_the_end_of_the_host_makes_no_empty_part_of_the_path(recorder: RawServer) -> None:
    _, ours = send(sides(recorder, f"{recorder.url}/"), Call("list_artifacts", {}))

    assert ours.target == "/apis/v2beta1/artifacts"


RUNS: dict[str, tuple[str, Fields]] = {
    "get_run": ("run_service_get_run", {"run_id": "a/b c"}),
    "get_run of an experiment": ("run_service_get_run", {"run_id": "r", "experiment_id": "e f"}),
    "list_runs": ("run_service_list_runs", {}),
    "list_runs with everything": (
        "run_service_list_runs",
        {
            "namespace": "n",
            "experiment_id": "e",
            "page_token": "",
            "page_size": 5,
            "sort_by": "created_at desc",
            "filter": FILTER,
        },
    ),
}


@pytest.mark.parametrize(("name", "given"), RUNS.values(), ids=RUNS)
def test_a_call_about_runs_is_sent_as_the_official_client_sends_it(both: Sides, name: str, given: Fields) -> None:
    for package, client in ((official_client, both.official), (artifactd_client, both.ours)):
        getattr(package.RunServiceApi(client), name)(**given)

    assert_same(*both.requests())


def test_healthz_is_sent_as_the_official_client_sends_it(both: Sides) -> None:
    official_client.HealthzServiceApi(both.official).healthz_service_get_healthz()
    artifactd_client.HealthzServiceApi(both.ours).healthz_service_get_healthz()

    assert_same(*both.requests())


def whole_task(m: Any) -> Any:
    """A task with messages inside messages, from either package."""
    failed = m.GooglerpcStatus(code=13, message="ü", details=[m.ProtobufAny(type="a/b", type_url="a/b", value="YQ==")])
    return m.V2beta1PipelineTaskDetail(
        run_id="r",
        display_name="Train",
        start_time=MOMENT,
        executor_detail=m.V2beta1PipelineTaskExecutorDetail(main_job="job", failed_main_jobs=["a", "b"]),
        state=m.V2beta1RuntimeState.FAILED,
        error=failed,
        inputs={"data": m.V2beta1ArtifactList(artifact_ids=["1", "2"])},
        state_history=[m.V2beta1RuntimeStatus(update_time=MOMENT, state="FAILED", error=failed)],
        child_tasks=[m.PipelineTaskDetailChildTask(task_id="t")],
    )


def test_a_message_of_messages_is_sent_byte_for_byte(both: Sides) -> None:
    for package, client in ((official_client, both.official), (artifactd_client, both.ours)):
        client.call_api("/tasks", "POST", body=whole_task(package), response_type="object", auth_settings=["Bearer"])

    assert_same(*both.requests())


def test_our_create_task_sends_the_same_message(both: Sides) -> None:
    both.official.call_api(
        "/apis/v2beta1/tasks",
        "POST",
        header_params={"Accept": "application/json", "Content-Type": "application/json"},
        body=whole_task(official_client),
        response_type="object",
        auth_settings=["Bearer"],
    )
    artifactd_client.RunServiceApi(both.ours).create_task(whole_task(artifactd_client))

    assert_same(*both.requests())


@pytest.mark.parametrize(
    ("given", "target"),
    [
        ({"task_ids": "only"}, "?task_ids=only"),
        ({"task_ids": iter(["a", "b"])}, "?task_ids=a&task_ids=b"),
        ({"filter": {"predicates": []}}, "?filter=%7B%22predicates%22%3A+%5B%5D%7D"),
        ({"page_size": True}, "?page_size=true"),
    ],
    ids=["text for a list", "an iterator for a list", "a dictionary for a filter", "a boolean"],
)
def test_what_the_official_client_garbles_is_sent_as_it_is_meant(
    recorder: RawServer, new_client: NewClient, given: Fields, target: str
) -> None:
    ArtifactServiceApi(new_client(recorder.url)).list_metrics(**given)

    assert recorder.requests[0].target == f"/apis/v2beta1/metrics{target}"


def test_a_filter_that_is_a_message_goes_out_as_its_json(recorder: RawServer, new_client: NewClient) -> None:
    m = artifactd_client
    predicates = [
        m.V2beta1Predicate(m.V2beta1PredicateOperation.EQUALS, "name", string_value="a+b"),
        m.V2beta1Predicate("IN", "type", string_values=m.PredicateStringValues(["Model"])),
        m.V2beta1Predicate("LESS_THAN", "created_at", timestamp_value=MOMENT),
    ]

    ArtifactServiceApi(new_client(recorder.url)).list_artifacts(filter=m.V2beta1Filter(predicates))

    [(name, _, value)] = [urlsplit(recorder.requests[0].target).query.partition("=")]
    assert name == "filter"
    assert json.loads(unquote(value.replace("+", " "))) == {
        "predicates": [
            {"operation": "EQUALS", "key": "name", "string_value": "a+b"},
            {"operation": "IN", "key": "type", "string_values": {"values": ["Model"]}},
            {"operation": "LESS_THAN", "key": "created_at", "timestamp_value": MOMENT.isoformat()},
        ]
    }


@given(names=st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), min_size=2, max_size=2))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_a_path_parameter_holds_both_clients_send_the_same(both: Sides, names: list[str]) -> None:
    assert_same_call(*send(both, Call("get_metric", {"task_id": names[0], "name": names[1]})))
