"""What the claims of a token allow: a small table, each line `CLAIM=VALUE:ROLE@NAMESPACE[,NAMESPACE…]`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from artifactd.access import EVERY, Role
from artifactd.errors import InvalidArgument, quoted
from artifactd.model import NAMESPACE_CHARS_MAX

ANY_VALUE = "*"
_VALUE = "{value}"
_LINE = re.compile(r"(?P<claim>[^=]+)=(?P<value>.+):(?P<role>[a-z]+)@(?P<namespaces>.+)", re.DOTALL)
_VALUES_MAX = 1_000


class Grant(NamedTuple):
    """A role in namespaces for whoever has a claim with that value; `*` is any value.

    `{value}` in a namespace stands for the claim's value.
    """

    claim: str
    value: str
    role: Role
    namespaces: tuple[str, ...]


def parse_grant(line: str) -> Grant:
    """A line of the table.

    Raises:
        InvalidArgument: it is none, saying what one is.
    """
    match = _LINE.fullmatch(line.strip())
    if match is None or match["role"] not in tuple(Role):
        raise InvalidArgument(
            f"--oidc-grant {quoted(line)} is not CLAIM=VALUE:ROLE@NAMESPACE with one of the roles {', '.join(Role)}, "
            "such as groups=ml-team:writer@team-a or groups=*:reader@{value}"
        )
    namespaces = tuple(name.strip() for name in match["namespaces"].split(","))
    if not all(namespaces):
        raise InvalidArgument(f"--oidc-grant {quoted(line)} names an empty namespace: leave the comma out")
    if match["value"] == ANY_VALUE and EVERY in namespaces:
        raise InvalidArgument(
            f"--oidc-grant {quoted(line)} would let everybody into every namespace: name a value of the claim"
        )
    return Grant(match["claim"], match["value"], Role(match["role"]), namespaces)


def grants_in(claims: Mapping[str, Any], grants: Iterable[Grant]) -> Iterator[tuple[str, Role]]:
    """The roles in namespaces that a token's claims allow."""
    for grant in grants:
        for value in _values(claims, grant.claim):
            if grant.value not in (value, ANY_VALUE):
                continue
            for namespace in grant.namespaces:
                name = namespace.replace(_VALUE, value)
                # A claim's value must not become the sign for every namespace.
                fits = name.isprintable() and 0 < len(name) <= NAMESPACE_CHARS_MAX
                if fits and (name != EVERY or namespace == EVERY):
                    yield name, grant.role


def _values(claims: Mapping[str, Any], claim: str) -> list[str]:
    """The values of a claim. Dots descend into objects where no claim has the whole name."""
    found: Any = claims.get(claim)
    if found is None and "." in claim:
        found = claims
        for step in claim.split("."):
            found = found.get(step) if isinstance(found, dict) else None
    if claim == "scope" and isinstance(found, str):
        found = found.split()
    items = found if isinstance(found, list) else [found]
    return [item for item in items[:_VALUES_MAX] if isinstance(item, str) and item]
