"""Errors in JSON: `google.rpc.Status` with `google.rpc.BadRequest` (contract, Errors)."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from artifactd.errors import ServiceError
from artifactd.wire.message import encode

_BAD_REQUEST = "type.googleapis.com/google.rpc.BadRequest"


class FieldViolation(msgspec.Struct):
    """What is wrong with one field."""

    field: Annotated[str, Meta(description="Its path in the request, or a query parameter's name.")]
    description: Annotated[str, Meta(description="What is wrong, with which value, and what would be right.")]


class BadRequest(msgspec.Struct):
    """What is wrong with a request, field by field."""

    type: Annotated[str, Meta(description="Which message this is.", examples=[_BAD_REQUEST])] = msgspec.field(
        name="@type", default=_BAD_REQUEST
    )
    field_violations: Annotated[list[FieldViolation], Meta(description="At most 100.")] = msgspec.field(
        default_factory=list
    )


class Status(msgspec.Struct):
    """Why a request failed, and what to do about it."""

    code: Annotated[int, Meta(description="A google.rpc.Code.", examples=[3])]
    message: Annotated[str, Meta(description="What was wrong, with which value, and what would be right.")]
    details: Annotated[list[BadRequest], Meta(description="For bad input, one BadRequest that names the fields.")]


def encode_error(error: ServiceError) -> bytes:
    """An error's JSON body."""
    details = []
    if error.violations:
        details.append(
            BadRequest(field_violations=[FieldViolation(item.field, item.description) for item in error.violations])
        )
    return encode(Status(error.code, error.message, details))
