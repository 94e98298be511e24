"""The goals, and what was measured of each: met or not."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import Any, NamedTuple

from benchmarks import report
from benchmarks.ceilings import CEILINGS
from benchmarks.measuring import Round, from_raw
from benchmarks.parts import drivers, mixed, soaking
from benchmarks.peers import ml_metadata, mlflow
from benchmarks.results import Result
from benchmarks.table import Rows, markdown, spread
from benchmarks.works import BY_NAME

COLUMNS = ("work", "goal", "measured", "met")
_WORDS = 4
_MIB = 1 << 20
_LARGE_STORE = 10_000_000
_SOAK_MIB_PER_MIN = 0.25
"""What counts as no growth: samples of a process that gives memory back now and then are never on a straight line."""


class Measured(NamedTuple):
    """What was measured, as text, and whether it is what the goal asks for; None for what could not be told."""

    text: str
    met: bool | None


class Goal(NamedTuple):
    """A goal.

    Attributes:
        work: what is done.
        goal: what is to be reached.
        part: the part of the benchmark that measures it.
        measured: what that part's result says of it.
    """

    work: str
    goal: str
    part: str
    measured: Callable[[Result], Measured]


def _judged(values: Sequence[float], form: str, met: Callable[[float], bool], unit: str = "") -> Measured:
    """The median of the rounds, with their spread."""
    if not values:
        return Measured("void", None)
    return Measured(f"{median(values):{form}}{unit} ({spread(values, form)})", met(median(values)))


def _times(work: str, clients: int, other: str, least: float) -> Callable[[Result], Measured]:
    """How many times another's requests a second."""
    return lambda result: _judged(
        report.ratios(from_raw(result.raw), work, clients, other), ",.1f", lambda ratio: ratio >= least, " ×"
    )


def _of_ceilings(work: str, clients: int, least: float) -> Callable[[Result], Measured]:
    """The share of each ceiling; the last one, which is the closest to what we run on, is the one that is judged."""

    def measured(result: Result) -> Measured:
        rounds = from_raw(result.raw)
        shares = [
            (ceiling.title, found)
            for ceiling in CEILINGS
            if (found := report.ratios(rounds, work, clients, ceiling.name))
        ]
        texts = [f"{median(found):.0%} of {title} ({spread(found, '.0%')})" for title, found in shares]
        return Measured(", ".join(texts) or "void", median(shares[-1][1]) >= least if shares else None)

    return measured


def _syncs(work: str, most: float) -> Callable[[Result], Measured]:
    return lambda result: _judged(
        report.sync_ratios(from_raw(result.raw), work, 1), ".2f", lambda ratio: ratio <= most, " ×"
    )


def _batch(result: Result) -> Measured:
    return _judged(report.batch_gains(from_raw(result.raw), 16), ".1f", lambda gain: gain >= 10, " ×")


def _bytes(adds: str, other: str, most: float) -> Callable[[Result], Measured]:
    def measured(result: Result) -> Measured:
        rounds: list[Round] = from_raw(result.raw)
        ours, theirs = (report.bytes_per_item(rounds, subject, adds) for subject in (report.OURS, other))
        if not ours or not theirs:
            return Measured("void", None)
        return Measured(f"{ours / theirs:.2f} × ({ours:,.0f} and {theirs:,.0f} bytes)", ours / theirs <= most)

    return measured


def _tail(result: Result) -> Measured:
    """The worst of the works beside a scan and an import."""
    rounds, condition = mixed.from_raw(result.raw["rounds"]), mixed.CONDITIONS[-1]
    found = {work: mixed.tails(rounds, work, condition) for work in mixed.WORKS}
    if not all(found.values()):
        return Measured("void", None)
    worst = max(found, key=lambda work: median(found[work]))
    judged = _judged(found[worst], ".1f", lambda ratio: ratio <= 10, " ×")
    return judged._replace(text=f"{judged.text}, the worst: {BY_NAME[worst].title}")


def _recovery(result: Result) -> Measured:
    seen = result.raw["overload"]
    share = seen["after_per_s"] / seen["before_per_s"]
    met = seen["shed"] > 0 and not seen["wrong"] and share >= 0.8
    text = f"{seen['shed']:,} × 503 with `Retry-After`, {seen['wrong']} other; {share:.0%} of the requests/s after it"
    return Measured(text, met)


def _on_a_large_store(result: Result, values: Sequence[float], most: float, form: str, unit: str) -> Measured:
    """A figure of the starts; it cannot meet its goal on a smaller store than the goal's, but can miss it."""
    artifacts = result.raw["artifacts"]
    judged = _judged(values, form, lambda value: value <= most, unit)
    large_enough = artifacts >= _LARGE_STORE or not judged.met
    return Measured(f"{judged.text}, {artifacts:,} artifacts", judged.met if large_enough else None)


def _ready(result: Result) -> Measured:
    return _on_a_large_store(result, [each["ready_s"] for each in result.raw["starts"]], 1, ".2f", " s")


def _at_rest(result: Result) -> Measured:
    found = [each["resident_bytes"] / 1_000_000 for each in result.raw["starts"]]
    return _on_a_large_store(result, found, 100, ".0f", " MB")


def _view(result: Result) -> Measured:
    shown = [visit["shown_ms"] / 1_000 for visit in result.raw["views"]["home"]]
    judged = _judged(shown, ".2f", lambda seconds: seconds <= 1, " s")
    artifacts = result.raw["artifacts"]
    return Measured(f"{judged.text}, {artifacts:,} artifacts", judged.met if artifacts >= 1_000_000 else None)


def _soak(result: Result) -> Measured:
    if result.voids:
        return Measured("void", None)
    grown = soaking.growth_bytes_per_min(result.raw["samples"]) / _MIB
    return Measured(f"{grown:+.2f} MiB a minute, over {result.raw['seconds'] / 120:g} min", grown <= _SOAK_MIB_PER_MIN)


def _import(result: Result) -> Measured:
    rates = [result.raw["metrics"] / each["imported_s"] for each in result.raw["rounds"]]
    return _judged([] if result.voids else rates, ",.0f", lambda rate: rate >= 50_000, "/s")


def _driver(engine: str, works: tuple[str, ...]) -> Callable[[Result], Measured]:
    """The worst of some works, with any number of connections."""

    def measured(result: Result) -> Measured:
        found = {
            f"{figure.work}, {figure.connections} connection{'s' * (figure.connections > 1)}": [
                pair.ratio for pair in figure.pairs
            ]
            for figure in drivers.from_raw(result)
            if figure.engine == engine and figure.work in works
        }
        if not found:
            return Measured("not measured", None)
        worst = min(found, key=lambda work: median(found[work]))
        judged = _judged(found[worst], ".0%", lambda share: share >= 0.7)
        return judged._replace(text=f"{judged.text}, the worst: {worst}")

    return measured


_MLMD, _WAL = ml_metadata.NAME, ml_metadata.NAME_WAL
_CREATE, _METRIC, _LIST = "create_artifact", "log_metric", "filter_artifacts"
GOALS = (
    Goal("log one metric, 16 clients", "≥ 100 × MLflow", "peers", _times(_METRIC, 16, mlflow.NAME, 100)),
    Goal("log one metric, 16 clients", "≥ 10 × ml-metadata", "peers", _times(_METRIC, 16, _MLMD, 10)),
    Goal("log one metric, 16 clients", "≥ 10 × ml-metadata, WAL", "peers", _times(_METRIC, 16, _WAL, 10)),
    Goal("register an artifact, 16 clients", "≥ 100 × MLflow", "peers", _times(_CREATE, 16, mlflow.NAME, 100)),
    Goal("register an artifact, 16 clients", "≥ 10 × ml-metadata", "peers", _times(_CREATE, 16, _MLMD, 10)),
    Goal("register an artifact, 16 clients", "≥ 10 × ml-metadata, WAL", "peers", _times(_CREATE, 16, _WAL, 10)),
    Goal("log one metric, 1 client", "≥ 12 × MLflow", "peers", _times(_METRIC, 1, mlflow.NAME, 12)),
    Goal("log one metric, 1 client", "≥ ml-metadata", "peers", _times(_METRIC, 1, _MLMD, 1)),
    Goal("log one metric, 1 client", "≥ ml-metadata, WAL", "peers", _times(_METRIC, 1, _WAL, 1)),
    Goal("log one metric, 1 client", "p50 ≤ 1.5 × fdatasync", "peers", _syncs(_METRIC, 1.5)),
    Goal("register an artifact, 1 client", "≥ 12 × MLflow", "peers", _times(_CREATE, 1, mlflow.NAME, 12)),
    Goal("register an artifact, 1 client", "≥ ml-metadata", "peers", _times(_CREATE, 1, _MLMD, 1)),
    Goal("register an artifact, 1 client", "≥ ml-metadata, WAL", "peers", _times(_CREATE, 1, _WAL, 1)),
    Goal("register an artifact, 1 client", "p50 ≤ 1.5 × fdatasync", "peers", _syncs(_CREATE, 1.5)),
    Goal(
        "100 metrics in one call, 16 clients",
        "≥ 30 × MLflow",
        "peers",
        _times("batch_log_metrics", 16, mlflow.NAME, 30),
    ),
    Goal("100 metrics in one call, 16 clients", "≥ 10 × metrics/s of single calls", "peers", _batch),
    Goal("get one, 16 clients", "≥ 80 × MLflow", "peers", _times("get_artifact", 16, mlflow.NAME, 80)),
    Goal("get one, 16 clients", "≥ 70 % of the ceiling", "peers", _of_ceilings("get_artifact", 16, 0.7)),
    Goal("list 20 by type and name, 16 clients", "≥ 80 × MLflow", "peers", _times(_LIST, 16, mlflow.NAME, 80)),
    Goal("list 20 by type and name, 16 clients", "≥ 100 × ml-metadata", "peers", _times(_LIST, 16, _MLMD, 100)),
    Goal("list 20 by type and name, 16 clients", "≥ 40 % of the ceiling", "peers", _of_ceilings(_LIST, 16, 0.4)),
    Goal("lineage of 4 hops, 1 client", "≥ ml-metadata", "peers", _times("get_lineage", 1, _MLMD, 1)),
    Goal("lineage of 4 hops, 16 clients", "≥ ml-metadata", "peers", _times("get_lineage", 16, _MLMD, 1)),
    Goal(
        "register an artifact, `NORMAL`, 16 clients", "≥ 50 % of the ceiling", "normal", _of_ceilings(_CREATE, 16, 0.5)
    ),
    Goal("log one metric, `NORMAL`, 16 clients", "≥ 70 % of the ceiling", "normal", _of_ceilings(_METRIC, 16, 0.7)),
    Goal("disk, an artifact", "≤ 0.5 × ml-metadata", "peers", _bytes("artifacts", _MLMD, 0.5)),
    Goal("disk, a metric", "≤ 0.25 × MLflow", "peers", _bytes("metrics", mlflow.NAME, 0.25)),
    *(
        Goal(f"{what}, {title}", "≥ 70 % of the bare driver", "drivers", _driver(engine, names))
        for engine, title in (("postgresql", "PostgreSQL"), ("mariadb", "MariaDB"))
        for what, names in (("single writes", (_METRIC, _CREATE)), ("gets", ("get_metric", "get_artifact")))
    ),
    Goal("import from a file", "≥ 50,000 metrics/s", "import", _import),
    Goal("start to ready", "≤ 1 s, 10 million artifacts", "start", _ready),
    Goal("memory at rest", "≤ 100 MB, 10 million artifacts", "start", _at_rest),
    Goal("first view of the page", "≤ 1 s, 1 million artifacts", "view", _view),
    Goal("memory in a soak", "no growth", "soak", _soak),
    Goal("beside a scan and an import", "p99 ≤ 10 × p50", "mixed", _tail),
    Goal("overload", "503 with `Retry-After`, and recovery", "mixed", _recovery),
)


def rows(results: Mapping[str, Result], before: Mapping[tuple[str, str], tuple[str, ...]]) -> Rows:
    """A row for each goal.

    Args:
        before: the rows of an older page, by work and goal: what was not measured again stays.
    """
    cells: Rows = []
    for goal in GOALS:
        if goal.part in results:
            text, met = goal.measured(results[goal.part])
            cells.append((goal.work, goal.goal, text, {True: "yes", False: "no", None: ""}[met]))
        else:
            cells.append(before.get((goal.work, goal.goal), (goal.work, goal.goal, "not measured", "")))
    return cells


def section(results: Mapping[str, Result], before: str) -> str:
    """The goals' table.

    Args:
        before: the section of an older page.
    """
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in before.splitlines() if line[:1] == "|"]
    old: dict[tuple[str, str], Any] = {(line[0], line[1]): tuple(line) for line in lines if len(line) == len(COLUMNS)}
    return markdown(rows(results, old), COLUMNS, _WORDS) + "\n"
