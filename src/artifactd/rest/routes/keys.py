"""The operations on API keys."""

from __future__ import annotations

from artifactd.access import Verb
from artifactd.operations import api_keys
from artifactd.rest.operation import Operation
from artifactd.rest.routes.decoding import PAGED, ROOT, always, body_of, only_path
from artifactd.wire import api_keys as wire_keys

KEYS: tuple[Operation, ...] = (
    Operation(
        name="create_key",
        method="POST",
        path=f"{ROOT}/keys",
        verb=Verb.DELETE,
        tag="KeyService",
        needs_mode="keys",
        summary="Makes an API key, and tells its secret once.",
        description="Needs the right to delete in each of its namespaces, and to do whatever the key could do there.",
        body=wire_keys.CreateKeyRequest,
        example={"api_key": {"name": "ci", "role": "writer", "namespaces": ["team-a"]}},
        response=wire_keys.CreateKeyResponse,
        decode=body_of(wire_keys.decode_create_key),
        run=api_keys.create_key,
        encode=lambda _, made: wire_keys.encode_made_key(*made),
        writes=True,
        secret=True,
        namespaces=lambda made: list(made.key.namespaces),
        resources=lambda made: [f"key:{made.key.key_id}"],
    ),
    Operation(
        name="list_keys",
        method="GET",
        path=f"{ROOT}/keys",
        verb=Verb.DELETE,
        tag="KeyService",
        needs_mode="keys",
        summary="Lists the API keys that the caller looks after, revoked ones too, without their secrets.",
        response=wire_keys.ListKeysResponse,
        decode=lambda parts: wire_keys.decode_list_keys(parts.query),
        run=api_keys.list_keys,
        encode=lambda _, page: wire_keys.encode_key_page(page),
        heavy=always,
        parameters=PAGED,
    ),
    Operation(
        name="revoke_key",
        method="DELETE",
        path=f"{ROOT}/keys/{{key_id}}",
        verb=Verb.DELETE,
        tag="KeyService",
        needs_mode="keys",
        summary="Revokes an API key; within two seconds no server takes it any more.",
        response=wire_keys.ApiKey,
        decode=only_path("key_id"),
        run=api_keys.revoke_key,
        encode=lambda _, key: wire_keys.encode_key(key),
        writes=True,
        namespaces=lambda key: list(key.namespaces),
        resources=lambda key: [f"key:{key.key_id}"],
    ),
)
