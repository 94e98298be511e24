"""`Configuration`, `ApiClient` and the exceptions, held to the documented facts."""

from __future__ import annotations

import copy
import importlib
import inspect
import logging
import pickle
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import official_client
import pytest
from client.sockets import RawServer, raw_server, reply

ARGUMENTS = {
    "host": "http://localhost",
    "api_key": None,
    "api_key_prefix": None,
    "username": None,
    "password": None,
    "discard_unknown_keys": False,
}
ATTRIBUTES: dict[str, Any] = {
    "host": "http://localhost",
    "api_key": {},
    "api_key_prefix": {},
    "username": None,
    "password": None,
    "discard_unknown_keys": False,
    "temp_folder_path": None,
    "refresh_api_key_hook": None,
    "logger_format": "%(asctime)s %(levelname)s %(message)s",
    "logger_file": None,
    "logger_stream_handler": None,
    "logger_file_handler": None,
    "debug": False,
    "verify_ssl": True,
    "ssl_ca_cert": None,
    "cert_file": None,
    "key_file": None,
    "assert_hostname": None,
    "proxy": None,
    "proxy_headers": None,
    "safe_chars_for_path_param": "",
    "retries": None,
    "client_side_validation": True,
}
METHODS = {
    "set_default": ["default"],
    "get_default_copy": [],
    "get_api_key_with_prefix": ["identifier"],
    "get_basic_auth_token": [],
    "auth_settings": [],
    "to_debug_report": [],
    "get_host_settings": [],
    "get_host_from_settings": ["index", "variables"],
}
CLIENT_ARGUMENTS = {
    "configuration": None,
    "header_name": None,
    "header_value": None,
    "cookie": None,
    "pool_threads": 1,
}
CLIENT_METHODS = {
    "close": [],
    "set_default_header": ["header_name", "header_value"],
    "call_api": [
        "resource_path", "method", "path_params", "query_params", "header_params", "body", "post_params", "files",
        "response_type", "auth_settings", "async_req", "_return_http_data_only", "collection_formats",
        "_preload_content", "_request_timeout", "_host",
    ],
    "request": [
        "method", "url", "query_params", "headers", "post_params", "body", "_preload_content", "_request_timeout",
    ],
    "sanitize_for_serialization": ["obj"],
    "deserialize": ["response", "response_type"],
    "parameters_to_tuples": ["params", "collection_formats"],
    "files_parameters": ["files"],
    "select_header_accept": ["accepts"],
    "select_header_content_type": ["content_types"],
    "update_params_for_auth": ["headers", "querys", "auth_settings"],
}  # fmt: skip


@pytest.fixture(autouse=True)
def no_default(package: ModuleType) -> Iterator[None]:
    """Nothing that a test sets as the default, or on loggers, outlives it."""
    loggers = [logging.getLogger(name) for name in ("artifactd_client", "urllib3")]
    levels = [logger.level for logger in loggers]
    yield
    package.Configuration.set_default(None)
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)
        assert logger.handlers == [] or logger.name == "urllib3"


def parameters_of(function: Any) -> dict[str, Any]:
    """The parameters of a function, without `self`, and their defaults."""
    found = inspect.signature(function).parameters.values()
    return {each.name: each.default for each in found if each.name != "self"}


def test_a_configuration_takes_the_documented_arguments(package: ModuleType) -> None:
    assert list(parameters_of(package.Configuration).items())[: len(ARGUMENTS)] == list(ARGUMENTS.items())
    assert parameters_of(official_client.Configuration) == ARGUMENTS


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_an_attribute_has_the_documented_default(package: ModuleType, name: str) -> None:
    assert getattr(package.Configuration(), name) == ATTRIBUTES[name]
    assert getattr(official_client.Configuration(), name) == ATTRIBUTES[name]


@pytest.mark.parametrize("name", ARGUMENTS)
def test_an_argument_becomes_the_attribute(package: ModuleType, name: str) -> None:
    value = {"authorization": "x"} if name.startswith("api_key") else "x"

    assert getattr(package.Configuration(**{name: value}), name) == value


def test_the_pool_keeps_connections_for_every_processor(package: ModuleType) -> None:
    assert (
        package.Configuration().connection_pool_maxsize == official_client.Configuration().connection_pool_maxsize > 0
    )


def test_there_are_two_loggers(package: ModuleType) -> None:
    loggers = package.Configuration().logger

    assert set(loggers) == {"package_logger", "urllib3_logger"}
    assert loggers["urllib3_logger"] is logging.getLogger("urllib3")


@pytest.mark.parametrize("name", METHODS)
def test_a_method_of_the_configuration_takes_the_documented_arguments(package: ModuleType, name: str) -> None:
    assert list(parameters_of(getattr(package.Configuration, name))) == METHODS[name]
    assert list(parameters_of(getattr(official_client.Configuration, name))) == METHODS[name]


def test_the_default_is_copied_when_it_is_set_and_when_it_is_got(package: ModuleType) -> None:
    mine = package.Configuration(host="http://a", api_key={"authorization": "KEY"})
    package.Configuration.set_default(mine)
    mine.api_key["authorization"] = "OTHER"
    package.Configuration.get_default_copy().host = "http://b"

    found = package.Configuration.get_default_copy()

    assert (found.host, found.api_key) == ("http://a", {"authorization": "KEY"})


def test_a_client_without_a_configuration_gets_a_copy_of_the_default(package: ModuleType) -> None:
    package.Configuration.set_default(package.Configuration(host="http://a"))

    assert package.ApiClient().configuration.host == "http://a"
    assert package.Configuration().host == "http://localhost"


def test_a_client_keeps_the_configuration_that_it_is_given(package: ModuleType) -> None:
    mine = package.Configuration()

    assert package.ApiClient(mine).configuration is mine


def test_a_deep_copy_shares_loggers_and_nothing_else(package: ModuleType) -> None:
    mine = package.Configuration(api_key={"authorization": "KEY"}, api_key_prefix={"authorization": "Bearer"})
    mine.refresh_api_key_hook = lambda it: it.api_key.update(authorization="NEW")
    mine.retries = 5

    copied = copy.deepcopy(mine)
    assert copied.auth_settings()["Bearer"]["value"] == "Bearer NEW"

    assert copied.logger == mine.logger
    assert copied.retries == 5
    assert mine.api_key == {"authorization": "KEY"}


def test_a_logger_file_gets_what_is_logged_until_it_is_taken_away(package: ModuleType, tmp_path: Path) -> None:
    configuration = package.Configuration()
    for name in ("a.log", "b.log", None):
        configuration.logger_file = name and str(tmp_path / name)
        configuration.logger["package_logger"].warning("to %s", name)

    assert "WARNING to a.log" in (tmp_path / "a.log").read_text()
    assert [path.read_text().count("to ") for path in sorted(tmp_path.iterdir())] == [1, 1]
    assert configuration.logger_file_handler is None


def test_the_format_of_the_log_is_that_of_its_file(package: ModuleType, tmp_path: Path) -> None:
    configuration = package.Configuration()
    configuration.logger_format = "[%(message)s]"
    configuration.logger_file = str(tmp_path / "log")
    configuration.logger["urllib3_logger"].warning("hello")
    configuration.logger_file = None

    assert (tmp_path / "log").read_text() == "[hello]\n"
    assert configuration.logger_formatter.format(logging.makeLogRecord({"msg": "x"})) == "[x]"


def test_debugging_is_a_level_of_both_loggers(package: ModuleType) -> None:
    configuration = package.Configuration()

    configuration.debug = True
    assert [logger.level for logger in configuration.logger.values()] == [logging.DEBUG] * 2
    configuration.debug = False
    assert [logger.level for logger in configuration.logger.values()] == [logging.WARNING] * 2


@pytest.mark.parametrize(
    ("key", "prefix", "sent"),
    [
        ({"authorization": "KEY"}, {}, "KEY"),
        ({"authorization": "KEY"}, {"authorization": "Bearer"}, "Bearer KEY"),
        ({"authorization": "KEY"}, {"authorization": ""}, "KEY"),
        ({"authorization": "KEY"}, {"other": "Bearer"}, "KEY"),
        ({"authorization": ""}, {"authorization": "Bearer"}, None),
        ({"authorization": None}, {}, None),
        ({"other": "KEY"}, {}, None),
        ({}, {}, None),
    ],
)
def test_a_key_is_the_header_with_its_prefix_before_it(package: ModuleType, key: Any, prefix: Any, sent: Any) -> None:
    configuration = package.Configuration(api_key=key, api_key_prefix=prefix)

    with raw_server() as server:
        configuration.host = server.url
        with package.ApiClient(configuration) as client:
            package.ArtifactServiceApi(client).list_artifacts()

    assert configuration.get_api_key_with_prefix("authorization") == sent
    assert server.requests[0].header("authorization") == sent


def test_the_hook_renews_the_key_before_each_call(package: ModuleType, recorder: RawServer) -> None:
    configuration = package.Configuration(host=recorder.url, api_key={"authorization": ""})
    configuration.refresh_api_key_hook = lambda it: it.api_key.update(authorization=it.api_key["authorization"] + "x")

    with package.ApiClient(configuration) as client:
        for _ in range(3):
            package.ArtifactServiceApi(client).list_artifacts()

    assert [request.header("authorization") for request in recorder.requests] == ["x", "xx", "xxx"]


def test_auth_settings_describe_the_key(package: ModuleType) -> None:
    configuration = package.Configuration(api_key={"authorization": "KEY"})

    assert configuration.auth_settings() == {
        "Bearer": {"type": "api_key", "in": "header", "key": "authorization", "value": "KEY"}
    }
    assert package.Configuration().auth_settings() == {}


@pytest.mark.parametrize(("username", "password"), [("user", "pass word"), ("user", None), (None, None)])
def test_the_token_of_the_basic_scheme_is_as_the_official_clients(
    package: ModuleType, username: Any, password: Any
) -> None:
    tokens = [
        each.Configuration(username=username, password=password).get_basic_auth_token()
        for each in (package, official_client)
    ]

    assert tokens[0] == tokens[1]


def test_the_debug_report_names_versions_and_the_platform(package: ModuleType) -> None:
    ours, theirs = (each.Configuration().to_debug_report().splitlines() for each in (package, official_client))

    assert ours[:-1] == theirs[:-1]
    assert ours[-1].startswith("SDK Package Version: ")


def test_the_host_settings_are_the_documented_ones(package: ModuleType) -> None:
    assert package.Configuration().get_host_settings() == official_client.Configuration().get_host_settings()
    assert package.Configuration().get_host_from_settings(0) == "/"


@pytest.mark.parametrize("index", [1, -2, 100])
def test_a_host_that_is_not_in_the_settings_is_a_value_error(package: ModuleType, index: int) -> None:
    with pytest.raises(ValueError, match=f"no host {index}"):
        package.Configuration().get_host_from_settings(index)


def test_a_client_takes_the_documented_arguments(package: ModuleType) -> None:
    assert parameters_of(package.ApiClient) == CLIENT_ARGUMENTS
    assert parameters_of(official_client.ApiClient) == CLIENT_ARGUMENTS


@pytest.mark.parametrize("name", CLIENT_METHODS)
def test_a_method_of_the_client_takes_the_documented_arguments(package: ModuleType, name: str) -> None:
    ours, theirs = (parameters_of(getattr(each.ApiClient, name)) for each in (package, official_client))

    assert list(ours) == list(theirs) == CLIENT_METHODS[name]
    assert ours == theirs


def test_a_client_has_the_documented_attributes(package: ModuleType) -> None:
    with package.ApiClient(header_name="X-Team", header_value="blue", cookie="a=1", pool_threads=3) as client:
        assert isinstance(client.rest_client, importlib.import_module(f"{package.__name__}.rest").RESTClientObject)
        assert client.default_headers == {"X-Team": "blue", "User-Agent": client.user_agent}
        assert (client.cookie, client.pool_threads, client.client_side_validation) == ("a=1", 3, True)
        assert client.last_response is None
        assert client.pool is client.pool


def test_the_types_of_the_client_are_those_of_the_official_one(package: ModuleType) -> None:
    assert set(package.ApiClient.PRIMITIVE_TYPES) == set(official_client.ApiClient.PRIMITIVE_TYPES)
    assert package.ApiClient.NATIVE_TYPES_MAPPING == official_client.ApiClient.NATIVE_TYPES_MAPPING


def test_a_client_works_after_it_was_closed(package: ModuleType, recorder: RawServer) -> None:
    with package.ApiClient(package.Configuration(host=recorder.url)) as client:
        pass

    service = package.ArtifactServiceApi(client)
    assert service.list_artifacts() == service.list_artifacts(async_req=True).get()
    client.close()


def test_the_last_response_is_kept(package: ModuleType, recorder: RawServer) -> None:
    with package.ApiClient(package.Configuration(host=recorder.url)) as client:
        package.ArtifactServiceApi(client).list_artifacts()

        assert (client.last_response.status, client.last_response.reason) == (200, "OK")
        assert client.last_response.getheader("content-type") == "application/json"
        assert client.last_response.getheader("x-none", "default") == "default"
        assert client.last_response.getheaders()["Content-Length"] == "2"


@pytest.mark.parametrize(
    "types",
    [[], ["application/json"], ["Application/JSON", "text/plain"], ["text/plain", "text/html"], ["*/*"], None],
)
def test_types_of_content_are_chosen_as_the_official_client_does(package: ModuleType, types: Any) -> None:
    ours, theirs = package.ApiClient(), official_client.ApiClient()

    assert ours.select_header_accept(types) == theirs.select_header_accept(types)
    assert ours.select_header_content_type(types) == theirs.select_header_content_type(types)


@pytest.mark.parametrize("kind", [None, "multi", "csv", "ssv", "tsv", "pipes"])
def test_parameters_become_pairs_as_the_official_client_makes_them(package: ModuleType, kind: Any) -> None:
    formats = {"a": kind} if kind else None
    params = {"a": ["x", "y"], "b": "c"}

    assert package.ApiClient().parameters_to_tuples(params, formats) == (
        official_client.ApiClient().parameters_to_tuples(params, formats)
    )


def test_credentials_elsewhere_are_an_api_value_error(package: ModuleType) -> None:
    configuration = package.Configuration()
    configuration.auth_settings = lambda: {"Bearer": {"in": "body", "key": "k", "value": "v"}}

    with pytest.raises(package.ApiValueError):
        package.ApiClient(configuration).update_params_for_auth({}, [], ["Bearer"])


@pytest.mark.parametrize(
    ("place", "headers", "query"),
    [("header", {"k": "v"}, []), ("cookie", {"Cookie": "v"}, []), ("query", {}, [("k", "v")])],
)
def test_credentials_go_where_the_settings_say(package: ModuleType, place: str, headers: Any, query: Any) -> None:
    configuration = package.Configuration()
    configuration.auth_settings = lambda: {"Bearer": {"in": place, "key": "k", "value": "v"}}
    sent_headers: dict[str, str] = {}
    sent_query: list[tuple[str, str]] = []

    package.ApiClient(configuration).update_params_for_auth(sent_headers, sent_query, ["Bearer", "Other"])

    assert (sent_headers, sent_query) == (headers, query)


@pytest.mark.parametrize("place", ["header", "cookie", "query"])
def test_credentials_that_are_empty_go_nowhere(package: ModuleType, place: str) -> None:
    configuration = package.Configuration()
    configuration.auth_settings = lambda: {"Bearer": {"in": place, "key": "k", "value": None}}
    headers: dict[str, str] = {}
    query: list[tuple[str, str]] = []

    package.ApiClient(configuration).update_params_for_auth(headers, query, ["Bearer"])

    assert (headers, query) == ({}, [])


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ('Content-Disposition: attachment; filename="model.bin"', "model.bin"),
        ("Content-Disposition: attachment; filename=../../model.bin", "model.bin"),
        ("Content-Disposition: attachment; filename=..", "download"),
        ("X-Other: 1", "download"),
    ],
)
def test_a_file_is_saved_in_the_folder_that_is_set(
    package: ModuleType, tmp_path: Path, disposition: str, name: str
) -> None:
    configuration = package.Configuration()
    configuration.temp_folder_path = str(tmp_path)
    with raw_server(reply(b"\x00\xff", headers=[disposition])) as server:
        configuration.host = server.url
        with package.ApiClient(configuration) as client:
            path = Path(client.call_api("/file", "GET", response_type="file", _return_http_data_only=True))

    assert path.read_bytes() == b"\x00\xff"
    assert (path.name, path.parent.parent) == (name, tmp_path)


@pytest.mark.parametrize(
    ("name", "bases"),
    [
        ("OpenApiException", (Exception,)),
        ("ApiTypeError", (TypeError,)),
        ("ApiValueError", (ValueError,)),
        ("ApiKeyError", (KeyError,)),
        ("ApiException", (Exception,)),
    ],
)
def test_an_exception_is_what_the_documentation_says(package: ModuleType, name: str, bases: tuple[type, ...]) -> None:
    assert issubclass(getattr(package, name), (package.OpenApiException,))
    assert issubclass(getattr(package, name), bases)


@pytest.mark.parametrize("name", ["ApiTypeError", "ApiValueError", "ApiKeyError"])
@pytest.mark.parametrize("path", [None, [], ["metrics", 0, "name"]])
def test_an_error_says_where_it_is_as_the_official_one_does(package: ModuleType, name: str, path: Any) -> None:
    ours, theirs = (getattr(each, name)("wrong", path_to_item=path) for each in (package, official_client))

    assert (str(ours), ours.path_to_item) == (str(theirs), theirs.path_to_item)


def test_a_path_is_written_as_python_writes_it(package: ModuleType) -> None:
    assert package.exceptions.render_path(["metrics", 0, "name"]) == "['metrics'][0]['name']"


@pytest.mark.parametrize(
    "body", [b"", b'{"code": 5, "message": "nobody has it", "details": []}', "not JSON \u00fc".encode()]
)
def test_an_api_exception_tells_what_the_official_one_tells(package: ModuleType, body: bytes) -> None:
    told = []
    for each in (package, official_client):
        with raw_server(reply(body, "404 Not Found", headers=["X-Colour: red"])) as server:
            client = each.ApiClient(each.Configuration(host=server.url))
            with pytest.raises(each.ApiException) as caught:
                client.call_api("/nothing", "GET")
            client.rest_client.pool_manager.clear()
        error = caught.value
        told.append((error.status, error.reason, error.body, error.headers["x-colour"], str(error)))

    assert told[0] == told[1]


def test_an_api_exception_has_the_code_and_message_of_the_servers_status(package: ModuleType) -> None:
    with raw_server(reply({"code": 5, "message": "nobody has it", "details": []}, "404 Not Found")) as server:
        service = package.ArtifactServiceApi(package.ApiClient(package.Configuration(host=server.url)))
        with pytest.raises(package.ApiException) as caught:
            service.get_artifact("x")

    assert (caught.value.code, caught.value.message) == (5, "nobody has it")


@pytest.mark.parametrize("body", [None, "", "[]", '"text"', '{"code": "5", "message": 5}', "<html>"])
def test_an_api_exception_of_another_body_has_neither_code_nor_message(package: ModuleType, body: Any) -> None:
    error = package.ApiException(500, "Oops")
    error.body = body

    assert (error.code, error.message) == (None, None)


def test_an_api_exception_made_by_hand_has_no_body_and_no_headers(package: ModuleType) -> None:
    error = package.ApiException(status=0, reason="why")

    assert (error.status, error.reason, error.body, error.headers) == (0, "why", None, None)
    assert str(error) == str(official_client.ApiException(status=0, reason="why"))


def test_an_api_exception_can_be_pickled(package: ModuleType) -> None:
    error = package.ApiException(404, "Not Found")
    error.body, error.headers = "body", {"a": "b"}

    found = pickle.loads(pickle.dumps(error))

    assert (str(found), found.body, found.headers) == (str(error), "body", {"a": "b"})
