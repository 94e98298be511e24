"""Tasks and runs that others refer to: whose they are, and how they come into being by being named."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple
from zlib import crc32

from artifactd.access import Verb, namespace_for_new
from artifactd.errors import NotFound, invalid, quoted
from artifactd.model import Run, RuntimeState, StorageState, Task
from artifactd.operations.context import Context
from artifactd.storage import runs, tasks
from artifactd.storage.statements import Transaction
from artifactd.storage.tasks import TaskOwner

_BATCH_SLOTS = 128
"""Tasks share so many locks: a batch of a thousand tasks must not take a thousand."""


class Owner(NamedTuple):
    """The namespace and run that a task belongs to, and so all that is linked to it."""

    namespace: str
    run_id: str | None


class Named(NamedTuple):
    """The namespace and run that a request names beside a task; each must match a known task's."""

    namespace: str | None
    run_id: str | None


Owners = dict[tuple[str | None, str | None, str | None], Owner]
"""Whose the things of a batch are, by the task and what is named beside it, namespace and run: each is found out once.

None of it changes before the transaction is done (`tasks.select_fixed_owner`).
"""


def task_not_found(task_id: str) -> NotFound:
    """The answer for an unknown task, and for one that the caller may not know of."""
    return NotFound(f"there is no task {quoted(task_id, 128)}")


def lock_for_batch(transaction: Transaction, task_ids: Iterable[str | None]) -> None:
    """Lets batches that name the same tasks run one after the other.

    Each would otherwise hold what the other wants next, which a database notices only after a while.
    """
    slots = {crc32(task_id.encode()) % _BATCH_SLOTS for task_id in set(task_ids) if task_id}
    for slot in sorted(slots):
        transaction.lock(f"batch {slot}")


def owner_of_task(
    context: Context,
    transaction: Transaction,
    task_id: str,
    *,
    known: TaskOwner | None,
    named: Named,
    at: str,
    namespace_field: str | None = None,
    namespace_of_other: str | None = None,
) -> Owner:
    """To whom a task belongs; one that the service has not seen is registered as a stub (contract, log_metric).

    What is made for the task now notes its run for good, so a task without one must not get one meanwhile: `known` is
    from `tasks.select_fixed_owner`. It is not read again, so that who has looked at more since judges by one moment: a
    task that has come into being meanwhile collides with the stub, and all is decided anew.

    Args:
        known: the task as it was read first, None if there was none.
        at: the path of the message in the request, for errors.
        namespace_field: where the request names the namespace, if that is not beside the task's id.
        namespace_of_other: where a new stub must go because of what it is linked to.

    Raises:
        NotFound: the task is in a namespace that the caller cannot write.
        InvalidArgument: the namespace or run is not the task's.
        PermissionDenied: a stub may not be made in the namespace named.
    """
    namespace, run_id = named
    field = namespace_field or f"{at}namespace"
    if known is None:
        known_run = runs.select_namespace(transaction, run_id) if run_id else None
        where = namespace or namespace_of_other
        if where is None and known_run is not None and context.caller.may(Verb.CREATE, known_run):
            where = known_run
        new_in = namespace_for_new(context.caller, where, context.default_namespace, field)
        insert_stub(context, transaction, task_id, new_in, run_id, known_run=known_run, at=at)
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


def insert_stub(
    context: Context,
    transaction: Transaction,
    task_id: str,
    namespace: str,
    run_id: str | None,
    *,
    known_run: str | None,
    at: str,
) -> None:
    """Registers a task of which nothing is known yet but that it exists. Raises as `ensure_run` does."""
    if run_id is not None:
        ensure_run(context, transaction, run_id, namespace, known=known_run, at=at)
    nothing = dict.fromkeys(Task._fields)
    stub = Task(
        **nothing  # type: ignore[arg-type]  # Each field's is another.
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


def ensure_run(
    context: Context, transaction: Transaction, run_id: str, namespace: str, *, known: str | None, at: str
) -> None:
    """Makes a run with its first task; a known one must be in the same namespace.

    Args:
        known: the namespace of the run as it was read before `namespace` was decided on, None where there was none.
            It is not read again: if the run has come into being since, inserting it collides, and all is decided anew.

    Raises:
        NotFound: the run is in a namespace that the caller cannot write.
        InvalidArgument: the run is in another of the caller's namespaces.
    """
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
        **nothing  # type: ignore[arg-type]  # Each field's is another.
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
