"""A search in JSON: what begins with a text."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from artifactd import model
from artifactd.errors import invalid
from artifactd.listing import parse_page_size
from artifactd.model import NAME_CHARS_MAX
from artifactd.requests import SearchQuery
from artifactd.wire.artifacts import Artifact, encode_artifact
from artifactd.wire.message import Message
from artifactd.wire.query import Query
from artifactd.wire.runs import Run, encode_run
from artifactd.wire.tasks import PipelineTaskDetail, encode_task

PARAMETERS = ("query", "namespace", "page_size")


class SearchResponse(Message, omit_defaults=False):
    """What begins with a text; of each noun at most page_size."""

    artifacts: Annotated[list[Artifact], Meta(description="By id, then by name.")]
    runs: Annotated[list[Run], Meta(description="By display_name, then by run_id; without pipeline_spec.")]
    tasks: Annotated[
        list[PipelineTaskDetail],
        Meta(description="By display_name, name, then task_id; without inputs, outputs and child_tasks."),
    ]


def decode_search(query: Query) -> SearchQuery:
    """What to look for. Raises InvalidArgument naming the parameter."""
    query.only(PARAMETERS)
    text = query.text("query")
    if text is None:
        raise invalid("query", "is required: what a name or an id begins with")
    if len(text) > NAME_CHARS_MAX:
        raise invalid("query", f"has {len(text)} characters; at most {NAME_CHARS_MAX} are allowed")
    return SearchQuery(text, query.text("namespace"), parse_page_size(query.integer("page_size")))


def encode_found(found: model.Found) -> SearchResponse:
    """A search's JSON message."""
    return SearchResponse(
        artifacts=[encode_artifact(artifact) for artifact in found.artifacts],
        runs=[encode_run(run) for run in found.runs],
        tasks=[encode_task(task) for task in found.tasks],
    )
