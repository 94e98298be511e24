"""How a command ends: exit codes that scripts can use, and errors in sentences, never a traceback."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from typing import Final

import click

from artifactd.cli.characters import printable
from artifactd.cli.terminal import terminal_of
from artifactd.errors import (
    Aborted,
    AlreadyExists,
    InvalidArgument,
    NotFound,
    PermissionDenied,
    ResourceExhausted,
    ServiceError,
    Unauthenticated,
    Unavailable,
)

EXIT_CODES: Final = {
    0: "fine",
    1: "the server failed, or something else went wrong",
    2: "the request is not right: a bad flag, condition, value or configuration",
    3: "not found",
    4: "not signed in, or not allowed",
    5: "the server cannot be reached, is too busy, or did not answer in time",
    6: "a conflict: what is there differs, or has changed meanwhile",
    130: "stopped with Ctrl-C",
    141: "nobody reads the output any more (a broken pipe)",
}
_CODES: Final[dict[type[ServiceError], int]] = {
    InvalidArgument: 2,
    NotFound: 3,
    Unauthenticated: 4,
    PermissionDenied: 4,
    Unavailable: 5,
    ResourceExhausted: 5,
    AlreadyExists: 6,
    Aborted: 6,
}


def say(text: str) -> None:
    """Prints a line on standard error, where everything goes that is no result."""
    click.echo(text, file=sys.stderr, color=True)


def escaped(text: str) -> str:
    """The text, several lines perhaps, with nothing in it that would drive the terminal."""
    return "\n".join(map(printable, text.split("\n")))


def exit_code_of(error: ServiceError) -> int:
    """The exit code that goes with an error of the service."""
    return next((code for kind, code in _CODES.items() if isinstance(error, kind)), 1)


@contextlib.contextmanager
def advised(kind: type[ServiceError], advice: str) -> Iterator[None]:
    """Adds what to do to an error of that kind."""
    try:
        yield
    except kind as error:
        raise type(error)(f"{error.message.rstrip('.')}. {advice}") from error


@contextlib.contextmanager
def told_by_exit_code() -> Iterator[None]:
    """Ends the program as EXIT_CODES says, whatever happens inside."""
    try:
        yield
        if sys.stdout is not None:
            sys.stdout.flush()
    except ServiceError as error:
        _say_error(error.message)
        raise click.exceptions.Exit(exit_code_of(error)) from error
    except KeyboardInterrupt:
        raise click.exceptions.Exit(130) from None
    except BrokenPipeError:
        _write_to_nowhere()
        raise click.exceptions.Exit(141) from None
    except UnicodeEncodeError as error:
        # What the shell gave is no text: Python hands on such bytes as lone surrogates, which no URL can carry.
        _say_error("an argument is not valid UTF-8.")
        raise click.exceptions.Exit(2) from error
    except OSError as error:
        _write_to_nowhere()
        where = f"{error.filename}: " if error.filename else ""
        _say_error(f"{where}{error.strerror or error}")
        raise click.exceptions.Exit(1) from error


def _write_to_nowhere() -> None:
    """Lets the interpreter flush what is left without failing again."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def _say_error(message: str) -> None:
    prefix = click.style("Error:", fg="red", bold=True) if terminal_of(sys.stderr).colour else "Error:"
    say(f"{prefix} {escaped(message)}")
