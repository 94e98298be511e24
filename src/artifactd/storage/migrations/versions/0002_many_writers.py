"""What several writers at once need: counts in stripes, heartbeats, and on MySQL rows to lock; zeros with a sign."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# As in `artifactd.storage.types`, frozen.
_DIGEST: Any = sa.LargeBinary(16).with_variant(mysql.VARBINARY(16), "mysql")
_WORD: Any = sa.Text().with_variant(sa.Text(collation="C"), "postgresql").with_variant(mysql.VARCHAR(64), "mysql")
_COPY_COUNTS = "INSERT INTO counts_in_stripes SELECT noun, namespace_id, kind, 0, total FROM counts"
_LOCKS = ", ".join(f"({slot}, 0)" for slot in range(1_024))


def upgrade() -> None:
    """Makes the tables; the counts that there are become the first stripe."""
    dialect = op.get_context().dialect
    engine = dialect.name
    _create_counts_in_stripes()
    op.execute(_COPY_COUNTS.replace("INSERT", "INSERT IGNORE") if engine == "mysql" else _COPY_COUNTS)
    if engine == "mysql":
        op.execute("DROP TABLE IF EXISTS counts_before")
        # One statement, so that there is never a moment without counts.
        op.execute("RENAME TABLE counts TO counts_before, counts_in_stripes TO counts")
        op.drop_table("counts_before")
        _create_locks()
    else:
        op.drop_table("counts")
        op.rename_table("counts_in_stripes", "counts")
    if engine == "postgresql":
        op.execute("ALTER INDEX counts_in_stripes_pkey RENAME TO counts_pkey")
    op.create_table(
        "heartbeats",
        sa.Column("process_id", _DIGEST, nullable=False),
        sa.Column("beat", sa.BigInteger(), nullable=False),
        sa.Column("beaten_at_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("process_id"),
        sqlite_with_rowid=False,
    )
    if getattr(dialect, "is_mariadb", False):
        # As all of this on MariaDB, it may come again after it was cut short.
        op.execute("ALTER TABLE artifacts ADD COLUMN IF NOT EXISTS negative_zero BOOL")
    else:
        op.add_column("artifacts", sa.Column("negative_zero", sa.Boolean(), nullable=True))


def _create_counts_in_stripes() -> None:
    op.create_table(
        "counts_in_stripes",
        sa.Column("noun", _WORD, nullable=False),
        sa.Column("namespace_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", _WORD, nullable=False),
        sa.Column("stripe", sa.Integer(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("noun", "namespace_id", "kind", "stripe"),
        sqlite_with_rowid=False,
    )


def _create_locks() -> None:
    op.create_table(
        "locks",
        sa.Column("slot", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("uses", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("slot"),
    )
    op.execute(f"INSERT IGNORE INTO locks (slot, uses) VALUES {_LOCKS}")  # noqa: S608  # Constants.
