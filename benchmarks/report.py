"""Rounds to figures, and figures to a table. A figure with a void round is none."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from statistics import median

from benchmarks.measuring import Round
from benchmarks.operations import BY_NAME, OPERATIONS

COLUMNS = (
    "operation",
    "clients",
    "requests/s",
    "(least to most)",
    "p50 ms",
    "p99 ms",
    "CPU s per 1,000",
    "bytes per item",
    "of the ceiling",
    "(least to most)",
    "p50 ÷ fdatasync",
    "wrk busy",
)
Rows = list[tuple[str, ...]]


def rows(rounds: list[Round], synchronous: str) -> Rows:
    """The table's cells, operation by operation as they are declared, then by clients."""
    pairs = {(done.operation, done.clients) for done in rounds}
    order = [operation.name for operation in OPERATIONS]
    in_order = sorted(pairs, key=lambda pair: (order.index(pair[0]), pair[1]))
    return [_row(name, clients, rounds, synchronous) for name, clients in in_order]


def _row(name: str, clients: int, rounds: list[Round], synchronous: str) -> tuple[str, ...]:
    operation = BY_NAME[name]
    mine = of(rounds, name, clients)
    if voids := [done.void for done in mine if done.void]:
        return (operation.title, str(clients), f"void: {voids[0]}", *("" for _ in COLUMNS[3:]))
    rates = [done.per_s for done in mine]
    ratios = ceiling_ratios(rounds, name, clients)
    durable = operation.table and clients == 1 and synchronous == "FULL"
    return (
        operation.title,
        str(clients),
        f"{median(rates):,.0f}",
        f"{min(rates):,.0f} to {max(rates):,.0f}",
        _milliseconds(done.load.p50_us for done in mine),
        _milliseconds(done.load.p99_us for done in mine),
        f"{median(done.server_cpu_s / done.load.requests * 1_000 for done in mine):.3f}",
        f"{bytes_per_item(rounds, operation.table):,.0f}" if operation.table else "",
        f"{median(ratios):.0%}" if ratios else "",
        f"{min(ratios):.0%} to {max(ratios):.0%}" if ratios else "",
        f"{median(done.load.p50_us / done.fdatasync_us for done in mine):.2f}" if durable else "",
        f"{median(done.load.busy for done in mine):.0%}",
    )


def of(rounds: Iterable[Round], name: str, clients: int) -> list[Round]:
    """The rounds of an operation at a number of clients."""
    return [done for done in rounds if (done.operation, done.clients) == (name, clients)]


def _milliseconds(values: Iterable[float]) -> str:
    return f"{median(values) / 1_000:.2f}"


def ceiling_ratios(rounds: list[Round], name: str, clients: int) -> list[float]:
    """In each round, the share of the ceiling's requests that an operation reached; none if a ceiling is void."""
    ceilings = {done.number: done for done in of(rounds, BY_NAME[name].ceiling, clients)}
    if any(done.void for done in ceilings.values()):
        return []
    return [done.per_s / ceilings[done.number].per_s for done in of(rounds, name, clients) if done.number in ceilings]


def bytes_per_item(rounds: list[Round], table: str) -> float:
    """By how much the database grew for each row of a table, over all rounds that fill it, since it grows by pages."""
    filling = [done for done in rounds if BY_NAME[done.operation].table == table]
    items = sum((done.stored or 0) * BY_NAME[done.operation].items for done in filling)
    return sum(done.disk_bytes or 0 for done in filling) / max(1.0, items)


def notes(rounds: list[Round]) -> list[str]:
    """Figures that follow from the table's."""
    found = []
    for clients in sorted({done.clients for done in rounds}):
        single, batch = (of(rounds, name, clients) for name in ("log_metric", "batch_log_metrics"))
        if single and batch and not any(done.void for done in (*single, *batch)):
            per_s = median(done.per_s for done in batch) * 100
            times = median(many.per_s * 100 / one.per_s for one, many in zip(single, batch, strict=True))
            found.append(
                f"100 metrics in one call, {clients} client{'s' * (clients > 1)}: {per_s:,.0f} metrics/s, "
                f"{times:.1f} times as many as in single calls."
            )
    if syncs := [done.fdatasync_us for done in rounds if done.fdatasync_us]:
        found.append(
            f"One write of 4 KiB and its fdatasync on this disk: {median(syncs) / 1_000:.2f} ms "
            f"({min(syncs) / 1_000:.2f} to {max(syncs) / 1_000:.2f} over the rounds)."
        )
    busiest = max(rounds, key=lambda done: done.load.busy)
    found.append(
        f"wrk computed at most {busiest.load.busy:.0%} of its time (in {BY_NAME[busiest.operation].title}, "
        f"{busiest.clients} clients): "
        + ("it was not the bottleneck." if busiest.load.busy < 0.9 else "there it may have been the bottleneck.")
    )
    return found


def markdown(cells: Rows, columns: tuple[str, ...] = COLUMNS, words: int = 1) -> str:
    """The table, aligned so that it also reads well as text.

    Args:
        columns: its head.
        words: how many of the first columns are words, not figures.
    """
    widths = [max(len(row[column]) for row in (columns, *cells)) for column in range(len(columns))]
    left: Callable[[int], bool] = lambda column: column < words  # noqa: E731

    def line(row: tuple[str, ...]) -> str:
        padded = (
            text.ljust(width) if left(column) else text.rjust(width)
            for column, (text, width) in enumerate(zip(row, widths, strict=True))
        )
        return f"| {' | '.join(padded)} |"

    rule = "|".join("-" * (w + 2) if left(c) else "-" * (w + 1) + ":" for c, w in enumerate(widths))
    return "\n".join([line(columns), f"|{rule}|", *map(line, cells)])
