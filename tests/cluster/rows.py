"""A load of numbered rows, to prove a cluster before anything is built on it."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable

from cluster.waiting import wait_until

Insert = Callable[[int], None]


class RowLoad:
    """Writers that insert each number once, and know which were acknowledged.

    Args:
        inserts: one function for each writer, which inserts a number or raises OSError or TimeoutError.
    """

    def __init__(self, inserts: list[Insert]) -> None:
        self.acknowledged: set[int] = set()
        self.refused: set[int] = set()
        self._next = 0
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._write, args=(insert,), daemon=True) for insert in inserts]

    def start(self) -> None:
        """Starts the writers."""
        for thread in self._threads:
            thread.start()

    def _write(self, insert: Insert) -> None:
        """Inserts one number after another; what became of a refused one is not known, so it is not tried again."""
        while not self._ended.is_set():
            with self._lock:
                self._next += 1
                number = self._next
            try:
                insert(number)
            except OSError:
                self.refused.add(number)
            else:
                self.acknowledged.add(number)

    def wait_for_another(self, seconds: float) -> float:
        """Waits until a row that was begun from now on is acknowledged; gives the seconds it took."""
        start = time.monotonic()
        first = self._next
        wait_until(lambda: any(number > first for number in self.acknowledged.copy()), seconds, "an acknowledged row")
        return time.monotonic() - start

    def stop(self) -> None:
        """Lets the writers finish what they are at."""
        self._ended.set()
        for thread in self._threads:
            thread.join(60)

    def check(self, numbers: list[int]) -> None:
        """Every acknowledged row is there once, no other more than once, and none that was never sent."""
        there = Counter(numbers)
        assert sorted(self.acknowledged - set(there)) == []
        assert [number for number, times in there.items() if times > 1] == []
        assert sorted(set(there) - self.acknowledged - self.refused) == []
