"""What every list command shares: its options, and how a list is asked for, shown and commented."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import click

from artifactd.cli.asking import ColumnsType, ConditionType, FilterType, SortType
from artifactd.cli.conditions import filter_of
from artifactd.cli.connection import Connection
from artifactd.cli.failing import say
from artifactd.cli.formats import FORMATS, ListWriter, writer_of
from artifactd.cli.nouns import Listed
from artifactd.cli.paging import Page, Progress, pages
from artifactd.cli.terminal import terminal_of

LIMIT_DEFAULT: Final = 20

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


class ListOptions(NamedTuple):
    """What every list can be asked; `where` holds the predicates of each condition."""

    everything: bool
    page_token: str | None
    columns: Sequence[str] | None
    form: str | None
    as_json: bool
    quiet: bool
    limit: int | None
    where: Sequence[list[dict[str, Any]]] = ()
    raw_filter: Sequence[dict[str, Any]] | None = None
    sort: str | None = None


def list_options(listed: Listed, *, conditions: bool = True) -> Decorator:
    """Gives a command the options that every list has; they arrive together, as `options`.

    Args:
        listed: the noun.
        conditions: whether the list takes conditions and an order.
    """
    options = [*(_conditions(listed) if conditions else ()), *_paging(listed), *_output(listed)]

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(command)
        def with_options(**given: Any) -> Any:
            found = {name: given.pop(name) for name in ListOptions._fields if name in given}
            return command(options=ListOptions(**found), **given)

        wrapped: Callable[..., Any] = with_options
        for option in reversed(options):
            wrapped = option(wrapped)
        return wrapped

    return decorate


def _conditions(listed: Listed) -> list[Decorator]:
    return [
        click.option(
            "--where",
            metavar="CONDITION",
            multiple=True,
            type=ConditionType(listed),
            help="Only what this is true of: KEY OPERATOR VALUE with = != > >= < <= ~ (contains) or in. Give it "
            "several times for conditions that must all hold.",
        ),
        click.option(
            "--filter",
            "raw_filter",
            metavar="JSON",
            type=FilterType(),
            help="A filter as the API takes it; together with --where, both hold.",
        ),
        click.option(
            "--sort",
            metavar="FIELD",
            type=SortType(listed),
            help=f"The order: name, -name or 'name desc'.  [default: {_sort_said(listed)}]",
        ),
    ]


def _paging(listed: Listed) -> list[Decorator]:
    return [
        click.option(
            "--limit",
            metavar="N",
            type=click.IntRange(min=1),
            help=f"How many to show.  [default: {LIMIT_DEFAULT}]",
        ),
        click.option("--all", "everything", is_flag=True, help=f"All {listed.items}, page by page as they come."),
        click.option("--page-token", metavar="TOKEN", help="Go on behind a list that was shown as JSON."),
    ]


def _output(listed: Listed) -> list[Decorator]:
    return [
        click.option(
            "--columns",
            metavar="A,B,…",
            type=ColumnsType(listed),
            help="Which fields a table or CSV shows; dots lead into a field that is an object.",
        ),
        click.option("--format", "form", type=click.Choice(FORMATS), help="How to print it.  [default: table]"),
        click.option("--json", "as_json", is_flag=True, help="As --format json: what the API answers."),
        click.option("-q", "--quiet", is_flag=True, help="Print identifiers only, one on a line."),
    ]


def show_list(
    listed: Listed,
    connection: Connection,
    query: Mapping[str, str | Sequence[str]],
    options: ListOptions,
    path: str | None = None,
) -> None:
    """Asks for a list and prints it.

    Args:
        listed: the noun.
        connection: to the server.
        query: the noun's own parameters.
        options: what every list can be asked.
        path: of the list, if it is not the noun's.
    """
    _refuse_contradictions(options)
    asked = dict(query)
    predicates = [predicate for condition in options.where for predicate in condition] + list(options.raw_filter or ())
    if (filter_text := filter_of(predicates)) is not None:
        asked["filter"] = filter_text
    if options.page_token:
        asked["page_token"] = options.page_token
    # A token carries the order that it was issued for.
    if order := options.sort or ("" if options.page_token else listed.unasked_sort):
        asked[listed.sort_parameter] = order
    form = "json" if options.as_json else options.form or "table"
    writer = writer_of(form, listed, options.columns, terminal_of(sys.stdout), quiet=options.quiet)
    limit = None if options.everything else options.limit or LIMIT_DEFAULT
    found = pages(connection.client(), path or listed.path, listed.items, asked, limit)
    shown, last = _write(writer, found, listed.items)
    _comment(listed, writer, last, shown, selective=bool(predicates or query))


def _write(writer: ListWriter, found: Any, name: str) -> tuple[int, Page]:
    """Writes the pages as they come; gives how many items there were, and the last page."""
    progress = Progress()
    shown = 0
    last = Page([], 0, "")
    try:
        for last in found:
            progress.clear()
            writer.write(last)
            shown += len(last.items)
            if last.more:
                progress.show(f"{shown:,} of {last.total_size:,} {name} …")
    finally:
        progress.clear()
    writer.end(last)
    return shown, last


def _comment(listed: Listed, writer: ListWriter, last: Page, shown: int, *, selective: bool) -> None:
    """Says on standard error what the output leaves open."""
    if writer.dropped:
        say(f"{', '.join(writer.dropped)} not shown: the terminal is too narrow; --columns chooses")
    if not shown:
        say(f"no {listed.items}{' that match' if selective else ''}")
    elif last.next_page_token:
        say(f"{shown:,} of {last.total_size:,} shown; --all shows everything, --limit {max(100, shown * 5)} more")


def _refuse_contradictions(options: ListOptions) -> None:
    given = {
        "--all": options.everything,
        "--limit": options.limit is not None,
        "--columns": options.columns is not None,
        "--json": options.as_json,
        "--format": options.form is not None,
        "--quiet": options.quiet,
    }
    pairs = [("--all", "--limit"), ("--quiet", "--format"), ("--quiet", "--columns"), ("--quiet", "--json")]
    if options.form != "json":
        pairs.append(("--json", "--format"))
    for one, other in pairs:
        if given[one] and given[other]:
            raise click.UsageError(f"{one} and {other} do not go together.")
    if options.columns is not None and (options.as_json or options.form in ("json", "jsonl")):
        raise click.UsageError("--columns is for tables and CSV: JSON is what the API answers, whole.")


def _sort_said(listed: Listed) -> str:
    field, _, direction = listed.unasked_sort.partition(" ")
    return f"-{field}, the newest first" if direction == "desc" else "in the order of first logging"
