"""Paths to routes: split on the raw bytes, then decoded, so that a metric's name may hold `/`.

Contract, get_metric and Errors.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from artifactd.errors import NotFound, quoted
from artifactd.wire.query import percent_decoded

_SLASHES = re.compile(rb"//+")
_FIXED_PIECES = 4
"""Of a path with several parameters, such as `/apis/v2beta1/metrics/{task_id}/{name}`, split at each `/`."""


class Route(NamedTuple):
    """A path and what serves each of its methods. `names` are its parameters; of several, the last takes the rest."""

    template: str
    names: tuple[str, ...]
    methods: dict[str, Any]


class Router:
    """Finds the route of a raw path.

    Attributes:
        for_strays: what answers a person who went to a path that is none; None where nothing does.
    """

    def __init__(self) -> None:
        self.for_strays: Any = None
        self._exact: dict[bytes, Route] = {}
        self._of_one: dict[bytes, Route] = {}
        self._of_several: dict[bytes, Route] = {}

    def add(self, template: str, method: str, target: Any) -> None:
        """Registers a target, such as `/apis/v2beta1/metrics/{task_id}/{name}`.

        Parameters stand at the end; the last of several takes all that is left of the path.
        """
        fixed, *names = re.split(r"/\{([^}]*)\}", template)
        names = [name for name in names if name]
        table = (self._exact, self._of_one, self._of_several)[min(len(names), 2)]
        route = table.setdefault(fixed.encode(), Route(template, tuple(names), {}))
        route.methods[method] = target

    def match(self, raw_path: bytes) -> tuple[Route, dict[str, str]]:
        """The route of a path, and its decoded parameters.

        Raises:
            NotFound: no such path.
            InvalidArgument: a parameter with a bad escape or bad UTF-8.
        """
        path = _SLASHES.sub(b"/", raw_path) if b"//" in raw_path else raw_path
        route = self._exact.get(path)
        if route is not None:
            return route, {}
        head, _, last = path.rpartition(b"/")
        route = self._of_one.get(head)
        if route is not None and last:
            return route, {route.names[0]: percent_decoded(last, route.names[0])}
        pieces = path.split(b"/", _FIXED_PIECES)
        if len(pieces) > _FIXED_PIECES and not path.endswith(b"/"):
            route = self._of_several.get(b"/".join(pieces[:_FIXED_PIECES]))
            values = pieces[-1].split(b"/", len(route.names) - 1) if route is not None else ()
            if route is not None and len(values) == len(route.names):
                return route, {
                    name: percent_decoded(value, name) for name, value in zip(route.names, values, strict=True)
                }
        if b"%" in path and b"%2f" not in path.lower():
            route = self._exact.get(percent_decoded(path, "path").encode())
            if route is not None:
                return route, {}
        raise NotFound(f"there is no path {quoted(raw_path.decode('ascii', 'backslashreplace'), 200)}; see /docs")
