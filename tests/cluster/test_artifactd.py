"""artifactd on each host of a cluster loses and doubles nothing, whatever is done to the databases below it.

A fault is mended only once the other hosts' artifactds serve again by themselves.
"""

from __future__ import annotations

import random
import time
from typing import Any, Protocol

import pytest
from cluster.clients import ANSWER_S, Load
from cluster.faults import FAULTS, SEED, Cluster, Fault, deal, table
from cluster.galera import DATABASE, GaleraCluster
from cluster.hosts import Host
from cluster.ledger import COUNTS, KEYS, POINTS, ROWS, check_host
from cluster.patroni import PostgresCluster
from cluster.service import Database, Service

pytestmark = [pytest.mark.cluster, pytest.mark.slow]

CLIENTS = 6
SERVED_S = 60
"""A bound for the time until all hosts that were spared acknowledge writes again, far above what is measured."""
WHOLE_S = 120
"""A bound for the time from there until the struck host does so too."""
COLUMNS = (
    "#",
    "fault",
    "host",
    "some host serves again after (s)",
    "all others do after (s)",
    "whole again after (s)",
    "acknowledged",
    "answers 503",
    "connections broken",
)


class ClusterOfDatabases(Cluster, Database, Protocol):
    """What both kinds of clusters offer here."""


def hurt(cluster: ClusterOfDatabases, service: Service, load: Load, title: str) -> None:
    """Does one thing after another to a cluster under load, mending each, and prints the record."""
    faults = deal(cluster, random.Random(SEED))
    rows: list[tuple[Any, ...]] = []
    try:
        for number in range(1, FAULTS + 1):
            before = load.acknowledged, load.statuses[503], load.broken
            times = hurt_once(cluster, service, load, next(faults))
            after = load.acknowledged, load.statuses[503], load.broken
            rows.append((number, *times, *(one - other for one, other in zip(after, before, strict=True))))
    finally:
        print(f"\n{table(cluster, title, COLUMNS, rows)}\nslowest answer: {load.slowest_s:.1f} s")


def hurt_once(
    cluster: ClusterOfDatabases, service: Service, load: Load, fault: Fault
) -> tuple[str, str, float, float, float]:
    """One fault: what it was, where, and how long it took some host, all others, and all to serve again."""
    others = [host for host in cluster.hosts if host is not fault.host]
    load.may_break = fault.host if fault.kind == "kill" else None
    fault.strike()
    start = time.monotonic()
    some_s = load.wait_until_some_served(start, SERVED_S)
    others_s = load.wait_until_served(others, start, SERVED_S)
    cluster.mend(fault.host)
    cluster.wait_until_healthy(WHOLE_S)
    assert service.runs_on(fault.host) == (fault.kind != "kill")
    service.wait_until_ready(fault.host)
    load.wait_until_served(cluster.hosts, time.monotonic(), WHOLE_S)
    load.may_break = None
    return fault.text, fault.host.name, some_s, others_s, time.monotonic() - start


def run(cluster: ClusterOfDatabases, title: str) -> Load:
    """The whole story up to the checks: every write that was begun has been acknowledged, and nothing is broken."""
    service = Service(cluster)
    service.start()
    load = Load(cluster.hosts, SEED, CLIENTS)
    load.start()
    load.wait_until_served(cluster.hosts, time.monotonic(), SERVED_S)
    try:
        hurt(cluster, service, load, title)
    finally:
        load.stop()
    assert load.wrong == []
    assert load.slowest_s < ANSWER_S
    for host in cluster.hosts:
        check_host(host, load)
    return load


def check_tables(load: Load, ask: Any, hosts: list[Host]) -> None:
    """Each host's database has the same: an answer kept for each key, every point, and counts that are right."""
    for host in hosts:
        assert ask(KEYS, host) == str(sum(client.writes for client in load.clients))
        assert ask(POINTS, host) == str(sum(client.steps for client in load.clients))
        # Sorted here: engines order texts differently.
        assert sorted(ask(COUNTS, host).splitlines()) == sorted(ask(ROWS, host).splitlines())


def test_nothing_is_lost_or_doubled_on_postgresql_under_patroni(postgres: PostgresCluster) -> None:
    load = run(postgres, "artifactd over PostgreSQL under Patroni")

    for host in postgres.hosts:
        postgres.wait_until_replayed(host)
    check_tables(load, lambda statement, host: postgres.sql(statement, on=host), postgres.hosts)


def test_nothing_is_lost_or_doubled_on_mariadb_with_galera(mariadb: GaleraCluster) -> None:
    load = run(mariadb, "artifactd over MariaDB with Galera")

    def ask(statement: str, host: Host) -> str:
        return mariadb.sql(f"SET wsrep_sync_wait = 15; {statement}", on=host, dbname=DATABASE)

    check_tables(load, ask, mariadb.hosts)
