"""`artifactd metric …`: list, get and log metrics, and show every point of one."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import click

from artifactd.cli.asking import WordType
from artifactd.cli.cards import card
from artifactd.cli.cells import json_text, print_json
from artifactd.cli.connection import Connection, connected
from artifactd.cli.failing import advised, say
from artifactd.cli.given import NumberValue
from artifactd.cli.lists import ListOptions, list_options, show_list
from artifactd.cli.logging_files import log_file
from artifactd.cli.moments import parse_moment
from artifactd.cli.negative_numbers import NegativeNumbersCommand
from artifactd.cli.nouns import METRIC, POINT
from artifactd.cli.terminal import terminal_of
from artifactd.errors import NotFound
from artifactd.model import MetricSchema, MetricType

_SCHEMA = WordType(MetricSchema)
_TYPE = WordType(MetricType)


@click.group()
def metric() -> None:
    """List, show and log metrics of tasks, with every point of each.

    \b
    Examples:
      artifactd metric log train-1 val/accuracy 0.97 --step 3
      artifactd metric list --run run-1
    """


@metric.command("list")
@click.option("--task", "task_ids", metavar="ID", multiple=True, help="Of this task; several times for any of them.")
@click.option("--run", "run_ids", metavar="ID", multiple=True, help="Of this run; several times for any of them.")
@list_options(METRIC)
@connected(namespace=True)
def list_metrics(
    connection: Connection, task_ids: tuple[str, ...], run_ids: tuple[str, ...], options: ListOptions
) -> None:
    """List metrics, each at its current point: the one with the greatest step, then time.

    \b
    Examples:
      artifactd metric list --run run-1
      artifactd metric list --where 'name=val/accuracy' --where 'value>0.9' --sort -value
      artifactd metric list --task train-1 --format csv
    """
    ids = {"task_ids": task_ids, "run_ids": run_ids}
    query = {name: each for name, each in ids.items() if each}
    show_list(METRIC, connection, {**connection.in_namespace(), **query}, options)


@metric.command()
@click.argument("task_id")
@click.argument("name")
@click.option("--value", "only_value", is_flag=True, help="Print the value alone.")
@click.option("--json", "as_json", is_flag=True, help="Print what the API answers.")
@connected(namespace=False)
def get(connection: Connection, task_id: str, name: str, *, only_value: bool, as_json: bool) -> None:
    """Show one metric at its current point.

    \b
    Examples:
      artifactd metric get train-1 val/accuracy
      accuracy=$(artifactd metric get train-1 val/accuracy --value)
    """
    with advised(NotFound, f"See what there is with: artifactd metric list --task {task_id}"):
        found = connection.client().get(f"{METRIC.path}/{_key(task_id, name)}")
    if as_json:
        print_json(found)
    elif only_value:
        value = found.get("value")
        click.echo(value if isinstance(value, str) else json_text(value))
    else:
        click.echo("\n".join(card(found, METRIC.fields, terminal_of(sys.stdout))), color=True)


@metric.command()
@click.argument("task_id")
@click.argument("name")
@list_options(POINT, conditions=False)
@connected(namespace=False)
def history(connection: Connection, task_id: str, name: str, options: ListOptions) -> None:
    """Show every point ever logged of a metric, the oldest first.

    \b
    Examples:
      artifactd metric history train-1 loss --all
      artifactd metric history train-1 loss --all --format csv --columns step,value
    """
    with advised(NotFound, f"See what there is with: artifactd metric list --task {task_id}"):
        show_list(POINT, connection, {}, options, f"{POINT.path}/{_key(task_id, name)}")


@metric.command(cls=NegativeNumbersCommand)
@click.argument("task_id", required=False)
@click.argument("name", required=False)
@click.argument("value", required=False, type=NumberValue())
@click.option("--file", metavar="FILE", help="Log what a file (- for standard input) holds: JSON lines, or an array.")
@click.option("--step", type=click.INT, metavar="N", help="The step or epoch.")
@click.option("--at", metavar="TIME", help="When it was measured: RFC 3339, or an age such as 2h.  [default: now]")
@click.option("--schema", type=_SCHEMA, help="The value's form.  [default: read off the value]")
@click.option("--type", "metric_type", type=_TYPE, help="Whether the task read it or made it.  [default: METRIC_INPUT]")
@click.option("--run", "run_id", metavar="ID", help="The task's run, if the server has not seen the task.")
@click.option("--idempotency-key", metavar="KEY", help="The same key again within a day logs nothing twice.")
@click.option("--json", "as_json", is_flag=True, help="Print the point as the API answers it.")
@connected(namespace=True)
def log(
    connection: Connection,
    task_id: str | None,
    name: str | None,
    value: Any,
    file: str | None,
    *,
    idempotency_key: str | None,
    as_json: bool,
    **given: Any,
) -> None:
    """Log a point of a metric of a task, or a file of points.

    VALUE is a number, NaN, Infinity or -Infinity, or the JSON of a classification metric, which @FILE or - reads.
    The task need not be known before.

    A file holds an object on each line, or an array of them: {"task_id": …, "name": …, "value": …} and, if wanted,
    step, created_at, schema, type, run_id, namespace. It is looked through before anything is sent, and goes out
    in batches; standard input goes out as it comes.

    \b
    Examples:
      artifactd metric log train-1 val/accuracy 0.97 --step 3
      artifactd metric log train-1 confusion @matrix.json
      artifactd metric log --file points.jsonl --run run-1
    """
    shared = {"run_id": given["run_id"], **connection.in_namespace()}
    shared = {field: each for field, each in shared.items() if each is not None}
    if file is not None:
        if task_id is not None or any(given[each] is not None for each in ("step", "at", "schema", "metric_type")):
            raise click.UsageError("--file goes with --run and --namespace alone: the rest stands in the file.")
        log_file(connection.client(), file, shared, idempotency_key)
        return
    if value is None:
        raise click.UsageError("Give TASK_ID NAME VALUE, such as: artifactd metric log train-1 loss 0.25; or --file.")
    point = {"task_id": task_id, "name": name, "value": value, **shared, **_details(value, given)}
    body = {"metric": point}
    logged = connection.client().post(METRIC.path, body, idempotency_key=idempotency_key or _new_key())
    if as_json:
        print_json(logged)
    else:
        say(f"logged {name} of task {task_id}")


def _details(value: Any, given: dict[str, Any]) -> dict[str, Any]:
    """What else is said about a point."""
    schema = given["schema"]
    if schema is None and not isinstance(value, (int, float)):
        sliced = isinstance(value, dict) and "evaluationSlices" in value
        schema = str(MetricSchema.SLICED_CLASSIFICATION_METRIC if sliced else MetricSchema.CLASSIFICATION_METRIC)
    details = {"schema": schema, "step": given["step"], "type": given["metric_type"], "created_at": None}
    if given["at"] is not None:
        try:
            details["created_at"] = parse_moment(given["at"], datetime.now(UTC)).begin
        except ValueError as error:
            raise click.BadParameter(f"{error}.", param_hint="--at") from error
    return {name: each for name, each in details.items() if each is not None}


def _key(task_id: str, name: str) -> str:
    return f"{quote(task_id, safe='')}/{quote(name, safe='')}"


def _new_key() -> str:
    import uuid

    return str(uuid.uuid4())
