"""How long a connection waits, with one timer that is seldom set anew."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from enum import Enum


class Wait(Enum):
    """What a connection waits for."""

    FIRST = "its first byte"
    NEXT = "another request"
    HEAD = "the rest of a head"
    BODY = "the rest of a body"


class Deadline:
    """When something has been waited for long enough.

    A timer that was set for an earlier moment stays set when the moment moves away, as it does with each request, and
    is set again when it goes off too early.

    Args:
        loop: the event loop.
        on_reached: is told what was waited for in vain.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, on_reached: Callable[[Wait], None]) -> None:
        self._loop = loop
        self._on_reached = on_reached
        self._at = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self.waits_for: Wait | None = None

    def set(self, waits_for: Wait, seconds: float) -> None:
        """Waits for something from now on, and for nothing else."""
        self.waits_for = waits_for
        self._at = self._loop.time() + seconds
        if self._timer is None:
            self._timer = self._loop.call_at(self._at, self._look)
        elif self._timer.when() > self._at:
            self._timer.cancel()
            self._timer = self._loop.call_at(self._at, self._look)

    def clear(self) -> None:
        """Waits for nothing."""
        self.waits_for = None

    def cancel(self) -> None:
        """Waits for nothing ever again."""
        self.waits_for = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        self._timer = None
        waited_for = self.waits_for
        if waited_for is None:
            return
        if self._loop.time() < self._at:
            self._timer = self._loop.call_at(self._at, self._look)
            return
        self.waits_for = None
        self._on_reached(waited_for)
