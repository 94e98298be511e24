"""`artifactd copy`: moves a store to another database, and checks that it arrived."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Self

import click

from artifactd.cli.cells import print_json
from artifactd.cli.characters import printable
from artifactd.cli.failing import advised, say
from artifactd.cli.paging import Progress as ProgressLine
from artifactd.cli.terminal import terminal_of
from artifactd.errors import Unavailable

if TYPE_CHECKING:
    from artifactd.storage.copying import Copied, Progress

_SECONDS_BETWEEN_LINES = 0.1
_GO_ON = "Run the same command again: it goes on where it stopped"
_DOING = {"copying": "copying", "reading": "reading", "checking": "checking", "indexing": "making the indexes of"}


@click.command()
@click.option(
    "--from",
    "source",
    required=True,
    metavar="URL",
    envvar="ARTIFACTD_COPY_FROM",
    show_envvar=True,
    help="The store to copy: a --database-url of serve. It is only read.",
)
@click.option(
    "--to",
    "target",
    required=True,
    metavar="URL",
    envvar="ARTIFACTD_COPY_TO",
    show_envvar=True,
    help="Where to: an empty database, a file that is not there, or an unfinished copy of the same store.",
)
@click.option("--verify-only", is_flag=True, help="Copy nothing: only compare two stores.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
def copy(*, source: str, target: str, verify_only: bool, as_json: bool) -> None:
    """Move a store to another database, from and to any engine, and check that all of it arrived.

    Stop the servers that use either first. No server takes the copy before it is whole: at the end the rows of each
    table are counted and compared on both sides. Run again after an interruption, it goes on where it stopped.

    \b
    Examples:
      artifactd copy --from sqlite:///artifactd.db --to postgresql://artifactd@db/artifactd
      artifactd copy --from postgresql://artifactd@db/artifactd --to sqlite:////var/backups/store.db
      artifactd copy --verify-only --from sqlite:///artifactd.db --to mysql://artifactd@db/artifactd
    """
    from artifactd.storage import copying

    began = time.monotonic()
    with _telling_how_to_go_on(verify_only=verify_only), _Shown() as shown:
        done = (copying.verify if verify_only else copying.copy)(source, target, shown.show)
    seconds = time.monotonic() - began
    if as_json:
        print_json(_as_json(done, seconds))
        return
    width = max(len(f"{table.rows:,}") for table in done.tables)
    for table in done.tables:
        click.echo(f"{table.name:<17} {table.rows:>{width},}  {table.digest}")
    way = "compared {} and {}" if verify_only else "copied {} to {}"
    click.echo(way.format(printable(done.source), printable(done.target)), nl=False)
    click.echo(f": {sum(table.rows for table in done.tables):,} rows in {seconds:.1f} s, the same on both sides")


def _as_json(done: Copied, seconds: float) -> dict[str, Any]:
    tables = [
        {"table": table.name, "rows": table.rows, "written": table.written, "digest": table.digest}
        for table in done.tables
    ]
    return {
        "from": done.source,
        "to": done.target,
        "resumed": done.resumed,
        "rows": sum(table.rows for table in done.tables),
        "written": sum(table.written for table in done.tables),
        "seconds": round(seconds, 3),
        "tables": tables,
    }


@contextmanager
def _telling_how_to_go_on(*, verify_only: bool) -> Iterator[None]:
    if verify_only:
        yield
        return
    try:
        with advised(Unavailable, f"{_GO_ON}."):
            yield
    except KeyboardInterrupt:
        say(f"stopped. {_GO_ON}.")
        raise


class _Shown:
    """Shows progress on standard error: a line that changes at a terminal, else a line for each table that has rows."""

    def __init__(self) -> None:
        self._at_terminal = terminal_of(sys.stderr).is_terminal
        self._line = ProgressLine()
        self._step = ""
        self._began = self._told = time.monotonic()
        self._done_at_begin = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._line.clear()

    def show(self, progress: Progress) -> None:
        """Shows how far a step has come."""
        now = time.monotonic()
        if progress.step != self._step:
            self._step, self._began, self._done_at_begin = progress.step, now, progress.done
        if not self._at_terminal and progress.ended and (progress.rows or not progress.counts_rows):
            say(_told(progress))
        elif self._at_terminal and now - self._told >= _SECONDS_BETWEEN_LINES:
            self._told = now
            self._line.show(f"{_told(progress)}{self._rate(progress, now)}")

    def _rate(self, progress: Progress, now: float) -> str:
        if not progress.counts_rows:
            return " …"
        rate = (progress.done - self._done_at_begin) / max(now - self._began, 0.001)
        return f", {progress.done:,} of {progress.total:,} in all, {rate:,.0f} rows/s"


def _told(progress: Progress) -> str:
    percent = 100 * progress.done // max(progress.total, 1)
    rows = f": {progress.rows:,} rows" if progress.counts_rows else ""
    return f"{percent:>3} % {_DOING[progress.step]} {progress.table}{rows}"
