"""The operations on artifacts."""

from __future__ import annotations

from typing import Any

from artifactd.access import Verb
from artifactd.operations import artifacts
from artifactd.rest.operation import Operation, Parts
from artifactd.rest.routes.decoding import (
    PAGED,
    ROOT,
    body_of,
    ids,
    is_large,
    list_of,
    of_each,
    of_one,
    only_path,
    paged,
    scans,
)
from artifactd.wire import artifacts as wire_artifacts


def _update(parts: Parts) -> Any:
    parts.query.only(())
    return wire_artifacts.decode_update_artifact(parts.path["artifact_id"], parts.body, parts.if_match)


ARTIFACTS: tuple[Operation, ...] = (
    Operation(
        name="create_artifact",
        method="POST",
        path=f"{ROOT}/artifacts",
        verb=Verb.CREATE,
        tag="ArtifactService",
        summary="Creates a new artifact.",
        description="With task_id, an OUTPUT link to that task is made in the same transaction.",
        body=wire_artifacts.CreateArtifactRequest,
        example={"artifact": {"name": "iris-model", "type": "Model", "metadata": {"framework": "sklearn"}}},
        response=wire_artifacts.Artifact,
        decode=body_of(wire_artifacts.decode_create_artifact),
        run=artifacts.create_artifact,
        encode=lambda _, artifact: wire_artifacts.encode_artifact(artifact),
        writes=True,
        entity_tag=wire_artifacts.entity_tag,
        namespaces=of_one,
        resources=ids("artifact_id"),
    ),
    Operation(
        name="get_artifact",
        method="GET",
        path=f"{ROOT}/artifacts/{{artifact_id}}",
        verb=Verb.GET,
        tag="ArtifactService",
        summary="Finds a specific artifact by its id.",
        response=wire_artifacts.Artifact,
        decode=only_path("artifact_id"),
        run=artifacts.get_artifact,
        encode=lambda _, artifact: wire_artifacts.encode_artifact(artifact),
        entity_tag=wire_artifacts.entity_tag,
    ),
    Operation(
        name="list_artifacts",
        method="GET",
        path=f"{ROOT}/artifacts",
        verb=Verb.LIST,
        tag="ArtifactService",
        summary="Finds all artifacts within a namespace, or within all that the caller may list.",
        response=wire_artifacts.ListArtifactResponse,
        decode=list_of(wire_artifacts.LIST),
        run=paged(artifacts.list_artifacts),
        encode=wire_artifacts.encode_artifact_page,
        heavy=scans,
        parameters=(*PAGED, *wire_artifacts.LIST.names),
    ),
    Operation(
        name="update_artifact",
        method="PUT",
        path=f"{ROOT}/artifacts/{{artifact_id}}",
        verb=Verb.UPDATE,
        tag="ArtifactService",
        summary="Updates an existing artifact.",
        description="Fields that are present replace, absent ones stay; metadata replaces as a whole, {} clears it.",
        body=wire_artifacts.Artifact,
        example={"metadata": {"stage": "production"}},
        response=wire_artifacts.Artifact,
        decode=_update,
        run=artifacts.update_artifact,
        encode=lambda _, artifact: wire_artifacts.encode_artifact(artifact),
        writes=True,
        entity_tag=wire_artifacts.entity_tag,
        namespaces=of_one,
        resources=ids("artifact_id"),
    ),
    Operation(
        name="batch_create_artifacts",
        method="POST",
        path=f"{ROOT}/artifacts:batchCreate",
        verb=Verb.CREATE,
        tag="ArtifactService",
        summary="Creates several artifacts, all or none.",
        body=wire_artifacts.BatchCreateArtifactsRequest,
        example={"artifacts": [{"artifact": {"name": "train", "type": "Dataset"}}]},
        response=wire_artifacts.BatchCreateArtifactsResponse,
        decode=body_of(wire_artifacts.decode_batch_create_artifacts),
        run=artifacts.batch_create_artifacts,
        encode=lambda _, made: wire_artifacts.encode_batch_artifacts(made),
        writes=True,
        heavy=is_large,
        namespaces=of_each,
        resources=ids("artifact_id"),
    ),
)
