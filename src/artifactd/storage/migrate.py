"""The schema's version: makes an empty store's tables, refuses a store of another version."""

from __future__ import annotations

from pathlib import Path

import apsw

from artifactd.errors import InvalidArgument, quoted
from artifactd.storage.engines.sqlite_statistics import write_statistics

SCHEMA_VERSION = "0001"
"""The newest revision in `migrations/versions`."""


def ensure_schema(path: Path, connection: apsw.Connection) -> None:
    """Makes the tables of an empty SQLite file; leaves one of this version as it is.

    Alembic is imported only where there is something to make: it takes longer than the rest of a start.

    Raises:
        InvalidArgument: the file holds something else, or a store of another version.
    """
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    if not tables:
        _migrate(path)
        write_statistics(connection)
        return
    if "alembic_version" not in tables:
        raise InvalidArgument(
            f"{quoted(str(path), 4_096)} is a database of another program: give a file of artifactd's own"
        )
    versions = [version for (version,) in connection.execute("SELECT version_num FROM alembic_version")]
    if versions != [SCHEMA_VERSION]:
        found = versions[0] if versions else "none"
        raise InvalidArgument(
            f"{quoted(str(path), 4_096)} has the schema version {found}, and this artifactd needs {SCHEMA_VERSION}: "
            + ("use the artifactd that made it" if found < SCHEMA_VERSION else "use a newer artifactd")
        )


def _migrate(path: Path) -> None:
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import URL

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["url"] = URL.create("sqlite", database=str(path))
    command.upgrade(config, "head")
