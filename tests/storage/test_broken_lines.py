"""A line to the database that breaks without a word is told from a fault of ours."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from engines.wire import CountingLine
from sqlalchemy import bindparam, insert, text

from artifactd.storage.engines.driver import Driver, Fault, OutcomeUnknownError, Purpose
from artifactd.storage.engines.mysql import MysqlDriver, mysql_address
from artifactd.storage.engines.postgresql import PostgresqlDriver
from artifactd.storage.schema import namespaces
from artifactd.storage.statements import Statement, StatementCache
from artifactd.storage.store import StoreOptions, engine_of

pytestmark = pytest.mark.engines("postgresql", "mariadb")


@pytest.fixture
def line(server_url: str) -> Iterator[CountingLine]:
    """A line to each server."""
    with CountingLine(server_url) as line:
        yield line


@pytest.fixture
def driver(line: CountingLine) -> Driver:
    """The driver of each server, behind that line."""
    if engine_of(line.url) == "postgresql":
        return PostgresqlDriver(line.url, StoreOptions())
    return MysqlDriver(mysql_address(line.url), StoreOptions())


def ask(driver: Driver, connection: Any, purpose: Purpose) -> None:
    driver.transaction(connection, StatementCache(), 0, purpose).row(_ASKED)


STEPS: dict[str, Callable[[Driver, Any], object]] = {
    "begin": lambda driver, connection: driver.begin(connection, Purpose.WRITE, alone=False),
    "statement": lambda driver, connection: ask(driver, connection, Purpose.WRITE),
    "rollback": lambda driver, connection: driver.rollback(connection),
}
_ASKED = Statement(text("SELECT count(*) FROM namespaces"))


@pytest.mark.parametrize("step", STEPS)
def test_a_line_that_breaks_means_that_the_database_is_lost(driver: Driver, step: str) -> None:
    connection = driver.connect(Purpose.WRITE)
    if step != "begin":
        driver.begin(connection, Purpose.WRITE, alone=False)
        ask(driver, connection, Purpose.WRITE)
    driver.interrupt(connection)

    with pytest.raises(driver.errors) as raised:
        STEPS[step](driver, connection)

    assert driver.fault(raised.value) is Fault.LOST
    driver.close(connection)


def test_what_becomes_of_a_write_is_unknown_where_the_line_breaks_as_it_commits(
    driver: Driver, line: CountingLine
) -> None:
    connection = driver.connect(Purpose.WRITE)
    driver.begin(connection, Purpose.WRITE, alone=False)
    ask(driver, connection, Purpose.WRITE)
    line.fall_silent()

    with pytest.raises(OutcomeUnknownError):
        driver.commit(connection, Purpose.WRITE)
    driver.close(connection)


def test_that_a_read_has_ended_is_not_waited_for_but_a_line_that_broke_is_seen_by_the_next(
    driver: Driver, line: CountingLine
) -> None:
    connection = driver.connect(Purpose.READ)
    driver.begin(connection, Purpose.READ, alone=False)
    ask(driver, connection, Purpose.READ)
    line.fall_silent()

    driver.commit(connection, Purpose.READ)
    with pytest.raises(driver.errors) as raised:
        driver.begin(connection, Purpose.READ, alone=False)

    assert driver.fault(raised.value) is Fault.LOST
    driver.close(connection)


def test_a_write_that_failed_before_its_commit_is_known_to_have_failed(driver: Driver) -> None:
    connection = driver.connect(Purpose.WRITE)
    driver.begin(connection, Purpose.WRITE, alone=False)
    transaction = driver.transaction(connection, StatementCache(), 0, Purpose.WRITE)
    for _ in range(2):
        transaction.run(_NAMED, {"namespace": "twice"})

    with pytest.raises(driver.errors) as raised:
        driver.commit(connection, Purpose.WRITE)
    driver.rollback(connection)
    driver.begin(connection, Purpose.WRITE, alone=False)
    found = driver.transaction(connection, StatementCache(), 0, Purpose.WRITE).row(_TWICE)

    assert driver.fault(raised.value) is Fault.CONFLICT
    assert found == (0,)
    driver.close(connection)


_NAMED = Statement(insert(namespaces).values(namespace=bindparam("namespace")))
_TWICE = Statement(text("SELECT count(*) FROM namespaces WHERE namespace = 'twice'"))
