"""What is served besides the operations: health, metrics, the OpenAPI document and its rendering."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from importlib.resources import files
from typing import NamedTuple

from artifactd.errors import NotFound
from artifactd.rest.monitoring import Monitoring
from artifactd.rest.routing import Router
from artifactd.storage.store import Store
from artifactd.wire.message import encode

_JSON = "application/json"
_ASSETS = {
    "swagger-ui.css": "text/css; charset=utf-8",
    "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
}
_DOCS_PAGE = b"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>artifactd: the API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="docs/swagger-ui.css">
</head>
<body>
<main id="docs"></main>
<noscript>This page needs JavaScript; the document itself is at <a href="openapi.json">openapi.json</a>.</noscript>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</body>
</html>
"""
_DOCS_START = b"""SwaggerUIBundle({
  url: "docs/openapi.json",
  dom_id: "#docs",
  deepLinking: true,
  validatorUrl: null,
  tryItOutEnabled: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
});
"""
# Swagger UI sets styles on elements and draws its icons as data: images.
_DOCS_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


_NO_HEADERS: Mapping[str, str] = {}


class Page(NamedTuple):
    """What such a page answers. `headers` are further ones, or others than those of every answer."""

    content_type: str
    body: bytes
    status: int = 200
    headers: Mapping[str, str] = _NO_HEADERS


class StaticPage:
    """Something that is not an API operation: no request body, no transaction.

    `needs_caller` says whether it asks for credentials where authentication is on; `strict` whether a query parameter
    that it does not have is refused.
    """

    def __init__(self, name: str, answer: Callable[[], Awaitable[Page]], *, needs_caller: bool, strict: bool) -> None:
        self.name = name
        self.answer = answer
        self.needs_caller = needs_caller
        self.strict = strict


def add_pages(router: Router, store: Store, monitoring: Monitoring, openapi: bytes, *, multi_user: bool) -> None:
    """Registers every such page."""

    async def livez() -> Page:
        return _text(b"ok\n")

    async def readyz() -> Page:
        await store.check()
        return _text(b"ok\n")

    async def healthz() -> Page:
        await store.check()
        return Page(_JSON, encode({"multi_user": multi_user, "pipeline_store": "database"}))

    async def metrics() -> Page:
        return Page("text/plain; version=0.0.4; charset=utf-8", monitoring.exposition())

    async def document() -> Page:
        return Page(_JSON, openapi)

    async def docs() -> Page:
        return Page("text/html; charset=utf-8", _DOCS_PAGE, headers={"Content-Security-Policy": _DOCS_POLICY})

    async def start() -> Page:
        return Page("text/javascript; charset=utf-8", _DOCS_START)

    async def home() -> Page:
        return Page("text/plain; charset=utf-8", b"", 303, {"Location": "docs"})

    for path, name, answer, needs_caller in (
        ("/livez", "livez", livez, False),
        ("/readyz", "readyz", readyz, False),
        ("/apis/v2beta1/healthz", "get_healthz", healthz, True),
        ("/metrics", "prometheus_metrics", metrics, True),
        ("/openapi.json", "openapi", document, True),
        ("/docs", "docs", docs, False),
        ("/docs/start.js", "docs", start, False),
        # The page's own copy, without which nobody could give it a credential.
        ("/docs/openapi.json", "docs", document, False),
        ("/", "home", home, False),
        *((f"/docs/{asset}", "docs", _asset(asset, kind), False) for asset, kind in _ASSETS.items()),
    ):
        router.add(path, "GET", StaticPage(name, answer, needs_caller=needs_caller, strict=path.startswith("/apis/")))


def _text(text: bytes) -> Page:
    return Page("text/plain; charset=utf-8", text)


def _asset(name: str, kind: str) -> Callable[[], Awaitable[Page]]:
    async def answer() -> Page:
        file = files("artifactd.rest") / "static" / "docs" / name
        if not file.is_file():
            raise NotFound("the API page's assets are not built here: run make setup")
        return Page(kind, file.read_bytes(), headers={"Cache-Control": "max-age=3600"})

    return answer
