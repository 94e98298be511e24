"""A line to the database that breaks without a word is told from a fault of ours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from artifactd.storage.engines.driver import Driver, Fault, Purpose
from artifactd.storage.engines.mysql import MysqlDriver, mysql_address
from artifactd.storage.engines.postgresql import PostgresqlDriver
from artifactd.storage.store import StoreOptions, engine_of

pytestmark = pytest.mark.engines("postgresql", "mariadb")


@pytest.fixture
def driver(server_url: str) -> Driver:
    """The driver of each server."""
    if engine_of(server_url) == "postgresql":
        return PostgresqlDriver(server_url, StoreOptions())
    return MysqlDriver(mysql_address(server_url), StoreOptions())


STEPS: dict[str, Callable[[Driver, Any], object]] = {
    "begin": lambda driver, connection: driver.begin(connection, Purpose.WRITE),
    "statement": lambda _, connection: connection.cursor().execute("SELECT 1"),
    "commit": lambda driver, connection: driver.commit(connection),
    "rollback": lambda driver, connection: driver.rollback(connection),
}


@pytest.mark.parametrize("step", STEPS)
def test_a_line_that_breaks_means_that_the_database_is_lost(driver: Driver, step: str) -> None:
    connection = driver.connect(Purpose.WRITE)
    if step != "begin":
        driver.begin(connection, Purpose.WRITE)
    driver.interrupt(connection)

    with pytest.raises(driver.errors) as raised:
        STEPS[step](driver, connection)

    assert driver.fault(raised.value) is Fault.LOST
    driver.close(connection)
