"""`artifactd key` and `artifactd audit`, as processes: in a store itself, and through a server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli.processes import Done, environment, run
from rest.callers import CallerApi
from support import running_app

from artifactd.api_keys import key_id_of
from artifactd.settings import Settings

pytestmark = pytest.mark.engines("sqlite")


def artifactd(folder: Path, *arguments: object, **variables: str) -> Done:
    """Runs the command line."""
    return run(environment(folder, **variables), *arguments)


def create(folder: Path, url: str, *more: str) -> Done:
    """Makes a key in a store."""
    return artifactd(folder, "key", "create", "--database-url", url, *more)


ADMIN = ("--name", "boss", "--namespace", "*", "--role", "admin")
WRITER = ("--name", "ci", "--namespace", "team-a", "--role", "writer")


@pytest.fixture
def admin(tmp_path: Path, sqlite_url: str) -> str:
    """An admin's key, made before there is a server."""
    return create(tmp_path, sqlite_url, *ADMIN).out.strip()


@pytest.fixture
def server(sqlite_url: str) -> Iterator[str]:
    """The address of a server that takes keys."""
    with running_app(sqlite_url, Settings(port=0, access_log=False, auth=("keys",))) as (url, _):
        yield url


def test_a_key_stands_alone_on_the_last_line_and_is_good(tmp_path: Path, sqlite_url: str, server: str) -> None:
    done = create(tmp_path, sqlite_url, *WRITER)

    assert done.code == 0
    key = done.out.splitlines()[-1]
    assert key_id_of(key) is not None
    assert "writer in team-a, for ever" in done.err
    assert key not in done.err
    with CallerApi(server, key) as api:
        assert api.artifact()["namespace"] == "team-a"


def test_a_key_comes_as_json(tmp_path: Path, sqlite_url: str) -> None:
    made = json.loads(create(tmp_path, sqlite_url, *WRITER, "--expires", "90d", "--json").out)

    assert made["key"].startswith("artd_" + made["api_key"]["key_id"])
    assert set(made["api_key"]) == {
        "key_id", "name", "role", "namespaces", "created_by", "created_at", "expires_at",
    }  # fmt: skip
    assert made["api_key"]["created_by"] == "local"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--expires", "soon"), "is not a time"),
        (("--expires", "2020-01-01"), "is past"),
        (("--role", "king"), "'reader', 'writer', 'admin'"),
        (("--namespace", "*"), "leave out the others"),
        (("--namespace", "x" * 64), "at most 63"),
    ],
)
def test_a_bad_request_for_a_key_ends_with_2_and_says_why(
    tmp_path: Path, sqlite_url: str, more: tuple[str, ...], said: str
) -> None:
    done = create(tmp_path, sqlite_url, *WRITER, *more)

    assert (done.code, done.out) == (2, "")
    assert said in done.err


def test_a_server_is_asked_where_no_store_is_named(tmp_path: Path, server: str, admin: str) -> None:
    variables = {"ARTIFACTD_SERVER": server, "ARTIFACTD_API_KEY": admin}
    made = artifactd(tmp_path, "key", "create", *WRITER, **variables)
    key_id = key_id_of(made.out.strip())
    listed = artifactd(tmp_path, "key", "list", **variables)
    revoked = artifactd(tmp_path, "key", "revoke", str(key_id), **variables)
    after = json.loads(artifactd(tmp_path, "key", "list", "--json", **variables).out)["api_keys"]

    assert made.code == 0
    rows = {tuple(line.split()[:3]) for line in listed.out.splitlines()[1:]}
    assert rows == {(str(key_id_of(admin)), "boss", "admin"), (str(key_id), "ci", "writer")}
    assert "is revoked" in revoked.err
    assert {key["name"]: "revoked_at" in key for key in after} == {"boss": False, "ci": True}


def test_keys_of_a_store_are_listed_and_revoked_without_a_server(tmp_path: Path, sqlite_url: str, admin: str) -> None:
    where = ("--database-url", sqlite_url)
    key_id = str(key_id_of(admin))

    assert artifactd(tmp_path, "key", "revoke", key_id, *where).code == 0
    assert "revoked" in artifactd(tmp_path, "key", "list", *where).out.splitlines()[1]
    unknown = artifactd(tmp_path, "key", "revoke", "nothing", *where)
    assert (unknown.code, "there is no key" in unknown.err) == (3, True)


def test_who_may_not_gets_4(tmp_path: Path, sqlite_url: str, server: str) -> None:
    writer = create(tmp_path, sqlite_url, *WRITER).out.strip()

    for key in (writer, "nonsense"):
        done = artifactd(tmp_path, "key", "list", ARTIFACTD_SERVER=server, ARTIFACTD_API_KEY=key)
        assert done.code == 4
        assert key not in done.err


def test_a_store_without_keys_or_notes_says_so(tmp_path: Path, sqlite_url: str) -> None:
    assert "there are no keys" in artifactd(tmp_path, "key", "list", "--database-url", sqlite_url).err
    assert "no such notes" in artifactd(tmp_path, "audit", "--database-url", sqlite_url).err


def test_the_notes_of_writes_are_shown(tmp_path: Path, sqlite_url: str, server: str, admin: str) -> None:
    with CallerApi(server, admin) as api:
        made = api.artifact(namespace="team-a", name="\x1b[31mred")["artifact_id"]
        api.metric(task_id="t", name="\x1b[31mloss", namespace="team-b")
    where = ("--database-url", sqlite_url)

    table = artifactd(tmp_path, "audit", *where).out.splitlines()
    lines = [json.loads(line) for line in artifactd(tmp_path, "audit", *where, "--json").out.splitlines()]
    narrowed = artifactd(tmp_path, "audit", *where, "--namespace", "team-a", "--json").out.splitlines()

    assert table[0].split()[:4] == ["at", "caller", "operation", "status"]
    assert len(table) == 3
    assert "\x1b" not in "".join(table)
    assert [line["operation"] for line in lines] == ["create_artifact", "log_metric"]
    assert [json.loads(line)["resources"] for line in narrowed] == [[made]]
    assert artifactd(tmp_path, "audit", *where, "--since", "never").code == 2
