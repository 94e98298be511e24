"""The page of documentation on size: one section for each engine, written by the run itself."""

from __future__ import annotations

import re
from collections.abc import Iterable
from statistics import median
from typing import Any, NamedTuple

from benchmarks import size_contents as contents
from benchmarks.size_loading import Loaded
from benchmarks.size_measuring import BUDGET_S, CALLS_MAX, CALLS_MIN, Figure
from benchmarks.table import Rows, markdown

TITLES = {"sqlite": "SQLite", "postgresql": "PostgreSQL", "mariadb": "MariaDB"}
GROWN = 2.0
"""A ratio over this is listed."""
GROWING = "filter, matches grow with the store"
_INTRODUCTION = f"""# How it is with millions of artifacts

Written by `make bench-size ENGINE=sqlite` (or `postgresql`, `mariadb`), each engine's section by its own run; do not
edit by hand. Every operation is measured on a small store and on a large one, by turns, in one run: the ratio of the
two tells what grows with the store. Absolute figures depend on the machine, and on what else it does.

At scale 1 a store holds 10 million artifacts, 30 million metrics with a point each, 20 million links, 5 million tasks
and {contents.RUNS:,} runs; at scale 0.001 a thousandth of each. **Each section says which scales it compares.**

## The shape

- {contents.NAMESPACES} namespaces, whose sizes fall as n ** -1.75: at scale 1 the largest holds a little over half of
  everything, the smallest 480 artifacts.
- A run has {contents.TASKS} tasks. A task makes a data set and a model, reads two artifacts and logs
  {contents.METRICS} metrics.
- {contents.HUBS} hubs in the largest namespace: each is read by 4% of that namespace's tasks, about 100,000 at scale 1.
- Within a run each task reads what the one before it made. The first {contents.CHAIN_RUNS} runs of the second largest
  namespace go on from each other: a chain of {contents.CHAIN_RUNS * contents.TASKS:,} steps, if it has so many. The
  first task of any other run reads what some earlier run made.
- {contents.RUNS_ALIKE} runs, one after the other, give their models the same name:
  {contents.RUNS_ALIKE * contents.TASKS} artifacts have the same type and name. Data sets have one of
  {contents.TASKS} names.
- Task ids have 14 characters, run ids 12, both rising with time. KFP's have 36: see the bytes for each row.
- The rows are made without chance, so every run and every engine has the same.
"""
_METHOD = f"""## How it is measured

- The rows go straight into the tables, with the secondary indexes dropped before and made again after by the program's
  own schema, `counts` kept right, and the statistics written (SQLite: as the program does; the servers: `ANALYZE`).
- Requests are given to the application in the benchmark's own process, authentication and access log off, without a
  socket. Figures are **processor time**, of the application and of the database's server together: decoding, operation,
  database and encoding, and nothing of what else the machine does. `elapsed` is by the clock, with all of that in it,
  and with what had to be read from the disk. No write waits for the disk (`synchronous=OFF`,
  `fsync=off`, `innodb_flush_log_at_trx_commit=0`): that takes the same on any store, and would hide what grows.
- The two stores take turns, call by call: up to {CALLS_MAX} calls each within {BUDGET_S} s, at least {CALLS_MIN}, after
  one that does not count. The first quartile is shown: what else the machine does only ever adds to some of them. Each
  call has another target, drawn anew. What gave a ratio over {GROWN:g} was measured again, and the lower figure stands.
- "Large namespace" is the largest; "small namespace" the smallest with a page of runs, which is about the same on both.
  A deep page begins behind an item in the middle of the namespace's time. Pages hold 20 items.
- Every first page carries its exact `total_size`: of whole namespaces from kept counts
  ([decision 0004](decisions/0004-kept-counts.md)), of a filter by counting the matches. So a filter costs by its
  matches: those in "{GROWING}" have that many more to count, and "over the limit" is
  a 503 that says so (`scan_timeout_s`).
"""


class Run(NamedTuple):
    """What one run of the command found."""

    engine: str
    version: str
    settings: str
    scales: tuple[float, float]
    loaded: tuple[Loaded, Loaded]
    figures: list[Figure]
    versions: dict[str, str]
    machine: dict[str, str]
    store_bytes: int
    remark: str = ""


def page(before: str, run: Run) -> str:
    """The page with the section of a run put in, and those of other engines as they were."""
    sections = {title: _section_of(before, title) for title in TITLES.values()}
    sections[TITLES[run.engine]] = section(run)
    kept = [text for text in sections.values() if text]
    return "\n".join([_INTRODUCTION, _METHOD, *kept]).rstrip() + "\n"


def _section_of(text: str, title: str) -> str:
    found = re.search(rf"^## {title}$.*?(?=^## |\Z)", text, re.DOTALL | re.MULTILINE)
    return found[0].rstrip() + "\n" if found else ""


def section(run: Run) -> str:
    """What is told of one engine."""
    small, large = run.scales
    loaded = run.loaded[1]
    rows = sum(loaded.rows.values())
    parts = [
        f"## {TITLES[run.engine]}",
        f"{run.version}, scale {large:g} against scale {small:g}: {loaded.rows['artifacts']:,} artifacts against "
        f"{run.loaded[0].rows['artifacts']:,}. {run.settings}.",
        *([run.remark] if run.remark else []),
        f"Filled with {rows:,} rows in {_minutes(loaded.rows_s)}, indexed in {_minutes(loaded.indexes_s)}; the store "
        f"takes {run.store_bytes / 1e9:.1f} GB, {run.store_bytes / loaded.rows['artifacts']:,.0f} bytes for each "
        "artifact with all that belongs to it.",
        "### What grows",
        _grown(run.figures),
        "### Lists",
        "Times are medians over all sorts, both ways; the last two columns name the sort that grew most.\n\n"
        + markdown(_list_rows(run.figures), _LIST_COLUMNS, 1),
        "### Everything else",
        markdown(_rows(each for each in run.figures if not each.group.startswith("list ")), _COLUMNS, 2),
        "### Bytes for each row",
        markdown(_byte_rows(loaded), ("table", "rows", "bytes a row", "of which indexes", "largest index"), 1),
        "Versions: " + ", ".join(f"{key} {value}" for key, value in run.versions.items()) + ". "
        "Machine: " + ", ".join(f"{key} {value}" for key, value in run.machine.items()) + ".",
    ]
    return "\n\n".join(parts) + "\n"


_LIST_COLUMNS = ("list", "sorts", "small ms", "large ms", "ratio", "elapsed ms", "worst ratio", "in the order of")
_COLUMNS = ("group", "operation", "small ms", "large ms", "ratio", "elapsed ms", "matches, small", "matches, large")


def grown(figures: Iterable[Figure]) -> list[Figure]:
    """Those whose ratio is over the bound, most first."""
    return sorted((each for each in figures if each.failed or each.ratio > GROWN), key=lambda each: -each.ratio)


def _grown(figures: list[Figure]) -> str:
    of_matches = [each for each in figures if each.group == GROWING]
    others = [each for each in figures if each.group != GROWING]
    found = grown(others)
    middle = median(each.ratio for each in others if not each.failed)
    text = (
        f"Of {len(others)} operations whose answers are as large on both stores, {len(found)} "
        f"took over {GROWN:g} times as long on the large one; the median ratio is {middle:.2f}."
    )
    if found:
        text += "\n\n" + markdown(_rows(found), _COLUMNS, 2)
    if failed := [each for each in of_matches if each.failed]:
        text += (
            "\n\nStopped by the time limit, with a 503 that says so: " + ", ".join(each.title for each in failed) + "."
        )
    return text


def _rows(figures: Iterable[Figure]) -> Rows:
    return [
        (each.group, each.title, "failed", each.failed[-80:], "", "", "", "")
        if each.failed and each.group != GROWING
        else (each.group, each.title, "", "over the limit", "", "", "", "")
        if each.failed
        else (
            each.group, each.title, _ms(each.small_s), _ms(each.large_s), f"{each.ratio:.2f}",
            _ms(each.elapsed_s),
            _held(each.small_held), _held(each.large_held),
        )
        for each in figures
    ]  # fmt: skip


def _held(held: tuple[int, int]) -> str:
    items, total = held
    return f"{max(items, total):,}" if max(items, total) else ""


def _list_rows(figures: list[Figure]) -> Rows:
    rows: Rows = []
    groups = dict.fromkeys(each.group for each in figures if each.group.startswith("list "))
    for group in groups:
        mine = [each for each in figures if each.group == group and not each.failed]
        if not mine:
            continue
        worst = max(mine, key=lambda each: each.ratio)
        rows.append(
            (
                group.removeprefix("list "), str(len(mine)), _ms(median(each.small_s for each in mine)),
                _ms(median(each.large_s for each in mine)), f"{median(each.ratio for each in mine):.2f}",
                _ms(median(each.elapsed_s for each in mine)),
                f"{worst.ratio:.2f}", worst.title,
            )
        )  # fmt: skip
    return rows


def _byte_rows(loaded: Loaded) -> Rows:
    rows: Rows = []
    for table, count in loaded.rows.items():
        sizes = loaded.bytes.get(table, {})
        indexes = {name: size for name, size in sizes.items() if name != table}
        if count < 10_000 or not sizes:
            continue
        largest = max(indexes, key=lambda name: indexes[name], default="")
        rows.append(
            (
                table, f"{count:,}", f"{sum(sizes.values()) / count:,.0f}", f"{sum(indexes.values()) / count:,.0f}",
                f"{largest} {indexes[largest] / count:,.0f}" if largest else "",
            )
        )  # fmt: skip
    return rows


def _ms(seconds: float) -> str:
    return f"{seconds * 1_000:.2f}"


def _minutes(seconds: float) -> str:
    return f"{seconds:,.0f} s" if seconds < 120 else f"{seconds / 60:,.0f} minutes"


def as_raw(run: Run) -> dict[str, Any]:
    """Everything, for a file of raw figures."""
    figures = [each._asdict() | {"ratio": each.ratio} for each in run.figures]
    return run._asdict() | {"figures": figures, "loaded": [each._asdict() for each in run.loaded]}
