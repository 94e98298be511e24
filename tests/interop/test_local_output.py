"""What is understood of `kfp.local`'s log and of its tasks' output."""

from __future__ import annotations

import io
import logging
from datetime import UTC, datetime

import pytest

from artifactd.interop.local_output import ERROR_LENGTH_MAX, LogListener, OutputKeeper, TaskEnded, TaskStarted

CREATED_S = 1_767_323_045.5
AT = datetime.fromtimestamp(CREATED_S, UTC)


def record_of(message: str) -> logging.LogRecord:
    record = logging.LogRecord("root", logging.INFO, __file__, 1, message, None, None)
    record.created = CREATED_S
    return record


@pytest.mark.parametrize(
    ("message", "event"),
    [
        ("Executing task \x1b[96m'load-data'\x1b[0m", TaskStarted("load-data", AT)),
        (
            "Task \x1b[96m'load-data'\x1b[0m finished with status \x1b[92mSUCCESS\x1b[0m",
            TaskEnded("load-data", AT, succeeded=True),
        ),
        (
            "Task \x1b[96m'load-data'\x1b[0m finished with status \x1b[91mFAILURE\x1b[0m",
            TaskEnded("load-data", AT, succeeded=False),
        ),
    ],
)
def test_a_line_of_the_log_that_tells_of_a_task_is_an_event(message: str, event: TaskStarted | TaskEnded) -> None:
    events: list[TaskStarted | TaskEnded] = []

    passed = LogListener(events.append).filter(record_of(message))

    assert (passed, events) == (True, [event])


@pytest.mark.parametrize("message", ["Streamed logs:\n", "Running pipeline: 'x'", "Task 'x' outputs:\n    y: 1"])
def test_another_line_of_the_log_passes_without_an_event(message: str) -> None:
    events: list[TaskStarted | TaskEnded] = []

    assert LogListener(events.append).filter(record_of(message))
    assert events == []


def test_everything_written_goes_to_the_file() -> None:
    file = io.StringIO()

    print("    one", "two", file=OutputKeeper(file))

    assert file.getvalue() == "    one two\n"


def test_the_error_is_the_last_exception_with_its_traceback() -> None:
    keeper = OutputKeeper(io.StringIO())
    keeper.write(
        "    Traceback (most recent call last):\n"
        '      File "a.py", line 1, in first\n'
        "    KeyError: 'x'\n"
        "    During handling of the above exception, another exception occurred:\n"
        "    Traceback (most recent call last):\n"
        '      File "b.py", line 2, in second\n'
        "        raise ValueError(message)\n"
        "    ValueError: cannot fit\n"
        "\n"
    )

    exception, _, trace = keeper.error().partition("\n\n")
    assert exception == "ValueError: cannot fit"
    assert trace.splitlines()[:2] == [
        "Traceback (most recent call last):",
        '  File "b.py", line 2, in second',
    ]


def test_an_end_without_an_exception_shows_the_last_output() -> None:
    keeper = OutputKeeper(io.StringIO())
    keeper.write("    Segmentation fault\n")

    assert keeper.error() == "the task ended without a Python exception; its last output was:\n    Segmentation fault"


def test_the_output_of_the_task_before_is_no_part_of_an_error() -> None:
    keeper = OutputKeeper(io.StringIO())
    keeper.write("Traceback (most recent call last):\nValueError: an old one\n")
    keeper.forget()
    keeper.write("Killed\n")

    assert "an old one" not in keeper.error()


def test_an_error_has_a_bounded_length() -> None:
    keeper = OutputKeeper(io.StringIO())
    keeper.write("x" * 3 * ERROR_LENGTH_MAX + "\n")

    assert len(keeper.error()) < ERROR_LENGTH_MAX + 100


def test_an_error_has_no_character_that_a_terminal_acts_on_or_the_service_refuses() -> None:
    keeper = OutputKeeper(io.StringIO())
    keeper.write("Traceback (most recent call last):\n\x1b[1;35mValueError\x1b[0m: a\x00b\x1b]0;c\n")

    assert keeper.error().splitlines()[0] == "ValueError: a\\x00b\\x1b]0;c"
