"""The operations that look over everything: what a text finds, and which namespaces there are."""

from __future__ import annotations

from artifactd.access import Verb
from artifactd.operations import namespaces, search
from artifactd.rest.operation import Operation
from artifactd.rest.routes.decoding import PAGED, ROOT, always
from artifactd.wire import namespaces as wire_namespaces
from artifactd.wire import search as wire_search

SEARCH: tuple[Operation, ...] = (
    Operation(
        name="search",
        method="GET",
        path=f"{ROOT}/search",
        verb=Verb.LIST,
        tag="SearchService",
        summary="Finds artifacts, runs and tasks whose name, or id, begins with a text.",
        description="Upper and lower case differ, as everywhere. An artifact's id has to be whole.",
        response=wire_search.SearchResponse,
        decode=lambda parts: wire_search.decode_search(parts.query),
        run=search.search,
        encode=lambda _, found: wire_search.encode_found(found),
        heavy=always,
        parameters=wire_search.PARAMETERS,
    ),
    Operation(
        name="list_namespaces",
        method="GET",
        path=f"{ROOT}/namespaces",
        verb=Verb.LIST,
        tag="SearchService",
        summary="Lists the namespaces that hold something and that the caller may list, with how much they hold.",
        response=wire_namespaces.ListNamespacesResponse,
        decode=lambda parts: wire_namespaces.decode_list_namespaces(parts.query),
        run=namespaces.list_namespaces,
        encode=lambda _, page: wire_namespaces.encode_namespace_page(page),
        heavy=always,
        parameters=PAGED,
    ),
)
