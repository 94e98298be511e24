"""The operations on links between artifacts and tasks, and lineage."""

from __future__ import annotations

from artifactd.access import Verb
from artifactd.operations import artifact_tasks, lineage
from artifactd.rest.operation import Operation
from artifactd.rest.routes.decoding import (
    PAGED,
    ROOT,
    always,
    body_of,
    ids,
    is_large,
    list_of,
    of_each,
    of_one,
    paged,
    scans,
)
from artifactd.wire import artifact_tasks as wire_links
from artifactd.wire import lineage as wire_lineage

LINKS: tuple[Operation, ...] = (
    Operation(
        name="list_artifact_tasks",
        method="GET",
        path=f"{ROOT}/artifact_tasks",
        verb=Verb.LIST,
        tag="ArtifactService",
        summary="Lists links between artifacts and tasks.",
        response=wire_links.ListArtifactTasksResponse,
        decode=list_of(wire_links.LIST),
        run=paged(artifact_tasks.list_artifact_tasks),
        encode=wire_links.encode_artifact_task_page,
        heavy=scans,
        parameters=(*PAGED, *wire_links.LIST.names),
    ),
    Operation(
        name="create_artifact_task",
        method="POST",
        path=f"{ROOT}/artifact_tasks",
        verb=Verb.CREATE,
        tag="ArtifactService",
        summary="Links a task to an artifact.",
        description="The same link again returns the one that exists.",
        body=wire_links.CreateArtifactTaskRequest,
        example={
            "artifact_task": {
                "artifact_id": "01936f00-0000-7000-8000-000000000000",
                "task_id": "evaluate-1",
                "type": "INPUT",
                "key": "model",
            }
        },
        response=wire_links.ArtifactTask,
        decode=body_of(wire_links.decode_create_artifact_task),
        run=artifact_tasks.create_artifact_task,
        encode=lambda _, link: wire_links.encode_artifact_task(link),
        writes=True,
        namespaces=of_one,
        resources=ids("id"),
    ),
    Operation(
        name="batch_create_artifact_tasks",
        method="POST",
        path=f"{ROOT}/artifact_tasks:batchCreate",
        verb=Verb.CREATE,
        tag="ArtifactService",
        summary="Makes several links, all or none.",
        body=wire_links.BatchCreateArtifactTasksRequest,
        example={"artifact_tasks": [{"artifact_id": "01936f00-0000-7000-8000-000000000000", "task_id": "evaluate-1"}]},
        response=wire_links.BatchCreateArtifactTasksResponse,
        decode=body_of(wire_links.decode_batch_create_artifact_tasks),
        run=artifact_tasks.batch_create_artifact_tasks,
        encode=lambda _, links: wire_links.encode_batch_artifact_tasks(links),
        writes=True,
        heavy=is_large,
        namespaces=of_each,
        resources=ids("id"),
    ),
    Operation(
        name="get_lineage",
        method="GET",
        path=f"{ROOT}/lineage",
        verb=Verb.GET,
        tag="ArtifactService",
        summary="Gives the artifacts, tasks and links around an artifact, a task or a run.",
        description="BOTH joins what lies upstream and what lies downstream; nearest nodes first.",
        response=wire_lineage.Lineage,
        decode=lambda parts: wire_lineage.decode_lineage(parts.query),
        run=lineage.get_lineage,
        encode=lambda _, found: wire_lineage.encode_lineage(found),
        heavy=always,
        parameters=wire_lineage.PARAMETERS,
    ),
)
