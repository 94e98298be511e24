"""Who may do what: API keys, and notes of what was written by whom."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# As in `artifactd.storage.types`, frozen.
_ROW_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_LONG_TEXT: Any = sa.Text().with_variant(sa.Text(collation="C"), "postgresql").with_variant(mysql.LONGTEXT(), "mysql")
_BYTES: Any = sa.LargeBinary().with_variant(mysql.LONGBLOB(), "mysql")


def _text(characters_max: int) -> Any:
    mysql_text = mysql.VARCHAR(characters_max)
    return sa.Text().with_variant(sa.Text(collation="C"), "postgresql").with_variant(mysql_text, "mysql")


def upgrade() -> None:
    """Makes the two tables."""
    op.create_table(
        "api_keys",
        sa.Column("key_id", _text(64), nullable=False),
        sa.Column("name", _text(256), nullable=False),
        sa.Column("role", _text(64), nullable=False),
        sa.Column("namespaces", _LONG_TEXT, nullable=False),
        sa.Column("digest", _BYTES, nullable=False),
        sa.Column("created_at_us", sa.BigInteger(), nullable=False),
        sa.Column("created_by", _LONG_TEXT, nullable=False),
        sa.Column("expires_at_us", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at_us", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("key_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "audit",
        sa.Column("audit_pk", _ROW_NUMBER, nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.Column("caller", _LONG_TEXT, nullable=False),
        sa.Column("address", _LONG_TEXT, nullable=False),
        sa.Column("operation", _text(64), nullable=False),
        sa.Column("namespaces", _LONG_TEXT, nullable=False),
        sa.Column("resources", _LONG_TEXT, nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("request_id", _LONG_TEXT, nullable=False),
        sa.PrimaryKeyConstraint("audit_pk"),
    )
    op.create_index("audit_by_age", "audit", ["at_us"])
