"""Backups: the whole store as one file, taken while it is served, and a store made of such a file again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, NoReturn
from urllib.parse import urlsplit

from artifactd.errors import InvalidArgument, quoted

BackupProgress = Callable[[str, int, int], None]
"""Is told what is done (`copying`, `checking`), how many pages are, and of how many; zeros where that is unknown."""

_OTHER_TOOLS = {
    "postgresql": "PostgreSQL's pg_basebackup or pg_dump",
    "mariadb": "mariadb-backup or mariadb-dump",
    "mysql": "mysqldump or a snapshot of the server's disk",
}


class StoreContents(NamedTuple):
    """What a store holds.

    `counts` has the number of items of each noun, by the name of its table; `bytes` is the size of the file.
    `is_older` says that the schema's version is older than the one that this artifactd serves.
    """

    schema_version: str
    is_older: bool
    counts: dict[str, int]
    bytes: int


def backup_store(url: str, file: Path, *, replace: bool, progress: BackupProgress) -> StoreContents:
    """Writes a store as it is at one moment to a single file; a server may go on writing to it meanwhile.

    The file appears under its name whole, checked and on disk, or not at all.

    Args:
        url: the store's, `sqlite:///PATH`.
        file: where to write.
        replace: whether a file that exists is replaced.
        progress: is called after each piece of work; what it raises ends the backup.

    Raises:
        InvalidArgument: the URL names an engine that has tools of its own, or no store of ours; the store is
            damaged; or the file cannot be one.
        NotFound: there is no such store.
        AlreadyExists: the file exists, or is in use as a database.
        Unavailable: the store cannot be read, or the file not be written.
    """
    _refuse_other_engines(url, "backup")
    from artifactd.storage.engines.sqlite_backup import backup_sqlite

    return backup_sqlite(url, file, replace=replace, progress=progress)


def restore_store(file: Path, url: str, *, replace: bool, progress: BackupProgress) -> StoreContents:
    """Makes a store of a file that `backup_store` wrote, in one transaction: a restore that fails changes nothing.

    Args:
        file: the backup.
        url: the store's, `sqlite:///PATH`.
        replace: whether a store that holds something is replaced.
        progress: is called after each piece of work; what it raises ends the restore.

    Raises:
        InvalidArgument: the URL names an engine that has tools of its own; or the file is not a backup, is damaged, or
            is of a newer artifactd.
        NotFound: there is no such file.
        AlreadyExists: the store holds something.
        Aborted: another program has the store open.
        Unavailable: the file cannot be read, or the store not be written.
    """
    _refuse_other_engines(url, "restore")
    from artifactd.storage.engines.sqlite_backup import restore_sqlite

    return restore_sqlite(file, url, replace=replace, progress=progress)


def _refuse_other_engines(url: str, verb: str) -> None:
    engine = urlsplit(url).scheme.partition("+")[0]
    if engine in _OTHER_TOOLS:
        _refuse_server(engine, verb)
    if engine != "sqlite":
        raise InvalidArgument(
            f"database-url names the engine {quoted(engine)}: `artifactd {verb}` takes sqlite:///PATH"
        )


def _refuse_server(engine: str, verb: str) -> NoReturn:
    raise InvalidArgument(
        f"`artifactd {verb}` is for SQLite. For a store on a database server use {_OTHER_TOOLS[engine]}, "
        "or `artifactd copy`, which moves a store to another database"
    )
