"""`artifactd config …`: the file that keeps the server, the API key and the namespace."""

from __future__ import annotations

import os
import sys

import click

from artifactd.cli.characters import padded, printable
from artifactd.cli.config_file import KEYS, config_path, read_config, write_config
from artifactd.cli.connection import DEFAULT_SERVER
from artifactd.cli.failing import say


@click.group()
def config() -> None:
    """Keep where the server is, and the API key, in a file.

    A flag beats a variable (ARTIFACTD_SERVER, ARTIFACTD_API_KEY, ARTIFACTD_NAMESPACE), and a variable beats the
    file, which is ~/.config/artifactd/config.toml unless ARTIFACTD_CONFIG or XDG_CONFIG_HOME says otherwise:

    \b
      server = "https://artifacts.example.org"
      api_key = "…"
      namespace = "research"

    \b
    Example:
      artifactd config set server https://artifacts.example.org
    """


@config.command()
def path() -> None:
    """Print where the file is, or would be.

    \b
    Example:
      $EDITOR "$(artifactd config path)"
    """
    click.echo(str(config_path()))


@config.command()
def show() -> None:
    """Print what commands go by, and where each of it comes from. The key is never printed whole.

    \b
    Example:
      artifactd config show
    """
    file = config_path()
    read = read_config(file)
    if read.warning is not None:
        say(f"warning: {read.warning}")
    for key in KEYS:
        variable = f"ARTIFACTD_{key.upper()}"
        value, origin = os.environ.get(variable), variable
        if not value:
            value, origin = read.values.get(key), str(file)
        if not value:
            value, origin = (DEFAULT_SERVER, "default") if key == "server" else ("-", "not set")
        elif key == "api_key":
            value = _masked(value)
        click.echo(f"{padded(key, 10)}  {printable(value)}  ({printable(origin)})")


@config.command("set")
@click.argument("key", type=click.Choice(KEYS))
@click.argument("value")
def set_(key: str, value: str) -> None:
    """Set KEY to VALUE in the file, which only its owner may read from then on.

    An empty VALUE removes the key; - reads it from standard input, so that an API key stands in no shell history.

    \b
    Examples:
      artifactd config set namespace research
      artifactd config set api_key - < key.txt
      artifactd config set namespace ''
    """
    if value == "-":
        on_terminal = sys.stdin.isatty()
        value = click.prompt(key, hide_input=True, err=True) if on_terminal else sys.stdin.readline().strip()
    if key == "server" and value and not value.startswith(("http://", "https://")):
        raise click.BadParameter(f"{value!r} is not a base URL; give one like {DEFAULT_SERVER}.", param_hint="VALUE")
    file = config_path()
    write_config(file, key, value)
    say(f"{key} is {'set' if value else 'removed'} in {file}")


def _masked(key: str) -> str:
    """A key by its end, if that leaves enough unsaid."""
    return f"…{key[-4:]}" if len(key) >= 16 else "…"
