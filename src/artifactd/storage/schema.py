"""The tables, once, in portable types (`artifactd.storage.types`).

Namespaces are interned: a small number stands for each in every index. Artifact and link ids are UUIDs and take 16
bytes, not 36. `counts` is kept by every insert, so that a namespace's total needs no scan. Optional texts are NULL
when unset, save where they are part of a unique key: there the empty text and -1 stand for "none", because unique
indexes let NULL in twice.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    Table,
    UniqueConstraint,
)

from artifactd.model import (
    ID_CHARS_MAX,
    KEY_CHARS_MAX,
    NAME_CHARS_MAX,
    NAMESPACE_CHARS_MAX,
)
from artifactd.storage.types import BYTES, DIGEST, LONG_TEXT, ROW_NUMBER, Binary64, text

metadata = MetaData()


_WORD_CHARS_MAX = 64
"""Names of enums and nouns."""

namespaces = Table(
    "namespaces",
    metadata,
    Column("namespace_id", ROW_NUMBER, primary_key=True),
    Column("namespace", text(NAMESPACE_CHARS_MAX), nullable=False, unique=True),
)

counts = Table(
    "counts",
    metadata,
    Column("noun", text(_WORD_CHARS_MAX), primary_key=True),
    Column("namespace_id", BigInteger, primary_key=True),
    Column("kind", text(_WORD_CHARS_MAX), primary_key=True),
    # Writers that count at once each have a row of their own to count in; a total is the sum of the stripes.
    Column("stripe", Integer, primary_key=True),
    Column("total", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

artifacts = Table(
    "artifacts",
    metadata,
    Column("artifact_pk", ROW_NUMBER, primary_key=True),
    Column("artifact_id", DIGEST, nullable=False),
    Column("namespace_id", BigInteger, nullable=False),
    Column("name", text(NAME_CHARS_MAX), nullable=False),
    Column("type", text(_WORD_CHARS_MAX), nullable=False),
    Column("uri", LONG_TEXT),
    Column("description", LONG_TEXT),
    Column("number_value", Binary64),
    Column("metadata", LONG_TEXT),
    Column("created_at_us", BigInteger, nullable=False),
    Column("updated_at_us", BigInteger, nullable=False),
    Column("version", BigInteger, nullable=False),
    # The first 64 bits of a digest of what reuse_if_exists compares.
    Column("contents_digest", BigInteger, nullable=False),
    # Whether number_value is -0.0: MySQL and MariaDB keep no sign of a zero. NULL for any other number.
    Column("negative_zero", Boolean),
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
    Column("run_pk", ROW_NUMBER, primary_key=True),
    Column("run_id", text(ID_CHARS_MAX), nullable=False),
    Column("namespace_id", BigInteger, nullable=False),
    Column("display_name", text(NAME_CHARS_MAX)),
    Column("pipeline_name", LONG_TEXT),
    Column("experiment_id", text(NAME_CHARS_MAX)),
    Column("description", LONG_TEXT),
    # Only what a client set; what tasks tell is read off them in the query.
    Column("state", text(_WORD_CHARS_MAX)),
    Column("storage_state", LONG_TEXT, nullable=False),
    Column("created_at_us", BigInteger, nullable=False),
    Column("scheduled_at_us", BigInteger),
    Column("finished_at_us", BigInteger),
    Column("updated_at_us", BigInteger, nullable=False),
    Column("error", LONG_TEXT),
    Column("pipeline_spec", LONG_TEXT),
    Column("pipeline_version_reference", LONG_TEXT),
    Column("runtime_config", LONG_TEXT),
    Column("labels", LONG_TEXT),
    Column("state_history", LONG_TEXT),
)
Index("runs_by_id", runs.c.run_id, unique=True)
for _column in ("run_id", "display_name", "created_at_us", "updated_at_us", "experiment_id"):
    _more = [] if _column == "run_id" else [runs.c.run_id]
    Index(f"runs_by_namespace_{_column.removesuffix('_us')}", runs.c.namespace_id, runs.c[_column], *_more)

tasks = Table(
    "tasks",
    metadata,
    Column("task_pk", ROW_NUMBER, primary_key=True),
    Column("task_id", text(ID_CHARS_MAX), nullable=False),
    Column("namespace_id", BigInteger, nullable=False),
    Column("run_id", text(ID_CHARS_MAX)),
    Column("name", text(NAME_CHARS_MAX)),
    Column("display_name", text(NAME_CHARS_MAX)),
    Column("state", text(_WORD_CHARS_MAX), nullable=False),
    Column("parent_task_id", text(ID_CHARS_MAX)),
    Column("pod_name", LONG_TEXT),
    Column("execution_id", LONG_TEXT),
    Column("create_time_us", BigInteger, nullable=False),
    Column("start_time_us", BigInteger),
    Column("end_time_us", BigInteger),
    Column("updated_at_us", BigInteger, nullable=False),
    Column("executor_detail", LONG_TEXT),
    Column("error", LONG_TEXT),
    Column("input_parameters", LONG_TEXT),
    Column("output_parameters", LONG_TEXT),
    Column("labels", LONG_TEXT),
    Column("state_history", LONG_TEXT),
    Column("stub", Boolean, nullable=False),
    # A digest of the request that made the task, so that the same request again is known as such.
    Column("request_digest", DIGEST),
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
    Column("artifact_task_pk", ROW_NUMBER, primary_key=True),
    Column("id", DIGEST, nullable=False),
    Column("namespace_id", BigInteger, nullable=False),
    Column("artifact_id", DIGEST, nullable=False),
    Column("task_id", text(ID_CHARS_MAX), nullable=False),
    Column("type", text(_WORD_CHARS_MAX), nullable=False),
    # Whether the type counts as an output: the direction of lineage.
    Column("is_output", Boolean, nullable=False),
    Column("run_id", text(ID_CHARS_MAX)),
    Column("key", text(KEY_CHARS_MAX), nullable=False),
    Column("iteration", BigInteger, nullable=False),
    Column("producer_task_name", LONG_TEXT),
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
    Column("metric_pk", ROW_NUMBER, primary_key=True),
    Column("namespace_id", BigInteger, nullable=False),
    Column("run_id", text(ID_CHARS_MAX)),
    Column("task_id", text(ID_CHARS_MAX), nullable=False),
    Column("name", text(NAME_CHARS_MAX), nullable=False),
    Column("schema", text(_WORD_CHARS_MAX), nullable=False),
    Column("type", text(_WORD_CHARS_MAX), nullable=False),
    # See artifactd.model.metric_number_class; SQLite keeps NaN as NULL, so the class says which it is.
    Column("value_class", SmallInteger, nullable=False),
    Column("value", Binary64),
    # Beside a number only for -0.0 (artifactd.storage.points).
    Column("value_json", LONG_TEXT),
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
    # Schema, type, class of number and whether a step was given, in one byte (artifactd.storage.points).
    Column("flags", SmallInteger, nullable=False),
    Column("value", Binary64),
    Column("value_json", LONG_TEXT),
    sqlite_with_rowid=False,
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("scope", DIGEST, primary_key=True),
    Column("created_at_us", BigInteger, nullable=False),
    Column("body_digest", DIGEST, nullable=False),
    Column("answer", BYTES, nullable=False),
    Column("etag", LONG_TEXT),
    Column("namespaces", LONG_TEXT, nullable=False),
    sqlite_with_rowid=False,
)
Index("idempotency_keys_by_age", idempotency_keys.c.created_at_us)

api_keys = Table(
    "api_keys",
    metadata,
    Column("key_id", text(_WORD_CHARS_MAX), primary_key=True),
    Column("name", text(NAME_CHARS_MAX), nullable=False),
    Column("role", text(_WORD_CHARS_MAX), nullable=False),
    # A JSON list.
    Column("namespaces", LONG_TEXT, nullable=False),
    Column("digest", BYTES, nullable=False),
    Column("created_at_us", BigInteger, nullable=False),
    Column("created_by", LONG_TEXT, nullable=False),
    Column("expires_at_us", BigInteger),
    Column("revoked_at_us", BigInteger),
    sqlite_with_rowid=False,
)

audit = Table(
    "audit",
    metadata,
    Column("audit_pk", ROW_NUMBER, primary_key=True),
    Column("at_us", BigInteger, nullable=False),
    Column("caller", LONG_TEXT, nullable=False),
    Column("address", LONG_TEXT, nullable=False),
    Column("operation", text(_WORD_CHARS_MAX), nullable=False),
    # JSON lists.
    Column("namespaces", LONG_TEXT, nullable=False),
    Column("resources", LONG_TEXT, nullable=False),
    Column("status", Integer, nullable=False),
    Column("request_id", LONG_TEXT, nullable=False),
)
Index("audit_by_age", audit.c.at_us)

heartbeats = Table(
    "heartbeats",
    metadata,
    # A running server that reads from replicas of the database: it knows when it wrote which beat.
    Column("process_id", DIGEST, primary_key=True),
    Column("beat", BigInteger, nullable=False),
    Column("beaten_at_us", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

locks = Table(
    "locks",
    metadata,
    # What MySQL and MariaDB lock for a name (artifactd.storage.engines.mysql): one of a fixed number of rows.
    Column("slot", Integer, primary_key=True, autoincrement=False),
    Column("uses", BigInteger, nullable=False),
    info={"only": "mysql"},
)


def tables_of(engine: str) -> list[Table]:
    """The tables of an engine (`sqlite`, `postgresql`, `mysql`), in the order of their names."""
    return sorted(
        (table for table in metadata.tables.values() if table.info.get("only", engine) == engine),
        key=lambda table: table.name,
    )
