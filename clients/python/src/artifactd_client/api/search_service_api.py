"""`SearchServiceApi`: what begins with a text, and which namespaces there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Optional

from artifactd_client.api.artifact_service_api import ROOT
from artifactd_client.models import V2beta1ListNamespacesResponse, V2beta1SearchResponse
from artifactd_client.operation import Service, operation, with_http_info

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from artifactd_client.operation import Options


class SearchServiceApi(Service):
    """Looks over everything. Methods take keywords and raise errors as those of `ArtifactServiceApi` do."""

    @operation
    def search(
        self,
        query: str,
        *,
        namespace: Optional[str] = None,
        page_size: Optional[int] = None,
        **options: Unpack[Options],
    ) -> V2beta1SearchResponse:
        """Finds artifacts, runs and tasks whose name, or id, begins with a text.

        Args:
            query: what it begins with; upper and lower case differ, and an artifact's id has to be whole.
            namespace: the only one to look in; every one that the caller may list if unset.
            page_size: how many of each noun at most; 20 if unset, 200 at most.
            options: see the class.
        """
        asked = {"query": query, "namespace": namespace, "page_size": page_size}
        data: V2beta1SearchResponse = self.call("GET", f"{ROOT}/search", "V2beta1SearchResponse", options, query=asked)
        return data

    search_with_http_info = with_http_info(search)

    @operation
    def list_namespaces(
        self, *, page_token: Optional[str] = None, page_size: Optional[int] = None, **options: Unpack[Options]
    ) -> V2beta1ListNamespacesResponse:
        """Lists the namespaces that hold something and that the caller may list, by name, with how much they hold.

        Args:
            page_token: the page to give, from the answer before; the first if unset.
            page_size: how many at most; 20 if unset, 200 at most.
            options: see the class.
        """
        query = {"page_token": page_token, "page_size": page_size}
        data: V2beta1ListNamespacesResponse = self.call(
            "GET", f"{ROOT}/namespaces", "V2beta1ListNamespacesResponse", options, query=query
        )
        return data

    list_namespaces_with_http_info = with_http_info(list_namespaces)
