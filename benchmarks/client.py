"""What a call costs its caller through the Python client, and what importing it costs."""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Callable
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from benchmarks import machine
from benchmarks.client_calls import Round
from benchmarks.results import Result
from benchmarks.servers import Server
from benchmarks.table import Rows, markdown, spread

_ROOT = Path(__file__).parent.parent
OFFICIAL = _ROOT / ".official-client"
"""Where `make .official-client` puts KFP's client."""
TITLES = {
    "get_artifact": "get an artifact",
    "log_metric": "log one metric",
    "list_artifacts": "list 20 artifacts",
    "get_run": "get a run of 5 tasks",
}
CALL_COLUMNS = ("call", "through", "CPU µs", "(least to most)", "of urllib3's", "(least to most)", "wall µs")
IMPORT_COLUMNS = ("import", "CPU ms", "(least to most)", "of urllib3's", "memory MiB")
_MODULES = {"urllib3": "urllib3", "artifactd_client": "artifactd-client", "kfp_server_api": "kfp-server-api"}
_IMPORT = """
import time
began = time.process_time()
import {module}
print(time.process_time() - began)
print(next(line for line in open("/proc/self/status") if line.startswith("VmRSS")).split()[1])
"""
_METHOD = """\
- A server in a process of its own, on our own HTTP server, gives each call the same answer every time. The calls
  are made one after the other over one connection by one process, whose processor time is counted
  (`benchmarks/client_calls.py`); wall time has the server's in it.
- **urllib3** is a `PoolManager` and `json`: it sends the same request, gives dictionaries, and waits for ever. Ratios
  are taken to it within each round, in which the clients take turns of 10 calls, in every second round backwards.
- **kfp-server-api** is KFP's official client. The release on PyPI does not carry the messages of artifacts and metrics:
  those are written as its generator writes messages, on the release's own core. `get a run` is all its own.
- An import is a Python of its own, with its byte code in place; memory is what that takes over a Python without it.
"""


class Import(NamedTuple):
    """One import, in a process of its own."""

    module: str
    number: int
    cpu_s: float
    resident_kib: int


def environment() -> dict[str, str]:
    """For `python -S`, which reads no `.pth`: the official client, ours, and what both need.

    Installed as usual, the second name of ours would take the official one's import name.
    """
    spec = find_spec("artifactd_client")
    assert spec is not None
    assert spec.origin is not None
    paths = [str(OFFICIAL)] if OFFICIAL.is_dir() else []
    paths += [str(Path(spec.origin).parent.parent), sysconfig.get_path("purelib"), str(_ROOT)]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return {**kept, "PYTHONPATH": os.pathsep.join(paths)}


def calls(rounds: int, count: int, say: Callable[[str], None]) -> list[Round]:
    """Measures calls.

    Args:
        count: how often each is made in a round.
    """
    say(f"making {rounds} rounds of {count} calls of each kind through each client")
    if not OFFICIAL.is_dir():
        say("the official client is left out: make .official-client")
    with Server([sys.executable, "-m", "benchmarks.client_answers"]) as server:
        said = _python("-m", "benchmarks.client_calls", server.url, str(rounds), str(count))
    return [Round(**each) for each in json.loads(said)]


def imports(rounds: int, say: Callable[[str], None]) -> list[Import]:
    """Measures imports, those of nothing (`time`) among them."""
    say("importing each client in processes of their own")
    modules = ["time", *(name for name in _MODULES if name != "kfp_server_api" or OFFICIAL.is_dir())]
    found = []
    with tempfile.TemporaryDirectory(prefix="bench-") as cache:
        for number in range(rounds + 1):
            for module in modules if number % 2 else reversed(modules):
                cpu_s, resident_kib = _python("-c", _IMPORT.format(module=module), PYTHONPYCACHEPREFIX=cache).split()
                if number:  # The first writes the byte code.
                    found.append(Import(module, number, float(cpu_s), int(resident_kib)))
    return found


def _python(*arguments: str, **variables: str) -> str:
    done = subprocess.run(
        [sys.executable, "-S", *arguments],
        env={**environment(), **variables}, cwd=_ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"measuring the client failed: {done.stderr.strip()}")
    return done.stdout


def call_rows(rounds: list[Round]) -> Rows:
    """The table's cells, call by call."""
    by_key = {(each.call, each.through, each.number): each for each in rounds}
    pairs = dict.fromkeys((each.call, each.through) for each in rounds)
    return [
        _call_row(call, through, rounds, by_key)
        for call in TITLES
        for through in _MODULES.values()
        if (call, through) in pairs
    ]


def _call_row(call: str, through: str, rounds: list[Round], by_key: dict[Any, Round]) -> tuple[str, ...]:
    mine = [each for each in rounds if (each.call, each.through) == (call, through)]
    ratios = [each.cpu_us / by_key[call, "urllib3", each.number].cpu_us for each in mine]
    return (
        TITLES[call],
        through,
        f"{median(each.cpu_us for each in mine):,.0f}",
        spread([each.cpu_us for each in mine], ",.0f"),
        "" if through == "urllib3" else f"{median(ratios):.2f}",
        "" if through == "urllib3" else spread(ratios, ".2f"),
        f"{median(each.wall_us for each in mine):,.0f}",
    )


def import_rows(found: list[Import]) -> Rows:
    """As `call_rows`, of imports."""
    cpu_ms = {(each.module, each.number): each.cpu_s * 1_000 for each in found}
    kib = {(each.module, each.number): each.resident_kib for each in found}
    numbers = sorted({each.number for each in found})
    rows: Rows = []
    for module in dict.fromkeys(name for name in _MODULES if (name, numbers[0]) in cpu_ms):
        mine = [cpu_ms[module, number] for number in numbers]
        ratios = [cpu_ms[module, number] / cpu_ms["urllib3", number] for number in numbers]
        grown = median(kib[module, number] - kib["time", number] for number in numbers)
        ratio = "" if module == "urllib3" else f"{median(ratios):.2f}"
        rows.append((module, f"{median(mine):.0f}", spread(mine, ".0f"), ratio, f"{grown / 1_024:.1f}"))
    return rows


def versions() -> dict[str, str]:
    """What takes part."""
    official = [path.name.split("-")[1].removesuffix(".dist") for path in OFFICIAL.glob("kfp_server_api-*.dist-info")]
    found = {"Python": platform.python_version(), **{name: version(name) for name in ("artifactd-client", "urllib3")}}
    return found | ({"kfp-server-api": official[0]} if official else {})


def measure(given: argparse.Namespace, directory: Path, say: Callable[[str], None]) -> Result:
    """Calls and imports."""
    rounds = calls(given.rounds, given.calls, say)
    found = imports(given.rounds, say)
    raw = {"calls": [each._asdict() for each in rounds], "imports": [each._asdict() for each in found]}
    settings = f"{given.rounds} rounds of {given.calls} times each call, and of one import each."
    return Result("client", settings, [], versions(), machine.machine(directory), raw, [])


def section(result: Result) -> str:
    """The part of the page that tells of the client."""
    rounds = [Round(**each) for each in result.raw["calls"]]
    found = [Import(**each) for each in result.raw["imports"]]
    tables = f"{markdown(call_rows(rounds), CALL_COLUMNS, 2)}\n\n{markdown(import_rows(found), IMPORT_COLUMNS)}"
    said = "Versions: " + ", ".join(f"{name} {number}" for name, number in result.versions.items()) + "."
    return f"{result.settings}\n\n{tables}\n\n{_METHOD}\n{said}\n"
