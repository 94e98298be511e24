"""Errors to HTTP: the status that goes with each google.rpc.Code (contract, Errors)."""

from __future__ import annotations

from typing import ClassVar

from artifactd.access import Undecided
from artifactd.errors import (
    Aborted,
    AlreadyExists,
    FieldViolation,
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


class BadEnvelope(InvalidArgument):
    """What carries the request is wrong, not what it says. `part` names what of it."""

    part: ClassVar[str]

    def __init__(self, message: str) -> None:
        super().__init__(message, violations=(FieldViolation(self.part, message),))


class BodyTooLarge(BadEnvelope):
    """The body is over the limit."""

    part = "body"


class RequestLineTooLong(BadEnvelope):
    """Path and query are over the limit."""

    part = "path"


class HeadTimeout(BadEnvelope):
    """The path and headers did not arrive in time."""

    part = "headers"


class HeadersTooLarge(BadEnvelope):
    """The headers are over the limit."""

    part = "headers"


class ClientGone(BadEnvelope):
    """The connection ended in the midst of the body."""

    part = "body"


class NoHttp(BadEnvelope):
    """What came is no HTTP."""

    part = "request"


class UnsupportedMediaType(BadEnvelope):
    """The body is not said to be JSON."""

    part = "Content-Type"


class BodyTimeout(BadEnvelope):
    """The body did not arrive in time."""

    part = "body"


HTTP_STATUS: dict[type[ServiceError], int] = {
    InvalidArgument: 400,
    Unauthenticated: 401,
    PermissionDenied: 403,
    # Whoever could not wait for the decision refuses.
    Undecided: 403,
    NotFound: 404,
    MethodNotAllowed: 405,
    BodyTimeout: 408,
    HeadTimeout: 408,
    NoHttp: 400,
    ClientGone: 400,
    AlreadyExists: 409,
    Aborted: 409,
    BodyTooLarge: 413,
    RequestLineTooLong: 414,
    UnsupportedMediaType: 415,
    HeadersTooLarge: 431,
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
