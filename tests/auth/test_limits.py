"""Limits on who guesses, who asks too often, and who says what of where a request comes from."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from auth.conftest import Serve, Ticks, as_caller
from rest.callers import CallerApi
from support import Api, Reply, error_of

from artifactd.auth.failures import FailedAttempts
from artifactd.auth.proxies import TrustedProxies
from artifactd.errors import InvalidArgument, ResourceExhausted

pytestmark = pytest.mark.engines("sqlite")
WRONG = "artd_aaaaaaaaaaaa_" + "A" * 43
NewKey = Callable[..., str]


def ask(url: str, credential: str, headers: dict[str, str] | None = None) -> Reply:
    """The answer to a list."""
    with as_caller(url, credential) as api:
        return api.request("GET", "/artifacts", headers=headers)


def test_an_address_that_guesses_is_sent_away_for_a_minute(serve: Serve, new_key: NewKey, ticks: Ticks) -> None:
    with serve(auth=("keys",), failed_attempts_max=3) as url:
        assert [ask(url, WRONG).status for _ in range(4)] == [401, 401, 401, 429]
        refused = ask(url, new_key("reader", "a"))
        assert (refused.status, error_of(refused)["code"]) == (429, 8)
        assert 0 < int(refused.headers["retry-after"]) <= 60
        ticks.now_s += 60
        assert ask(url, new_key("reader", "a")).status == 200


def test_who_was_let_in_before_is_not_shut_out_with_who_guesses(serve: Serve, new_key: NewKey, ticks: Ticks) -> None:
    key = new_key("reader", "a")
    with serve(auth=("keys",), failed_attempts_max=3) as url:
        assert ask(url, key).status == 200
        for _ in range(5):
            ask(url, WRONG)
        ticks.now_s += 5
        assert ask(url, key).status == 200
        assert ask(url, WRONG).status == 429


def test_a_request_without_credentials_is_no_guess(serve: Serve, new_key: NewKey) -> None:
    with serve(auth=("keys",), failed_attempts_max=1) as url:
        api = Api(url)
        assert [api.request("GET", "/artifacts").status for _ in range(5)] == [401] * 5
        api.close()
        assert ask(url, new_key("reader", "a")).status == 200


def test_behind_a_trusted_proxy_each_client_is_counted_by_itself(serve: Serve) -> None:
    with serve(auth=("keys",), failed_attempts_max=2, trusted_proxies=("127.0.0.1",)) as url:
        statuses = [
            ask(url, WRONG, {"X-Forwarded-For": f"{made_up}, {client}"}).status
            for made_up, client in (("1.1.1.1", "10.0.0.1"), ("2.2.2.2", "10.0.0.1"), ("3.3.3.3", "10.0.0.1"))
        ]
        assert statuses == [401, 401, 429]
        assert ask(url, WRONG, {"X-Forwarded-For": "1.1.1.1, 10.0.0.2"}).status == 401


def test_a_caller_who_asks_too_often_gets_429_and_when_to_come_again(
    serve: Serve, new_key: NewKey, ticks: Ticks
) -> None:
    ann, bob = new_key("reader", "a"), new_key("reader", "a")
    with serve(auth=("keys",), rate_limit=0.5, rate_burst=3) as url:
        assert [ask(url, ann).status for _ in range(4)] == [200, 200, 200, 429]
        refused = ask(url, ann)
        assert (error_of(refused)["code"], refused.headers["retry-after"]) == (8, "2")
        assert ask(url, bob).status == 200
        ticks.now_s += 2
        assert [ask(url, ann).status for _ in range(2)] == [200, 429]


def test_without_authentication_an_address_is_a_caller(serve: Serve) -> None:
    with serve(rate_limit=1, rate_burst=2) as url, CallerApi(url, "") as api:
        assert [api.request("GET", "/artifacts").status for _ in range(3)] == [200, 200, 429]
        assert api.raw("GET", "/livez").status == 200


def fail(attempts: FailedAttempts, address: str, digest: bytes = b"x") -> None:
    """An attempt that is no good."""
    attempts.begin(address, digest)
    attempts.end(address, digest, good=False)


def test_old_failures_are_forgotten_one_by_one() -> None:
    now = [0.0]
    attempts = FailedAttempts(2, lambda: now[0])
    fail(attempts, "10.0.0.1")
    now[0] = 30
    fail(attempts, "10.0.0.1")
    with pytest.raises(ResourceExhausted) as refused:
        attempts.begin("10.0.0.1", b"x")
    assert refused.value.retry_after_s == 30
    now[0] = 60

    attempts.begin("10.0.0.1", b"x")


def test_many_guesses_at_once_are_no_more_than_one_after_the_other() -> None:
    attempts = FailedAttempts(3, lambda: 0.0)
    for number in range(3):
        attempts.begin("10.0.0.1", bytes([number]))
    with pytest.raises(ResourceExhausted) as refused:
        attempts.begin("10.0.0.1", b"x")
    assert refused.value.retry_after_s == 1
    attempts.end("10.0.0.1", bytes([0]), good=True)
    attempts.end("10.0.0.1", bytes([1]), good=None)

    attempts.begin("10.0.0.1", b"x")


def test_a_credential_that_is_no_longer_good_counts_as_any_other() -> None:
    attempts = FailedAttempts(1, lambda: 0.0)
    attempts.begin("10.0.0.1", b"revoked")
    attempts.end("10.0.0.1", b"revoked", good=True)
    fail(attempts, "10.0.0.1", b"revoked")

    with pytest.raises(ResourceExhausted):
        attempts.begin("10.0.0.1", b"revoked")


@pytest.mark.parametrize(
    ("address", "same", "another"),
    [
        ("2001:db8::1", "2001:db8::ffff", "2001:db8:0:1::1"),
        ("::ffff:1.2.3.4", "1.2.3.4", "::ffff:9.9.9.9"),
        ("1.2.3.4", "1.2.3.4", "1.2.3.5"),
    ],
)
def test_the_addresses_of_one_subscriber_are_one(address: str, same: str, another: str) -> None:
    attempts = FailedAttempts(1, lambda: 0.0)
    fail(attempts, address)

    with pytest.raises(ResourceExhausted):
        attempts.begin(same, b"x")
    attempts.begin(another, b"x")


def test_no_limit_is_no_limit() -> None:
    attempts = FailedAttempts(0, lambda: 0.0)
    for _ in range(1_000):
        fail(attempts, "10.0.0.1")

    attempts.begin("10.0.0.1", b"x")


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("10.0.0.1", "1.2.3.4", "1.2.3.4"),
        ("10.0.0.1", "6.6.6.6, 1.2.3.4", "1.2.3.4"),
        ("10.0.0.1", "6.6.6.6, 1.2.3.4, 10.0.0.2", "1.2.3.4"),
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "nonsense", "10.0.0.1"),
        ("10.0.0.1", "1.2.3.4, nonsense", "10.0.0.1"),
        ("9.9.9.9", "1.2.3.4", "9.9.9.9"),
        ("::ffff:10.0.0.1", "1.2.3.4", "1.2.3.4"),
        ("", "1.2.3.4", ""),
    ],
)
def test_the_client_is_the_last_on_the_way_that_no_proxy_is(peer: str, forwarded: str, client: str) -> None:
    proxies = TrustedProxies(["10.0.0.0/8"])

    assert proxies.client_of({"x-forwarded-for": forwarded}, peer) == client


def test_what_is_no_network_is_no_proxy() -> None:
    with pytest.raises(InvalidArgument, match="--trusted-proxies"):
        TrustedProxies(["proxy.example"])
