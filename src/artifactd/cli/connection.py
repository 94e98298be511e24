"""Where the server is and who is asking: flags beat `ARTIFACTD_*` variables, which beat the configuration file."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import click

from artifactd.cli.config_file import config_path, read_config
from artifactd.cli.failing import say
from artifactd.cli.terminal import terminal_of

if TYPE_CHECKING:
    from artifactd.interop.rest_client import RestClient

DEFAULT_SERVER: Final = "http://127.0.0.1:8888"
READ_TIMEOUT_S: Final = 60


class Connection(NamedTuple):
    """What a command needs to ask a server. `namespace` is `None` where none was named, empty for every one."""

    server: str
    api_key: str | None
    namespace: str | None
    timeout_s: float

    def client(self) -> RestClient:
        """A client for the server."""
        from artifactd.interop.rest_client import RestClient

        # As in `given.json_of`: answers hold integers of any size too.
        sys.set_int_max_str_digits(0)
        return RestClient(self.server, api_key=self.api_key, sleep=_wait, read_timeout_s=self.timeout_s)

    def in_namespace(self) -> dict[str, str]:
        """The namespace as a field of a message or a parameter of a query, if one was named."""
        return {"namespace": self.namespace} if self.namespace else {}


def connected(*, namespace: bool) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Gives a command the options that say where the server is, and the `Connection` as its first argument.

    Args:
        namespace: whether the command works in a namespace, and so takes --namespace.
    """

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(command)
        def with_connection(
            server: str | None, api_key: str | None, timeout_s: float, namespace: str | None = None, **given: Any
        ) -> Any:
            return command(_connection(server, api_key, namespace, timeout_s), **given)

        wrapped: Callable[..., Any] = with_connection
        for option in reversed(_options(namespace=namespace)):
            wrapped = option(wrapped)
        return wrapped

    return decorate


def _connection(server: str | None, api_key: str | None, namespace: str | None, timeout_s: float) -> Connection:
    config = read_config(config_path())
    if config.warning is not None:
        say(f"warning: {config.warning}")
    return Connection(
        server=server or config.values.get("server") or DEFAULT_SERVER,
        api_key=api_key or config.values.get("api_key"),
        namespace=config.values.get("namespace") if namespace is None else namespace,
        timeout_s=timeout_s,
    )


def _options(*, namespace: bool) -> list[Callable[[Callable[..., Any]], Callable[..., Any]]]:
    options: list[Callable[[Callable[..., Any]], Callable[..., Any]]] = [
        click.option(
            "--server",
            metavar="URL",
            envvar="ARTIFACTD_SERVER",
            show_envvar=True,
            help=f"Where the server is.  [default: {DEFAULT_SERVER}]",
        ),
        click.option(
            "--api-key",
            metavar="KEY",
            envvar="ARTIFACTD_API_KEY",
            show_envvar=True,
            help="For a server with authentication. A variable or the configuration file keeps it out of sight.",
        ),
        click.option(
            "--timeout",
            "timeout_s",
            metavar="SECONDS",
            type=click.FloatRange(min=0, min_open=True, max=86_400),
            default=READ_TIMEOUT_S,
            show_default=True,
            help="How long the server may take to answer.",
        ),
    ]
    if namespace:
        options.insert(
            2,
            click.option(
                "--namespace",
                metavar="NAME",
                envvar="ARTIFACTD_NAMESPACE",
                show_envvar=True,
                help="The namespace; '' is none in particular.  [default: the server's, or all for a list]",
            ),
        )
    return options


def _wait(seconds: float) -> None:
    """Waits as long as the server asks, and says so where somebody is waiting too."""
    import threading

    if terminal_of(sys.stderr).is_terminal and seconds > 0:
        say(f"the server is busy and asks to wait {seconds:g} s …")
    threading.Event().wait(seconds)
