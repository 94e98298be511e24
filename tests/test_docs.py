"""The documentation says what the code says. Run as a program, it writes the generated tables anew."""

from __future__ import annotations

import re
import sys

import pytest
from support import ROOT

from artifactd.cli.documents import commands_markdown, settings_markdown
from artifactd.rest.routes import OPERATIONS


def operations_markdown() -> str:
    """The table of operations."""
    lines = ["| operation | request | what it does |", "|---|---|---|"]
    lines += [f"| `{item.name}` | `{item.method} {item.path}` | {item.summary} |" for item in OPERATIONS]
    return "\n".join(lines)


GENERATED = {
    ("docs/operating.md", "settings"): settings_markdown,
    ("docs/api.md", "operations"): operations_markdown,
    ("docs/cli.md", "commands"): commands_markdown,
}


@pytest.mark.parametrize(("file", "name"), GENERATED)
def test_a_generated_table_is_what_the_code_says(file: str, name: str) -> None:
    text = (ROOT / file).read_text()

    assert GENERATED[file, name]() in text, "run: python tests/test_docs.py"


def test_every_direct_dependency_has_its_reason() -> None:
    project = (ROOT / "pyproject.toml").read_text()
    block = re.search(r"^dependencies = \[(.*?)^\]", project, re.DOTALL | re.MULTILINE)
    assert block is not None
    names = re.findall(r'"([a-z0-9-]+)', block[1])
    documented = (ROOT / "docs/dependencies.md").read_text()

    assert names
    assert [name for name in names if name not in documented] == []


def test_every_link_between_the_documents_leads_somewhere() -> None:
    files = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
    broken = [
        f"{file.name}: {target}"
        for file in files
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", file.read_text())
        if not (file.parent / target).exists()
    ]

    assert broken == []


if __name__ == "__main__":
    for (path, marker), make in GENERATED.items():
        page = ROOT / path
        begin, end = f"<!-- {marker} -->", f"<!-- /{marker} -->"
        pattern = re.escape(begin) + ".*?" + re.escape(end)
        table = f"{begin}\n{make()}\n{end}"
        page.write_text(re.sub(pattern, lambda _, text=table: text, page.read_text(), flags=re.DOTALL))  # type: ignore[misc]
        sys.stdout.write(f"wrote {path}\n")
