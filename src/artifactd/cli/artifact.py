"""`artifactd artifact …`: list, get, create and update artifacts."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import click

from artifactd.cli.asking import WordType
from artifactd.cli.cards import card
from artifactd.cli.cells import print_json
from artifactd.cli.characters import printable
from artifactd.cli.connection import Connection, connected
from artifactd.cli.failing import advised, say
from artifactd.cli.given import JsonObject, with_changes
from artifactd.cli.graph import Graph, Node
from artifactd.cli.lists import ListOptions, list_options, show_list
from artifactd.cli.nouns import API, ARTIFACT
from artifactd.cli.terminal import Terminal, terminal_of
from artifactd.errors import Aborted, NotFound
from artifactd.model import ArtifactType

if TYPE_CHECKING:
    from artifactd.interop.rest_client import RestClient

UPDATE_ATTEMPTS_MAX: Final = 5
NEIGHBOURS_MAX: Final = 100
HOW_TO_FIND: Final = "Find it with: artifactd artifact list --where 'name~PART OF ITS NAME'"
_TYPE = WordType(ArtifactType)


@click.group()
def artifact() -> None:
    """List, show, register and change artifacts: models, data, reports.

    \b
    Examples:
      artifactd artifact list --where type=Model
      artifactd artifact create --name iris --type Model --set framework=sklearn
    """


@artifact.command("list")
@list_options(ARTIFACT)
@connected(namespace=True)
def list_artifacts(connection: Connection, options: ListOptions) -> None:
    """List artifacts, the newest first.

    Conditions compare any field, and any key of the metadata: a number in it as a number, text as text. A time is a
    day, a moment, or an age such as 2h. In CSV all fields stand, or those of --columns.

    \b
    Examples:
      artifactd artifact list --where type=Model --where 'metadata.framework=sklearn' --where 'value>0.9'
      artifactd artifact list --where 'created_at>2h' --sort name --columns artifact_id,name,metadata.epochs
      artifactd artifact list --all --format csv > artifacts.csv
    """
    show_list(ARTIFACT, connection, connection.in_namespace(), options)


@artifact.command()
@click.argument("artifact_id")
@click.option("--json", "as_json", is_flag=True, help="Print what the API answers.")
@connected(namespace=False)
def get(connection: Connection, artifact_id: str, *, as_json: bool) -> None:
    """Show one artifact, which task made it and which tasks read it.

    \b
    Examples:
      artifactd artifact get 01a207ef-a943-7535-afa0-7955d4efbd5f
      artifactd artifact get 01a207ef-a943-7535-afa0-7955d4efbd5f --json | jq .metadata
    """
    client = connection.client()
    with advised(NotFound, HOW_TO_FIND):
        found = client.get(_path(artifact_id))
    if as_json:
        print_json(found)
        return
    terminal = terminal_of(sys.stdout)
    lines = card(found, ARTIFACT.fields, terminal)
    click.echo("\n".join(lines + _neighbours(client, artifact_id, terminal)), color=True)


@artifact.command()
@click.option("--name", required=True, help="What to call it. Names need not be unique.")
@click.option("--type", "artifact_type", type=_TYPE, help="What it is.  [default: Artifact]")
@click.option("--uri", help="Where the artifact itself is kept. Never fetched, and fixed once it is set.")
@click.option("--description", help="Text for people.")
@click.option("--number-value", type=float, help="A number that it stands for.")
@click.option("--metadata", type=JsonObject(), help="A JSON object; @FILE or - reads it.")
@click.option("--set", "settings", metavar="KEY=VALUE", multiple=True, help="A key of the metadata; dots descend.")
@click.option("--task", "task_id", metavar="ID", help="The task that made it; it need not be known before.")
@click.option("--key", "producer_key", metavar="KEY", help="The name of that task's output. Needs --task.")
@click.option("--run", "run_id", metavar="ID", help="The run of that task, if the server has not seen the task.")
@click.option("--reuse", is_flag=True, help="Take an artifact that is the same in all this, if there is one.")
@click.option("--idempotency-key", metavar="KEY", help="The same key again within a day makes no second one.")
@click.option("--json", "as_json", is_flag=True, help="Print what the API answers, not only the id.")
@connected(namespace=True)
def create(
    connection: Connection,
    settings: tuple[str, ...],
    *,
    reuse: bool,
    idempotency_key: str | None,
    as_json: bool,
    **given: Any,
) -> None:
    """Register an artifact, and print its id.

    A value of --set is JSON if it reads as such (0.9, 3, true, "3" for the text, {…}), and text otherwise.

    \b
    Examples:
      artifactd artifact create --name iris --type Model --set framework=sklearn --set params.depth=3
      artifactd artifact create --name rows --type Dataset --uri s3://bucket/rows.csv --task load-1 --key data
      id=$(artifactd artifact create --name report --type HTML --metadata @about.json)
    """
    for option in ("producer_key", "run_id"):
        if given[option] is not None and given["task_id"] is None:
            raise click.UsageError(f"--{option.removeprefix('producer_').removesuffix('_id')} needs --task.")
    links = {name: given.pop(name) for name in ("task_id", "producer_key", "run_id")}
    message = {"artifact": _message(given, connection) | _metadata(given["metadata"], settings)}
    request = message | {name: value for name, value in links.items() if value is not None}
    if reuse:
        request["reuse_if_exists"] = True
    made = connection.client().post(ARTIFACT.path, request, idempotency_key=idempotency_key or _new_key())
    _print(made, as_json=as_json)


@artifact.command()
@click.argument("artifact_id")
@click.option("--name", help="What to call it.")
@click.option("--type", "artifact_type", type=_TYPE, help="What it is.")
@click.option("--uri", help="Where it is kept, if that is not set yet.")
@click.option("--description", help="Text for people.")
@click.option("--number-value", type=float, help="A number that it stands for.")
@click.option("--metadata", type=JsonObject(), help="A JSON object instead of the present one; {} clears it.")
@click.option("--set", "settings", metavar="KEY=VALUE", multiple=True, help="A key of the metadata; dots descend.")
@click.option("--unset", metavar="KEY", multiple=True, help="Take a key out of the metadata.")
@click.option("--json", "as_json", is_flag=True, help="Print what the API answers, not only the id.")
@connected(namespace=False)
def update(
    connection: Connection,
    artifact_id: str,
    settings: tuple[str, ...],
    unset: tuple[str, ...],
    *,
    as_json: bool,
    **given: Any,
) -> None:
    """Change an artifact: what is named changes, the rest stays.

    --set and --unset change single keys of the metadata, and lose nothing that somebody else writes meanwhile.

    \b
    Examples:
      artifactd artifact update 01a207ef-a943-7535-afa0-7955d4efbd5f --set stage=production --unset candidate
      artifactd artifact update 01a207ef-a943-7535-afa0-7955d4efbd5f --number-value 0.97
    """
    client = connection.client()
    changes = _message(given, None)
    if not (changes or settings or unset or given["metadata"] is not None):
        raise click.UsageError("Nothing to change: give --set KEY=VALUE or another option.")
    with advised(NotFound, HOW_TO_FIND):
        if given["metadata"] is None and (settings or unset):
            changed = _merge(client, artifact_id, changes, settings, unset)
        else:
            changed = client.put(_path(artifact_id), changes | _metadata(given["metadata"], settings, unset))
    _print(changed, as_json=as_json)


def _merge(
    client: RestClient,
    artifact_id: str,
    changes: dict[str, Any],
    settings: tuple[str, ...],
    unset: tuple[str, ...],
) -> dict[str, Any]:
    """Changes keys of the metadata that is there; reads it again where another writer came between."""
    for attempt in range(1, UPDATE_ATTEMPTS_MAX + 1):
        present = client.get_tagged(_path(artifact_id))
        metadata = present.body.get("metadata")
        merged = with_changes(metadata if isinstance(metadata, dict) else {}, settings, unset)
        try:
            return client.put(_path(artifact_id), {**changes, "metadata": merged}, if_match=present.entity_tag or None)
        except Aborted:
            if attempt == UPDATE_ATTEMPTS_MAX:
                raise
    raise AssertionError


def _message(given: dict[str, Any], connection: Connection | None) -> dict[str, Any]:
    """The plain fields that were given."""
    fields = {
        "name": given["name"],
        "type": given["artifact_type"],
        "uri": given["uri"],
        "description": given["description"],
        "number_value": given["number_value"],
    }
    return {name: value for name, value in fields.items() if value is not None} | (
        connection.in_namespace() if connection else {}
    )


def _metadata(
    metadata: dict[str, Any] | None, settings: tuple[str, ...], unset: tuple[str, ...] = ()
) -> dict[str, Any]:
    if metadata is None and not settings:
        return {}
    return {"metadata": with_changes(metadata or {}, settings, unset)}


def _neighbours(client: RestClient, artifact_id: str, terminal: Terminal) -> list[str]:
    """The tasks that made the artifact and that read it, as lines."""
    query = {"artifact_id": artifact_id, "max_depth": "1", "max_nodes": str(NEIGHBOURS_MAX)}
    lineage = client.get(f"{API}/lineage", query)
    graph = Graph.of(lineage)
    node: Node = ("artifact", artifact_id)
    lines: list[str] = []
    for heading, upstream in (("made by", True), ("read by", False)):
        tasks = graph.onward(node, upstream=upstream)
        if tasks:
            lines.append(terminal.heading(heading))
            lines += [f"  {graph.label(task, full_ids=True)}" for task, _ in tasks]
    if lineage.get("truncated") is True and len(graph.nodes()) >= NEIGHBOURS_MAX:
        say(f"more than {NEIGHBOURS_MAX} tasks read it: artifactd lineage {artifact_id} shows more")
    return lines


def _print(artifact: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(artifact)
    else:
        click.echo(printable(str(artifact.get("artifact_id", ""))))


def _path(artifact_id: str) -> str:
    return f"{ARTIFACT.path}/{quote(artifact_id, safe='')}"


def _new_key() -> str:
    """A key under which sending again does nothing again."""
    import uuid

    return str(uuid.uuid4())
