"""Rounds to figures, and figures to tables. A figure with a void round is none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median

from benchmarks.ceilings import CEILINGS
from benchmarks.measuring import Round
from benchmarks.peers import ml_metadata, mlflow
from benchmarks.table import Rows, middle, spread, with_spread
from benchmarks.works import BY_NAME, WORKS

OURS, LOGGED = "artifactd", "artifactd-logged"
TITLES = {
    OURS: "artifactd",
    LOGGED: "artifactd, access log",
    "artifactd-postgresql": "artifactd, PostgreSQL",
    "artifactd-mariadb": "artifactd, MariaDB",
    mlflow.NAME: "MLflow",
    ml_metadata.NAME: "ml-metadata",
    ml_metadata.NAME_WAL: "ml-metadata, WAL",
    **{ceiling.name: ceiling.title for ceiling in CEILINGS},
}
"""Who took part, as tables name them and in their order."""
PEERS = (mlflow.NAME, ml_metadata.NAME, ml_metadata.NAME_WAL)
COLUMNS = (
    "work",
    "by",
    "clients",
    "requests/s",
    "(least to most)",
    "p50 ms",
    "p99 ms",
    "CPU ms each",
    "bytes per item",
    "memory MiB",
    "errors",
    "wrk busy",
)
_WORDS = 2
_BUSY = 0.9
"""From this share of its time on, wrk may have been the bottleneck."""


def rows(rounds: Sequence[Round]) -> Rows:
    """The figures' cells: work by work as they are declared, then by who did it, then by clients."""
    works, subjects = [work.name for work in WORKS], list(TITLES)
    keys = {(done.work, done.subject, done.clients) for done in rounds}
    order = sorted(keys, key=lambda key: (works.index(key[0]), subjects.index(key[1]), key[2]))
    return [_row(rounds, *key) for key in order]


def _row(rounds: Sequence[Round], work: str, subject: str, clients: int) -> tuple[str, ...]:
    mine = of(rounds, subject, work, clients)
    head = (BY_NAME[work].title, TITLES[subject], str(clients))
    if voids := [done.void for done in mine if done.void]:
        errors = sum(sum(done.load.errors.values()) for done in mine)
        return (*head, f"void: {voids[0]}", *("" for _ in COLUMNS[4:-2]), str(errors), "")
    rates = [done.per_s for done in mine]
    decimals = ",.1f" if median(rates) < 100 else ",.0f"
    each_ms = [done.cpu_s / done.load.requests * 1_000 for done in mine]
    adds = BY_NAME[work].adds
    return (
        *head,
        middle(rates, decimals),
        spread(rates, decimals),
        middle((done.load.p50_us / 1_000 for done in mine), ",.2f"),
        middle((done.load.p99_us / 1_000 for done in mine), ",.2f"),
        middle(each_ms, ",.3f"),
        _bytes_cell(rounds, subject, adds) if adds else "",
        middle((done.resident_bytes / (1 << 20) for done in mine), ",.0f"),
        "0",
        middle((done.load.busy for done in mine if done.load.busy), ".0%"),
    )


def ratio_table(rounds: Sequence[Round]) -> tuple[tuple[str, ...], Rows]:
    """The head and the cells of how artifactd compares: with each peer, and with each ceiling that applies."""
    present = {done.subject for done in rounds}
    peers = [name for name in PEERS if name in present]
    ceilings = [ceiling for ceiling in CEILINGS if ceiling.name in present]
    titles = (*(f"× {TITLES[name]}" for name in peers), *(f"of {ceiling.title}" for ceiling in ceilings))
    head = ("work", "clients", *titles, "p50 ÷ fdatasync")
    cells: Rows = []
    for work in WORKS:
        for clients in sorted({done.clients for done in of_subject(rounds, OURS) if done.work == work.name}):
            times = (with_spread(ratios(rounds, work.name, clients, name), ",.1f") for name in peers)
            shares = (with_spread(ratios(rounds, work.name, clients, each.name), ".0%") for each in ceilings)
            syncs = middle(sync_ratios(rounds, work.name, clients), ".2f")
            cells.append((work.title, str(clients), *times, *shares, syncs))
    return head, cells


def of_subject(rounds: Iterable[Round], subject: str) -> list[Round]:
    """The rounds of one subject."""
    return [done for done in rounds if done.subject == subject]


def of(rounds: Iterable[Round], subject: str, work: str, clients: int) -> list[Round]:
    """The rounds of a work by a subject at a number of clients."""
    return [done for done in rounds if (done.subject, done.work, done.clients) == (subject, work, clients)]


def ratios(rounds: Sequence[Round], work: str, clients: int, other: str, *, subject: str = OURS) -> list[float]:
    """In each round, how many times another's requests a second a subject reached.

    A ceiling is compared by what it does instead of the work. A library, which serves one caller, is compared by that
    with any number of clients.

    Returns:
        One ratio a round; none at all if any round of either is void.
    """
    theirs = [done for done in of_subject(rounds, other) if done.work in (work, BY_NAME[work].ceiling)]
    alike = [done for done in theirs if done.clients == clients]
    if not alike and other in (ml_metadata.NAME, ml_metadata.NAME_WAL):
        alike = theirs
    mine = of(rounds, subject, work, clients)
    if any(done.void for done in (*mine, *alike)):
        return []
    by_number = {done.number: done.per_s for done in alike}
    return [done.per_s / by_number[done.number] for done in mine if done.number in by_number]


def sync_ratios(rounds: Sequence[Round], work: str, clients: int) -> list[float]:
    """In each round, the median time of a durable write in syncs of the disk; for one client's writes alone."""
    mine = of(rounds, OURS, work, clients)
    if any(done.void for done in mine):
        return []
    return [done.load.p50_us / done.fdatasync_us for done in mine if done.fdatasync_us]


def bytes_per_item(rounds: Sequence[Round], subject: str, adds: str) -> float:
    """By how much a database grew for each item, over all rounds that add such (it grows by pages); 0 if unknown."""
    filling = [done for done in of_subject(rounds, subject) if BY_NAME[done.work].adds == adds]
    items = sum((done.stored or 0) * BY_NAME[done.work].items for done in filling)
    return sum(done.disk_bytes or 0 for done in filling) / items if items else 0.0


def _bytes_cell(rounds: Sequence[Round], subject: str, adds: str) -> str:
    found = bytes_per_item(rounds, subject, adds)
    return f"{found:,.0f}" if found else ""


def batch_gains(rounds: Sequence[Round], clients: int) -> list[float]:
    """In each round, metrics a second in calls of 100 over those in single calls."""
    single, batch = (of(rounds, OURS, name, clients) for name in ("log_metric", "batch_log_metrics"))
    if any(done.void for done in (*single, *batch)):
        return []
    by_number = {done.number: done.per_s for done in single}
    return [done.per_s * 100 / by_number[done.number] for done in batch if done.number in by_number]


def _log_notes(rounds: Sequence[Round]) -> Iterable[str]:
    """What the access log costs."""
    works = [work.name for work in WORKS]
    measured = {(works.index(done.work), done.clients) for done in of_subject(rounds, LOGGED)}
    for index, clients in sorted(measured):
        if shares := ratios(rounds, works[index], clients, OURS, subject=LOGGED):
            yield (
                f"With the access log, {WORKS[index].title}, {clients} client{'s' * (clients > 1)}: "
                f"{with_spread(shares, '.0%')} of the requests/s without."
            )


def notes(rounds: Sequence[Round]) -> list[str]:
    """Figures that follow from the tables'."""
    found = []
    for clients in sorted({done.clients for done in of_subject(rounds, OURS)}):
        if gains := batch_gains(rounds, clients):
            per_s = median(done.per_s for done in of(rounds, OURS, "batch_log_metrics", clients)) * 100
            found.append(
                f"100 metrics in one call, {clients} client{'s' * (clients > 1)}: {per_s:,.0f} metrics/s, "
                f"{median(gains):.1f} times as many as in single calls ({spread(gains, '.1f')})."
            )
    found += _log_notes(rounds)
    if syncs := [done.fdatasync_us / 1_000 for done in rounds if done.fdatasync_us]:
        found.append(
            f"One write of 4 KiB and its fdatasync on this disk: {median(syncs):.2f} ms "
            f"({spread(syncs, '.2f')} over the rounds)."
        )
    busiest = max(rounds, key=lambda done: done.load.busy)
    found.append(
        f"wrk computed at most {busiest.load.busy:.0%} of its time (in {BY_NAME[busiest.work].title} by "
        f"{TITLES[busiest.subject]}, {busiest.clients} clients): "
        + ("it was not the bottleneck." if busiest.load.busy < _BUSY else "there it may have been the bottleneck.")
    )
    return found
