"""API keys: create, list and revoke. Whoever may delete in all of a key's namespaces looks after it."""

from __future__ import annotations

import secrets
from typing import NamedTuple

from artifactd.access import EVERY, Caller, Verb, require
from artifactd.api_keys import ENTROPY_BYTES, key_digest, key_id_of, make_key
from artifactd.errors import NotFound, PermissionDenied, ResourceExhausted, quoted
from artifactd.listing import ListQuery, Page, Position
from artifactd.model import API_KEYS_MAX, DEAD_KEY_DAYS, NAMESPACE_KEYS_MAX, ApiKey
from artifactd.operations.context import Context
from artifactd.requests import NewApiKey
from artifactd.storage import api_keys, namespaces
from artifactd.storage.statements import Transaction

_DAY_US = 24 * 3_600 * 1_000_000


class MadeKey(NamedTuple):
    """A new key, with its text, which is known only now."""

    key: ApiKey
    text: str


def create_key(context: Context, transaction: Transaction, new: NewApiKey) -> MadeKey:
    """Makes a key that may do no more than its maker, and is good for no longer than a key that makes it.

    Raises:
        PermissionDenied: the caller does not look after one of its namespaces, may not do there what it would, or it
            would outlive the caller's own key.
        ResourceExhausted: the store, or one of the namespaces, has as many good keys as it may have.
    """
    assert new.role is not None
    for namespace in new.namespaces:
        if namespace == EVERY and not context.caller.may(Verb.DELETE, EVERY):
            raise PermissionDenied(f"{quoted(context.caller.name)} may not make keys for every namespace")
        for verb in sorted(new.role.verbs | {Verb.DELETE}):
            require(context.caller, verb, namespace)
    expires_at_us = _expiry(context.caller, new.expires_at_us)
    api_keys.forget_keys(transaction, context.now_us - DEAD_KEY_DAYS * _DAY_US)
    _require_room(context, transaction, new.namespaces)
    text = make_key(secrets.token_bytes(ENTROPY_BYTES))
    key = ApiKey(
        key_id=key_id_of(text) or "",
        name=new.name or "",
        role=new.role,
        namespaces=tuple(dict.fromkeys(new.namespaces)),
        digest=key_digest(text),
        created_at_us=context.now_us,
        created_by=context.caller.name,
        expires_at_us=expires_at_us,
        revoked_at_us=None,
    )
    api_keys.insert_key(transaction, key)
    return MadeKey(key, text)


def _expiry(caller: Caller, wanted_us: int | None) -> int | None:
    """When a new key ends: with its maker's own at the latest."""
    if caller.expires_at_us is None:
        return wanted_us
    if wanted_us is not None and wanted_us > caller.expires_at_us:
        raise PermissionDenied("a key cannot be good for longer than the one that makes it: let it expire earlier")
    return caller.expires_at_us if wanted_us is None else wanted_us


def _require_room(context: Context, transaction: Transaction, namespaces: tuple[str, ...]) -> None:
    good = [key for key in api_keys.select_keys(transaction) if _is_good(key, context.now_us)]
    if len(good) >= API_KEYS_MAX:
        raise ResourceExhausted(f"there are {API_KEYS_MAX} good keys, the most that a store holds: revoke some")
    for namespace in namespaces:
        if sum(namespace in key.namespaces for key in good) >= NAMESPACE_KEYS_MAX:
            raise ResourceExhausted(
                f"the namespace {quoted(namespace)} has {NAMESPACE_KEYS_MAX} good keys, the most that it may have: "
                "revoke some"
            )


def _is_good(key: ApiKey, now_us: int) -> bool:
    return key.revoked_at_us is None and (key.expires_at_us is None or key.expires_at_us > now_us)


def list_keys(context: Context, transaction: Transaction, query: ListQuery) -> Page[ApiKey]:
    """A page of the keys that the caller looks after, oldest first; revoked and expired ones too.

    Raises:
        PermissionDenied: the caller looks after no namespace.
    """
    if context.caller.namespaces(Verb.DELETE) == frozenset():
        raise PermissionDenied(f"{quoted(context.caller.name)} may not look after keys in any namespace")
    keys = [key for key in api_keys.select_keys(transaction) if _looks_after(context.caller, key)]
    after = query.position.values if query.position else (-1, "")
    rest = [key for key in keys if (key.created_at_us, key.key_id) > after]
    shown = rest[: query.page_size]
    position = Position(0, (shown[-1].created_at_us, shown[-1].key_id)) if len(rest) > len(shown) else None
    return Page(shown, len(keys), position)


def revoke_key(context: Context, transaction: Transaction, key_id: str) -> ApiKey:
    """Makes a key good for nothing, from now on, and with it every key that it made; what is revoked stays as it is.

    Raises:
        NotFound: there is no such key, or the caller does not look after it.
    """
    key = api_keys.select_key(transaction, key_id)
    if key is None or not _looks_after(context.caller, key):
        raise NotFound(f"there is no key {quoted(key_id, 64)}")
    if key.revoked_at_us is not None:
        return key
    for each in _with_made(api_keys.select_keys(transaction), key_id):
        api_keys.revoke_key(transaction, each, context.now_us)
    return key._replace(revoked_at_us=context.now_us)


def _with_made(keys: list[ApiKey], key_id: str) -> list[str]:
    """A key and all that it made, and that these made."""
    made_by: dict[str, list[str]] = {}
    for key in keys:
        made_by.setdefault(key.created_by.partition(" ")[0], []).append(key.key_id)
    found = [key_id]
    for each in found:
        found += made_by.get(f"key:{each}", [])
    return found


def find_key(transaction: Transaction, key_id: str) -> ApiKey | None:
    """The key of that id, for whoever has to judge one."""
    return api_keys.select_key(transaction, key_id)


def known_namespaces(transaction: Transaction) -> list[str]:
    """Every namespace that anything was ever kept in."""
    return namespaces.select_namespaces(transaction)


def _looks_after(caller: Caller, key: ApiKey) -> bool:
    return all(caller.may(Verb.DELETE, namespace) for namespace in key.namespaces)
