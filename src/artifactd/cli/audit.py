"""`artifactd audit`: reads the notes that a store has of who wrote what."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import click

from artifactd.cli.cells import json_text
from artifactd.cli.characters import printable
from artifactd.cli.direct import database_url_option, in_store
from artifactd.cli.failing import say
from artifactd.cli.moments import EXAMPLES, Moment, moment_of_us, parse_moment, short_time, us_of
from artifactd.cli.tables import Column, Form, lay_out, table_lines
from artifactd.cli.terminal import speak_utf8, terminal_of
from artifactd.model import TIME_US_MAX, TIME_US_MIN, AuditEntry
from artifactd.settings import setting_infos

if TYPE_CHECKING:
    from artifactd.storage.audit import AuditQuery

_DEFAULT_URL: Final = next(info.default for info in setting_infos() if info.name == "database_url")
_AT_ONCE: Final = 10_000
_COLUMNS: Final = (
    Column("at", Form.TIME),
    Column("caller", Form.TEXT),
    Column("operation", Form.WHOLE),
    Column("status", Form.WHOLE),
    Column("namespaces", Form.TEXT),
    Column("resources", Form.TEXT),
    Column("address", Form.TEXT),
    Column("request_id", Form.TEXT),
)


class _MomentType(click.ParamType):  # type: ignore[type-arg]  # No older click's is generic.
    """A time as people write it."""

    name = "time"

    def convert(self, value: Any, param: Any, ctx: Any) -> Moment:
        """The moment."""
        try:
            return parse_moment(str(value), datetime.now(UTC))
        except ValueError as error:
            self.fail(str(error), param, ctx)


@click.command()
@click.option("--since", metavar="TIME", type=_MomentType(), help=f"From then on: {EXAMPLES}.")
@click.option("--until", metavar="TIME", type=_MomentType(), help="Up to then; of a whole day, to its end.")
@click.option("--caller", metavar="NAME", help="Only by this one, as the notes name it.")
@click.option("--namespace", metavar="NAME", help="Only in this namespace.")
@click.option("--operation", metavar="NAME", help="Only this operation, such as create_artifact.")
@click.option("--resource", metavar="TEXT", help="Only of what has this in its id.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object on each line.")
@database_url_option("The store whose notes to read.", default=_DEFAULT_URL)
def audit(
    *,
    since: Moment | None,
    until: Moment | None,
    caller: str | None,
    namespace: str | None,
    operation: str | None,
    resource: str | None,
    as_json: bool,
    database_url: str,
) -> None:
    """Show who wrote what, when, from where and with which answer, the oldest first.

    A server notes each write in its store where authentication is on, or where --audit says so. It also notes writes
    that it refused to a known caller (status 403). What else it refused is in its log.

    \b
    Examples:
      artifactd audit --since 7d --namespace team-a
      artifactd audit --operation create_key --json --database-url postgresql://artifactd@db/artifactd
    """
    from artifactd.storage.audit import AuditQuery

    query = AuditQuery(
        since_us=TIME_US_MIN if since is None else us_of(since.begin),
        until_us=TIME_US_MAX if until is None else us_of(until.end or until.begin),
        caller=caller,
        namespace=namespace,
        operation=operation,
        resource=resource,
    )
    speak_utf8()
    shown = 0
    for chunk in _chunks(database_url, query):
        if as_json:
            click.echo("\n".join(json_text(_as_message(entry)) for entry in chunk))
        else:
            _show(chunk, heading=not shown)
        shown += len(chunk)
    if not shown:
        say("there are no such notes")


def _chunks(url: str, query: AuditQuery) -> Iterator[list[AuditEntry]]:
    """The notes, some at a time, each lot read in a view of its own."""
    behind = -1
    while True:
        found = _read(url, query, behind)
        if found:
            yield [entry for _, entry in found]
        if len(found) < _AT_ONCE:
            return
        behind, last = found[-1]
        query = query._replace(since_us=last.at_us)


def _read(url: str, query: AuditQuery, behind: int) -> list[tuple[int, AuditEntry]]:
    from artifactd.storage.audit import select_entries

    return in_store(url, lambda _, transaction: select_entries(transaction, query, behind, _AT_ONCE), write=False)


def _show(entries: list[AuditEntry], *, heading: bool) -> None:
    terminal = terminal_of(sys.stdout)
    rows = [_row(entry, short=terminal.is_terminal) for entry in entries]
    layout = lay_out(_COLUMNS, rows, terminal.width)
    click.echo("\n".join(table_lines(_COLUMNS, rows, layout, terminal, heading=heading)), color=True)


def _row(entry: AuditEntry, *, short: bool) -> list[str]:
    at = moment_of_us(entry.at_us)
    cells = (
        short_time(at) if short else at,
        entry.caller,
        entry.operation,
        str(entry.status),
        ",".join(entry.namespaces),
        " ".join(entry.resources),
        entry.address,
        entry.request_id,
    )
    return [printable(cell) for cell in cells]


def _as_message(entry: AuditEntry) -> dict[str, Any]:
    fields = entry._asdict()
    return {"at": moment_of_us(fields.pop("at_us"))} | fields
