"""`artifactd run …`: list and show runs of pipelines."""

from __future__ import annotations

import sys
from typing import Any
from urllib.parse import quote

import click

from artifactd.cli.cards import card
from artifactd.cli.cells import print_json
from artifactd.cli.connection import Connection, connected
from artifactd.cli.failing import advised
from artifactd.cli.formats import TableWriter
from artifactd.cli.lists import ListOptions, list_options, show_list
from artifactd.cli.nouns import RUN, TASK
from artifactd.cli.paging import Page
from artifactd.cli.terminal import terminal_of
from artifactd.errors import NotFound

_HIDDEN = ("duration", "pipeline_spec", "state_history", "run_details")
_TASK_COLUMNS = ("task_id", "display_name", "state", "duration?")


@click.group()
def run() -> None:
    """List and show runs of pipelines.

    \b
    Examples:
      artifactd run list --where 'created_at>7d'
      artifactd run get run-1
    """


@run.command("list")
@click.option("--experiment", "experiment_id", metavar="ID", help="Of this experiment.")
@list_options(RUN)
@connected(namespace=True)
def list_runs(connection: Connection, experiment_id: str | None, options: ListOptions) -> None:
    """List runs, the newest first.

    \b
    Examples:
      artifactd run list --where state=FAILED --where 'created_at>7d'
      artifactd run list --where 'display_name~nightly' -q
    """
    query = {} if experiment_id is None else {"experiment_id": experiment_id}
    show_list(RUN, connection, {**connection.in_namespace(), **query}, options)


@run.command()
@click.argument("run_id")
@click.option("--json", "as_json", is_flag=True, help="Print what the API answers.")
@connected(namespace=False)
def get(connection: Connection, run_id: str, *, as_json: bool) -> None:
    """Show one run and its tasks.

    \b
    Examples:
      artifactd run get run-1
      artifactd run get run-1 --json | jq .runtime_config.parameters
    """
    with advised(NotFound, "Find it with: artifactd run list --where 'display_name~PART OF ITS NAME'"):
        found = connection.client().get(f"{RUN.path}/{quote(run_id, safe='')}")
    if as_json:
        print_json(found)
        return
    terminal = terminal_of(sys.stdout)
    click.echo("\n".join(card(found, [name for name in RUN.fields if name not in _HIDDEN], terminal)), color=True)
    if tasks := _tasks(found):
        click.echo()
        TableWriter(TASK, _TASK_COLUMNS, terminal).write(Page(tasks, len(tasks), ""))


def _tasks(found: dict[str, Any]) -> list[dict[str, Any]]:
    details = found.get("run_details")
    tasks = details.get("task_details") if isinstance(details, dict) else None
    return [each for each in tasks if isinstance(each, dict)] if isinstance(tasks, list) else []
