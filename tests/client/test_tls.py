"""Encrypted connections, and those through a proxy: who is trusted, who is not, and how that is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import urllib3
from artifactd_client import ApiException, ArtifactServiceApi
from client.conftest import Certificate, Certificates, NewClient
from client.faults import ARTIFACT, service_of
from client.sockets import raw_server, refusing_port, reply, tunnel
from support import Api

KEY = {"authorization": "KEY"}
REFUSED = (ApiException, urllib3.exceptions.HTTPError)


def name_from(new_client: NewClient, certificate: Certificate, clients_of: str | None = None, **attributes: Any) -> str:
    """What a server with a certificate answers, if the client trusts it."""
    with raw_server(reply(ARTIFACT), tls=certificate.context(clients_of)) as server:
        return str(service_of(new_client, server.url, **attributes).get_artifact("1").name)


def test_a_certificate_of_an_authority_that_is_named_is_trusted(
    new_client: NewClient, certificates: Certificates
) -> None:
    assert name_from(new_client, certificates.good, ssl_ca_cert=certificates.authority) == "model"


@pytest.mark.parametrize(
    ("certificate", "named", "told"),
    [
        ("good", False, r"unable to get local issuer certificate|self-signed"),
        ("other_host", True, r"IP address mismatch|127\.0\.0\.1"),
        ("expired", True, r"has expired"),
    ],
    ids=["of an unknown authority", "of another host", "that has expired"],
)
def test_a_certificate_is_refused_with_the_reason_and_no_request_is_sent(
    new_client: NewClient, certificates: Certificates, certificate: str, named: bool, told: str
) -> None:
    with raw_server(reply(ARTIFACT), tls=getattr(certificates, certificate).context()) as server:
        authority = certificates.authority if named else None
        service = service_of(new_client, server.url, ssl_ca_cert=authority, api_key=KEY, retries=0)
        with pytest.raises(REFUSED, match=told):
            service.create_artifact({})

    assert server.requests == []


def test_without_verification_any_certificate_will_do(new_client: NewClient, certificates: Certificates) -> None:
    for each in (certificates.good, certificates.other_host, certificates.expired):
        with pytest.warns(urllib3.exceptions.InsecureRequestWarning):
            assert name_from(new_client, each, verify_ssl=False) == "model"


@pytest.mark.parametrize("hostname", ["other.example", False])
def test_another_name_may_be_expected(new_client: NewClient, certificates: Certificates, hostname: Any) -> None:
    assert (
        name_from(new_client, certificates.other_host, ssl_ca_cert=certificates.authority, assert_hostname=hostname)
        == "model"
    )


def test_the_name_that_is_expected_is_insisted_on(new_client: NewClient, certificates: Certificates) -> None:
    with pytest.raises(REFUSED, match=r"third\.example"):
        name_from(
            new_client,
            certificates.other_host,
            ssl_ca_cert=certificates.authority,
            assert_hostname="third.example",
            retries=0,
        )


def test_a_client_shows_the_certificate_that_it_has(new_client: NewClient, certificates: Certificates) -> None:
    own = certificates.of_a_client

    assert (
        name_from(
            new_client,
            certificates.good,
            clients_of=certificates.authority,
            ssl_ca_cert=certificates.authority,
            cert_file=own.cert,
            key_file=own.key,
        )
        == "model"
    )


def test_a_server_that_wants_a_certificate_refuses_a_client_without(
    new_client: NewClient, certificates: Certificates
) -> None:
    with pytest.raises(REFUSED, match=r"."):
        name_from(
            new_client,
            certificates.good,
            clients_of=certificates.authority,
            ssl_ca_cert=certificates.authority,
            retries=0,
        )


@pytest.mark.parametrize("attribute", ["ssl_ca_cert", "cert_file"])
def test_a_file_that_is_not_there_is_told(
    new_client: NewClient, certificates: Certificates, tmp_path: Path, attribute: str
) -> None:
    given = {"ssl_ca_cert": certificates.authority, attribute: str(tmp_path / "missing.pem")}

    with pytest.raises(REFUSED, match="No such file"):
        name_from(new_client, certificates.good, retries=0, **given)


def test_a_server_that_does_not_encrypt_is_told(new_client: NewClient, api: Api) -> None:
    service = service_of(new_client, api.url.replace("http:", "https:"), api_key=KEY, retries=0)

    with pytest.raises(REFUSED, match=r"SSL: (WRONG_VERSION_NUMBER|RECORD_LAYER_FAILURE)"):
        service.list_artifacts()


def test_a_client_that_does_not_encrypt_is_told(new_client: NewClient, certificates: Certificates) -> None:
    with (
        raw_server(tls=certificates.good.context()) as server,
        pytest.raises(REFUSED, match=r"."),
    ):
        service_of(new_client, server.url.replace("https:", "http:"), retries=0).list_artifacts()

    assert server.requests == []


def test_a_plain_request_goes_whole_to_the_proxy(new_client: NewClient) -> None:
    with raw_server(reply(ARTIFACT)) as proxy:
        service = service_of(
            new_client,
            "http://artifactd.invalid:8888",
            proxy=proxy.url,
            proxy_headers={"Proxy-Authorization": "Basic abc"},
            api_key=KEY,
        )
        assert service.get_artifact("a/b").name == "model"

    [request] = proxy.requests
    assert request.target == "http://artifactd.invalid:8888/apis/v2beta1/artifacts/a%2Fb"
    assert request.header("host") == "artifactd.invalid:8888"
    assert (request.header("proxy-authorization"), request.header("authorization")) == ("Basic abc", "KEY")


def test_an_encrypted_request_goes_through_a_tunnel_that_sees_no_key(
    new_client: NewClient, certificates: Certificates
) -> None:
    with raw_server(reply(ARTIFACT), tls=certificates.good.context()) as server, raw_server(tunnel) as proxy:
        service = service_of(
            new_client,
            server.url,
            proxy=proxy.url,
            proxy_headers={"Proxy-Authorization": "Basic abc"},
            ssl_ca_cert=certificates.authority,
            api_key=KEY,
        )
        assert service.get_artifact("1").name == "model"
        service.api_client.close()

    [asked] = proxy.requests
    assert (asked.method, asked.target) == ("CONNECT", f"127.0.0.1:{server.port}")
    assert asked.header("proxy-authorization") == "Basic abc"
    assert asked.header("authorization") is None
    assert server.requests[0].header("authorization") == "KEY"
    assert server.requests[0].header("proxy-authorization") is None


def test_a_proxy_that_refuses_a_tunnel_is_told(new_client: NewClient) -> None:
    with raw_server(reply(b"", "407 Proxy Authentication Required")) as proxy:
        service = service_of(new_client, "https://artifactd.invalid", proxy=proxy.url, api_key=KEY, retries=0)
        with pytest.raises(REFUSED, match="407"):
            service.list_artifacts()

    assert proxy.requests[0].header("authorization") is None


def test_a_proxy_that_refuses_a_plain_request_is_an_api_exception(new_client: NewClient) -> None:
    with raw_server(reply(b"no", "407 Proxy Authentication Required")) as proxy, pytest.raises(ApiException) as caught:
        service_of(new_client, "http://artifactd.invalid", proxy=proxy.url).list_artifacts()

    assert (caught.value.status, caught.value.body) == (407, "no")


def test_a_proxy_that_is_not_there_is_urllib3s_error_that_says_so(new_client: NewClient) -> None:
    with refusing_port() as port:
        service = service_of(new_client, "http://artifactd.invalid", proxy=f"http://127.0.0.1:{port}", retries=0)
        with pytest.raises(urllib3.exceptions.HTTPError, match=r"(?i)proxy.*refused"):
            service.list_artifacts()


def test_a_proxy_that_is_no_proxy_is_told(new_client: NewClient) -> None:
    with raw_server(b"SSH-2.0-OpenSSH_9.6\r\n") as proxy:
        service = service_of(new_client, "http://artifactd.invalid", proxy=proxy.url, retries=0)
        with pytest.raises(REFUSED, match=r"(?i)badstatusline"):
            ArtifactServiceApi(service.api_client).list_artifacts()
