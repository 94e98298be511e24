"""Documents that are made from the code: the OpenAPI document and the table of settings."""

from __future__ import annotations

import json

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
