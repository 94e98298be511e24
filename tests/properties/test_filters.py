"""A filter gives exactly the rows that a plain Python predicate gives, and counts them."""

from __future__ import annotations

import json
import math
import operator
import random
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from properties.conftest import NewApi
from properties.nouns import NOUNS, Noun, Row
from properties.values import FixedClock, examples, shown, time_text
from support import START_US

COMPARISONS: dict[str, Any] = {
    "EQUALS": operator.eq,
    "NOT_EQUALS": operator.ne,
    "GREATER_THAN": operator.gt,
    "GREATER_THAN_EQUALS": operator.ge,
    "LESS_THAN": operator.lt,
    "LESS_THAN_EQUALS": operator.le,
}
NUMBERS = {
    "EQUALS": 1,
    "NOT_EQUALS": 2,
    "GREATER_THAN": 3,
    "GREATER_THAN_EQUALS": 5,
    "LESS_THAN": 6,
    "LESS_THAN_EQUALS": 7,
    "IN": 8,
    "IS_SUBSTRING": 9,
}


class Predicate(NamedTuple):
    """A predicate as it is sent, and what it means.

    `path` leads into metadata, and is empty for the other fields; `values` are Python values of one kind.
    """

    message: dict[str, Any]
    field: str
    path: tuple[str, ...]
    kind: str
    operation: str
    values: list[Any]


def holds(predicate: Predicate, row: Row) -> bool:
    """Whether a row matches, by the contract's words."""
    value = _value(predicate, row)
    if value is None:
        return predicate.operation == "NOT_EQUALS"
    if predicate.operation == "IN":
        return value in predicate.values
    if predicate.operation == "IS_SUBSTRING":
        return predicate.values[0] in value
    return bool(COMPARISONS[predicate.operation](value, predicate.values[0]))


def _value(predicate: Predicate, row: Row) -> Any:
    """The value that a row compares, None where it has none of that kind."""
    value = shown(row["metadata"]) if predicate.path else row[predicate.field]
    for key in predicate.path:
        value = value.get(key) if isinstance(value, dict) else None
    if not predicate.path:
        return value
    match predicate.kind:
        case "bool_value":
            return value if isinstance(value, bool) else None
        case "string_value":
            return value if isinstance(value, str) else None
    return _double(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _double(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


class Asking:
    """Makes predicates that some rows match and some just miss."""

    def __init__(self, noun: Noun, chance: random.Random) -> None:
        self.noun = noun
        self.chance = chance
        self.paths = sorted({path for row in noun.rows.values() for path in _paths(row.get("metadata") or {})})

    def every(self) -> Iterator[Predicate]:
        """A predicate for every key, every operation that it takes and every kind of value."""
        noun = self.noun
        rows = noun.rows.values()
        for field in noun.times:
            for operation in COMPARISONS:
                yield self._made(field, (), "timestamp_value", operation, [self.chance.randint(START_US, START_US + 5)])
        for field in noun.texts:
            yield from self._of_texts(field, (), [row[field] for row in rows if row[field] is not None])
        for field in noun.numbers:
            yield from self._of_numbers(field, (), [row[field] for row in rows if row[field] is not None])
        for path in [*self.paths, ("none",), ("a", "none")] if noun.items == "artifacts" else []:
            known = [_at(shown(row["metadata"]), path) for row in rows]
            yield from self._of_texts("metadata", path, [item for item in known if isinstance(item, str)])
            numbers = [_double(item) for item in known if type(item) in (int, float)]
            yield from self._of_numbers("metadata", path, numbers)
            for operation in ("EQUALS", "NOT_EQUALS"):
                yield self._made("metadata", path, "bool_value", operation, [self.chance.random() < 0.5])

    def _of_texts(self, field: str, path: tuple[str, ...], known: list[str]) -> Iterator[Predicate]:
        for operation in (*COMPARISONS, "IN", "IS_SUBSTRING"):
            values = [self._text(known) for _ in range(self.chance.randint(0, 5) if operation == "IN" else 1)]
            if operation == "IS_SUBSTRING" and values[0] and self.chance.random() < 0.7:
                begin = self.chance.randrange(len(values[0]))
                values = [values[0][begin : self.chance.randint(begin, len(values[0]))]]
            yield self._made(field, path, "string_value", operation, values)

    def _text(self, known: list[str]) -> str:
        text = self.chance.choice([*known, "a"])
        near = [text] * 6 + [text.upper(), text + " ", text[:-1], "%" + text, "_" * len(text), text.strip(), "%", ""]
        return self.chance.choice(near)

    def _of_numbers(self, field: str, path: tuple[str, ...], known: list[float]) -> Iterator[Predicate]:
        finite = [number for number in known if math.isfinite(number)] or [0, 1.5]
        for operation in (*COMPARISONS, "IN"):
            drawn = [self.chance.choice(finite) for _ in range(self.chance.randint(0, 5) if operation == "IN" else 1)]
            near = [self.chance.choice([number] * 4 + [_just_below(number), -number]) for number in drawn]
            kind = self.chance.choice(["int_value", "long_value", "double_value", "double_value"])
            if kind == "double_value":
                yield self._made(field, path, kind, operation, [float(number) for number in near])
            else:
                bound = 2**31 - 1 if kind == "int_value" else 2**63 - 1
                values = [int(max(-bound, min(bound, number))) for number in near]
                yield self._made(field, path, kind, operation, values)

    def _made(self, field: str, path: tuple[str, ...], kind: str, operation: str, values: list[Any]) -> Predicate:
        sent = [time_text(value) for value in values] if kind == "timestamp_value" else values
        if kind == "long_value" and self.chance.random() < 0.5:
            sent = [str(value) for value in sent]
        name = self.chance.choice([field, _camel(field)])
        key = ".".join(["metadata", *(part.replace(".", "\\.") for part in path)]) if path else name
        value = {f"{kind}s": {"values": sent}} if operation == "IN" else {kind: sent[0]}
        shown_operation = self.chance.choice([operation, NUMBERS[operation]])
        # A double field compares doubles, a metadata number too; a step compares as it is.
        compared = [float(v) for v in values] if kind.startswith(("int", "long")) and field != "step" else values
        return Predicate({"operation": shown_operation, "key": key} | value, field, path, kind, operation, compared)


def _just_below(number: float) -> float:
    below = number - 1 if isinstance(number, int) else math.nextafter(number, -math.inf)
    return below if math.isfinite(below) else number


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)


def _at(value: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _paths(value: dict[str, Any], before: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """The paths that a key can spell: no empty part, and no backslash before a dot that descends."""
    found = []
    for key, item in value.items():
        if key and len(before) < 4:
            found.append((*before, key))
            if isinstance(item, dict) and not key.endswith("\\"):
                found += _paths(item, (*before, key))
    return found


@pytest.mark.parametrize("make", NOUNS, ids=lambda make: make.items)
def test_a_filter_gives_and_counts_what_a_python_predicate_gives(new_api: NewApi, make: type[Noun]) -> None:
    @examples(10, cost=200)
    @given(drawn=st.lists(make.draws, min_size=5, max_size=20), seed=st.integers(0, 2**32))
    def law(drawn: list[dict[str, Any]], seed: int) -> None:
        clock, chance = FixedClock(), random.Random(seed)
        with new_api(clock) as api:
            noun = make(api, clock)
            for item in drawn:
                noun.write(item)
            asked = list(Asking(noun, chance).every())
            for predicate in asked:
                predicates = [predicate, *chance.sample(asked, chance.choice([0, 0, 0, 0, 1, 2]))]
                text = json.dumps({"predicates": [predicate.message for predicate in predicates]})
                text = quote(text) if chance.random() < 0.2 else text
                sort, descending = chance.choice(noun.sorts), chance.random() < 0.5
                name = "order_by" if noun.items == "tasks" else "sort_by"
                query = {"filter": text, name: f"{sort} desc" if descending else sort, "page_size": 7}
                if noun.items == "artifact_tasks":
                    query["type"] = "UNSPECIFIED"
                wanted = [row for row in noun.rows.values() if all(holds(p, row) for p in predicates)]
                seen = []
                while True:
                    page = api.get(noun.path, **query)
                    seen += [noun.rows[noun.key(message)] for message in page[noun.items]]
                    assert page["total_size"] == len(wanted), text
                    if not page["next_page_token"]:
                        break
                    query = {"page_token": page["next_page_token"]}

                assert seen == noun.ordered(wanted, sort, descending=descending), text

    law()
