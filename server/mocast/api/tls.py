"""TLS of the HTTP port, with a certificate that may change while the server runs."""

import asyncio
import os
import ssl
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Final

import structlog

from mocast.api.background import in_background

log = structlog.get_logger(__name__)

RELOAD_S: Final = 10.0
"""Interval at which the files are looked at: issuers replace certificates days before they expire."""


class Tls:
    """A certificate and its key in files. New connections get the newest that works; running ones keep theirs."""

    def __init__(self, certificate: Path, key: Path) -> None:
        """Raises ``OSError`` where the two cannot be used."""
        self._files = certificate, key
        self._stamps = self._read_stamps()
        self._newest = self._load()
        self.context = self._load()
        "For the listening socket: it takes another context when a client says hello."
        self.context.sni_callback = self._take_newest

    def watched(self) -> AbstractAsyncContextManager[None]:
        """Look for new files while the context lasts."""
        return in_background(self._watch(), "certificate")

    def reload(self) -> bool:
        """Take the files as they are now, if they have changed and can be used; tell whether it did."""
        try:
            stamps = self._read_stamps()
            if stamps == self._stamps:
                return False
            self._stamps = stamps  # also of bad ones: they are told once, and looked at again when they change
            self._newest = self._load()
        except OSError as error:
            log.error("new certificate not usable, the old one stays", error=error.strerror or str(error))  # noqa: TRY400
            return False
        log.info("certificate replaced", file=str(self._files[0]))
        return True

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(RELOAD_S)
            await asyncio.to_thread(self.reload)

    def _take_newest(self, connection: ssl.SSLObject, _name: str | None, _context: ssl.SSLContext) -> None:
        connection.context = self._newest

    def _read_stamps(self) -> list[tuple[int, int, int] | None]:
        """What changes with the files, through links, as Kubernetes replaces its secrets; ``None``: not there."""
        stamps: list[tuple[int, int, int] | None] = []
        for file in self._files:
            try:
                found = file.stat()
                stamps.append((found.st_ino, found.st_mtime_ns, found.st_size))
            except FileNotFoundError:
                stamps.append(None)
        return stamps

    def _load(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_alpn_protocols(["http/1.1"])
        certificate, key = self._files
        try:
            context.load_cert_chain(certificate, key, password=_no_password)
        except (FileNotFoundError, PermissionError, IsADirectoryError) as error:  # of which, Python does not say
            unreadable = key if os.access(certificate, os.R_OK) and not certificate.is_dir() else certificate
            raise type(error)(error.errno, error.strerror, str(unreadable)) from error
        except (ssl.SSLError, ValueError) as error:
            reason = getattr(error, "reason", None) or str(error)
            if "PEM" in reason:
                reason = "one of the two is not in PEM"
            elif reason == "KEY_VALUES_MISMATCH":
                reason = "it is another certificate's key"
            raise OSError(-1, f"it cannot be used with {key}: {reason}", str(certificate)) from error
        return context


def _no_password() -> str:
    """Without this OpenSSL would ask on the terminal."""
    raise ValueError("the key is encrypted")
