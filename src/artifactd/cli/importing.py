"""`artifactd import …`: records what other tools have left, through a running server's public API."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import click

from artifactd.cli.connection import Connection, connected
from artifactd.cli.failing import say
from artifactd.errors import InvalidArgument, NotFound

if TYPE_CHECKING:
    from artifactd.interop.compiled import CompiledPipeline
    from artifactd.interop.description import RunDescription
    from artifactd.interop.recorder import Recorded, RunRecorder
    from artifactd.interop.rest_client import RestClient


@click.group(name="import")
def import_group() -> None:
    """Record in a running server what other tools have left."""


@import_group.command(name="kfp-local")
@click.argument("pipeline_root", metavar="PIPELINE_ROOT", type=click.Path(path_type=Path))
@click.option(
    "--pipeline",
    "pipeline_file",
    metavar="COMPILED.YAML",
    required=True,
    type=click.Path(path_type=Path),
    help="What KFP's compiler wrote for the pipeline: `Compiler().compile(pipeline, 'compiled.yaml')`.",
)
@click.option(
    "--run-id",
    metavar="ID",
    help="What to record a single run under.  [default: made from the run, always the same]",
)
@click.option("--run-name", metavar="NAME", help="What to call a single run.  [default: the name of its folder]")
@connected(namespace=True)
def import_kfp_local(
    connection: Connection,
    pipeline_root: Path,
    pipeline_file: Path,
    run_id: str | None,
    run_name: str | None,
) -> None:
    """Record runs of kfp.local that are over.

    PIPELINE_ROOT is the folder that was given to kfp.local.init(pipeline_root=…), with any number of runs of
    the pipeline in it, or the folder of one run.

    Links, types and names come from the compiled pipeline; values, metrics and times from the files.
    kfp.local keeps no
    states and no start times: a task is recorded as SUCCEEDED where its files prove it, and what nobody knows
    stays unset. Importing a run again changes nothing, or completes it if it has gone on. A run that was
    recorded while it ran, and that the server knows, is passed over.

    For each run, its id and how much it holds are printed on standard output, the rest on standard error.

    \b
    Example:
      artifactd import kfp-local ./local_outputs --pipeline compiled.yaml
      curl 'http://127.0.0.1:8888/apis/v2beta1/runs'

    Exit codes are those of `artifactd --help`; 2 where PIPELINE_ROOT, COMPILED.YAML or an option is not right.
    """
    from artifactd.interop.identity import run_id_of
    from artifactd.interop.kfp_local import describe_run
    from artifactd.interop.pipeline_spec import load_pipeline
    from artifactd.interop.recorder import RunRecorder
    from artifactd.interop.run_folder import find_run_folders

    namespace = connection.namespace
    try:
        pipeline = load_pipeline(pipeline_file)
        folders = find_run_folders(pipeline_root, pipeline)
        _refuse_override_for_several(folders, run_id, run_name)
        client = connection.client()
        descriptions = {folder: describe_run(folder, pipeline) for folder in folders}
    except InvalidArgument as error:
        raise click.UsageError(error.message) from error
    for folder, description in descriptions.items():
        if run_id is None and (known := _recorded_before(client, folder)) is not None:
            say(f"{folder.name}: was recorded while it ran; nothing to import (--run-id imports it anew)")
            click.echo(f"run {known}: recorded before")
            continue
        chosen_id = run_id or run_id_of(
            pipeline_name=pipeline.name, run_name=description.name, namespace=namespace or ""
        )
        recorder = RunRecorder(client, chosen_id, namespace)
        click.echo(_result(_record(recorder, description, pipeline, run_name)))


def _record(
    recorder: RunRecorder, description: RunDescription, pipeline: CompiledPipeline, run_name: str | None
) -> Recorded:
    """Sends one run, and tells what a person should know about it."""
    for warning in description.warnings:
        say(f"warning: {warning}")
    unknown = [task.path for task in description.tasks if task.state is None]
    say(f"{description.name}: sending {len(description.tasks)} tasks of pipeline {pipeline.name!r} …")
    recorded = recorder.record(description, name=run_name)
    if unknown:
        say(f"{description.name}: state unknown, so left unset, of {', '.join(unknown)}")
    say(f"{description.name}: recorded in {recorder.client.server}")
    return recorded


def _recorded_before(client: RestClient, run_folder: Path) -> str | None:
    """The id of the run that this folder was recorded as while it ran, if the server still knows it."""
    from artifactd.interop.run_folder import read_recorded_as

    run_id = read_recorded_as(run_folder)
    if run_id is None:
        return None
    try:
        client.get(f"/apis/v2beta1/runs/{quote(run_id, safe='')}")
    except NotFound:
        return None
    return run_id


def _refuse_override_for_several(folders: tuple[Path, ...], run_id: str | None, run_name: str | None) -> None:
    if len(folders) > 1 and (run_id or run_name):
        option = "--run-id" if run_id else "--run-name"
        raise InvalidArgument(
            f"{option} is for a single run, and PIPELINE_ROOT holds {len(folders)} of them. Give the folder "
            f"of one, such as {str(folders[-1])!r}, or leave {option} out."
        )


def _result(recorded: Recorded) -> str:
    return (
        f"run {recorded.run_id}: {recorded.tasks} tasks, {recorded.artifacts} artifacts, "
        f"{recorded.links} links, {recorded.metrics} metrics"
    )
