"""Every setting, once: this table makes the flags of `artifactd serve`, the `ARTIFACTD_*` variables and the docs."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple


class SettingInfo(NamedTuple):
    """One row of the table of settings.

    `kind` is `str`, `int`, `float`, `bool` or `list` (comma-separated, or, where it is `repeatable`, a flag that is
    given several times and a variable in which blanks separate); `choices` are the allowed values, or empty; `minimum`
    and `maximum` bound numbers.
    """

    name: str
    kind: str
    default: Any
    help: str
    choices: tuple[str, ...] = ()
    repeatable: bool = False
    minimum: float | None = None
    maximum: float | None = None

    @property
    def flag(self) -> str:
        """The setting's flag of the command line."""
        return "--" + self.name.replace("_", "-")

    @property
    def variable(self) -> str:
        """The setting's environment variable."""
        return "ARTIFACTD_" + self.name.upper()


def _setting(
    default: Any,
    text: str,
    *,
    choices: tuple[str, ...] = (),
    repeatable: bool = False,
    minimum: float | None = None,
    maximum: float | None = None,
) -> Any:
    metadata = {"help": text, "choices": choices, "repeatable": repeatable, "minimum": minimum, "maximum": maximum}
    return field(default=default, metadata=metadata)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a server is told at its start. Times are in seconds, sizes in bytes."""

    host: str = _setting("127.0.0.1", "Address to listen on. One that is not loopback needs authentication.")
    port: int = _setting(8888, "Port to listen on; 0 takes a free one.", minimum=0, maximum=65_535)
    workers: int = _setting(
        1, "Processes that serve the address together; more than 1 needs PostgreSQL or MariaDB.", minimum=1, maximum=256
    )
    database_url: str = _setting(
        "sqlite:///artifactd.db",
        "Where the store is: sqlite:///PATH, postgresql://USER:PASSWORD@HOST/DATABASE or "
        "mysql://USER:PASSWORD@HOST/DATABASE (MariaDB too). Several hosts: HOST:PORT,HOST:PORT.",
    )
    read_database_url: tuple[str, ...] = _setting(
        (),
        "A replica of the database, for reads that say how old an answer may be (Cache-Control: max-age=SECONDS). "
        "May be given several times; in the variable, blanks separate.",
        repeatable=True,
    )
    page_max_age_s: int = _setting(
        0, "Seconds that what a page in the browser shows may be old, where it does not say so itself.", minimum=0
    )
    migrate: bool = _setting(False, "Migrate a store of an older version at the start, instead of refusing it.")
    default_namespace: str = _setting("", "Namespace of what is created without one.")
    auth: tuple[str, ...] = _setting(
        ("none",),
        "How callers are known: keys (artifactd key create), kubernetes, oidc, or several behind commas.",
        choices=("none", "keys", "kubernetes", "oidc"),
    )
    auth_cache_s: float = _setting(
        10.0, "Seconds that what Kubernetes or a token of OIDC tells of a caller is relied on.", minimum=0, maximum=300
    )
    failed_attempts_max: int = _setting(
        20, "Bad credentials that an address may send in a minute; more get 429. 0: any number.", minimum=0
    )
    trusted_proxies: tuple[str, ...] = _setting(
        (), "Addresses or networks of proxies whose X-Forwarded-For and user header are believed."
    )
    user_header: str = _setting(
        "kubeflow-userid", "Header in which a trusted proxy names the user, with --auth kubernetes."
    )
    user_prefix: str = _setting("", "What stands before the user's name in that header.")
    kubernetes_url: str = _setting("", "The API server; empty is that of the cluster in which this runs.")
    kubernetes_ca_file: str = _setting(
        "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt", "Certificates that the API server is trusted by."
    )
    kubernetes_token_file: str = _setting(
        "/var/run/secrets/kubernetes.io/serviceaccount/token", "This service's own token for the API server."
    )
    kubernetes_audience: str = _setting(
        "pipelines.kubeflow.org", "Audience that callers' tokens must be for; empty: that of the API server itself."
    )
    kubernetes_resource: str = _setting(
        "runs",
        "Resource of pipelines.kubeflow.org that rights are looked up for: runs, or artifacts as later KFP has it.",
        choices=("runs", "artifacts"),
    )
    kubernetes_timeout_s: float = _setting(5.0, "Seconds that the API server may take to answer.", minimum=0.1)
    oidc_issuer: str = _setting("", "Issuer of tokens, exactly as their claim iss has it.")
    oidc_audience: str = _setting("", "Audience that tokens must be for.")
    oidc_algorithms: tuple[str, ...] = _setting(
        ("RS256", "ES256"), "Algorithms of signatures that are taken: RS, PS or ES with 256, 384 or 512, or EdDSA."
    )
    oidc_grant: tuple[str, ...] = _setting(
        (),
        "Who may do what, as CLAIM=VALUE:ROLE@NAMESPACE[,NAMESPACE]: groups=ml:writer@team-a. The value * is any one, "
        "and {value} in a namespace stands for it. May be given several times; in the variable, blanks separate.",
        repeatable=True,
    )
    oidc_name_claim: str = _setting("sub", "Claim that tells callers apart.")
    oidc_jwks_url: str = _setting("", "Where the issuer's keys are; empty: where its discovery document says.")
    oidc_ca_file: str = _setting("", "Certificates that the issuer is trusted by; empty: the system's.")
    allow_unauthenticated: bool = _setting(
        False, "Serve an address that is not loopback although anyone who reaches it may read and write everything."
    )
    allowed_hosts: tuple[str, ...] = _setting(
        (),
        "Host names, besides loopback ones, that a request may name; * allows all. "
        "With authentication on and nothing said here, all are.",
    )
    tls_cert: str = _setting("", "Certificate chain to serve HTTPS with, read again when it changes.")
    tls_key: str = _setting("", "Private key of that certificate.")
    rate_limit: float = _setting(
        0.0, "Requests a second that a caller may send; more get 429. 0: any number.", minimum=0
    )
    rate_burst: int = _setting(100, "Requests that a caller may send at once before that limit counts.", minimum=1)
    connections_max: int = _setting(10_000, "Connections that may be open; more get 503.", minimum=1)
    head_timeout_s: float = _setting(10.0, "Seconds that a request's head may take to arrive.", minimum=0.1)
    allowed_origins: tuple[str, ...] = _setting(
        (), "Origins of other web pages that may call the API from a browser, as https://host[:port]."
    )
    body_bytes_max: int = _setting(4 << 20, "Largest request body, in bytes.", minimum=1_024)
    request_line_bytes_max: int = _setting(128 << 10, "Longest path and query, in bytes.", minimum=1_024)
    header_bytes_max: int = _setting(256 << 10, "Largest request line and headers together, in bytes.", minimum=8_192)
    body_timeout_s: float = _setting(30.0, "Seconds that a request's body may take to arrive.", minimum=0.1)
    keep_alive_s: int = _setting(75, "Seconds that an idle connection is kept.", minimum=1)
    shutdown_timeout_s: int = _setting(10, "Seconds that requests in flight get to finish at a stop.", minimum=0)
    write_queue_max: int = _setting(1_024, "Writes that may wait for the store; more get 503 at once.", minimum=1)
    scan_threads: int = _setting(2, "Threads for reads that may have to look at many rows.", minimum=1)
    scan_queue_max: int = _setting(1_024, "Such reads that may wait for a thread; more get 503 at once.", minimum=1)
    scan_timeout_s: float = _setting(10.0, "Seconds that a long read may take before it gets 503.", minimum=0.01)
    write_connections: int = _setting(8, "Connections to a database server for writes.", minimum=1)
    read_connections: int = _setting(4, "Connections to a database server for reads that an index serves.", minimum=1)
    write_timeout_s: float = _setting(
        30.0, "Seconds that a write to a database server may take before it gets 503.", minimum=0.1
    )
    sqlite_synchronous: str = _setting(
        "FULL",
        "FULL: an answered write survives a power loss. NORMAL: only a crash of the program; faster.",
        choices=("FULL", "NORMAL"),
    )
    sqlite_cache_bytes: int = _setting(16 << 20, "Page cache of each SQLite connection, in bytes.", minimum=1 << 20)
    log_level: str = _setting("info", "Least severe log lines to print.", choices=("debug", "info", "warning", "error"))
    log_format: str = _setting("json", "Form of the log on standard error.", choices=("json", "console"))
    access_log: bool = _setting(True, "Print one log line for each request.")
    audit: str = _setting(
        "auto",
        "Whether each write is noted in the store (artifactd audit). auto: where authentication is on.",
        choices=("auto", "on", "off"),
    )
    audit_days: int = _setting(365, "Days that such a note is kept; 0: for ever.", minimum=0)

    @property
    def authenticates(self) -> bool:
        """Whether callers have to say who they are."""
        return self.auth != ("none",)

    @property
    def audits(self) -> bool:
        """Whether writes are noted in the store."""
        return self.audit == "on" or (self.audit == "auto" and self.authenticates)


def setting_infos() -> list[SettingInfo]:
    """The table of settings, in the order of documentation."""
    kinds = {"str": "str", "int": "int", "float": "float", "bool": "bool", "tuple[str, ...]": "list"}
    return [
        SettingInfo(
            name=item.name,
            kind=kinds[str(item.type)],
            default=item.default,
            help=item.metadata["help"],
            choices=item.metadata["choices"],
            repeatable=item.metadata["repeatable"],
            minimum=item.metadata["minimum"],
            maximum=item.metadata["maximum"],
        )
        for item in fields(Settings)
    ]


def is_loopback(name: str) -> bool:
    """Whether a host name or address means this machine itself."""
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
