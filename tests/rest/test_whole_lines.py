"""Lines of several processes on one standard error stay whole."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from artifactd.rest.whole_lines import WholeLines

WRITER = """
import sys
from artifactd.rest.whole_lines import WholeLines
name = sys.argv[1]
for length in (1, 50, 700, 4_000):
    for count in (1, 30):
        WholeLines(1).write((name * length + "\\n") * count)
"""


def written(*texts: bytes | str) -> bytes:
    """What comes out of a pipe."""
    reading, writing = os.pipe()
    lines = WholeLines(writing)
    for text in texts:
        assert lines.write(text) == len(text)
    lines.flush()
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        return pipe.read()


@pytest.mark.parametrize("length", [1, 1_000, 5_000])
def test_everything_is_written_in_order(length: int) -> None:
    lines = b"".join(b"%d" % number * length + b"\n" for number in range(6))

    assert written(lines, b"the end\n") == lines + b"the end\n"


def test_text_that_no_encoding_takes_is_escaped() -> None:
    assert written("caf\u00e9 \udc80\n") == b"caf\xc3\xa9 \\udc80\n"


def test_processes_do_not_tear_each_others_lines() -> None:
    reading, writing = os.pipe()
    processes = [subprocess.Popen([sys.executable, "-c", WRITER, name], stdout=writing) for name in "abc"]
    os.close(writing)
    with os.fdopen(reading, "r") as pipe:
        lines = pipe.read().splitlines()

    assert [process.wait(60) for process in processes] == [0, 0, 0]
    assert len(lines) == 3 * 4 * 31
    assert all(len(set(line)) == 1 for line in lines)
