"""Who is asking, and what they may do where.

A `Caller` is made by a door (`artifactd.auth`); operations ask `require`. The verbs are those that KFP checks with
Kubernetes (get, list, create, update, delete).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from artifactd.errors import NotFound, PermissionDenied, invalid, quoted

EVERY = "*"
"""Stands for every namespace."""


class Verb(StrEnum):
    """What an operation does to a resource."""

    GET = "get"
    LIST = "list"
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


class Role(StrEnum):
    """What a key, or a claim of a token, lets its bearer do in a namespace."""

    READER = "reader"
    WRITER = "writer"
    ADMIN = "admin"

    @property
    def verbs(self) -> frozenset[Verb]:
        """The verbs that the role allows. Who may delete in a namespace also looks after its keys."""
        return _VERBS[self]


_READING = frozenset({Verb.GET, Verb.LIST})
_VERBS = {
    Role.READER: _READING,
    Role.WRITER: _READING | {Verb.CREATE, Verb.UPDATE},
    Role.ADMIN: frozenset(Verb),
}


def grants_of(roles: Iterable[tuple[str, Role]]) -> dict[str, frozenset[Verb]]:
    """The verbs in each namespace that pairs of a namespace and a role come to."""
    grants: dict[str, frozenset[Verb]] = {}
    for namespace, role in roles:
        grants[namespace] = grants.get(namespace, frozenset()) | role.verbs
    return grants


@dataclass(frozen=True, slots=True)
class Caller:
    """A known caller.

    `name` is unlike that of any other caller, by whichever door: idempotency keys are scoped by it. `grants` gives the
    verbs allowed in each namespace; the namespace `*` stands for every one. `expires_at_us` is when the credential
    stops being good, for one that says so and may make others.
    """

    name: str
    grants: Mapping[str, frozenset[Verb]]
    expires_at_us: int | None = None

    def may(self, verb: Verb, namespace: str) -> bool:
        """Whether the caller may do `verb` in `namespace`; in `*`, whether in every one. May raise Undecided."""
        return verb in self.grants.get(EVERY, ()) or verb in self.grants.get(namespace, ())

    def namespaces(self, verb: Verb) -> frozenset[str] | None:
        """The namespaces in which the caller may do `verb`; None means every one. May raise Undecided."""
        if verb in self.grants.get(EVERY, ()):
            return None
        return frozenset(namespace for namespace, verbs in self.grants.items() if verb in verbs)


ANYONE = Caller("anonymous", {EVERY: frozenset(Verb)})
"""The caller where authentication is off."""


class Undecided(PermissionDenied):
    """What a caller may do has to be asked for elsewhere first; then the operation is run again.

    Whoever does not know how to wait for the decision refuses the caller, as any PermissionDenied does.

    Args:
        decide: asks. Once it has returned, the same question to the same caller is answered.
    """

    def __init__(self, decide: Callable[[], Awaitable[None]]) -> None:
        super().__init__("what you may do could not be found out")
        self.decide = decide


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
