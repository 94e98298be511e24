"""`HealthzServiceApi`: whether the server is well."""

from __future__ import annotations

from typing import TYPE_CHECKING

from artifactd_client.api.artifact_service_api import ROOT
from artifactd_client.models import V2beta1GetHealthzResponse
from artifactd_client.operation import Service, operation, with_http_info

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from artifactd_client.operation import Options


class HealthzServiceApi(Service):
    """The server's health. Methods take keywords and raise errors as those of `ArtifactServiceApi` do."""

    @operation
    def healthz_service_get_healthz(self, **options: Unpack[Options]) -> V2beta1GetHealthzResponse:
        """Gives what kind of server it is, if it is well.

        Args:
            options: see the class.
        """
        data: V2beta1GetHealthzResponse = self.call("GET", f"{ROOT}/healthz", "V2beta1GetHealthzResponse", options)
        return data

    healthz_service_get_healthz_with_http_info = with_http_info(healthz_service_get_healthz)

    # As the newer generation calls it.
    get_healthz = healthz_service_get_healthz
    get_healthz_with_http_info = healthz_service_get_healthz_with_http_info
