"""What property-based tests draw: texts, numbers, JSON and times of every kind, and how often.

`ARTIFACTD_TEST_EXAMPLES` says how many examples are wanted of the cheapest property; a costlier one runs a share of
that, and never fewer than it runs by default. The same examples are drawn each time, unless `ARTIFACTD_TEST_SEED` is
set: then they are others each time.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from support import START_US

Json = Any
_NON_FINITE = {"inf": "Infinity", "-inf": "-Infinity", "nan": "NaN"}


_ENGINES = 3
"""What is asked for is shared out among the engines, each of which runs every property."""


def examples(default: int, *, cost: int = 100) -> settings:
    """How many examples a property runs.

    Args:
        default: how many unless more are asked for.
        cost: how many times an example is dearer than the cheapest property's.
    """
    asked = int(os.environ.get("ARTIFACTD_TEST_EXAMPLES", "0"))
    return settings(
        max_examples=max(default, asked // (cost * _ENGINES)),
        derandomize="ARTIFACTD_TEST_SEED" not in os.environ,
        database=None,
        deadline=None,
        print_blob=True,
        phases=(Phase.explicit, Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )


def texts(min_size: int = 0, max_size: int = 30) -> st.SearchStrategy[str]:
    """Texts of any characters that a text may hold."""
    characters = st.characters(exclude_categories=["Cs"], exclude_characters="\x00")
    return st.text(characters, min_size=min_size, max_size=max_size)


WORDS = st.sampled_from(
    [
        "a",
        "A",
        "b",
        "ab",
        "a ",
        " a",
        "a%",
        "a_",
        "%",
        "_",
        "a.b",
        'a"b',
        "a\\b",
        "a'b",
        "é",
        "e\u0301",
        "\uffff",
        "\U0001f600",
        "ß",
    ]
)
"""A few texts that are easily mixed up: in case, blanks, wildcards, escapes, normalisation and code point order."""
NAMESPACES = st.sampled_from(["", "a", "B", "é"])
IDS = st.text("abAB01._:-", min_size=1, max_size=5)

FINITE = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(
        [-0.0, 0.0, 5e-324, -5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, 0.1, 1e16, 1e22, 2.0**53]
    ),
)
DOUBLES = st.one_of(FINITE, st.sampled_from([float("inf"), float("-inf"), float("nan")]))
INTEGERS = st.one_of(
    st.integers(),
    st.sampled_from([2**53 + 1, 2**63 - 1, 2**63, -(2**63) - 1, 2**64, 10**30, -(10**400)]),
)
TIMES_US = st.one_of(st.integers(-62_135_596_800_000_000, 253_402_300_799_999_999), st.integers(START_US, START_US + 3))


def json_values(
    numbers: st.SearchStrategy[float] = DOUBLES, integers: st.SearchStrategy[int] = INTEGERS
) -> st.SearchStrategy[Json]:
    """JSON values of every kind."""
    return st.recursive(
        st.one_of(st.none(), st.booleans(), integers, numbers, texts()),
        lambda inner: st.one_of(
            st.lists(inner, max_size=5),
            st.dictionaries(texts(), inner, max_size=5),
            st.integers(2, 90).flatmap(nested(inner)),
        ),
        max_leaves=8,
    )


def nested(inner: st.SearchStrategy[Json]) -> Callable[[int], st.SearchStrategy[Json]]:
    """Gives values that lie so many arrays and objects deep."""

    def at(depth: int) -> st.SearchStrategy[Json]:
        def wrap(drawn: tuple[Json, list[bool]]) -> Json:
            value, kinds = drawn
            for is_list in kinds:
                value = [value] if is_list else {"in": value}
            return value

        return st.tuples(inner, st.lists(st.booleans(), min_size=depth, max_size=depth)).map(wrap)

    return at


def depth_of(value: Json) -> int:
    """How many objects and arrays lie within each other."""
    if isinstance(value, dict):
        value = list(value.values())
    return 1 + max(map(depth_of, value), default=0) if isinstance(value, list) else 0


def objects(numbers: st.SearchStrategy[float] = DOUBLES, *, depth_max: int = 95) -> st.SearchStrategy[dict[str, Json]]:
    """JSON objects."""
    return st.dictionaries(texts(), json_values(numbers), max_size=6).filter(lambda value: depth_of(value) <= depth_max)


def shown(value: Json) -> Json:
    """How a JSON value comes back: as it was, with NaN and the infinities as strings."""
    if isinstance(value, float) and value - value != 0:
        return _NON_FINITE[str(value)]
    if isinstance(value, dict):
        return {key: shown(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shown(item) for item in value]
    return value


def exact(value: Json) -> Json:
    """A value that equals only its own kind: 1, 1.0 and true differ, and so do 0.0 and -0.0."""
    if isinstance(value, float):
        return ("double", struct.pack(">d", value))
    if isinstance(value, dict):
        return {key: exact(item) for key, item in value.items()}
    if isinstance(value, list):
        return [exact(item) for item in value]
    return (type(value).__name__, value)


def time_text(us: int) -> str:
    """A time as the service writes it."""
    seconds, micros = divmod(us, 1_000_000)
    whole = datetime.fromtimestamp(0, UTC).replace(tzinfo=None).toordinal() * 86_400 + seconds
    day, rest = divmod(whole, 86_400)
    date = datetime.fromordinal(day).date().isoformat()
    fraction = f".{micros:06d}" if micros else ""
    return f"{date}T{rest // 3_600:02d}:{rest // 60 % 60:02d}:{rest % 60:02d}{fraction}Z"


def time_us(text: str) -> int:
    """The microseconds since the epoch of a time that the service wrote."""
    moment = datetime.fromisoformat(text)
    days = moment.toordinal() - datetime.fromtimestamp(0, UTC).toordinal()
    seconds = days * 86_400 + moment.hour * 3_600 + moment.minute * 60 + moment.second
    return seconds * 1_000_000 + moment.microsecond


class FixedClock:
    """A clock that stands still until it is set, so that many things are of one moment."""

    def __init__(self) -> None:
        self.now_us = START_US

    def __call__(self) -> int:
        """The moment that it was set to."""
        return self.now_us
