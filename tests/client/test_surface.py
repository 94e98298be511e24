"""The documented surface, run as facts: every name, signature, keyword and error of the services, from a table."""

from __future__ import annotations

import importlib
import inspect
from types import ModuleType
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import official_client
import pytest
import urllib3
from client.conftest import NewClient
from client.sockets import RawServer
from client.surface import (
    CORE_NAMES,
    ENUMERATIONS,
    LISTS,
    MESSAGES,
    METHODS,
    MODULES,
    NOT_SERVED,
    OURS,
    SERVICES,
    SUBMODULES,
    Method,
)

KEYWORDS = ("async_req", "_return_http_data_only", "_preload_content", "_request_timeout")
every_method = pytest.mark.parametrize("method", METHODS, ids=[method.name for method in METHODS])
every_service = pytest.mark.parametrize(("module", "service"), SERVICES.items(), ids=SERVICES.values())


def bound(package: ModuleType, method: Method, new_client: NewClient, host: str, twin: bool = False) -> Any:
    """The method of a service that talks to a host."""
    service = getattr(package, method.service)(new_client(host))
    return getattr(service, method.name + ("_with_http_info" if twin else ""))


@pytest.mark.parametrize("name", [*CORE_NAMES, *MODULES])
def test_the_root_has_the_name(package: ModuleType, name: str) -> None:
    assert hasattr(package, name)
    assert name in package.__all__ or name == "__version__"


def test_the_facts_speak_of_every_model() -> None:
    assert set(MODULES) == {*MESSAGES, *ENUMERATIONS}


@pytest.mark.parametrize(("name", "module"), MODULES.items(), ids=MODULES)
def test_each_model_has_a_module_of_its_own(package: ModuleType, name: str, module: str) -> None:
    found = importlib.import_module(f"{package.__name__}.models.{module}")

    assert getattr(found, name) is getattr(package, name)
    assert getattr(package.models, name) is getattr(package, name)
    assert getattr(package.models, module) is found


@every_service
def test_each_service_has_a_module_of_its_own(package: ModuleType, module: str, service: str) -> None:
    found = importlib.import_module(f"{package.__name__}.api.{module}")

    assert getattr(found, service) is getattr(package, service)
    assert getattr(package.api, module) is found


@pytest.mark.parametrize(("module", "names"), SUBMODULES.items(), ids=SUBMODULES)
def test_each_submodule_has_its_names(package: ModuleType, module: str, names: tuple[str, ...]) -> None:
    found = importlib.import_module(f"{package.__name__}.{module}")

    assert getattr(package, module) is found
    assert [name for name in names if not hasattr(found, name)] == []


def test_both_import_names_give_the_same_classes() -> None:
    ours, alias = (importlib.import_module(name) for name in ("artifactd_client", "kfp_server_api"))

    for name in (*CORE_NAMES[1:], *MODULES):
        assert getattr(ours, name) is getattr(alias, name)


def test_the_name_of_kfps_client_has_its_version() -> None:
    assert importlib.import_module("kfp_server_api").__version__ == "2.14.3"


@every_service
def test_a_service_without_a_client_makes_one_of_the_default_configuration(
    package: ModuleType, module: str, service: str
) -> None:
    del module

    made = getattr(package, service)()

    assert isinstance(made.api_client, package.ApiClient)
    assert made.api_client.configuration.host == "http://localhost"


@every_method
@pytest.mark.parametrize("twin", [False, True], ids=["itself", "its twin"])
def test_a_method_has_the_documented_parameters_and_defaults(package: ModuleType, method: Method, twin: bool) -> None:
    name = method.name + ("_with_http_info" if twin else "")
    parameters = list(inspect.signature(getattr(getattr(package, method.service), name)).parameters.values())
    named = [(each.name, each.default) for each in parameters if each.kind is not each.VAR_KEYWORD]

    assert named == [
        ("self", inspect.Parameter.empty),
        *((name, inspect.Parameter.empty) for name in method.required),
        *((name, None) for name in (*method.optional, *OURS.get(method.name, ()))),
    ]


@every_method
def test_required_parameters_go_by_position(
    package: ModuleType, method: Method, recorder: RawServer, new_client: NewClient
) -> None:
    bound(package, method, new_client, recorder.url)(*method.arguments.values())

    [request] = recorder.requests
    assert (request.method, request.target) == (method.verb, method.target)
    assert request.body == (b"{}" if method.body else b"")


@every_method
def test_required_parameters_go_by_name(
    package: ModuleType, method: Method, recorder: RawServer, new_client: NewClient
) -> None:
    bound(package, method, new_client, recorder.url)(**method.arguments)

    [request] = recorder.requests
    assert (request.method, request.target) == (method.verb, method.target)


@every_method
def test_each_optional_parameter_is_a_keyword_that_goes_into_the_query(
    package: ModuleType, method: Method, recorder: RawServer, new_client: NewClient
) -> None:
    given = {name: ["a", "b"] if name in LISTS else f"the-{name}" for name in method.optional}

    bound(package, method, new_client, recorder.url)(**method.arguments, **given)

    sent = parse_qsl(urlsplit(recorder.requests[0].target).query)
    assert sent == [
        (name, value) for name in method.optional for value in (given[name] if name in LISTS else [given[name]])
    ]


@every_method
def test_an_optional_parameter_that_is_none_is_left_out(
    package: ModuleType, method: Method, recorder: RawServer, new_client: NewClient
) -> None:
    bound(package, method, new_client, recorder.url)(**method.arguments, **dict.fromkeys(method.optional))

    assert recorder.requests[0].target == method.target


@every_method
def test_a_method_gives_its_message(
    package: ModuleType, method: Method, recorder: RawServer, new_client: NewClient
) -> None:
    data = bound(package, method, new_client, recorder.url)(**method.arguments)

    assert type(data) is getattr(package, method.returns)


@every_method
def test_a_twin_gives_data_status_and_headers(
    package: ModuleType, method: Method, recorder: RawServer, new_client: NewClient
) -> None:
    data, status, headers = bound(package, method, new_client, recorder.url, twin=True)(**method.arguments)

    assert type(data) is getattr(package, method.returns)
    assert (status, headers["content-TYPE"]) == (200, "application/json")


@every_method
def test_a_twin_gives_the_data_alone_if_asked(
    package: ModuleType, method: Method, recorder: RawServer, new_client: NewClient
) -> None:
    twin = bound(package, method, new_client, recorder.url, twin=True)

    assert type(twin(**method.arguments, _return_http_data_only=True)) is getattr(package, method.returns)


@every_method
def test_a_method_gives_the_data_alone_whatever_is_asked(
    package: ModuleType, method: Method, recorder: RawServer, new_client: NewClient
) -> None:
    itself = bound(package, method, new_client, recorder.url)

    assert type(itself(**method.arguments, _return_http_data_only=False)) is getattr(package, method.returns)


@every_method
def test_async_req_gives_a_thread(
    package: ModuleType, method: Method, recorder: RawServer, new_client: NewClient
) -> None:
    thread = bound(package, method, new_client, recorder.url)(**method.arguments, async_req=True)

    assert type(thread.get()) is getattr(package, method.returns)


@every_method
def test_async_req_of_a_twin_gives_data_status_and_headers(
    package: ModuleType, method: Method, recorder: RawServer, new_client: NewClient
) -> None:
    thread = bound(package, method, new_client, recorder.url, twin=True)(**method.arguments, async_req=True)

    data, status, _ = thread.get()
    assert (type(data), status) == (getattr(package, method.returns), 200)


@every_method
@pytest.mark.parametrize("twin", [False, True], ids=["itself", "its twin"])
def test_without_preload_content_urllib3s_response_comes_unread(
    package: ModuleType, method: Method, recorder: RawServer, new_client: NewClient, twin: bool
) -> None:
    response = bound(package, method, new_client, recorder.url, twin)(**method.arguments, _preload_content=False)

    assert isinstance(response, urllib3.HTTPResponse)
    assert (response.status, response.read()) == (200, b"{}")


@every_method
@pytest.mark.parametrize("timeout", [5, 2.5, (2, 3.5), None])
def test_a_time_out_is_a_number_or_a_pair(
    package: ModuleType, method: Method, recorder: RawServer, new_client: NewClient, timeout: Any
) -> None:
    bound(package, method, new_client, recorder.url)(**method.arguments, _request_timeout=timeout)

    assert len(recorder.requests) == 1


@every_method
@pytest.mark.parametrize("twin", [False, True], ids=["itself", "its twin"])
def test_an_unknown_keyword_is_an_api_type_error(
    package: ModuleType, method: Method, recorder: RawServer, new_client: NewClient, twin: bool
) -> None:
    with pytest.raises(package.ApiTypeError) as caught:
        bound(package, method, new_client, recorder.url, twin)(**method.arguments, colour="red")

    assert str(caught.value) == f"Got an unexpected keyword argument 'colour' to method {method.name}"
    assert recorder.requests == []


REQUIRED = [(method, name) for method in METHODS for name in method.required]


@pytest.mark.parametrize(("method", "name"), REQUIRED, ids=[f"{method.name}-{name}" for method, name in REQUIRED])
@pytest.mark.parametrize("none", [False, True], ids=["missing", "None"])
def test_a_required_parameter_that_is_not_there_is_an_api_value_error(
    package: ModuleType, method: Method, name: str, none: bool, recorder: RawServer, new_client: NewClient
) -> None:
    given = {each: value for each, value in method.arguments.items() if each != name}

    with pytest.raises(package.ApiValueError) as caught:
        bound(package, method, new_client, recorder.url)(**given, **({name: None} if none else {}))

    assert str(caught.value) == f"Missing the required parameter `{name}` when calling `{method.name}`"
    assert recorder.requests == []


@every_method
def test_too_many_positions_are_a_type_error(
    package: ModuleType, method: Method, recorder: RawServer, new_client: NewClient
) -> None:
    with pytest.raises(TypeError):
        bound(package, method, new_client, recorder.url)(*method.arguments.values(), "more")

    assert recorder.requests == []


@pytest.mark.parametrize(("name", "arguments"), NOT_SERVED.items(), ids=NOT_SERVED)
@pytest.mark.parametrize("suffix", ["", "_with_http_info"])
def test_what_starts_and_stops_runs_is_an_api_exception_501_that_says_so(
    package: ModuleType, name: str, suffix: str, arguments: tuple[Any, ...], recorder: RawServer, new_client: NewClient
) -> None:
    service = package.RunServiceApi(new_client(recorder.url))

    with pytest.raises(package.ApiException, match="artifactd does not") as caught:
        getattr(service, name + suffix)(*arguments)

    assert caught.value.status == 501
    assert recorder.requests == []


def test_the_facts_speak_of_every_run_call_of_the_official_client() -> None:
    theirs = {name for name in vars(official_client.RunServiceApi) if name.startswith("run_service_")}
    known = {*NOT_SERVED, *(method.name for method in METHODS)}

    assert {name.removesuffix("_with_http_info") for name in theirs} <= known


@pytest.mark.parametrize(
    "method", [method for method in METHODS if method.name.startswith(("run_", "healthz"))], ids=lambda each: each.name
)
def test_the_facts_agree_with_the_official_clients_signatures(method: Method) -> None:
    theirs = getattr(getattr(official_client, method.service), method.name)

    assert list(inspect.signature(theirs).parameters) == ["self", *method.required, "kwargs"]


@pytest.mark.parametrize("method", [each for each in METHODS if each.required], ids=lambda each: each.name)
def test_a_missing_parameter_is_a_type_error_too_as_python_has_it(
    package: ModuleType, method: Method, recorder: RawServer, new_client: NewClient
) -> None:
    with pytest.raises(TypeError):
        bound(package, method, new_client, recorder.url)()


def test_the_keywords_of_every_method_are_no_parameters_of_the_query(
    package: ModuleType, recorder: RawServer, new_client: NewClient
) -> None:
    service = package.ArtifactServiceApi(new_client(recorder.url))

    service.list_artifacts(**dict.fromkeys(KEYWORDS[:2], False), _preload_content=True, _request_timeout=None)

    assert recorder.requests[0].target == "/apis/v2beta1/artifacts"
