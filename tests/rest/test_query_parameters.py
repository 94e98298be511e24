"""Query parameters (contract, JSON and list_*)."""

from __future__ import annotations

from typing import Any

import pytest
from support import API, Api, error_of, fields_of

LISTS = ["/artifacts", "/metrics", "/artifact_tasks", "/tasks", "/runs"]
PARAMETERS = {
    "/artifacts": {"namespace", "page_token", "page_size", "sort_by", "filter"},
    "/metrics": {"task_ids", "run_ids", "namespace", "page_token", "page_size", "sort_by", "filter"},
    "/artifact_tasks": {
        "task_ids", "run_ids", "artifact_ids", "type", "page_token", "page_size", "sort_by", "filter",
    },
    "/tasks": {"parent_id", "run_id", "namespace", "page_size", "page_token", "filter", "order_by"},
    "/runs": {"namespace", "experiment_id", "page_token", "page_size", "sort_by", "filter"},
}  # fmt: skip
EVERY = sorted(set().union(*PARAMETERS.values()) | {"nonsense", "PAGE_SIZE", "PageSize", "step", "artifact_id"})
GOOD = {"page_size": "5", "sort_by": "created_at", "order_by": "create_time", "filter": "{}", "type": "INPUT"}


def refusal(api: Api, target: str) -> list[str]:
    reply = api.raw("GET", API + target)
    assert reply.status == 400, reply
    return fields_of(reply)


@pytest.mark.parametrize("name", [name for name in EVERY if name != "page_token"])
@pytest.mark.parametrize("path", LISTS)
def test_a_list_takes_its_own_parameters_and_names_any_other(shared_api: Api, path: str, name: str) -> None:
    target = f"{path}?{name}={GOOD.get(name, 'x')}"

    if name in PARAMETERS[path]:
        assert shared_api.raw("GET", API + target).status == 200
    else:
        assert refusal(shared_api, target) == [name]


@pytest.mark.parametrize(
    "target",
    ["/artifacts?pageSize=1&sortBy=name", "/metrics?taskIds=t&taskIds=u&runIds=r&pageToken=", "/tasks?orderBy=name",
     "/artifact_tasks?artifactIds=x", "/tasks?parentId=p&runId=r", "/runs?experimentId=e"],
)  # fmt: skip
def test_parameters_come_in_lower_camel_case_too(shared_api: Api, target: str) -> None:
    assert shared_api.raw("GET", API + target).status == 200


def test_a_parameter_in_both_spellings_is_given_twice(shared_api: Api) -> None:
    assert refusal(shared_api, "/artifacts?page_size=1&pageSize=1") == ["pageSize"]


@pytest.mark.parametrize("path", LISTS)
def test_empty_values_are_absent_ones(shared_api: Api, path: str) -> None:
    query = "&".join(f"{name}=" for name in sorted(PARAMETERS[path]) if not name.endswith("_ids"))

    assert shared_api.raw("GET", f"{API}{path}?{query}").status == 200
    assert shared_api.raw("GET", f"{API}{path}?{query.replace('=', '')}").status == 200


@pytest.mark.parametrize(
    ("path", "name"),
    [(path, name) for path in LISTS for name in sorted(PARAMETERS[path]) if name.endswith("_ids")],
)
@pytest.mark.parametrize("value", ["{}=", "{}", "{}=a&{}=", "{}=&{}=a"])
def test_an_empty_element_in_a_list_of_ids_is_400(shared_api: Api, path: str, name: str, value: str) -> None:
    assert refusal(shared_api, f"{path}?{value.replace('{}', name)}") == [name]


@pytest.mark.parametrize(
    ("path", "name"),
    [(path, name) for path in LISTS for name in sorted(PARAMETERS[path]) if not name.endswith("_ids")],
)
@pytest.mark.parametrize("second", ["", "same", "other"])
def test_a_parameter_given_twice_is_400(shared_api: Api, path: str, name: str, second: str) -> None:
    first = GOOD.get(name, "x")

    assert refusal(shared_api, f"{path}?{name}={first}&{name}={first if second == 'same' else second}") == [name]


@pytest.mark.parametrize("path", ["/artifacts/x", "/metrics/t/n", "/tasks/t", "/runs/r", "/lineage"])
@pytest.mark.parametrize("name", ["page_size", "nonsense"])
def test_a_get_of_one_resource_names_any_parameter(shared_api: Api, path: str, name: str) -> None:
    assert refusal(shared_api, f"{path}?{name}=1") == [name]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/artifacts", {"artifact": {"name": "n"}}),
        ("PUT", "/artifacts/x", {}),
        ("POST", "/metrics", {"metric": {"task_id": "t", "name": "n", "value": 1}}),
        ("POST", "/tasks", {}),
        ("PATCH", "/runs/r", {}),
        ("POST", "/artifact_tasks:batchCreate", {"artifact_tasks": []}),
    ],
)
def test_a_write_takes_no_parameter(shared_api: Api, method: str, path: str, body: Any) -> None:
    reply = shared_api.request(method, f"{path}?update_mask=name", body)

    assert (reply.status, fields_of(reply)) == (400, ["update_mask"])


@pytest.mark.parametrize("bad", ["%", "%2", "%zz", "%FF", "%C3", "%ED%A0%80", "%00", "a%00b"])
@pytest.mark.parametrize("name", ["namespace", "filter", "sort_by", "page_size", "page_token"])
def test_bad_escapes_bad_utf8_and_nul_in_a_value_are_400(shared_api: Api, name: str, bad: str) -> None:
    assert refusal(shared_api, f"/artifacts?{name}={bad}") == [name]


@pytest.mark.parametrize("bad", ["%", "%FF=1", "%00=1", "=1", "%F0%9F%9A%80=1"])
def test_a_bad_name_of_a_parameter_is_400(shared_api: Api, bad: str) -> None:
    refusal(shared_api, f"/artifacts?{bad}")


@pytest.mark.parametrize("query", ["", "?", "?&", "?&&page_size=1&", "?page%5Fsize=1", "?page_size=%31"])
def test_odd_but_good_queries_are_read(shared_api: Api, query: str) -> None:
    assert shared_api.raw("GET", f"{API}/artifacts{query}").status == 200


def test_a_plus_is_a_blank(shared_api: Api) -> None:
    for target in ("created_at+desc", "created_at%20desc"):
        assert shared_api.raw("GET", f"{API}/artifacts?sort_by={target}").status == 200
    assert refusal(shared_api, "/artifacts?sort_by=created_at%2Bdesc") == ["sort_by"]


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize(
    "bad", ["-1", "-9223372036854775807", "x", "1.0", "1e1", "0x1", "%20", "1+", "٣", "99999999999999999999999"]
)
def test_a_bad_page_size_is_400(shared_api: Api, path: str, bad: str) -> None:
    value = bad.encode().hex(" ").upper().replace(" ", "%") if bad == "٣" else bad
    target = f"{path}?page_size={'%' if bad == '٣' else ''}{value}"

    assert refusal(shared_api, target) == ["page_size"]


def test_the_namespace_of_a_list_may_be_any_text(shared_api: Api) -> None:
    assert shared_api.get("/artifacts", namespace="a b/é🚀&=%")["artifacts"] == []


def test_error_messages_say_what_the_operation_takes(shared_api: Api) -> None:
    message = error_of(shared_api.raw("GET", f"{API}/artifacts?pagesize=1"))["message"]

    assert all(name in message for name in PARAMETERS["/artifacts"])
