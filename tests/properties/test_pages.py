"""A walk sees everything once, in order, under every sort, while others write."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from properties.conftest import NewApi
from properties.nouns import NOUNS, Noun
from properties.values import FixedClock, examples

from artifactd import listing

_LISTINGS = {
    "artifacts": listing.ARTIFACTS,
    "metrics": listing.METRICS,
    "artifact_tasks": listing.ARTIFACT_TASKS,
    "tasks": listing.TASKS,
    "runs": listing.RUNS,
}


def random_ids(seed: int) -> Any:
    """UUIDs in no order, so that no walk is right only because ids rise with time."""
    chance = random.Random(seed)

    def new_id() -> str:
        digits = f"{chance.getrandbits(128):032x}"
        return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"

    return new_id


@pytest.mark.parametrize("make", NOUNS, ids=lambda make: make.items)
def test_every_field_that_may_be_sorted_by_is_walked_below(make: type[Noun]) -> None:
    sortable = {field.name for field in _LISTINGS[make.items].fields if field.sortable}

    assert sortable == set(make.sorts)


class Walk:
    """A walk through a list, page by page, while others write."""

    def __init__(self, noun: Noun, query: dict[str, Any], chance: random.Random) -> None:
        self.noun = noun
        self.query = query
        self.chance = chance
        self.seen: list[tuple[str, ...]] = []

    def next_page(self, total: int) -> bool:
        """Takes a page of a random size, checks its total; gives whether there is more."""
        api, noun = self.noun.api, self.noun
        size = self.chance.choice([1, 1, 2, 3, 5, 8, 200])
        page = api.get(noun.path, page_size=size, **self.query)
        self.seen += [noun.key(message) for message in page[noun.items]]
        assert page["total_size"] == total
        if not page["next_page_token"]:
            return False
        assert len(page[noun.items]) == size
        if self.chance.random() < 0.5:
            self.query = {}
        self.query = self.query | {"page_token": page["next_page_token"]}
        return True


def query_of(noun: Noun, sort: str, *, descending: bool) -> dict[str, Any]:
    """The parameters of a list of everything in an order."""
    name = "order_by" if noun.items == "tasks" else "sort_by"
    query: dict[str, Any] = {name: f"{sort} desc" if descending else sort} if sort else {}
    return query | ({"type": "UNSPECIFIED"} if noun.items == "artifact_tasks" else {})


@pytest.mark.parametrize("make", NOUNS, ids=lambda make: make.items)
def test_a_walk_sees_everything_once_in_order_under_every_sort_while_others_write(
    new_api: NewApi, make: type[Noun]
) -> None:
    @examples(15)
    @given(
        first=st.lists(make.draws, max_size=20),
        later=st.lists(make.draws, max_size=40),
        seed=st.integers(0, 2**32),
    )
    def law(first: list[dict[str, Any]], later: list[dict[str, Any]], seed: int) -> None:
        clock = FixedClock()
        chance = random.Random(seed)
        with new_api(clock, random_ids(seed)) as api:
            noun = make(api, clock)
            for drawn in first:
                noun.write(drawn)
            sorts = [(sort, descending) for sort in make.sorts for descending in (False, True)]
            chance.shuffle(sorts)
            for sort, descending in [("", False), *sorts]:
                before = set(noun.rows)
                walk = Walk(noun, query_of(noun, sort, descending=descending), chance)
                while walk.next_page(len(noun.rows)):
                    if later and chance.random() < 0.3:
                        noun.write(later.pop())
                    noun.touch(chance.choice(list(noun.rows)))

                seen = [noun.rows[key] for key in walk.seen]
                assert len(set(walk.seen)) == len(walk.seen)
                assert before <= set(walk.seen)
                assert seen == noun.ordered(seen, sort, descending=descending)

    law()


@pytest.mark.parametrize("make", NOUNS, ids=lambda make: make.items)
def test_a_walk_of_a_namespace_or_of_ids_sees_only_theirs(new_api: NewApi, make: type[Noun]) -> None:
    fields = {
        "artifacts": {"namespace": "namespace"},
        "metrics": {"namespace": "namespace", "task_ids": "task_id", "run_ids": "run_id"},
        "artifact_tasks": {"task_ids": "task_id", "run_ids": "run_id", "artifact_ids": "artifact_id"},
        "tasks": {"namespace": "namespace", "run_id": "run_id", "parent_id": "parent_task_id"},
        "runs": {"namespace": "namespace", "experiment_id": "experiment_id"},
    }[make.items]

    @examples(15)
    @given(drawn=st.lists(make.draws, min_size=1, max_size=25), seed=st.integers(0, 2**32))
    def law(drawn: list[dict[str, Any]], seed: int) -> None:
        clock = FixedClock()
        chance = random.Random(seed)
        with new_api(clock, random_ids(seed)) as api:
            noun = make(api, clock)
            for item in drawn:
                noun.write(item)
            for _ in range(8):
                sort, descending = chance.choice(make.sorts), chance.random() < 0.5
                query = query_of(noun, sort, descending=descending)
                wanted = list(noun.rows.values())
                for parameter, field in chance.sample(list(fields.items()), chance.randint(1, len(fields))):
                    known = sorted({row[field] for row in noun.rows.values() if row[field]})
                    asked = chance.sample([*known, "none-such"], chance.randint(1, len(known) + 1))
                    asked = asked if parameter.endswith("ids") else asked[:1]
                    query[parameter] = asked
                    wanted = [row for row in wanted if row[field] in asked]
                walk = Walk(noun, query, chance)
                while walk.next_page(len(wanted)):
                    pass

                seen = [noun.rows[key] for key in walk.seen]
                assert seen == noun.ordered(wanted, sort, descending=descending)

    law()
