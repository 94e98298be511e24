"""What a client is told: where the server is, who is calling, and how to connect."""

from __future__ import annotations

import copy
import logging
import os
import sys
from typing import Any, Callable, ClassVar, Dict, List, Mapping, Optional, Tuple, Union

import urllib3

from artifactd_client.version import API_VERSION, __version__

RequestTimeout = Union[int, float, Tuple[Optional[float], Optional[float]], urllib3.Timeout]


class Configuration:
    """The settings of an `ApiClient`. Set attributes before the client is made.

    Args:
        host: the server's base URL.
        api_key: `{'authorization': KEY}`; the key becomes the whole `Authorization` header.
        api_key_prefix: `{'authorization': 'Bearer'}` puts the word and a blank before the key.
        username: for `get_basic_auth_token`.
        password: as above.
        discard_unknown_keys: kept for code that sets it; what an answer has beyond the models is always left out.

    Attributes:
        refresh_api_key_hook: called with the configuration before each use of the key, to renew it.
        temp_folder_path: where downloads go; the system's folder if `None`.
        debug: logs requests and answers, without credentials, to `logger`.
        logger, logger_format, logger_formatter, logger_file, logger_stream_handler, logger_file_handler: where the
            log goes and how it looks.
        verify_ssl: whether the server's certificate is checked.
        ssl_ca_cert: a file of certificates to trust; the system's, and certifi's if installed, if `None`.
        cert_file, key_file: the client's own certificate and its key.
        assert_hostname: another name that the certificate must have, or `False` to accept any.
        connection_pool_maxsize: connections that are kept open to a host.
        proxy, proxy_headers: the URL of a proxy, and headers for it.
        safe_chars_for_path_param: characters that are not quoted in paths.
        retries: as urllib3 takes it: a number, a `Retry`, or `False`. `None` is 3, each wait at most 30 s.
        request_timeout: for calls that name no `_request_timeout`: seconds to connect and to get the answer's next
            bytes, as one number for both or as a pair; `None` waits for ever.
        idempotent_writes: sends each write with an `Idempotency-Key` of its own, so that a POST or PATCH too can be
            sent again after a lost answer, and each write is done once.
        client_side_validation: kept for code that sets it: required parameters are always checked.
    """

    _default: ClassVar[Optional[Configuration]] = None

    def __init__(
        self,
        host: str = "http://localhost",
        api_key: Optional[Dict[str, str]] = None,
        api_key_prefix: Optional[Dict[str, str]] = None,
        username: Optional[str] = None,
        password: Optional[str] = None,
        discard_unknown_keys: bool = False,
    ) -> None:
        self.host = host
        self.api_key = api_key or {}
        self.api_key_prefix = api_key_prefix or {}
        self.username = username
        self.password = password
        self.discard_unknown_keys = discard_unknown_keys
        self.refresh_api_key_hook: Optional[Callable[[Configuration], None]] = None
        self.temp_folder_path: Optional[str] = None

        self.logger = {
            "package_logger": logging.getLogger("artifactd_client"),
            "urllib3_logger": logging.getLogger("urllib3"),
        }
        self.logger_stream_handler: Optional[logging.Handler] = None
        self.logger_file_handler: Optional[logging.Handler] = None
        self._debug = False
        self._logger_file: Optional[str] = None
        self.logger_format = "%(asctime)s %(levelname)s %(message)s"

        self.verify_ssl = True
        self.ssl_ca_cert: Optional[str] = None
        self.cert_file: Optional[str] = None
        self.key_file: Optional[str] = None
        self.assert_hostname: Optional[Union[bool, str]] = None

        self.connection_pool_maxsize: Optional[int] = (os.cpu_count() or 1) * 5
        self.proxy: Optional[str] = None
        self.proxy_headers: Optional[Mapping[str, str]] = None
        self.safe_chars_for_path_param = ""
        self.retries: Optional[Union[bool, int, urllib3.Retry]] = None
        self.request_timeout: Optional[RequestTimeout] = (10.0, 300.0)
        self.idempotent_writes = False
        self.client_side_validation = True

    def __deepcopy__(self, memo: Dict[int, Any]) -> Configuration:
        """A copy that shares what cannot be copied: loggers and their handlers."""
        shared = ("logger", "logger_stream_handler", "logger_file_handler", "refresh_api_key_hook")
        result = type(self).__new__(type(self))
        memo[id(self)] = result
        for name, value in vars(self).items():
            result.__dict__[name] = copy.copy(value) if name in shared[:1] else value
            if name not in shared:
                result.__dict__[name] = copy.deepcopy(value, memo)
        return result

    @classmethod
    def set_default(cls, default: Optional[Configuration]) -> None:
        """Makes a copy of `default` what clients get that are made without a configuration; `None` undoes it."""
        cls._default = copy.deepcopy(default)

    @classmethod
    def get_default_copy(cls) -> Configuration:
        """A copy of what `set_default` was given, or a new configuration."""
        return cls() if cls._default is None else copy.deepcopy(cls._default)

    @property
    def logger_file(self) -> Optional[str]:
        """The file that the log goes to; setting it adds a handler, setting `None` takes it away."""
        return self._logger_file

    @logger_file.setter
    def logger_file(self, value: Optional[str]) -> None:
        if self.logger_file_handler is not None:
            for logger in self.logger.values():
                logger.removeHandler(self.logger_file_handler)
            self.logger_file_handler.close()
            self.logger_file_handler = None
        self._logger_file = value
        if value:
            self.logger_file_handler = logging.FileHandler(value)
            self.logger_file_handler.setFormatter(self.logger_formatter)
            for logger in self.logger.values():
                logger.addHandler(self.logger_file_handler)

    @property
    def debug(self) -> bool:
        """Whether requests and answers are logged."""
        return self._debug

    @debug.setter
    def debug(self, value: bool) -> None:
        # http.client's own debugging is left alone: it prints headers, credentials among them, to standard output.
        if bool(value) != self._debug:
            for logger in self.logger.values():
                logger.setLevel(logging.DEBUG if value else logging.WARNING)
        self._debug = bool(value)

    @property
    def logger_format(self) -> str:
        """The log's format; setting it makes `logger_formatter` anew."""
        return self._logger_format

    @logger_format.setter
    def logger_format(self, value: str) -> None:
        self._logger_format = value
        self.logger_formatter = logging.Formatter(value)
        if self.logger_file_handler is not None:
            self.logger_file_handler.setFormatter(self.logger_formatter)

    def get_api_key_with_prefix(self, identifier: str) -> Optional[str]:
        """The key, after its prefix and a blank if one is set; `None` if there is no key, or an empty one.

        Args:
            identifier: the key's name in `api_key`.
        """
        if self.refresh_api_key_hook is not None:
            self.refresh_api_key_hook(self)
        key = self.api_key.get(identifier)
        if not key:
            return None
        prefix = self.api_key_prefix.get(identifier)
        return f"{prefix} {key}" if prefix else key

    def get_basic_auth_token(self) -> Optional[str]:
        """The `Authorization` header of HTTP's basic scheme."""
        return urllib3.util.make_headers(basic_auth=f"{self.username or ''}:{self.password or ''}").get("authorization")

    def auth_settings(self) -> Dict[str, Dict[str, Any]]:
        """Where credentials go, by the name of the scheme; empty without a key."""
        if "authorization" not in self.api_key:
            return {}
        value = self.get_api_key_with_prefix("authorization")
        return {"Bearer": {"type": "api_key", "in": "header", "key": "authorization", "value": value}}

    def to_debug_report(self) -> str:
        """What a report of a problem should hold: versions and the platform."""
        return (
            "Python SDK Debug Report:\n"
            f"OS: {sys.platform}\n"
            f"Python Version: {sys.version}\n"
            f"Version of the API: {API_VERSION}\n"
            f"SDK Package Version: {__version__}"
        )

    def get_host_settings(self) -> List[Dict[str, Any]]:
        """The hosts that the API's description names."""
        return [{"url": "/", "description": "No description provided"}]

    def get_host_from_settings(self, index: int, variables: Optional[Mapping[str, str]] = None) -> str:
        """The URL of one of `get_host_settings`, with its variables filled in.

        Raises:
            ValueError: there is no such host, or no such value for a variable.
        """
        servers = self.get_host_settings()
        if not -len(servers) <= index < len(servers):
            raise ValueError(f"there is no host {index} among the {len(servers)} of the settings")
        server = servers[index]
        url: str = server["url"]
        for name, variable in server.get("variables", {}).items():
            value = (variables or {}).get(name, variable["default_value"])
            if value not in variable.get("enum_values", [value]):
                raise ValueError(f"the host's variable {name} is {value!r}; allowed are {variable['enum_values']}")
            url = url.replace("{" + name + "}", value)
        return url
