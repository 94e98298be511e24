"""List requests: the query parameters that lists share, and the tokens that carry them on."""

from __future__ import annotations

from typing import Any, NamedTuple

from artifactd.errors import invalid, quoted
from artifactd.listing import ListQuery, Noun, Page, Position, parse_page_size, parse_sort_by
from artifactd.model import ID_LIST_MAX, INPUT_TYPES, OUTPUT_TYPES, ArtifactTaskType
from artifactd.wire.filters import decode_filter
from artifactd.wire.page_tokens import bad_page_token, decode_page_token, encode_page_token
from artifactd.wire.query import Query

_ID_LISTS = ("task_ids", "run_ids", "artifact_ids")


class ListParameters(NamedTuple):
    """Which query parameters a list takes, besides `page_token` and `page_size`."""

    list_name: str
    noun: Noun
    names: tuple[str, ...]
    sort_name: str = "sort_by"


class ListRequest(NamedTuple):
    """A list to give, and the parameters that its token has to carry."""

    query: ListQuery
    parameters: dict[str, Any]


ARTIFACT_TASK_TYPES = ("UNSPECIFIED", *ArtifactTaskType)
VIEWS = ("FULL", "BASIC")


def decode_list(shape: ListParameters, query: Query) -> ListRequest:
    """The list that a query string asks for; what a token carries may be left out.

    Raises:
        InvalidArgument: naming the parameter.
    """
    query.only(("page_token", "page_size", *shape.names), repeated=_ID_LISTS)
    parameters = _given(shape, query)
    page_size = parse_page_size(query.integer("page_size"))
    position = total_size = None
    total_scope = ""
    text = query.text("page_token")
    if text is not None:
        token = decode_page_token(shape.list_name, text)
        _check_parameters(shape, token.parameters)
        for name, value in parameters.items():
            if _meaning(shape, name, token.parameters.get(name)) != _meaning(shape, name, value):
                raise invalid(
                    name, "is not what the page_token was issued for: leave it out, or start again without a token"
                )
        parameters = token.parameters
        position, total_size = Position(token.segment, tuple(token.position)), token.total_size
        total_scope = token.scope
    elif "type" in shape.names:
        parameters.setdefault("type", "INPUT")
    listed = ListQuery(
        noun=shape.noun,
        namespace=parameters.get("namespace"),
        sort=parse_sort_by(shape.noun, parameters.get(shape.sort_name), shape.sort_name),
        predicates=decode_filter(shape.noun, parameters.get("filter")),
        page_size=page_size,
        position=position,
        total_size=total_size,
        task_ids=tuple(parameters.get("task_ids", ())),
        run_ids=tuple(parameters.get("run_ids", ()) or filter(None, (parameters.get("run_id"),))),
        artifact_ids=tuple(parameters.get("artifact_ids", ())),
        types=_types(parameters.get("type")),
        parent_id=parameters.get("parent_id"),
        experiment_id=parameters.get("experiment_id"),
        total_scope=total_scope,
        is_basic=_is_basic(parameters.get("view")),
    )
    return ListRequest(listed, parameters)


def _check_parameters(shape: ListParameters, parameters: dict[str, str | list[str]]) -> None:
    """Refuses parameters that no token of ours carries: a token's digest is no secret, so anyone can make one."""
    for name, value in parameters.items():
        fits = 0 < len(value) <= ID_LIST_MAX if isinstance(value, list) else bool(value)
        if name not in shape.names or isinstance(value, list) != (name in _ID_LISTS) or not fits:
            raise bad_page_token()


def _meaning(shape: ListParameters, name: str, value: Any) -> Any:
    """What a parameter asks for, however it is spelt; an absent sort is the default one."""
    if name == shape.sort_name:
        return parse_sort_by(shape.noun, value, name)
    if name == "filter":
        return decode_filter(shape.noun, value)
    return frozenset(value) if isinstance(value, list) else value


def next_page_token(shape: ListParameters, request: ListRequest, page: Page[Any]) -> str:
    """The token of the next page; empty on the last."""
    total_size = page.total_size if request.query.selective else None
    scope = "" if total_size is None else page.scope
    return encode_page_token(shape.list_name, request.parameters, page.next_position, total_size, scope)


def _given(shape: ListParameters, query: Query) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for name in shape.names:
        if name in _ID_LISTS:
            if ids := query.ids(name):
                given[name] = list(ids)
        elif (value := query.text(name)) is not None:
            given[name] = value
    return given


def _is_basic(view: str | None) -> bool:
    if view is not None and view not in VIEWS:
        raise invalid("view", f"{quoted(view)} is not one of {', '.join(VIEWS)}")
    return view == "BASIC"


def _types(name: str | None) -> tuple[str, ...]:
    """The link types that a `type` parameter asks for; none for every one."""
    match name:
        case None | "UNSPECIFIED":
            return ()
        case "INPUT":
            return tuple(INPUT_TYPES)
        case "OUTPUT":
            return tuple(OUTPUT_TYPES)
    if name not in ARTIFACT_TASK_TYPES:
        raise invalid("type", f"{quoted(name)} is not one of {', '.join(ARTIFACT_TASK_TYPES)}")
    return (name,)
