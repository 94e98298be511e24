"""The tables, once, in portable types.

Namespaces are interned: a small number stands for each in every index. Artifact and link ids are UUIDs and take 16
bytes, not 36. `counts` is kept by every insert, so that a namespace's total needs no scan. Texts are compared and
sorted by code point: SQLite's default collation does so. Optional texts are NULL when unset, save where they are part
of a unique key: there the empty text and -1 stand for "none", because unique indexes let NULL in twice.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.types import Double, TypeDecorator

metadata = MetaData()


class Binary64(TypeDecorator[float]):
    """A double that comes back to the last bit: SQLite drops the sign of -0.0 in a column of type REAL."""

    impl = Double
    cache_ok = True

    def load_dialect_impl(self, dialect: Any) -> Any:
        """The type of the column on each engine."""
        return LargeBinary() if dialect.name == "sqlite" else Double()


# SQLite counts rows by itself only in a column of type INTEGER.
_RowNumber = BigInteger().with_variant(Integer(), "sqlite")

namespaces = Table(
    "namespaces",
    metadata,
    Column("namespace_id", _RowNumber, primary_key=True),
    Column("namespace", Text, nullable=False, unique=True),
)

counts = Table(
    "counts",
    metadata,
    Column("noun", Text, primary_key=True),
    Column("namespace_id", BigInteger, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("total", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

artifacts = Table(
    "artifacts",
    metadata,
    Column("artifact_pk", _RowNumber, primary_key=True),
    Column("artifact_id", LargeBinary(16), nullable=False),
    Column("namespace_id", BigInteger, nullable=False),
    Column("name", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("uri", Text),
    Column("description", Text),
    Column("number_value", Binary64),
    Column("metadata", Text),
    Column("created_at_us", BigInteger, nullable=False),
    Column("updated_at_us", BigInteger, nullable=False),
    Column("version", BigInteger, nullable=False),
    # The first 64 bits of a digest of what reuse_if_exists compares.
    Column("contents_digest", BigInteger, nullable=False),
)
Index("artifacts_by_id", artifacts.c.artifact_id, unique=True)
Index("artifacts_by_contents", artifacts.c.contents_digest)
for _column in ("name", "type", "created_at_us", "updated_at_us", "number_value"):
    Index(
        f"artifacts_by_{_column.removesuffix('_us')}",
        artifacts.c.namespace_id,
        artifacts.c[_column],
        artifacts.c.artifact_id,
    )
Index("artifacts_in_namespace", artifacts.c.namespace_id, artifacts.c.artifact_id)

runs = Table(
    "runs",
    metadata,
    Column("run_pk", _RowNumber, primary_key=True),
    Column("run_id", Text, nullable=False),
    Column("namespace_id", BigInteger, nullable=False),
    Column("display_name", Text),
    Column("pipeline_name", Text),
    Column("experiment_id", Text),
    Column("description", Text),
    # Only what a client set; what tasks tell is read off them in the query.
    Column("state", Text),
    Column("storage_state", Text, nullable=False),
    Column("created_at_us", BigInteger, nullable=False),
    Column("scheduled_at_us", BigInteger),
    Column("finished_at_us", BigInteger),
    Column("updated_at_us", BigInteger, nullable=False),
    Column("error", Text),
    Column("pipeline_spec", Text),
    Column("pipeline_version_reference", Text),
    Column("runtime_config", Text),
    Column("labels", Text),
    Column("state_history", Text),
)
Index("runs_by_id", runs.c.run_id, unique=True)
for _column in ("run_id", "display_name", "created_at_us", "updated_at_us", "experiment_id"):
    _more = [] if _column == "run_id" else [runs.c.run_id]
    Index(f"runs_by_namespace_{_column.removesuffix('_us')}", runs.c.namespace_id, runs.c[_column], *_more)

tasks = Table(
    "tasks",
    metadata,
    Column("task_pk", _RowNumber, primary_key=True),
    Column("task_id", Text, nullable=False),
    Column("namespace_id", BigInteger, nullable=False),
    Column("run_id", Text),
    Column("name", Text),
    Column("display_name", Text),
    Column("state", Text, nullable=False),
    Column("parent_task_id", Text),
    Column("pod_name", Text),
    Column("execution_id", Text),
    Column("create_time_us", BigInteger, nullable=False),
    Column("start_time_us", BigInteger),
    Column("end_time_us", BigInteger),
    Column("updated_at_us", BigInteger, nullable=False),
    Column("executor_detail", Text),
    Column("error", Text),
    Column("input_parameters", Text),
    Column("output_parameters", Text),
    Column("labels", Text),
    Column("state_history", Text),
    Column("stub", Boolean, nullable=False),
    # A digest of the request that made the task, so that the same request again is known as such.
    Column("request_digest", LargeBinary(16)),
)
Index("tasks_by_id", tasks.c.task_id, unique=True)
Index("tasks_by_run", tasks.c.run_id, tasks.c.create_time_us, tasks.c.task_id)
Index("tasks_by_parent", tasks.c.parent_task_id, tasks.c.create_time_us, tasks.c.task_id)
for _column in (
    "task_id",
    "run_id",
    "name",
    "display_name",
    "state",
    "create_time_us",
    "start_time_us",
    "end_time_us",
    "updated_at_us",
):
    _more = [] if _column == "task_id" else [tasks.c.task_id]
    Index(f"tasks_by_namespace_{_column.removesuffix('_us')}", tasks.c.namespace_id, tasks.c[_column], *_more)

artifact_tasks = Table(
    "artifact_tasks",
    metadata,
    Column("artifact_task_pk", _RowNumber, primary_key=True),
    Column("id", LargeBinary(16), nullable=False),
    Column("namespace_id", BigInteger, nullable=False),
    Column("artifact_id", LargeBinary(16), nullable=False),
    Column("task_id", Text, nullable=False),
    Column("type", Text, nullable=False),
    # Whether the type counts as an output: the direction of lineage.
    Column("is_output", Boolean, nullable=False),
    Column("run_id", Text),
    Column("key", Text, nullable=False),
    Column("iteration", BigInteger, nullable=False),
    Column("producer_task_name", Text),
    Column("created_at_us", BigInteger, nullable=False),
    UniqueConstraint("task_id", "artifact_id", "type", "key", "iteration", name="artifact_tasks_identity"),
)
Index("artifact_tasks_by_artifact", artifact_tasks.c.artifact_id, artifact_tasks.c.is_output, artifact_tasks.c.task_id)
Index("artifact_tasks_by_run", artifact_tasks.c.run_id)
for _column in ("id", "artifact_id", "task_id", "run_id", "created_at_us"):
    _more = [] if _column == "id" else [artifact_tasks.c.id]
    Index(
        f"artifact_tasks_by_type_{_column.removesuffix('_us')}",
        artifact_tasks.c.namespace_id,
        artifact_tasks.c.type,
        artifact_tasks.c[_column],
        *_more,
    )

metrics = Table(
    "metrics",
    metadata,
    # Rises with each first logging: the default order of a list.
    Column("metric_pk", _RowNumber, primary_key=True),
    Column("namespace_id", BigInteger, nullable=False),
    Column("run_id", Text),
    Column("task_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("schema", Text, nullable=False),
    Column("type", Text, nullable=False),
    # See artifactd.model.metric_number_class; SQLite keeps NaN as NULL, so the class says which it is.
    Column("value_class", SmallInteger, nullable=False),
    Column("value", Binary64),
    Column("value_json", Text),
    # The order among points needs a number; whether the client gave one is told apart.
    Column("step", BigInteger, nullable=False),
    Column("step_given", Boolean, nullable=False),
    Column("created_at_us", BigInteger, nullable=False),
    # How many points were ever logged; the next one's arrival.
    Column("points", BigInteger, nullable=False),
    UniqueConstraint("task_id", "name", name="metrics_identity"),
)
Index("metrics_in_namespace", metrics.c.namespace_id, metrics.c.metric_pk)
Index("metrics_by_run", metrics.c.run_id, metrics.c.metric_pk)
for _column in ("task_id", "name", "run_id", "schema", "type", "created_at_us"):
    _more = [metrics.c[name] for name in ("task_id", "name") if name != _column]
    Index(f"metrics_by_{_column.removesuffix('_us')}", metrics.c.namespace_id, metrics.c[_column], *_more)
Index(
    "metrics_by_value",
    metrics.c.namespace_id,
    metrics.c.value_class,
    metrics.c.value,
    metrics.c.task_id,
    metrics.c.name,
)

metric_points = Table(
    "metric_points",
    metadata,
    Column("metric_pk", BigInteger, primary_key=True),
    Column("created_at_us", BigInteger, primary_key=True),
    Column("arrival", BigInteger, primary_key=True),
    Column("step", BigInteger, nullable=False),
    # Schema, type, class of number and whether a step was given, in one byte (artifactd.storage.metrics).
    Column("flags", SmallInteger, nullable=False),
    Column("value", Binary64),
    Column("value_json", Text),
    sqlite_with_rowid=False,
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("scope", LargeBinary(16), primary_key=True),
    Column("created_at_us", BigInteger, nullable=False),
    Column("body_digest", LargeBinary(16), nullable=False),
    Column("answer", LargeBinary, nullable=False),
    Column("etag", Text),
    Column("namespaces", Text, nullable=False),
    sqlite_with_rowid=False,
)
Index("idempotency_keys_by_age", idempotency_keys.c.created_at_us)
