"""The page's built files: read once at the start, and given with what lets a browser keep them.

The build (`ui/`) names each asset by its contents, so that one may be kept for ever; `index.html`, which names them,
is asked for anew each time. What it shows is the page's own business: every path of the page gives this one document.
Where the page is not built, `/` leads to `/docs` as before.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from http import HTTPStatus
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import NamedTuple

from artifactd.rest.messages import Request, Response, response_head
from artifactd.rest.routing import Router

_CONTENT_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}
_INDEX = "index.html"
_PATHS = (
    "/",
    "/artifacts",
    "/artifacts/{artifact_id}",
    "/runs",
    "/runs/{run_id}",
    "/tasks",
    "/tasks/{task_id}",
    "/run-metrics",
    "/plot",
    "/lineage",
    "/compare",
)
"""The page's own paths, as `ui/src/state/routes.ts` has them. `/metrics` is Prometheus'."""
_FOR_EVER = "public, max-age=31536000, immutable"
# Charts and graphs are drawn on a canvas and saved from it, hence blob: and data:.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class PageFile(NamedTuple):
    """A built file, as it is and compressed, and the headers that go with it."""

    body: bytes
    entity_tag: str
    packed: bytes | None
    headers: Mapping[str, str]


def page_files(folder: Traversable | None = None) -> dict[str, PageFile]:
    """The built files by their path below the page, such as `assets/index-….js`; empty where the page is not built.

    Args:
        folder: where they are; the package's own without it.
    """
    folder = folder or files("artifactd.rest") / "static" / "page"
    return dict(_files_below(folder, ""))


def _files_below(folder: Traversable, prefix: str) -> list[tuple[str, PageFile]]:
    if not folder.is_dir():
        return []
    found: list[tuple[str, PageFile]] = []
    for entry in folder.iterdir():
        name = prefix + entry.name
        suffix = "." + name.rpartition(".")[2]
        if entry.is_dir():
            found += _files_below(entry, f"{name}/")
        elif suffix in _CONTENT_TYPES:
            packed = folder / f"{entry.name}.gz"
            body = entry.read_bytes()
            found.append((name, _file(name, suffix, body, packed.read_bytes() if packed.is_file() else None)))
    return found


def _file(name: str, suffix: str, body: bytes, packed: bytes | None) -> PageFile:
    headers = {"Content-Type": _CONTENT_TYPES[suffix], "Vary": "Accept-Encoding"}
    if name.startswith("assets/"):
        headers["Cache-Control"] = _FOR_EVER
    if suffix == ".html":
        headers["Content-Security-Policy"] = _POLICY
    return PageFile(body, hashlib.sha256(body).hexdigest()[:32], packed, headers)


def takes_gzip(accepted: str | None) -> bool:
    """Whether an `Accept-Encoding` lets an answer be compressed (RFC 9110, 12.5.3)."""
    weights: dict[str, bool] = {}
    for item in (accepted or "").lower().split(","):
        coding, _, weight = item.partition(";")
        weights[coding.strip()] = weight.replace(" ", "").removeprefix("q=").strip("0.") != "" or not weight
    return weights.get("gzip", weights.get("*", False))


# The rest says it in terms of requests and answers.


class PageTarget:
    """What answers for one built file."""

    name = "page"

    def __init__(self, file: PageFile) -> None:
        self._file = file

    def respond(self, request: Request, headers: Mapping[str, str], status: int = 200) -> Response:
        """The file, compressed where the request takes that, or that the browser has it still.

        Args:
            headers: those of every answer; the file's own go before them.
        """
        packed = self._file.packed if takes_gzip(request.headers.get("accept-encoding")) else None
        tag = f'"{self._file.entity_tag}{"" if packed is None else "-gzip"}"'
        told: dict[str, str] = {**headers, **self._file.headers, "ETag": tag}
        known = request.headers.get("if-none-match", "")
        if status == HTTPStatus.OK and tag in (item.strip().removeprefix("W/") for item in known.split(",")):
            return Response(304, response_head(304, told))
        if packed is None:
            return Response(status, response_head(status, told), self._file.body)
        return Response(status, response_head(status, {**told, "Content-Encoding": "gzip"}), packed)


def add_page(router: Router, built: Mapping[str, PageFile]) -> None:
    """Registers the page's own paths and its files; nothing where it is not built."""
    if _INDEX not in built:
        return
    document = PageTarget(built[_INDEX])
    for path in _PATHS:
        router.add(path, "GET", document)
    for name, file in built.items():
        if name != _INDEX:
            router.add(f"/{name}", "GET", PageTarget(file))
    router.for_strays = document


def wants_page(request: Request) -> bool:
    """Whether a person seems to have gone to an address at which there is nothing; below `/apis` is never the page."""
    if request.raw_path.startswith(b"/apis") or request.method not in ("GET", "HEAD"):
        return False
    return "text/html" in request.headers.get("accept", "")
