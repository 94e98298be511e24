"""What is measured on a large store and a small one: each operation, and how its targets are drawn."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from artifactd import listing
from artifactd.listing import Kind, Noun, Position
from artifactd.storage import artifact_tasks, artifacts, metrics, runs, tasks
from artifactd.storage.columns import Listing
from artifactd.storage.pages import segments_of
from artifactd.wire.page_tokens import decode_page_token, encode_page_token
from artifactd.wire.times import parse_time, time_of
from benchmarks import size_contents as contents
from benchmarks.size_measuring import Operation, Request, Side

_LARGE = 0
_SMALL_RUNS = 21
"""The small namespace is the smallest with at least so many runs: a page of them."""
_MATCHES = 50
_PATHS = {
    "artifacts": "/artifacts", "metrics": "/metrics", "artifact_tasks": "/artifact_tasks", "tasks": "/tasks",
    "runs": "/runs",
}  # fmt: skip
_LISTINGS: tuple[Listing, ...] = (
    artifacts.LISTING, metrics.LISTING, artifact_tasks.LISTING, tasks.LISTING, runs.LISTING
)  # fmt: skip
_TITLES = {"artifact_tasks": "links"}


def operations() -> Iterator[Operation]:
    """Every operation, in the order of the page; those that write come last."""
    yield from _gets()
    yield from _lists()
    yield from _filters()
    yield from _broad_filters()
    yield from _lineages()
    yield from _writes()


def _run(side: Side, namespace: int = _LARGE) -> int:
    return side.random.choice(side.shape.runs_of[namespace])


def _task(side: Side, namespace: int = _LARGE) -> int:
    return _run(side, namespace) * contents.TASKS + side.random.randrange(contents.TASKS)


def _artifact(side: Side, namespace: int = _LARGE) -> int:
    return _task(side, namespace) * contents.ARTIFACTS + side.random.randrange(contents.ARTIFACTS)


def _artifact_id(side: Side, number: int) -> str:
    return contents.uuid_text(side.shape.artifact_uuid(number))


def _small(side: Side) -> int:
    return max(number for number, size in enumerate(side.shape.sizes) if size >= _SMALL_RUNS)


def _gets() -> Iterator[Operation]:
    def add(title: str, path: Callable[[Side], str]) -> Operation:
        return Operation("get", title, lambda side: Request("GET", path(side)))

    yield add("artifact", lambda side: f"/artifacts/{_artifact_id(side, _artifact(side))}")
    yield add("metric", lambda side: f"/metrics/{contents.task_id(_task(side))}/loss")
    yield add("history of a metric", lambda side: f"/metric_history/{contents.task_id(_task(side))}/loss")
    yield add("task", lambda side: f"/tasks/{contents.task_id(_task(side))}")
    yield add("run", lambda side: f"/runs/{contents.run_id(_run(side))}")


def _lists() -> Iterator[Operation]:
    for each in _LISTINGS:
        noun = each.noun
        sorts = [field.name for field in noun.fields if field.sortable and field.name not in noun.scanned_sorts]
        for sort in sorts if noun.default_sort else ["", *sorts]:
            for descending in (False, True):
                for where, query in _wheres(noun):
                    # A page over all namespaces asks each of them, which takes long: few of them have to do.
                    if where.endswith("all namespaces") and (descending or not _wanted(noun, sort, where)):
                        continue
                    asked = _Asked(each, sort, descending, query)
                    group = f"{_TITLES.get(noun.name, noun.name)}, {where}"
                    title = f"{sort or 'first logged'} {'descending' if descending else 'ascending'}"
                    # Without a field there is no word for the direction.
                    if sort or not descending:
                        yield Operation(f"list {group}, first page", title, asked.first)
                        yield Operation(f"list {group}, deep page", title, asked.deep)


def _wanted(noun: Noun, sort: str, where: str) -> bool:
    return sort == noun.default_sort or (where.startswith("outputs") and sort in ("artifact_id", "task_id"))


def _wheres(noun: Noun) -> Iterator[tuple[str, Callable[[Side], dict[str, Any]]]]:
    if noun is listing.ARTIFACT_TASKS:
        yield "inputs, all namespaces", lambda _: {"type": "INPUT"}
        yield "outputs, all namespaces", lambda _: {"type": "OUTPUT"}
        return
    yield "large namespace", lambda _: {"namespace": contents.namespace_name(_LARGE)}
    yield "small namespace", lambda side: {"namespace": contents.namespace_name(_small(side))}
    yield "all namespaces", lambda _: {}


class _Asked:
    """A list in one order: its first page, and one that begins behind an item in the middle of its namespace."""

    def __init__(self, each: Listing, sort: str, descending: bool, query: Callable[[Side], dict[str, Any]]) -> None:  # noqa: FBT001
        self._listing, self._sort, self._descending, self._query = each, sort, descending, query
        self._tokens: dict[Side, str] = {}

    def first(self, side: Side) -> Request:
        """The first page."""
        noun = self._listing.noun
        name = "order_by" if noun is listing.TASKS else "sort_by"
        sort = {name: f"{self._sort} {'desc' if self._descending else 'asc'}"} if self._sort else {}
        return Request("GET", _PATHS[noun.name], self._query(side) | sort)

    def deep(self, side: Side) -> Request:
        """A page far behind."""
        if side not in self._tokens:
            self._tokens[side] = self._token(side)
        first = self.first(side)
        return Request("GET", first.path, {"page_token": self._tokens[side]})

    def _token(self, side: Side) -> str:
        noun = self._listing.noun
        answer = side.call(self.first(side)._replace(query=(self.first(side).query or {}) | {"page_size": 1})).json
        token = decode_page_token(noun.name, answer["next_page_token"])
        return encode_page_token(noun.name, token.parameters, self._position(side), token.total_size)

    def _position(self, side: Side) -> Position:
        sort = listing.Sort(self._sort, self._descending)
        segments = segments_of(self._listing, sort)
        namespace = _small(side) if self._query(side).get("namespace") == contents.namespace_name(_small(side)) else 0
        places = side.shape.runs_of[namespace]
        task = places[len(places) // 2] * contents.TASKS + 5
        if not self._sort:
            return Position(0, (task * contents.METRICS + 1,))
        item = self._item(side, task)
        if self._sort == "updated_at" and _hides_updates(self._listing.noun):
            item |= {"updated_at": _time(side.shape.updated_us(self._listing.noun.name, task))}
        names = [self._sort, *(name for name in self._listing.identity if name != self._sort)]
        number = next(n for n, segment in enumerate(segments) if len(segment.order) == len(names) and not segment.unset)
        if len(segments) > 1:
            number = next(n for n, segment in enumerate(segments) if segment.unset is None)
        return Position(number, tuple(self._value(item, name) for name in names))

    def _item(self, side: Side, task: int) -> Any:
        """One item of the list, in the middle of the namespace by its time."""
        noun, task_id = self._listing.noun, contents.task_id(task)
        match noun.name:
            case "artifacts":
                path, query = f"/artifacts/{_artifact_id(side, task * contents.ARTIFACTS + 1)}", None
            case "metrics":
                path, query = f"/metrics/{task_id}/loss", None
            case "tasks":
                path, query = f"/tasks/{task_id}", None
            case "runs":
                path, query = f"/runs/{contents.run_id(task // contents.TASKS)}", None
            case _:
                path, query = "/artifact_tasks", {"task_ids": task_id, "type": self._query(side)["type"]}
        found = side.call(Request("GET", path, query)).json
        return found["artifact_tasks"][0] if noun.name == "artifact_tasks" else found

    def _value(self, item: Any, name: str) -> Any:
        field = self._listing.noun.field(name)
        assert field is not None
        spelt = next(each for each in (name, f"{name}_at", *field.aliases) if each in item)
        return parse_time(name, item[spelt]) if field.kind is Kind.TIME else item[spelt]


def _hides_updates(noun: Noun) -> bool:
    """Whether a list can be sorted by the time of the last change, but does not show it."""
    return noun in (listing.TASKS, listing.RUNS)


def _filter(*predicates: tuple[str, str, Any]) -> dict[str, str]:
    found = []
    for key, operation, value in predicates:
        if key.endswith("_at"):
            given = {"timestamp_value": _time(value)}
        else:
            given = {"string_value" if isinstance(value, str) else "double_value": value}
        found.append({"operation": operation, "key": key} | given)
    return {"filter": json.dumps({"predicates": found}, separators=(",", ":"))}


def _time(at_us: int) -> str:
    moment = time_of(at_us)
    assert moment is not None
    return moment.isoformat().replace("+00:00", "Z")


def _between(key: str, low: float, high: float) -> dict[str, str]:
    return _filter((key, "GREATER_THAN_EQUALS", low), (key, "LESS_THAN", high))


def _in_large(path: str, query: Callable[[Side], dict[str, Any]]) -> Callable[[Side], Request]:
    return lambda side: Request("GET", path, {"namespace": contents.namespace_name(_LARGE)} | query(side))


def _created(runs_: int) -> Callable[[Side], dict[str, str]]:
    """The time in which some runs of the large namespace began, one after the other."""

    def query(side: Side) -> dict[str, str]:
        places = side.shape.runs_of[_LARGE]
        first = side.random.randrange(len(places) - runs_)
        start = side.shape.start_us(places[first])
        return _between("created_at", start, side.shape.start_us(places[first + runs_]))

    return query


def _share(key: str, matches: int, values: int) -> Callable[[Side], dict[str, str]]:
    """A stretch of evenly spread values that so many match, of so many in each run."""

    def query(side: Side) -> dict[str, str]:
        width = min(0.5, matches / (side.shape.sizes[_LARGE] * values))
        low = side.random.random() * (1 - width)
        return _between(key, low, low + width)

    return query


def _filters() -> Iterator[Operation]:
    def add(title: str, request: Callable[[Side], Request]) -> Operation:
        return Operation("filter, as many matches on both", title, request)

    def name(side: Side) -> str:
        return f"model-{side.random.randrange(side.shape.sizes[_LARGE] // contents.RUNS_ALIKE)}"

    def ids(path: str, field: str, draw: Callable[[Side], str], count: int, **more: str) -> Callable[[Side], Request]:
        return lambda side: Request("GET", path, {field: [draw(side) for _ in range(count)]} | more)

    task: Callable[[Side], str] = lambda side: contents.task_id(_task(side))  # noqa: E731
    run: Callable[[Side], str] = lambda side: contents.run_id(_run(side))  # noqa: E731
    artifact: Callable[[Side], str] = lambda side: _artifact_id(side, _artifact(side))  # noqa: E731
    model = ("type", "EQUALS", "Model")
    yield add(
        "artifacts by type and name",
        _in_large("/artifacts", lambda side: _filter(model, ("name", "EQUALS", name(side)))),
    )
    yield add(
        "artifacts by type and name, all namespaces",
        lambda side: Request("GET", "/artifacts", _filter(model, ("name", "EQUALS", name(side)))),
    )
    yield add("artifacts by created_at", _in_large("/artifacts", _created(2)))
    yield add("artifacts by number_value", _in_large("/artifacts", _share("number_value", _MATCHES, contents.TASKS)))
    yield add("metrics by value", _in_large("/metrics", _share("value", _MATCHES, contents.TASKS * contents.METRICS)))
    yield add("metrics by created_at", _in_large("/metrics", _created(1)))
    for count in (1, 20):
        yield add(f"metrics of {count} task{'s' * (count > 1)}", ids("/metrics", "task_ids", task, count))
    for count in (1, 5):
        yield add(f"metrics of {count} run{'s' * (count > 1)}", ids("/metrics", "run_ids", run, count))
    for kind in ("INPUT", "OUTPUT"):
        title = f"{kind.lower()}s"
        yield add(f"{title} of a task", ids("/artifact_tasks", "task_ids", task, 1, type=kind))
        yield add(f"{title} of 20 tasks", ids("/artifact_tasks", "task_ids", task, 20, type=kind))
        yield add(f"{title} of a run", ids("/artifact_tasks", "run_ids", run, 1, type=kind))
        yield add(f"{title} of an artifact", ids("/artifact_tasks", "artifact_ids", artifact, 1, type=kind))
    yield add("tasks of a run", ids("/tasks", "run_id", run, 1))
    yield add(
        "tasks of a parent",
        lambda side: Request("GET", "/tasks", {"parent_id": contents.task_id(_run(side) * contents.TASKS)}),
    )
    yield add(
        "runs of an experiment",
        lambda side: Request(
            "GET", "/runs", {"experiment_id": f"experiment-0-{side.random.randrange(side.shape.sizes[_LARGE] // 50)}"}
        ),
    )


def _broad_filters() -> Iterator[Operation]:
    def add(title: str, request: Callable[[Side], Request]) -> Operation:
        return Operation("filter, matches grow with the store", title, request)

    def hub(side: Side) -> dict[str, Any]:
        return {"artifact_ids": _artifact_id(side, side.shape.hub())}

    def one_percent(side: Side) -> dict[str, str]:
        return _created(max(1, side.shape.sizes[_LARGE] // 100))(side)

    yield add("readers of a hub", lambda side: Request("GET", "/artifact_tasks", hub(side) | {"type": "INPUT"}))
    yield add("artifacts of a hundredth of the year", _in_large("/artifacts", one_percent))
    yield add("tasks that failed", _in_large("/tasks", lambda _: _filter(("state", "EQUALS", "FAILED"))))
    yield add(
        "artifacts by a common name", _in_large("/artifacts", lambda _: _filter(("name", "EQUALS", "train-data")))
    )
    yield add("artifacts by type", _in_large("/artifacts", lambda _: _filter(("type", "EQUALS", "Model"))))


def _lineages() -> Iterator[Operation]:
    def add(title: str, query: Callable[[Side], dict[str, Any]]) -> Operation:
        return Operation("lineage", title, lambda side: Request("GET", "/lineage", query(side)))

    def around(number: Callable[[Side], int], direction: str, **more: int) -> Callable[[Side], dict[str, Any]]:
        return lambda side: {"artifact_id": _artifact_id(side, number(side)), "direction": direction} | more

    yield add("4 hops upstream", around(_artifact, "UPSTREAM", max_depth=4))
    yield add("4 hops downstream", around(_artifact, "DOWNSTREAM", max_depth=4))
    yield add("of a run, 4 hops both ways", lambda side: {"run_id": contents.run_id(_run(side)), "max_depth": 4})
    yield add(
        "of a hub downstream, 1 hop", around(lambda side: side.shape.hub(), "DOWNSTREAM", max_depth=1, max_nodes=40)
    )
    yield add("of a hub downstream, 1,000 nodes", around(lambda side: side.shape.hub(), "DOWNSTREAM", max_nodes=1_000))
    yield add(
        "of a deep chain upstream, 1,000 nodes",
        around(lambda side: side.shape.chain_end(), "UPSTREAM", max_nodes=1_000),
    )


def _writes() -> Iterator[Operation]:
    def add(title: str, path: str, message: Callable[[Side], Any]) -> Operation:
        return Operation("write", title, lambda side: Request("POST", path, None, message(side)))

    def drawn(side: Side) -> str:
        return f"{side.random.getrandbits(48):012x}"

    def artifact(side: Side) -> dict[str, Any]:
        return {
            "name": f"made-{drawn(side)}", "type": "Model", "uri": f"s3://made/{drawn(side)}",
            "namespace": contents.namespace_name(_LARGE), "metadata": {"accuracy": 0.5},
        }  # fmt: skip

    def known(side: Side) -> dict[str, Any]:
        made = side.shape.artifact(_artifact(side))
        more = {} if made.number_value is None else {"number_value": made.number_value}
        fields = {name: getattr(made, name) for name in ("namespace", "name", "type", "uri")}
        return {"artifact": fields | more | {"metadata": json.loads(made.metadata or "{}")}, "reuse_if_exists": True}

    def metric(side: Side, task_id: str, name: str) -> dict[str, Any]:
        point = {"task_id": task_id, "name": name, "value": side.random.random()}
        return {"metric": point | {"namespace": contents.namespace_name(_LARGE)}}

    def link(side: Side, artifact_: int) -> dict[str, Any]:
        ids = {"artifact_id": _artifact_id(side, artifact_), "task_id": contents.task_id(_task(side))}
        return {"artifact_task": ids | {"type": "INPUT", "key": drawn(side)}}

    def scattered(side: Side) -> str:
        """The id of a new task, somewhere among those that there are."""
        return f"{contents.task_id(_task(side))}-{drawn(side)}"

    yield add("create_artifact", "/artifacts", lambda side: {"artifact": artifact(side)})
    yield add(
        "create_artifact of a task", "/artifacts",
        lambda side: {"artifact": artifact(side), "task_id": contents.task_id(_task(side)), "producer_key": "made"},
    )  # fmt: skip
    yield add("create_artifact, reuse_if_exists finds it", "/artifacts", known)
    yield add(
        "create_artifact, reuse_if_exists finds none", "/artifacts",
        lambda side: {"artifact": artifact(side), "reuse_if_exists": True},
    )  # fmt: skip
    yield add(
        "log_metric, a further point", "/metrics", lambda side: metric(side, contents.task_id(_task(side)), "loss")
    )
    yield add(
        "log_metric, a new metric", "/metrics", lambda side: metric(side, contents.task_id(_task(side)), drawn(side))
    )
    yield add("log_metric of a new task", "/metrics", lambda side: metric(side, scattered(side), "loss"))
    yield add("create_artifact_task", "/artifact_tasks", lambda side: link(side, _artifact(side)))
    yield add("create_artifact_task of a hub", "/artifact_tasks", lambda side: link(side, side.shape.hub()))
    yield add(
        "create_task", "/tasks",
        lambda side: {
            "task_id": scattered(side), "run_id": contents.run_id(_run(side)), "display_name": "made",
            "state": "RUNNING", "namespace": contents.namespace_name(_LARGE),
        },
    )  # fmt: skip
