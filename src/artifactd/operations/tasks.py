"""Tasks: create, get, list and update (contract, Companions)."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b
from typing import Any

from artifactd.access import Verb, namespace_for_new, require_resource
from artifactd.errors import AlreadyExists, invalid, quoted
from artifactd.listing import ListQuery, Page
from artifactd.model import (
    OUTPUT_TYPES,
    TASK_ARTIFACTS_MAX,
    ArtifactTaskType,
    Json,
    RuntimeState,
    StateChange,
    Task,
    TaskDetail,
)
from artifactd.operations.artifact_tasks import link_all
from artifactd.operations.context import Context, listed_namespaces, same_namespace
from artifactd.operations.owners import Owner, ensure_run, task_not_found
from artifactd.requests import NewArtifactTask, TaskFields
from artifactd.storage import artifact_tasks, artifacts, metrics, pages, runs, tasks
from artifactd.storage.statements import Transaction

_PLAIN = ("name", "display_name", "pod_name", "execution_id")
_TIMES = ("start_time_us", "end_time_us")
_JSONS = ("executor_detail", "error", "input_parameters", "output_parameters", "labels")


def create_task(context: Context, transaction: Transaction, new: TaskFields) -> TaskDetail:
    """Creates a task, or fills in the stub of that id; the same request again returns what it made.

    Raises:
        AlreadyExists: a task of that id exists with other contents.
        NotFound: the id is taken in a namespace that the caller cannot write, or an artifact is unknown.
        PermissionDenied: the caller may not create in the namespace named.
        InvalidArgument: run, parent or artifacts are of another namespace.
    """
    digest = blake2b(repr(new).encode("utf-8", "surrogatepass"), digest_size=16).digest()
    task_id = new.task_id or context.new_id()
    # All of a stub is replaced, so nobody may change or link it meanwhile.
    owner = tasks.select_owner(transaction, task_id, for_update=True)
    if owner is not None and owner.stub and owner.run_id is None:
        tasks.lock_run(transaction, task_id)
    if owner is not None and not context.caller.may(Verb.CREATE, owner.namespace):
        raise task_not_found(task_id)
    if owner is not None and not owner.stub:
        return _same_task(context, transaction, task_id, new, digest)
    run_id = new.run_id or (owner.run_id if owner else None)
    of_run = runs.select_namespace(transaction, run_id) if run_id else None
    namespace = _namespace_for(context, transaction, new, of_stub=owner.namespace if owner else None, of_run=of_run)
    if owner is not None and owner.run_id is not None and run_id != owner.run_id:
        raise invalid("run_id", f"{quoted(run_id)} is not the run of the task, which is {quoted(owner.run_id)}")
    task = _task(context, task_id, namespace, run_id, new)
    _check_parent(context, transaction, task)
    if run_id is not None:
        ensure_run(context, transaction, run_id, namespace, known=of_run, at="")
    if owner is None:
        tasks.insert_task(transaction, task, context.now_us, digest)
    else:
        tasks.fill_stub(transaction, task, context.now_us, digest)
        _adopt(transaction, task, owner.run_id)
    _link_all(context, transaction, task, new)
    return get_task(context, transaction, task_id)


def _namespace_for(
    context: Context, transaction: Transaction, new: TaskFields, *, of_stub: str | None, of_run: str | None
) -> str:
    named = new.namespace or of_stub
    if of_stub is not None and new.namespace is not None:
        same_namespace("namespace", "the task's stub", of_stub, new.namespace)
    if named is None:
        named = next((n for n in _namespaces_met(transaction, new, of_run) if context.caller.may(Verb.CREATE, n)), None)
    return namespace_for_new(context.caller, named, context.default_namespace)


def _namespaces_met(transaction: Transaction, new: TaskFields, of_run: str | None) -> Iterator[str]:
    """The namespaces of what a new task names: its run, its parent, its artifacts."""
    if of_run is not None:
        yield of_run
    parent = tasks.select_owner(transaction, new.parent_task_id) if new.parent_task_id else None
    if parent is not None:
        yield parent.namespace
    for ids in (*(new.inputs or {}).values(), *(new.outputs or {}).values()):
        for artifact_id in ids[:1]:
            artifact = artifacts.select_artifact(transaction, artifact_id)
            if artifact is not None:
                yield artifact.namespace


def _task(context: Context, task_id: str, namespace: str, run_id: str | None, new: TaskFields) -> Task:
    same: dict[str, Any] = {field: getattr(new, field) or None for field in _PLAIN}
    same |= {field: getattr(new, field) for field in _TIMES} | {field: _unset(getattr(new, field)) for field in _JSONS}
    state = new.state or str(RuntimeState.UNSPECIFIED)
    history = () if state == RuntimeState.UNSPECIFIED else (StateChange(context.now_us, state, new.error),)
    return Task(
        task_id=task_id,
        namespace=namespace,
        run_id=run_id,
        state=state,
        parent_task_id=new.parent_task_id,
        create_time_us=context.now_us if new.create_time_us is None else new.create_time_us,
        state_history=history,
        stub=False,
        **same,
    )


def _unset(value: Json | None) -> Json | None:
    """An empty object is an unset one, as in proto3 JSON."""
    return None if value == "{}" else value


def _same_task(context: Context, transaction: Transaction, task_id: str, new: TaskFields, digest: bytes) -> TaskDetail:
    """The task that exists, if the request is the one that made it, or asks for just what it is now."""
    detail = get_task(context, transaction, task_id)
    if tasks.select_request_digest(transaction, task_id) == digest:
        return detail
    known = detail.task
    asked = _task(context, task_id, new.namespace or known.namespace, new.run_id, new)._replace(
        create_time_us=known.create_time_us if new.create_time_us is None else new.create_time_us,
        state_history=known.state_history,
    )
    if asked != known or (new.inputs or {}) != detail.inputs or (new.outputs or {}) != detail.outputs:
        other = [field for field in Task._fields if getattr(asked, field) != getattr(known, field)]
        raise AlreadyExists(
            f"a task {quoted(task_id, 128)} exists with other contents ({', '.join(other) or 'inputs or outputs'}): "
            "change it with PATCH"
        )
    return detail


def _check_parent(context: Context, transaction: Transaction, task: Task) -> None:
    if task.parent_task_id is None:
        return
    if task.parent_task_id == task.task_id:
        raise invalid("parent_task_id", "a task cannot be its own parent")
    parent = tasks.select_owner(transaction, task.parent_task_id)
    if parent is None:
        return
    if not context.caller.may(Verb.GET, parent.namespace):
        raise task_not_found(task.parent_task_id)
    same_namespace("parent_task_id", f"the task {quoted(task.parent_task_id)}", parent.namespace, task.namespace)


def _adopt(transaction: Transaction, task: Task, run_before: str | None) -> None:
    """Tells a task's metrics and links the run that it turned out to belong to."""
    if task.run_id is not None and task.run_id != run_before:
        metrics.update_run_of_task(transaction, task.task_id, task.run_id)
        artifact_tasks.update_run_of_task(transaction, task.task_id, task.run_id)


def _link_all(context: Context, transaction: Transaction, task: Task, fields: TaskFields) -> None:
    """Makes the links of a task's inputs and outputs."""
    wanted: dict[str, list[NewArtifactTask]] = {}
    groups = (("inputs", ArtifactTaskType.INPUT, fields.inputs), ("outputs", ArtifactTaskType.OUTPUT, fields.outputs))
    for field, type_, links in groups:
        for key, artifact_ids in (links or {}).items():
            wanted[f"{field}.{key}."] = [
                NewArtifactTask(artifact_id, task.task_id, str(type_), None, key or None, None, None)
                for artifact_id in artifact_ids
            ]
    if wanted:
        link_all(context, transaction, Owner(task.namespace, task.run_id), wanted)


def get_task(context: Context, transaction: Transaction, task_id: str) -> TaskDetail:
    """The task of that id, a stub too, with its inputs, outputs and children.

    Raises:
        NotFound: there is none, or the caller may not read it.
    """
    task = tasks.select_task(transaction, task_id)
    if task is None or not context.caller.may(Verb.GET, task.namespace):
        raise task_not_found(task_id)
    return with_details(transaction, [task])[0]


def with_details(transaction: Transaction, found: list[Task]) -> list[TaskDetail]:
    """Tasks with what is linked to them."""
    details = [TaskDetail(task, {}, {}, []) for task in found]
    by_id = {detail.task.task_id: detail for detail in details}
    if not by_id:
        return details
    for item in artifact_tasks.select_artifact_tasks_of_tasks(transaction, by_id, TASK_ARTIFACTS_MAX * len(by_id)):
        detail = by_id[item.task_id]
        shown = detail.outputs if item.type in OUTPUT_TYPES else detail.inputs
        ids = shown.setdefault(item.key or "", [])
        if item.artifact_id not in ids and len(ids) < TASK_ARTIFACTS_MAX:
            ids.append(item.artifact_id)
    children = tasks.select_children(transaction, by_id, TASK_ARTIFACTS_MAX * len(by_id))
    for task_id, items in children.items():
        by_id[task_id].child_tasks.extend(items[:TASK_ARTIFACTS_MAX])
    return details


def list_tasks(context: Context, transaction: Transaction, query: ListQuery) -> Page[TaskDetail]:
    """A page of tasks.

    Raises:
        PermissionDenied: the caller may not list the namespace named.
        Unavailable: the filter takes too long.
    """
    page = pages.select_page(transaction, tasks.LISTING, query, listed_namespaces(context, query))
    return Page(with_details(transaction, page.items), *page[1:])


def update_task(context: Context, transaction: Transaction, task_id: str, changes: TaskFields) -> TaskDetail:
    """Changes the fields that are present; inputs and outputs are added to, never taken away.

    Raises:
        NotFound: there is no such task, or the caller may not read it; or an artifact is unknown.
        PermissionDenied: the caller may read it, but not update it.
        InvalidArgument: it would change the task's id, namespace or run, or cross a namespace.
    """
    task = tasks.select_task(transaction, task_id, for_update=True)
    missing = task_not_found(task_id)
    if task is None:
        raise missing
    require_resource(context.caller, Verb.UPDATE, task.namespace, missing)
    _check_fixed(task, changes)
    if changes.run_id is not None and task.run_id is None:
        tasks.lock_run(transaction, task_id)
    changed = task._replace(stub=False, **_present(changes))
    if changes.state is not None and changes.state != task.state:
        history = StateChange(context.now_us, changes.state, changes.error)
        changed = changed._replace(state_history=(*task.state_history, history))
    _check_parent(context, transaction, changed)
    if changed.run_id is not None and changed.run_id != task.run_id:
        of_run = runs.select_namespace(transaction, changed.run_id)
        ensure_run(context, transaction, changed.run_id, changed.namespace, known=of_run, at="")
    if changed != task:
        tasks.update_task(transaction, task, changed, context.now_us)
        _adopt(transaction, changed, task.run_id)
    _link_all(context, transaction, changed, _without_known(with_details(transaction, [task])[0], changes))
    return get_task(context, transaction, task_id)


def _without_known(detail: TaskDetail, changes: TaskFields) -> TaskFields:
    """The changes less the artifacts that the task shows already, of whatever finer kind their links are."""
    new: dict[str, Any] = {
        field: {key: [i for i in ids if i not in known.get(key, ())] for key, ids in (asked or {}).items()}
        for field, asked, known in (
            ("inputs", changes.inputs, detail.inputs),
            ("outputs", changes.outputs, detail.outputs),
        )
    }
    return changes._replace(**new)


def _check_fixed(task: Task, changes: TaskFields) -> None:
    for field, was in (("task_id", task.task_id), ("namespace", task.namespace), ("run_id", task.run_id)):
        asked = getattr(changes, field)
        if asked is not None and was is not None and asked != was:
            raise invalid(field, f"cannot change from {quoted(was)} to {quoted(asked)}")


def _present(changes: TaskFields) -> dict[str, Any]:
    """The fields that a change has; an empty text or object clears one."""
    fields = (*_PLAIN, *_TIMES, *_JSONS, "run_id", "state", "parent_task_id", "create_time_us")
    given = {field: getattr(changes, field) for field in fields}
    return {field: None if value in ("", "{}") else value for field, value in given.items() if value is not None}
