"""Tasks and runs that others refer to: whose they are, and how they come into being by being named."""

from __future__ import annotations

from typing import NamedTuple

from artifactd.access import Verb, namespace_for_new
from artifactd.errors import NotFound, invalid, quoted
from artifactd.model import Run, RuntimeState, StorageState, Task
from artifactd.operations.context import Context
from artifactd.storage import runs, tasks
from artifactd.storage.statements import Transaction


class Owner(NamedTuple):
    """The namespace and run that a task belongs to, and so all that is linked to it."""

    namespace: str
    run_id: str | None


def task_not_found(task_id: str) -> NotFound:
    """The answer for an unknown task, and for one that the caller may not know of."""
    return NotFound(f"there is no task {quoted(task_id, 128)}")


def owner_of_task(
    context: Context,
    transaction: Transaction,
    task_id: str,
    *,
    namespace: str | None,
    run_id: str | None,
    at: str,
    namespace_field: str | None = None,
    namespace_of_other: str | None = None,
) -> Owner:
    """To whom a task belongs; one that the service has not seen is registered as a stub (contract, log_metric).

    Args:
        namespace: the one that the request names; it must match a known task's.
        run_id: the run that the request names; it must match a known task's.
        at: the path of the message in the request, for errors.
        namespace_field: where the request names the namespace, if that is not beside the task's id.
        namespace_of_other: where a new stub must go because of what it is linked to.

    Raises:
        NotFound: the task is in a namespace that the caller cannot write.
        InvalidArgument: the namespace or run is not the task's.
        PermissionDenied: a stub may not be made in the namespace named.
    """
    field = namespace_field or f"{at}namespace"
    known = tasks.select_owner(transaction, task_id)
    if known is None:
        where = namespace or namespace_of_other
        if where is None:
            where = _namespace_of_run(transaction, context, run_id)
        new_in = namespace_for_new(context.caller, where, context.default_namespace, field)
        insert_stub(context, transaction, task_id, new_in, run_id, at)
        return Owner(new_in, run_id)
    if not context.caller.may(Verb.CREATE, known.namespace):
        raise task_not_found(task_id)
    if namespace is not None and namespace != known.namespace:
        raise invalid(
            field,
            f"{quoted(namespace)} is not the namespace of the task, which is {quoted(known.namespace)}",
        )
    if run_id is not None and run_id != known.run_id:
        theirs = quoted(known.run_id) if known.run_id else "of none yet: create_task and update_task tell its run"
        raise invalid(f"{at}run_id", f"{quoted(run_id)} is not the run of the task, which is {theirs}")
    return Owner(known.namespace, known.run_id)


def _namespace_of_run(transaction: Transaction, context: Context, run_id: str | None) -> str | None:
    """The namespace of a known run that the caller may create in; else None."""
    namespace = runs.select_namespace(transaction, run_id) if run_id else None
    return namespace if namespace is not None and context.caller.may(Verb.CREATE, namespace) else None


def insert_stub(
    context: Context, transaction: Transaction, task_id: str, namespace: str, run_id: str | None, at: str
) -> None:
    """Registers a task of which nothing is known yet but that it exists."""
    if run_id is not None:
        ensure_run(context, transaction, run_id, namespace, at)
    nothing = dict.fromkeys(Task._fields)
    stub = Task(
        **nothing  # type: ignore[arg-type]
        | {
            "task_id": task_id,
            "namespace": namespace,
            "run_id": run_id,
            "state": str(RuntimeState.UNSPECIFIED),
            "create_time_us": context.now_us,
            "state_history": (),
            "stub": True,
        }
    )
    tasks.insert_task(transaction, stub, context.now_us, None)


def ensure_run(context: Context, transaction: Transaction, run_id: str, namespace: str, at: str) -> None:
    """Makes a run with its first task; a known one must be in the same namespace.

    Raises:
        NotFound: the run is in a namespace that the caller cannot write.
        InvalidArgument: the run is in another of the caller's namespaces.
    """
    known = runs.select_namespace(transaction, run_id)
    if known is None:
        runs.insert_run(transaction, new_run(context, run_id, namespace))
    elif known != namespace:
        if not context.caller.may(Verb.CREATE, known):
            raise NotFound(f"there is no run {quoted(run_id, 128)} that you may add to")
        raise invalid(
            f"{at}run_id", f"the run {quoted(run_id)} is in the namespace {quoted(known)}, not in {quoted(namespace)}"
        )


def new_run(context: Context, run_id: str, namespace: str) -> Run:
    """A run of which nothing is known yet."""
    nothing = dict.fromkeys(Run._fields)
    return Run(
        **nothing  # type: ignore[arg-type]
        | {
            "run_id": run_id,
            "namespace": namespace,
            "state": str(RuntimeState.UNSPECIFIED),
            "storage_state": str(StorageState.AVAILABLE),
            "created_at_us": context.now_us,
            "updated_at_us": context.now_us,
            "state_history": (),
        }
    )
