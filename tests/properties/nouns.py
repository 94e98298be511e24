"""The five nouns that are listed: how test rows of each are drawn and written, and what a list should hold of them.

A row is a plain dictionary of a resource's fields by their names in lists: texts, times in microseconds, numbers, JSON;
None where a field is unset. It is made from what was sent and from what the contract says, never read from a list.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, ClassVar

from hypothesis import strategies as st
from properties.values import WORDS, FixedClock, depth_of, json_values, time_text
from support import START_US, DirectApi

Row = dict[str, Any]
Draws = st.SearchStrategy[dict[str, Any]]

_NAMESPACES = {"a": "", "B": "team", "c": "é", "D": "Team"}
"""A task's and a run's id begin with a letter that tells their namespace."""
_LETTERS = st.sampled_from(sorted(_NAMESPACES))
_MOMENTS = st.integers(START_US, START_US + 5)
_NUMBERS = st.sampled_from([-1.7976931348623157e308, -2.5, -5e-324, -0.0, 0.0, 5e-324, 0.1, 1.0, 2.0**53, 2.0**53 + 2])
_VALUES = st.one_of(_NUMBERS, st.sampled_from([math.inf, -math.inf, math.nan]))
# SQLite reads integers of over 20 digits as a double that may be next to the nearest one: those are not compared here.
_INTEGERS = st.integers(-(2**64), 2**64) | st.sampled_from([2**53 + 1, 10**30, -(10**400)])
# Scalars that only their types tell apart.
_LIKE_EACH_OTHER = st.sampled_from([1, 1.0, True, "1", "true", 0, -0.0, False, "", None, "null", "NaN", [1], {"x": 1}])
_JSON = WORDS | _LIKE_EACH_OTHER | _VALUES | json_values(_VALUES, _INTEGERS)
_KEYS = st.sampled_from(["a", "a", "a.b", 'q"', "\\", "b\\.c", "é", "\U0001f600", "a'", "[0]", "$", "\t", "0"])
_STATES = st.sampled_from(["PENDING", "RUNNING", "SUCCEEDED", "FAILED", "CANCELED", "SKIPPED"])
_TASK_ENDS = st.sampled_from(["", "1", "10", "2", "_x", ".y", ":z", "-w", "Z"])
LINK_INPUTS = ("INPUT", "COMPONENT_INPUT", "COLLECTED_INPUTS")
LINK_OUTPUTS = ("OUTPUT", "ITERATOR_OUTPUT")


def maybe(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """A value, or None for an unset field."""
    return st.none() | values


def _present(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _run_of(task_id: str) -> str | None:
    """The run of a task that is only named, so that every request names the same."""
    return f"{task_id[0]}-run{len(task_id)}" if len(task_id) > 1 else None


class Noun:
    """One noun, and the rows of it that one store holds."""

    path: ClassVar[str]
    items: ClassVar[str]
    sorts: ClassVar[tuple[str, ...]]
    identity: ClassVar[tuple[str, ...]]
    default_sort: ClassVar[str]
    draws: ClassVar[Draws]
    texts: ClassVar[tuple[str, ...]]
    times: ClassVar[tuple[str, ...]]
    numbers: ClassVar[tuple[str, ...]] = ()
    takes_namespace: ClassVar[bool] = True

    def __init__(self, api: DirectApi, clock: FixedClock) -> None:
        self.api = api
        self.clock = clock
        self.rows: dict[tuple[str, ...], Row] = {}
        self.prepare()

    def prepare(self) -> None:
        """Writes what rows refer to."""

    def write(self, drawn: dict[str, Any]) -> None:
        """Writes a resource, or changes one, and notes its row."""
        self.clock.now_us = drawn["now"]
        row = self.send(drawn)
        key = tuple(row[name] for name in self.identity)
        self.rows[key] = self.rows.get(key, {"serial": len(self.rows)}) | row

    def send(self, drawn: dict[str, Any]) -> Row:
        """Sends what was drawn; gives the fields that it sets."""
        raise NotImplementedError

    def touch(self, key: tuple[str, ...]) -> None:
        """Writes to a resource something that changes no field that lists are sorted by."""

    def key(self, message: dict[str, Any]) -> tuple[str, ...]:
        """The identity of a listed message."""
        return tuple(message[name] for name in self.identity)

    def ordered(self, rows: list[Row], sort: str, *, descending: bool) -> list[Row]:
        """Rows in the order that the contract lays down."""
        field = sort or self.default_sort
        ties = tuple(name for name in self.identity if name != field)
        stretches: dict[int, list[tuple[Any, Row]]] = {rank: [] for rank in range(5)}
        for row in rows:
            rank = _rank(row[field])
            tie = tuple(row[name] for name in ties)
            stretches[rank].append(((row[field], *tie) if rank == 2 else tie, row))
        found: list[Row] = []
        for rank in (3, 2, 1, 0, 4) if descending else (0, 1, 2, 3, 4):
            stretch = sorted(stretches[rank], key=lambda pair: pair[0], reverse=descending)
            found += [row for _, row in stretch]
        return found


def _rank(value: Any) -> int:
    """Unset, -Infinity, anything else, Infinity, NaN."""
    if value is None:
        return 0
    if isinstance(value, float) and not math.isfinite(value):
        return 4 if math.isnan(value) else 3 if value > 0 else 1
    return 2


class Artifacts(Noun):
    """Artifacts."""

    path = "/artifacts"
    items = "artifacts"
    sorts = ("artifact_id", "name", "type", "created_at", "updated_at", "number_value")
    identity = ("artifact_id",)
    default_sort = "created_at"
    texts = ("artifact_id", "name", "type", "uri", "namespace", "description")
    times = ("created_at", "updated_at")
    numbers = ("number_value",)
    draws = st.fixed_dictionaries(
        {
            "now": _MOMENTS,
            "letter": _LETTERS,
            "name": WORDS,
            "type": st.sampled_from(["Artifact", "Model", "HTML"]),
            "uri": maybe(WORDS),
            "description": maybe(WORDS),
            "number_value": maybe(_NUMBERS),
            "metadata": st.dictionaries(
                _KEYS, _JSON | st.dictionaries(st.sampled_from(["x", "y.z"]), _JSON, max_size=2), max_size=4
            ).filter(lambda value: depth_of(value) < 90),
        }
    )

    def send(self, drawn: dict[str, Any]) -> Row:
        """Creates an artifact."""
        fields = {name: drawn[name] for name in ("name", "type", "uri", "description", "number_value", "metadata")}
        namespace = _NAMESPACES[drawn["letter"]]
        made = self.api.artifact(**_present(fields), namespace=namespace)
        times = {"created_at": drawn["now"], "updated_at": drawn["now"]}
        return fields | times | {"artifact_id": made["artifact_id"], "namespace": namespace}

    def touch(self, key: tuple[str, ...]) -> None:
        """Sends an artifact back as it is."""
        self.api.ok("PUT", f"/artifacts/{key[0]}", self.api.get(f"/artifacts/{key[0]}"))


class Metrics(Noun):
    """Metrics, of tasks that become stubs."""

    path = "/metrics"
    items = "metrics"
    sorts = ("task_id", "name", "run_id", "schema", "type", "value", "created_at")
    identity = ("task_id", "name")
    default_sort = "serial"
    texts = ("task_id", "name", "run_id", "schema", "type", "namespace")
    times = ("created_at",)
    numbers = ("value", "step")
    draws = st.fixed_dictionaries(
        {
            "now": _MOMENTS,
            "letter": _LETTERS,
            "end": _TASK_ENDS,
            "name": WORDS,
            "value": _VALUES | st.none(),
            "type": st.sampled_from(["METRIC_INPUT", "METRIC_OUTPUT"]),
            "step": maybe(st.sampled_from([-(2**63), -1, 0, 1, 2**53 + 1, 2**63 - 1])),
            "schema": st.sampled_from(["ClassificationMetric", "SlicedClassificationMetric"]),
        }
    )

    def send(self, drawn: dict[str, Any]) -> Row:
        """Logs a point of a metric that has none; one that has is left alone."""
        task_id = drawn["letter"] + drawn["end"]
        if (task_id, drawn["name"]) in self.rows:
            return self.rows[task_id, drawn["name"]]
        number = drawn["value"]
        row: Row = {
            "task_id": task_id,
            "name": drawn["name"],
            "run_id": _run_of(task_id),
            "schema": drawn["schema"] if number is None else "Metric",
            "type": drawn["type"],
            "step": drawn["step"],
            "namespace": _NAMESPACES[drawn["letter"]],
        }
        self.api.metric(**_present(row), value=[1, {"a": 2}] if number is None else number)
        return row | {"value": number, "created_at": drawn["now"]}

    def touch(self, key: tuple[str, ...]) -> None:
        """Logs a point that lies before all others."""
        self.api.metric(task_id=key[0], name=key[1], step=-(2**63), value=7.5, created_at=time_text(START_US - 1))


class ArtifactTasks(Noun):
    """Links of one artifact or another of a namespace with tasks that become stubs."""

    path = "/artifact_tasks"
    items = "artifact_tasks"
    sorts = ("id", "artifact_id", "task_id", "run_id", "type", "created_at")
    identity = ("id",)
    default_sort = "created_at"
    texts = ("id", "artifact_id", "task_id", "run_id", "type", "key")
    times = ("created_at",)
    takes_namespace = False
    draws = st.fixed_dictionaries(
        {
            "now": _MOMENTS,
            "letter": _LETTERS,
            "end": _TASK_ENDS,
            "artifact": st.integers(0, 1),
            "type": st.sampled_from(LINK_INPUTS + LINK_OUTPUTS),
            "key": maybe(WORDS),
        }
    )

    def prepare(self) -> None:
        """Creates two artifacts in each namespace."""
        names = _NAMESPACES.items()
        self.artifacts = {
            letter: [self.api.artifact(namespace=namespace)["artifact_id"] for _ in range(2)]
            for letter, namespace in names
        }

    def send(self, drawn: dict[str, Any]) -> Row:
        """Makes a link, or finds the same one again."""
        task_id = drawn["letter"] + drawn["end"]
        row: Row = {
            "artifact_id": self.artifacts[drawn["letter"]][drawn["artifact"]],
            "task_id": task_id,
            "run_id": _run_of(task_id),
            "type": drawn["type"],
            "key": drawn["key"],
        }
        row["id"] = self.api.link(**_present(row))["id"]
        return row | {"created_at": self.rows.get((row["id"],), {}).get("created_at", drawn["now"])}


class Tasks(Noun):
    """Tasks, with runs that come into being with them."""

    path = "/tasks"
    items = "tasks"
    sorts = (
        "task_id",
        "run_id",
        "name",
        "display_name",
        "state",
        "create_time",
        "start_time",
        "end_time",
        "updated_at",
    )
    identity = ("task_id",)
    default_sort = "create_time"
    texts = (
        "task_id",
        "run_id",
        "name",
        "display_name",
        "state",
        "parent_task_id",
        "pod_name",
        "execution_id",
        "namespace",
    )
    times = ("create_time", "start_time", "end_time", "updated_at")
    draws = st.fixed_dictionaries(
        {
            "now": _MOMENTS,
            "letter": _LETTERS,
            "end": st.text("abAB01._:-", max_size=3),
            "run": maybe(st.sampled_from(["-r", "-R", "-r1"])),
            "name": maybe(WORDS),
            "display_name": maybe(WORDS),
            "pod_name": maybe(WORDS),
            "execution_id": maybe(WORDS),
            "parent": maybe(_TASK_ENDS),
            "state": maybe(_STATES),
            "create_time": _MOMENTS,
            "start_time": maybe(_MOMENTS),
            "end_time": maybe(_MOMENTS),
        }
    )

    def send(self, drawn: dict[str, Any]) -> Row:
        """Creates a task; one that exists is left alone."""
        task_id = drawn["letter"] + drawn["end"]
        if (task_id,) in self.rows:
            return self.rows[task_id,]
        row = {name: drawn[name] for name in ("name", "display_name", "pod_name", "execution_id", "state")}
        row |= {"task_id": task_id, "namespace": _NAMESPACES[drawn["letter"]]}
        row["run_id"] = drawn["run"] and drawn["letter"] + drawn["run"]
        row["parent_task_id"] = None if drawn["parent"] is None else f"{drawn['letter']}P{drawn['parent']}"
        times = {name: drawn[name] for name in ("create_time", "start_time", "end_time")}
        self.api.task(**_present(row), **{name: time_text(us) for name, us in _present(times).items()})
        state = row["state"] or "RUNTIME_STATE_UNSPECIFIED"
        return row | times | {"updated_at": drawn["now"], "state": state}

    def touch(self, key: tuple[str, ...]) -> None:
        """Sends a task's state again."""
        self.api.ok("PATCH", f"/tasks/{key[0]}", {"state": self.rows[key]["state"]})


class Runs(Noun):
    """Runs, each with a few tasks of which its state may be read off."""

    path = "/runs"
    items = "runs"
    sorts = ("run_id", "display_name", "created_at", "updated_at", "state")
    identity = ("run_id",)
    default_sort = "created_at"
    texts = (
        "run_id",
        "display_name",
        "state",
        "experiment_id",
        "description",
        "storage_state",
        "pipeline_name",
        "namespace",
    )
    times = ("created_at", "updated_at", "scheduled_at", "finished_at")
    draws = st.fixed_dictionaries(
        {
            "now": _MOMENTS,
            "letter": _LETTERS,
            "end": st.text("abAB01._:-", max_size=3),
            "display_name": maybe(WORDS),
            "experiment_id": maybe(WORDS),
            "description": maybe(WORDS),
            "pipeline_name": maybe(WORDS),
            "state": maybe(_STATES),
            "storage_state": maybe(st.sampled_from(["AVAILABLE", "ARCHIVED"])),
            "created_at": _MOMENTS,
            "scheduled_at": maybe(_MOMENTS),
            "finished_at": maybe(_MOMENTS),
            "tasks": st.lists(st.tuples(maybe(_STATES), maybe(_MOMENTS)), max_size=3),
        }
    )

    def send(self, drawn: dict[str, Any]) -> Row:
        """Creates a run and its tasks; one that exists is left alone."""
        run_id = drawn["letter"] + drawn["end"]
        if (run_id,) in self.rows:
            return self.rows[run_id,]
        names = ("display_name", "experiment_id", "description", "pipeline_name", "state", "storage_state")
        row = {name: drawn[name] for name in names} | {"namespace": _NAMESPACES[drawn["letter"]]}
        times = {name: drawn[name] for name in ("created_at", "scheduled_at", "finished_at")}
        changes = _present(row) | {name: time_text(us) for name, us in _present(times).items()}
        self.api.ok("PATCH", f"/runs/{run_id}", changes)
        tasks = drawn["tasks"]
        for state, end in tasks:
            fields = {"state": state, "end_time": None if end is None else time_text(end)}
            self.api.task(run_id=run_id, **_present(fields))
        row["state"] = row["state"] or state_of([state for state, _ in tasks])
        row["storage_state"] = row["storage_state"] or "AVAILABLE"
        if times["finished_at"] is None and tasks and all(end is not None for _, end in tasks):
            times["finished_at"] = max(end for _, end in tasks)
        return row | times | {"run_id": run_id, "updated_at": drawn["now"]}

    def touch(self, key: tuple[str, ...]) -> None:
        """Sends a run's namespace again."""
        self.api.ok("PATCH", f"/runs/{key[0]}", {"namespace": self.rows[key]["namespace"]})


def state_of(states: list[str | None]) -> str:
    """A run's state, read off its tasks' (contract, Companions)."""
    if not states:
        return "RUNTIME_STATE_UNSPECIFIED"
    if any(state in ("RUNNING", "PENDING", None) for state in states):
        return "RUNNING"
    return next((state for state in ("FAILED", "CANCELED") if state in states), "SUCCEEDED")


NOUNS: tuple[Callable[[DirectApi, FixedClock], Noun], ...] = (Artifacts, Metrics, ArtifactTasks, Tasks, Runs)
