"""Our Python client: under both of its import names, against real servers and against bare sockets."""

from __future__ import annotations

import importlib
import shutil
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import pytest
from artifactd_client import ApiClient, ArtifactServiceApi, Configuration, HealthzServiceApi, RunServiceApi
from client.sides import Sides, sides
from client.sockets import RawServer, raw_server
from support import Api

NewClient = Callable[..., ApiClient]


@pytest.fixture(params=["artifactd_client", "kfp_server_api"])
def package(request: pytest.FixtureRequest) -> ModuleType:
    """The client under each of its import names."""
    return importlib.import_module(request.param)


@pytest.fixture
def recorder() -> Iterator[RawServer]:
    """A server that keeps each request's bytes, and answers all with an empty object."""
    with raw_server() as server:
        yield server


@pytest.fixture
def both(recorder: RawServer) -> Sides:
    """The official client and ours, both with a key."""
    return sides(recorder, configuration={"api_key": {"authorization": "KEY"}})


@pytest.fixture
def new_client() -> Iterator[NewClient]:
    """Gives a client of a host; keywords become attributes of its configuration."""
    clients: list[ApiClient] = []

    def make(host: str, **attributes: object) -> ApiClient:
        configuration = Configuration(host=host)
        for name, value in attributes.items():
            assert hasattr(configuration, name)
            setattr(configuration, name, value)
        clients.append(ApiClient(configuration))
        return clients[-1]

    yield make
    for client in clients:
        client.close()


@pytest.fixture
def client(api: Api, new_client: NewClient) -> ApiClient:
    """A client of a real server over an empty store of each engine."""
    return new_client(api.url)


@pytest.fixture
def artifacts(client: ApiClient) -> ArtifactServiceApi:
    """Artifacts, metrics, links and lineage of a real server."""
    return ArtifactServiceApi(client)


@pytest.fixture
def runs(client: ApiClient) -> RunServiceApi:
    """Tasks and runs of a real server."""
    return RunServiceApi(client)


@pytest.fixture
def health(client: ApiClient) -> HealthzServiceApi:
    """The health of a real server."""
    return HealthzServiceApi(client)


class Certificate(NamedTuple):
    """Files of a certificate and of its key."""

    cert: str
    key: str

    def context(self, clients_of: str | None = None) -> ssl.SSLContext:
        """What a server shows; with `clients_of`, clients must show certificates of that authority."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.cert, self.key)
        if clients_of:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(clients_of)
        return context


class Certificates(NamedTuple):
    """An authority and what it has signed."""

    authority: str
    good: Certificate
    other_host: Certificate
    expired: Certificate
    of_a_client: Certificate


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """Certificates for 127.0.0.1 and others, made with the openssl command."""
    if shutil.which("openssl") is None:
        pytest.skip("there is no openssl command")
    folder = tmp_path_factory.mktemp("certificates")
    authority = _authority(folder)
    return Certificates(
        authority,
        good=_signed(folder, "good", "IP:127.0.0.1"),
        other_host=_signed(folder, "other-host", "DNS:other.example"),
        expired=_signed(folder, "expired", "IP:127.0.0.1", "20200101000000Z", "20200102000000Z"),
        of_a_client=_signed(folder, "client", "DNS:client.example"),
    )


def _authority(folder: Path) -> str:
    (folder / "index").touch()
    (folder / "serial").write_text("01\n")
    (folder / "ca.cnf").write_text(
        "[ca]\ndefault_ca=this\n[this]\nnew_certs_dir=.\ndatabase=index\nserial=serial\ncertificate=ca.pem\n"
        "private_key=ca.key\ndefault_md=sha256\npolicy=any\nunique_subject=no\nemail_in_dn=no\nrand_serial=yes\n"
        "[any]\ncommonName=supplied\n"
        "[req]\ndistinguished_name=dn\nx509_extensions=of_ca\n[dn]\n"
        "[of_ca]\nbasicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\nsubjectKeyIdentifier=hash\n"
    )
    _openssl(folder, f"req -x509 -config ca.cnf -days 30 -subj /CN=authority -out ca.pem {_new_key('ca')}")
    return str(folder / "ca.pem")


def _signed(
    folder: Path, name: str, host: str, begin: str = "20200101000000Z", end: str = "20990101000000Z"
) -> Certificate:
    (folder / f"{name}.ext").write_text(
        f"subjectAltName={host}\nbasicConstraints=CA:FALSE\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n"
    )
    _openssl(folder, f"req -new -config ca.cnf -subj /CN={name} -out {name}.csr {_new_key(name)}")
    files = f"-in {name}.csr -out {name}.pem -extfile {name}.ext"
    _openssl(folder, f"ca -batch -notext -config ca.cnf {files} -startdate {begin} -enddate {end}")
    return Certificate(str(folder / f"{name}.pem"), str(folder / f"{name}.key"))


def _new_key(name: str) -> str:
    return f"-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout {name}.key"


def _openssl(folder: Path, command: str) -> None:
    done = subprocess.run(["openssl", *command.split()], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture(autouse=True)
def _digits_as_python_limits_them() -> Iterator[None]:
    """The command line lifts Python's limit on the digits of integers; in this process it may have run before."""
    limit = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(sys.int_info.default_max_str_digits)
    yield
    sys.set_int_max_str_digits(limit)
