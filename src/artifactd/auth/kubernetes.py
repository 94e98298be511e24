"""Kubernetes, as KFP asks it: whose a token is (TokenReview), and what they may do (SubjectAccessReview).

The shapes are those of `authentication.k8s.io/v1` and `authorization.k8s.io/v1`; the group, resource and verbs those of
KFP's own API server, so that what lets a person see a run in KFP lets them see its artifacts here.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from artifactd.access import EVERY, Caller, Undecided, Verb
from artifactd.auth import Admitted, bad_credential
from artifactd.auth.https import JsonService
from artifactd.errors import Unauthenticated, Unavailable, quoted

GROUP = "pipelines.kubeflow.org"
VERSION = "v2beta1"
_TOKEN_REVIEWS = "/apis/authentication.k8s.io/v1/tokenreviews"  # noqa: S105  # A path.
_ACCESS_REVIEWS = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
_CALLERS_MAX = 10_000
_NAMES_CHARS_MAX = 512
_QUESTIONS_AT_ONCE = 8
"""How many rights of one caller are asked for at the same time."""


class _User(NamedTuple):
    """Who Kubernetes says that somebody is."""

    name: str
    uid: str = ""
    groups: tuple[str, ...] = ()
    extra: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class AskingCaller(Caller):
    """A caller whose rights Kubernetes knows: each is asked for when it is first needed.

    It is made anew every few seconds, so its decisions need not age.

    `ask` asks whether a verb is allowed in a namespace, `known_namespaces` for the namespaces that the store knows;
    `at_once` bounds how much of the API server one caller takes; `allowed` and `everywhere` hold what was decided so
    far.
    """

    ask: Callable[[Verb, str], Awaitable[bool]] = field(kw_only=True)
    known_namespaces: Callable[[], Awaitable[list[str]]] = field(kw_only=True)
    at_once: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_QUESTIONS_AT_ONCE))
    allowed: dict[tuple[Verb, str], bool] = field(default_factory=dict)
    everywhere: dict[Verb, frozenset[str] | None] = field(default_factory=dict)

    def may(self, verb: Verb, namespace: str) -> bool:
        """See `Caller`. What has no namespace needs the right in every one."""
        key = (verb, namespace or EVERY)
        if verb in self.everywhere and self.everywhere[verb] is None:
            return True
        if key not in self.allowed:
            raise Undecided(partial(self._decide, *key))
        return self.allowed[key]

    def namespaces(self, verb: Verb) -> frozenset[str] | None:
        """See `Caller`: those that the store knows by now."""
        if verb not in self.everywhere:
            raise Undecided(partial(self._decide_everywhere, verb))
        return self.everywhere[verb]

    async def _decide(self, verb: Verb, namespace: str) -> None:
        async with self.at_once:
            # Another request of the same caller may have asked meanwhile.
            if (verb, namespace) not in self.allowed:
                self.allowed[verb, namespace] = await self.ask(verb, namespace)

    async def _decide_everywhere(self, verb: Verb) -> None:
        await self._decide(verb, EVERY)
        if self.allowed[verb, EVERY]:
            self.everywhere[verb] = None
            return
        names = [name for name in await self.known_namespaces() if name]
        for start in range(0, len(names), _QUESTIONS_AT_ONCE):
            chunk = names[start : start + _QUESTIONS_AT_ONCE]
            await asyncio.gather(*(self._decide(verb, name) for name in chunk))
        self.everywhere[verb] = frozenset(name for name in names if self.allowed[verb, name])


class KubernetesDoor:
    """Admits whom Kubernetes knows.

    Args:
        service: the API server, asked whose a token is.
        rights: the same, asked who may do what: so that neither kind of question waits behind the other.
        token: this service's own token, as it is now.
        audience: what tokens must be meant for; empty takes those for the API server itself.
        resource: in which resource of KFP's the rights are looked up.
        known_namespaces: the namespaces that the store knows.
        seconds: how long an answer is relied on.
        now_s: seconds since any moment.
    """

    def __init__(
        self,
        service: JsonService,
        rights: JsonService,
        token: Callable[[], str],
        *,
        audience: str,
        resource: str,
        known_namespaces: Callable[[], Awaitable[list[str]]],
        seconds: float,
        now_s: Callable[[], float],
    ) -> None:
        self._service = service
        self._rights = rights
        self._token = token
        self._audience = audience
        self._resource = resource
        self._known_namespaces = known_namespaces
        self._seconds = seconds
        self._now_s = now_s
        self._by_proxy: OrderedDict[str, tuple[Caller, float]] = OrderedDict()

    def knows(self, credential: str) -> bool:
        """See `Door`: any token may be one of Kubernetes'."""
        return bool(credential)

    async def admit(self, credential: str) -> Admitted:
        """See `Door`."""
        audiences = {"audiences": [self._audience]} if self._audience else {}
        review = {
            "apiVersion": "authentication.k8s.io/v1",
            "kind": "TokenReview",
            "spec": {"token": credential, **audiences},
        }
        status = _status_of(await self._post(self._service, _TOKEN_REVIEWS, review))
        if status.get("authenticated") is not True:
            raise bad_credential("Kubernetes does not know it, or it is not meant for this service")
        if self._audience and self._audience not in (status.get("audiences") or ()):
            # An API server that does not look at audiences says so by naming none of those asked for.
            raise bad_credential(f"it is not meant for {self._audience}")
        return Admitted(self._caller(_user_of(status.get("user"))), self._seconds)

    def caller_named(self, name: str) -> Caller:
        """Who a trusted proxy says is calling.

        Raises:
            Unauthenticated: no name can be like this.
        """
        if not name or len(name) > _NAMES_CHARS_MAX or not name.isprintable():
            raise Unauthenticated("the proxy names no user")
        known = self._by_proxy.get(name)
        now_s = self._now_s()
        if known is not None and now_s < known[1]:
            return known[0]
        caller = self._caller(_User(name))
        self._by_proxy[name] = (caller, now_s + self._seconds)
        self._by_proxy.move_to_end(name)
        if len(self._by_proxy) > _CALLERS_MAX:
            self._by_proxy.popitem(last=False)
        return caller

    def _caller(self, user: _User) -> Caller:
        return AskingCaller(
            f"kubernetes:{user.name}",
            {},
            ask=partial(self._may, user),
            known_namespaces=self._known_namespaces,
        )

    async def _may(self, user: _User, verb: Verb, namespace: str) -> bool:
        review = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SubjectAccessReview",
            "spec": {
                "user": user.name,
                "uid": user.uid,
                "groups": list(user.groups),
                "extra": {key: list(values) for key, values in user.extra},
                "resourceAttributes": {
                    # An empty namespace asks for all of them.
                    "namespace": "" if namespace == EVERY else namespace,
                    "verb": str(verb),
                    "group": GROUP,
                    "version": VERSION,
                    "resource": self._resource,
                },
            },
        }
        status = _status_of(await self._post(self._rights, _ACCESS_REVIEWS, review))
        return status.get("allowed") is True and status.get("denied") is not True

    async def _post(self, service: JsonService, path: str, review: dict[str, Any]) -> Any:
        headers = {"Authorization": f"Bearer {self._token()}"}
        return await service.ask(path, review, headers)


def named_by_proxy(door: KubernetesDoor, header: str, prefix: str) -> Callable[[Mapping[str, str]], Caller | None]:
    """What reads the user from a proxy's header; without the header the request is judged by its token.

    Args:
        header: its name in lower case.
        prefix: what stands before the user's name in it, as KFP's `KUBEFLOW_USERID_PREFIX`.
    """

    def read(headers: Mapping[str, str]) -> Caller | None:
        value = headers.get(header)
        if value is None:
            return None
        if not value.startswith(prefix):
            raise Unauthenticated(f"the header {header} does not begin with {quoted(prefix)}")
        return door.caller_named(value.removeprefix(prefix))

    return read


def token_in(path: str) -> Callable[[], str]:
    """What reads this service's own token, which Kubernetes renews in its file."""

    def read() -> str:
        try:
            return Path(path).read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise Unavailable("this service's own token for Kubernetes cannot be read", retry_after_s=5) from error

    return read


def _status_of(review: Any) -> dict[str, Any]:
    status = review.get("status") if isinstance(review, dict) else None
    if not isinstance(status, dict):
        raise Unavailable("Kubernetes cannot be asked (its answer is no review): try again", retry_after_s=1)
    return status


def _user_of(given: Any) -> _User:
    user = given if isinstance(given, dict) else {}
    name = user.get("username")
    if not isinstance(name, str) or not name or not name.isprintable():
        raise bad_credential("Kubernetes names nobody for it")
    extra = user.get("extra")
    return _User(
        name,
        str(user.get("uid") or ""),
        tuple(map(str, user.get("groups") or ())),
        tuple((str(key), tuple(map(str, values))) for key, values in (extra or {}).items()),
    )
