"""Statements whose shape depends on requests are kept, but not without bound."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Select, bindparam, select
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.sql.expression import ClauseElement

from artifactd.storage import artifact_tasks, artifacts, counts, metrics, namespaces, runs, schema, series, tasks
from artifactd.storage.engines.mysql import DIALECT as MYSQL
from artifactd.storage.engines.postgresql import DIALECT as POSTGRESQL
from artifactd.storage.engines.sqlite_connection import DIALECT as SQLITE
from artifactd.storage.statements import Statement, StatementCache

SHAPES_MAX = 512


def build(number: int = 1) -> Select[str]:
    return select(schema.artifacts.c.name).where(schema.artifacts.c.artifact_pk == bindparam(f"value_{number}"))


def test_a_shape_is_built_once() -> None:
    cache = StatementCache()
    built: list[int] = []

    def noting() -> ClauseElement:
        built.append(1)
        return build()

    assert cache.get("shape", noting) is cache.get("shape", noting)
    assert len(built) == 1


def test_no_more_shapes_are_kept_than_the_bound() -> None:
    cache = StatementCache()

    for number in range(2 * SHAPES_MAX):
        cache.get(number, build)

    assert len(cache._statements) == SHAPES_MAX


def test_a_shape_in_use_is_kept_while_others_come_and_go() -> None:
    cache = StatementCache()
    in_use = cache.get("in use", build)

    for number in range(3 * SHAPES_MAX):
        cache.get(number, build)
        assert cache.get("in use", build) is in_use


def test_threads_may_share_a_cache() -> None:
    cache = StatementCache()

    def use(seed: int) -> None:
        for number in range(3_000):
            cache.get((number * seed) % 700, build)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(use, (1, 3, 7, 11)))

    assert len(cache._statements) <= SHAPES_MAX


@pytest.mark.parametrize("dialect", [SQLITE, POSTGRESQL, MYSQL], ids=lambda dialect: dialect.name)
def test_an_insert_whose_number_nobody_asks_for_gives_no_row(dialect: Dialect) -> None:
    modules = (artifact_tasks, artifacts, counts, metrics, namespaces, runs, series, tasks)
    statements = [value for module in modules for value in vars(module).values() if isinstance(value, Statement)]
    inserts = [sql for sql in (each.sql(dialect) for each in statements) if sql.startswith("INSERT")]

    assert len(inserts) > 8
    assert [sql for sql in inserts if "RETURNING" in sql] == []
