"""At a terminal, narrow, wide or none; with colours and without; with somebody who waits, and nobody who reads."""

from __future__ import annotations

import subprocess

import pytest
from cli.conftest import Cli
from cli.processes import TIMEOUT_S, command, run_at_terminal
from support import Api

from artifactd.cli.characters import width_of

HOSTILE = "\x1b[31mred\x07\nforged\u202e\x9b2J"
ESCAPED = "\\x1b[31mred\\x07\\nforged\\u202e\\x9b2J"


@pytest.fixture(scope="module", autouse=True)
def artifacts(server: Api) -> None:
    """Enough artifacts for two pages; the last ones have names that would drive a terminal, and Chinese ones."""
    batch = [{"artifact": {"name": f"a{number:03}", "type": "Dataset"}} for number in range(250)]
    server.ok("POST", "/artifacts:batchCreate", {"artifacts": batch})
    server.artifact(name=HOSTILE, type="Model")
    server.artifact(name="数据集" * 20, type="Model", metadata={HOSTILE: HOSTILE})
    server.task(task_id="t", state="FAILED")


@pytest.mark.parametrize("columns", [200, 100, 80, 60, 40, 20])
def test_a_table_fits_the_terminal(env: dict[str, str], columns: int) -> None:
    done = run_at_terminal(env | {"NO_COLOR": "1"}, "artifact", "list", columns=columns)

    lines = done.out.splitlines()
    assert (done.code, len(lines)) == (0, 21)
    assert max(map(width_of, lines)) <= columns


def test_columns_says_how_wide_the_terminal_is(env: dict[str, str]) -> None:
    done = run_at_terminal(env | {"COLUMNS": "40", "NO_COLOR": "1"}, "artifact", "list", columns=120)

    assert 35 <= max(map(width_of, done.out.splitlines())) <= 40


def test_a_column_that_does_not_fit_is_named(env: dict[str, str]) -> None:
    done = run_at_terminal(env, "artifact", "list", columns=20)

    assert "type, created_at not shown: the terminal is too narrow; --columns chooses" in done.err


def test_without_a_terminal_nothing_is_cut_or_coloured(cli: Cli) -> None:
    done = cli("artifact", "list", COLUMNS="40")

    assert "数据集" * 20 in done.out
    assert "\x1b" not in done.out + done.err


def test_names_cannot_drive_the_terminal(env: dict[str, str]) -> None:
    done = run_at_terminal(env | {"NO_COLOR": "1"}, "artifact", "list", columns=200)

    assert ESCAPED in done.out
    assert "\x1b" not in done.out


@pytest.mark.parametrize("form", ["json", "jsonl"])
def test_names_cannot_drive_the_terminal_as_json(env: dict[str, str], form: str) -> None:
    done = run_at_terminal(env, "artifact", "list", "--format", form)

    assert not {"\x1b", "\x07", "\u202e", "\x9b"} & set(done.out)


def test_a_card_cannot_drive_the_terminal(env: dict[str, str], server: Api) -> None:
    (found,) = server.get("/artifacts", page_size=1, sort_by="created_at desc")["artifacts"]

    done = run_at_terminal(env | {"NO_COLOR": "1"}, "artifact", "get", found["artifact_id"])

    assert f"  {ESCAPED}  {ESCAPED}" in done.out
    assert "\x1b" not in done.out


def test_a_terminal_gets_colours(env: dict[str, str]) -> None:
    done = run_at_terminal(env, "task", "list")

    assert "\x1b[31mFAILED" in done.out


@pytest.mark.parametrize("more", [{"NO_COLOR": "1"}, {"TERM": "dumb"}, {"NO_COLOR": "1", "FORCE_COLOR": "1"}])
def test_colours_can_be_refused(env: dict[str, str], more: dict[str, str]) -> None:
    done = run_at_terminal(env | more, "task", "get", "missing")
    listed = run_at_terminal(env | more, "task", "list")

    assert "\x1b" not in done.out + done.err + listed.out + listed.err


def test_colours_can_be_forced_where_there_is_no_terminal(cli: Cli) -> None:
    assert "\x1b[31mFAILED" in cli("task", "list", FORCE_COLOR="1").out


def test_an_error_is_red_at_a_terminal(env: dict[str, str]) -> None:
    done = run_at_terminal(env, "task", "get", "missing", out=False)

    assert done.err.startswith("\x1b[31m\x1b[1mError:\x1b[0m")


def test_times_are_short_at_a_terminal_and_whole_elsewhere(env: dict[str, str], cli: Cli) -> None:
    shown = run_at_terminal(env, "artifact", "list", "--columns", "created_at", "--limit", 1)

    assert shown.out.splitlines()[-1] == "2025-10-09 08:53:20Z"
    assert cli("artifact", "list", "--columns", "created_at", "--limit", 1).out.splitlines()[-1].endswith("Z")
    assert "T08:53:20." in cli("artifact", "list", "--columns", "created_at", "--limit", 1).out


def test_whoever_waits_sees_how_far_it_is(env: dict[str, str]) -> None:
    done = run_at_terminal(env, "artifact", "list", "--all", "-q", out=False)

    assert "200 of 252 artifacts …" in done.err
    assert done.err.endswith("\r")


def test_nobody_is_shown_progress_without_a_terminal(env: dict[str, str], cli: Cli) -> None:
    assert cli("artifact", "list", "--all", "-q").err == ""
    assert "…" not in run_at_terminal(env, "artifact", "list", "--all", "-q", err=False).err


def test_the_progress_line_fits_the_terminal(env: dict[str, str]) -> None:
    done = run_at_terminal(env, "artifact", "list", "--all", "-q", columns=12, out=False)

    assert max(map(width_of, done.err.split("\r"))) < 12


@pytest.mark.parametrize(
    "arguments",
    [("artifact", "list", "--all", "--json"), ("artifact", "list", "--all"), ("--help",), ("artifact", "-h")],
)
def test_a_broken_pipe_is_quiet(env: dict[str, str], arguments: tuple[str, ...]) -> None:
    with subprocess.Popen(command(*arguments), env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        said = process.stderr.read()
        code = process.wait(TIMEOUT_S)

    assert (code, said) == (141, b"")


def test_a_reader_who_stops_halfway_is_a_broken_pipe(env: dict[str, str]) -> None:
    line = subprocess.list2cmdline(command("artifact", "list", "--all"))
    script = f"{line} | head -n 2; echo ${{PIPESTATUS[0]}}"

    done = subprocess.run(
        ["bash", "-c", script], env=env, capture_output=True, text=True, timeout=TIMEOUT_S, check=True
    )

    assert done.stdout.splitlines()[0].startswith("artifact_id")
    assert done.stdout.splitlines()[-1] in ("0", "141")
    assert done.stderr == ""


def test_an_output_that_cannot_be_written_is_said(env: dict[str, str]) -> None:
    with open("/dev/full", "w") as full:  # noqa: PTH123 -- A device, not a path of ours.
        done = subprocess.run(
            command("artifact", "list"), env=env, stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )

    assert (done.returncode, done.stderr.splitlines()[-1]) == (1, "Error: No space left on device")


def test_a_closed_output_is_no_bug(env: dict[str, str]) -> None:
    line = subprocess.list2cmdline(command("artifact", "list"))

    done = subprocess.run(["bash", "-c", f"{line} >&-"], env=env, capture_output=True, text=True, check=False)

    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_terminal_that_knows_few_characters_is_no_bug(cli: Cli, encoding: str) -> None:
    done = cli("artifact", "list", PYTHONIOENCODING=encoding)

    assert (done.code, "Traceback" in done.err) == (0, False)
