"""Metrics, to rows and back.

A metric's row shows its current point and counts its points (`storage.points`, `storage.series`).
"""

from __future__ import annotations

from sqlalchemy import and_, bindparam, case, select, update

from artifactd import listing
from artifactd.model import Metric
from artifactd.storage import namespaces
from artifactd.storage.columns import Listing, SqlField
from artifactd.storage.points import from_columns
from artifactd.storage.schema import metrics
from artifactd.storage.statements import Row, Statement, Transaction


def _make(row: Row) -> Metric:
    return Metric(
        task_id=row[0],
        name=row[1],
        namespace=row[2],
        run_id=row[3],
        schema=row[4],
        type=row[5],
        value=from_columns(row[6], row[7], row[8]),
        step=row[9] if row[10] else None,
        created_at_us=row[11],
    )


_table = metrics.c
_NAMESPACE = namespaces.namespace_of(_table.namespace_id)
_SELECTED = (
    _table.task_id,
    _table.name,
    _NAMESPACE,
    _table.run_id,
    _table.schema,
    _table.type,
    _table.value_class,
    _table.value,
    _table.value_json,
    _table.step,
    _table.step_given,
    _table.created_at_us,
)
LISTING = Listing(
    noun=listing.METRICS,
    table=metrics,
    selected=_SELECTED,
    make=_make,
    fields={
        "task_id": SqlField(_table.task_id),
        "name": SqlField(_table.name),
        "run_id": SqlField(_table.run_id, nullable=True),
        "schema": SqlField(_table.schema),
        "type": SqlField(_table.type),
        "value": SqlField(_table.value, number_class=_table.value_class),
        "created_at": SqlField(_table.created_at_us),
        "step": SqlField(case((_table.step_given, _table.step)), nullable=True),
        "namespace": SqlField(_NAMESPACE),
    },
    identity=("task_id", "name"),
    partition=(_table.namespace_id,),
    serial=SqlField(_table.metric_pk),
)

OF_KEY = and_(_table.task_id == bindparam("task_id"), _table.name == bindparam("name"))
"""That a metric is the one of `task_id` and `name`."""
_SELECT = Statement(select(*_SELECTED).where(OF_KEY), alone=True)
_SET_RUN = Statement(
    update(metrics).where(_table.task_id == bindparam("b_task_id")).values(run_id=bindparam("b_run_id"))
)


def select_metric(transaction: Transaction, task_id: str, name: str) -> Metric | None:
    """A metric's current point, if it was ever logged."""
    row = transaction.row(_SELECT, {"task_id": task_id, "name": name})
    return _make(row) if row else None


def update_run_of_task(transaction: Transaction, task_id: str, run_id: str) -> None:
    """Notes on a task's metrics the run that the task turned out to belong to."""
    transaction.run(_SET_RUN, {"b_task_id": task_id, "b_run_id": run_id})
