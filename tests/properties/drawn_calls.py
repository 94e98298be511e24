"""Requests that several callers send at once, drawn so that they meet: few ids, few kinds of request in a round."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any, NamedTuple

from properties.calls import Message
from properties.model import present

UNKNOWN = "00000000-0000-7000-8000-000000000000"
TIMES = ("2025-01-01T00:00:00Z", "2025-01-01T00:00:00.000001Z")
STATES = ("RUNNING", "FAILED", "SUCCEEDED")


class Request(NamedTuple):
    """A request to be sent."""

    method: str
    path: str
    message: Any = None
    query: Message = {}  # noqa: RUF012  # Never changed.
    headers: dict[str, str] = {}  # noqa: RUF012  # Never changed.


class Drawing:
    """Draws the requests of one round, all about ids that no other round has."""

    def __init__(self, number: int, chance: random.Random) -> None:
        self._chance = chance
        self._pick = chance.choice
        self.number = number
        self.namespaces = [f"team-{number}", f"other-{number}"]
        self.task_ids = [f"t0-{number}", f"t1-{number}"][: chance.choice([1, 2])]
        self.run_ids = [f"r0-{number}", f"r1-{number}"][: chance.choice([1, 2])]
        self.artifact_ids: list[str] = []
        self._names = [f"a-{number}", f"b-{number}"]
        self._keys_used = [f"key-{number}-{n}" for n in range(2)]
        # Half of the rounds are about things that are decided by one another.
        family = chance.choice([None, None, None, *_FAMILIES])
        self._kinds = list(family or chance.sample(_KINDS, chance.choice([1, 2, 3, 5, len(_KINDS)])))

    def before(self) -> list[Request]:
        """What is sent before the callers begin."""
        team = self.namespaces[0]
        first = [
            Request("POST", "/artifacts", {"artifact": {"name": name, "namespace": team}})
            for name in self._names[: self._pick([1, 2])]
        ]
        others = [
            Request("POST", "/metrics", {"metric": self._point() | {"namespace": team}}),
            Request("POST", "/tasks", {"task_id": self.task_ids[0], "namespace": team}),
            Request("PATCH", f"/runs/{self.run_ids[0]}", {"namespace": team}),
        ]
        return first + [request for request in others if self._pick([True, False, False])]

    def request(self) -> Request:
        """A request of one of the round's kinds."""
        drawn: Request = self._pick(self._kinds)(self)
        if drawn.method != "GET" and self._pick([True, False, False, False, False]):
            drawn = drawn._replace(headers=drawn.headers | {"Idempotency-Key": self._pick(self._keys_used)})
        return drawn

    def after(self, metrics: list[tuple[str, str]]) -> list[Request]:
        """Reads that show all that a round can have made.

        Args:
            metrics: the task and the name of each metric that was logged.
        """
        reads = [self._list_of(path, 200, namespace=name) for path in _LISTS[:4] for name in self.namespaces]
        reads += [self._total_of(path) for path in _LISTS]
        reads += [self._list_of("/artifact_tasks", 200, type="UNSPECIFIED", task_ids=name) for name in self.task_ids]
        reads += [Request("GET", f"/tasks/{task_id}") for task_id in self.task_ids]
        reads += [Request("GET", f"/runs/{run_id}") for run_id in self.run_ids]
        for key in metrics:
            reads += [Request("GET", f"/{path}/{'/'.join(key)}") for path in ("metrics", "metric_history")]
        reads += [Request("GET", "/lineage", query={"artifact_id": item}) for item in self.artifact_ids]
        reads += [Request("GET", "/lineage", query={"run_id": item}) for item in self.run_ids]
        return reads + [Request("GET", f"/artifacts/{item}") for item in self.artifact_ids]

    # Pieces

    def _list_of(self, path: str, page_size: int, **query: str) -> Request:
        return Request("GET", path, query=query | {"page_size": page_size})

    def _total_of(self, path: str) -> Request:
        return self._list_of(path, 1, **({"type": "UNSPECIFIED"} if path == "/artifact_tasks" else {}))

    def _namespace(self) -> str | None:
        team, other = self.namespaces
        return self._pick([team, team, team, team, other, None, None])

    def _run(self) -> str | None:
        return self._pick([None, None, *self.run_ids])

    def _task(self) -> str:
        return self._pick(self.task_ids)

    def _artifact(self) -> str:
        return self._pick([*self.artifact_ids * 8, UNKNOWN])

    def _point(self) -> Message:
        point = {"task_id": self._task(), "name": self._pick("mn"), "value": self._pick([0.0, 1.5, "NaN"])}
        return point | present(
            step=self._pick([None, 0, 1]),
            created_at=self._pick([None, *TIMES]),
            namespace=self._namespace(),
            run_id=self._pick([None, None, self._run()]),
        )

    def _new_artifact(self) -> Message:
        artifact = {"name": self._pick(self._names)} | present(
            namespace=self._namespace(), metadata=self._pick([None, None, {"n": 1}])
        )
        request = {"artifact": artifact, "reuse_if_exists": self._pick([True, True, False])}
        task_id = self._pick([None, self._task()])
        key = self._pick([None, "k"]) if task_id else None
        return request | present(task_id=task_id, producer_key=key, run_id=self._pick([None, self._run()]))

    def _link(self) -> Message:
        link = {"artifact_id": self._artifact(), "task_id": self._task()}
        return link | present(
            type=self._pick([None, "OUTPUT", "COMPONENT_INPUT"]),
            key=self._pick([None, "k"]),
            run_id=self._pick([None, None, self._run()]),
        )

    def _links(self) -> Message:
        if self._pick([True, False]):
            return {}
        return {self._pick(["inputs", "outputs"]): {self._pick(["", "k"]): {"artifact_ids": [self._artifact()]}}}

    # Kinds

    def _create_artifact(self) -> Request:
        return Request("POST", "/artifacts", self._new_artifact())

    def _create_artifacts(self) -> Request:
        return Request("POST", "/artifacts:batchCreate", {"artifacts": [self._new_artifact() for _ in range(2)]})

    def _update_artifact(self) -> Request:
        changes = present(
            name=self._pick([None, *self._names]),
            uri=self._pick([None, None, "x", "y"]),
            metadata=self._pick([None, {}, {"n": 1}]),
        )
        headers = self._pick([{}, {}, {"If-Match": self._pick(['"1"', '"2"'])}])
        return Request("PUT", f"/artifacts/{self._artifact()}", changes, headers=headers)

    def _log_metric(self) -> Request:
        return Request("POST", "/metrics", {"metric": self._point()})

    def _log_metrics(self) -> Request:
        return Request("POST", "/metrics:batchLog", {"metrics": [self._point() for _ in range(self._pick([2, 3]))]})

    def _create_link(self) -> Request:
        return Request("POST", "/artifact_tasks", {"artifact_task": self._link()})

    def _create_links(self) -> Request:
        links = [self._link() for _ in range(2)]
        return Request("POST", "/artifact_tasks:batchCreate", {"artifact_tasks": links})

    def _create_task(self) -> Request:
        task = {"task_id": self._task()} | present(
            namespace=self._namespace(),
            run_id=self._run(),
            display_name=self._pick([None, "x"]),
            state=self._pick([None, *STATES]),
        )
        return Request("POST", "/tasks", task | self._links())

    def _update_task(self) -> Request:
        changes = present(
            run_id=self._pick([None, self._run()]),
            display_name=self._pick([None, "x", "y"]),
            state=self._pick([None, *STATES]),
        )
        return Request("PATCH", f"/tasks/{self._task()}", changes | self._links())

    def _update_run(self) -> Request:
        changes = present(
            namespace=self._namespace(),
            display_name=self._pick([None, "x", "y"]),
            state=self._pick([None, None, *STATES]),
            labels=self._pick([None, {"l": "1"}, {"l": "2"}]),
        )
        return Request("PATCH", f"/runs/{self._pick(self.run_ids)}", changes)

    def _get(self) -> Request:
        task_id = self._task()
        paths = [
            f"/artifacts/{self._artifact()}",
            f"/tasks/{task_id}",
            f"/runs/{self._pick(self.run_ids)}",
            f"/metrics/{task_id}/m",
            f"/metric_history/{task_id}/m",
        ]
        return Request("GET", self._pick(paths))

    def _list(self) -> Request:
        if self._pick([True, False]):
            return self._total_of(self._pick(_LISTS))
        if self._pick([True, False]):
            return self._list_of(self._pick(_LISTS[:4]), 200, namespace=self.namespaces[0])
        if self._pick([True, False]):
            return Request("GET", "/lineage", query={"task_id": self._task()})
        return self._list_of("/artifact_tasks", 200, type="UNSPECIFIED", task_ids=self._task())


_LISTS = ("/artifacts", "/metrics", "/tasks", "/runs", "/artifact_tasks")
_KINDS: tuple[Callable[[Drawing], Request], ...] = (
    Drawing._create_artifact,
    Drawing._create_artifacts,
    Drawing._update_artifact,
    Drawing._log_metric,
    Drawing._log_metrics,
    Drawing._create_link,
    Drawing._create_links,
    Drawing._create_task,
    Drawing._update_task,
    Drawing._update_run,
    Drawing._get,
    Drawing._list,
)
_FAMILIES = (
    (Drawing._create_artifact, Drawing._create_artifacts, Drawing._update_artifact),
    (Drawing._create_task, Drawing._update_task, Drawing._update_run, Drawing._log_metric),
    (Drawing._create_link, Drawing._create_links, Drawing._create_task, Drawing._update_task),
)
