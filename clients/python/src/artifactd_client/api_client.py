"""From a call's parameters to a request, and from its answer to a message."""

from __future__ import annotations

import atexit
import datetime as dt
import json
import mimetypes
import os
import re
import tempfile
from typing import TYPE_CHECKING, Any, ClassVar, Dict, Iterable, List, Mapping, Optional, Sequence, Tuple, Union
from urllib.parse import quote

from artifactd_client.configuration import Configuration, RequestTimeout
from artifactd_client.decoding import Mismatch, decode
from artifactd_client.encoding import encode
from artifactd_client.exceptions import ApiException, ApiValueError
from artifactd_client.rest import RESTClientObject
from artifactd_client.version import __version__

if TYPE_CHECKING:
    from typing_extensions import Self

JSON = "application/json"
SHOWN_CHARS_MAX = 200

Parameters = Union[Mapping[str, Any], Sequence[Tuple[str, Any]]]


class ApiClient:
    """A connection to one server, for any number of threads.

    Args:
        configuration: where the server is and who is calling; the default one if `None`.
        header_name: a header for every request.
        header_value: its value.
        cookie: the `Cookie` header for every request.
        pool_threads: threads for calls with `async_req`.

    Attributes:
        rest_client: the connections below.
        default_headers: headers for every request, `User-Agent` among them.
        last_response: the last answer, for debugging; whose it is, if threads share the client, is left to chance.
    """

    PRIMITIVE_TYPES: ClassVar[Tuple[type, ...]] = (float, bool, bytes, str, int)
    NATIVE_TYPES_MAPPING: ClassVar[Dict[str, type]] = {
        "int": int,
        "long": int,
        "float": float,
        "str": str,
        "bool": bool,
        "date": dt.date,
        "datetime": dt.datetime,
        "object": object,
    }

    def __init__(
        self,
        configuration: Optional[Configuration] = None,
        header_name: Optional[str] = None,
        header_value: Optional[str] = None,
        cookie: Optional[str] = None,
        pool_threads: int = 1,
    ) -> None:
        self.configuration = Configuration.get_default_copy() if configuration is None else configuration
        self.pool_threads = pool_threads
        self.rest_client = RESTClientObject(self.configuration)
        self.default_headers: Dict[str, Any] = {}
        if header_name is not None:
            self.default_headers[header_name] = header_value
        self.cookie = cookie
        self.user_agent = f"artifactd-client/{__version__}/python"
        self.client_side_validation = self.configuration.client_side_validation
        self.last_response: Any = None
        self._pools: Dict[int, Any] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the threads for calls with `async_req`, once those are answered, and closes idle connections."""
        pool = self._pools.pop(os.getpid(), None)
        if pool is not None:
            pool.close()
            pool.join()
            atexit.unregister(self.close)
        self.rest_client.close()

    @property
    def pool(self) -> Any:
        """The threads for calls with `async_req`, started when first asked for; a fork's child gets its own."""
        process_id = os.getpid()
        pool = self._pools.get(process_id)
        if pool is None:
            from multiprocessing.pool import ThreadPool

            made = ThreadPool(self.pool_threads)
            # No lock, which a fork could leave locked for good: of threads that come here at once, one has its way.
            pool = self._pools.setdefault(process_id, made)
            if pool is made:
                atexit.register(self.close)
            else:
                made.terminate()
        return pool

    @property
    def user_agent(self) -> str:
        """How the client names itself."""
        agent: str = self.default_headers["User-Agent"]
        return agent

    @user_agent.setter
    def user_agent(self, value: str) -> None:
        self.default_headers["User-Agent"] = value

    def set_default_header(self, header_name: str, header_value: str) -> None:
        """Sets a header for every request."""
        self.default_headers[header_name] = header_value

    def call_api(
        self,
        resource_path: str,
        method: str,
        path_params: Optional[Parameters] = None,
        query_params: Optional[Parameters] = None,
        header_params: Optional[Dict[str, Any]] = None,
        body: Any = None,
        post_params: Optional[Parameters] = None,
        files: Optional[Mapping[str, Any]] = None,
        response_type: Optional[Union[str, type]] = None,
        auth_settings: Optional[Iterable[str]] = None,
        async_req: Optional[bool] = None,
        _return_http_data_only: Optional[bool] = None,
        collection_formats: Optional[Mapping[str, str]] = None,
        _preload_content: bool = True,
        _request_timeout: Optional[RequestTimeout] = None,
        _host: Optional[str] = None,
    ) -> Any:
        """Makes one call.

        Args:
            resource_path: with `{name}` for each of the path's parameters.
            method: of HTTP.
            path_params: their values, to be quoted whole.
            query_params: the query's.
            header_params: headers of this call.
            body: a message, or what JSON can say.
            post_params: the fields of a form.
            files: paths by the names of the form's fields.
            response_type: what the answer is, as KFP's documentation writes it; `None` gives no data.
            auth_settings: the names of schemes whose credentials are sent.
            async_req: whether to return at once.
            _return_http_data_only: whether status and headers are left out.
            collection_formats: how lists are written, by parameter: `multi`, `csv`, `ssv`, `tsv`, `pipes`.
            _preload_content: without it, urllib3's response is the result, unread.
            _request_timeout: seconds to connect and to get the answer's next bytes: a number, or a pair.
            _host: another base URL.

        Returns:
            (data, status, headers), or what the two switches say; with `async_req` a thread whose `get()` gives it.

        Raises:
            ApiException: the answer is no success, or makes no sense.
            ApiTypeError: a value cannot be sent.
            urllib3.exceptions.HTTPError: there was no answer.
        """
        given = (resource_path, method, path_params, query_params, header_params, body, post_params, files)
        switches = (
            response_type, auth_settings, _return_http_data_only, collection_formats, _preload_content,
            _request_timeout, _host,
        )  # fmt: skip
        if async_req:
            return self.pool.apply_async(self._call, (*given, *switches))
        return self._call(*given, *switches)

    def _call(
        self,
        resource_path: str,
        method: str,
        path_params: Optional[Parameters],
        query_params: Optional[Parameters],
        header_params: Optional[Dict[str, Any]],
        body: Any,
        post_params: Optional[Parameters],
        files: Optional[Mapping[str, Any]],
        response_type: Optional[Union[str, type]],
        auth_settings: Optional[Iterable[str]],
        http_data_only: Optional[bool],
        collection_formats: Optional[Mapping[str, str]],
        preload_content: bool,
        request_timeout: Optional[RequestTimeout],
        host: Optional[str],
    ) -> Any:
        headers = {**(header_params or {}), **self.default_headers}
        if self.cookie:
            headers["Cookie"] = self.cookie
        for name, value in self.parameters_to_tuples(path_params or {}, collection_formats):
            text = quote(_text(value), safe=self.configuration.safe_chars_for_path_param)
            resource_path = resource_path.replace("{" + name + "}", text)
        query = [(name, _text(value)) for name, value in self.parameters_to_tuples(query_params, collection_formats)]
        form = [(name, _text(value)) for name, value in self.parameters_to_tuples(post_params, collection_formats)]
        self.update_params_for_auth(headers, query, auth_settings)
        try:
            response = self.request(
                method,
                (host or self.configuration.host).rstrip("/") + resource_path,
                query_params=query,
                headers={name: _text(value) for name, value in headers.items() if value is not None},
                post_params=[*form, *self.files_parameters(files)],
                body=encode(body),
                _preload_content=preload_content,
                _request_timeout=request_timeout,
            )
        except ApiException as error:
            if isinstance(error.body, bytes):
                error.body = error.body.decode("utf-8", "replace")
            raise
        self.last_response = response
        if not preload_content:
            return response
        data = None if response_type is None else self.deserialize(response, response_type)
        return data if http_data_only else (data, response.status, response.getheaders())

    def request(
        self,
        method: str,
        url: str,
        query_params: Optional[Parameters] = None,
        headers: Optional[Mapping[str, str]] = None,
        post_params: Optional[Parameters] = None,
        body: Any = None,
        _preload_content: bool = True,
        _request_timeout: Optional[RequestTimeout] = None,
    ) -> Any:
        """Sends one request with ready values. Returns and raises as `RESTClientObject.request`."""
        return self.rest_client.request(
            method,
            url,
            query_params=query_params,
            headers=headers,
            body=body,
            post_params=post_params,
            _preload_content=_preload_content,
            _request_timeout=_request_timeout,
        )

    def sanitize_for_serialization(self, obj: Any) -> Any:
        """What JSON can say of a message or a value.

        Raises:
            ApiTypeError: it cannot say it.
        """
        return encode(obj)

    def deserialize(self, response: Any, response_type: Union[str, type]) -> Any:
        """An answer as the type says.

        Args:
            response: anything with the body as `data`.
            response_type: as KFP's documentation writes it; `file` saves the body and gives the path.

        Raises:
            ApiException: the body is no JSON, or JSON of another type.
        """
        if response_type in ("file", "bytes"):
            return self._saved(response) if response_type == "file" else response.data
        try:
            data = json.loads(response.data)
        except (json.JSONDecodeError, UnicodeDecodeError, RecursionError):
            raise _nonsense(response, "JSON") from None
        except ValueError as error:
            # Python's limit on the digits of integers: its own words say how to lift it.
            raise _nonsense(response, str(error)) from None
        if data is None:
            raise _nonsense(response, "JSON")
        try:
            return decode(data, response_type)
        except Mismatch as error:
            raise _nonsense(response, str(error)) from None

    def parameters_to_tuples(
        self, params: Optional[Parameters], collection_formats: Optional[Mapping[str, str]]
    ) -> List[Tuple[str, Any]]:
        """Parameters as pairs, lists written as their format says; unset ones left out.

        Args:
            params: names and values.
            collection_formats: `multi` repeats the name, the others join with a comma, blank, tab or bar.
        """
        result: List[Tuple[str, Any]] = []
        if not params:
            return result
        for name, value in params.items() if isinstance(params, (dict, Mapping)) else params:
            if value is None:
                continue
            kind = (collection_formats or {}).get(name)
            if kind is None:
                result.append((name, value))
                continue
            items = [_text(each) for each in ([value] if isinstance(value, str) else value)]
            if kind == "multi":
                result += [(name, each) for each in items]
            else:
                result.append((name, {"ssv": " ", "tsv": "\t", "pipes": "|"}.get(kind, ",").join(items)))
        return result

    def files_parameters(self, files: Optional[Mapping[str, Any]] = None) -> List[Tuple[str, Tuple[str, bytes, str]]]:
        """The fields of a form that carry files: their names, contents and types.

        Args:
            files: a path, or several, by field.
        """
        result = []
        for name, paths in (files or {}).items():
            for path in paths if isinstance(paths, list) else [paths] if paths else []:
                with open(path, "rb") as file:
                    content = file.read()
                kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
                result.append((name, (os.path.basename(path), content, kind)))
        return result

    def select_header_accept(self, accepts: Sequence[str]) -> Optional[str]:
        """The `Accept` header for the types that a call gives: JSON, if it is among them."""
        lower = [each.lower() for each in accepts or ()]
        return (JSON if JSON in lower else ", ".join(lower)) if lower else None

    def select_header_content_type(self, content_types: Sequence[str]) -> str:
        """The `Content-Type` header for the types that a call takes: JSON, if it is among them or there is none."""
        lower = [each.lower() for each in content_types or ()]
        return JSON if not lower or JSON in lower or "*/*" in lower else lower[0]

    def update_params_for_auth(
        self, headers: Dict[str, Any], querys: List[Tuple[str, str]], auth_settings: Optional[Iterable[str]]
    ) -> None:
        """Adds credentials to a request.

        Args:
            headers: is added to.
            querys: is added to.
            auth_settings: the names of the schemes that the call takes.

        Raises:
            ApiValueError: the configuration puts credentials elsewhere.
        """
        if not auth_settings:
            return
        settings = self.configuration.auth_settings()
        for name in auth_settings:
            setting = settings.get(name)
            if not setting or not setting["value"]:
                continue
            if setting["in"] == "cookie":
                headers["Cookie"] = setting["value"]
            elif setting["in"] == "header":
                headers[setting["key"]] = setting["value"]
            elif setting["in"] == "query":
                querys.append((setting["key"], setting["value"]))
            else:
                raise ApiValueError("Authentication token must be in `query` or `header`")

    def _saved(self, response: Any) -> str:
        """Saves a body in a folder of its own, under the name that the server gives."""
        disposition = response.getheader("Content-Disposition") or ""
        match = re.search(r"filename=[\"']?([^\"'\s;]+)", disposition)
        # Only the last part: the name comes from outside.
        name = os.path.basename(match[1].replace("\\", "/")) if match else ""
        folder = tempfile.mkdtemp(dir=self.configuration.temp_folder_path)
        path = os.path.join(folder, name if name.strip(".") else "download")
        with open(path, "wb") as file:
            file.write(response.data)
        return path


def _text(value: Any) -> str:
    """A parameter's value as it goes into a path, a query or a header. A message is written as JSON."""
    if type(value) is str:
        return value
    plain = encode(value)
    if isinstance(plain, (dict, list)):
        return json.dumps(plain)
    return ("true" if plain else "false") if isinstance(plain, bool) else str(plain)


def _nonsense(response: Any, problem: str) -> ApiException:
    """The error for a success that makes no sense: a proxy's page, another server's answer."""
    text = bytes(response.data).decode("utf-8", "replace")
    got = "an empty body" if not text else repr(text if len(text) <= SHOWN_CHARS_MAX else text[:SHOWN_CHARS_MAX] + "…")
    kind = response.getheader("Content-Type") if hasattr(response, "getheader") else None
    problem = f"expected JSON, but got {got}" if problem == "JSON" else problem
    error = ApiException(
        status=getattr(response, "status", 0),
        reason=f"The answer makes no sense ({problem}; content type {kind}). Is this an artifactd server?",
    )
    error.body = text
    error.headers = response.getheaders() if hasattr(response, "getheaders") else None
    return error
