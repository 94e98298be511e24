"""The operations on runs."""

from __future__ import annotations

from typing import Any

from artifactd.access import Verb
from artifactd.operations import runs
from artifactd.rest.operation import Operation, Parts
from artifactd.rest.routes.decoding import PAGED, ROOT, always, list_of, paged, scans
from artifactd.wire import runs as wire_runs


def _update(parts: Parts) -> Any:
    parts.query.only(())
    return wire_runs.decode_run_changes(parts.path["run_id"], parts.body)


def _get(parts: Parts) -> tuple[str, str | None]:
    parts.query.only(("experiment_id",))
    return parts.path["run_id"], parts.query.text("experiment_id")


RUNS: tuple[Operation, ...] = (
    Operation(
        name="get_run",
        method="GET",
        path=f"{ROOT}/runs/{{run_id}}",
        verb=Verb.GET,
        tag="RunService",
        summary="Gets a run by its id, with its tasks.",
        response=wire_runs.Run,
        decode=_get,
        run=lambda context, transaction, key: runs.get_run(context, transaction, *key),
        encode=lambda _, found: wire_runs.encode_run(*found),
        heavy=always,
        parameters=("experiment_id",),
    ),
    Operation(
        name="list_runs",
        method="GET",
        path=f"{ROOT}/runs",
        verb=Verb.LIST,
        tag="RunService",
        summary="Lists runs.",
        response=wire_runs.ListRunsResponse,
        decode=list_of(wire_runs.LIST),
        run=paged(runs.list_runs),
        encode=wire_runs.encode_run_page,
        heavy=scans,
        parameters=(*PAGED, *wire_runs.LIST.names),
    ),
    Operation(
        name="update_run",
        method="PATCH",
        path=f"{ROOT}/runs/{{run_id}}",
        verb=Verb.UPDATE,
        tag="RunService",
        summary="Changes the fields of a run that are present, or creates it with them.",
        body=wire_runs.Run,
        example={"display_name": "nightly", "labels": {"branch": "main"}},
        response=wire_runs.Run,
        decode=_update,
        run=runs.update_run,
        encode=lambda _, found: wire_runs.encode_run(*found),
        writes=True,
        namespaces=lambda found: [found[0].namespace],
        resources=lambda found: [found[0].run_id],
    ),
)
