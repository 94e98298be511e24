"""The certificate that HTTPS is served with, read again when its files change."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import structlog

from artifactd.errors import InvalidArgument

_LOOK_EVERY_S = 5.0


class Certificate:
    """A certificate chain and its key, for TLS 1.2 and later.

    Args:
        cert: the file of the chain, in PEM.
        key: the file of the private key.

    Raises:
        InvalidArgument: they cannot be read, or do not belong together.
    """

    def __init__(self, cert: str, key: str) -> None:
        if not cert or not key:
            raise InvalidArgument("--tls-cert and --tls-key go together: give both")
        self._cert = cert
        self._key = key
        self.context = self._fresh()
        self._read = self._versions()

    async def renew_for_ever(self) -> None:
        """Looks at the files now and then; new connections get what is there. A bad pair changes nothing."""
        while True:
            await asyncio.sleep(_LOOK_EVERY_S)
            self.renew()

    def renew(self) -> bool:
        """Reads the files again if they have changed; gives whether that was so, and went well."""
        found = self._versions()
        if found == self._read:
            return False
        log = structlog.get_logger("artifactd")
        self._read = found
        try:
            # First into a context that nobody uses: one that took the chain but not the key would serve nobody.
            self._fresh()
            self.context.load_cert_chain(self._cert, self._key, password="")
        except (InvalidArgument, OSError, ssl.SSLError) as error:
            log.warning("the new TLS certificate is not right: the old one stays in use", error=str(error))
            return False
        log.info("the TLS certificate was renewed", cert=self._cert)
        return True

    def _fresh(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        try:
            # Without a password to ask for: a server must not wait for somebody to type one.
            context.load_cert_chain(self._cert, self._key, password="")
        except (OSError, ssl.SSLError) as error:
            raise InvalidArgument(
                f"the TLS certificate {self._cert} with the key {self._key} cannot be used: {error}"
            ) from error
        return context

    def _versions(self) -> list[tuple[int, int, int] | None]:
        return [_version(Path(name)) for name in (self._cert, self._key)]


def _version(path: Path) -> tuple[int, int, int] | None:
    """What tells a file from the one that was there before; a Kubernetes secret is renewed by a link."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size
