"""Migrations of the store that a URL names: what is lacking, its SQL, and running it."""

from __future__ import annotations

from typing import NamedTuple

from artifactd.storage.migrate import Schema, check_version, pending, upgrade_sql
from artifactd.storage.store import StoreOptions, engine_of


class Migration(NamedTuple):
    """One step: its number, and what it does."""

    revision: str
    title: str


class Plan(NamedTuple):
    """What a store is and lacks. `version` is None for an empty one."""

    where: str
    version: str | None
    lacking: list[Migration]


def plan(url: str) -> Plan:
    """What the store of a URL lacks.

    Raises:
        InvalidArgument: it is of another program, of a newer artifactd, or only half copied.
        Unavailable: it cannot be reached.
    """
    schema = schema_of(url)
    found = schema.look()
    check_version(schema.where, found)
    lacking = [Migration(*step) for step in pending(found)]
    return Plan(schema.where, found.versions[0] if found.versions else None, lacking)


def sql(url: str) -> str:
    """The SQL that `migrate` would run. Raises as `plan` does."""
    schema = schema_of(url)
    found = schema.look()
    check_version(schema.where, found)
    return upgrade_sql(schema.migrated(), found)


def migrate(url: str) -> None:
    """Runs what the store lacks. Raises as `plan` does."""
    schema_of(url).upgrade()


def schema_of(url: str) -> Schema:
    """The schema of the store that a URL names. Raises InvalidArgument for a bad URL."""
    match engine_of(url):
        case "sqlite":
            from artifactd.storage.engines.sqlite import sqlite_schema

            return sqlite_schema(url, StoreOptions())
        case "postgresql":
            from artifactd.storage.engines.postgresql import server_schema as postgresql_schema

            return postgresql_schema(url)
        case _:
            from artifactd.storage.engines.mysql import server_schema as mysql_schema

            return mysql_schema(url)
