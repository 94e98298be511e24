"""How Alembic runs our migrations: on the database that `artifactd.storage.migrate` names."""

from __future__ import annotations

from alembic import context

from artifactd.storage.migrate import MigratedDatabase

database: MigratedDatabase = context.config.attributes["database"]

if context.is_offline_mode():
    context.configure(dialect_name=database.engine, dialect_opts=database.dialect_options)
    with context.begin_transaction():
        context.run_migrations()
else:
    with database.alone() as connection:
        context.configure(connection=connection, transactional_ddl=database.engine != "mysql")
        with context.begin_transaction():
            context.run_migrations()
