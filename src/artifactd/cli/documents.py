"""Documents that are made from the code: the OpenAPI document, and the tables of settings and of commands."""

from __future__ import annotations

import json
from collections.abc import Iterator

import click

from artifactd.settings import setting_infos


@click.command()
def openapi() -> None:
    """Print the API's OpenAPI 3 document as JSON."""
    from artifactd.rest.openapi import openapi_document

    click.echo(json.dumps(openapi_document(), indent=2, ensure_ascii=False))


@click.command("settings")
def settings_table() -> None:
    """Print every setting of `artifactd serve` as a Markdown table."""
    click.echo(settings_markdown())


def settings_markdown() -> str:
    """The table of settings for the documentation."""
    lines = ["| flag | variable | default | what it does |", "|---|---|---|---|"]
    for info in setting_infos():
        default = ", ".join(info.default) if info.kind == "list" else str(info.default)
        flag = f"{info.flag}, --no-{info.flag[2:]}" if info.kind == "bool" else info.flag
        choices = f" One of {', '.join(info.choices)}." if info.choices else ""
        lines.append(f"| `{flag}` | `{info.variable}` | `{default or ' '}` | {info.help}{choices} |")
    return "\n".join(lines)


def commands_markdown() -> str:
    """The table of commands for the documentation."""
    from artifactd.cli.main import main

    rows = [f"| `{name}` | {text} |" for name, text in _short_helps(main, "artifactd")]
    return "\n".join(["| command | what it does |", "|---|---|", *rows])


def _short_helps(command: click.Command, name: str) -> Iterator[tuple[str, str]]:
    """Every command that does something, by its whole name, with its first line of help."""
    if not isinstance(command, click.Group):
        yield name, command.get_short_help_str(200)
        return
    context = click.Context(command)
    for each in command.list_commands(context):
        found = command.get_command(context, each)
        if found is not None:
            yield from _short_helps(found, f"{name} {each}")
