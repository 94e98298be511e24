"""Every operation, by every role, on what is in one's own namespace, in another, and in none, in every mode.

Each row of `EXPECTED` states the answers: of a reader, a writer and an admin of one namespace, then of a reader, a
writer and an admin of every namespace, then of somebody known who has no role there. A stranger always gets 401.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest
from auth.modes import CALLERS, MODES, OTHER, OWN, World
from support import Api, Reply, running_app

from artifactd.rest.routes import OPERATIONS
from artifactd.settings import Settings

pytestmark = pytest.mark.engines("sqlite")
TARGETS = {"own": OWN, "other": OTHER, "none": ""}
_numbers = itertools.count(1)


class Things(NamedTuple):
    """What there is in a namespace; `key_id` makes a new key there and gives its id."""

    namespace: str
    artifact_id: str
    task_id: str
    run_id: str
    key_id: Callable[[], str]


Send = Callable[[Api, Things], Reply]


def _named(things: Things) -> dict[str, str]:
    """The namespace as a field, where there is one."""
    return {"namespace": things.namespace} if things.namespace else {}


def _unused(prefix: str) -> str:
    return f"{prefix}-{next(_numbers)}"


def _key(things: Things) -> dict[str, Any]:
    return {"api_key": {"name": "made", "role": "reader", "namespaces": [things.namespace]}}


REQUESTS: dict[str, Send] = {
    "create_artifact": lambda api, t: api.request("POST", "/artifacts", {"artifact": {"name": "x", **_named(t)}}),
    "get_artifact": lambda api, t: api.request("GET", f"/artifacts/{t.artifact_id}"),
    "list_artifacts": lambda api, t: api.request("GET", "/artifacts", query=_named(t)),
    "update_artifact": lambda api, t: api.request("PUT", f"/artifacts/{t.artifact_id}", {"description": "seen"}),
    "batch_create_artifacts": lambda api, t: api.request(
        "POST", "/artifacts:batchCreate", {"artifacts": [{"artifact": {"name": "x", **_named(t)}}]}
    ),
    "log_metric": lambda api, t: api.request(
        "POST", "/metrics", {"metric": {"task_id": t.task_id, "name": "m", "value": 1}}
    ),
    "get_metric": lambda api, t: api.request("GET", f"/metrics/{t.task_id}/m"),
    "list_metrics": lambda api, t: api.request("GET", "/metrics", query=_named(t)),
    "batch_log_metrics": lambda api, t: api.request(
        "POST", "/metrics:batchLog", {"metrics": [{"task_id": t.task_id, "name": "m", "value": 1}]}
    ),
    "get_metric_history": lambda api, t: api.request("GET", f"/metric_history/{t.task_id}/m"),
    "list_artifact_tasks": lambda api, _: api.request("GET", "/artifact_tasks", query={"type": "UNSPECIFIED"}),
    "create_artifact_task": lambda api, t: api.request(
        "POST", "/artifact_tasks", {"artifact_task": {"artifact_id": t.artifact_id, "task_id": t.task_id}}
    ),
    "batch_create_artifact_tasks": lambda api, t: api.request(
        "POST",
        "/artifact_tasks:batchCreate",
        {"artifact_tasks": [{"artifact_id": t.artifact_id, "task_id": t.task_id}]},
    ),
    "get_lineage": lambda api, t: api.request("GET", "/lineage", query={"artifact_id": t.artifact_id}),
    "create_task": lambda api, t: api.request("POST", "/tasks", {"task_id": _unused("made"), **_named(t)}),
    "get_task": lambda api, t: api.request("GET", f"/tasks/{t.task_id}"),
    "list_tasks": lambda api, t: api.request("GET", "/tasks", query=_named(t)),
    "update_task": lambda api, t: api.request("PATCH", f"/tasks/{t.task_id}", {"display_name": "seen"}),
    "get_run": lambda api, t: api.request("GET", f"/runs/{t.run_id}"),
    "list_runs": lambda api, t: api.request("GET", "/runs", query=_named(t)),
    "update_run": lambda api, t: api.request("PATCH", f"/runs/{t.run_id}", {"display_name": "seen"}),
    "search": lambda api, t: api.request("GET", "/search", query={"query": "x", **_named(t)}),
    "list_namespaces": lambda api, _: api.request("GET", "/namespaces"),
    "create_key": lambda api, t: api.request("POST", "/keys", _key(t)),
    "list_keys": lambda api, _: api.request("GET", "/keys"),
    "revoke_key": lambda api, t: api.request("DELETE", f"/keys/{t.key_id()}"),
}
# Of one namespace: reader, writer, admin; of every one: reader, writer, admin; known, with no role there.
Row = tuple[int, int, int, int, int, int, int]
_READ = {
    "own": (200, 200, 200, 200, 200, 200, 404),
    "other": (404, 404, 404, 200, 200, 200, 404),
    "none": (404, 404, 404, 200, 200, 200, 404),
}
_LIST = {
    "own": (200, 200, 200, 200, 200, 200, 403),
    "other": (403, 403, 403, 200, 200, 200, 403),
    "none": (200, 200, 200, 200, 200, 200, 200),
}
_LIST_OF_ALL = dict.fromkeys(TARGETS, (200, 200, 200, 200, 200, 200, 200))
_CREATE = {
    "own": (403, 200, 200, 403, 200, 200, 403),
    "other": (403, 403, 403, 403, 200, 200, 403),
    # Without a namespace, what is made goes to the caller's only one.
    "none": (403, 200, 200, 403, 200, 200, 403),
}
_ADD = {
    # To a task that the caller cannot write, as if there were none.
    "own": (404, 200, 200, 404, 200, 200, 404),
    "other": (404, 404, 404, 404, 200, 200, 404),
    "none": (404, 404, 404, 404, 200, 200, 404),
}
_UPDATE = {
    "own": (403, 200, 200, 403, 200, 200, 404),
    "other": (404, 404, 404, 403, 200, 200, 404),
    "none": (404, 404, 404, 403, 200, 200, 404),
}
_MAKE_KEY = {
    "own": (403, 403, 200, 403, 403, 200, 403),
    "other": (403, 403, 403, 403, 403, 200, 403),
    "none": (403, 403, 403, 403, 403, 200, 403),
}
_LIST_KEYS = dict.fromkeys(TARGETS, (403, 403, 200, 403, 403, 200, 403))
_REVOKE = {
    "own": (404, 404, 200, 404, 404, 200, 404),
    "other": (404, 404, 404, 404, 404, 200, 404),
    "none": (404, 404, 404, 404, 404, 200, 404),
}
EXPECTED: dict[str, dict[str, Row]] = {
    "create_artifact": _CREATE,
    "get_artifact": _READ,
    "list_artifacts": _LIST,
    "update_artifact": _UPDATE,
    "batch_create_artifacts": _CREATE,
    "log_metric": _ADD,
    "get_metric": _READ,
    "list_metrics": _LIST,
    "batch_log_metrics": _ADD,
    "get_metric_history": _READ,
    "list_artifact_tasks": _LIST_OF_ALL,
    "create_artifact_task": _ADD,
    "batch_create_artifact_tasks": _ADD,
    "get_lineage": _READ,
    "create_task": _CREATE,
    "get_task": _READ,
    "list_tasks": _LIST,
    "update_task": _UPDATE,
    "get_run": _READ,
    "list_runs": _LIST,
    "update_run": _UPDATE,
    "search": _LIST,
    "list_namespaces": _LIST_OF_ALL,
    "create_key": _MAKE_KEY,
    "list_keys": _LIST_KEYS,
    "revoke_key": _REVOKE,
}


@pytest.fixture(scope="module", params=list(MODES))
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A server in each mode."""
    with MODES[request.param](tmp_path_factory.mktemp(request.param)) as world:
        yield world


@pytest.fixture(scope="module")
def things(world: World) -> dict[str, Things]:
    """What there is in each namespace, made by who may do everything."""
    boss = world.clients["admin of all"]
    return {target: things_in(boss, namespace) for target, namespace in TARGETS.items()}


def things_in(boss: Api, namespace: str) -> Things:
    """Makes one of everything in a namespace."""
    where = {"namespace": namespace} if namespace else {}
    task_id, run_id = _unused("task"), _unused("run")
    made = boss.artifact(**where, request={"task_id": task_id, "run_id": run_id})
    boss.metric(task_id=task_id, name="m")

    def key_id() -> str:
        body = {"api_key": {"name": "theirs", "role": "reader", "namespaces": [namespace]}}
        reply = boss.request("POST", "/keys", body)
        return str(reply.json["api_key"]["key_id"]) if reply.status == 200 else "none"

    return Things(namespace, made["artifact_id"], task_id, run_id, key_id)


def takes_keys(world: World) -> bool:
    return world.clients["admin of all"].request("GET", "/keys").status == 200


def test_the_matrix_has_every_operation() -> None:
    names = {operation.name for operation in OPERATIONS}

    assert set(EXPECTED) == names
    assert set(REQUESTS) == names


@pytest.mark.parametrize("target", list(TARGETS))
@pytest.mark.parametrize("name", list(REQUESTS))
def test_who_may_do_what_where(world: World, things: dict[str, Things], name: str, target: str) -> None:
    needs_keys = name.endswith(("_key", "_keys"))
    row = EXPECTED[name][target] if takes_keys(world) or not needs_keys else (403,) * len(CALLERS)

    answers = {caller: REQUESTS[name](world.clients[caller], things[target]).status for caller in CALLERS}

    assert answers == dict(zip(CALLERS, row, strict=True))
    assert REQUESTS[name](world.clients["stranger"], things[target]).status == 401


@pytest.mark.parametrize("name", list(REQUESTS))
def test_what_is_refused_changes_nothing(world: World, name: str) -> None:
    boss = world.clients["admin of all"]
    there = things_in(boss, OTHER)

    def seen() -> list[Any]:
        paths = [f"/artifacts/{there.artifact_id}", f"/tasks/{there.task_id}", f"/runs/{there.run_id}"]
        lists = ["/artifacts", "/metrics", "/tasks", "/runs", "/artifact_tasks?type=UNSPECIFIED"]
        totals = [boss.ok("GET", path)["total_size"] for path in lists]
        history = boss.ok("GET", f"/metric_history/{there.task_id}/m")
        return [*totals, history, *(boss.ok("GET", path) for path in paths)]

    before = seen()
    for caller in ("reader", "writer", "admin", "known", "stranger", "reader of all"):
        if EXPECTED[name]["other"][0] >= 400:
            assert REQUESTS[name](world.clients[caller], there).status in (200, 401, 403, 404)

    assert seen() == before


@pytest.mark.parametrize("name", ["list_artifacts", "list_metrics", "list_tasks", "list_runs", "list_artifact_tasks"])
def test_a_list_without_a_namespace_holds_just_what_the_caller_may_see(
    world: World, things: dict[str, Things], name: str
) -> None:
    send, nowhere = REQUESTS[name], things["none"]
    for caller, namespaces in (("reader", {OWN}), ("known", set()), ("reader of all", {OWN, OTHER, ""})):
        found = send(world.clients[caller], nowhere).json
        field = next(key for key, value in found.items() if isinstance(value, list))
        items = world.clients[caller].walk(
            f"/{field}", field, page_size=200, **({"type": "UNSPECIFIED"} if field == "artifact_tasks" else {})
        )
        assert found["total_size"] == len(items)
        if field != "artifact_tasks":
            assert {item["namespace"] for item in items} == namespaces
        assert bool(items) == bool(namespaces)


@pytest.mark.parametrize("name", list(REQUESTS))
def test_where_authentication_is_off_everybody_may_do_everything_but_make_keys(database_url: str, name: str) -> None:
    with running_app(database_url, Settings(port=0, access_log=False)) as (url, _):
        api = Api(url)
        there = things_in(api, OWN)
        status = REQUESTS[name](api, there).status
        api.close()

    assert status == (403 if name.endswith(("_key", "_keys")) else 200)
