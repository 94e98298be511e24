"""`artifactd serve`: every setting is a flag and an `ARTIFACTD_*` variable, both made from one table."""

from __future__ import annotations

import gc
import math
import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from artifactd.errors import InvalidArgument, ServiceError
from artifactd.settings import SettingInfo, Settings, is_loopback, setting_infos

if TYPE_CHECKING:
    import asyncio

    from artifactd.storage.store import Store

_HINTS = """
Log a metric:
  curl -s {url}/apis/v2beta1/metrics -H 'Content-Type: application/json' \\
    -d '{{"metric": {{"task_id": "train-1", "name": "accuracy", "value": 0.97}}}}'
Register the model that this task made:
  curl -s {url}/apis/v2beta1/artifacts -H 'Content-Type: application/json' \\
    -d '{{"artifact": {{"name": "iris", "type": "Model"}}, "task_id": "train-1"}}'
See what made what:
  curl -s '{url}/apis/v2beta1/lineage?task_id=train-1'

The whole API: {url}/docs    A real pipeline: {demo}    Stop: Ctrl-C
"""
_TYPES: dict[str, Any] = {"str": click.STRING, "int": click.INT, "float": click.FLOAT}


class _Words(click.ParamType):  # type: ignore[type-arg]  # No older click's is generic.
    """Words behind commas, for settings that hold several."""

    name = "list"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[str, ...]:
        """The words of a text; what is a list already stays."""
        del param, ctx
        if isinstance(value, str):
            return tuple(word.strip() for word in value.split(",") if word.strip())
        return tuple(value)


class _Finite(click.FloatRange):
    """A number within bounds; NaN and the infinities are within none."""

    def convert(self, value: Any, param: Any, ctx: Any) -> float:
        """The number."""
        number: float = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{value!r} is not a finite number.", param, ctx)
        return number


def _option(info: SettingInfo) -> Callable[[Any], Any]:
    kind: Any = _TYPES.get(info.kind)
    flag = info.flag
    if info.kind == "bool":
        flag, kind = f"{info.flag}/--no-{info.flag[2:]}", click.BOOL
    elif info.kind == "list":
        kind = click.STRING if info.repeatable else _Words()
    elif info.choices:
        kind = click.Choice(info.choices)
    elif info.minimum is not None:
        whole = info.kind == "int"
        maximum = None if info.maximum is None else int(info.maximum)
        kind = click.IntRange(int(info.minimum), maximum) if whole else _Finite(info.minimum, info.maximum)
    return click.option(
        flag,
        info.name,
        type=kind,
        multiple=info.repeatable,
        default=info.default,
        show_default=info.kind != "list",
        envvar=info.variable,
        show_envvar=True,
        help=info.help,
    )


def _with_settings(command: Any) -> Any:
    for info in reversed(setting_infos()):
        command = _option(info)(command)
    return command


@click.command()
@_with_settings
@click.option("--hints", is_flag=True, help="Once ready, also print three requests to try.")
def serve(*, hints: bool, **given: Any) -> None:
    """Serve the API, until SIGTERM or Ctrl-C.

    Prints one line with its address when it is ready. Everything can be set by a flag or by a variable of the
    environment; a flag wins.

    \b
    Examples:
      artifactd serve
      artifactd serve --port 9000 --database-url sqlite:////var/lib/artifactd/store.db
      ARTIFACTD_LOG_FORMAT=console artifactd serve
    """
    import asyncio

    from artifactd.auth.assembly import check_auth
    from artifactd.rest.tls import Certificate
    from artifactd.storage.store import require_shareable

    settings = _in_cluster(Settings(**given))
    try:
        check_address(settings)
        check_auth(settings)
        if settings.tls_cert or settings.tls_key:
            Certificate(settings.tls_cert, settings.tls_key)
        require_shareable(settings.database_url, settings.workers)
        if settings.workers > 1:
            asyncio.run(serve_with_workers(settings, hints=hints))
        else:
            with asyncio.Runner(loop_factory=new_loop) as runner:
                runner.run(_serve(settings, hints=hints))
    except ServiceError as error:
        raise click.ClickException(error.message) from error


def _in_cluster(settings: Settings) -> Settings:
    """The settings with what Kubernetes tells every pod: where its API server is."""
    host, port = os.environ.get("KUBERNETES_SERVICE_HOST"), os.environ.get("KUBERNETES_SERVICE_PORT", "443")
    if settings.kubernetes_url or not host or "kubernetes" not in settings.auth:
        return settings
    return replace(settings, kubernetes_url=f"https://[{host}]:{port}" if ":" in host else f"https://{host}:{port}")


def new_loop() -> asyncio.AbstractEventLoop:
    """A new event loop to serve on."""
    import uvloop

    return uvloop.new_event_loop()


def check_address(settings: Settings) -> None:
    """Refuses to serve everyone without authentication, unless told so in words.

    Raises:
        InvalidArgument: saying what to do.
    """
    if not settings.authenticates and not is_loopback(settings.host) and not settings.allow_unauthenticated:
        raise InvalidArgument(
            f"--host {settings.host} is not a loopback address, and without authentication anyone who reaches it could "
            "read and change everything: say --auth keys (or kubernetes, or oidc), use 127.0.0.1, or say "
            "--allow-unauthenticated"
        )


async def open_store_of(settings: Settings) -> Store:
    """Opens the store as the settings say.

    Raises:
        InvalidArgument: a URL is not right, or the store is of another version.
        Unavailable: it cannot be opened.
    """
    from artifactd.storage.store import StoreOptions, open_store

    return await open_store(
        settings.database_url,
        StoreOptions(
            write_queue_max=settings.write_queue_max,
            scan_threads=settings.scan_threads,
            scan_queue_max=settings.scan_queue_max,
            scan_timeout_s=settings.scan_timeout_s,
            write_connections=settings.write_connections,
            read_connections=settings.read_connections,
            write_timeout_s=settings.write_timeout_s,
            migrate=settings.migrate,
            synchronous=settings.sqlite_synchronous,
            cache_bytes=settings.sqlite_cache_bytes,
        ),
        read_urls=settings.read_database_url,
        clock=lambda: time.time_ns() // 1_000,
    )


async def _serve(settings: Settings, *, hints: bool) -> None:
    from artifactd.rest.app import create_app
    from artifactd.rest.monitoring import configure_logging
    from artifactd.rest.server import listen, make_server

    configure_logging(settings.log_level, settings.log_format)
    _warn_of_openness(settings)
    listener = listen(settings.host, settings.port)
    store = await open_store_of(settings)
    try:
        server = make_server(create_app(settings, store), settings, lambda address: _say_ready(address, hints=hints))
        # What was made so far lives as long as the program: the collector need not look at it again.
        gc.freeze()
        await server.serve([listener])
        if hints:
            click.echo("artifactd has stopped")
    finally:
        await store.close()


async def serve_with_workers(settings: Settings, *, hints: bool) -> None:
    """Serves with several processes, which no store but one that they may share can stand.

    Raises:
        InvalidArgument: the address or the store is not right.
        ServiceError: the store cannot be opened, or the workers do not stay alive.
    """
    from artifactd.cli.workers import supervise
    from artifactd.rest.monitoring import configure_logging

    configure_logging(settings.log_level, settings.log_format, worker=0)
    _warn_of_openness(settings)
    await supervise(settings, lambda address: _say_ready(address, hints=hints))
    if hints:
        click.echo("artifactd has stopped")


def _warn_of_openness(settings: Settings) -> None:
    import structlog

    if is_loopback(settings.host):
        return
    log = structlog.get_logger("artifactd")
    if not settings.authenticates and settings.allow_unauthenticated:
        log.warning("anyone who reaches this address may read and change everything", host=settings.host)
    elif settings.authenticates and not settings.tls_cert and not settings.trusted_proxies:
        log.warning("credentials come unencrypted: give --tls-cert, or name the proxy that has TLS", host=settings.host)


def _say_ready(address: str, *, hints: bool) -> None:
    click.echo(f"artifactd is ready at {address}")
    if hints:
        port = address.rsplit(":", 1)[1]
        click.echo(_HINTS.format(url=address, demo="make demo" if port == "8888" else f"make demo PORT={port}"))
    sys.stdout.flush()
