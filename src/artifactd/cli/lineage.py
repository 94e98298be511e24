"""`artifactd lineage`: what was made of what, as a tree, a drawing or JSON."""

from __future__ import annotations

import sys
from typing import Any, Final

import click

from artifactd.cli.cells import print_json
from artifactd.cli.characters import cut_right, printable, width_of
from artifactd.cli.connection import Connection, connected
from artifactd.cli.diagrams import dot, mermaid
from artifactd.cli.failing import advised, say
from artifactd.cli.nouns import API
from artifactd.cli.terminal import Terminal, speak_utf8, terminal_of
from artifactd.cli.trees import lineage_forest, lineage_tree
from artifactd.errors import NotFound, Unavailable
from artifactd.model import Direction

FORMATS: Final = ("tree", "dot", "json", "mermaid")
DEPTH_MAX: Final = 1_000
NODES_MAX: Final = 10_000


@click.command()
@click.argument("artifact_id", required=False)
@click.option("--artifact", "artifact_option", metavar="ID", help="Around this artifact, as the argument does.")
@click.option("--task", "task_id", metavar="ID", help="Around this task.")
@click.option("--run", "run_id", metavar="ID", help="Around all tasks of this run.")
@click.option(
    "--direction",
    type=click.Choice([each.lower() for each in Direction], case_sensitive=False),
    default="both",
    show_default=True,
    help="upstream: what it was made from; downstream: what was made of it.",
)
@click.option(
    "--depth",
    metavar="N",
    type=click.IntRange(0, DEPTH_MAX),
    help="How many links away at most.  [default: any number]",
)
@click.option(
    "--max-nodes",
    metavar="N",
    type=click.IntRange(1, NODES_MAX),
    default=1_000,
    show_default=True,
    help="At most so many.",
)
@click.option(
    "--format", "form", type=click.Choice(FORMATS), default="tree", show_default=True, help="How to print it."
)
@click.option("--json", "as_json", is_flag=True, help="As --format json: what the API answers.")
@connected(namespace=False)
def lineage(
    connection: Connection,
    artifact_id: str | None,
    artifact_option: str | None,
    task_id: str | None,
    run_id: str | None,
    form: str,
    *,
    as_json: bool,
    **given: Any,
) -> None:
    """Show what an artifact was made from and what was made of it.

    A tree goes from the artifact or task to what lies up and down the stream; that of a run goes from what it began
    with to what it made. What is reached twice is shown once.

    \b
    Examples:
      artifactd lineage 01a207ef-a943-7535-afa0-7955d4efbd5f --direction upstream
      artifactd lineage --run run-1 --format mermaid
      artifactd lineage --task train-1 --format dot | dot -Tsvg > train-1.svg
    """
    starts = {"artifact_id": artifact_id or artifact_option, "task_id": task_id, "run_id": run_id}
    query = {name: each for name, each in starts.items() if each}
    if len(query) != 1 or (artifact_id and artifact_option):
        raise click.UsageError("Say around what: give one of ARTIFACT_ID, --artifact, --task and --run.")
    query |= {"direction": given["direction"].upper(), "max_nodes": str(given["max_nodes"])}
    if given["depth"] is not None:
        query["max_depth"] = str(given["depth"])
    with advised(NotFound, "Find it with: artifactd artifact list, artifactd task list or artifactd run list"):
        found = connection.client().get(f"{API}/lineage", query)
    _check(connection, found)
    terminal = terminal_of(sys.stdout)
    if as_json or form == "json":
        print_json(found)
    else:
        click.echo(_text(form, found, query, terminal), color=True)
    if found.get("truncated"):
        count = len(found["artifacts"]) + len(found["tasks"])
        say(f"cut at {count:,} nodes: --depth and --max-nodes (up to {NODES_MAX:,}) show more")


def _text(form: str, found: dict[str, Any], query: dict[str, str], terminal: Terminal) -> str:
    if form in ("dot", "mermaid"):
        speak_utf8()
        return dot(found) if form == "dot" else mermaid(found)
    return _tree(found, query, terminal)


def _tree(found: dict[str, Any], query: dict[str, str], terminal: Terminal) -> str:
    """The tree, with whole ids where there is room for them."""
    whole = {**found, "truncated": False}
    text = _drawn(whole, query, full_ids=True)
    if terminal.width is None:
        return text
    if any(width_of(line) > terminal.width for line in text.split("\n")):
        text = _drawn(whole, query, full_ids=False)
    return "\n".join(cut_right(line, terminal.width) for line in text.split("\n"))


def _drawn(found: dict[str, Any], query: dict[str, str], *, full_ids: bool) -> str:
    if "run_id" in query:
        title = f"run {printable(query['run_id'])}"
        return lineage_forest(found, title, upstream=query["direction"] == Direction.UPSTREAM, full_ids=full_ids)
    kind = "task" if "task_id" in query else "artifact"
    try:
        return lineage_tree(found, query[f"{kind}_id"], kind, full_ids=full_ids)
    except ValueError as error:
        raise Unavailable(f"the server's answer is not around what was asked for: {error}.") from error


def _check(connection: Connection, found: dict[str, Any]) -> None:
    """Refuses what is no lineage."""
    parts = [found.get(name) for name in ("artifacts", "tasks", "artifact_tasks")]
    if not all(isinstance(part, list) and all(isinstance(each, dict) for each in part) for part in parts):
        raise Unavailable(f"{connection.server} answers with no lineage. Is it an artifactd server?")
