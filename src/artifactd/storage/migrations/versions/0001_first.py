"""The first schema."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# As in `artifactd.storage.types`, frozen.
_BINARY64: Any = sa.Double().with_variant(sa.LargeBinary(), "sqlite")
_C_TEXT = sa.Text(collation="C")
_LONG_TEXT: Any = sa.Text().with_variant(_C_TEXT, "postgresql").with_variant(mysql.LONGTEXT(), "mysql")
_BYTES: Any = sa.LargeBinary().with_variant(mysql.LONGBLOB(), "mysql")
_DIGEST: Any = sa.LargeBinary(16).with_variant(mysql.VARBINARY(16), "mysql")
_ROW_NUMBER: Any = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _text(characters_max: int) -> Any:
    return sa.Text().with_variant(_C_TEXT, "postgresql").with_variant(mysql.VARCHAR(characters_max), "mysql")


def upgrade() -> None:
    """Makes every table and index."""
    _create_artifact_tasks()
    _create_artifacts()
    _create_counts()
    _create_idempotency_keys()
    _create_metric_points()
    _create_metrics()
    _create_namespaces()
    _create_runs()
    _create_tasks()


def _create_artifact_tasks() -> None:
    op.create_table(
        "artifact_tasks",
        sa.Column("artifact_task_pk", _ROW_NUMBER, nullable=False),
        sa.Column("id", _DIGEST, nullable=False),
        sa.Column("namespace_id", sa.BigInteger(), nullable=False),
        sa.Column("artifact_id", _DIGEST, nullable=False),
        sa.Column("task_id", _text(128), nullable=False),
        sa.Column("type", _text(64), nullable=False),
        sa.Column("is_output", sa.Boolean(), nullable=False),
        sa.Column("run_id", _text(128), nullable=True),
        sa.Column("key", _text(256), nullable=False),
        sa.Column("iteration", sa.BigInteger(), nullable=False),
        sa.Column("producer_task_name", _LONG_TEXT, nullable=True),
        sa.Column("created_at_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("artifact_task_pk"),
        sa.UniqueConstraint("task_id", "artifact_id", "type", "key", "iteration", name="artifact_tasks_identity"),
    )
    op.create_index(
        "artifact_tasks_by_artifact", "artifact_tasks", ["artifact_id", "is_output", "task_id"], unique=False
    )
    op.create_index("artifact_tasks_by_run", "artifact_tasks", ["run_id"], unique=False)
    op.create_index(
        "artifact_tasks_by_type_artifact_id",
        "artifact_tasks",
        ["namespace_id", "type", "artifact_id", "id"],
        unique=False,
    )
    op.create_index(
        "artifact_tasks_by_type_created_at",
        "artifact_tasks",
        ["namespace_id", "type", "created_at_us", "id"],
        unique=False,
    )
    op.create_index("artifact_tasks_by_type_id", "artifact_tasks", ["namespace_id", "type", "id"], unique=False)
    op.create_index(
        "artifact_tasks_by_type_run_id", "artifact_tasks", ["namespace_id", "type", "run_id", "id"], unique=False
    )
    op.create_index(
        "artifact_tasks_by_type_task_id", "artifact_tasks", ["namespace_id", "type", "task_id", "id"], unique=False
    )


def _create_artifacts() -> None:
    op.create_table(
        "artifacts",
        sa.Column("artifact_pk", _ROW_NUMBER, nullable=False),
        sa.Column("artifact_id", _DIGEST, nullable=False),
        sa.Column("namespace_id", sa.BigInteger(), nullable=False),
        sa.Column("name", _text(256), nullable=False),
        sa.Column("type", _text(64), nullable=False),
        sa.Column("uri", _LONG_TEXT, nullable=True),
        sa.Column("description", _LONG_TEXT, nullable=True),
        sa.Column("number_value", _BINARY64, nullable=True),
        sa.Column("metadata", _LONG_TEXT, nullable=True),
        sa.Column("created_at_us", sa.BigInteger(), nullable=False),
        sa.Column("updated_at_us", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("contents_digest", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("artifact_pk"),
    )
    op.create_index("artifacts_by_contents", "artifacts", ["contents_digest"], unique=False)
    op.create_index(
        "artifacts_by_created_at", "artifacts", ["namespace_id", "created_at_us", "artifact_id"], unique=False
    )
    op.create_index("artifacts_by_id", "artifacts", ["artifact_id"], unique=True)
    op.create_index("artifacts_by_name", "artifacts", ["namespace_id", "name", "artifact_id"], unique=False)
    op.create_index(
        "artifacts_by_number_value", "artifacts", ["namespace_id", "number_value", "artifact_id"], unique=False
    )
    op.create_index("artifacts_by_type", "artifacts", ["namespace_id", "type", "artifact_id"], unique=False)
    op.create_index(
        "artifacts_by_updated_at", "artifacts", ["namespace_id", "updated_at_us", "artifact_id"], unique=False
    )
    op.create_index("artifacts_in_namespace", "artifacts", ["namespace_id", "artifact_id"], unique=False)


def _create_counts() -> None:
    op.create_table(
        "counts",
        sa.Column("noun", _text(64), nullable=False),
        sa.Column("namespace_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", _text(64), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("noun", "namespace_id", "kind"),
        sqlite_with_rowid=False,
    )


def _create_idempotency_keys() -> None:
    op.create_table(
        "idempotency_keys",
        sa.Column("scope", _DIGEST, nullable=False),
        sa.Column("created_at_us", sa.BigInteger(), nullable=False),
        sa.Column("body_digest", _DIGEST, nullable=False),
        sa.Column("answer", _BYTES, nullable=False),
        sa.Column("etag", _LONG_TEXT, nullable=True),
        sa.Column("namespaces", _LONG_TEXT, nullable=False),
        sa.PrimaryKeyConstraint("scope"),
        sqlite_with_rowid=False,
    )
    op.create_index("idempotency_keys_by_age", "idempotency_keys", ["created_at_us"], unique=False)


def _create_metric_points() -> None:
    op.create_table(
        "metric_points",
        sa.Column("metric_pk", sa.BigInteger(), nullable=False),
        sa.Column("created_at_us", sa.BigInteger(), nullable=False),
        sa.Column("arrival", sa.BigInteger(), nullable=False),
        sa.Column("step", sa.BigInteger(), nullable=False),
        sa.Column("flags", sa.SmallInteger(), nullable=False),
        sa.Column("value", _BINARY64, nullable=True),
        sa.Column("value_json", _LONG_TEXT, nullable=True),
        sa.PrimaryKeyConstraint("metric_pk", "created_at_us", "arrival"),
        sqlite_with_rowid=False,
    )


def _create_metrics() -> None:
    op.create_table(
        "metrics",
        sa.Column("metric_pk", _ROW_NUMBER, nullable=False),
        sa.Column("namespace_id", sa.BigInteger(), nullable=False),
        sa.Column("run_id", _text(128), nullable=True),
        sa.Column("task_id", _text(128), nullable=False),
        sa.Column("name", _text(256), nullable=False),
        sa.Column("schema", _text(64), nullable=False),
        sa.Column("type", _text(64), nullable=False),
        sa.Column("value_class", sa.SmallInteger(), nullable=False),
        sa.Column("value", _BINARY64, nullable=True),
        sa.Column("value_json", _LONG_TEXT, nullable=True),
        sa.Column("step", sa.BigInteger(), nullable=False),
        sa.Column("step_given", sa.Boolean(), nullable=False),
        sa.Column("created_at_us", sa.BigInteger(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("metric_pk"),
        sa.UniqueConstraint("task_id", "name", name="metrics_identity"),
    )
    op.create_index(
        "metrics_by_created_at", "metrics", ["namespace_id", "created_at_us", "task_id", "name"], unique=False
    )
    op.create_index("metrics_by_name", "metrics", ["namespace_id", "name", "task_id"], unique=False)
    op.create_index("metrics_by_run", "metrics", ["run_id", "metric_pk"], unique=False)
    op.create_index("metrics_by_run_id", "metrics", ["namespace_id", "run_id", "task_id", "name"], unique=False)
    op.create_index("metrics_by_schema", "metrics", ["namespace_id", "schema", "task_id", "name"], unique=False)
    op.create_index("metrics_by_task_id", "metrics", ["namespace_id", "task_id", "name"], unique=False)
    op.create_index("metrics_by_type", "metrics", ["namespace_id", "type", "task_id", "name"], unique=False)
    op.create_index(
        "metrics_by_value", "metrics", ["namespace_id", "value_class", "value", "task_id", "name"], unique=False
    )
    op.create_index("metrics_in_namespace", "metrics", ["namespace_id", "metric_pk"], unique=False)


def _create_namespaces() -> None:
    op.create_table(
        "namespaces",
        sa.Column("namespace_id", _ROW_NUMBER, nullable=False),
        sa.Column("namespace", _text(63), nullable=False),
        sa.PrimaryKeyConstraint("namespace_id"),
        sa.UniqueConstraint("namespace"),
    )


def _create_runs() -> None:
    op.create_table(
        "runs",
        sa.Column("run_pk", _ROW_NUMBER, nullable=False),
        sa.Column("run_id", _text(128), nullable=False),
        sa.Column("namespace_id", sa.BigInteger(), nullable=False),
        sa.Column("display_name", _text(256), nullable=True),
        sa.Column("pipeline_name", _LONG_TEXT, nullable=True),
        sa.Column("experiment_id", _text(256), nullable=True),
        sa.Column("description", _LONG_TEXT, nullable=True),
        sa.Column("state", _text(64), nullable=True),
        sa.Column("storage_state", _LONG_TEXT, nullable=False),
        sa.Column("created_at_us", sa.BigInteger(), nullable=False),
        sa.Column("scheduled_at_us", sa.BigInteger(), nullable=True),
        sa.Column("finished_at_us", sa.BigInteger(), nullable=True),
        sa.Column("updated_at_us", sa.BigInteger(), nullable=False),
        sa.Column("error", _LONG_TEXT, nullable=True),
        sa.Column("pipeline_spec", _LONG_TEXT, nullable=True),
        sa.Column("pipeline_version_reference", _LONG_TEXT, nullable=True),
        sa.Column("runtime_config", _LONG_TEXT, nullable=True),
        sa.Column("labels", _LONG_TEXT, nullable=True),
        sa.Column("state_history", _LONG_TEXT, nullable=True),
        sa.PrimaryKeyConstraint("run_pk"),
    )
    op.create_index("runs_by_id", "runs", ["run_id"], unique=True)
    op.create_index("runs_by_namespace_created_at", "runs", ["namespace_id", "created_at_us", "run_id"], unique=False)
    op.create_index("runs_by_namespace_display_name", "runs", ["namespace_id", "display_name", "run_id"], unique=False)
    op.create_index(
        "runs_by_namespace_experiment_id", "runs", ["namespace_id", "experiment_id", "run_id"], unique=False
    )
    op.create_index("runs_by_namespace_run_id", "runs", ["namespace_id", "run_id"], unique=False)
    op.create_index("runs_by_namespace_updated_at", "runs", ["namespace_id", "updated_at_us", "run_id"], unique=False)


def _create_tasks() -> None:
    op.create_table(
        "tasks",
        sa.Column("task_pk", _ROW_NUMBER, nullable=False),
        sa.Column("task_id", _text(128), nullable=False),
        sa.Column("namespace_id", sa.BigInteger(), nullable=False),
        sa.Column("run_id", _text(128), nullable=True),
        sa.Column("name", _text(256), nullable=True),
        sa.Column("display_name", _text(256), nullable=True),
        sa.Column("state", _text(64), nullable=False),
        sa.Column("parent_task_id", _text(128), nullable=True),
        sa.Column("pod_name", _LONG_TEXT, nullable=True),
        sa.Column("execution_id", _LONG_TEXT, nullable=True),
        sa.Column("create_time_us", sa.BigInteger(), nullable=False),
        sa.Column("start_time_us", sa.BigInteger(), nullable=True),
        sa.Column("end_time_us", sa.BigInteger(), nullable=True),
        sa.Column("updated_at_us", sa.BigInteger(), nullable=False),
        sa.Column("executor_detail", _LONG_TEXT, nullable=True),
        sa.Column("error", _LONG_TEXT, nullable=True),
        sa.Column("input_parameters", _LONG_TEXT, nullable=True),
        sa.Column("output_parameters", _LONG_TEXT, nullable=True),
        sa.Column("labels", _LONG_TEXT, nullable=True),
        sa.Column("state_history", _LONG_TEXT, nullable=True),
        sa.Column("stub", sa.Boolean(), nullable=False),
        sa.Column("request_digest", _DIGEST, nullable=True),
        sa.PrimaryKeyConstraint("task_pk"),
    )
    op.create_index("tasks_by_id", "tasks", ["task_id"], unique=True)
    op.create_index(
        "tasks_by_namespace_create_time", "tasks", ["namespace_id", "create_time_us", "task_id"], unique=False
    )
    op.create_index(
        "tasks_by_namespace_display_name", "tasks", ["namespace_id", "display_name", "task_id"], unique=False
    )
    op.create_index("tasks_by_namespace_end_time", "tasks", ["namespace_id", "end_time_us", "task_id"], unique=False)
    op.create_index("tasks_by_namespace_name", "tasks", ["namespace_id", "name", "task_id"], unique=False)
    op.create_index("tasks_by_namespace_run_id", "tasks", ["namespace_id", "run_id", "task_id"], unique=False)
    op.create_index(
        "tasks_by_namespace_start_time", "tasks", ["namespace_id", "start_time_us", "task_id"], unique=False
    )
    op.create_index("tasks_by_namespace_state", "tasks", ["namespace_id", "state", "task_id"], unique=False)
    op.create_index("tasks_by_namespace_task_id", "tasks", ["namespace_id", "task_id"], unique=False)
    op.create_index(
        "tasks_by_namespace_updated_at", "tasks", ["namespace_id", "updated_at_us", "task_id"], unique=False
    )
    op.create_index("tasks_by_parent", "tasks", ["parent_task_id", "create_time_us", "task_id"], unique=False)
    op.create_index("tasks_by_run", "tasks", ["run_id", "create_time_us", "task_id"], unique=False)
