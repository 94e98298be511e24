"""Our store on a database server against the bare driver: the same statements, as many connections."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from benchmarks import bare_driver, machine
from benchmarks.bare_driver import Figure, Pair
from benchmarks.bare_work import WORK
from benchmarks.results import Result
from benchmarks.table import Rows, markdown, middle, spread

Say = Callable[[str], None]
COLUMNS = ("engine", "work", "connections", "bare/s", "ours/s", "of the bare driver", "(least to most)")
_WORDS = 2
_TITLES = {"postgresql": "PostgreSQL", "mariadb": "MariaDB"}


def measure(given: argparse.Namespace, directory: Path, say: Say) -> Result:
    """Every kind of work on each engine that is here."""
    figures: list[Figure] = []
    missing, versions = [], machine.versions()
    options = argparse.Namespace(
        work=list(WORK), connections=[1, 8], rounds=given.driver_rounds, seconds=given.seconds / 2
    )

    def done(figure: Figure) -> None:
        figures.append(figure)
        say(f"{figure.engine}, {figure.work}, {figure.connections} connections: {_share(figure)} of the bare driver")

    for engine, title in _TITLES.items():
        place = directory / engine
        place.mkdir()
        place.chmod(0o755)
        try:
            versions |= bare_driver.measure(engine, place, options, done)
        except RuntimeError as reason:
            missing.append(f"{title} is not measured: {reason}.")
    settings = (
        f"{options.rounds} rounds of {options.seconds:g} s for each work and number of connections, the two sides by "
        "turns, without HTTP. The bare driver is a thread for each connection that runs the very statements of the "
        "operation one by one; ours is the store, asked by twice as many callers as it has connections, or by one. "
        "Every commit is synced."
    )
    raw = [figure._asdict() for figure in figures]
    return Result("drivers", settings, missing, versions, machine.machine(directory), raw, [])


def from_raw(result: Result) -> list[Figure]:
    """The figures as they were kept."""
    return [Figure(**{**each, "pairs": [Pair(*pair) for pair in each["pairs"]]}) for each in result.raw]


def _share(figure: Figure) -> str:
    return middle((pair.ratio for pair in figure.pairs), ".0%")


def section(result: Result) -> str:
    """The part of the page on the drivers."""
    cells: Rows = [
        (
            _TITLES[figure.engine],
            figure.work,
            str(figure.connections),
            middle((pair.bare for pair in figure.pairs), ",.0f"),
            middle((pair.ours for pair in figure.pairs), ",.0f"),
            _share(figure),
            spread([pair.ratio for pair in figure.pairs], ".0%"),
        )
        for figure in from_raw(result)
    ]
    facts = "".join(f"\n- {fact}" for fact in result.facts)
    return f"{result.settings}\n\n{markdown(cells, COLUMNS, _WORDS)}\n{facts}".rstrip() + "\n"
