"""What a large store holds: the same rows for every engine, made without chance (docs/size.md tells its shape).

Everything follows from numbers: run r has the tasks 10 r to 10 r + 9, task t the artifacts 2 t and 2 t + 1 and the
metrics 6 t to 6 t + 5. So a target of a measurement can be named without being looked for.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator
from random import Random
from typing import Any, NamedTuple

from sqlalchemy import Table

from artifactd.model import Artifact
from artifactd.storage import schema
from artifactd.storage.artifacts import contents_digest

RUNS = 500_000
"""At scale 1: five million tasks, ten million artifacts, thirty million metrics, twenty million links."""
TASKS, ARTIFACTS, METRICS, LINKS = 10, 2, 6, 4
"""Tasks of a run; artifacts, metrics and links of a task."""
NAMESPACES = 200
SCALE_MIN = 0.001
HUBS = 10
HUB_NAMESPACE, CHAIN_NAMESPACE = 0, 1
CHAIN_RUNS = 300
"""How many runs each begin with what the last one ended with."""
METRIC_NAMES = ("accuracy", "auc", "duration_s", "loss", "val/accuracy", "val/loss")
STEPS = ("load", "clean", "split", "encode", "train", "tune", "evaluate", "explain", "package", "report")
RUNS_ALIKE = 5
"""So many runs, one after the other in a namespace, give their models the same name."""
_ZIPF = 1.75
"""The n-th namespace has a share of n ** -1.75: the first about a half, the last one in 20,000."""
_BEGIN_US = 1_735_689_600_000_000
_YEAR_US = 365 * 24 * 3_600 * 1_000_000
_STEP_US = 60_000_000
_ODD = 0x9E37_79B9_7F4A_7C15
_MASK_62 = (1 << 62) - 1
_HUB_READERS_OF_250 = 100
_OUTPUT_FLAGS = 1 << 2
"""A point's flags of a metric of type METRIC_OUTPUT (`artifactd.storage.points`); its class of number follows."""
_NAN = 4
_FINITE = 2


class Encoding(NamedTuple):
    """How an engine takes what is neither a number nor a text."""

    uuid: Callable[[int], Any]
    unset: Any


class TableRows(NamedTuple):
    """The rows of a table: the columns that vary, those that do not, and how many there are; all others are unset."""

    table: Table
    varying: tuple[str, ...]
    constant: dict[str, int | str]
    rows_count: int
    rows: Callable[[Encoding], Iterator[tuple[Any, ...]]]


class Shape:
    """Which run belongs to which namespace, and what all the numbers stand for."""

    def __init__(self, scale: float) -> None:
        self.scale = scale
        if scale < SCALE_MIN:
            raise RuntimeError(f"scale {scale:g} is too small for {NAMESPACES} namespaces: give {SCALE_MIN} or more")
        self.runs = round(RUNS * scale)
        shares = [number**-_ZIPF for number in range(1, NAMESPACES + 1)]
        self.sizes = [max(1, int(self.runs * share / sum(shares))) for share in shares]
        self.sizes[0] += self.runs - sum(self.sizes)
        self.namespace_of = array("B", [n for n, size in enumerate(self.sizes) for _ in range(size)])
        Random(4).shuffle(self.namespace_of)
        self.runs_of = [array("L") for _ in range(NAMESPACES)]
        self.place_of = array("L")
        """The how-manieth of its namespace a run is."""
        for run, number in enumerate(self.namespace_of):
            self.place_of.append(len(self.runs_of[number]))
            self.runs_of[number].append(run)
        self._gap_us = _YEAR_US // self.runs

    @property
    def rows(self) -> int:
        """About how many rows there are."""
        return self.runs * (1 + TASKS * (1 + ARTIFACTS + 2 * METRICS + LINKS))

    @property
    def begin_us(self) -> int:
        """When the first run begins."""
        return _BEGIN_US

    @property
    def end_us(self) -> int:
        """When the last run has begun."""
        return _BEGIN_US + self.runs * self._gap_us

    def start_us(self, run: int) -> int:
        """When a run begins."""
        return _BEGIN_US + run * self._gap_us

    def updated_us(self, noun: str, task: int) -> int:
        """When a task, or the run of a task, was changed last."""
        run, step = divmod(task, TASKS)
        if noun == "runs":
            return self.start_us(run) + TASKS * _STEP_US
        return self.start_us(run) + (step + 1) * _STEP_US - 1_000_000

    def artifact_us(self, number: int) -> int:
        """When an artifact was made."""
        task, output = divmod(number, ARTIFACTS)
        run, step = divmod(task, TASKS)
        return _BEGIN_US + run * self._gap_us + step * _STEP_US + 30_000_000 + output * 1_000_000

    def artifact_uuid(self, number: int) -> int:
        """An artifact's id, of version 7."""
        return _uuid(self.artifact_us(number), number)

    def inputs(self, task: int) -> tuple[int | None, int | None]:
        """The two artifacts that a task reads; the first task of a namespace reads none."""
        run, step = divmod(task, TASKS)
        namespace, place = self.namespace_of[run], self.place_of[run]
        data: int | None
        base: int | None
        if step:
            data, base = ARTIFACTS * (task - 1), ARTIFACTS * TASKS * run + 1
        elif place:
            others = self.runs_of[namespace]
            in_chain = namespace == CHAIN_NAMESPACE and place < CHAIN_RUNS
            data = last_output(others[place - 1] if in_chain else others[_mixed(task) % place])
            base = last_output(others[_mixed(task + 1) % place]) + 1
        else:
            data = base = None
        if namespace == HUB_NAMESPACE and place:
            drawn = _mixed(task) % 250
            if drawn < _HUB_READERS_OF_250:
                base = ARTIFACTS * TASKS * self.runs_of[namespace][0] + drawn % HUBS
        return data, base

    def hub(self) -> int:
        """An artifact with readers by the hundred thousand, at scale 1."""
        return ARTIFACTS * TASKS * self.runs_of[HUB_NAMESPACE][0] + 3

    def chain_end(self) -> int:
        """The last artifact of the deep chain."""
        runs = self.runs_of[CHAIN_NAMESPACE]
        return last_output(runs[min(CHAIN_RUNS, len(runs)) - 1])

    def tables(self) -> list[TableRows]:
        """Every table with rows, small ones first."""
        tasks = self.runs * TASKS
        inputs = self.runs * TASKS * 2 - NAMESPACES * 2
        return [
            TableRows(
                schema.namespaces, ("namespace_id", "namespace"), {}, NAMESPACES,
                lambda _: ((n + 1, namespace_name(n)) for n in range(NAMESPACES)),
            ),
            TableRows(schema.counts, _COUNT, {"stripe": 0}, 6 * NAMESPACES, self._counts),
            TableRows(schema.runs, _RUN, {"storage_state": "AVAILABLE"}, self.runs, self._runs),
            TableRows(schema.tasks, _TASK, {"stub": 0}, tasks, self._tasks),
            TableRows(schema.artifacts, _ARTIFACT, {"version": 1}, tasks * ARTIFACTS, self._artifacts),
            TableRows(
                schema.artifact_tasks, _LINK, {"iteration": -1}, tasks * ARTIFACTS + inputs, self._links
            ),
            TableRows(
                schema.metrics, _METRIC,
                {"schema": "Metric", "type": "METRIC_OUTPUT", "step": 0, "step_given": 0, "points": 1},
                tasks * METRICS, self._metrics,
            ),
            TableRows(
                schema.metric_points, ("metric_pk", "created_at_us", "flags", "value"), {"arrival": 0, "step": 0},
                tasks * METRICS, self._points,
            ),
        ]  # fmt: skip

    def _counts(self, _: Encoding) -> Iterator[tuple[Any, ...]]:
        for number, size in enumerate(self.sizes):
            tasks = size * TASKS
            yield "runs", number + 1, "", size
            yield "tasks", number + 1, "", tasks
            yield "artifacts", number + 1, "", tasks * ARTIFACTS
            yield "metrics", number + 1, "", tasks * METRICS
            yield "artifact_tasks", number + 1, "OUTPUT", tasks * ARTIFACTS
            # A namespace's first task reads nothing; a first run of the hubs' namespace is no reader of its own hubs.
            yield "artifact_tasks", number + 1, "INPUT", tasks * 2 - 2

    def _runs(self, _: Encoding) -> Iterator[tuple[Any, ...]]:
        for run in range(self.runs):
            number, place, start = self.namespace_of[run], self.place_of[run], self.start_us(run)
            pipeline = f"pipeline-{place % 7}"
            experiment = f"experiment-{number}-{place // 50}"
            end = start + TASKS * _STEP_US
            yield run + 1, run_id(run), number + 1, f"{pipeline} {place}", pipeline, experiment, start, end

    def _tasks(self, encoding: Encoding) -> Iterator[tuple[Any, ...]]:
        unset = encoding.unset
        for run in range(self.runs):
            number, start, name = self.namespace_of[run] + 1, self.start_us(run), run_id(run)
            failed = TASKS - 1 if _mixed(run) % 20 == 0 else -1
            for step, title in enumerate(STEPS):
                begin = start + step * _STEP_US
                end = begin + _STEP_US - 1_000_000
                parent = f"{name}-0" if step else unset
                state = "FAILED" if step == failed else "SUCCEEDED"
                yield (
                    run * TASKS + step + 1, f"{name}-{step}", number, name, title, f"{title} {run % 100}", state,
                    parent, begin, begin + 1_000_000, end, end,
                )  # fmt: skip

    def _artifacts(self, encoding: Encoding) -> Iterator[tuple[Any, ...]]:
        uuid, unset = encoding
        for number in range(self.runs * TASKS * ARTIFACTS):
            made = self.artifact(number)
            value = unset if made.number_value is None else made.number_value
            yield (
                number + 1, uuid(self.artifact_uuid(number)), self.namespace_of[number // (TASKS * ARTIFACTS)] + 1,
                made.name, made.type, made.uri, value, made.metadata, made.created_at_us, made.created_at_us,
                contents_digest(made),
            )  # fmt: skip

    def artifact(self, number: int) -> Artifact:
        """An artifact, but for its id."""
        task, output = divmod(number, ARTIFACTS)
        run, step = divmod(task, TASKS)
        namespace, place, created = self.namespace_of[run], self.place_of[run], self.artifact_us(number)
        name = namespace_name(namespace)
        mixed = _mixed(number)
        share = mixed % 1_000_003 / 1_000_003
        if output:
            title, kind, value = f"model-{place // RUNS_ALIKE}", "Model", share
        else:
            title, kind, value = f"{STEPS[step]}-data", "Dataset", None
        uri = f"s3://{name}/{run_id(run)}/{step}/{title}"
        metadata = f'{{"accuracy":{mixed % 9_973 / 9_973},"epochs":{mixed % 50},"framework":"sklearn"}}'
        return Artifact("", name, title, kind, uri, None, value, metadata, created, created, 1)

    def _links(self, encoding: Encoding) -> Iterator[tuple[Any, ...]]:
        uuid = encoding.uuid
        for run in range(self.runs):
            name, namespace, start = run_id(run), self.namespace_of[run] + 1, self.start_us(run)
            for step in range(TASKS):
                task, at = run * TASKS + step, start + step * _STEP_US
                task_id, link = f"{name}-{step}", task * LINKS
                data, base = self.inputs(task)
                for offset, (artifact, key, kind) in enumerate(
                    (
                        (data, "data", "INPUT"),
                        (base, "base", "INPUT"),
                        (task * 2, "data", "OUTPUT"),
                        (task * 2 + 1, "model", "OUTPUT"),
                    )
                ):
                    if artifact is not None:
                        us = at + (40_000_000 if kind == "OUTPUT" else 2_000_000) + offset
                        yield (
                            link + offset + 1, uuid(_uuid(us, link + offset)), namespace,
                            uuid(self.artifact_uuid(artifact)), task_id, kind, int(kind == "OUTPUT"), name, key, us,
                        )  # fmt: skip

    def _metrics(self, encoding: Encoding) -> Iterator[tuple[Any, ...]]:
        unset = encoding.unset
        for run in range(self.runs):
            name, namespace, start = run_id(run), self.namespace_of[run] + 1, self.start_us(run)
            for step in range(TASKS):
                task_id, first = f"{name}-{step}", (run * TASKS + step) * METRICS
                at = start + step * _STEP_US + 50_000_000
                for offset, metric in enumerate(METRIC_NAMES):
                    value = metric_value(first + offset)
                    kind = _NAN if value is None else _FINITE
                    yield (
                        first + offset + 1, namespace, name, task_id, metric, kind,
                        unset if value is None else value, at + offset,
                    )  # fmt: skip

    def _points(self, encoding: Encoding) -> Iterator[tuple[Any, ...]]:
        unset = encoding.unset
        finite, nan = _OUTPUT_FLAGS | _FINITE << 4, _OUTPUT_FLAGS | _NAN << 4
        number = 0
        for run in range(self.runs):
            start = self.start_us(run)
            for step in range(TASKS):
                at = start + step * _STEP_US + 50_000_000
                for offset in range(METRICS):
                    value = metric_value(number)
                    number += 1
                    yield number, at + offset, nan if value is None else finite, unset if value is None else value


_COUNT = ("noun", "namespace_id", "kind", "total")
_RUN = (
    "run_pk", "run_id", "namespace_id", "display_name", "pipeline_name", "experiment_id", "created_at_us",
    "updated_at_us",
)  # fmt: skip
_TASK = (
    "task_pk", "task_id", "namespace_id", "run_id", "name", "display_name", "state", "parent_task_id",
    "create_time_us", "start_time_us", "end_time_us", "updated_at_us",
)  # fmt: skip
_ARTIFACT = (
    "artifact_pk", "artifact_id", "namespace_id", "name", "type", "uri", "number_value", "metadata", "created_at_us",
    "updated_at_us", "contents_digest",
)  # fmt: skip
_LINK = (
    "artifact_task_pk", "id", "namespace_id", "artifact_id", "task_id", "type", "is_output", "run_id", "key",
    "created_at_us",
)  # fmt: skip
_METRIC = (
    "metric_pk", "namespace_id", "run_id", "task_id", "name", "value_class", "value", "created_at_us",
)  # fmt: skip


def namespace_name(number: int) -> str:
    """A namespace's name."""
    return f"team-{number:03}"


def run_id(run: int) -> str:
    """A run's id: twelve characters, rising with time."""
    return f"run-{run:08}"


def task_id(task: int) -> str:
    """A task's id: that of its run, and the step."""
    return f"{run_id(task // TASKS)}-{task % TASKS}"


def last_output(run: int) -> int:
    """The data that the last task of a run makes."""
    return ARTIFACTS * (TASKS * run + TASKS - 1)


def metric_value(number: int) -> float | None:
    """A metric's value, evenly spread from 0 to 1; None for NaN, which one in a thousand is."""
    mixed = _mixed(number)
    return None if mixed % 1_000 == 0 else mixed / (1 << 32)


def uuid_text(value: int) -> str:
    """A UUID's textual form."""
    digits = f"{value:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def _uuid(at_us: int, number: int) -> int:
    return at_us // 1_000 << 80 | 7 << 76 | (number & 0xFFF) << 64 | 2 << 62 | (number * _ODD & _MASK_62)


def _mixed(number: int) -> int:
    """32 bits that look drawn."""
    number = (number + 1) * _ODD
    number ^= number >> 29
    return number * 0xBF58_476D_1CE4_E5B9 >> 24 & 0xFFFF_FFFF
