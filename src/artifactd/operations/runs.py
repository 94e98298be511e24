"""Runs: get, list, and create or change (contract, Companions)."""

from __future__ import annotations

from typing import Any

from artifactd.access import Verb, namespace_for_new, require_resource
from artifactd.errors import NotFound, invalid, quoted
from artifactd.listing import ListQuery, Page
from artifactd.model import RUN_TASKS_MAX, Run, RuntimeState, StateChange, StorageState, TaskDetail
from artifactd.operations.context import Context, listed_namespaces
from artifactd.operations.owners import new_run
from artifactd.operations.tasks import with_details
from artifactd.requests import RunChanges
from artifactd.storage import pages, runs, tasks
from artifactd.storage.statements import Transaction

_FIELDS = (
    "display_name",
    "pipeline_name",
    "experiment_id",
    "description",
    "created_at_us",
    "scheduled_at_us",
    "finished_at_us",
    "error",
    "pipeline_spec",
    "pipeline_version_reference",
    "runtime_config",
    "state",
    "labels",
)


def _not_found(run_id: str) -> NotFound:
    return NotFound(f"there is no run {quoted(run_id, 128)}")


def get_run(
    context: Context, transaction: Transaction, run_id: str, experiment_id: str | None = None
) -> tuple[Run, list[TaskDetail]]:
    """The run of that id and its tasks.

    Args:
        experiment_id: the experiment that the run must be in, where it is known to be in one.

    Raises:
        NotFound: there is none, or the caller may not read it.
    """
    run = runs.select_run(transaction, run_id)
    if run is None or not context.caller.may(Verb.GET, run.namespace):
        raise _not_found(run_id)
    if experiment_id is not None and run.experiment_id not in (None, experiment_id):
        raise _not_found(run_id)
    return run, with_details(transaction, tasks.select_tasks_of_run(transaction, run_id, RUN_TASKS_MAX))


def get_run_namespace(context: Context, transaction: Transaction, run_id: str) -> str:
    """The namespace of a run. Raises NotFound as `get_run` does."""
    namespace = runs.select_namespace(transaction, run_id)
    if namespace is None or not context.caller.may(Verb.GET, namespace):
        raise _not_found(run_id)
    return namespace


def list_runs(context: Context, transaction: Transaction, query: ListQuery) -> Page[Run]:
    """A page of runs.

    Raises:
        PermissionDenied: the caller may not list the namespace named.
        Unavailable: the filter takes too long.
    """
    listing = runs.BASIC_LISTING if query.is_basic else runs.LISTING
    return pages.select_page(transaction, listing, query, listed_namespaces(context, query))


def update_run(context: Context, transaction: Transaction, changes: RunChanges) -> tuple[Run, list[TaskDetail]]:
    """Changes the fields that are present, or creates the run with them.

    Raises:
        NotFound: the id is taken in a namespace that the caller may not read.
        PermissionDenied: the caller may not create in the namespace named, or not update the run.
        InvalidArgument: it would change the namespace.
    """
    known = runs.select_own_run(transaction, changes.run_id)
    if known is None:
        namespace = namespace_for_new(context.caller, changes.namespace, context.default_namespace)
        run = new_run(context, changes.run_id, namespace)
    else:
        run = known
        require_resource(context.caller, Verb.UPDATE, run.namespace, _not_found(changes.run_id))
        if changes.namespace is not None and changes.namespace != run.namespace:
            raise invalid("namespace", f"cannot change from {quoted(run.namespace)} to {quoted(changes.namespace)}")
        changes = _without_derived(transaction, known, changes)
    changed = run._replace(**_present(changes))
    if changes.state is not None and changes.state != run.state:
        history = StateChange(context.now_us, changes.state, changes.error)
        changed = changed._replace(state_history=(*run.state_history, history))
    if known is None:
        runs.insert_run(transaction, changed)
    elif changed != run:
        runs.update_run(transaction, run, changed._replace(updated_at_us=context.now_us))
    return get_run(context, transaction, changes.run_id)


def _without_derived(transaction: Transaction, known: Run, changes: RunChanges) -> RunChanges:
    """The changes less a state and an end that only repeat what the run's tasks tell: they stay theirs to tell."""
    shown = runs.select_run(transaction, known.run_id)
    assert shown is not None
    if known.state == RuntimeState.UNSPECIFIED and changes.state == shown.state:
        changes = changes._replace(state=None)
    if known.finished_at_us is None and changes.finished_at_us == shown.finished_at_us:
        changes = changes._replace(finished_at_us=None)
    return changes


def _present(changes: RunChanges) -> dict[str, Any]:
    """The fields that a change has; an empty text or object clears one."""
    given = {field: getattr(changes, field) for field in _FIELDS}
    present = {field: None if value in ("", "{}") else value for field, value in given.items() if value is not None}
    if changes.storage_state is not None:
        unspecified = changes.storage_state == StorageState.UNSPECIFIED
        present["storage_state"] = str(StorageState.AVAILABLE) if unspecified else changes.storage_state
    return present
