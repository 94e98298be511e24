"""Whether an answer is the one that the model gives to that request, and what the model holds after it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple
from urllib.parse import unquote

from properties.calls import Call, Message, Mismatch, difference
from properties.graphs import OUTPUTS, Graph, Node, links_among, nearest
from properties.model import Model, Refused
from properties.values import time_us


class Noun(NamedTuple):
    """What tells one item of a list from another, and the time by which lists are ordered unless asked otherwise."""

    identity: tuple[str, ...]
    time: str | None


NOUNS = {
    "artifacts": Noun(("artifact_id",), "created_at"),
    "metrics": Noun(("task_id", "name"), None),
    "artifact_tasks": Noun(("artifact_id", "task_id", "type", "key"), "created_at"),
    "tasks": Noun(("task_id",), "create_time"),
    "task_details": Noun(("task_id",), "create_time"),
    "runs": Noun(("run_id",), "created_at"),
}
_TIES = {"artifact_tasks": "id"}


def after(model: Model, call: Call) -> Model:
    """The model after a call. Raises Mismatch if the model would have answered otherwise."""
    changed = model.fork()
    shown = call.answer if call.status == 200 else None
    try:
        expected, etag = _perform(changed, call, shown)
    except Refused as refused:
        if call.status != refused.status:
            raise Mismatch(f"should be refused with {refused.status}, but was answered {call.status}") from None
        return model
    if shown is None:
        raise Mismatch(f"should be answered {expected}, but was refused with {call.status}")
    changed.told.match(_as_arranged(changed, expected, shown), shown)
    if call.etag != etag:
        raise difference("the ETag", etag, call.etag)
    return changed if call.method != "GET" or changed.told.values != model.told.values else model


def _perform(model: Model, call: Call, shown: Any) -> tuple[Any, str | None]:
    """The answer and the ETag that are expected. A write with a key that was used gets its first answer."""
    key = call.headers.get("Idempotency-Key")
    scope = (call.method, call.path, key or "")
    if key is not None and scope in model.answers:
        message, answer, etag = model.answers[scope]
        if message != call.message:
            raise Refused(409)
        return answer, etag
    for method, pattern, answer_to in _ROUTES:
        found = re.fullmatch(pattern, call.path) if method == call.method else None
        if found is not None:
            expected = answer_to(model, call, shown, *map(unquote, found.groups()))
            etag = f'"{model.versions[expected["artifact_id"]]}"' if answer_to in _WITH_ETAG else None
            if key is not None:
                model.answers[scope] = (call.message, shown, etag)
            return expected, etag
    raise AssertionError(call.path)


def _as_arranged(model: Model, expected: Any, shown: Any) -> Any:
    """What is expected, in the order of the answer wherever the contract leaves the order open."""
    if expected is shown or not isinstance(expected, dict) or not isinstance(shown, dict):
        return expected
    arranged = {name: _as_arranged(model, value, shown.get(name)) for name, value in expected.items()}
    for name in arranged.keys() & shown.keys() & NOUNS.keys():
        key = _key_of(NOUNS[name])
        by_key = {key(item): item for item in expected[name]}
        keys = [key(item) for item in shown[name]]
        if sorted(map(str, by_key)) == sorted(map(str, keys)):
            items = zip((by_key[found] for found in keys), shown[name], strict=True)
            arranged[name] = [_as_arranged(model, item, other) for item, other in items]
    for group in ("inputs", "outputs"):
        if "task_id" in arranged and group in arranged and group in shown:
            arranged[group] = _links_as_arranged(model, arranged["task_id"], group, arranged[group], shown[group])
    return arranged


def _links_as_arranged(model: Model, task_id: str, group: str, expected: Message, shown: Message) -> Message:
    arranged = dict(expected)
    for key in expected.keys() & shown.keys():
        here, there = expected[key]["artifact_ids"], shown[key].get("artifact_ids", [])
        makers: dict[Any, int] = {}
        for link in model.links.values():
            if (link["task_id"], link.get("key", "")) == (task_id, key) and (link["type"] in OUTPUTS) == (
                group == "outputs"
            ):
                identity = (link["artifact_id"], task_id, link["type"], link.get("key"))
                makers.setdefault(link["artifact_id"], model.makers[identity])
        if sorted(here) == sorted(there) and in_order_of_making(model, there, makers):
            arranged[key] = {"artifact_ids": there}
    return arranged


def in_order_of_making(model: Model, shown: list[Any], makers: dict[Any, int]) -> bool:
    """Whether what was made first stands first; what calls made that went on at the same time may stand either way.

    Args:
        makers: which call made which, in the order of the model.
    """
    calls, places = model.told.calls, {item: place for place, item in enumerate(makers)}
    return not any(
        places[later] < places[earlier]
        and (makers[later] == makers[earlier] or calls[makers[later]].ended < calls[makers[earlier]].began)
        for index, earlier in enumerate(shown)
        for later in shown[index + 1 :]
    )


def _key_of(noun: Noun) -> Callable[[Message], tuple[Any, ...]]:
    return lambda item: tuple(item.get(name) for name in noun.identity)


# Lists


def _list(model: Model, call: Call, shown: Message | None, name: str, items: Iterable[Message]) -> Message:
    """A list of some items, or the total of all that there are, and whether it is in order."""
    found = list(items)
    if call.query.get("page_size") == 1:
        return {**(shown or {}), "total_size": model.totals[call.path] + len(found)}
    noun, given = NOUNS[name], (shown or {}).get(name, [])
    if noun.time is not None:
        order = [(time_us(item[noun.time]), item[_TIES.get(name, noun.identity[0])]) for item in given]
        if order != sorted(order):
            raise Mismatch(f"is not in order: {order}")
    elif not in_order_of_making(model, list(map(_key_of(noun), given)), _makers_of_metrics(model, given)):
        raise Mismatch(f"is not in the order of first logging: {given}")
    return {name: found, "total_size": len(found), "next_page_token": ""}


def _makers_of_metrics(model: Model, given: list[Message]) -> dict[Any, int]:
    keys = set(map(_key_of(NOUNS["metrics"]), given))
    if not keys <= model.points.keys():
        raise Mismatch(f"lists metrics that were not logged: {keys - model.points.keys()}")
    return {key: model.makers[key] for key in model.points}


def _asked(call: Call, items: Iterable[Message], **fields: str) -> list[Message]:
    """The items that a query asks for: `fields` gives the field of each parameter."""
    wanted = {field: call.query[name] for name, field in fields.items() if name in call.query}
    return [item for item in items if all(item.get(field) == value for field, value in wanted.items())]


def _list_artifacts(model: Model, call: Call, shown: Message | None) -> Message:
    return _list(model, call, shown, "artifacts", _asked(call, model.artifacts.values(), namespace="namespace"))


def _list_metrics(model: Model, call: Call, shown: Message | None) -> Message:
    metrics = map(model.current, model.points.values())
    asked = _asked(call, metrics, namespace="namespace", task_ids="task_id", run_ids="run_id")
    return _list(model, call, shown, "metrics", asked)


def _list_tasks(model: Model, call: Call, shown: Message | None) -> Message:
    tasks = _asked(call, map(model.shown_task, model.tasks), namespace="namespace", run_id="run_id")
    return _list(model, call, shown, "tasks", tasks)


def _list_runs(model: Model, call: Call, shown: Message | None) -> Message:
    runs = _asked(call, (model.shown_run(run_id, alone=True) for run_id in model.runs), namespace="namespace")
    return _list(model, call, shown, "runs", runs)


def _list_artifact_tasks(model: Model, call: Call, shown: Message | None) -> Message:
    links = _asked(call, model.links.values(), task_ids="task_id", artifact_ids="artifact_id")
    if call.query["type"] != "UNSPECIFIED":
        links = [link for link in links if link["type"] == call.query["type"]]
    return _list(model, call, shown, "artifact_tasks", links)


# Single resources


def _get(items: dict[Any, Message], key: Any) -> Message:
    if key not in items:
        raise Refused(404)
    return items[key]


def _get_artifact(model: Model, _: Call, __: Message | None, artifact_id: str) -> Message:
    return _get(model.artifacts, artifact_id)


def _get_metric(model: Model, _: Call, __: Message | None, task_id: str, name: str) -> Message:
    if (task_id, name) not in model.points:
        raise Refused(404)
    return model.current(model.points[task_id, name])


def _get_history(model: Model, _: Call, shown: Message | None, task_id: str, name: str) -> Message:
    points = model.points.get((task_id, name))
    if points is None:
        raise Refused(404)
    history = sorted(points, key=lambda point: time_us(point["created_at"]))
    # A history has a fixed order, which the lists of metrics have not.
    model.told.match(history, (shown or {}).get("metrics"))
    return {"metrics": (shown or {}).get("metrics"), "total_size": len(history), "next_page_token": ""}


def _get_task(model: Model, _: Call, __: Message | None, task_id: str) -> Message:
    _get(model.tasks, task_id)
    return model.shown_task(task_id)


def _get_run(model: Model, _: Call, __: Message | None, run_id: str) -> Message:
    _get(model.runs, run_id)
    return model.shown_run(run_id)


def _get_lineage(model: Model, call: Call, _: Message | None) -> Message:
    [(kind, start)] = call.query.items()
    _get({"artifact_id": model.artifacts, "task_id": model.tasks, "run_id": model.runs}[kind], start)
    starts: list[Node] = [(kind.removesuffix("_id"), start)]
    if kind == "run_id":
        starts = [("task", task_id) for task_id, task in model.tasks.items() if task.get("run_id") == start]
    graph = Graph(list(model.links.values()), {})
    nodes = nearest(graph, starts, "BOTH")
    return {
        "artifacts": [model.artifacts[item] for noun, item in nodes if noun == "artifact"],
        "tasks": [model.tasks[item] for noun, item in nodes if noun == "task"],
        "artifact_tasks": links_among(graph, set(nodes)),
        "truncated": False,
    }


# Writes


def _batch(
    call: Call, shown: Message | None, name: str, one: Callable[[Call, Message, Message | None], Message]
) -> Message:
    items = call.message[name]
    answers = [None] * len(items) if shown is None else shown.get(name, [])
    if len(answers) != len(items):
        raise difference(name, items, answers)
    for item, answer in zip(items, answers, strict=True):
        one(call, item, answer)
    # Each was compared on its own, in the order of the request.
    return {name: answers}


def _create_artifact(model: Model, call: Call, shown: Message | None) -> Message:
    return model.create_artifact(call, call.message, shown)


def _update_artifact(model: Model, call: Call, shown: Message | None, artifact_id: str) -> Message:
    return model.update_artifact(call, artifact_id, call.message, call.headers.get("If-Match"), shown)


def _update_run(model: Model, call: Call, shown: Message | None, run_id: str) -> Message:
    """A change of a run, whose answer may show its tasks as they became while it was on its way: they are not its own.

    Each task is read for itself then, and a change of the run does not hold up all of its tasks.
    """
    expected = model.update_run(call, run_id, call.message)
    if shown is None or not model.told.overlapped(call):
        return expected
    told_by_tasks = ("run_details",) if "state" in model.runs[run_id] else ("run_details", "state")
    return expected | {name: shown.get(name) for name in told_by_tasks}


_WITH_ETAG = (_create_artifact, _update_artifact, _get_artifact)
_ROUTES: tuple[tuple[str, str, Callable[..., Message]], ...] = (
    ("POST", "/artifacts", _create_artifact),
    ("PUT", "/artifacts/([^/]+)", _update_artifact),
    ("POST", "/artifacts:batchCreate", lambda m, c, shown: _batch(c, shown, "artifacts", m.create_artifact)),
    ("POST", "/metrics", lambda m, c, shown: m.log_metric(c, c.message["metric"], shown)),
    ("POST", "/metrics:batchLog", lambda m, c, shown: _batch(c, shown, "metrics", m.log_metric)),
    ("POST", "/artifact_tasks", lambda m, c, shown: m.create_artifact_task(c, c.message["artifact_task"], shown)),
    (
        "POST",
        "/artifact_tasks:batchCreate",
        lambda m, c, shown: _batch(c, shown, "artifact_tasks", m.create_artifact_task),
    ),
    ("POST", "/tasks", lambda m, c, _: m.create_task(c, c.message)),
    ("PATCH", "/tasks/([^/]+)", lambda m, c, _, task_id: m.update_task(c, task_id, c.message)),
    ("PATCH", "/runs/([^/]+)", _update_run),
    ("GET", "/artifacts/([^/]+)", _get_artifact),
    ("GET", "/metrics/([^/]+)/([^/]+)", _get_metric),
    ("GET", "/metric_history/([^/]+)/([^/]+)", _get_history),
    ("GET", "/tasks/([^/]+)", _get_task),
    ("GET", "/runs/([^/]+)", _get_run),
    ("GET", "/lineage", _get_lineage),
    ("GET", "/artifacts", _list_artifacts),
    ("GET", "/metrics", _list_metrics),
    ("GET", "/tasks", _list_tasks),
    ("GET", "/runs", _list_runs),
    ("GET", "/artifact_tasks", _list_artifact_tasks),
)
