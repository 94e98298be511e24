"""A bare cluster keeps what it acknowledged, whatever is done to it: what artifactd's own guarantees stand on."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

import pytest
from cluster.faults import FAULTS, SEED, Cluster, deal, table
from cluster.galera import DATABASE, GaleraCluster
from cluster.patroni import PostgresCluster
from cluster.rows import RowLoad

pytestmark = [pytest.mark.cluster, pytest.mark.slow]

ROUNDS = max(1, FAULTS // 4)
SERVED_S = 45
"""A bound for the time until a row is acknowledged again, far above what is measured."""
COLUMNS = ("fault", "host", "served again after (s)", "whole again after (s)", "acknowledged", "refused")


def hurt(cluster: Cluster, load: RowLoad, title: str) -> None:
    """Does one thing after another to a cluster under load, mending each, and prints the record."""
    faults = deal(cluster, random.Random(SEED))
    rows: list[tuple[object, ...]] = []
    load.start()
    load.wait_for_another(20)
    for _ in range(ROUNDS):
        fault = next(faults)
        acknowledged, refused, start = len(load.acknowledged), len(load.refused), time.monotonic()
        fault.strike()
        served_s = load.wait_for_another(SERVED_S)
        cluster.mend(fault.host)
        cluster.wait_until_healthy(90)
        counts = len(load.acknowledged) - acknowledged, len(load.refused) - refused
        rows.append((fault.text, fault.host.name, served_s, time.monotonic() - start, *counts))
    load.stop()
    print(f"\n{table(cluster, title, COLUMNS, rows)}")


def test_postgresql_under_patroni_keeps_each_acknowledged_row_once(postgres: PostgresCluster) -> None:
    postgres.sql("CREATE TABLE rows (n bigint NOT NULL)")

    def insert(number: int) -> None:
        postgres.sql(f"INSERT INTO rows VALUES ({number})", seconds=3)

    load = RowLoad([insert] * 3)

    hurt(postgres, load, "PostgreSQL under Patroni, bare")

    for host in postgres.hosts:
        postgres.wait_until_replayed(host)
        load.check([int(line) for line in postgres.sql("SELECT n FROM rows", on=host).splitlines()])


def test_mariadb_with_galera_keeps_each_acknowledged_row_once(mariadb: GaleraCluster) -> None:
    definition = "CREATE TABLE numbered (id bigint AUTO_INCREMENT PRIMARY KEY, n bigint NOT NULL)"
    mariadb.sql(definition, on=mariadb.hosts[0], dbname=DATABASE)

    def insert_first_through(place: int) -> Callable[[int], None]:
        def insert(number: int) -> None:
            host = mariadb.hosts[(place + number) % len(mariadb.hosts)]
            mariadb.sql(f"INSERT INTO numbered (n) VALUES ({number})", on=host, dbname=DATABASE, seconds=3)

        return insert

    load = RowLoad([insert_first_through(place) for place in range(3)])

    hurt(mariadb, load, "MariaDB with Galera, bare")

    for host in mariadb.hosts:
        lines = mariadb.sql("SET wsrep_sync_wait = 15; SELECT n FROM numbered", on=host, dbname=DATABASE).splitlines()
        load.check([int(line) for line in lines])
