"""API keys in JSON: ours."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta

from artifactd import model
from artifactd.access import Role
from artifactd.errors import invalid
from artifactd.listing import API_KEYS, ListQuery, Page, Position, Sort, parse_page_size
from artifactd.model import KEY_NAMESPACES_MAX, NAME_CHARS_MAX, NAMESPACE_CHARS_MAX, Problems
from artifactd.requests import NewApiKey
from artifactd.wire.message import Message
from artifactd.wire.page_tokens import decode_page_token, encode_page_token
from artifactd.wire.query import Query
from artifactd.wire.times import parse_time, time_of

_LIST = "api_keys"
_Namespace = Annotated[str, Meta(extra_json_schema={"maxLength": NAMESPACE_CHARS_MAX})]


class ApiKey(Message):
    """What is known of an API key; its secret is told only when it is made."""

    required_fields = ("name", "role", "namespaces")

    key_id: Annotated[str | None, Meta(description="Output only. Tells the key from others; no secret.")] = None
    name: Annotated[
        str | None,
        Meta(
            description="Required. What or whom it is for.",
            examples=["ci"],
            extra_json_schema={"minLength": 1, "maxLength": NAME_CHARS_MAX},
        ),
    ] = None
    role: Annotated[
        str | None,
        Meta(
            description="Required. reader: get and list; writer: also create and update; admin: also delete, and keys.",
            examples=["writer"],
            extra_json_schema={"enum": list(Role)},
        ),
    ] = None
    namespaces: Annotated[
        list[_Namespace] | None,
        Meta(
            description="Required. Where it has that role; * is every namespace.",
            examples=[["team-a"]],
            extra_json_schema={"minItems": 1, "maxItems": KEY_NAMESPACES_MAX},
        ),
    ] = None
    expires_at: Annotated[
        str | None,
        Meta(description="When it stops being good; never if absent.", extra_json_schema={"format": "date-time"}),
    ] = None
    created_at: Annotated[str | None, Meta(description="Output only.", extra_json_schema={"format": "date-time"})] = (
        None
    )
    created_by: Annotated[str | None, Meta(description="Output only. Who made it.")] = None
    revoked_at: Annotated[
        str | None, Meta(description="Output only. When it was revoked.", extra_json_schema={"format": "date-time"})
    ] = None


class CreateKeyRequest(Message):
    """A key to make."""

    required_fields = ("api_key",)

    api_key: Annotated[ApiKey | None, Meta(description="Required.")] = None


class CreateKeyResponse(Message, omit_defaults=False):
    """A new key."""

    api_key: Annotated[ApiKey, Meta(description="What is kept of it.")]
    key: Annotated[str, Meta(description="The key itself, for the Authorization header. It is not told again.")]


class ListKeysResponse(Message, omit_defaults=False):
    """One page of keys."""

    api_keys: Annotated[list[ApiKey], Meta(description="The keys, oldest first.")]
    total_size: Annotated[int, Meta(description="How many there are on all pages.")]
    next_page_token: Annotated[str, Meta(description="Empty on the last page.")]


def decode_create_key(request: CreateKeyRequest) -> NewApiKey:
    """The key to make. Raises InvalidArgument naming every bad field."""
    given = request.api_key
    if given is None:
        raise invalid("api_key", 'is required: {"api_key": {"name": ..., "role": ..., "namespaces": [...]}}')
    problems = Problems("api_key.")
    problems.member("role", given.role, Role)
    if not given.role:
        problems.add("role", f"is required: one of {', '.join(Role)}")
    new = NewApiKey(
        name=given.name,
        role=Role(given.role) if given.role in tuple(Role) else None,
        namespaces=tuple(given.namespaces or ()),
        expires_at_us=parse_time("api_key.expires_at", given.expires_at),
    )
    new.check(problems)
    problems.raise_if_any()
    return new


def decode_list_keys(query: Query) -> ListQuery:
    """The keys to list. Raises InvalidArgument naming the parameter."""
    query.only(("page_token", "page_size"))
    position = None
    if text := query.text("page_token"):
        token = decode_page_token(_LIST, text)
        match token.position:
            case [int(), str()]:
                position = Position(0, tuple(token.position))
            case _:
                raise invalid("page_token", "is not a token of this list")
    return ListQuery(API_KEYS, None, Sort("created_at"), (), parse_page_size(query.integer("page_size")), position)


def encode_key(key: model.ApiKey) -> ApiKey:
    """A key's JSON message."""

    def time(us: int | None) -> Any:
        return None if us is None else time_of(us)

    return ApiKey(
        key_id=key.key_id,
        name=key.name,
        role=str(key.role),
        namespaces=list(key.namespaces),
        expires_at=time(key.expires_at_us),
        created_at=time(key.created_at_us),
        created_by=key.created_by,
        revoked_at=time(key.revoked_at_us),
    )


def encode_made_key(key: model.ApiKey, text: str) -> CreateKeyResponse:
    """A new key's JSON message."""
    return CreateKeyResponse(api_key=encode_key(key), key=text)


def encode_key_page(page: Page[model.ApiKey]) -> ListKeysResponse:
    """A page's JSON message."""
    return ListKeysResponse(
        api_keys=[encode_key(key) for key in page.items],
        total_size=page.total_size,
        next_page_token=encode_page_token(_LIST, {}, page.next_position, None),
    )
