"""The pages of the client's documentation, as a reader takes them: tables, links, and programs with their output."""

from __future__ import annotations

import contextlib
import inspect
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import artifactd_client
from artifactd_client import ArtifactServiceApi, HealthzServiceApi, RunServiceApi, SearchServiceApi, models
from support import ROOT

DOCS = ROOT / "docs" / "client"
READMES = (
    DOCS / "README.md",
    ROOT / "clients" / "python" / "README.md",
    ROOT / "clients" / "python" / "kfp-server-api" / "README.md",
)
HOST = "http://127.0.0.1:8888"
SERVICES = (ArtifactServiceApi, RunServiceApi, HealthzServiceApi, SearchServiceApi)
ALIASES = {"get_healthz": "healthz_service_get_healthz"}
"""Second names of methods, which have no pages of their own."""
FUNCTIONS = ("every", "metrics_frame", "artifacts_frame")

_PROGRAM = re.compile(r"```python\n(.*?)```(?:\n\n```text\n(.*?)```)?", re.DOTALL)
_MASKS = (
    (re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "<id>"),
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:00)"), "<time>"),
    (re.compile(r"[A-Za-z0-9_-]{50,}"), "<token>"),
)


class Program(NamedTuple):
    """A Python block of a page, and the output that the page shows after it, if any."""

    code: str
    shown: str
    end: int


def all_pages() -> list[Path]:
    """Every page, the two that PyPI shows among them."""
    return [READMES[0], *sorted(DOCS.glob("*/*.md")), *READMES[1:]]


def name_of(page: Path) -> str:
    """A page's place in the repository."""
    return page.relative_to(ROOT).as_posix()


def served_methods() -> dict[str, Callable[..., Any]]:
    """What each method's page is about, by the method's name: those of the services, and the functions beside them."""
    found: dict[str, Callable[..., Any]] = {name: getattr(artifactd_client, name) for name in FUNCTIONS}
    for service in SERVICES:
        for name, method in vars(service).items():
            public = inspect.isfunction(method) and not name.startswith("_")
            if (
                public
                and not name.endswith("_with_http_info")
                and name not in ALIASES
                and name not in unserved_methods()
            ):
                found[name] = method
    return found


def unserved_methods() -> list[str]:
    """The methods that only say that they are not served."""
    return [
        name for name, method in vars(RunServiceApi).items() if "Not served" in (getattr(method, "__doc__", "") or "")
    ]


def model_names() -> list[str]:
    """Every message and enumeration."""
    return list(models.__all__)


def parameters_of(method: Callable[..., Any]) -> list[tuple[str, str, bool]]:
    """Name, type as the pages write it, and whether it is required, of each parameter."""
    return [
        (_stars(each) + each.name, documented_type(each.annotation), each.default is each.empty and not _stars(each))
        for each in inspect.signature(method).parameters.values()
        if each.name not in ("self", "options")
    ]


def _stars(parameter: inspect.Parameter) -> str:
    if parameter.kind is parameter.VAR_POSITIONAL:
        return "*"
    return "**" if parameter.kind is parameter.VAR_KEYWORD else ""


def documented_type(annotation: str) -> str:
    """A parameter's annotation as the pages write it: `Optional[Sequence[str]]` is `list[str]`."""
    text = re.sub(r"^Optional\[(.*)\]$", r"\1", annotation)
    text = {"Filter": "Union[str, V2beta1Filter, Fields]", "Source": "Union[ArtifactServiceApi, page, iterable]"}.get(
        text, text
    )
    if union := re.fullmatch(r"Union\[(.*)\]", text):
        *first, last = union[1].replace("Fields", "dict").split(", ")
        return f"{', '.join(first)} or {last}"
    if text.startswith("Callable"):
        return "callable"
    return {"Any": "any", "Sequence[str]": "list[str]"}.get(text, text)


def table(page: Path, *head: str) -> list[list[str]]:
    """The rows of the table with this head, links and backquotes taken off; none if there is no such table."""
    text = page.read_text()
    match = re.search(r"^\| " + r" \| ".join(head) + r" \|\n\|[-|]+\n((?:\|.*\n)*)", text, re.MULTILINE)
    lines = match[1].splitlines() if match else []
    return [[_plain(cell) for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


def _plain(cell: str) -> str:
    return re.sub(r"\[([^\[\]]+)\]\([^)]*\)", r"\1", cell).replace("`", "").strip()


def links(page: Path) -> list[str]:
    """Where a page's links lead, outside of its programs."""
    text = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
    return re.findall(r"\]\(([^)\s]+)\)", text)


def anchors(page: Path) -> set[str]:
    """The headings of a page, as links name them."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^a-z0-9_ -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def programs(page: Path) -> list[Program]:
    """The Python blocks of a page, in their order. Together they are one program."""
    return [Program(match[1], match[2] or "", match.end()) for match in _PROGRAM.finditer(page.read_text())]


def outputs(page: Path, url: str, package: str = "artifactd_client") -> list[str]:
    """What each Python block of a page prints.

    Args:
        page: the page.
        url: the server that the blocks ask instead of the one that they name.
        package: the import name that they use instead of `artifactd_client`.
    """
    namespace: dict[str, Any] = {"__name__": "__main__"}
    printed = []
    for number, program in enumerate(programs(page), 1):
        code = re.sub(r"\bartifactd_client\b", package, program.code.replace(HOST, url))
        with contextlib.redirect_stdout(io.StringIO()) as output:
            exec(compile(code, f"{page.name}, program {number}", "exec"), namespace)
        printed.append(output.getvalue())
    return printed


def masked(output: str) -> str:
    """An output with what is new each time replaced: UUIDs, times in UTC, and page tokens (50 or more characters)."""
    for pattern, mask in _MASKS:
        output = pattern.sub(mask, output)
    return output


def with_outputs(page: Path, printed: list[str]) -> str:
    """The page's text with these outputs; one that only its masked parts tell from the old one stays as it is."""
    rest = iter(printed)

    def shown(match: re.Match[str]) -> str:
        output = next(rest)
        if masked(match[2] or "") == masked(output):
            return match[0]
        return f"```python\n{match[1]}```" + (f"\n\n```text\n{output}```" if output else "")

    return _PROGRAM.sub(shown, page.read_text())
