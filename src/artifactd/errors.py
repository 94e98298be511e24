"""Everything that can go wrong, as one small tree: one class for each google.rpc.Code that we answer.

Nothing else crosses a layer. A message says what was wrong, with which value, and what would be right; it never
holds a driver's text. The HTTP status that goes with each code is given in `artifactd.rest.responses`.
"""

from __future__ import annotations

from typing import ClassVar, NamedTuple


class FieldViolation(NamedTuple):
    """One thing that is wrong with a request: `google.rpc.BadRequest.FieldViolation`.

    `field` is the path in the request as the client wrote it (`artifact.name`, `metrics[3].value`), or the name of
    a query parameter; `description` says what would be right.
    """

    field: str
    description: str


class ServiceError(Exception):
    """An answer other than success.

    Args:
        message: for the client; complete sentences.
        violations: what is wrong with which field, for bad input only.
        retry_after_s: whole seconds after which the same request may succeed.
    """

    code: ClassVar[int]
    status: ClassVar[str]

    def __init__(
        self, message: str, *, violations: tuple[FieldViolation, ...] = (), retry_after_s: int | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.violations = violations
        self.retry_after_s = retry_after_s


class InvalidArgument(ServiceError):
    """The request can never be right as it is."""

    code = 3
    status = "INVALID_ARGUMENT"


class NotFound(ServiceError):
    """No such resource, or one that this caller may not know of."""

    code = 5
    status = "NOT_FOUND"


class AlreadyExists(ServiceError):
    """What the request would make exists, with other contents."""

    code = 6
    status = "ALREADY_EXISTS"


class PermissionDenied(ServiceError):
    """A known caller who may not do this in the namespace that it named."""

    code = 7
    status = "PERMISSION_DENIED"


class ResourceExhausted(ServiceError):
    """The caller is over a limit of rate."""

    code = 8
    status = "RESOURCE_EXHAUSTED"


class Aborted(ServiceError):
    """The resource is no longer what the request said it was (`If-Match`)."""

    code = 10
    status = "ABORTED"


class Unimplemented(ServiceError):
    """A known path, another method."""

    code = 12
    status = "UNIMPLEMENTED"


class Internal(ServiceError):
    """A bug of ours."""

    code = 13
    status = "INTERNAL"


class Unavailable(ServiceError):
    """The store cannot be reached or is over its limits; the same request may succeed later."""

    code = 14
    status = "UNAVAILABLE"


class Unauthenticated(ServiceError):
    """No credentials, or bad ones."""

    code = 16
    status = "UNAUTHENTICATED"


def invalid(field: str, description: str) -> InvalidArgument:
    """The error for one bad field: its message repeats the violation in one sentence.

    Args:
        field: the field's path as the client wrote it.
        description: what is wrong, with which value, and what would be right.
    """
    return InvalidArgument(f"{field}: {description}", violations=(FieldViolation(field, description),))


def quoted(value: object, length_max: int = 80) -> str:
    """A client's value for use in a message: quoted, control characters escaped, cut to `length_max` characters."""
    text = repr(value if len(str(value)) <= length_max else str(value)[:length_max] + "…")
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
