"""Tokens of an issuer: only those that it signed, for us, and that are good now; they allow what the table says."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import jwt
import pytest
from auth.conftest import Serve, Ticks, as_caller
from auth.issuers import AUDIENCE, CURVE, OTHER, RSA, Issuer, published
from auth.peers import peer
from cryptography.hazmat.primitives import serialization
from support import error_of

from artifactd.access import Role
from artifactd.auth.claims import grants_in, parse_grant
from artifactd.errors import InvalidArgument

pytestmark = pytest.mark.engines("sqlite")


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    """An issuer."""
    made = Issuer()
    with peer(made.answer) as server:
        made.server = server
        yield made


Served = Callable[..., AbstractContextManager[str]]
GRANTS = ("groups=ml:writer@team-a", "groups=boss:admin@*", "teams=*:reader@{value}")


@pytest.fixture
def url(serve: Serve, issuer: Issuer) -> Iterator[str]:
    """The address of a server that takes the issuer's tokens."""
    with serve(auth=("oidc",), oidc_issuer=issuer.url, oidc_audience=AUDIENCE, oidc_grant=GRANTS) as address:
        yield address


def status_of(url: str, token: str) -> int:
    with as_caller(url, token) as api:
        return api.request("GET", "/artifacts").status


def refusal_of(url: str, token: str) -> str:
    with as_caller(url, token) as api:
        reply = api.request("GET", "/artifacts")
    assert (reply.status, reply.headers["www-authenticate"]) == (401, "Bearer")
    assert token not in reply.body.decode()
    return str(error_of(reply)["message"])


def test_a_good_token_may_do_what_its_claims_allow(url: str, issuer: Issuer) -> None:
    with as_caller(url, issuer.token()) as api:
        assert api.artifact()["namespace"] == "team-a"
        assert api.request("POST", "/artifacts", {"artifact": {"name": "x", "namespace": "b"}}).status == 403


def test_a_token_of_an_elliptic_curve_is_as_good(url: str, issuer: Issuer) -> None:
    assert status_of(url, issuer.token(key=CURVE, key_id="ec-1", algorithm="ES256")) == 200


def test_a_token_that_names_no_key_is_tried_with_all(url: str, issuer: Issuer) -> None:
    assert status_of(url, issuer.token(key_id=None)) == 200


def test_a_token_without_a_grant_may_do_nothing_but_is_known(url: str, issuer: Issuer) -> None:
    with as_caller(url, issuer.token(groups=["others"])) as api:
        assert api.get("/artifacts")["artifacts"] == []
        assert api.request("POST", "/artifacts", {"artifact": {"name": "x"}}).status == 403


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"exp": int(time.time()) - 600}, "expired"),
        ({"nbf": int(time.time()) + 86_400}, "not valid yet"),
        ({"aud": "somebody-else"}, "another audience"),
        ({"aud": ["x", "y"]}, "another audience"),
        ({"exp": None}, "lacks"),
        ({"aud": None}, "lacks"),
        ({"sub": None}, "names nobody"),
        ({"sub": ""}, "names nobody"),
        ({"sub": "a\nb"}, "names nobody"),
        ({"sub": "\ud800"}, "names nobody"),
        ({"sub": "x" * 513}, "names nobody"),
    ],
)
def test_a_token_whose_claims_do_not_fit_is_401(url: str, issuer: Issuer, claims: dict[str, Any], reason: str) -> None:
    assert reason in refusal_of(url, issuer.token(**claims))


def test_a_token_of_another_issuer_is_401(url: str, issuer: Issuer) -> None:
    assert "no kind" in refusal_of(url, issuer.token(iss="https://elsewhere.example"))


def test_a_token_that_somebody_else_signed_is_401(url: str, issuer: Issuer) -> None:
    assert "signature" in refusal_of(url, issuer.token(key=OTHER))


def test_a_token_whose_claims_were_changed_is_401(url: str, issuer: Issuer) -> None:
    head, claims, signature = issuer.token().split(".")
    changed = json.loads(base64.urlsafe_b64decode(claims + "==")) | {"groups": ["boss"]}
    forged = base64.urlsafe_b64encode(json.dumps(changed).encode()).rstrip(b"=").decode()

    assert "signature" in refusal_of(url, f"{head}.{forged}.{signature}")


def unpadded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def test_an_unsigned_token_is_401(url: str, issuer: Issuer) -> None:
    _, claims, _ = issuer.token().split(".")
    for algorithm in ("none", "None", "NONE", ""):
        head = unpadded(json.dumps({"alg": algorithm, "kid": "rsa-1"}).encode())
        assert "algorithm" in refusal_of(url, f"{head}.{claims}.")


def test_a_token_signed_with_the_published_key_as_a_shared_secret_is_401(url: str, issuer: Issuer) -> None:
    _, claims, _ = issuer.token(groups=["boss"]).split(".")
    public = RSA.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    head = unpadded(json.dumps({"alg": "HS256", "kid": "rsa-1"}).encode())
    signature = hmac.new(public, f"{head}.{claims}".encode(), hashlib.sha256).digest()

    assert "algorithm" in refusal_of(url, f"{head}.{claims}.{unpadded(signature)}")


def test_a_token_with_a_key_of_its_own_in_its_head_is_401(url: str, issuer: Issuer) -> None:
    claims = {"iss": issuer.url, "aud": AUDIENCE, "sub": "eve", "groups": ["boss"], "exp": int(time.time()) + 600}
    own = {"jwk": published(OTHER, "rsa-1", "RS256"), "jku": f"{issuer.url}/evil", "kid": "rsa-1"}

    assert "signature" in refusal_of(url, jwt.encode(claims, OTHER, "RS256", own))
    assert issuer.server is not None
    assert [path for path, _, _ in issuer.server.asked if path == "/evil"] == []


def test_an_algorithm_that_is_not_on_the_list_is_401(url: str, issuer: Issuer) -> None:
    issuer.keys.append(published(RSA, "rsa-512", "RS512"))

    assert "algorithm" in refusal_of(url, issuer.token(key_id="rsa-512", algorithm="RS512"))


def test_a_key_is_good_for_its_own_algorithm_alone(serve: Serve, issuer: Issuer) -> None:
    settings = {"oidc_issuer": issuer.url, "oidc_audience": AUDIENCE, "oidc_grant": GRANTS}
    with serve(auth=("oidc",), oidc_algorithms=("RS256", "PS256"), **settings) as url:
        assert status_of(url, issuer.token(algorithm="PS256")) == 401


def test_a_new_key_is_fetched_when_a_token_names_it_but_not_again_and_again(
    url: str, issuer: Issuer, ticks: Ticks
) -> None:
    assert status_of(url, issuer.token()) == 200
    issuer.keys = [published(OTHER, "rsa-2", "RS256")]
    new = issuer.token(key=OTHER, key_id="rsa-2")
    for _ in range(5):
        assert "does not publish" in refusal_of(url, new)
    assert issuer.fetched == 1
    ticks.now_s += 10

    assert status_of(url, new) == 200
    assert issuer.fetched == 2
    ticks.now_s += 11
    assert status_of(url, issuer.token()) == 401


def test_a_withdrawn_key_is_refused_after_an_hour(url: str, issuer: Issuer, ticks: Ticks) -> None:
    assert status_of(url, issuer.token()) == 200
    issuer.keys = []
    ticks.now_s += 3_601
    deadline = time.monotonic() + 30
    # The first that comes has the keys fetched, and does not wait for them.
    while status_of(url, issuer.token(jti=str(time.monotonic()))) == 200:
        assert time.monotonic() < deadline
        ticks.now_s += 60


def test_a_token_that_ends_beyond_all_time_is_no_error(url: str, issuer: Issuer) -> None:
    assert status_of(url, issuer.token(exp=10**400)) in (200, 401)


def test_known_keys_stay_good_for_a_day_while_the_issuer_is_down(url: str, issuer: Issuer, ticks: Ticks) -> None:
    assert status_of(url, issuer.token()) == 200
    issuer.down = True
    ticks.now_s += 3_601
    assert status_of(url, issuer.token()) == 200
    ticks.now_s += 24 * 3_600

    assert status_of(url, issuer.token()) == 503


def test_an_issuer_that_does_not_answer_is_503_and_no_open_door(url: str, issuer: Issuer) -> None:
    issuer.down = True
    with as_caller(url, issuer.token()) as api:
        reply = api.request("GET", "/artifacts")

    assert (reply.status, "retry-after" in reply.headers) == (503, True)


def test_a_discovery_document_of_another_issuer_is_not_believed(serve: Serve, issuer: Issuer) -> None:
    # The slash makes it another issuer, whose document this server does not have.
    settings = {"oidc_issuer": issuer.url + "/", "oidc_audience": AUDIENCE, "oidc_grant": GRANTS}
    with serve(auth=("oidc",), **settings) as url:
        assert status_of(url, issuer.token(iss=issuer.url + "/")) == 503


def test_a_claims_value_becomes_a_namespace_but_never_every_one(url: str, issuer: Issuer) -> None:
    with as_caller(url, issuer.token(sub="boss", groups=["boss"])) as boss:
        for namespace in ("mine", "theirs"):
            boss.artifact(namespace=namespace)
    with as_caller(url, issuer.token(groups=[], teams=["mine", "*"])) as api:
        assert [item["namespace"] for item in api.get("/artifacts")["artifacts"]] == ["mine"]


def test_a_key_and_a_token_are_both_good_where_both_modes_are_on(
    serve: Serve, issuer: Issuer, new_key: Callable[..., str]
) -> None:
    settings = {"oidc_issuer": issuer.url, "oidc_audience": AUDIENCE, "oidc_grant": GRANTS}
    with serve(auth=("keys", "oidc"), **settings) as url:
        assert status_of(url, issuer.token()) == 200
        assert status_of(url, new_key("reader", "a")) == 200
        assert status_of(url, "nonsense") == 401


@pytest.mark.parametrize(
    ("claims", "line", "expected"),
    [
        ({"groups": ["a", "b"]}, "groups=b:writer@x,y", [("x", Role.WRITER), ("y", Role.WRITER)]),
        ({"groups": "b"}, "groups=b:reader@x", [("x", Role.READER)]),
        ({"groups": ["b"]}, "groups=a:reader@x", []),
        ({"realm": {"roles": ["r"]}}, "realm.roles=r:reader@x", [("x", Role.READER)]),
        ({"a.b": "r"}, "a.b=r:reader@x", [("x", Role.READER)]),
        ({"scope": "one two"}, "scope=two:reader@x", [("x", Role.READER)]),
        ({"https://e.example/groups": ["g:h"]}, "https://e.example/groups=g:h:admin@x", [("x", Role.ADMIN)]),
        ({"t": ["x" * 64, 3, None, ""]}, "t=*:reader@{value}", []),
        ({"t": ["v"]}, "t=*:reader@team-{value}", [("team-v", Role.READER)]),
        ({"t": ["a\0b", "\ud800", "*", ""]}, "t=*:reader@{value}", []),
    ],
)
def test_a_line_of_the_table_allows_what_it_says(claims: Any, line: str, expected: Any) -> None:
    assert list(grants_in(claims, [parse_grant(line)])) == expected


@pytest.mark.parametrize(
    "line", ["", "groups", "groups=a", "groups=a:king@x", "groups=a:reader@", "g=*:admin@*", "g=a:reader@x,"]
)
def test_a_line_that_is_none_is_refused(line: str) -> None:
    with pytest.raises(InvalidArgument, match="--oidc-grant"):
        parse_grant(line)
