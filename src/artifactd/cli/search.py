"""`artifactd search` and `artifactd namespace`: what there is, before one knows where to look."""

from __future__ import annotations

import sys
from typing import Any

import click

from artifactd.cli.cells import print_json
from artifactd.cli.connection import Connection, connected
from artifactd.cli.failing import say
from artifactd.cli.formats import TableWriter
from artifactd.cli.lists import ListOptions, list_options, show_list
from artifactd.cli.nouns import API, ARTIFACT, NAMESPACE, RUN, TASK
from artifactd.cli.paging import Page
from artifactd.cli.terminal import terminal_of
from artifactd.listing import PAGE_SIZE_MAX

_LIMIT_DEFAULT = 10


@click.command()
@click.argument("text")
@click.option(
    "--limit",
    metavar="N",
    type=click.IntRange(1, PAGE_SIZE_MAX),
    default=_LIMIT_DEFAULT,
    show_default=True,
    help="How many artifacts, runs and tasks to show at the most, of each.",
)
@click.option("--json", "as_json", is_flag=True, help="Print what the API answers.")
@connected(namespace=True)
def search(connection: Connection, text: str, limit: int, *, as_json: bool) -> None:
    """Find artifacts, runs and tasks whose name or id begins with TEXT.

    Upper and lower case differ, and an artifact's id has to be whole. What is in the midst of a name is found by
    `--where 'name~TEXT'` of `artifact list`, `run list` and `task list`.

    \b
    Examples:
      artifactd search iris
      artifactd search nightly- --limit 50 --json | jq -r '.runs[].run_id'
    """
    if not text:
        raise click.BadParameter("is empty: give what a name or an id begins with.", param_hint="TEXT")
    asked = {"query": text, "page_size": str(limit), **connection.in_namespace()}
    found = connection.client().get(f"{API}/search", asked)
    if as_json:
        print_json(found)
        return
    of_nouns = [(listed, items) for listed in (ARTIFACT, RUN, TASK) if (items := _items(found, listed.items))]
    terminal = terminal_of(sys.stdout)
    for place, (listed, items) in enumerate(of_nouns):
        click.echo(("\n" if place else "") + listed.items)
        TableWriter(listed, listed.columns, terminal).write(Page(items, len(items), ""))
    if cut := [listed.items for listed, items in of_nouns if len(items) == limit]:
        more = (
            f"--limit {min(PAGE_SIZE_MAX, limit * 5)} shows more" if limit < PAGE_SIZE_MAX else "give more of the name"
        )
        say(f"there may be more {', '.join(cut)}; {more}")
    if not of_nouns:
        say(f"no artifact, run or task has a name or an id that begins with {text!r}")


@click.group()
def namespace() -> None:
    """List namespaces.

    \b
    Example:
      artifactd namespace list
    """


@namespace.command("list")
@list_options(NAMESPACE, conditions=False)
@connected(namespace=False)
def list_namespaces(connection: Connection, options: ListOptions) -> None:
    """List the namespaces that you may look into, and how much each holds.

    The one without a name holds what is in none in particular.

    \b
    Examples:
      artifactd namespace list
      artifactd namespace list --all --format csv
    """
    show_list(NAMESPACE, connection, {}, options)


def _items(found: Any, name: str) -> list[dict[str, Any]]:
    items = found.get(name) if isinstance(found, dict) else None
    return [each for each in items if isinstance(each, dict)] if isinstance(items, list) else []
