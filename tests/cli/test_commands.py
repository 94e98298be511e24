"""The commands as a whole: their help, their start, their completion, and the page that documents them."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from cli.conftest import Cli
from cli.processes import environment, run
from support import ROOT

from artifactd.cli.documents import commands_markdown
from artifactd.cli.failing import EXIT_CODES
from artifactd.cli.main import main

PAGE = ROOT / "docs" / "cli.md"


def commands(command: click.Command = main, name: str = "artifactd") -> Iterator[tuple[str, click.Command]]:
    """Every command that does something, by its whole name."""
    if isinstance(command, click.Group):
        context = click.Context(command)
        for each in command.list_commands(context):
            found = command.get_command(context, each)
            assert found is not None
            yield from commands(found, f"{name} {each}")
    else:
        yield name, command


COMMANDS = dict(commands())


@pytest.mark.parametrize("name", [each for each in COMMANDS if each not in ("artifactd settings", "artifactd openapi")])
def test_every_help_has_an_example(name: str) -> None:
    text = COMMANDS[name].help or ""

    assert re.search(r"(Examples?|To install it, once):\n +.*artifactd", text)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_and_argument_is_explained(name: str) -> None:
    command = COMMANDS[name]
    options = [each for each in command.params if isinstance(each, click.Option)]

    assert command.get_short_help_str(200).endswith((".", "…"))
    assert [each.name for each in options if not each.help] == []


def options_of(name: str) -> set[str]:
    return {word for each in COMMANDS[name].params if isinstance(each, click.Option) for word in each.opts}


def test_the_page_has_every_command_with_its_one_line() -> None:
    assert commands_markdown() in PAGE.read_text()


def test_the_page_mentions_every_option_of_the_commands_for_a_running_server() -> None:
    text = PAGE.read_text()
    asking = [name for name in COMMANDS if name.split()[1] not in ("serve", "settings", "openapi", "import")]

    missing = {word for name in asking for word in options_of(name) if not re.search(rf"{word}(?![\w-])", text)}

    assert missing == set()


def test_the_page_has_every_exit_code() -> None:
    text = PAGE.read_text()

    assert [
        f"| {code} | {meaning} |" for code, meaning in EXIT_CODES.items() if f"| {code} | {meaning} |" not in text
    ] == []


@pytest.mark.parametrize(
    "arguments", [("--help",), ("artifact", "list", "--server", "http://127.0.0.1:1"), ("completion", "bash")]
)
def test_a_command_starts_without_the_server(arguments: tuple[str, ...]) -> None:
    script = (
        "import sys\nfrom artifactd.cli.main import main\n"
        "try: main(sys.argv[1:])\n"
        "except SystemExit: pass\n"
        "heavy = {'httptools', 'sqlalchemy', 'alembic', 'apsw', 'msgspec', 'uvloop', 'structlog', 'asyncio', 'yaml'}\n"
        "print('loaded', sorted(heavy & set(sys.modules)))\n"
    )

    done = subprocess.run([sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=True)

    assert done.stdout.splitlines()[-1] == "loaded []"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_gets_its_script(tmp_path: object, shell: str) -> None:
    done = run(environment(tmp_path), "completion", shell)

    assert done.code == 0
    assert "_ARTIFACTD_COMPLETE" in done.out


def completions(tmp_path: object, *words: str) -> list[str]:
    """What bash would be offered for the last word."""
    env = environment(
        tmp_path,
        _ARTIFACTD_COMPLETE="bash_complete",
        COMP_WORDS=" ".join(("artifactd", *words)),
        COMP_CWORD=str(len(words)),
    )
    return [line.partition(",")[2] for line in run(env).out.splitlines()]


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (("art",), ["artifact"]),
        (("metric", "h"), ["history"]),
        (("artifact", "list", "--whe"), ["--where"]),
        (("artifact", "list", "--where", "na"), ["name=", "namespace="]),
        (("artifact", "list", "--where", "type=M"), ["type=Model", "type=Markdown", "type=Metric"]),
        (("task", "list", "--sort", "st"), ["state", "start_time"]),
        (("run", "list", "--columns", "run_id,dis"), ["run_id,display_name"]),
        (("artifact", "create", "--type", "Mo"), ["Model"]),
        (("lineage", "--format", "m"), ["mermaid"]),
        (("config", "set", "s"), ["server"]),
    ],
)
def test_names_are_completed(tmp_path: object, words: tuple[str, ...], offered: list[str]) -> None:
    assert completions(tmp_path, *words) == offered


def test_bash_takes_the_script_and_completes_with_it(tmp_path: Path) -> None:
    script = run(environment(tmp_path), "completion", "bash").out
    (tmp_path / "artifactd").write_text(f'#!/bin/sh\nexec {sys.executable} -m artifactd "$@"\n')
    (tmp_path / "artifactd").chmod(0o755)
    ask = (
        "COMP_WORDS=(artifactd art); COMP_CWORD=1\n"
        "_artifactd_completion artifactd art artifactd\n"
        'printf "%s\\n" "${COMPREPLY[@]}"\n'
    )

    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-c", f"PATH={tmp_path}:$PATH\n{script}\n{ask}"],
        env=environment(tmp_path), capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.stdout.split() == ["artifact"], done.stderr


def test_the_root_help_groups_the_commands(cli: Cli) -> None:
    shown = cli("-h").out

    assert shown.index("Serving:") < shown.index("Looking and recording, in a running server:") < shown.index("More:")


def test_the_tour_of_the_page_works(cli: Cli, env: dict[str, str], tmp_path: Path) -> None:
    blocks = re.findall(r"<!-- tour -->\n```sh\n(.*?)```", PAGE.read_text(), re.DOTALL)
    (tmp_path / "artifactd").write_text(f'#!/bin/sh\nexec {sys.executable} -m artifactd "$@"\n')
    (tmp_path / "artifactd").chmod(0o755)
    script = "\n".join([f"PATH={tmp_path}:$PATH", "set -euo pipefail", *blocks])

    done = subprocess.run(["bash", "-c", script], env=env, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert "1,500 metrics logged" in done.stderr
    assert "└── Model iris as model" in done.stdout
    assert len((tmp_path / "artifacts.csv").read_text().splitlines()) == 3
    assert cli("artifact", "list", "-q", "--where", "metadata.stage=production").out
