"""How the page's built files are given: to be kept, compressed where taken, and forbidding what it does not need."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from artifactd.rest.messages import Request
from artifactd.rest.page_files import PageTarget, add_page, page_files, takes_gzip, wants_page
from artifactd.rest.routing import Router

SCRIPT = b"console.log('page');" * 50


@pytest.fixture
def router(tmp_path: Path) -> Router:
    """A router over a small built page."""
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_bytes(b"<!doctype html>")
    (tmp_path / "manifest.json").write_bytes(b"{}")
    (tmp_path / "assets" / "index-1a2b.js").write_bytes(SCRIPT)
    (tmp_path / "assets" / "index-1a2b.js.gz").write_bytes(gzip.compress(SCRIPT))
    made = Router()
    add_page(made, page_files(tmp_path))
    return made


def asked(router: Router, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    """Status, headers by lower-case name and body of an answer."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    route, _ = router.match(path.encode())
    target = route.methods["GET"]
    assert isinstance(target, PageTarget)
    response = target.respond(Request.whole("GET", path, given), {"Cache-Control": "no-cache"})
    lines = response.head.decode().split("\r\n")[1:-1]
    return (
        response.status,
        {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)},
        response.body,
    )


def test_an_asset_may_be_kept_for_ever(router: Router) -> None:
    _, headers, _ = asked(router, "/assets/index-1a2b.js")

    assert headers["cache-control"] == "public, max-age=31536000, immutable"


def test_the_document_is_asked_for_anew_each_time(router: Router) -> None:
    _, headers, _ = asked(router, "/")

    assert headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "path", ["/", "/artifacts", "/artifacts/01a2", "/runs/run%201", "/tasks/a:b", "/run-metrics", "/compare"]
)
def test_every_path_of_the_page_gives_the_document(router: Router, path: str) -> None:
    assert asked(router, path)[2] == b"<!doctype html>"


def test_the_document_forbids_scripts_and_styles_that_stand_in_it(router: Router) -> None:
    policy = asked(router, "/")[1]["content-security-policy"]

    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_an_asset_goes_out_compressed_where_that_is_taken(router: Router) -> None:
    _, headers, body = asked(router, "/assets/index-1a2b.js", accept_encoding="gzip, br")

    assert headers["content-encoding"] == "gzip"
    assert gzip.decompress(body) == SCRIPT


def test_an_asset_goes_out_as_it_is_to_who_takes_nothing_else(router: Router) -> None:
    _, headers, body = asked(router, "/assets/index-1a2b.js")

    assert "content-encoding" not in headers
    assert body == SCRIPT


@pytest.mark.parametrize("encoding", ["", "gzip"])
def test_what_the_browser_has_is_not_sent_again(router: Router, encoding: str) -> None:
    tag = asked(router, "/", accept_encoding=encoding)[1]["etag"]

    status, _, body = asked(router, "/", accept_encoding=encoding, if_none_match=f'W/"other", {tag}')

    assert (status, body) == (304, b"")


def test_both_forms_of_an_asset_have_tags_of_their_own(router: Router) -> None:
    path = "/assets/index-1a2b.js"

    assert asked(router, path)[1]["etag"] != asked(router, path, accept_encoding="gzip")[1]["etag"]


@pytest.mark.parametrize(
    ("accepted", "takes"),
    [
        (None, False),
        ("", False),
        ("gzip", True),
        ("br, GZIP;q=0.5", True),
        ("gzip;q=0", False),
        ("*", True),
        ("*;q=0", False),
        ("*, gzip; q=0.000", False),
        ("identity", False),
    ],
)
def test_compression_is_taken_where_the_header_says_so(accepted: str | None, takes: bool) -> None:
    assert takes_gzip(accepted) is takes


@pytest.mark.parametrize(
    ("method", "path", "accepted", "wants"),
    [
        ("GET", "/nowhere", "text/html,*/*", True),
        ("GET", "/nowhere", "*/*", False),
        ("GET", "/apis/v2beta1/nowhere", "text/html", False),
        ("POST", "/nowhere", "text/html", False),
    ],
)
def test_only_a_person_who_went_astray_gets_the_page(method: str, path: str, accepted: str, *, wants: bool) -> None:
    assert wants_page(Request.whole(method, path, {"accept": accepted})) is wants


def test_where_the_page_is_not_built_nothing_is_registered(tmp_path: Path) -> None:
    assert page_files(tmp_path / "nowhere") == {}
