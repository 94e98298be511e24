"""Writes that carry an `Idempotency-Key`: the same request again gets the first answer (contract, Ours)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from hashlib import blake2b
from typing import NamedTuple

from artifactd.access import Verb, require
from artifactd.errors import AlreadyExists, quoted
from artifactd.operations.context import Context
from artifactd.storage.idempotency import FirstAnswer, insert_first_answer, select_first_answer
from artifactd.storage.statements import Transaction


class Once(NamedTuple):
    """A write that is to happen once. Its scope is the caller, the method and the path."""

    key: str
    method: str
    path: str
    body: bytes


class Answer(NamedTuple):
    """A write's answer, ready to be sent, and the namespaces that it wrote to."""

    body: bytes
    etag: str | None
    namespaces: Iterable[str]


def perform_once(
    context: Context, transaction: Transaction, once: Once, verb: Verb, perform: Callable[[], Answer]
) -> Answer:
    """Performs a write, or gives the answer that it got within the last day.

    Only successes are kept, in the write's own transaction. What the first request was allowed is checked anew.

    Raises:
        AlreadyExists: the key was used with another body.
        PermissionDenied: the caller has lost the right to do this.
    """
    scope_text = json.dumps([context.caller.name, once.method, once.path, once.key])
    scope = blake2b(scope_text.encode(), digest_size=16).digest()
    body_digest = blake2b(once.body, digest_size=16).digest()
    first = select_first_answer(transaction, scope, context.now_us)
    if first is None:
        answer = perform()
        kept = FirstAnswer(body_digest, answer.body, answer.etag, json.dumps(sorted(set(answer.namespaces))))
        insert_first_answer(transaction, scope, kept, context.now_us)
        return answer
    if first.body_digest != body_digest:
        raise AlreadyExists(
            f"the Idempotency-Key {quoted(once.key)} was used within the last day with another body: take a new key"
        )
    namespaces = json.loads(first.namespaces)
    for namespace in namespaces:
        require(context.caller, verb, namespace)
    return Answer(first.answer, first.etag, namespaces)
