"""What the client raises. A connection that fails raises urllib3's own errors instead."""

from __future__ import annotations

import json
from typing import Any, Dict, Iterable, Optional, Tuple, Union


class OpenApiException(Exception):
    """The root of everything that the client itself raises."""


class ApiTypeError(OpenApiException, TypeError):
    """A value, or an argument's name, of the wrong type.

    Args:
        msg: what is wrong.
        path_to_item: the keys and indices that lead to the value.
        valid_classes: the classes that would be right.
        key_type: whether the value is a key of a dictionary; `None` if neither a key nor a value of one.
    """

    def __init__(
        self,
        msg: str,
        path_to_item: Optional[Iterable[Union[str, int]]] = None,
        valid_classes: Optional[Tuple[type, ...]] = None,
        key_type: Optional[bool] = None,
    ) -> None:
        self.path_to_item = path_to_item
        self.valid_classes = valid_classes
        self.key_type = key_type
        super().__init__(_at(msg, path_to_item))


class ApiValueError(OpenApiException, ValueError):
    """A value that cannot be right, or a required one that is missing.

    Args:
        msg: what is wrong.
        path_to_item: the keys and indices that lead to the value.
    """

    def __init__(self, msg: str, path_to_item: Optional[Iterable[Union[str, int]]] = None) -> None:
        self.path_to_item = path_to_item
        super().__init__(_at(msg, path_to_item))


class ApiKeyError(OpenApiException, KeyError):
    """A key that is not there.

    Args:
        msg: what is wrong.
        path_to_item: the keys and indices that lead to the key.
    """

    def __init__(self, msg: str, path_to_item: Optional[Iterable[Union[str, int]]] = None) -> None:
        self.path_to_item = path_to_item
        super().__init__(_at(msg, path_to_item))


class ApiException(OpenApiException):
    """An answer that is no success, or one that makes no sense.

    Args:
        status: the HTTP status; 0 if there was none.
        reason: the reason phrase, or what was wrong with the answer.
        http_resp: the answer, from which everything is then taken.

    Attributes:
        status: as above.
        reason: as above.
        body: the answer's body as text (bytes below `ApiClient`), `None` without an answer.
        headers: the answer's headers, `None` without an answer.
    """

    def __init__(self, status: Optional[int] = None, reason: Optional[str] = None, http_resp: Any = None) -> None:
        self.status: Optional[int] = status
        self.reason: Optional[str] = reason
        self.body: Any = None
        self.headers: Any = None
        if http_resp is not None:
            self.status = http_resp.status
            self.reason = http_resp.reason if reason is None else reason
            self.body = http_resp.data
            self.headers = http_resp.getheaders() if hasattr(http_resp, "getheaders") else http_resp.headers
        super().__init__(self.status, self.reason)

    @property
    def code(self) -> Optional[int]:
        """The `google.rpc.Code` of the answer; `None` if the body is no `google.rpc.Status`."""
        code = self._rpc_status().get("code")
        return code if isinstance(code, int) else None

    @property
    def message(self) -> Optional[str]:
        """What the server says was wrong; `None` if the body is no `google.rpc.Status`."""
        message = self._rpc_status().get("message")
        return message if isinstance(message, str) else None

    def _rpc_status(self) -> Dict[str, Any]:
        try:
            status = json.loads(self.body or "")
        except (TypeError, ValueError):
            return {}
        return status if isinstance(status, dict) else {}

    def __reduce__(self) -> Tuple[Any, ...]:
        """For pickle: an exception crosses the border of a process with all that it carries."""
        return (ApiException, (self.status, self.reason), {"body": self.body, "headers": self.headers})

    def __str__(self) -> str:
        lines = [f"({self.status})", f"Reason: {self.reason}"]
        if self.headers:
            lines.append(f"HTTP response headers: {self.headers}")
        if self.body:
            lines.append(f"HTTP response body: {self.body}")
        return "\n".join(lines) + "\n"


def render_path(path_to_item: Iterable[Union[str, int]]) -> str:
    """The path to a value as Python writes it: `['metrics'][0]['name']`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f"['{part}']" for part in path_to_item)


def _at(msg: str, path_to_item: Optional[Iterable[Union[str, int]]]) -> str:
    return f"{msg} at {render_path(path_to_item)}" if path_to_item else msg
