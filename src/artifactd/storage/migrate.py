"""The schema's version: makes an empty store's tables, migrates an older one when told to, refuses any other."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from artifactd.errors import InvalidArgument, quoted

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy import Connection

SCHEMA_VERSION = "0003"
"""The newest revision in `migrations/versions`."""
COPYING = "copying"
"""What the version begins with while `artifactd copy` fills a store: nothing else opens it."""


class MigratedDatabase(NamedTuple):
    """A database as migrations see it.

    `engine` is the dialect's name; `dialect_options` tell it what it would learn by connecting; `alone` gives a
    connection in whose hands the schema stays unchanged by others until it ends.
    """

    engine: str
    dialect_options: dict[str, Any]
    alone: Callable[[], AbstractContextManager[Connection]]


class Found(NamedTuple):
    """What a database holds: the names of its tables, and the versions that it says its schema has."""

    tables: frozenset[str]
    versions: tuple[str, ...]

    @property
    def empty(self) -> bool:
        """Whether there is nothing, or only the beginning of a schema whose making was cut short."""
        return not self.tables or ("alembic_version" in self.tables and not self.versions)


class Schema(Protocol):
    """The schema of one store. `where` names it in messages, without a password."""

    where: str

    def look(self) -> Found:
        """What the database holds. Raises Unavailable where it cannot be reached."""
        ...

    def is_changing(self) -> bool:
        """Whether another process is at its schema now, so that what was found is not what it is to be."""
        ...

    def migrated(self) -> MigratedDatabase:
        """The database as Alembic is given it."""
        ...

    def upgrade(self) -> None:
        """Runs the migrations that are lacking; if another process does so at the same time, waits for that."""
        ...


def ensure_schema(schema: Schema, *, migrate: bool) -> None:
    """Makes the tables of an empty store; migrates an older one only if told to.

    Raises:
        InvalidArgument: it holds something else, or a store of another version.
        Unavailable: it cannot be reached or changed.
    """
    found = schema.look()
    if check_version(schema.where, found):
        return
    if not found.empty and not migrate and not schema.is_changing():
        # Between the two looks another process may have finished.
        found = schema.look()
        if check_version(schema.where, found):
            return
        raise older(schema.where, found)
    schema.upgrade()


def check_version(where: str, found: Found) -> bool:
    """Whether a store has the schema that this program needs; False for an empty one, and for an older one.

    Raises:
        InvalidArgument: it is of another program, of a newer artifactd, or only half copied.
    """
    if found.empty:
        return False
    where = quoted(where, 4_096)
    if "alembic_version" not in found.tables:
        raise InvalidArgument(f"{where} is a database of another program: give one of artifactd's own")
    version = found.versions[0]
    if version.startswith(COPYING):
        raise InvalidArgument(
            f"{where} holds an unfinished copy: run the same `artifactd copy` again to finish it, or remove it"
        )
    if version > SCHEMA_VERSION:
        raise InvalidArgument(
            f"{where} has the schema version {version}, and this artifactd knows none beyond {SCHEMA_VERSION}: "
            "use a newer artifactd"
        )
    return version == SCHEMA_VERSION


def older(where: str, found: Found) -> InvalidArgument:
    """The error for a store of an older schema that is not to be migrated by the way."""
    return InvalidArgument(
        f"{quoted(where, 4_096)} has the schema version {found.versions[0]}, and this artifactd needs "
        f"{SCHEMA_VERSION}: make a backup, stop the servers that use it, and run `artifactd migrate` "
        "(or serve with --migrate)"
    )


def upgrade(database: MigratedDatabase) -> None:
    """Runs the migrations that a store lacks.

    Alembic is imported only now: it takes longer than the rest of a start.
    """
    from alembic import command

    command.upgrade(_config(database), "head")


def pending(found: Found) -> list[tuple[str, str]]:
    """The migrations that a store lacks, oldest first: each one's revision and what it does."""
    from alembic.script import ScriptDirectory

    script = ScriptDirectory(str(SCRIPTS))
    known = found.versions[0] if found.versions else "base"
    lacking = [] if known == SCHEMA_VERSION else list(script.iterate_revisions("head", known))
    return [(item.revision, str(item.doc)) for item in reversed(lacking)]


def upgrade_sql(database: MigratedDatabase, found: Found) -> str:
    """The SQL that `upgrade` would run."""
    from alembic import command

    text = io.StringIO()
    config = _config(database, text)
    command.upgrade(config, f"{found.versions[0] if found.versions else 'base'}:head", sql=True)
    return text.getvalue()


SCRIPTS = Path(__file__).parent / "migrations"
"""Where Alembic finds the migrations."""


def _config(database: MigratedDatabase, output: io.StringIO | None = None) -> Config:
    from alembic.config import Config

    config = Config() if output is None else Config(output_buffer=output)
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes["database"] = database
    return config
