"""Sends requests through urllib3, and turns answers that are no success into `ApiException`."""

from __future__ import annotations

import io
import json
import logging
import os
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple, Union
from urllib.parse import urlencode

import urllib3

from artifactd_client.configuration import Configuration, RequestTimeout
from artifactd_client.exceptions import ApiException, ApiTypeError, ApiValueError

logger = logging.getLogger(__name__)

RETRIES_DEFAULT = 3
RETRY_AFTER_S_MAX = 30.0
LOGGED_BYTES_MAX = 2_000

Pairs = Union[Mapping[str, Any], Sequence[Tuple[str, Any]]]


class RESTResponse(io.IOBase):
    """An answer that has been read.

    Args:
        resp: urllib3's response.

    Attributes:
        urllib3_response: as above.
        status: the HTTP status.
        reason: its phrase.
        data: the body, in bytes.
    """

    def __init__(self, resp: Any) -> None:
        self.urllib3_response = resp
        self.status: int = resp.status
        self.reason: Optional[str] = resp.reason
        self.data: bytes = resp.data

    def getheaders(self) -> Any:
        """The headers; their names ignore case."""
        return self.urllib3_response.headers

    def getheader(self, name: str, default: Optional[str] = None) -> Optional[str]:
        """A header's value, `default` if it is not there."""
        value: Optional[str] = self.urllib3_response.headers.get(name, default)
        return value


class Retry(urllib3.Retry):
    """As urllib3 retries, but an answer is given back if it stays 503 or redirects for ever, or asks for a long wait.

    Args:
        total: how often a request is sent again.
        given: as urllib3 takes it.
    """

    def __init__(self, total: Any = RETRIES_DEFAULT, **given: Any) -> None:
        given.setdefault("raise_on_status", False)
        given.setdefault("raise_on_redirect", False)
        super().__init__(total, **given)

    def get_retry_after(self, response: Any) -> Optional[float]:
        """The seconds that an answer asks to wait; `None` if it asks for none, or for what makes no sense."""
        try:
            return super().get_retry_after(response)
        except (urllib3.exceptions.InvalidHeader, ValueError, OverflowError):
            return None

    def increment(
        self, method: Optional[str] = None, url: Optional[str] = None, response: Any = None, *more: Any, **named: Any
    ) -> Retry:
        """What is left of the retries after one.

        Raises:
            MaxRetryError: nothing is left, or the server asks for a wait so long that the caller would seem to hang.
        """
        if response is not None and (self.get_retry_after(response) or 0) > RETRY_AFTER_S_MAX:
            reason = urllib3.exceptions.ResponseError(f"asks to wait more than {RETRY_AFTER_S_MAX:g} s")
            raise urllib3.exceptions.MaxRetryError(named.get("_pool"), url or "", reason)  # type: ignore[arg-type]  # It takes None too.
        return super().increment(method, url, response, *more, **named)


class RESTClientObject:
    """A pool of connections.

    Threads may share one. After a fork the child gets connections of its own, since two processes that write into
    one connection would read each other's answers.

    Args:
        configuration: TLS, proxy, retries and pool sizes.
        pools_size: hosts whose connections are kept.
        maxsize: connections that are kept for each; the configuration's if `None`.
    """

    def __init__(self, configuration: Configuration, pools_size: int = 4, maxsize: Optional[int] = None) -> None:
        self._configuration = configuration
        self._arguments: Dict[str, Any] = {
            "num_pools": pools_size,
            "maxsize": maxsize or configuration.connection_pool_maxsize or 4,
            "retries": _retries(configuration),
            **_tls_arguments(configuration),
        }
        self._default_timeout = _timeout(configuration.request_timeout)
        self._inherited: List[Any] = []
        self._connect()

    def _connect(self) -> None:
        proxy = self._configuration.proxy
        self.pool_manager = (
            urllib3.ProxyManager(proxy, proxy_headers=self._configuration.proxy_headers, **self._arguments)
            if proxy
            else urllib3.PoolManager(**self._arguments)
        )
        # Last, since another thread that reads it goes on with the connections above.
        self._process_id = os.getpid()

    def close(self) -> None:
        """Closes idle connections, but none that a parent process has opened."""
        if os.getpid() == self._process_id:
            self.pool_manager.clear()

    def request(
        self,
        method: str,
        url: str,
        query_params: Optional[Pairs] = None,
        headers: Optional[Mapping[str, str]] = None,
        body: Any = None,
        post_params: Optional[Pairs] = None,
        _preload_content: bool = True,
        _request_timeout: Optional[RequestTimeout] = None,
    ) -> Any:
        """Sends one request.

        Args:
            method: in any case.
            url: without a query.
            query_params: the query's parameters; values are strings.
            headers: the headers; without `Content-Type` the body is JSON.
            body: what JSON can say, or text or bytes for another content type.
            post_params: the fields of a form.
            _preload_content: whether the answer is read to its end.
            _request_timeout: seconds to connect and to get the answer's next bytes: a number, or a pair.

        Returns:
            A `RESTResponse`; without `_preload_content`, urllib3's response.

        Raises:
            ApiException: the answer is no success.
            ApiTypeError: JSON cannot say the body.
            ApiValueError: the arguments contradict each other, or a header cannot carry its value.
            urllib3.exceptions.HTTPError: there was no answer.
        """
        method = method.upper()
        if method not in METHODS:
            raise ApiValueError(f"http method must be one of {', '.join(METHODS)}, not {method}")
        if post_params and body is not None:
            raise ApiValueError("body parameter cannot be used with post_params parameter.")
        sent = {"Content-Type": "application/json", **(headers or {})}
        _check_headers(sent)
        timeout = self._default_timeout if _request_timeout is None else _timeout(_request_timeout)
        # The retries are named again for urllib3 1.26, which forgets the pool's own where it follows a redirect.
        retries = self._arguments["retries"]
        options: Dict[str, Any] = {"headers": sent, "preload_content": _preload_content, "retries": retries}
        if timeout is not None:
            options["timeout"] = timeout
        if method not in ("GET", "HEAD"):
            options.update(_payload(sent, body, post_params))
        if method in ("POST", "PUT", "PATCH") and self._configuration.idempotent_writes:
            from uuid import uuid4

            sent.setdefault("Idempotency-Key", str(uuid4()))
            options["retries"] = _also_posts(retries)
        if query_params:
            url += ("&" if "?" in url else "?") + urlencode(query_params)
        return self._send(method, url, options)

    def _send(self, method: str, url: str, options: Dict[str, Any]) -> Any:
        if os.getpid() != self._process_id:
            # Kept, since closing the parent's connections would wait for a lock that the fork may have left locked.
            self._inherited.append(self.pool_manager)
            self._connect()
        if self._configuration.debug:
            logger.debug("%s %s %s body=%r", method, url, _without_secrets(options["headers"]), options.get("body"))
        try:
            # Straight to urlopen: `request` would only write the query, which stands in the URL already.
            response: Any = (
                self.pool_manager.request(method, url, **options)
                if "fields" in options
                else self.pool_manager.urlopen(method, url, **options)
            )
        except urllib3.exceptions.SSLError as error:
            raise ApiException(status=0, reason=f"{type(error).__name__}\n{error}") from error
        except urllib3.exceptions.DecodeError as error:
            raise ApiException(status=0, reason=f"The answer makes no sense ({error.args[0]})") from error
        if options["preload_content"]:
            response = RESTResponse(response)
            if self._configuration.debug:
                logger.debug("%s %s: %r", response.status, response.reason, response.data[:LOGGED_BYTES_MAX])
        if not 200 <= response.status <= 299:
            raise ApiException(http_resp=response)
        return response

    def GET(self, url: str, **given: Any) -> Any:
        """As `request`."""
        return self.request("GET", url, **given)

    def HEAD(self, url: str, **given: Any) -> Any:
        """As `request`."""
        return self.request("HEAD", url, **given)

    def OPTIONS(self, url: str, **given: Any) -> Any:
        """As `request`."""
        return self.request("OPTIONS", url, **given)

    def DELETE(self, url: str, **given: Any) -> Any:
        """As `request`."""
        return self.request("DELETE", url, **given)

    def POST(self, url: str, **given: Any) -> Any:
        """As `request`."""
        return self.request("POST", url, **given)

    def PUT(self, url: str, **given: Any) -> Any:
        """As `request`."""
        return self.request("PUT", url, **given)

    def PATCH(self, url: str, **given: Any) -> Any:
        """As `request`."""
        return self.request("PATCH", url, **given)


METHODS = ("GET", "HEAD", "DELETE", "POST", "PUT", "PATCH", "OPTIONS")


def _payload(headers: Dict[str, str], body: Any, post_params: Optional[Pairs]) -> Dict[str, Any]:
    """The arguments of urllib3 that carry the body. Takes the content type away where urllib3 writes its own.

    Raises:
        ApiException: the body does not fit the content type.
        ApiTypeError: JSON cannot say it.
    """
    content_type = headers["Content-Type"].lower()
    if "json" in content_type:
        try:
            return {} if body is None else {"body": json.dumps(body)}
        except (TypeError, ValueError, RecursionError) as error:
            raise ApiTypeError(f"the body cannot be sent as JSON: {error}") from error
    if content_type == "application/x-www-form-urlencoded":
        return {"body": urlencode(post_params or ())}
    if content_type == "multipart/form-data":
        del headers["Content-Type"]
        return {"fields": post_params or (), "encode_multipart": True}
    if body is None or isinstance(body, (str, bytes)):
        return {"body": body}
    raise ApiException(
        status=0, reason=f"a body of type {type(body).__name__} cannot be sent as {content_type}; give text or bytes"
    )


def _check_headers(headers: Mapping[str, Any]) -> None:
    """Refuses what http.client would refuse with the value in its message, which may be a key.

    Raises:
        ApiValueError: a header cannot carry its value.
    """
    for name, value in headers.items():
        if not isinstance(value, str):
            continue
        if "\n" in value or "\r" in value:
            raise ApiValueError(f"the header {name} has a line break in its value: was it read with the line's end?")
        if not value.isascii() and any(character > "\xff" for character in value):
            raise ApiValueError(f"the header {name} has characters in its value that no header can carry")


def _timeout(given: Optional[RequestTimeout]) -> Optional[urllib3.Timeout]:
    """urllib3's time-out for a number of seconds, or for a pair of them.

    Raises:
        ApiTypeError: it is neither.
        ApiValueError: it is not positive.
    """
    if given is None or isinstance(given, urllib3.Timeout):
        return given
    try:
        if isinstance(given, (tuple, list)) and len(given) == 2:
            return urllib3.Timeout(connect=given[0], read=given[1])
        if isinstance(given, (int, float)) and not isinstance(given, bool):
            return urllib3.Timeout(total=given)
    except ValueError as error:
        raise ApiValueError(f"_request_timeout is {given!r}: {error}") from error
    raise ApiTypeError(f"_request_timeout is {given!r}; give seconds, or (seconds to connect, seconds to read)")


def _retries(configuration: Configuration) -> Any:
    given = configuration.retries
    if given is None:
        return Retry()
    return Retry(given) if isinstance(given, int) and not isinstance(given, bool) else given


def _also_posts(retries: Any) -> Any:
    """The same retries for a POST that may be sent twice, since its key makes it count once."""
    return retries.new(allowed_methods=None) if isinstance(retries, urllib3.Retry) else retries


def _tls_arguments(configuration: Configuration) -> Dict[str, Any]:
    arguments: Dict[str, Any] = {"cert_file": configuration.cert_file, "key_file": configuration.key_file}
    if configuration.assert_hostname is not None:
        arguments["assert_hostname"] = configuration.assert_hostname
    if not configuration.verify_ssl:
        return {**arguments, "cert_reqs": "CERT_NONE", "assert_hostname": False}
    arguments["cert_reqs"] = "CERT_REQUIRED"
    if configuration.ssl_ca_cert:
        return {**arguments, "ca_certs": configuration.ssl_ca_cert}
    if configuration.host.lower().startswith("https:"):
        arguments["ssl_context"] = _trusting_context()
    return arguments


def _trusting_context() -> Any:
    """Trusts what the system trusts, and certifi's list where it is installed: a slim image may lack the first."""
    context = urllib3.util.ssl_.create_urllib3_context()
    context.load_default_certs()
    try:
        import certifi
    except ImportError:
        return context
    context.load_verify_locations(certifi.where())
    return context


def _without_secrets(headers: Mapping[str, str]) -> Dict[str, str]:
    secret = {"authorization", "cookie", "proxy-authorization"}
    return {name: "***" if name.lower() in secret else value for name, value in headers.items()}
