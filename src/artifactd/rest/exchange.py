"""One request on its way through the endpoint, and what its headers say."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from artifactd.access import Caller
from artifactd.errors import invalid, quoted
from artifactd.operations.idempotency import Once
from artifactd.rest.messages import Request
from artifactd.rest.operation import Operation
from artifactd.rest.responses import BodyTooLarge, UnsupportedMediaType

if TYPE_CHECKING:
    from artifactd.rest.page_files import PageTarget
    from artifactd.rest.pages import StaticPage

JSON = "application/json"
_ENTITY_TAG = re.compile(r'\s*((?:W/)?"[^"]*"|\*)\s*(?:,|$)')
_KEY = re.compile(r"[\x21-\x7e][\x20-\x7e]{0,254}")


class Exchange:
    """A request, and what is known of it so far: for the log and the metrics too, if it fails.

    Attributes:
        began_s: when it came, by `time.perf_counter`.
        number: its number in this process.
        operation: the name of what it asks for; `none` as long as that is not known.
        address: where it comes from, beyond the proxies that are trusted.
        origin: the allowed web origin that asks, if it is another one than this server's.
        target: what it asks for, with the parameters of its `path`.
        caller: who asks.
        decoded: the request in our words, once it is known.
        body: the body, once it is read.
    """

    __slots__ = (
        "address",
        "began_s",
        "body",
        "caller",
        "decoded",
        "number",
        "operation",
        "origin",
        "path",
        "request",
        "target",
    )

    def __init__(self, request: Request, began_s: float, number: int) -> None:
        self.request = request
        self.began_s = began_s
        self.number = number
        self.operation = "none"
        self.address = request.peer
        self.origin: str | None = None
        self.target: Operation | StaticPage | PageTarget | None = None
        self.path: Mapping[str, str] = {}
        self.caller: Caller | None = None
        self.decoded: Any = None
        self.body = b""


def require_json(headers: Mapping[str, str], body_bytes_max: int) -> None:
    """Refuses a body by what its headers say of it.

    Raises:
        UnsupportedMediaType: it is not JSON, or compressed.
        BodyTooLarge: it is said to be over the limit.
    """
    content_type = headers.get("content-type")
    if content_type not in (None, JSON) and not _is_json(content_type):
        raise UnsupportedMediaType(
            f"{quoted(content_type)} is not application/json: send the header Content-Type: application/json"
        )
    if "content-encoding" in headers and headers["content-encoding"].lower() != "identity":
        raise UnsupportedMediaType("a compressed body is not supported: send it as plain JSON")
    declared = headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > body_bytes_max:
        raise BodyTooLarge(f"the body has {declared} bytes; at most {body_bytes_max} are allowed")


def _is_json(content_type: str) -> bool:
    kind, *parameters = (part.strip().lower() for part in content_type.split(";"))
    charsets = [value.strip("\"' ") for name, _, value in (p.partition("=") for p in parameters) if name == "charset"]
    return (kind == JSON or (kind.startswith("application/") and kind.endswith("+json"))) and all(
        charset in ("utf-8", "utf8", "us-ascii") for charset in charsets
    )


def allowed_methods(methods: Mapping[str, Any]) -> tuple[str, ...]:
    """The methods that a path takes, those that come with others too."""
    return tuple(sorted({*methods, "OPTIONS", *(("HEAD",) if "GET" in methods else ())}))


def entity_tags(header: str | None, name: str) -> tuple[str, ...] | None:
    """The entity tags of a conditional header (RFC 9110, 13.1).

    Raises:
        InvalidArgument: it is neither `*` nor tags.
    """
    if header is None:
        return None
    tags = tuple(match[1] for match in _ENTITY_TAG.finditer(header))
    if not tags or _ENTITY_TAG.sub("", header).strip():
        raise invalid(name, 'must be * or entity tags in quotes, such as "3"')
    return tags


def is_known(etag: str, headers: Mapping[str, str]) -> bool:
    """Whether the caller has the answer of that `ETag` already (`If-None-Match`, RFC 9110, 13.1.2)."""
    tags = entity_tags(headers.get("if-none-match"), "If-None-Match")
    return tags is not None and ("*" in tags or etag in {tag.removeprefix("W/") for tag in tags})


def once_of(exchange: Exchange, operation: Operation) -> Once | None:
    """How a write is told from the same one sent again, if it carries an `Idempotency-Key`.

    Raises:
        InvalidArgument: the key is not right, or the operation takes none.
    """
    request = exchange.request
    key = request.headers.get("idempotency-key")
    if key is None:
        return None
    if operation.secret:
        raise invalid("Idempotency-Key", "is not taken here: the answer holds a secret, which is kept nowhere")
    if not _KEY.fullmatch(key):
        raise invalid("Idempotency-Key", "must be 1 to 255 printable ASCII characters")
    return Once(key, request.method, request.raw_path.decode("ascii", "backslashreplace"), exchange.body)
