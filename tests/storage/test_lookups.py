"""Things that a batch names are looked up together: each is found, and once, however many are asked for."""

from __future__ import annotations

import pytest
from storage.records import new_artifact

from artifactd.operations.artifacts import batch_create_artifacts
from artifactd.operations.context import Context
from artifactd.operations.metrics import batch_log_metrics
from artifactd.requests import NewMetric
from artifactd.storage.artifact_tasks import select_artifact_tasks_of_task
from artifactd.storage.points import select_at
from artifactd.storage.series import select_current
from artifactd.storage.statements import Transaction
from artifactd.storage.store import Store

pytestmark = pytest.mark.anyio
COUNTS = [1, 2, 3, 32, 33, 70]


@pytest.mark.parametrize("count", COUNTS)
async def test_the_links_of_a_task_are_found_once_each(store: Store, context: Context, count: int) -> None:
    new = [new_artifact("model")._replace(task_id=task_id) for task_id in ("t", "u") for _ in range(count)]
    made = await store.write(lambda transaction: batch_create_artifacts(context, transaction, new))
    ids = [artifact.artifact_id for artifact in made]

    found = await store.read(lambda transaction: select_artifact_tasks_of_task(transaction, "t", ids, 1_000))

    assert found is not None
    assert sorted(link.artifact_id for link in found) == sorted(ids[:count])


async def test_links_that_are_too_many_are_not_given_in_part(store: Store, context: Context) -> None:
    new = [new_artifact("model")._replace(task_id="t")] * 5
    made = await store.write(lambda transaction: batch_create_artifacts(context, transaction, new))
    ids = [artifact.artifact_id for artifact in made]

    cut = await store.read(lambda transaction: select_artifact_tasks_of_task(transaction, "t", ids, 5))
    whole = await store.read(lambda transaction: select_artifact_tasks_of_task(transaction, "t", ids, 6))

    assert cut is None
    assert whole is not None
    assert len(whole) == 5


@pytest.mark.parametrize("count", COUNTS)
async def test_the_points_at_times_are_those_that_there_are(store: Store, context: Context, count: int) -> None:
    times = range(0, 2 * count, 2)
    new = [NewMetric("t", "loss", 0.5, None, None, None, time, None, None) for time in times]
    await store.write(lambda transaction: batch_log_metrics(context, transaction, new))

    def found(transaction: Transaction) -> list[int]:
        current = select_current(transaction, "t", "loss")
        assert current is not None
        return sorted(time for time, *_ in select_at(transaction, current.metric_pk, range(2 * count)))

    assert await store.read(found) == list(times)
