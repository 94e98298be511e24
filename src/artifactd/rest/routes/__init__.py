"""The route table: every API operation with its path, decoder, operation and encoder. OpenAPI comes from it."""

from __future__ import annotations

from artifactd.rest.operation import Operation
from artifactd.rest.routes.artifacts import ARTIFACTS
from artifactd.rest.routes.keys import KEYS
from artifactd.rest.routes.links import LINKS
from artifactd.rest.routes.metrics import METRICS
from artifactd.rest.routes.runs import RUNS
from artifactd.rest.routes.search import SEARCH
from artifactd.rest.routes.tasks import TASKS

OPERATIONS: tuple[Operation, ...] = (*ARTIFACTS, *METRICS, *LINKS, *TASKS, *RUNS, *SEARCH, *KEYS)
