"""API keys: who has a good one comes in, and may do what its role and namespaces say."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from auth.conftest import Serve, Ticks, as_caller
from rest.callers import CallerApi
from support import Api, Clock, error_of

from artifactd.access import Role
from artifactd.api_keys import is_key, key_digest, key_id_of, make_key
from artifactd.auth.keys import KeyDoor
from artifactd.errors import Unauthenticated
from artifactd.model import ApiKey

NewKey = Callable[..., str]
ARTIFACT = {"artifact": {"name": "x"}}


@pytest.mark.parametrize("before", ["", "Bearer ", "bearer ", "BEARER  "])
def test_a_key_is_taken_bare_and_after_bearer(keyed: str, new_key: NewKey, before: str) -> None:
    with CallerApi(keyed, before + new_key("writer", "a")) as api:
        assert api.artifact()["namespace"] == "a"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda key: key[:-1],
        lambda key: key[:-1] + ("A" if key[-1] != "A" else "B"),
        lambda key: key + "A",
        lambda key: key.upper(),
        lambda key: f"Basic {key}",
        lambda key: f"Bearer {key}, Bearer {key}",
        lambda key: f"{key} {key}",
        lambda key: f"Bearer Bearer {key}",
        lambda key: "artd_aaaaaaaaaaaa_" + key[-43:],
        lambda key: key[:18] + "A" * 43,
        lambda _: "artd_",
        lambda _: "Bearer",
        lambda _: "e30.e30.e30",
        lambda _: "x" * 20_000,
    ],
)
def test_anything_else_than_a_key_is_401(keyed: str, new_key: NewKey, spoil: Callable[[str], str]) -> None:
    with CallerApi(keyed, spoil(new_key("admin", "*"))) as api:
        reply = api.request("GET", "/artifacts")

    assert (reply.status, error_of(reply)["code"]) == (401, 16)
    assert reply.headers["www-authenticate"] == "Bearer"


def test_an_unknown_key_and_a_wrong_secret_are_told_the_same(keyed: str, new_key: NewKey) -> None:
    key = new_key("reader", "a")
    told = []
    for wrong in (key[:-4] + "AAAA", "artd_aaaaaaaaaaaa_" + key[-43:]):
        with as_caller(keyed, wrong) as api:
            told.append(api.request("GET", "/artifacts").body)

    assert told[0] == told[1]
    assert key.encode() not in told[0]


def test_a_key_in_the_query_is_no_credential(keyed: str, new_key: NewKey) -> None:
    api = Api(keyed)

    for name in ("key", "api_key", "authorization", "access_token"):
        assert api.request("GET", "/artifacts", query={name: new_key("admin", "*")}).status == 401
    api.close()


def test_a_key_is_good_until_it_expires(keyed: str, new_key: NewKey, clock: Clock, ticks: Ticks) -> None:
    key = new_key("reader", "a", expires_at_us=clock.now_us + 60_000_000)
    with as_caller(keyed, key) as api:
        clock.advance(59)
        assert api.request("GET", "/artifacts").status == 200
        clock.advance(2)
        ticks.now_s += 2
        reply = api.request("GET", "/artifacts")

    assert reply.status == 401
    assert "expired" in error_of(reply)["message"]


def test_a_key_that_expires_within_the_next_second_is_not_relied_on_for_longer(
    keyed: str, new_key: NewKey, clock: Clock, ticks: Ticks
) -> None:
    key = new_key("reader", "a", expires_at_us=clock.now_us + 500_000)
    with as_caller(keyed, key) as api:
        assert api.request("GET", "/artifacts").status == 200
        clock.advance(0.6)
        ticks.now_s += 0.6
        assert api.request("GET", "/artifacts").status == 401


def test_a_revoked_key_is_refused_by_every_server_within_two_seconds(
    serve: Serve, new_key: NewKey, ticks: Ticks
) -> None:
    key, admin = new_key("writer", "a"), new_key("admin", "a", name="admin")
    with serve(auth=("keys",)) as here, as_caller(here, key) as api, as_caller(here, admin) as boss:
        assert api.request("GET", "/artifacts").status == 200
        boss.ok("DELETE", f"/keys/{key_id_of(key)}")
        ticks.now_s += 2.0
        reply = api.request("GET", "/artifacts")

    assert reply.status == 401
    assert "revoked" in error_of(reply)["message"]


@pytest.mark.parametrize(
    ("role", "reads", "writes", "looks_after_keys"),
    [("reader", 200, 403, 403), ("writer", 200, 200, 403), ("admin", 200, 200, 200)],
)
def test_a_role_is_what_it_may_do(
    keyed: str, new_key: NewKey, role: str, reads: int, writes: int, looks_after_keys: int
) -> None:
    with as_caller(keyed, new_key("writer", "a")) as other:
        made = other.artifact()["artifact_id"]
    with as_caller(keyed, new_key(role, "a")) as api:
        assert api.request("GET", f"/artifacts/{made}").status == reads
        assert api.request("POST", "/artifacts", {"artifact": {"name": "x", "namespace": "a"}}).status == writes
        assert api.request("PUT", f"/artifacts/{made}", {"name": "y"}).status == writes
        assert api.request("GET", "/keys").status == looks_after_keys


def test_a_key_of_several_namespaces_is_good_in_each_and_nowhere_else(keyed: str, new_key: NewKey) -> None:
    with as_caller(keyed, new_key("writer", "a", "b")) as api:
        for namespace, status in (("a", 200), ("b", 200), ("c", 403)):
            body = {"artifact": {"name": "x", "namespace": namespace}}
            assert api.request("POST", "/artifacts", body).status == status
        assert api.get("/artifacts")["total_size"] == 2


def test_a_key_of_every_namespace_is_good_everywhere(keyed: str, new_key: NewKey) -> None:
    with as_caller(keyed, new_key("writer", "*")) as api:
        for namespace in ("a", "b"):
            api.artifact(namespace=namespace)
        assert api.get("/artifacts")["total_size"] == 2


def test_a_namespace_called_like_the_sign_for_every_one_gives_nobody_more(keyed: str, new_key: NewKey) -> None:
    with as_caller(keyed, new_key("writer", "*")) as api:
        star = api.artifact(namespace="*")["artifact_id"]
    with as_caller(keyed, new_key("writer", "a")) as api:
        assert api.request("GET", f"/artifacts/{star}").status == 404
        assert api.request("GET", "/artifacts", query={"namespace": "*"}).status == 403


def test_a_key_is_told_once_and_kept_as_a_digest(keyed: str, new_key: NewKey) -> None:
    with as_caller(keyed, new_key("admin", "a", name="boss")) as boss:
        reply = boss.request("POST", "/keys", {"api_key": {"name": "ci", "role": "writer", "namespaces": ["a"]}})
        made = reply.json
        listed = boss.ok("GET", "/keys")["api_keys"]

    assert reply.headers["cache-control"] == "no-store"
    assert made["key"].startswith(f"artd_{made['api_key']['key_id']}_")
    assert [item["name"] for item in listed] == ["boss", "ci"]
    assert listed[1] == made["api_key"]
    # A secret may hold an underscore itself.
    assert made["key"].removeprefix(f"artd_{made['api_key']['key_id']}_") not in str(listed)
    with as_caller(keyed, made["key"]) as api:
        assert api.artifact()["namespace"] == "a"


def test_the_answer_to_a_new_key_is_never_kept_for_an_idempotency_key(keyed: str, new_key: NewKey) -> None:
    body = {"api_key": {"name": "ci", "role": "writer", "namespaces": ["a"]}}
    with as_caller(keyed, new_key("admin", "a")) as boss:
        reply = boss.request("POST", "/keys", body, headers={"Idempotency-Key": "once"})

    assert reply.status == 400
    assert "secret" in error_of(reply)["message"]


@pytest.mark.parametrize(
    ("role", "namespaces"),
    [("admin", ["b"]), ("reader", ["a", "b"]), ("reader", ["*"])],
)
def test_nobody_makes_a_key_that_may_do_more_than_they(
    keyed: str, new_key: NewKey, role: str, namespaces: list[str]
) -> None:
    with as_caller(keyed, new_key("admin", "a")) as api:
        reply = api.request("POST", "/keys", {"api_key": {"name": "x", "role": role, "namespaces": namespaces}})
        assert reply.status == 403
        assert api.ok("GET", "/keys")["total_size"] == 1


def test_keys_of_other_namespaces_are_neither_seen_nor_revoked(keyed: str, new_key: NewKey) -> None:
    theirs, shared = new_key("admin", "b"), new_key("reader", "a", "b")
    with as_caller(keyed, new_key("admin", "a", name="mine")) as api:
        listed = api.ok("GET", "/keys")
        assert [item["name"] for item in listed["api_keys"]] == ["mine"]
        assert listed["total_size"] == 1
        for key in (theirs, shared):
            assert api.request("DELETE", f"/keys/{key_id_of(key)}").status == 404


def test_keys_come_in_pages(keyed: str, new_key: NewKey, clock: Clock) -> None:
    for number in range(5):
        new_key("reader", "a", name=f"k{number}")
        clock.advance(1)
    with as_caller(keyed, new_key("admin", "a", name="boss")) as api:
        names = [item["name"] for item in api.walk("/keys", "api_keys", page_size=2)]

    assert names == ["k0", "k1", "k2", "k3", "k4", "boss"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "api_key.name"),
        ({"name": "a\nb"}, "api_key.name"),
        ({"role": "king"}, "api_key.role"),
        ({"namespaces": []}, "api_key.namespaces"),
        ({"namespaces": ["*", "a"]}, "api_key.namespaces"),
        ({"namespaces": ["x" * 64]}, "api_key.namespaces[0]"),
        ({"expires_at": "soon"}, "api_key.expires_at"),
    ],
)
def test_a_bad_key_request_names_the_field(keyed: str, new_key: NewKey, change: dict[str, object], field: str) -> None:
    body = {"api_key": {"name": "ci", "role": "writer", "namespaces": ["a"]} | change}
    with as_caller(keyed, new_key("admin", "*")) as api:
        reply = api.request("POST", "/keys", body)

    assert reply.status == 400
    assert field in [item["field"] for item in error_of(reply)["details"][0]["field_violations"]]


@pytest.mark.engines("sqlite")
def test_keys_are_neither_made_nor_listed_where_the_server_takes_none(serve: Serve) -> None:
    with serve() as url:
        api = Api(url)
        for method, path in (("GET", "/keys"), ("POST", "/keys"), ("DELETE", "/keys/x")):
            reply = api.request(method, path, {} if method == "POST" else None)
            assert (reply.status, "--auth keys" in error_of(reply)["message"]) == (403, True)
        api.close()


def test_a_keys_text_says_its_id_and_only_it_fits_its_digest() -> None:
    key, other = make_key(bytes(range(40))), make_key(bytes(range(1, 41)))

    assert key_id_of(key) == key.split("_")[1]
    assert len(key) == 61
    assert is_key(key, key_digest(key))
    assert not is_key(other, key_digest(key))


def test_a_key_lives_no_longer_than_the_one_that_makes_it(keyed: str, new_key: NewKey, clock: Clock) -> None:
    end_us = clock.now_us + 3_600_000_000
    body = {"api_key": {"name": "x", "role": "admin", "namespaces": ["a"]}}
    later = {"api_key": body["api_key"] | {"expires_at": "2999-01-01T00:00:00Z"}}
    with as_caller(keyed, new_key("admin", "a", expires_at_us=end_us)) as api:
        made = api.ok("POST", "/keys", body)["api_key"]
        refused = api.request("POST", "/keys", later)
        mine = api.ok("GET", "/keys")["api_keys"][0]

    assert made["expires_at"] == mine["expires_at"]
    assert (refused.status, "longer" in error_of(refused)["message"]) == (403, True)


def test_a_key_is_revoked_with_all_that_it_made(keyed: str, new_key: NewKey, ticks: Ticks) -> None:
    body = {"api_key": {"name": "x", "role": "admin", "namespaces": ["a"]}}
    first = new_key("admin", "a")
    with as_caller(keyed, first) as api:
        second = api.ok("POST", "/keys", body)["key"]
    with as_caller(keyed, second) as api:
        third = api.ok("POST", "/keys", body)["key"]
    with as_caller(keyed, new_key("admin", "*", name="boss")) as boss:
        boss.ok("DELETE", f"/keys/{key_id_of(first)}")
        ticks.now_s += 2
        assert boss.request("GET", "/keys").status == 200
    for key in (first, second, third):
        with as_caller(keyed, key) as api:
            assert api.request("GET", "/artifacts").status == 401


def test_dead_keys_are_forgotten_after_some_months(keyed: str, new_key: NewKey, clock: Clock) -> None:
    dead = new_key("reader", "a", name="dead")
    clock.advance(1)
    with as_caller(keyed, new_key("admin", "*", name="boss")) as boss:
        boss.ok("DELETE", f"/keys/{key_id_of(dead)}")
        clock.advance(89 * 24 * 3_600)
        new_key("reader", "a", name="new")
        assert [key["name"] for key in boss.ok("GET", "/keys")["api_keys"]] == ["dead", "boss", "new"]
        clock.advance(2 * 24 * 3_600)
        new_key("reader", "a", name="newer")
        assert [key["name"] for key in boss.ok("GET", "/keys")["api_keys"]] == ["boss", "new", "newer"]


@pytest.mark.parametrize("cut", [1, 20, 43])
def test_a_damaged_key_goes_to_nobody_else(serve: Serve, new_key: NewKey, cut: int) -> None:
    # There is no such API server: asking it would be a 503.
    settings = {"kubernetes_url": "http://127.0.0.1:9", "kubernetes_ca_file": "", "kubernetes_token_file": __file__}
    with serve(auth=("keys", "kubernetes"), **settings) as url, as_caller(url, new_key("reader", "a")[:-cut]) as api:
        assert api.request("GET", "/artifacts").status == 401


@pytest.mark.anyio
async def test_an_unknown_key_costs_the_same_work_as_a_wrong_secret() -> None:
    key = make_key(bytes(40))
    kept = ApiKey(key_id_of(key) or "", "ci", Role.READER, ("a",), key_digest(key), 0, "", None, None)
    told = []
    for found in (None, kept):
        looked_for: list[str] = []

        async def find(key_id: str, found: ApiKey | None = found, looked: list[str] = looked_for) -> ApiKey | None:
            looked.append(key_id)
            return found

        with pytest.raises(Unauthenticated) as refused:
            await KeyDoor(find, lambda: 0).admit(key[:-1] + "B")
        told.append((refused.value.message, looked_for))

    assert told[0] == told[1]
