"""temporary"""

from alembic import op

from artifactd.storage.schema import metadata

revision = "0001"
down_revision = None


def upgrade():
    metadata.create_all(op.get_bind())
