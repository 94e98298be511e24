"""Artifacts in JSON: KFP's `Artifact`, `CreateArtifactRequest` and what goes with them."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta

from artifactd import model
from artifactd.listing import ARTIFACTS, Page
from artifactd.model import Problems
from artifactd.requests import ArtifactChanges, NewArtifact
from artifactd.wire.lists import ListParameters, ListRequest, next_page_token
from artifactd.wire.message import ID_OR_EMPTY, Message, raw, to_json
from artifactd.wire.times import time_of

LIST = ListParameters("artifacts", ARTIFACTS, ("namespace", "sort_by", "filter"))


class Artifact(Message):
    """Something that a pipeline made or read: a model, a data set, a report."""

    non_finite_fields = ("metadata",)

    artifact_id: Annotated[
        str | None,
        Meta(description="Made by the server. A UUID.", extra_json_schema={"readOnly": True, "format": "uuid"}),
    ] = None
    name: Annotated[
        str | None,
        Meta(
            description="Required when creating. Need not be unique.",
            examples=["iris-model"],
            extra_json_schema={"minLength": 1, "maxLength": model.NAME_CHARS_MAX},
        ),
    ] = None
    type: Annotated[
        str | None,
        Meta(
            description="What it is; Artifact if absent.",
            examples=["Model"],
            extra_json_schema={"enum": list(model.ArtifactType)},
        ),
    ] = None
    uri: Annotated[
        str | None,
        Meta(
            description="Where the artifact itself is kept. Never fetched. Fixed once it is set.",
            examples=["s3://bucket/iris/model.joblib"],
            extra_json_schema={"maxLength": model.URI_CHARS_MAX},
        ),
    ] = None
    description: Annotated[
        str | None,
        Meta(description="Text for people.", extra_json_schema={"maxLength": model.DESCRIPTION_CHARS_MAX}),
    ] = None
    metadata: Annotated[
        dict[str, Any] | None,
        Meta(
            description="Any JSON values by any keys, up to 1 MiB. Numbers come back as they went in; NaN and the "
            "infinities as strings.",
            examples=[{"framework": "sklearn", "epochs": 3}],
        ),
    ] = None
    number_value: Annotated[float | None, Meta(description="A number that the artifact stands for. Finite.")] = None
    created_at: Annotated[
        str | None,
        Meta(description="When it was created.", extra_json_schema={"format": "date-time", "readOnly": True}),
    ] = None
    updated_at: Annotated[
        str | None,
        Meta(description="When it last changed.", extra_json_schema={"format": "date-time", "readOnly": True}),
    ] = None
    namespace: Annotated[
        str | None,
        Meta(
            description="Whose it is. Never changes.",
            examples=[""],
            extra_json_schema={"maxLength": model.NAMESPACE_CHARS_MAX},
        ),
    ] = None


class CreateArtifactRequest(Message):
    """An artifact to create, and optionally the task that made it."""

    required_fields = ("artifact",)

    artifact: Annotated[
        Artifact | None,
        Meta(description="Required, and so is its name.", extra_json_schema={"required": ["name"]}),
    ] = None
    run_id: Annotated[
        str | None,
        Meta(
            description="The task's run, for a task that the service has not seen.",
            examples=["run-1"],
            extra_json_schema=ID_OR_EMPTY,
        ),
    ] = None
    task_id: Annotated[
        str | None,
        Meta(
            description="The task that made the artifact; an OUTPUT link to it is made with it.",
            examples=["train-1"],
            extra_json_schema=ID_OR_EMPTY,
        ),
    ] = None
    producer_key: Annotated[
        str | None,
        Meta(
            description="The name of the task's output. Needs task_id.",
            extra_json_schema={"maxLength": model.KEY_CHARS_MAX},
        ),
    ] = None
    iteration_index: Annotated[
        int | None,
        Meta(
            description="The task's iteration in a loop; a number or a decimal string. Needs task_id.",
            extra_json_schema={"minimum": 0, "maximum": model.INT64_MAX, "format": "int64"},
        ),
    ] = None
    reuse_if_exists: Annotated[
        bool | None,
        Meta(
            description="Return an artifact of the same namespace, type, uri, name, description, number_value and "
            "metadata, if there is one, instead of making a second."
        ),
    ] = None
    type: Annotated[
        str | None,
        Meta(
            description="How the task made it, if not as a plain OUTPUT.",
            extra_json_schema={"enum": sorted(["UNSPECIFIED", *model.OUTPUT_TYPES])},
        ),
    ] = None


class BatchCreateArtifactsRequest(Message):
    """Artifacts to create, all or none."""

    required_fields = ("artifacts",)

    artifacts: Annotated[
        list[CreateArtifactRequest] | None,
        Meta(description="1 to 1,000 requests.", extra_json_schema={"minItems": 1, "maxItems": model.BATCH_ITEMS_MAX}),
    ] = None


class ListArtifactResponse(Message, omit_defaults=False):
    """One page of artifacts."""

    artifacts: Annotated[list[Artifact], Meta(description="The artifacts, in the order asked for.")]
    total_size: Annotated[int, Meta(description="How many there are on all pages.")]
    next_page_token: Annotated[str, Meta(description="Empty on the last page.")]


class BatchCreateArtifactsResponse(Message, omit_defaults=False):
    """The artifacts of a batch."""

    artifacts: Annotated[list[Artifact], Meta(description="The artifacts, in the order of the request.")]


def decode_create_artifact(request: CreateArtifactRequest, at: str = "") -> NewArtifact:
    """The artifact to create.

    Args:
        at: the path of the request in a batch, ending in a dot.

    Raises:
        InvalidArgument: naming every bad field.
    """
    problems = Problems(at)
    given = request.artifact
    if given is None:
        problems.add("artifact", 'is required: {"artifact": {"name": ...}}')
        problems.raise_if_any()
        raise AssertionError
    if given.artifact_id:
        problems.add("artifact.artifact_id", "is made by the server: leave it out")
    decoded = NewArtifact(
        name=given.name,
        type=given.type,
        uri=given.uri,
        description=given.description,
        number_value=given.number_value,
        metadata=to_json(given.metadata) if given.metadata else None,
        namespace=given.namespace,
        run_id=request.run_id or None,
        task_id=request.task_id or None,
        link_type=None if request.type in ("", "UNSPECIFIED") else request.type,
        producer_key=request.producer_key or None,
        iteration_index=request.iteration_index,
        reuse_if_exists=bool(request.reuse_if_exists),
    )
    decoded.check(problems)
    problems.raise_if_any()
    return decoded


def decode_batch_create_artifacts(request: BatchCreateArtifactsRequest) -> list[NewArtifact]:
    """The artifacts to create. Raises InvalidArgument as for one, and for an empty or too large batch."""
    return [
        decode_create_artifact(item, f"artifacts[{index}].")
        for index, item in enumerate(batch_items("artifacts", request.artifacts))
    ]


def batch_items(field: str, items: list[Any] | None) -> list[Any]:
    """A batch's items.

    Raises:
        InvalidArgument: there is none, or there are more than 1,000.
    """
    problems = Problems()
    if not items:
        problems.add(field, f"is required: give 1 to {model.BATCH_ITEMS_MAX} items")
    elif len(items) > model.BATCH_ITEMS_MAX:
        problems.add(field, f"has {len(items)} items; at most {model.BATCH_ITEMS_MAX} are allowed")
    problems.raise_if_any()
    return items or []


def decode_update_artifact(artifact_id: str, given: Artifact, if_match: tuple[str, ...] | None) -> ArtifactChanges:
    """The changes to an artifact.

    Args:
        if_match: the entity tags of `If-Match`, or None without that header.

    Raises:
        InvalidArgument: naming every bad field.
    """
    decoded = ArtifactChanges(
        artifact_id=artifact_id,
        body_artifact_id=given.artifact_id or None,
        name=given.name,
        type=given.type,
        uri=given.uri,
        description=given.description,
        number_value=given.number_value,
        metadata=None if given.metadata is None else to_json(given.metadata),
        namespace=given.namespace,
        if_match=if_match,
    )
    problems = Problems()
    decoded.check(problems)
    problems.raise_if_any()
    return decoded


def encode_artifact(artifact: model.Artifact) -> Artifact:
    """An artifact's JSON message."""
    times: Any = (time_of(artifact.created_at_us), time_of(artifact.updated_at_us))
    return Artifact(
        artifact_id=artifact.artifact_id,
        name=artifact.name,
        type=artifact.type,
        uri=artifact.uri,
        description=artifact.description,
        metadata=raw(artifact.metadata),
        number_value=artifact.number_value,
        created_at=times[0],
        updated_at=times[1],
        namespace=artifact.namespace,
    )


def encode_artifact_page(request: ListRequest, page: Page[model.Artifact]) -> ListArtifactResponse:
    """A page's JSON message."""
    return ListArtifactResponse(
        artifacts=[encode_artifact(artifact) for artifact in page.items],
        total_size=page.total_size,
        next_page_token=next_page_token(LIST, request, page),
    )


def encode_batch_artifacts(artifacts: list[model.Artifact]) -> BatchCreateArtifactsResponse:
    """A batch's JSON message."""
    return BatchCreateArtifactsResponse(artifacts=[encode_artifact(artifact) for artifact in artifacts])


def entity_tag(artifact: model.Artifact) -> str:
    """The `ETag` of an artifact, from its version counter."""
    return f'"{artifact.version}"'
