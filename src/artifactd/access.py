"""Who is asking, and what they may do where.

A `Caller` is made by a door (`artifactd.auth`); operations ask `require`. The verbs are those that KFP checks with
Kubernetes (get, list, create, update, delete).
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from artifactd.errors import NotFound, PermissionDenied, invalid, quoted


class Verb(StrEnum):
    """What an operation does to a resource."""

    GET = "get"
    LIST = "list"
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


class Caller(NamedTuple):
    """A known caller.

    `grants` gives the verbs allowed in each namespace; the namespace `*` stands for every one.
    """

    name: str
    grants: dict[str, frozenset[Verb]]

    def may(self, verb: Verb, namespace: str) -> bool:
        """Whether the caller may do `verb` in `namespace`."""
        return verb in self.grants.get("*", ()) or verb in self.grants.get(namespace, ())

    def namespaces(self, verb: Verb) -> frozenset[str] | None:
        """The namespaces in which the caller may do `verb`; None means every one."""
        if verb in self.grants.get("*", ()):
            return None
        return frozenset(namespace for namespace, verbs in self.grants.items() if verb in verbs)


ANYONE = Caller("anonymous", {"*": frozenset(Verb)})
"""The caller where authentication is off."""


def require(caller: Caller, verb: Verb, namespace: str) -> None:
    """Refuses a caller who named a namespace in which they may not do `verb`.

    Raises:
        PermissionDenied: naming the caller, the verb and the namespace.
    """
    if not caller.may(verb, namespace):
        raise PermissionDenied(f"{quoted(caller.name)} may not {verb} in the namespace {quoted(namespace)}")


def require_resource(caller: Caller, verb: Verb, namespace: str, missing: NotFound) -> None:
    """Refuses a caller who named a resource (not its namespace): one who cannot even read it gets `missing`.

    Args:
        missing: the error that an unknown resource gives, so that existence is not leaked (contract, Errors).

    Raises:
        NotFound: the caller cannot read in the resource's namespace.
        PermissionDenied: the caller can read there, but not do `verb`.
    """
    if not caller.may(Verb.GET, namespace):
        raise missing
    require(caller, verb, namespace)


def namespace_for_new(caller: Caller, named: str | None, default_namespace: str, field: str = "namespace") -> str:
    """The namespace that something new goes to (contract, create_artifact).

    It is the one named, else the caller's only one, else the default one.

    Raises:
        InvalidArgument: the caller has several namespaces and named none.
        PermissionDenied: the caller may not create in it.
    """
    if named:
        require(caller, Verb.CREATE, named)
        return named
    creatable = caller.namespaces(Verb.CREATE)
    if creatable is None:
        return default_namespace
    if len(creatable) > 1:
        raise invalid(field, f"say which of your namespaces: {', '.join(sorted(creatable)[:20])}")
    if not creatable:
        raise PermissionDenied(f"{quoted(caller.name)} may not create in any namespace")
    return next(iter(creatable))
