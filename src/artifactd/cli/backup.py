"""`artifactd backup` and `artifactd restore`: a whole store to a file and back, without a server's help."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from artifactd.cli.cells import print_json
from artifactd.cli.characters import printable
from artifactd.cli.failing import say
from artifactd.cli.paging import Progress
from artifactd.settings import setting_infos

if TYPE_CHECKING:
    from artifactd.storage.backup import BackupProgress, StoreContents

_NOUNS: Final = {
    "artifacts": "artifact",
    "artifact_tasks": "link",
    "metrics": "metric",
    "tasks": "task",
    "runs": "run",
}
"""What is counted, and what one of it is called."""
_FILE = click.Path(path_type=Path)


def _with_options(force: str) -> Callable[[Any], Any]:
    """The options of both commands, `--force` with that help."""
    (url,) = (info for info in setting_infos() if info.name == "database_url")
    options = [
        click.option(
            url.flag,
            url.name,
            metavar="URL",
            default=url.default,
            show_default=True,
            envvar=url.variable,
            show_envvar=True,
            help=url.help,
        ),
        click.option("--force", is_flag=True, help=force),
        click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON."),
    ]

    def decorate(command: Any) -> Any:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


@click.command()
@click.argument("file", type=_FILE)
@_with_options("Replace FILE if it exists.")
def backup(file: Path, database_url: str, *, force: bool, as_json: bool) -> None:
    """Write a SQLite store to FILE, as it is at this moment, while a server goes on writing.

    FILE is one self-contained SQLite file. It is checked and on disk before it gets its name: a backup that
    fails or is stopped leaves no FILE, and an older one as it was.

    \b
    Examples:
      artifactd backup --database-url sqlite:////var/lib/artifactd/store.db store-monday.db
      artifactd backup --force store-latest.db
    """
    from artifactd.storage.backup import backup_store

    def work(progress: BackupProgress) -> StoreContents:
        return backup_store(database_url, file, replace=force, progress=progress)

    _run("backed up", file, work, as_json=as_json)


@click.command()
@click.argument("file", type=_FILE)
@_with_options("Replace a store that holds something.")
def restore(file: Path, database_url: str, *, force: bool, as_json: bool) -> None:
    """Make a SQLite store of FILE, which `artifactd backup` wrote.

    FILE is checked first. No server may have the store open. A restore that fails or is stopped leaves the store
    as it was.

    \b
    Examples:
      artifactd restore store-monday.db --database-url sqlite:////var/lib/artifactd/store.db
      artifactd restore store-monday.db --force
    """
    from artifactd.storage.backup import restore_store

    def work(progress: BackupProgress) -> StoreContents:
        return restore_store(file, database_url, replace=force, progress=progress)

    restored = _run("restored", file, work, as_json=as_json)
    if restored.is_older:
        say(
            f"the store has the schema version {restored.schema_version}, which is older than this artifactd's: "
            "run `artifactd migrate` before it is served"
        )


def _run(done: str, file: Path, work: Callable[[BackupProgress], StoreContents], *, as_json: bool) -> StoreContents:
    """Does the work with its progress shown, and prints what came of it."""
    began = time.monotonic()
    progress = Progress()

    def show(doing: str, pages: int, of_pages: int) -> None:
        progress.show(f"{doing}: {pages:,} of {of_pages:,} pages …" if of_pages else f"{doing} …")

    try:
        contents = work(show)
    finally:
        progress.clear()
    seconds = time.monotonic() - began
    counts = {noun: contents.counts.get(noun, 0) for noun in _NOUNS}
    if as_json:
        facts = {"file": str(file), "schema_version": contents.schema_version, "bytes": contents.bytes}
        print_json({**facts, **counts, "seconds": round(seconds, 3)})
    else:
        held = ", ".join(f"{count:,} {_NOUNS[noun]}{'' if count == 1 else 's'}" for noun, count in counts.items())
        way = "to" if done == "backed up" else "from"
        click.echo(f"{done} {held} {way} {printable(str(file))} ({_size(contents.bytes)}) in {seconds:.1f} s")
    sys.stdout.flush()
    return contents


def _size(size_bytes: int) -> str:
    """A size for people, in three digits or so."""
    size, units = float(size_bytes), iter(("KiB", "MiB", "GiB", "TiB"))
    unit = "bytes"
    while size >= 1_000 and (larger := next(units, None)):
        size, unit = size / 1_024, larger
    return f"{size:,.0f} {unit}" if size >= 10 or unit == "bytes" else f"{size:.1f} {unit}"
