"""What every method of a service does: check its arguments, and make the call in both of its forms."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Callable, Dict, Mapping, Optional, Sequence, Tuple, TypeVar, cast

from artifactd_client.api_client import JSON, ApiClient
from artifactd_client.exceptions import ApiTypeError, ApiValueError

if TYPE_CHECKING:
    from typing_extensions import Concatenate, ParamSpec, TypedDict

    from artifactd_client.configuration import RequestTimeout

    Parameters = ParamSpec("Parameters")

    class Options(TypedDict, total=False):
        """The keywords that every method takes.

        Attributes:
            async_req: returns a thread at once, whose `get()` gives the result.
            _return_http_data_only: leaves out status and headers.
            _preload_content: `False` gives urllib3's response, unread.
            _request_timeout: seconds to connect and to get the answer's next bytes: a number, or a pair.
        """

        async_req: bool
        _return_http_data_only: bool
        _preload_content: bool
        _request_timeout: Optional[RequestTimeout]


Result = TypeVar("Result")
ServiceType = TypeVar("ServiceType", bound="Service")

OPTIONS = frozenset({"async_req", "_return_http_data_only", "_preload_content", "_request_timeout"})


class _MissingArgument(ApiValueError, TypeError):
    """A required argument was left out altogether, which is a mistake of both kinds."""


class Service:
    """A group of operations.

    Args:
        api_client: the connection; a new one of the default configuration if `None`.
    """

    def __init__(self, api_client: Optional[ApiClient] = None) -> None:
        self.api_client = ApiClient() if api_client is None else api_client

    def call(
        self,
        method: str,
        path: str,
        response_type: str,
        options: Mapping[str, Any],
        *,
        path_params: Optional[Mapping[str, Any]] = None,
        query: Optional[Mapping[str, Any]] = None,
        repeated: Sequence[str] = (),
        body: Any = None,
    ) -> Any:
        """Makes a call with what a method was given.

        Args:
            method: of HTTP.
            path: with `{name}` for each of `path_params`.
            response_type: the message that answers.
            options: the keywords that every method takes.
            path_params: values in the path.
            query: values in the query; `None` is left out.
            repeated: which of them are lists.
            body: the message that is sent.
        """
        headers = {"Accept": JSON} if body is None else {"Accept": JSON, "Content-Type": JSON}
        return self.api_client.call_api(
            path,
            method,
            path_params,
            query,
            headers,
            body=body,
            response_type=response_type,
            auth_settings=("Bearer",),
            async_req=options.get("async_req"),
            _return_http_data_only=options.get("_return_http_data_only"),
            collection_formats=dict.fromkeys(repeated, "multi"),
            _preload_content=options.get("_preload_content", True),
            _request_timeout=options.get("_request_timeout"),
        )


def operation(
    function: Callable[Concatenate[ServiceType, Parameters], Result],
) -> Callable[Concatenate[ServiceType, Parameters], Result]:
    """Makes a method that checks its arguments and gives the data alone.

    Raises (the method):
        ApiValueError: a required argument is missing or `None`.
        ApiTypeError: a keyword that the method does not have.
    """
    checked = _checked(function, {"_return_http_data_only": True})
    return cast("Callable[Concatenate[ServiceType, Parameters], Result]", checked)


def with_http_info(
    method: Callable[Concatenate[ServiceType, Parameters], Result],
) -> Callable[Concatenate[ServiceType, Parameters], Tuple[Result, int, Any]]:
    """The twin of a method of `operation`, which gives (data, status, headers)."""
    twin: Any = _checked(method.__wrapped__, {})  # type: ignore[attr-defined]  # wraps() sets it.
    twin.__name__ += "_with_http_info"
    twin.__qualname__ += "_with_http_info"
    twin.__doc__ = f"As `{method.__name__}`, but gives (data, status, headers)."
    return cast("Callable[Concatenate[ServiceType, Parameters], Tuple[Result, int, Any]]", twin)


def _checked(function: Callable[..., Any], fixed: Dict[str, Any]) -> Any:
    # The positional parameters, none of which has a default, and those that are keywords only, all of which have one.
    code = function.__code__
    required = code.co_varnames[1 : code.co_argcount]
    known = OPTIONS.union(code.co_varnames[1 : code.co_argcount + code.co_kwonlyargcount])
    name = function.__name__

    @functools.wraps(function)
    def method(self: Service, *args: Any, **kwargs: Any) -> Any:
        for keyword in kwargs:
            if keyword not in known:
                raise ApiTypeError(f"Got an unexpected keyword argument '{keyword}' to method {name}")
        for place, parameter in enumerate(required):
            if (args[place] if place < len(args) else kwargs.get(parameter)) is None:
                kind = ApiValueError if place < len(args) or parameter in kwargs else _MissingArgument
                raise kind(f"Missing the required parameter `{parameter}` when calling `{name}`")
        return function(self, *args, **{**kwargs, **fixed})

    return method
