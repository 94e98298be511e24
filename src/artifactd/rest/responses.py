"""Errors to HTTP: the status that goes with each google.rpc.Code (contract, Errors)."""

from __future__ import annotations

from artifactd.errors import (
    Aborted,
    AlreadyExists,
    Internal,
    InvalidArgument,
    NotFound,
    PermissionDenied,
    ResourceExhausted,
    ServiceError,
    Unauthenticated,
    Unavailable,
    Unimplemented,
)


class MethodNotAllowed(Unimplemented):
    """A known path, another method. `allowed` are the methods that it has."""

    def __init__(self, method: str, allowed: tuple[str, ...]) -> None:
        super().__init__(f"the method {method[:20]} is not for this path; it takes {', '.join(allowed)}")
        self.allowed = allowed


class BodyTooLarge(InvalidArgument):
    """The body is over the limit."""


class RequestLineTooLong(InvalidArgument):
    """Path and query are over the limit."""


class UnsupportedMediaType(InvalidArgument):
    """The body is not said to be JSON."""


class BodyTimeout(InvalidArgument):
    """The body did not arrive in time."""


HTTP_STATUS: dict[type[ServiceError], int] = {
    InvalidArgument: 400,
    Unauthenticated: 401,
    PermissionDenied: 403,
    NotFound: 404,
    MethodNotAllowed: 405,
    BodyTimeout: 408,
    AlreadyExists: 409,
    Aborted: 409,
    BodyTooLarge: 413,
    RequestLineTooLong: 414,
    UnsupportedMediaType: 415,
    ResourceExhausted: 429,
    Internal: 500,
    Unavailable: 503,
}


def http_status(error: ServiceError) -> int:
    """The HTTP status of an error."""
    return HTTP_STATUS[type(error)]


def error_headers(error: ServiceError) -> dict[str, str]:
    """The headers that an error needs."""
    headers: dict[str, str] = {}
    if isinstance(error, MethodNotAllowed):
        headers["Allow"] = ", ".join(error.allowed)
    if isinstance(error, Unauthenticated):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, Unavailable) or error.retry_after_s is not None:
        headers["Retry-After"] = str(error.retry_after_s or 1)
    return headers
