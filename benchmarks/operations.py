"""What is measured: each operation, the script that drives it, and what it must leave in the store."""

from __future__ import annotations

from typing import NamedTuple

GET_CEILING, POST_CEILING = "noop_get", "noop_post"


class Operation(NamedTuple):
    """An operation to measure.

    Attributes:
        name: as in the API, or of a ceiling.
        title: what it does, for the table.
        script: the wrk script.
        targets: which of the store's files of targets the script reads, if any.
        table: the table that a write fills, if it is one.
        items: how many rows of that table each request adds.
        ceiling: the no-op that it is compared with; empty for a ceiling itself.
    """

    name: str
    title: str
    script: str
    targets: str = ""
    table: str = ""
    items: int = 0
    ceiling: str = GET_CEILING

    @property
    def is_ceiling(self) -> bool:
        """Whether this is the stack doing nothing."""
        return not self.ceiling


OPERATIONS = (
    Operation(GET_CEILING, "no-op, GET", "get_targets.lua", "get_artifact", ceiling=""),
    Operation(POST_CEILING, "no-op, POST", "create_artifact.lua", ceiling=""),
    Operation("log_metric", "log one metric", "log_metric.lua", "", "metric_points", 1, POST_CEILING),
    Operation("batch_log_metrics", "log 100 metrics", "batch_log_metrics.lua", "", "metric_points", 100, POST_CEILING),
    Operation("create_artifact", "register an artifact", "create_artifact.lua", "", "artifacts", 1, POST_CEILING),
    Operation("get_artifact", "get an artifact", "get_targets.lua", "get_artifact"),
    Operation("get_metric", "get a metric", "get_targets.lua", "get_metric"),
    Operation("list_artifacts", "list 20 artifacts", "get_targets.lua", "list_artifacts"),
    Operation("filter_artifacts", "list 20 by type and name", "get_targets.lua", "filter_artifacts"),
    Operation("get_lineage", "lineage of 4 hops", "get_targets.lua", "get_lineage"),
    Operation("list_metrics", "list 20 metrics of a run", "get_targets.lua", "list_metrics"),
)
BY_NAME = {operation.name: operation for operation in OPERATIONS}


def chosen(names: list[str]) -> list[Operation]:
    """The operations of those names, each behind the ceiling that it is compared with; all for no names.

    Raises:
        KeyError: an unknown name.
    """
    wanted = [BY_NAME[name] for name in names] or list(OPERATIONS)
    needed = {operation.name for operation in wanted} | {operation.ceiling for operation in wanted}
    return [operation for operation in OPERATIONS if operation.name in needed]
