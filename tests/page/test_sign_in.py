"""Signing in with a key, which this tab alone keeps."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from auth import modes
from page.conftest import Open
from page.visits import Visit
from playwright.sync_api import Browser, expect
from support import Api, LiveServer


class Guarded(NamedTuple):
    """A server that wants a key, and a reader's key of the namespace team-a."""

    url: str
    key: str


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Guarded]:
    """A server with an artifact in each of two namespaces."""
    database_url = f"sqlite:///{tmp_path / 'artifactd.db'}"
    key, boss = (_key(database_url, namespace, role) for namespace, role in (("team-a", "reader"), ("*", "admin")))
    server = LiveServer(database_url, "--auth", "keys")
    api = Api(server.url)
    for name, namespace in (("ours", "team-a"), ("theirs", "team-b")):
        body = {"artifact": {"name": name, "namespace": namespace}}
        assert api.request("POST", "/artifacts", body, headers={"Authorization": boss}).status == 200
    api.close()
    try:
        yield Guarded(server.url, key)
    finally:
        server.kill()


def _key(database_url: str, namespace: str, role: str) -> str:
    wanted = ("--name", role, "--namespace", namespace, "--role", role, "--database-url", database_url)
    command = [sys.executable, "-m", "artifactd", "key", "create", *wanted]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def asked(visit: Open, guarded: Guarded) -> Visit:
    """A visit that was asked for a key. The browser itself notes each answer of 401."""
    seen = visit(guarded.url)
    expect(seen.page.get_by_label("API key or token")).to_be_visible()
    seen.complaints.clear()
    return seen


def signed_in(visit: Open, guarded: Guarded) -> Visit:
    seen = asked(visit, guarded)
    seen.page.get_by_label("API key or token").fill(guarded.key)
    seen.page.get_by_role("button", name="Sign in").click()
    expect(seen.page.get_by_role("link", name="ours")).to_be_visible()
    return seen


def test_a_good_key_shows_what_its_owner_may_see_and_no_more(visit: Open, guarded: Guarded) -> None:
    seen = signed_in(visit, guarded)

    expect(seen.page.get_by_role("link", name="theirs")).to_have_count(0)
    expect(seen.page.get_by_label("Namespace").get_by_role("option")).to_have_text(["All namespaces", "team-a"])


def test_a_bad_key_is_told(visit: Open, guarded: Guarded) -> None:
    seen = asked(visit, guarded)
    seen.page.get_by_label("API key or token").fill("nonsense")
    seen.page.get_by_role("button", name="Sign in").click()

    expect(seen.page.get_by_role("alert")).to_contain_text("Sign in with a key that is good")
    seen.complaints.clear()


def test_the_key_stays_in_the_tab(visit: Open, guarded: Guarded) -> None:
    seen = signed_in(visit, guarded)

    assert guarded.key not in seen.page.evaluate("JSON.stringify(localStorage)")
    assert guarded.key not in seen.page.url
    seen.page.reload()
    expect(seen.page.get_by_role("link", name="ours")).to_be_visible()


def test_signing_out_forgets_the_key(visit: Open, guarded: Guarded) -> None:
    seen = signed_in(visit, guarded)

    seen.page.get_by_role("button", name="Sign out").click()

    expect(seen.page.get_by_label("API key or token")).to_be_visible()
    assert seen.page.evaluate("sessionStorage.length") == 0


def test_a_reader_who_edits_is_told_that_they_may_not(visit: Open, guarded: Guarded) -> None:
    page = (seen := signed_in(visit, guarded)).page
    page.get_by_role("link", name="ours").click()
    page.get_by_role("button", name="Edit", exact=True).click()
    page.get_by_label("Description").fill("changed")
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_role("alert")).to_contain_text("You may not see or do this")
    seen.complaints.clear()


def test_another_tab_does_not_have_the_key(visit: Open, guarded: Guarded) -> None:
    signed_in(visit, guarded)

    asked(visit, guarded)


def test_a_key_that_is_revoked_meanwhile_is_asked_for_again(visit: Open, guarded: Guarded) -> None:
    seen = signed_in(visit, guarded)
    # As it is once the key is revoked, or has run out.
    seen.page.evaluate("Object.keys(sessionStorage).forEach(name => sessionStorage.setItem(name, 'gone'))")

    seen.page.reload()

    expect(seen.page.get_by_label("API key or token")).to_be_visible()
    seen.complaints.clear()


def test_what_may_not_be_seen_is_not_there_by_its_address_either(visit: Open, guarded: Guarded) -> None:
    seen = signed_in(visit, guarded)
    seen.page.goto(f"{guarded.url}/artifacts?namespace=team-b")

    expect(seen.page.get_by_role("alert")).to_contain_text("You may not see or do this")
    expect(seen.page.get_by_text("theirs")).to_have_count(0)
    seen.complaints.clear()


def test_who_a_proxy_names_is_not_asked_for_a_key(browser: Browser, tmp_path: Path) -> None:
    with modes.proxy(tmp_path) as world:
        body = {"artifact": {"name": "ours", "namespace": modes.OWN}}
        assert world.clients["admin of all"].request("POST", "/artifacts", body).status == 200
        # What the gateway in front of the server adds to each request.
        context = browser.new_context(extra_http_headers={"kubeflow-userid": "reader"})
        seen = Visit(context.new_page(), f"{world.url}/?namespace={modes.OWN}")

        expect(seen.page.get_by_role("link", name="ours")).to_be_visible()
        expect(seen.page.get_by_label("API key or token")).to_have_count(0)
        context.close()
        assert seen.complaints == []
