"""The service in plain Python: what the contract says that it holds and answers after each call."""

from __future__ import annotations

from typing import Any

from properties.calls import Call, Message, Told, Unseen
from properties.graphs import OUTPUTS
from properties.nouns import state_of
from properties.values import exact, time_us

UNSPECIFIED = "RUNTIME_STATE_UNSPECIFIED"
_MADE = ("artifact_id", "created_at", "updated_at")


def present(**fields: Any) -> Message:
    """The fields that are given."""
    return {name: value for name, value in fields.items() if value is not None}


def set_only(message: Message) -> Message:
    """A resource omits what is unset, but for its namespace."""
    return {name: value for name, value in message.items() if name == "namespace" or value not in (None, "", {}, [])}


class Refused(Exception):
    """What the contract refuses, with the status."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Model:
    """What the service should hold.

    Each operation changes it and gives what the answer should be; `shown` is the answer, from which the model learns
    what the server has made (None where the server refused). Messages are replaced, never changed, so that a copy is
    cheap.
    """

    def __init__(self, calls: dict[int, Call], totals: dict[str, int] | None = None) -> None:
        self.told = Told(calls)
        self.totals = totals or {}
        self.artifacts: dict[Any, Message] = {}
        self.versions: dict[Any, int] = {}
        self.tasks: dict[str, Message] = {}
        self.stubs: frozenset[str] = frozenset()
        self.requests: dict[str, Message] = {}
        self.runs: dict[str, Message] = {}
        self.links: dict[tuple[Any, ...], Message] = {}
        self.points: dict[tuple[str, str], tuple[Message, ...]] = {}
        self.answers: dict[tuple[str, ...], tuple[Any, Any, str | None]] = {}
        self.makers: dict[Any, int] = {}

    def fork(self) -> Model:
        """A copy that can go another way."""
        copy = object.__new__(type(self))
        copy.__dict__.update({name: dict(v) if isinstance(v, dict) else v for name, v in self.__dict__.items()})
        copy.told = self.told.fork()
        return copy

    def fingerprint(self) -> str:
        """The same text for the same contents."""
        dicts = [value for value in self.__dict__.values() if isinstance(value, dict)]
        texts = [sorted(f"{key!r}: {value!r}" for key, value in contents.items()) for contents in dicts]
        return f"{texts} {sorted(self.stubs)} {sorted(self.told.values.items())}"

    def learn(self, expected: Message, shown: Message | None) -> Message:
        """A message with what its answer tells. Raises Mismatch if the answer is another."""
        if shown is not None:
            self.told.match(expected, shown)
        resolved: Message = self.told.resolved(expected)
        return resolved

    # Artifacts

    def create_artifact(self, call: Call, request: Message, shown: Message | None) -> Message:
        """Creates an artifact, or finds one with the same contents."""
        given = dict(request["artifact"])
        namespace, task_id, run_id = given.pop("namespace", None), request.get("task_id"), request.get("run_id")
        if task_id:
            where = self.owner(call, task_id, namespace, run_id)["namespace"]
        else:
            where = namespace or self.namespace_of_run(run_id)
            self.name_run(call, run_id, where)
        contents = set_only({"type": "Artifact"} | given | {"namespace": where})
        same = [made for made in self.artifacts.values() if exact(_contents(made)) == exact(contents)]
        if request.get("reuse_if_exists") and same:
            made = min(same, key=_age)
            self.learn(made, shown)
        else:
            time = Unseen(call.number, "time")
            new_id = Unseen(call.number, f"artifact {len(self.artifacts)}")
            made = self.learn(contents | {"artifact_id": new_id, "created_at": time, "updated_at": time}, shown)
            self.artifacts[made["artifact_id"]] = made
            self.versions[made["artifact_id"]] = 1
        if task_id:
            self.link(call, made["artifact_id"], self.tasks[task_id], "OUTPUT", request.get("producer_key") or None)
        return made

    def update_artifact(
        self, call: Call, artifact_id: str, changes: Message, if_match: str | None, shown: Message | None
    ) -> Message:
        """Changes an artifact."""
        known = self.artifacts.get(artifact_id)
        if known is None:
            raise Refused(404)
        if if_match is not None and if_match != f'"{self.versions[artifact_id]}"':
            raise Refused(409)
        changed = set_only(known | changes)
        if changed["namespace"] != known["namespace"] or ("uri" in known and changed.get("uri") != known["uri"]):
            raise Refused(400)
        if exact(changed) != exact(known):
            # Where clocks differ, time does not go back.
            repeated = shown is not None and shown.get("updated_at") == known["updated_at"]
            stands = repeated and call.began_us <= time_us(known["updated_at"])
            changed["updated_at"] = known["updated_at"] if stands else Unseen(call.number, "time")
            self.versions[artifact_id] += 1
        self.artifacts[artifact_id] = self.learn(changed, shown)
        return self.artifacts[artifact_id]

    # Runs and owners

    def namespace_of_run(self, run_id: str | None) -> str:
        """The namespace that goes with a run."""
        run = self.runs.get(run_id or "")
        return str(run["namespace"]) if run else ""

    def name_run(self, call: Call, run_id: str | None, namespace: str) -> None:
        """A run that is named comes into being; one that is known must be of that namespace."""
        if run_id is None:
            return
        made = {"run_id": run_id, "namespace": namespace, "storage_state": "AVAILABLE"}
        run = self.runs.setdefault(run_id, made | {"created_at": Unseen(call.number, "time")})
        if run["namespace"] != namespace:
            raise Refused(400)

    def owner(
        self, call: Call, task_id: str, namespace: str | None, run_id: str | None, other: str | None = None
    ) -> Message:
        """The task of that id, a stub if it is new; a known one must be of the namespace and run that are named."""
        task = self.tasks.get(task_id)
        if task is None:
            where = namespace or (self.namespace_of_run(run_id) if other is None else other)
            self.name_run(call, run_id, where)
            task = {"task_id": task_id, "namespace": where, "state": UNSPECIFIED} | present(run_id=run_id)
            self.tasks[task_id] = task | {"create_time": Unseen(call.number, "time")}
            self.stubs |= {task_id}
        elif (namespace and namespace != task["namespace"]) or (run_id is not None and run_id != task.get("run_id")):
            raise Refused(400)
        return self.tasks[task_id]

    def update_run(self, call: Call, run_id: str, changes: Message) -> Message:
        """Changes a run, or creates it."""
        known, state = self.runs.get(run_id), changes.get("state")
        if known is None:
            self.name_run(call, run_id, changes.get("namespace") or "")
        elif changes.get("namespace") and changes["namespace"] != known["namespace"]:
            raise Refused(400)
        elif "state" not in known and state == self.state_of_run(run_id):
            # That only repeats what the tasks tell, who go on telling it.
            state = None
        run = self.runs[run_id]
        changed = run | present(display_name=changes.get("display_name"), labels=changes.get("labels"), state=state)
        if state and state != run.get("state"):
            changed["state_history"] = [*run.get("state_history", []), self.change(call, state)]
        self.runs[run_id] = set_only(changed)
        return self.shown_run(run_id)

    def change(self, call: Call, state: str) -> Message:
        """An entry of a state history."""
        return {"update_time": Unseen(call.number, "time"), "state": state}

    def state_of_run(self, run_id: str) -> str:
        """A run's state: what was set, else what its tasks tell."""
        states = [task["state"] for task in self.tasks.values() if task.get("run_id") == run_id]
        told = state_of([None if state == UNSPECIFIED else state for state in states])
        return str(self.runs[run_id].get("state", told))

    def shown_run(self, run_id: str, *, alone: bool = False) -> Message:
        """A run as it is shown, with its tasks unless it is to be `alone`."""
        run = self.runs[run_id] | {"state": self.state_of_run(run_id)}
        details = [self.shown_task(task_id) for task_id, task in self.tasks.items() if task.get("run_id") == run_id]
        return run if alone else run | {"run_details": {"task_details": details}}

    # Metrics

    def log_metric(self, call: Call, given: Message, shown: Message | None) -> Message:
        """Logs a point."""
        task = self.owner(call, given["task_id"], given.get("namespace") or None, given.get("run_id"))
        sent_at = given.get("created_at")
        point = {"schema": "Metric", "type": "METRIC_INPUT", "namespace": task["namespace"]}
        point |= {name: given[name] for name in ("task_id", "name", "value", "step") if name in given}
        point |= present(run_id=task.get("run_id"), created_at=sent_at or Unseen(call.number, "time"))
        point = self.learn(point, shown)
        points = self.points.setdefault((point["task_id"], point["name"]), ())
        self.makers.setdefault((point["task_id"], point["name"]), call.number)
        key = (sent_at, point.get("step", 0), point["value"])
        if sent_at is None or key not in [(p["created_at"], p.get("step", 0), p["value"]) for p in points]:
            self.points[point["task_id"], point["name"]] = (*points, point)
        return point

    def current(self, points: tuple[Message, ...]) -> Message:
        """The greatest point by step, time and arrival."""
        order = [(point.get("step", 0), time_us(point["created_at"]), arrival) for arrival, point in enumerate(points)]
        return points[max(order)[-1]]

    # Links

    def link(self, call: Call, artifact_id: str, task: Message, type_: str, key: str | None) -> Message:
        """The link of that identity, made if there is none."""
        identity = (artifact_id, task["task_id"], type_, key)
        new_id = Unseen(call.number, f"link {len(self.links)}")
        made: Message = {"id": new_id, "created_at": Unseen(call.number, "time")}
        made |= {"artifact_id": artifact_id, "task_id": task["task_id"], "type": type_}
        self.makers.setdefault(identity, call.number)
        return self.links.setdefault(identity, made | present(key=key, run_id=task.get("run_id")))

    def create_artifact_task(self, call: Call, given: Message, shown: Message | None) -> Message:
        """Links a task to an artifact that is known, of the same namespace."""
        artifact, run_id = self.artifacts.get(given["artifact_id"]), given.get("run_id")
        if artifact is None:
            raise Refused(404)
        type_, key = given.get("type") or "INPUT", given.get("key") or None
        existing = self.links.get((given["artifact_id"], given["task_id"], type_, key))
        if existing is not None:
            if run_id is not None and run_id != existing.get("run_id"):
                raise Refused(409)
            return self.learn(existing, shown)
        task = self.owner(call, given["task_id"], None, run_id, artifact["namespace"])
        if task["namespace"] != artifact["namespace"]:
            raise Refused(400)
        return self.learn(self.link(call, given["artifact_id"], task, type_, key), shown)

    def link_all(self, call: Call, task: Message, fields: Message, shown: Message | None = None) -> None:
        """Makes the links of a task's inputs and outputs, but for those that the task shows already."""
        for group in ("inputs", "outputs"):
            for key, listed in fields.get(group, {}).items():
                there = (shown or {}).get(group, {}).get(key, {}).get("artifact_ids", ())
                for artifact_id in listed["artifact_ids"]:
                    if artifact_id in there:
                        continue
                    if artifact_id not in self.artifacts:
                        raise Refused(404)
                    if self.artifacts[artifact_id]["namespace"] != task["namespace"]:
                        raise Refused(400)
                    self.link(call, artifact_id, task, group[:-1].upper(), key or None)

    # Tasks

    def create_task(self, call: Call, given: Message) -> Message:
        """Creates a task, fills in a stub, or finds the task that the same request has made."""
        task_id, run_id, namespace = given["task_id"], given.get("run_id"), given.get("namespace")
        known = self.tasks.get(task_id)
        if known is not None and task_id not in self.stubs:
            return self._same_task(known, given)
        if known is not None and namespace and namespace != known["namespace"]:
            raise Refused(400)
        if known is not None and run_id and run_id != known.get("run_id", run_id):
            raise Refused(400)
        where = known["namespace"] if known else namespace or self._namespace_met(given)
        run_id = run_id or (known or {}).get("run_id")
        self.name_run(call, run_id, where)
        task = {"task_id": task_id, "namespace": where, "state": given.get("state") or UNSPECIFIED, "run_id": run_id}
        task |= {"display_name": given.get("display_name"), "create_time": Unseen(call.number, "time")}
        if task["state"] != UNSPECIFIED:
            task["state_history"] = [self.change(call, task["state"])]
        self.tasks[task_id] = set_only(task)
        self.requests[task_id] = given
        self.stubs -= {task_id}
        self._adopt(task_id)
        self.link_all(call, self.tasks[task_id], given)
        return self.shown_task(task_id)

    def _same_task(self, known: Message, given: Message) -> Message:
        shown = self.shown_task(known["task_id"])
        asked = {name: given.get(name) for name in ("display_name", "run_id", "inputs", "outputs")}
        asked |= {"state": given.get("state") or UNSPECIFIED, "namespace": given.get("namespace") or known["namespace"]}
        if self.requests.get(known["task_id"]) != given and set_only(asked) != {
            name: value for name, value in shown.items() if name not in ("task_id", "create_time", "state_history")
        }:
            raise Refused(409)
        return shown

    def _namespace_met(self, given: Message) -> str:
        """The namespace of the first that a new task names: its run, or an artifact."""
        if given.get("run_id") in self.runs:
            return self.namespace_of_run(given["run_id"])
        listed = [*given.get("inputs", {}).values(), *given.get("outputs", {}).values()]
        first = [item["artifact_ids"][0] for item in listed if item["artifact_ids"]]
        return next((self.artifacts[item]["namespace"] for item in first if item in self.artifacts), "")

    def _adopt(self, task_id: str) -> None:
        """Tells a task's links and metrics the run that it turned out to be of."""
        run = present(run_id=self.tasks[task_id].get("run_id"))
        for identity, link in self.links.items():
            if link["task_id"] == task_id:
                self.links[identity] = link | run
        for key, points in self.points.items():
            if key[0] == task_id:
                self.points[key] = tuple(point | run for point in points)

    def update_task(self, call: Call, task_id: str, changes: Message) -> Message:
        """Changes a task, which keeps its run once it has one."""
        known = self.tasks.get(task_id)
        if known is None:
            raise Refused(404)
        run_id, state = changes.get("run_id"), changes.get("state")
        if run_id and run_id != known.get("run_id", run_id):
            raise Refused(400)
        self.name_run(call, run_id, known["namespace"])
        before = self.shown_task(task_id)
        changed = known | present(display_name=changes.get("display_name"), state=state, run_id=run_id)
        if state and state != known["state"]:
            changed["state_history"] = [*known.get("state_history", []), self.change(call, state)]
        self.tasks[task_id] = set_only(changed)
        self.stubs -= {task_id}
        self._adopt(task_id)
        self.link_all(call, self.tasks[task_id], changes, before)
        return self.shown_task(task_id)

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


def _age(artifact: Message) -> tuple[bool, int, str]:
    """What orders artifacts by age. One whose time no answer has told was made by the call that is looked at."""
    created = artifact["created_at"]
    is_new = isinstance(created, Unseen)
    return is_new, 0 if is_new else time_us(created), str(artifact["artifact_id"])


def _contents(artifact: Message) -> Message:
    return {name: value for name, value in artifact.items() if name not in _MADE}
