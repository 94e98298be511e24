"""Paths to routes: split on the raw bytes, then decoded, so that a metric's name may hold `/`.

Contract, get_metric and Errors.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from artifactd.errors import NotFound, quoted
from artifactd.wire.query import percent_decoded

_SLASHES = re.compile(rb"//+")


class Route(NamedTuple):
    """A path and what serves each of its methods. `names` are its parameters; the last takes the rest of the path."""

    template: str
    names: tuple[str, ...]
    methods: dict[str, Any]
    takes_rest: bool


class Router:
    """Finds the route of a raw path.

    Attributes:
        for_strays: what answers a person who went to a path that is none; None where nothing does.
    """

    def __init__(self) -> None:
        self.for_strays: Any = None
        self._exact: dict[bytes, Route] = {}
        self._with_parameters: dict[bytes, Route] = {}

    def add(self, template: str, method: str, target: Any) -> None:
        """Registers a target, such as `/apis/v2beta1/metrics/{task_id}/{name}`.

        Parameters stand at the end; the last of several takes all that is left of the path.
        """
        fixed, *names = re.split(r"/\{([^}]*)\}", template)
        names = [name for name in names if name]
        table = self._with_parameters if names else self._exact
        route = table.setdefault(fixed.encode(), Route(template, tuple(names), {}, len(names) > 1))
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
        pieces = path.split(b"/", 4)
        if len(pieces) == 3 and pieces[2]:
            # One of the page's own paths, such as `/artifacts/{artifact_id}`; those of the API are longer.
            route = self._with_parameters.get(b"/" + pieces[1])
            if route is not None:
                return route, {route.names[0]: percent_decoded(pieces[2], route.names[0])}
        if len(pieces) == 5:
            route = self._with_parameters.get(b"/".join(pieces[:4]))
            if route is not None and pieces[4] and not pieces[4].endswith(b"/"):
                values = pieces[4].split(b"/", len(route.names) - 1) if route.takes_rest else [pieces[4]]
                if len(values) == len(route.names) and (route.takes_rest or b"/" not in pieces[4]):
                    return route, {
                        name: percent_decoded(value, name) for name, value in zip(route.names, values, strict=True)
                    }
        if b"%" in path and b"%2f" not in path.lower():
            route = self._exact.get(percent_decoded(path, "path").encode())
            if route is not None:
                return route, {}
        raise NotFound(f"there is no path {quoted(raw_path.decode('ascii', 'backslashreplace'), 200)}; see /docs")
