"""The main operations in any order, against the contract in plain Python."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from properties.conftest import NewApi
from properties.model import OUTPUTS, Message, Model, Refused, present, set_only
from properties.nouns import state_of
from properties.values import FixedClock, exact, examples, time_text, time_us
from support import Reply

NAMESPACES = st.sampled_from([None, None, "", "team"])
TASK_IDS = st.sampled_from(["t0", "t1", "t2", "t3"])
RUN_IDS = st.sampled_from([None, None, "r0", "r1"])
NAMES = st.sampled_from(["a", "b", "é"])
TEXTS = st.sampled_from([None, "", "x", "y"])
KEYS = st.sampled_from([None, "", "k"])
METADATA = st.sampled_from([None, {}, {"n": 1}, {"n": 1.0}, {"n": {"m": [True]}}])
STATES = st.sampled_from([None, "RUNNING", "FAILED", "SUCCEEDED", "CANCELED"])


class Service(RuleBasedStateMachine):
    """The service beside its model."""

    new_api: NewApi

    @initialize()
    def open(self) -> None:
        """Opens an empty service."""
        self.clock = FixedClock()
        self.store = self.new_api(self.clock)
        self.api = self.store.__enter__()
        self.model = Model()

    def teardown(self) -> None:
        """Looks at everything once more."""
        try:
            self.everything_is_as_modelled()
        finally:
            self.store.__exit__(None, None, None)

    def accepted(self, reply: Reply, check: Callable[[], None]) -> bool:
        """Whether the contract accepts a request; the answer must say the same."""
        status = 200
        try:
            check()
        except Refused as refused:
            status = refused.status
        assert reply.status == status, reply
        return status == 200

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
    ) -> None:
        """Creates an artifact, or finds one with the same contents."""
        fields = present(name=name, uri=uri, description=description, metadata=metadata, number_value=number)
        request = {"artifact": fields | present(namespace=namespace), "reuse_if_exists": reuse}
        request |= present(task_id=task_id, run_id=run_id, producer_key=key if task_id else None)

        reply = self.api.request("POST", "/artifacts", request)

        model, now = self.model, self.clock.now_us

        def check() -> None:
            if task_id:
                model.check_owner(task_id, namespace, run_id)
            else:
                model.check_run(run_id, namespace or model.runs.get(run_id or "", ""))

        if not self.accepted(reply, check):
            return
        made = reply.json
        if task_id:
            where = model.name_task(task_id, namespace, run_id, now)["namespace"]
        else:
            where = namespace or model.runs.get(run_id or "", "")
            if run_id:
                model.runs.setdefault(run_id, where)
        times = {"created_at": time_text(now), "updated_at": time_text(now)}
        expected = set_only({"type": "Artifact", "namespace": where} | fields)
        same = [
            artifact
            for artifact in model.artifacts.values()
            if repr(sorted((k, v) for k, v in artifact.items() if k not in (*times, "artifact_id")))
            == repr(sorted(expected.items()))
        ]
        if reuse and same:
            first = min(same, key=lambda artifact: (artifact["created_at"], artifact["artifact_id"]))
            assert made == first
        else:
            assert made["artifact_id"] not in model.artifacts
            assert made == expected | times | {"artifact_id": made["artifact_id"]}
            model.artifacts[made["artifact_id"]] = made
            model.versions[made["artifact_id"]] = 1
        if task_id:
            self.link_made(made["artifact_id"], task_id, "OUTPUT", key or None)

    def link_made(self, artifact_id: str, task_id: str, type_: str, key: str | None) -> None:
        """Notes a link that another operation made; its id is found in a list."""
        identity = (artifact_id, task_id, type_, key)
        if identity not in self.model.links:
            listed = self.api.get("/artifact_tasks", artifact_ids=artifact_id, task_ids=task_id, type=type_)
            [link] = [link for link in listed["artifact_tasks"] if link.get("key") == key]
            expected = present(
                id=link["id"],
                artifact_id=artifact_id,
                task_id=task_id,
                type=type_,
                key=key,
                run_id=self.model.tasks[task_id].get("run_id"),
                created_at=time_text(self.clock.now_us),
            )
            assert link == expected
            self.model.link(link)

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
        model = self.model
        if not model.artifacts:
            return
        known = list(model.artifacts.values())[number % len(model.artifacts)]
        artifact_id = known["artifact_id"]
        changes = present(name=name, uri=uri, description=description, metadata=metadata, namespace=namespace)
        current = model.versions[artifact_id]
        headers = {} if version is None else {"If-Match": f'"{current + version}"'}

        reply = self.api.request("PUT", f"/artifacts/{artifact_id}", changes, headers=headers)

        changed = set_only(known | changes)

        def check() -> None:
            if version == 1:
                raise Refused(409)
            if changed["namespace"] != known["namespace"] or ("uri" in known and changed.get("uri") != known["uri"]):
                raise Refused(400)

        if not self.accepted(reply, check):
            return
        if exact(changed) != exact(known):
            changed["updated_at"] = time_text(self.clock.now_us)
            model.versions[artifact_id] += 1
        assert reply.json == changed
        assert reply.headers["etag"] == f'"{model.versions[artifact_id]}"'
        model.artifacts[artifact_id] = changed

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
        now = self.clock.now_us
        sent_at = None if seconds is None else time_text(now + seconds)
        fields = {"task_id": task_id, "name": name, "value": value} | present(step=step)

        metric = fields | present(created_at=sent_at, namespace=namespace, run_id=run_id)
        reply = self.api.request("POST", "/metrics", {"metric": metric})

        if not self.accepted(reply, lambda: self.model.check_owner(task_id, namespace, run_id)):
            return
        task = self.model.name_task(task_id, namespace, run_id, now)
        expected = fields | {
            "schema": "Metric",
            "type": "METRIC_INPUT",
            "created_at": sent_at or time_text(now),
            "namespace": task["namespace"],
        }
        expected |= present(run_id=task.get("run_id"))
        assert reply.json == expected
        points = self.model.points.setdefault((task_id, name), [])
        key = (expected["created_at"], step or 0, value)
        if sent_at is None or key not in [(p["created_at"], p.get("step", 0), p["value"]) for p in points]:
            points.append(expected)

    @rule(
        number=st.integers(0, 100),
        task_id=TASK_IDS,
        type_=st.sampled_from([None, "INPUT", "OUTPUT", "COMPONENT_INPUT", "ITERATOR_OUTPUT"]),
        key=KEYS,
        run_id=RUN_IDS,
    )
    def create_link(self, number: int, task_id: str, type_: str | None, key: str | None, run_id: str | None) -> None:
        """Links a task to an artifact."""
        model, now = self.model, self.clock.now_us
        ids = [*model.artifacts, "00000000-0000-0000-0000-000000000000"]
        artifact_id = ids[number % len(ids)]
        link = {"artifact_id": artifact_id, "task_id": task_id} | present(type=type_, key=key, run_id=run_id)

        reply = self.api.request("POST", "/artifact_tasks", {"artifact_task": link})

        existing = model.links.get((artifact_id, task_id, type_ or "INPUT", key or None))
        if not self.accepted(reply, lambda: model.check_link(artifact_id, task_id, existing, run_id)):
            return
        where = model.artifacts[artifact_id]["namespace"]
        if existing is not None:
            assert reply.json == existing
            return
        task = model.name_task(task_id, None, run_id, now, where)
        made = {"id": reply.json["id"], "artifact_id": artifact_id, "task_id": task_id, "type": type_ or "INPUT"}
        made |= present(key=key or None, run_id=task.get("run_id"), created_at=time_text(now))
        assert reply.json == made
        model.link(made)

    @rule(task_id=TASK_IDS, display_name=TEXTS, state=STATES, namespace=NAMESPACES, run_id=RUN_IDS)
    def create_task(
        self, task_id: str, display_name: str | None, state: str | None, namespace: str | None, run_id: str | None
    ) -> None:
        """Creates a task, or fills in a stub."""
        model, now = self.model, self.clock.now_us
        known = model.tasks.get(task_id)
        if known is not None and task_id not in model.stubs:
            # An exact repetition is tested apart: here the same id comes with other contents.
            assert self.api.request("POST", "/tasks", {"task_id": task_id, "display_name": "never"}).status == 409
            return

        task = present(task_id=task_id, display_name=display_name, state=state, namespace=namespace, run_id=run_id)
        reply = self.api.request("POST", "/tasks", task)

        if not self.accepted(reply, lambda: model.check_task(known, namespace, run_id)):
            return
        where = known["namespace"] if known else namespace or model.runs.get(run_id or "", "")
        model.stubs.discard(task_id)
        model.tasks[task_id] = set_only(
            {
                "task_id": task_id,
                "namespace": where,
                "display_name": display_name,
                "state": state or "RUNTIME_STATE_UNSPECIFIED",
                "create_time": time_text(now),
                "run_id": run_id or (known or {}).get("run_id"),
                "state_history": [{"update_time": time_text(now), "state": state}] if state else None,
            }
        )
        model.adopt(task_id, run_id)
        assert reply.json == model.shown_task(task_id)
        assert self.api.request("POST", "/tasks", task).json == reply.json

    @rule(
        task_id=TASK_IDS,
        display_name=TEXTS,
        state=STATES,
        run_id=RUN_IDS,
        number=st.none() | st.integers(0, 100),
        group=st.sampled_from(["inputs", "outputs"]),
        key=st.sampled_from(["", "k"]),
    )
    def update_task(
        self,
        task_id: str,
        display_name: str | None,
        state: str | None,
        run_id: str | None,
        number: int | None,
        group: str,
        key: str,
    ) -> None:
        """Changes a task."""
        model, now = self.model, self.clock.now_us
        changes = present(display_name=display_name, state=state, run_id=run_id)
        artifact_id = None
        if number is not None and model.artifacts:
            artifact_id = list(model.artifacts)[number % len(model.artifacts)]
            changes[group] = {key: {"artifact_ids": [artifact_id]}}

        reply = self.api.request("PATCH", f"/tasks/{task_id}", changes)

        if not self.accepted(reply, lambda: model.check_changes(task_id, run_id, artifact_id)):
            return
        known = model.tasks[task_id]
        history = known.get("state_history", [])
        if state and state != known["state"]:
            history = [*history, {"update_time": time_text(now), "state": state}]
        changed = known | present(display_name=display_name, state=state) | {"state_history": history}
        model.tasks[task_id] = set_only({name: value or None for name, value in changed.items() if name != "namespace"})
        model.tasks[task_id]["namespace"] = known["namespace"]
        model.stubs.discard(task_id)
        model.adopt(task_id, run_id)
        if artifact_id:
            self.link_made(artifact_id, task_id, group[:-1].upper(), key or None)
        assert reply.json == model.shown_task(task_id)

    @invariant()
    def totals_are_right(self) -> None:
        """Every total is that of the model."""
        if not hasattr(self, "model"):
            return
        for namespace in ("", "team"):
            owned = [a for a in self.model.artifacts.values() if a["namespace"] == namespace]
            if namespace:
                assert self.api.get("/artifacts", namespace=namespace)["total_size"] == len(owned)
        totals = {
            "/artifacts": len(self.model.artifacts),
            "/metrics": len(self.model.points),
            "/tasks": len(self.model.tasks),
            "/runs": len(self.model.runs),
        }
        assert {path: self.api.get(path)["total_size"] for path in totals} == totals
        links = self.model.links.values()
        inputs = sum(link["type"] not in OUTPUTS for link in links)
        assert self.api.get("/artifact_tasks")["total_size"] == inputs
        assert self.api.get("/artifact_tasks", type="OUTPUT")["total_size"] == len(links) - inputs

    @rule()
    def everything_is_as_modelled(self) -> None:
        """Every list and every resource is that of the model."""
        api, model = self.api, self.model
        artifacts = api.walk("/artifacts", "artifacts", page_size=3)
        assert sorted(artifacts, key=str) == sorted(model.artifacts.values(), key=str)
        assert [api.get(f"/artifacts/{a['artifact_id']}") for a in artifacts] == artifacts
        metrics = api.walk("/metrics", "metrics", page_size=2)
        assert metrics == [model.current(points) for points in model.points.values()]
        for (task_id, name), points in model.points.items():
            history = api.walk(f"/metric_history/{task_id}/{name}", "metrics", page_size=3)
            assert history == sorted(points, key=lambda point: time_us(point["created_at"]))
        links = api.walk("/artifact_tasks", "artifact_tasks", page_size=2, type="UNSPECIFIED")
        assert sorted(links, key=str) == sorted(model.links.values(), key=str)
        tasks = api.walk("/tasks", "tasks", page_size=1)
        assert sorted(tasks, key=str) == sorted(map(model.shown_task, model.tasks), key=str)
        runs = {run["run_id"]: (run["namespace"], run["state"]) for run in api.walk("/runs", "runs", page_size=1)}
        assert runs == {run_id: (where, self.state_of_run(run_id)) for run_id, where in model.runs.items()}

    def state_of_run(self, run_id: str) -> str:
        """A run's state by its tasks in the model."""
        states = [task["state"] for task in self.model.tasks.values() if task.get("run_id") == run_id]
        return state_of([None if state == "RUNTIME_STATE_UNSPECIFIED" else state for state in states])


def test_any_sequence_of_operations_does_what_the_contract_says(new_api: NewApi) -> None:
    machine = type("ServiceOverStore", (Service,), {"new_api": staticmethod(new_api)})

    run_state_machine_as_test(machine, settings=settings(examples(20, cost=200), stateful_step_count=40))
