"""The service in plain Python: what the contract says that it holds after each of the main operations."""

from __future__ import annotations

from typing import Any

from properties.values import time_text, time_us

OUTPUTS = ("OUTPUT", "ITERATOR_OUTPUT")

Message = dict[str, Any]


def present(**fields: Any) -> Message:
    """The fields that are given."""
    return {name: value for name, value in fields.items() if value is not None}


def set_only(message: Message) -> Message:
    """A resource omits what is unset, but for its namespace."""
    return {name: value for name, value in message.items() if name == "namespace" or value not in (None, "", {})}


class Refused(Exception):
    """What the contract refuses, with the status."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Model:
    """What the service should hold."""

    def __init__(self) -> None:
        self.artifacts: dict[str, Message] = {}
        self.versions: dict[str, int] = {}
        self.tasks: dict[str, Message] = {}
        self.stubs: set[str] = set()
        self.runs: dict[str, str] = {}
        self.links: dict[tuple[Any, ...], Message] = {}
        self.points: dict[tuple[str, str], list[Message]] = {}

    def check_run(self, run_id: str | None, namespace: str) -> None:
        """A run that is known must be of that namespace."""
        if run_id is not None and self.runs.get(run_id, namespace) != namespace:
            raise Refused(400)

    def check_owner(self, task_id: str, namespace: str | None, run_id: str | None, other: str | None = None) -> None:
        """A task that is known must be of the namespace and of the run that a request names."""
        task = self.tasks.get(task_id)
        if task is None:
            self.check_run(run_id, self.namespace_of_stub(namespace, run_id, other))
        elif (namespace and namespace != task["namespace"]) or (run_id is not None and run_id != task.get("run_id")):
            raise Refused(400)

    def check_link(self, artifact_id: str, task_id: str, existing: Message | None, run_id: str | None) -> None:
        """A link must be of an artifact that is known, of the same namespace and run as its task."""
        if artifact_id not in self.artifacts:
            raise Refused(404)
        if existing is not None:
            if run_id is not None and run_id != existing.get("run_id"):
                raise Refused(409)
            return
        where = self.artifacts[artifact_id]["namespace"]
        self.check_owner(task_id, None, run_id, where)
        if self.tasks.get(task_id, {"namespace": where})["namespace"] != where:
            raise Refused(400)

    def check_task(self, known: Message | None, namespace: str | None, run_id: str | None) -> None:
        """A task must stay what its stub is, and be of the namespace of its run."""
        if known is not None and namespace and namespace != known["namespace"]:
            raise Refused(400)
        if known is not None and run_id and run_id != known.get("run_id", run_id):
            raise Refused(400)
        self.check_run(run_id, known["namespace"] if known else namespace or self.runs.get(run_id or "", ""))

    def check_changes(self, task_id: str, run_id: str | None, artifact_id: str | None) -> None:
        """A task's changes must keep its run and not cross a namespace."""
        if task_id not in self.tasks:
            raise Refused(404)
        known = self.tasks[task_id]
        self.check_task(known, None, run_id)
        if artifact_id and self.artifacts[artifact_id]["namespace"] != known["namespace"]:
            raise Refused(400)

    def namespace_of_stub(self, namespace: str | None, run_id: str | None, other: str | None) -> str:
        """The namespace that a task goes to which the service has not seen."""
        return namespace or (other if other is not None else self.runs.get(run_id or "", ""))

    def name_task(
        self, task_id: str, namespace: str | None, run_id: str | None, now_us: int, other: str | None = None
    ) -> Message:
        """The task of that id, a stub if it is new."""
        if task_id not in self.tasks:
            where = self.namespace_of_stub(namespace, run_id, other)
            self.tasks[task_id] = {
                "task_id": task_id,
                "namespace": where,
                "state": "RUNTIME_STATE_UNSPECIFIED",
                "create_time": time_text(now_us),
            } | present(run_id=run_id)
            self.stubs.add(task_id)
            if run_id is not None:
                self.runs.setdefault(run_id, where)
        return self.tasks[task_id]

    def link(self, made: Message) -> None:
        """Notes a link, by its identity."""
        identity = (made["artifact_id"], made["task_id"], made["type"], made.get("key"))
        self.links.setdefault(identity, made)

    def adopt(self, task_id: str, run_id: str | None) -> None:
        """Tells a task's links and metrics the run that it turned out to be of."""
        if run_id is None:
            return
        self.runs.setdefault(run_id, self.tasks[task_id]["namespace"])
        owned = [link for link in self.links.values() if link["task_id"] == task_id]
        owned += [point for (task, _), points in self.points.items() if task == task_id for point in points]
        for message in [self.tasks[task_id], *owned]:
            message["run_id"] = run_id

    def current(self, points: list[Message]) -> Message:
        """The greatest point by step, time and arrival."""
        order = [(point.get("step", 0), time_us(point["created_at"]), arrival) for arrival, point in enumerate(points)]
        return points[max(order)[-1]]

    def shown_task(self, task_id: str) -> Message:
        """A task with its links, each group in the order of their making."""
        task = dict(self.tasks[task_id])
        for group, wanted in (("inputs", False), ("outputs", True)):
            found: dict[str, list[str]] = {}
            for link in self.links.values():
                if link["task_id"] == task_id and (link["type"] in OUTPUTS) is wanted:
                    ids = found.setdefault(link.get("key", ""), [])
                    if link["artifact_id"] not in ids:
                        ids.append(link["artifact_id"])
            if found:
                task[group] = {key: {"artifact_ids": ids} for key, ids in found.items()}
        return task
