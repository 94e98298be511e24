"""Real clusters, one for each test. `make test-cluster` runs these tests; `make test` leaves them out."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence

import pytest
from cluster import galera, patroni
from cluster.galera import GaleraCluster
from cluster.hosts import PROGRAMS, Host, laboratory
from cluster.patroni import PostgresCluster


def require(programs: Sequence[str]) -> None:
    """Skips the test where one of its programs is missing."""
    missing = [program for program in programs if not shutil.which(program, path=PROGRAMS)]
    if missing:
        pytest.skip(f"needs {', '.join(missing)}")


@pytest.fixture(scope="module")
def hosts() -> Iterator[list[Host]]:
    """Three hosts with nothing on them."""
    with laboratory(3) as hosts:
        yield hosts


@pytest.fixture
def postgres() -> Iterator[PostgresCluster]:
    """PostgreSQL under Patroni, healthy, on three hosts of its own."""
    require(patroni.REQUIRED)
    with laboratory(3) as hosts:
        cluster = PostgresCluster(hosts)
        cluster.start()
        yield cluster


@pytest.fixture
def mariadb() -> Iterator[GaleraCluster]:
    """MariaDB with Galera, healthy, on three hosts of its own."""
    require(galera.REQUIRED)
    if not galera.provider():
        pytest.skip("needs Galera's library")
    with laboratory(3) as hosts:
        cluster = GaleraCluster(hosts)
        cluster.start()
        yield cluster
