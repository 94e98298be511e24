"""Looking into a database beside the store: its tables, columns and indexes, and the first version of ours."""

from __future__ import annotations

from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, NullPool, create_engine, inspect, text

from artifactd.storage import migrate, schema
from artifactd.storage.engines import mysql  # noqa: F401  # How it makes tables.
from artifactd.storage.migrating import schema_of
from artifactd.storage.store import engine_of

_DRIVERS = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql"}


def _engine(url: str) -> Engine:
    scheme, _, rest = url.partition("://")
    del scheme
    return create_engine(f"{_DRIVERS[engine_of(url)]}://{rest}", poolclass=NullPool)


def rows_of(url: str, sql: str) -> list[Any]:
    """What a query gives."""
    with _engine(url).connect() as connection:
        return [tuple(row) for row in connection.execute(text(sql))]


def run(url: str, sql: str) -> None:
    """Runs a statement."""
    with _engine(url).begin() as connection:
        connection.execute(text(sql))


def create_declared(url: str) -> None:
    """Makes the tables as the code declares them, without any migration."""
    engine = _engine(url)
    schema.metadata.create_all(engine, tables=schema.tables_of(engine_of(url)))


def make_first_version(url: str) -> None:
    """Makes a store as version 0001 left it, with an artifact in it."""
    config = Config()
    config.set_main_option("script_location", str(migrate.SCRIPTS))
    access = schema_of(url) if engine_of(url) != "sqlite" else _touched(url)
    config.attributes["database"] = access.migrated()
    command.upgrade(config, "0001")
    run(url, "INSERT INTO namespaces (namespace_id, namespace) VALUES (1, '')")
    run(url, "INSERT INTO counts (noun, namespace_id, kind, total) VALUES ('artifacts', 1, '', 1)")
    run(
        url,
        "INSERT INTO artifacts (artifact_id, namespace_id, name, type, created_at_us, updated_at_us, version, "
        f"contents_digest) VALUES ({_ID[engine_of(url)]}, 1, 'old', 'Model', 1, 1, 1, 1)",
    )
    if engine_of(url) == "postgresql":
        run(url, "SELECT setval('namespaces_namespace_id_seq', 1)")


_ID = {
    "sqlite": "x'000102030405060708090a0b0c0d0e0f'",
    "mysql": "x'000102030405060708090a0b0c0d0e0f'",
    "postgresql": r"'\\x000102030405060708090a0b0c0d0e0f'",
}


def _touched(url: str) -> Any:
    _engine(url).connect().close()
    open(url.removeprefix("sqlite:///"), "ab").close()  # noqa: PTH123  # A file without a table.
    return schema_of(url)


def catalog_of(url: str) -> list[str]:
    """A line for each column and each index of a database, but for Alembic's own."""
    inspector = inspect(_engine(url))
    lines: list[str] = []
    for table in inspector.get_table_names():
        if table == "alembic_version":
            continue
        key = inspector.get_pk_constraint(table)["constrained_columns"]
        lines.append(f"{table} key {key}")
        for column in inspector.get_columns(table):
            type_ = column["type"]
            collation = getattr(type_, "collation", None)
            lines.append(f"{table}.{column['name']} {type_!r} {collation} null={column['nullable']}")
        for index in inspector.get_indexes(table):
            lines.append(f"{table} index {index['name']} {index['column_names']} {index['unique']}")  # noqa: PERF401
        lines += [f"{table} unique {item['column_names']}" for item in inspector.get_unique_constraints(table)]
        lines.append(f"{table} {sorted(map(str, inspector.get_table_options(table).items()))}")
    return sorted(lines)
