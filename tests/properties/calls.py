"""Calls as they went, and what it means that an answer is the one that a model expects.

What the server makes (ids, times) no model can foresee. It stands as `Unseen` until an answer tells it: from then on it
is that value and no other. An id must be a new one, a time must lie within the call.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from properties.values import exact, time_us

Message = dict[str, Any]


class Call(NamedTuple):
    """A request and its answer. A call that ended before another began happened before it.

    `began` and `ended` order calls; `began_us` and `ended_us` are by the clock that the servers have too.
    """

    number: int
    caller: str
    method: str
    path: str
    query: Message
    message: Any
    headers: dict[str, str]
    began: int
    ended: int
    began_us: int
    ended_us: int
    status: int
    answer: Any
    etag: str | None

    @property
    def reads(self) -> bool:
        """Whether it cannot have changed anything."""
        return self.method == "GET" or self.status != 200

    def __str__(self) -> str:
        query = "".join(f" {name}={value}" for name, value in self.query.items())
        parts = [f"#{self.number} {self.caller}: {self.method} {self.path}{query}"]
        parts += [f"{name}: {value}" for name, value in self.headers.items()]
        if self.message is not None:
            parts.append(json.dumps(self.message, ensure_ascii=False))
        etag = f" ETag {self.etag}" if self.etag else ""
        shown = self.answer if self.status == 200 else self.answer.get("message", self.answer)
        return f"{' '.join(parts)}\n      -> {self.status}{etag} {json.dumps(shown, ensure_ascii=False)}"


class Unseen(NamedTuple):
    """What the server made in a call: `time`, or an id under a name that the call has once."""

    call: int
    what: str


class Mismatch(Exception):
    """An answer is not what the model expects."""


def difference(at: str, expected: Any, actual: Any) -> Mismatch:
    """Says where an answer is another than expected."""
    return Mismatch(f"{at or 'the answer'} should be {expected!r}, but is {actual!r}")


class Told:
    """What answers have told of what the server made."""

    def __init__(self, calls: dict[int, Call], values: Mapping[Unseen, str] | None = None) -> None:
        self.calls = calls
        self.values = dict(values or {})

    def fork(self) -> Told:
        """A copy that can be told other things."""
        return Told(self.calls, self.values)

    def overlapped(self, call: Call) -> bool:
        """Whether another call went on at the same time."""
        return any(
            other.began < call.ended and call.began < other.ended
            for other in self.calls.values()
            if other.number != call.number
        )

    def tell(self, unseen: Unseen, value: Any) -> None:
        """Notes what something is. Raises Mismatch if it is something else, or cannot be that."""
        known = self.values.get(unseen)
        if known is None:
            call = self.calls[unseen.call]
            if not isinstance(value, str) or (unseen.what != "time" and value in self.values.values()):
                raise Mismatch(f"{value!r} is no new id")
            if unseen.what == "time" and not call.began_us <= time_us(value) <= call.ended_us:
                raise Mismatch(f"the time {value} is not within call {call.number}")
            self.values[unseen] = value
        elif known != value:
            raise Mismatch(f"the {unseen.what} made in call {unseen.call} is {known}, not {value!r}")

    def match(self, expected: Any, actual: Any, at: str = "") -> None:
        """Makes sure that an answer is the expected one, and notes what it tells. Raises Mismatch."""
        if isinstance(expected, Unseen):
            self.tell(expected, actual)
        elif isinstance(expected, dict) and isinstance(actual, dict):
            if expected.keys() != actual.keys():
                raise difference(at, expected, actual)
            for name, value in expected.items():
                self.match(value, actual[name], f"{at}.{name}" if at else name)
        elif isinstance(expected, list) and isinstance(actual, list):
            if len(expected) != len(actual):
                raise difference(at, expected, actual)
            for index, (one, other) in enumerate(zip(expected, actual, strict=True)):
                self.match(one, other, f"{at}[{index}]")
        elif exact(expected) != exact(actual):
            raise difference(at, expected, actual)

    def resolved(self, message: Any) -> Any:
        """A message with what is known by now."""
        if isinstance(message, Unseen):
            return self.values.get(message, message)
        if isinstance(message, dict):
            return {name: self.resolved(value) for name, value in message.items()}
        if isinstance(message, list):
            return [self.resolved(value) for value in message]
        return message
