"""Waiting for what other processes do: by looking again and again, and never for ever."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")


def wait_until(look: Callable[[], Found | None], seconds: float, what: str, every_s: float = 0.1) -> Found:
    """What `look` gives, as soon as it is true.

    Args:
        look: is called until it gives something true; an OSError counts as not yet.
        seconds: after so long, no more.
        what: what is waited for, for the error's sentence.
        every_s: the pause between two looks.

    Raises:
        TimeoutError: it has not come; says what the last look gave.
    """
    pause = threading.Event()
    end = time.monotonic() + seconds
    last: object = None
    while time.monotonic() < end:
        try:
            found = look()
        except OSError as error:
            last = error
        else:
            if found:
                return found
            last = found
        pause.wait(every_s)
    raise TimeoutError(f"{what}: not within {seconds:g} s; the last look gave {last!r}")


def answer_of(command: list[str], seconds: float) -> str:
    """What a command prints, without blanks around it.

    Raises:
        OSError: it failed; says what it said.
        TimeoutError: it took longer.
    """
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired as error:
        raise TimeoutError(f"{command[0]}: no answer within {seconds:g} s") from error
    if done.returncode:
        raise OSError(done.stderr.strip())
    return done.stdout.strip()
