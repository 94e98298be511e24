"""What is no fault of the request: 429, 500 and 503 (contract, Errors and filter)."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from support import Api, error_of, filter_of, running_app

from artifactd.access import ANYONE, Caller
from artifactd.auth import Authenticator
from artifactd.errors import ResourceExhausted
from artifactd.storage.store import StoreOptions

SCANNING = filter_of({"operation": "EQUALS", "key": "metadata.a", "string_value": "x"})


class Moody(Authenticator):
    """An authenticator that does what the `Authorization` header asks for."""

    async def authenticate(self, headers: Mapping[str, str], address: str) -> Caller:
        """Anyone, or an error."""
        del address
        match headers.get("authorization"):
            case "limited":
                raise ResourceExhausted("slow down", retry_after_s=2)
            case "broken":
                raise RuntimeError("the inside")
        return ANYONE


@pytest.fixture
def moody_api(database_url: str) -> Iterator[Api]:
    """A client of a server that fails when it is asked to."""
    with running_app(database_url, authenticator=Moody()) as (url, _):
        api = Api(url)
        yield api
        api.close()


def test_a_rate_limit_is_429_with_retry_after(moody_api: Api) -> None:
    reply = moody_api.request("GET", "/artifacts", headers={"Authorization": "limited"})

    assert (reply.status, error_of(reply)["code"], reply.headers["retry-after"]) == (429, 8, "2")


def test_a_bug_is_500_with_a_correlation_id_and_nothing_of_the_inside(moody_api: Api) -> None:
    first, second = (moody_api.request("GET", "/artifacts", headers={"Authorization": "broken"}) for _ in range(2))

    assert (first.status, error_of(first)["code"]) == (500, 13)
    assert b"inside" not in first.body
    assert b"RuntimeError" not in first.body
    assert error_of(first)["message"] != error_of(second)["message"]


def test_the_server_serves_on_after_a_bug(moody_api: Api) -> None:
    moody_api.request("GET", "/artifacts", headers={"Authorization": "broken"})

    assert moody_api.request("GET", "/artifacts").status == 200


@pytest.mark.engines("sqlite")
def test_a_full_write_queue_is_503_with_retry_after(database_url: str) -> None:
    with running_app(database_url, options=StoreOptions(write_queue_max=0)) as (url, _):
        api = Api(url)
        reply = api.request("POST", "/artifacts", {"artifact": {"name": "n"}})
        listed = api.get("/artifacts")
        api.close()

    assert (reply.status, error_of(reply)["code"], reply.headers["retry-after"]) == (503, 14, "1")
    assert listed["total_size"] == 0


@pytest.fixture
def hurried_api(database_url: str) -> Iterator[Api]:
    """A client of a server whose long reads get no time at all, over three thousand artifacts."""
    with running_app(database_url, options=StoreOptions(scan_timeout_s=0, here_max_s=0)) as (url, _):
        api = Api(url)
        requests = [{"artifact": {"name": "n", "metadata": {"a": "y"}}}] * 1_000
        for _ in range(3):
            api.ok("POST", "/artifacts:batchCreate", {"artifacts": requests})
        yield api
        api.close()


def test_a_filter_that_takes_too_long_is_a_503_that_says_so(hurried_api: Api) -> None:
    reply = hurried_api.request("GET", "/artifacts", query={"filter": SCANNING})

    assert (reply.status, error_of(reply)["code"]) == (503, 14)
    assert "filter" in error_of(reply)["message"]
    assert int(reply.headers["retry-after"]) > 0


def test_what_an_index_serves_has_no_time_limit(hurried_api: Api) -> None:
    made = hurried_api.get("/artifacts", page_size=1)["artifacts"][0]

    assert hurried_api.get(f"/artifacts/{made['artifact_id']}") == made
    assert hurried_api.get("/artifacts", sort_by="name desc")["total_size"] == 3_000


def test_concurrent_points_of_one_metric_are_all_kept(api: Api) -> None:
    def log(task: int) -> None:
        mine = Api(api.url)
        for value in range(20):
            mine.metric(value=task * 100 + value, step=value)
        mine.close()

    threads = [threading.Thread(target=log, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    points: list[Any] = api.walk("/metric_history/t/loss", "metrics", page_size=50)
    assert sorted(point["value"] for point in points) == sorted(t * 100 + v for t in range(8) for v in range(20))
    assert api.get("/metrics/t/loss")["value"] % 100 == 19
