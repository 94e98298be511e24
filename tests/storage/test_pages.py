"""How many rows a page over many namespaces takes, and that it is the right one."""

from __future__ import annotations

from typing import Any

import pytest
from storage.plans import Noting
from storage.records import new_artifact

from artifactd import listing
from artifactd.listing import ListQuery, Operation, Predicate, Sort, ValueKind
from artifactd.operations import artifacts, metrics
from artifactd.operations.context import Context
from artifactd.requests import NewMetric
from artifactd.storage import pages, tasks
from artifactd.storage.statements import Row, Statement, Transaction, Values
from artifactd.storage.store import Store

pytestmark = pytest.mark.anyio
NAMESPACES = 40
QUERY = ListQuery(listing.ARTIFACTS, None, Sort("name"), (), 20)


class Counting(Noting):
    """A transaction that counts its statements and the rows that it fetches."""

    fetched = 0
    statements = 0

    def rows(self, statement: Statement, values: Values | None = None) -> list[Row]:
        """Runs a statement and counts its rows."""
        self.statements += 1
        found = super().rows(statement, values)
        self.fetched += len(found)
        return found

    def row(self, statement: Statement, values: Values | None = None) -> Row | None:
        """Runs a statement of one row."""
        self.statements += 1
        return super().row(statement, values)


def a_point(number: int) -> NewMetric:
    """A point of a metric, in a namespace of its own."""
    return NewMetric(f"t{number}", "loss", 1.0, None, None, None, None, f"team-{number}", None)


async def fill(store: Store, context: Context, *, alternating: bool) -> None:
    """In each namespace 30 artifacts, whose names in their order stand in all of them by turns, or in one."""

    def write(transaction: Transaction) -> None:
        for namespace in range(NAMESPACES):
            for number in range(30):
                name = f"{number:02}-{namespace:02}" if alternating else f"{namespace:02}-{number:02}"
                new = new_artifact(name)._replace(namespace=f"team-{namespace}")
                artifacts.create_artifact(context, transaction, new)

    await store.write(write)


async def walk(store: Store, context: Context, query: ListQuery) -> list[str]:
    """The names of a whole list, page by page."""
    found: list[str] = []
    while True:
        page: Any = await store.read(lambda t, asked=query: artifacts.list_artifacts(context, t, asked))  # type: ignore[misc]
        found += [item.name for item in page.items]
        if page.next_position is None:
            return found
        query = query._replace(position=page.next_position)


@pytest.mark.parametrize("alternating", [False, True])
@pytest.mark.parametrize("descending", [False, True])
async def test_a_walk_over_many_namespaces_keeps_the_order(
    store: Store, context: Context, alternating: bool, descending: bool
) -> None:
    await fill(store, context, alternating=alternating)

    found = await walk(store, context, QUERY._replace(sort=Sort("name", descending)))

    assert len(found) == 30 * NAMESPACES
    assert found == sorted(found, reverse=descending)


async def test_a_page_over_many_namespaces_fetches_few_rows_of_each(store: Store, context: Context) -> None:
    await fill(store, context, alternating=True)

    def count(transaction: Transaction) -> int:
        counting = Counting(transaction)
        artifacts.list_artifacts(context, counting, QUERY)
        return counting.fetched

    # The namespaces with their counts, and two rows of each.
    assert await store.read(count) <= 3 * NAMESPACES


async def test_a_list_of_ids_asks_the_namespaces_of_these_alone(store: Store, context: Context) -> None:
    await fill(store, context, alternating=True)
    await store.write(lambda t: [metrics.log_metric(context, t, a_point(number)) for number in range(NAMESPACES)])
    query = ListQuery(listing.METRICS, None, Sort(""), (), 20, task_ids=("t3", "t7", "none"))

    def listed(transaction: Transaction) -> tuple[list[str], int, int]:
        counting = Counting(transaction)
        page = metrics.list_metrics(context, counting, query)
        return [item.task_id for item in page.items], page.total_size, counting.statements

    # Where they belong, and of each of two namespaces the count and the page.
    assert await store.read(listed) == (["t3", "t7"], 2, 6)


async def test_a_list_looks_at_nothing_that_lacks_the_field_it_is_sorted_and_filtered_by(
    store: Store, context: Context
) -> None:
    await store.write(lambda t: metrics.log_metric(context, t, a_point(1)))
    name = Predicate(Operation.EQUALS, listing.TASKS.fields[3], (), ValueKind.TEXT, ("train",))
    query = ListQuery(listing.TASKS, None, Sort("display_name"), (name,), 20)

    def counted(transaction: Transaction) -> int:
        counting = Counting(transaction)
        pages.select_page(counting, tasks.LISTING, query, None, is_counted=False)
        return counting.statements

    # The namespaces, and of the one what has a name.
    assert await store.read(counted) == 2
