"""Paths and methods (contract, Errors, get_metric and Ours)."""

from __future__ import annotations

import pytest
from rest.raw_http import answer_to, request_of
from support import API, Api, Reply, error_of, fields_of

from artifactd.rest.routes import OPERATIONS

PATHS = sorted({operation.path for operation in OPERATIONS})
METHODS = {path: {item.method for item in OPERATIONS if item.path == path} for path in PATHS}
PAGES = ["/livez", "/readyz", "/metrics", "/openapi.json", "/docs", f"{API}/healthz"]


def filled(path: str) -> str:
    """A path with something for every parameter."""
    for name in ("artifact_id", "task_id", "run_id", "name"):
        path = path.replace(f"{{{name}}}", f"some-{name.replace('_', '-')}")
    return path


def allowed(path: str) -> str:
    methods = METHODS.get(path, {"GET"})
    return ", ".join(sorted(methods | {"OPTIONS"} | ({"HEAD"} if "GET" in methods else set())))


@pytest.mark.parametrize("path", [*PATHS, *PAGES])
def test_options_gives_allow_on_every_path(shared_api: Api, path: str) -> None:
    reply = shared_api.raw("OPTIONS", filled(path))

    assert (reply.status, reply.headers["allow"], reply.body) == (200, allowed(path), b"")


OTHERS = [
    (path, method)
    for path in (*PATHS, *PAGES)
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND")
    if method not in METHODS.get(path, {"GET"})
]


@pytest.mark.parametrize(("path", "method"), OTHERS)
def test_another_method_is_405_with_allow_on_every_path(shared_api: Api, path: str, method: str) -> None:
    reply = shared_api.raw(method, filled(path), b"{}" if method == "POST" else None)

    assert (reply.status, reply.headers["allow"]) == (405, allowed(path))
    assert error_of(reply)["code"] == 12


@pytest.mark.parametrize("path", [path for path in PATHS if "GET" in METHODS[path]] + PAGES)
def test_head_answers_as_get_without_a_body(shared_api: Api, path: str) -> None:
    shared_api.metric(task_id="some-task-id", run_id="some-run-id", name="some-name", created_at="2026-01-31")

    head, got = (shared_api.raw(method, filled(path)) for method in ("HEAD", "GET"))

    assert (head.status, head.body) == (got.status, b"")
    assert set(head.headers) == set(got.headers)
    if path != "/metrics":
        assert head.headers["content-length"] == str(len(got.body))


@pytest.mark.parametrize("path", ["/artifacts/x", "/nonsense", "/artifacts?nonsense=1", "/artifacts:batchCreate"])
def test_head_of_an_error_has_no_body_either(shared_api: Api, path: str) -> None:
    status, body = answer_to(shared_api.url, request_of("HEAD", f"{API}{path}".encode()))

    assert (status >= 400, body) == (True, b"")


@pytest.mark.parametrize("path", [path for path in PATHS if "GET" not in METHODS[path]])
def test_head_of_what_has_no_get_is_405(shared_api: Api, path: str) -> None:
    reply = shared_api.raw("HEAD", filled(path))

    assert (reply.status, reply.headers["allow"]) == (405, allowed(path))


@pytest.mark.parametrize(
    "path",
    ["/apis", "/apis/", "/apis/v2beta1", "/apis/v2beta1/", "/apis/v1beta1/artifacts", "/apis/v2beta1/nonsense",
     "/apis/v2beta1/artifacts/a/b", "/apis/v2beta1/metrics/t", "/apis/v2beta1/metrics/t/", "/apis/v2beta1/metrics//n",
     "/apis/v2beta1/metric_history/t", "/apis/v2beta1/tasks/t/x", "/apis/v2beta1/artifacts:nonsense",
     "/APIS/v2beta1/artifacts", "/apis/v2beta1/Artifacts", "/apis/v2beta1/artifacts/../artifacts", "/nonsense", "/..",
     "/apis/v2beta1/artifacts%2Fx", "/docs/nonsense", "/apis/v2beta1/lineage/x", "/apis/v2beta1/artifacts;x=1"],
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_an_unknown_path_is_404(shared_api: Api, method: str, path: str) -> None:
    reply = shared_api.raw(method, path, b"{}" if method == "POST" else None)

    assert (reply.status, error_of(reply)["code"]) == (404, 5)
    assert path in error_of(reply)["message"]


@pytest.mark.parametrize("path", PATHS)
def test_a_trailing_slash_is_404(shared_api: Api, path: str) -> None:
    for target in (f"{filled(path)}/", f"{filled(path)}//"):
        reply = shared_api.raw("GET", target)
        assert (reply.status, reply.headers["content-type"]) == (404, "application/json")


@pytest.mark.parametrize("path", PATHS)
def test_two_slashes_count_as_one(shared_api: Api, path: str) -> None:
    target = filled(path)

    once, twice = (shared_api.raw("OPTIONS", item) for item in (target, target.replace("/", "//")))

    assert (twice.status, twice.headers["allow"]) == (once.status, once.headers["allow"])


@pytest.mark.parametrize("target", ["//apis/v2beta1/artifacts", "/apis///v2beta1//artifacts", "///livez"])
def test_more_slashes_count_as_one(shared_api: Api, target: str) -> None:
    assert shared_api.raw("GET", target).status == 200


@pytest.mark.parametrize("target", ["/apis/v2beta1/artifacts%3AbatchCreate", "/apis/v2beta1/artifacts%3abatchCreate"])
def test_a_percent_encoded_colon_is_a_colon(shared_api: Api, target: str) -> None:
    assert shared_api.raw("POST", target, b'{"artifacts": [{"artifact": {"name": "n"}}]}').status == 200


def test_a_percent_encoded_letter_is_that_letter(shared_api: Api) -> None:
    assert shared_api.raw("GET", "/apis/v2beta1/%61rtifacts").status == 200


def test_an_id_is_percent_decoded(shared_api: Api) -> None:
    made = shared_api.artifact()
    target = f"{API}/artifacts/{made['artifact_id'].replace('-', '%2D')}"

    assert shared_api.raw("GET", target).json == made


@pytest.mark.parametrize(
    ("name", "targets"),
    [
        ("val/loss", ["val%2Floss", "val/loss", "val%2floss", "val//loss", "%76al/loss"]),
        ("a//b", ["a%2F%2Fb", "a/%2Fb"]),
        ("a/", ["a%2F"]),
        ("/a", ["%2Fa"]),
        ("100%", ["100%25"]),
        ("%2F", ["%252F"]),
        ("a b", ["a%20b"]),
        ("a+b", ["a+b", "a%2Bb"]),
        ("é🚀", ["%C3%A9%F0%9F%9A%80"]),
        ("a?b", ["a%3Fb"]),
        ("a;b:c@d", ["a;b:c@d"]),
        ("a/../b", ["a%2F..%2Fb", "a/../b"]),
        (":batchLog", [":batchLog"]),
    ],
)
def test_a_metrics_name_is_all_that_is_left_decoded_once(shared_api: Api, name: str, targets: list[str]) -> None:
    logged = shared_api.metric(task_id="p", name=name)

    for target in targets:
        assert shared_api.raw("GET", f"{API}/metrics/p/{target}").json == logged


def test_a_metric_of_a_name_that_was_decoded_twice_is_not_found(shared_api: Api) -> None:
    shared_api.metric(task_id="twice", name="a/b")

    assert shared_api.raw("GET", f"{API}/metrics/twice/a%252Fb").status == 404


@pytest.mark.parametrize("bad", ["%", "%2", "%zz", "a%", "%%20", "%u0041", "%FF", "%C3", "%C0%80", "%ED%A0%80", "%00"])
@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/metrics/t/{}", "name"),
        ("/metrics/t/a/{}", "name"),
        ("/metrics/{}/n", "task_id"),
        ("/metric_history/t/{}", "name"),
        ("/artifacts/{}", "artifact_id"),
        ("/tasks/{}", "task_id"),
        ("/runs/{}", "run_id"),
    ],
)
def test_bad_escapes_and_bad_utf8_in_a_path_are_400(shared_api: Api, path: str, field: str, bad: str) -> None:
    reply = shared_api.raw("GET", API + path.format(bad))

    assert (reply.status, fields_of(reply)) == (400, [field])


@pytest.mark.parametrize(
    "target", [b"/apis/v2beta1/metrics/t/\xff", b"/apis/v2beta1/artifacts?filter=\xc3\xa9", b"x", b""]
)
def test_what_is_no_http_is_400_like_any_other_error(shared_api: Api, target: bytes) -> None:
    status, body = answer_to(shared_api.url, request_of("GET", target))

    assert status == 400
    assert fields_of(Reply(status, {}, body)) == ["request"]


def test_a_whole_url_as_the_target_is_taken(shared_api: Api) -> None:
    status, _ = answer_to(shared_api.url, request_of("GET", b"http://localhost/apis/v2beta1/artifacts"))

    assert status == 200


@pytest.mark.parametrize("path", ["/apis/v2beta1/artifacts/", "/apis/v2beta1", "/apis/", "/apis/nonsense.html"])
def test_nothing_under_apis_redirects_or_answers_html(shared_api: Api, path: str) -> None:
    reply = shared_api.raw("GET", path, headers={"Accept": "text/html"})

    assert reply.status == 404
    assert reply.headers["content-type"] == "application/json"
    assert "location" not in reply.headers
