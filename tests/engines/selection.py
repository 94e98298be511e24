"""Which engines the tests run on, and the line at the end that says so (a plug-in of pytest).

A test that takes the fixture `engine`, or another that is made from it, runs once for each engine; the marker
`engines("postgresql", ...)` names those that it is about. `ARTIFACTD_TEST_ENGINES=sqlite,mariadb` leaves the other ones
out. An engine that this machine cannot start is skipped with the reason, or fails with ARTIFACTD_TEST_REQUIRE=all.
"""

from __future__ import annotations

import os
from typing import Any

import pytest
from engines.databases import ENGINES
from engines.programs import Absent
from engines.servers import SERVERS, account

_RAN = pytest.StashKey[set[str]]()
_ABSENT = pytest.StashKey[dict[str, str]]()


def chosen() -> list[str]:
    """The engines that ARTIFACTD_TEST_ENGINES leaves in."""
    names = [name.strip() for name in os.environ.get("ARTIFACTD_TEST_ENGINES", "").split(",") if name.strip()]
    unknown = [name for name in names if name not in ENGINES]
    if unknown:
        raise pytest.UsageError(f"ARTIFACTD_TEST_ENGINES has {', '.join(unknown)}: give some of {', '.join(ENGINES)}")
    return [name for name in ENGINES if name in names or not names]


def need(engine: str, config: pytest.Config) -> None:
    """Skips a test, with the reason, where its engine cannot be started on this machine."""
    reasons = config.stash[_ABSENT]
    if engine in SERVERS and engine not in reasons:
        try:
            SERVERS[engine].find()
            account()
            reasons[engine] = ""
        except Absent as reason:
            reasons[engine] = str(reason)
    if reasons.get(engine):
        pytest.skip(reasons[engine])
    config.stash[_RAN].add(engine)


def summary(ran: set[str], absent: dict[str, str], left_in: list[str]) -> str:
    """The line at the end of a session; empty where no test asked for an engine."""
    missing = [f"{name} ({reason})" for name, reason in sorted(absent.items()) if reason]
    left_out = [f"{name} (left out by ARTIFACTD_TEST_ENGINES)" for name in ENGINES if name not in left_in]
    if not ran and not missing:
        return ""
    names = ", ".join(name for name in ENGINES if name in ran) or "none"
    return f"engines: {names}" + (f"; not run: {', '.join(missing + left_out)}" if missing or left_out else "")


@pytest.fixture(scope="session")
def engine(request: pytest.FixtureRequest) -> str:
    """Each engine by its name, or each that the marker `engines` names."""
    name: str = request.param
    need(name, request.config)
    return name


def pytest_configure(config: pytest.Config) -> None:
    """Makes room for what is found out."""
    chosen()
    config.stash[_RAN] = set()
    config.stash[_ABSENT] = {}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test for each engine that it is about."""
    if "engine" not in metafunc.fixturenames:
        return
    marker = metafunc.definition.get_closest_marker("engines")
    named = marker.args if marker else SERVERS if "server_url" in metafunc.fixturenames else ENGINES
    assert set(named) <= set(ENGINES), f"{metafunc.definition.nodeid}: {named}"
    metafunc.parametrize("engine", list(named), indirect=True, scope="session")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out the tests of engines that were not chosen."""
    left_in = chosen()
    out = [item for item in items if _engine(item) not in (None, *left_in)]
    if out:
        config.hook.pytest_deselected(items=out)
        items[:] = [item for item in items if _engine(item) in (None, *left_in)]


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Sends what a worker of pytest-xdist found to the process that prints."""
    output: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
    if output is not None:
        ran: set[str] = session.config.stash[_RAN]
        output["engines"] = [sorted(ran), session.config.stash[_ABSENT]]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Takes what a worker found. One that crashed sends nothing."""
    config: pytest.Config = node.config
    found: tuple[list[str], dict[str, str]] = getattr(node, "workeroutput", {}).get("engines", ([], {}))
    config.stash[_RAN].update(found[0])
    config.stash[_ABSENT].update(found[1])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Prints on which engines tests ran, and on which they could not."""
    line = summary(config.stash[_RAN], config.stash[_ABSENT], chosen())
    if line:
        terminalreporter.write_line(line)


def _engine(item: pytest.Item) -> str | None:
    call: Any = getattr(item, "callspec", None)
    found: str | None = call.params.get("engine") if call else None
    return found
