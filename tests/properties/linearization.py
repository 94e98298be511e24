"""Whether there is an order of calls that went on at once in which a model would have given every answer.

Such an order keeps a call that ended before another began before it (linearizability, after Herlihy and Wing). It is
looked for by trying each call that may come next, and never twice from the same contents behind the same calls (Wing
and Gong, Lowe).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from properties.answers import after
from properties.calls import Call, Mismatch
from properties.model import Model

_STEPS_MAX = 200_000
"""So many calls tried are too many: rounds are made so short that it takes a few hundred."""


class NoOrder(AssertionError):
    """There is no such order."""


class Search:
    """The search for an order. `longest` is the longest beginning found, with why no call could follow it."""

    def __init__(self, callers: list[list[Call]]) -> None:
        self._callers = callers
        self._seen: set[tuple[tuple[int, ...], str]] = set()
        self.steps = 0
        self.order: list[Call] = []
        self.longest: tuple[list[Call], list[tuple[Call, Mismatch]]] = ([], [])

    def finds(self, model: Model, done: tuple[int, ...]) -> Model | None:
        """The model after an order of the calls that remain; None if there is none.

        Args:
            done: how many calls of each caller were taken.
        """
        state = (done, model.fingerprint())
        if state in self._seen:
            return None
        self._seen.add(state)
        following = enumerate(zip(self._callers, done, strict=True))
        heads = [(caller, calls[at]) for caller, (calls, at) in following if at < len(calls)]
        if not heads:
            return model
        first_end = min(call.ended for _, call in heads)
        misfits: list[tuple[Call, Mismatch]] = []
        for caller, call in sorted(heads, key=lambda head: head[1].ended):
            if call.began > first_end:
                continue
            self.steps += 1
            assert self.steps < _STEPS_MAX, "too long a history"
            try:
                changed = after(model, call)
            except Mismatch as misfit:
                misfits.append((call, misfit))
                continue
            self.order.append(call)
            found = self.finds(changed, (*done[:caller], done[caller] + 1, *done[caller + 1 :]))
            if found is not None:
                return found
            self.order.pop()
        if misfits and len(self.order) >= len(self.longest[0]):
            self.longest = ([*self.order], misfits)
        return None


def in_some_order(model: Model, calls: Iterable[Call]) -> Model:
    """The model after some order of the calls. Raises NoOrder with the shortest history that has none."""
    history = list(calls)
    found = _search(model, history)
    if isinstance(found, Model):
        return found
    history = _shortened(history, lambda fewer: isinstance(_search(model, fewer), Search))
    found = _search(model, history)
    assert isinstance(found, Search)
    raise NoOrder(_report(history, found))


def _search(model: Model, history: list[Call]) -> Model | Search:
    callers: dict[str, list[Call]] = {}
    for call in history:
        callers.setdefault(call.caller, []).append(call)
    search = Search(list(callers.values()))
    return search.finds(model, (0,) * len(callers)) or search


def _shortened(history: list[Call], fails: Callable[[list[Call]], bool]) -> list[Call]:
    """The history without the calls that changed nothing and are not needed to see that it has no order."""
    for call in reversed(history):
        fewer = [other for other in history if other is not call]
        if call.reads and fails(fewer):
            history = fewer
    return history


def _report(history: list[Call], search: Search) -> str:
    order, misfits = search.longest
    began = min(call.began for call in history)
    lines = ["no order of these calls gives their answers (calls of a caller stand one below the other):"]
    lines += [
        f"  [{(call.began - began) / 1e6:9.3f} to {(call.ended - began) / 1e6:9.3f} ms] {call}"
        for call in sorted(history, key=lambda call: (call.caller, call.began))
    ]
    lines.append(f"the longest beginning of an order: {', '.join(f'#{call.number}' for call in order) or 'none'}")
    lines.append("after which none of these fits:")
    lines += [f"  #{call.number} {call.method} {call.path}: {misfit}" for call, misfit in misfits]
    return "\n".join(lines)
