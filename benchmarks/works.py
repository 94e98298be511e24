"""What is measured: each work by its name, whoever does it, and what it must leave in the store."""

from __future__ import annotations

from typing import NamedTuple

GET_CEILING, POST_CEILING = "noop_get", "noop_post"


class Work(NamedTuple):
    """A work to measure.

    Attributes:
        name: in the raw rounds and on the command line.
        title: what it does, for the table.
        script: the wrk script with which artifactd and the ceilings do it, in `benchmarks/scripts`.
        targets: which of the store's files of targets that script reads, if any.
        adds: what a write adds: `artifacts` or `metrics`; empty for a read.
        items: how many of them each request adds.
        ceiling: the no-op that it is compared with; empty for a no-op itself.
        shared: whether the peers do it too.
    """

    name: str
    title: str
    script: str
    targets: str = ""
    adds: str = ""
    items: int = 1
    ceiling: str = GET_CEILING
    shared: bool = False

    @property
    def is_ceiling(self) -> bool:
        """Whether this is the stack doing nothing."""
        return not self.ceiling


_GET = "get_targets.lua"
WORKS = (
    Work(GET_CEILING, "no-op, GET", _GET, "get_artifact", ceiling=""),
    Work(POST_CEILING, "no-op, POST", "create_artifact.lua", ceiling=""),
    Work("log_metric", "log one metric", "log_metric.lua", "", "metrics", 1, POST_CEILING, shared=True),
    Work(
        "batch_log_metrics", "log 100 metrics", "batch_log_metrics.lua", "", "metrics", 100, POST_CEILING, shared=True
    ),
    Work(
        "create_artifact", "register an artifact", "create_artifact.lua", "", "artifacts", 1, POST_CEILING, shared=True
    ),
    Work("get_artifact", "get one", _GET, "get_artifact", shared=True),
    Work("get_metric", "get a metric", _GET, "get_metric"),
    Work("list_artifacts", "list 20 artifacts", _GET, "list_artifacts"),
    Work("filter_artifacts", "list 20 by type and name", _GET, "filter_artifacts", shared=True),
    Work("get_lineage", "lineage of 4 hops", _GET, "get_lineage", shared=True),
    Work("list_metrics", "list 20 metrics of a run", _GET, "list_metrics"),
)
BY_NAME = {work.name: work for work in WORKS}


def chosen(names: list[str], *, shared: bool = False) -> list[Work]:
    """The works of those names, with the ceilings that they are compared with; all for no names.

    Args:
        shared: only those that the peers do too.

    Raises:
        KeyError: an unknown name.
    """
    wanted = [BY_NAME[name] for name in names] or list(WORKS)
    if shared:
        wanted = [work for work in wanted if work.shared]
    needed = {work.name for work in wanted} | {work.ceiling for work in wanted}
    return [work for work in WORKS if work.name in needed]
