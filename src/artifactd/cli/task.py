"""`artifactd task …`: list and show the tasks of runs."""

from __future__ import annotations

import sys
from typing import Any
from urllib.parse import quote

import click

from artifactd.cli.cards import card
from artifactd.cli.cells import print_json
from artifactd.cli.connection import Connection, connected
from artifactd.cli.failing import advised
from artifactd.cli.graph import Graph, duration
from artifactd.cli.lists import ListOptions, list_options, show_list
from artifactd.cli.nouns import API, METRIC, TASK
from artifactd.cli.rendering import metrics_table
from artifactd.cli.terminal import terminal_of
from artifactd.errors import NotFound
from artifactd.listing import PAGE_SIZE_MAX

_HIDDEN = ("inputs", "outputs", "state_history", "child_tasks")


@click.group()
def task() -> None:
    """List and show tasks: the steps of runs.

    \b
    Examples:
      artifactd task list --run run-1
      artifactd task list --where state=FAILED --where 'create_time>1d'
    """


@task.command("list")
@click.option("--run", "run_id", metavar="ID", help="Of this run, in the order in which they were made.")
@click.option("--parent", "parent_id", metavar="ID", help="Part of this task.")
@list_options(TASK)
@connected(namespace=True)
def list_tasks(connection: Connection, run_id: str | None, parent_id: str | None, options: ListOptions) -> None:
    """List tasks, the newest first; those of one run from the first.

    \b
    Examples:
      artifactd task list --run run-1
      artifactd task list --where state=FAILED --where 'end_time>1d' --sort -end_time
    """
    given = {"run_id": run_id, "parent_id": parent_id}
    query = {name: each for name, each in given.items() if each is not None}
    if query and options.sort is None and not options.page_token:
        options = options._replace(sort="create_time asc")
    show_list(TASK, connection, {**connection.in_namespace(), **query}, options)


@task.command()
@click.argument("task_id")
@click.option("--json", "as_json", is_flag=True, help="Print what the API answers.")
@connected(namespace=False)
def get(connection: Connection, task_id: str, *, as_json: bool) -> None:
    """Show one task: its state, what it read and made, and its metrics.

    \b
    Examples:
      artifactd task get train-1
      artifactd task get train-1 --json | jq .output_parameters
    """
    client = connection.client()
    with advised(NotFound, "Find it with: artifactd task list --where 'display_name~PART OF ITS NAME'"):
        found = client.get(f"{TASK.path}/{quote(task_id, safe='')}")
    if as_json:
        print_json(found)
        return
    terminal = terminal_of(sys.stdout)
    lines = card(found | {"duration": duration(found)}, [name for name in TASK.fields if name not in _HIDDEN], terminal)
    lineage = client.get(f"{API}/lineage", {"task_id": task_id, "max_depth": "1"})
    for heading, upstream in (("read", True), ("made", False)):
        lines += _artifacts(lineage, task_id, terminal.heading(heading), upstream=upstream)
    query = {"task_ids": task_id, "page_size": str(PAGE_SIZE_MAX)}
    metrics = client.get(METRIC.path, query).get("metrics")
    if isinstance(metrics, list) and metrics:
        lines += ["", metrics_table(metrics)]
    click.echo("\n".join(lines), color=True)


def _artifacts(lineage: dict[str, Any], task_id: str, heading: str, *, upstream: bool) -> list[str]:
    graph = Graph.of(lineage)
    ends = graph.onward(("task", task_id), upstream=upstream)
    lines = [f"  {graph.label(artifact, key, full_ids=True)}" for artifact, key in ends]
    return [heading, *lines] if lines else []
