"""The program's commands by what they are for, each imported only when it is used."""

from __future__ import annotations

import importlib
from typing import Any, Final

import click

from artifactd.cli.failing import EXIT_CODES, told_by_exit_code
from artifactd.cli.terminal import speak_safely

SECTIONS: Final[dict[str, dict[str, str]]] = {
    "Serving": {
        "serve": "serve:serve",
        "migrate": "migrate:migrate",
        "settings": "documents:settings_table",
        "openapi": "documents:openapi",
    },
    "Looking after a store": {
        "backup": "backup:backup",
        "restore": "backup:restore",
        "copy": "copy:copy",
        "key": "key:key",
        "audit": "audit:audit",
    },
    "Looking and recording, in a running server": {
        "artifact": "artifact:artifact",
        "metric": "metric:metric",
        "task": "task:task",
        "run": "run:run",
        "lineage": "lineage:lineage",
        "search": "search:search",
        "namespace": "search:namespace",
        "import": "importing:import_group",
    },
    "More": {
        "config": "config:config",
        "completion": "completion:completion",
    },
}
"""For each command, below its section's heading, the module and the object that it is."""


class Program(click.Group):
    """The root command: finds the others lazily, shows them by section, and ends as the exit codes say."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands."""
        del ctx
        return [name for commands in SECTIONS.values() for name in commands]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name."""
        del ctx
        for commands in SECTIONS.values():
            if cmd_name in commands:
                module, _, attribute = commands[cmd_name].partition(":")
                found: click.Command = getattr(importlib.import_module(f"artifactd.cli.{module}"), attribute)
                return found
        return None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes the commands below their sections' headings, then the exit codes."""
        for heading, names in SECTIONS.items():
            commands = [(name, self.get_command(ctx, name)) for name in names]
            with formatter.section(heading):
                formatter.write_dl([(name, each.get_short_help_str(90)) for name, each in commands if each])
        with formatter.section("Exit codes"):
            formatter.write_dl([(str(code), meaning) for code, meaning in EXIT_CODES.items()])

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Reads the command line; a help page may meet a broken pipe too."""
        speak_safely()
        with told_by_exit_code():
            return super().make_context(info_name, args, parent, **extra)
        raise AssertionError

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the command."""
        with told_by_exit_code():
            return super().invoke(ctx)
