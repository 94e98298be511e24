"""Runs to rows and back. What a run's tasks tell of it is read off them in the query (contract, Companions)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, case, func, null, select

from artifactd import listing
from artifactd.model import Run, RuntimeState
from artifactd.storage import counts, history, namespaces
from artifactd.storage.changes import update_changed
from artifactd.storage.columns import Listing, SqlField
from artifactd.storage.schema import metrics, runs, tasks
from artifactd.storage.statements import Row, Statement, Transaction


def _make(row: Row) -> Run:
    return Run._make((*row[:17], history.from_text(row[17])))


def _any_task(*states: RuntimeState) -> ColumnElement[bool]:
    condition = and_(tasks.c.run_id == runs.c.run_id, tasks.c.state.in_([str(state) for state in states]))
    found = select(1).where(condition if states else tasks.c.run_id == runs.c.run_id).limit(1)
    # Not EXISTS, for which PostgreSQL gathers the runs of all tasks that there are.
    return found.scalar_subquery().is_not(None)


_table = runs.c
_NAMESPACE = namespaces.namespace_of(_table.namespace_id)
_STATE = case(
    (_table.state.is_not(None), _table.state),
    (_any_task(RuntimeState.RUNNING, RuntimeState.PENDING, RuntimeState.UNSPECIFIED), str(RuntimeState.RUNNING)),
    (_any_task(RuntimeState.FAILED), str(RuntimeState.FAILED)),
    (_any_task(RuntimeState.CANCELED), str(RuntimeState.CANCELED)),
    (_any_task(), str(RuntimeState.SUCCEEDED)),
    else_=str(RuntimeState.UNSPECIFIED),
)
_LAST_END = (
    select(case((func.count() == func.count(tasks.c.end_time_us), func.max(tasks.c.end_time_us))))
    .where(tasks.c.run_id == runs.c.run_id)
    .scalar_subquery()
)
_FINISHED = func.coalesce(_table.finished_at_us, _LAST_END)
_TEXTS = ("display_name", "pipeline_name", "experiment_id", "description")
_JSONS = ("error", "pipeline_spec", "pipeline_version_reference", "runtime_config", "labels")
_SELECTED = (
    _table.run_id,
    _NAMESPACE,
    *(_table[name] for name in _TEXTS),
    _STATE.label("shown_state"),
    _table.storage_state,
    _table.created_at_us,
    _table.scheduled_at_us,
    _FINISHED.label("shown_finished_at_us"),
    _table.updated_at_us,
    *(_table[name] for name in _JSONS),
    _table.state_history,
)
LISTING = Listing(
    noun=listing.RUNS,
    table=runs,
    selected=_SELECTED,
    make=_make,
    fields={
        "run_id": SqlField(_table.run_id),
        "display_name": SqlField(_table.display_name, nullable=True),
        "created_at": SqlField(_table.created_at_us),
        "updated_at": SqlField(_table.updated_at_us),
        "state": SqlField(_STATE),
        "scheduled_at": SqlField(_table.scheduled_at_us, nullable=True),
        "finished_at": SqlField(_FINISHED, nullable=True),
        "experiment_id": SqlField(_table.experiment_id, nullable=True),
        "description": SqlField(_table.description, nullable=True),
        "storage_state": SqlField(_table.storage_state),
        "pipeline_name": SqlField(_table.pipeline_name, nullable=True),
        "namespace": SqlField(_NAMESPACE),
    },
    identity=("run_id",),
    partition=(_table.namespace_id,),
    metrics_of=metrics.c.run_id == _table.run_id,
)
_WITHOUT = null().label("pipeline_spec")
BASIC_LISTING = LISTING._replace(
    selected=tuple(_WITHOUT if column is _table.pipeline_spec else column for column in _SELECTED), view="BASIC"
)
"""Without the pipeline, which may be a megabyte."""

_BY_ID = _table.run_id == bindparam("run_id")
_SELECT = Statement(select(*_SELECTED).where(_BY_ID))
_SELECT_NAMESPACE = Statement(select(_NAMESPACE).where(_BY_ID))
_SELECT_OWN_STATE = Statement(select(_table.state, _table.finished_at_us).where(_BY_ID).with_for_update())
_INSERT = namespaces.insert_into(runs)
_CHANGING = (
    *_TEXTS,
    *_JSONS,
    "state",
    "storage_state",
    "created_at_us",
    "scheduled_at_us",
    "finished_at_us",
    "updated_at_us",
    "state_history",
)


def _values(run: Run) -> dict[str, Any]:
    values = {name: getattr(run, name) for name in _CHANGING}
    values["state"] = None if run.state == RuntimeState.UNSPECIFIED else run.state
    values["state_history"] = history.to_text(run.state_history)
    return values


def insert_run(transaction: Transaction, run: Run) -> None:
    """Keeps a new run and counts it; the state UNSPECIFIED leaves it to the tasks."""
    namespaces.intern(transaction, run.namespace)
    transaction.run(_INSERT, _values(run) | {"run_id": run.run_id, "namespace": run.namespace})
    counts.add(transaction, "runs", run.namespace)


def update_run(transaction: Transaction, before: Run, run: Run) -> None:
    """Replaces the fields of a run that exists, but for its id and namespace; as for `insert_run`.

    Args:
        before: the run as `select_own_run` gives it.
    """
    update_changed(transaction, _table.run_id, run.run_id, _values(before), _values(run))


def select_run(transaction: Transaction, run_id: str) -> Run | None:
    """The run of that id as it is shown, if there is one."""
    row = transaction.row(_SELECT, {"run_id": run_id})
    return _make(row) if row else None


def select_own_run(transaction: Transaction, run_id: str) -> Run | None:
    """The run of that id with only what clients set: the state UNSPECIFIED and no end where tasks tell them.

    Others cannot change it until this transaction is done.
    """
    row = transaction.row(_SELECT_OWN_STATE, {"run_id": run_id})
    run = select_run(transaction, run_id)
    if run is None or row is None:
        return None
    return run._replace(state=row[0] or str(RuntimeState.UNSPECIFIED), finished_at_us=row[1])


def select_namespace(transaction: Transaction, run_id: str) -> str | None:
    """The namespace of the run of that id, if there is one."""
    row = transaction.row(_SELECT_NAMESPACE, {"run_id": run_id})
    return str(row[0]) if row else None
