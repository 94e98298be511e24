"""Lineage in JSON: the nodes and links around one."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from artifactd import model
from artifactd.errors import invalid, quoted
from artifactd.model import Direction
from artifactd.requests import LineageQuery
from artifactd.wire.artifact_tasks import ArtifactTask, encode_artifact_task
from artifactd.wire.artifacts import Artifact, encode_artifact
from artifactd.wire.message import Message
from artifactd.wire.query import Query
from artifactd.wire.tasks import PipelineTaskDetail, encode_task

PARAMETERS = ("artifact_id", "task_id", "run_id", "direction", "max_depth", "max_nodes")
_STARTS = PARAMETERS[:3]
MAX_NODES_DEFAULT = 1_000
MAX_NODES_MAX = 10_000
MAX_DEPTH_MAX = 1_000


class Lineage(Message, omit_defaults=False):
    """What lies around a node: every artifact and task that was reached, and the links among them."""

    artifacts: Annotated[list[Artifact], Meta(description="The artifacts reached, nearest first.")]
    tasks: Annotated[
        list[PipelineTaskDetail], Meta(description="Without inputs, outputs and child_tasks: the links tell them.")
    ]
    artifact_tasks: Annotated[
        list[ArtifactTask], Meta(description="The links among them; at most ten for each node that max_nodes allows.")
    ]
    truncated: Annotated[bool, Meta(description="Whether a limit cut something off.")]


def decode_lineage(query: Query) -> LineageQuery:
    """What to walk. Raises InvalidArgument naming the parameter."""
    query.only(PARAMETERS)
    starts = [name for name in _STARTS if query.text(name) is not None]
    if len(starts) != 1:
        raise invalid((starts or _STARTS)[-1], f"give one of {', '.join(_STARTS)}, and not {len(starts)} of them")
    direction = query.text("direction") or Direction.BOTH
    if direction not in list(Direction):
        raise invalid("direction", f"{quoted(direction)} is not one of {', '.join(Direction)}")
    max_depth = query.integer("max_depth")
    if max_depth is not None and not 0 <= max_depth <= MAX_DEPTH_MAX:
        raise invalid("max_depth", f"{max_depth} is not from 0 to {MAX_DEPTH_MAX}; leave it out for any distance")
    max_nodes = query.integer("max_nodes")
    if max_nodes is not None and not 1 <= max_nodes <= MAX_NODES_MAX:
        raise invalid("max_nodes", f"{max_nodes} is not from 1 to {MAX_NODES_MAX}")
    return LineageQuery(
        artifact_id=query.text("artifact_id"),
        task_id=query.text("task_id"),
        run_id=query.text("run_id"),
        direction=Direction(direction),
        max_depth=max_depth,
        max_nodes=max_nodes or MAX_NODES_DEFAULT,
    )


def encode_lineage(lineage: model.Lineage) -> Lineage:
    """A lineage's JSON message."""
    return Lineage(
        artifacts=[encode_artifact(artifact) for artifact in lineage.artifacts],
        tasks=[encode_task(task) for task in lineage.tasks],
        artifact_tasks=[encode_artifact_task(link) for link in lineage.artifact_tasks],
        truncated=lineage.truncated,
    )
