"""The main operations in any order, against the contract in plain Python."""

from __future__ import annotations

import itertools
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from properties.answers import after
from properties.calls import Call, Message
from properties.conftest import NewApi
from properties.drawn_calls import UNKNOWN
from properties.graphs import OUTPUTS
from properties.model import Model, present
from properties.values import FixedClock, examples, time_text
from support import quoted

NAMESPACES = st.sampled_from([None, None, "", "team"])
TASK_IDS = st.sampled_from(["t0", "t1", "t2", "t3"])
RUN_IDS = st.sampled_from([None, None, "r0", "r1"])
NAMES = st.sampled_from(["a", "b", "é"])
TEXTS = st.sampled_from([None, "", "x", "y"])
KEYS = st.sampled_from([None, "", "k"])
METADATA = st.sampled_from([None, {}, {"n": 1}, {"n": 1.0}, {"n": {"m": [True]}}])
STATES = st.sampled_from([None, "RUNNING", "FAILED", "SUCCEEDED", "CANCELED"])
IDEMPOTENCY_KEYS = st.sampled_from([None, None, None, None, "i0", "i1"])
LINKS = st.none() | st.tuples(st.integers(0, 100), st.sampled_from(["inputs", "outputs"]), st.sampled_from(["", "k"]))

WALKS = (
    ("/artifacts", "artifacts", 3),
    ("/metrics", "metrics", 2),
    ("/artifact_tasks", "artifact_tasks", 2),
    ("/tasks", "tasks", 1),
    ("/runs", "runs", 1),
)


class Service(RuleBasedStateMachine):
    """The service beside its model."""

    new_api: NewApi

    @initialize()
    def open(self) -> None:
        """Opens an empty service."""
        self.clock = FixedClock()
        self.store = self.new_api(self.clock)
        self.api = self.store.__enter__()
        self.numbers = itertools.count(1)
        self.calls: dict[int, Call] = {}
        totals = dict.fromkeys(("/artifacts", "/metrics", "/tasks", "/runs", "/artifact_tasks"), 0)
        self.model = Model(self.calls, totals)

    def teardown(self) -> None:
        """Looks at everything once more."""
        try:
            self.everything_is_as_modelled()
        finally:
            self.store.__exit__(None, None, None)

    def call(
        self, method: str, path: str, message: Any = None, headers: dict[str, str] | None = None, **query: Any
    ) -> None:
        """Sends a request, whose answer must be the model's."""
        reply = self.api.request(method, path, message, query=query, headers=headers or {})
        number, now_us = next(self.numbers), self.clock.now_us
        times = (2 * number, 2 * number + 1, now_us, now_us)
        etag = reply.headers.get("etag")
        call = Call(number, "", method, path, query, message, headers or {}, *times, reply.status, reply.json, etag)
        self.calls[number] = call
        self.model = after(self.model, call)

    def artifact_id(self, number: int) -> str:
        """One of the artifacts, or an unknown one."""
        ids = [*self.model.artifacts, UNKNOWN]
        return str(ids[number % len(ids)])

    def links(self, drawn: tuple[int, str, str] | None) -> Message:
        """The inputs or outputs of a task."""
        if drawn is None:
            return {}
        number, group, key = drawn
        return {group: {key: {"artifact_ids": [self.artifact_id(number)]}}}

    @rule(microseconds=st.integers(0, 2))
    def let_time_pass(self, microseconds: int) -> None:
        """Moves the clock, or not."""
        self.clock.now_us += microseconds

    @rule(
        name=NAMES,
        uri=TEXTS,
        description=TEXTS,
        metadata=METADATA,
        number=st.sampled_from([None, None, 0.0, -0.0]),
        namespace=NAMESPACES,
        task_id=st.none() | TASK_IDS,
        run_id=RUN_IDS,
        key=KEYS,
        reuse=st.booleans(),
        once=IDEMPOTENCY_KEYS,
    )
    def create_artifact(
        self,
        name: str,
        uri: str | None,
        description: str | None,
        metadata: Message | None,
        number: float | None,
        namespace: str | None,
        task_id: str | None,
        run_id: str | None,
        key: str | None,
        reuse: bool,
        once: str | None,
    ) -> None:
        """Creates an artifact, or finds one with the same contents."""
        fields = present(name=name, uri=uri, description=description, metadata=metadata, number_value=number)
        request = {"artifact": fields | present(namespace=namespace), "reuse_if_exists": reuse}
        request |= present(task_id=task_id, run_id=run_id, producer_key=key if task_id else None)

        self.call("POST", "/artifacts", request, {"Idempotency-Key": once} if once else {})

    @rule(
        number=st.integers(0, 100),
        name=st.none() | NAMES,
        uri=TEXTS,
        description=TEXTS,
        metadata=METADATA,
        namespace=NAMESPACES,
        version=st.sampled_from([None, None, 0, 1]),
    )
    def update_artifact(
        self,
        number: int,
        name: str | None,
        uri: str | None,
        description: str | None,
        metadata: Message | None,
        namespace: str | None,
        version: int | None,
    ) -> None:
        """Changes an artifact."""
        artifact_id = self.artifact_id(number)
        changes = present(name=name, uri=uri, description=description, metadata=metadata, namespace=namespace)
        match = None if version is None else f'"{self.model.versions.get(artifact_id, 1) + version}"'

        self.call("PUT", f"/artifacts/{artifact_id}", changes, {"If-Match": match} if match else {})

    @rule(
        task_id=TASK_IDS,
        name=NAMES,
        value=st.sampled_from([0.0, 1.5, "NaN", "-Infinity"]),
        step=st.sampled_from([None, None, -1, 0, 1]),
        seconds=st.sampled_from([None, None, -1, 0, 1]),
        namespace=NAMESPACES,
        run_id=RUN_IDS,
    )
    def log_metric(
        self,
        task_id: str,
        name: str,
        value: Any,
        step: int | None,
        seconds: int | None,
        namespace: str | None,
        run_id: str | None,
    ) -> None:
        """Logs a point."""
        sent_at = None if seconds is None else time_text(self.clock.now_us + seconds)
        metric = {"task_id": task_id, "name": name, "value": value}
        metric |= present(step=step, created_at=sent_at, namespace=namespace, run_id=run_id)

        self.call("POST", "/metrics", {"metric": metric})

    @rule(
        number=st.integers(0, 100),
        task_id=TASK_IDS,
        type_=st.sampled_from([None, "INPUT", "OUTPUT", "COMPONENT_INPUT", "ITERATOR_OUTPUT"]),
        key=KEYS,
        run_id=RUN_IDS,
    )
    def create_link(self, number: int, task_id: str, type_: str | None, key: str | None, run_id: str | None) -> None:
        """Links a task to an artifact."""
        link = {"artifact_id": self.artifact_id(number), "task_id": task_id}

        self.call("POST", "/artifact_tasks", {"artifact_task": link | present(type=type_, key=key, run_id=run_id)})

    @rule(task_id=TASK_IDS, display_name=TEXTS, state=STATES, namespace=NAMESPACES, run_id=RUN_IDS, links=LINKS)
    def create_task(
        self,
        task_id: str,
        display_name: str | None,
        state: str | None,
        namespace: str | None,
        run_id: str | None,
        links: tuple[int, str, str] | None,
    ) -> None:
        """Creates a task, or fills in a stub; the same again changes nothing."""
        task = present(task_id=task_id, display_name=display_name, state=state, namespace=namespace, run_id=run_id)
        task |= self.links(links)

        self.call("POST", "/tasks", task)
        self.call("POST", "/tasks", task)

    @rule(task_id=TASK_IDS, display_name=TEXTS, state=STATES, run_id=RUN_IDS, links=LINKS)
    def update_task(
        self,
        task_id: str,
        display_name: str | None,
        state: str | None,
        run_id: str | None,
        links: tuple[int, str, str] | None,
    ) -> None:
        """Changes a task."""
        changes = present(display_name=display_name, state=state, run_id=run_id) | self.links(links)

        self.call("PATCH", f"/tasks/{task_id}", changes)

    @rule(
        run_id=st.sampled_from(["r0", "r1"]),
        display_name=TEXTS,
        state=STATES,
        namespace=NAMESPACES,
        labels=st.sampled_from([None, {}, {"l": "1"}]),
    )
    def update_run(
        self,
        run_id: str,
        display_name: str | None,
        state: str | None,
        namespace: str | None,
        labels: Message | None,
    ) -> None:
        """Changes a run, or creates it."""
        changes = present(display_name=display_name, state=state, namespace=namespace, labels=labels)

        self.call("PATCH", f"/runs/{run_id}", changes)

    @invariant()
    def totals_are_right(self) -> None:
        """Every total is that of the model."""
        if not hasattr(self, "model"):
            return
        self.call("GET", "/artifacts", namespace="team", page_size=200)
        for path in ("/artifacts", "/metrics", "/tasks", "/runs"):
            self.call("GET", path, page_size=1)
        self.call("GET", "/artifact_tasks", page_size=1, type="UNSPECIFIED")
        links = self.model.links.values()
        inputs = sum(link["type"] not in OUTPUTS for link in links)
        assert self.api.get("/artifact_tasks")["total_size"] == inputs
        assert self.api.get("/artifact_tasks", type="OUTPUT")["total_size"] == len(links) - inputs

    @rule()
    def everything_is_as_modelled(self) -> None:
        """Every list and every resource is that of the model."""
        for path in ("/artifacts", "/metrics", "/tasks", "/runs"):
            self.call("GET", path, page_size=200)
        self.call("GET", "/artifact_tasks", page_size=200, type="UNSPECIFIED")
        for noun, ids in (("artifacts", self.model.artifacts), ("tasks", self.model.tasks), ("runs", self.model.runs)):
            for resource_id in ids:
                self.call("GET", f"/{noun}/{resource_id}")
        for artifact_id in self.model.artifacts:
            self.call("GET", "/lineage", artifact_id=artifact_id)
        for key in self.model.points:
            self.call("GET", f"/metrics/{key[0]}/{quoted(key[1])}")
            self.call("GET", f"/metric_history/{key[0]}/{quoted(key[1])}", page_size=200)
        self.pages_are_the_lists()

    def pages_are_the_lists(self) -> None:
        """A walk in small pages gives the same as one page."""
        for path, field, size in WALKS:
            more = {"type": "UNSPECIFIED"} if field == "artifact_tasks" else {}
            whole = self.api.get(path, page_size=200, **more)[field]
            assert self.api.walk(path, field, page_size=size, **more) == whole


def test_any_sequence_of_operations_does_what_the_contract_says(new_api: NewApi) -> None:
    machine = type("ServiceOverStore", (Service,), {"new_api": staticmethod(new_api)})

    run_state_machine_as_test(machine, settings=settings(examples(20, cost=200), stateful_step_count=40))
