"""The rules of the house, as tests: direction of imports, sizes, and calls that have a better replacement."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest
from support import ROOT

SOURCE = ROOT / "src" / "artifactd"
VOCABULARY = {"errors", "settings", "model", "requests", "listing", "access", "api_keys"}
MAY_IMPORT = {
    "vocabulary": {"vocabulary"},
    "wire": {"vocabulary", "wire"},
    "storage": {"vocabulary", "storage"},
    "operations": {"vocabulary", "storage", "operations"},
    "auth": {"vocabulary", "auth"},
    "rest": {"vocabulary", "wire", "storage.store", "storage.statements", "operations", "auth", "rest"},
    "interop": {"vocabulary", "interop"},
    "cli": {"vocabulary", "rest", "auth.assembly", "operations", "interop", "cli"}
    | {f"storage.{entrance}" for entrance in ("store", "statements", "migrating", "backup", "copying", "audit")},
}
OWNERS = {
    "sqlalchemy": {"storage"},
    "alembic": {"storage"},
    "apsw": {"storage"},
    "psycopg": {"storage.engines"},
    "pymysql": {"storage.engines"},
    "httptools": {"rest"},
    "uvloop": {"cli.serve"},
    "msgspec": {"wire", "rest.openapi", "rest.openapi_responses"},
    "click": {"cli"},
    "urllib3": {"interop", "auth.https"},
    "jwt": {"auth.oidc"},
    "yaml": {"interop"},
}
BANNED = {
    r"\btime\.sleep\(": "pass a clock in, or wait for an event",
    r"unittest\.mock|monkeypatch\.setattr": "use the real thing, or pass another one in",
    r"\b(TODO|FIXME|XXX)\b": "do it, or file an issue",
    r"/(work|root|home)/[a-z]": "name no path of a machine",
}


def modules() -> list[tuple[str, Path]]:
    """Every module of the program by its dotted name below `artifactd`."""
    paths = sorted(SOURCE.rglob("*.py"))
    dotted = [".".join(path.relative_to(SOURCE).with_suffix("").parts) for path in paths]
    return [(name.removesuffix(".__init__"), path) for name, path in zip(dotted, paths, strict=True)]


def ring(module: str) -> str:
    """The ring that a module belongs to."""
    first = module.split(".", maxsplit=1)[0]
    return "vocabulary" if first in VOCABULARY else first


def imports(path: Path) -> list[str]:
    """The modules that a file imports, wherever in it."""
    found: list[str] = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            found += names if node.module == "artifactd" else [node.module, *names]
    return found


def tracked(*patterns: str) -> list[Path]:
    """Text files of the project, as git knows them, tracked or about to be."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / line for line in listed.splitlines() if (ROOT / line).is_file()]


def test_imports_point_towards_the_vocabulary() -> None:
    wrong: list[str] = []
    for module, path in modules():
        allowed = MAY_IMPORT.get(ring(module))
        for target in {name.removeprefix("artifactd.") for name in imports(path) if name.startswith("artifactd.")}:
            if allowed is None or target == "__version__":
                continue
            if ring(target) not in allowed and not any(target == a or target.startswith(f"{a}.") for a in allowed):
                package_of_allowed = any(a.startswith(f"{target}.") for a in allowed)
                if not package_of_allowed:
                    wrong.append(f"{module} imports {target}")

    assert wrong == []


def test_each_library_has_one_ring_that_imports_it() -> None:
    wrong = [
        f"{module} imports {name}"
        for module, path in modules()
        for name in imports(path)
        if (owners := OWNERS.get(name.split(".", maxsplit=1)[0]))
        and not any(module == owner or module.startswith(f"{owner}.") for owner in owners)
    ]

    assert wrong == []


def test_the_direction_test_sees_a_wrong_import(tmp_path: Path) -> None:
    file = tmp_path / "wrong.py"
    file.write_text("def late():\n    from artifactd.rest.app import create_app\n    return create_app\n")

    assert "artifactd.rest.app" in imports(file)
    assert ring("rest.app") not in MAY_IMPORT["operations"]


def test_no_file_is_over_500_lines() -> None:
    files = tracked("*.py", "*.ts", "*.tsx", "*.css", "*.lua")
    long = {path.name: len(path.read_text().splitlines()) for path in files}

    assert {name: lines for name, lines in long.items() if lines > 500} == {}


@pytest.mark.parametrize("pattern", BANNED)
def test_nothing_uses_what_has_a_better_replacement(pattern: str) -> None:
    here = Path(__file__).name
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in tracked("*.py", "*.md", "Makefile", ".ci/run", "*.toml", "*.txt", "*.json", "*.lua", "*.yaml")
        if path.name != here and path.parent.name != "benchmarks"
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if re.search(pattern, line)
    ]

    assert found == [], BANNED[pattern]


def test_operations_and_borders_take_time_from_the_caller() -> None:
    clocks = re.compile(r"datetime\.now|datetime\.utcnow|time\.time\(|time_ns\(")
    allowed = {"operations.context"}
    found = [
        module
        for module, path in modules()
        if ring(module) in ("wire", "storage", "operations") and module not in allowed
        if clocks.search(path.read_text())
    ]

    assert found == []
