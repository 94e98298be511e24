"""How Alembic runs our migrations: on the store that `artifactd.storage.migrate` names."""

from __future__ import annotations

from typing import Any

from alembic import context
from sqlalchemy import Connection, create_engine, event

engine = create_engine(context.config.attributes["url"])


@event.listens_for(engine, "connect")
def _no_implicit_transactions(connection: Any, _: Any) -> None:
    # Python's driver would commit each CREATE TABLE by itself.
    connection.isolation_level = None


@event.listens_for(engine, "begin")
def _begin(connection: Connection) -> None:
    # Two servers that start at once on an empty file: the second waits, and finds the work done.
    connection.exec_driver_sql("BEGIN IMMEDIATE")


with engine.begin() as connection:
    context.configure(connection=connection, transactional_ddl=True)
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
