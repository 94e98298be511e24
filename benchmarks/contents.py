"""What every store holds before it is measured, ours and the peers' alike, made without chance from numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

TASKS, NAMES, TASKS_OF_A_RUN = 100, 20, 5
"""Tasks that log metrics, metrics of a task, tasks of a run: as in the scripts `log_metric.lua`."""
CHAINS = 200
"""Chains of tasks: raw data, prepared, trained on, evaluated, reported."""
CHAIN_ARTIFACTS = ("raw", "train-set", "test-set", "model", "report")
CHAIN_STEPS = {
    "prepare": (("raw",), ("train-set", "test-set")),
    "train": (("train-set",), ("model",)),
    "evaluate": (("model", "test-set"), ("report",)),
}
"""The inputs and outputs of each task of a chain."""
TYPES = ("Model", "Dataset")
_MATCHES = 50
"""How many artifacts share a name and a type."""


class Item(NamedTuple):
    """An artifact; a run in MLflow, which filters those."""

    name: str
    type: str
    uri: str
    accuracy: float
    epochs: int
    framework: str


def names_count(artifacts: int) -> int:
    """How many names there are among so many artifacts."""
    return max(1, artifacts // (_MATCHES * len(TYPES)))


def item(number: int, artifacts: int) -> Item:
    """The artifact of a number, among so many."""
    names = names_count(artifacts)
    kind = TYPES[number // names % len(TYPES)]
    uri = f"s3://models/iris/{number}/model.joblib"
    return Item(f"model-{number % names}", kind, uri, number % 997 / 997, number % 50, "sklearn")


def pairs(artifacts: int) -> Iterator[tuple[str, str]]:
    """Every type and name that lists are filtered by."""
    return ((kind, f"model-{number}") for kind in TYPES for number in range(names_count(artifacts)))


def metric_name(number: int) -> str:
    """The name of a task's metric."""
    return f"train/metric-{number}"
