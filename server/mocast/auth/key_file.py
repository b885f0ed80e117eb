"""An issuer's public keys in a file: one in PEM, or a JSON Web Key Set (RFC 7517). Read again when it changes."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import jwt
import structlog
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

log = structlog.get_logger(__name__)

LOOK_EVERY_S: Final = 2.0
"""How long keys are used before a request has the file looked at again."""
LOOK_TIMEOUT_S: Final = 2.0
"""Longest wait of a request for the file, where its key was not in it before."""
MIN_RSA_BITS: Final = 2048
"""RFC 7518, section 3.3."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key and the one algorithm that it is for."""

    algorithm: str
    key: Any
    key_id: str | None
    "``None``: it stands for every name, or has none."


class KeyFile:
    """The keys of a file, looked at on a worker thread. Where the new content is wrong, the old keys stay."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.monotonic) -> None:
        """Read the file. Raises ``ValueError`` where it has no usable key, ``OSError`` where it cannot be read."""
        self._path = path
        self._clock = clock
        self._version = _version(path)
        self._keys = read_keys(path.read_bytes())
        self._looked_at = clock()
        self._looking: asyncio.Task[None] | None = None

    async def find(self, algorithm: str, key_id: str | None) -> Any | None:
        """Return the key for tokens of this algorithm and ``kid``; ``None`` where there is none.

        A token without a ``kid`` is for the only key of its algorithm.
        """
        looking = self._look() if self._clock() - self._looked_at >= LOOK_EVERY_S else self._looking
        key = self._find(algorithm, key_id)
        if key is None and looking is not None:
            await asyncio.wait([looking], timeout=LOOK_TIMEOUT_S)
            key = self._find(algorithm, key_id)
        return key

    def _find(self, algorithm: str, key_id: str | None) -> Any | None:
        keys = [key for key in self._keys if key.algorithm == algorithm]
        if key_id is not None:
            keys = [key for key in keys if key.key_id in (None, key_id)]
        return keys[0].key if len(keys) == 1 else None

    def _look(self) -> asyncio.Task[None]:
        if self._looking is None:
            self._looking = asyncio.create_task(self._read_again(), name="keys")
            self._looking.add_done_callback(self._looked)
        return self._looking

    def _looked(self, _: "asyncio.Task[None]") -> None:
        self._looking = None
        self._looked_at = self._clock()

    async def _read_again(self) -> None:
        try:
            changed = await asyncio.get_running_loop().run_in_executor(None, self._changed)
        except (OSError, ValueError) as error:
            log.warning("keys cannot be read; the last ones stay in use", path=str(self._path), error=str(error))
            return
        if changed is not None:
            self._version, self._keys = changed
            log.info("keys read again", path=str(self._path), keys=len(self._keys))

    def _changed(self) -> tuple[object, tuple[PublicKey, ...]] | None:
        """The file's version and keys, where it is another one. Called on a worker thread."""
        version = _version(self._path)
        return None if version == self._version else (version, read_keys(self._path.read_bytes()))


def read_keys(content: bytes) -> tuple[PublicKey, ...]:
    """Return the keys in a PEM file or a JWKS, each with the algorithm that its type allows.

    Of a set, keys of other types, or for other uses than signatures, are left out. Raises ``ValueError`` where none is
    left, or an RSA key is too short.
    """
    keys = _key_set(content) if content.lstrip().startswith(b"{") else ((_pem_key(content), None),)
    usable = tuple(PublicKey(algorithm, key, key_id) for key, key_id in keys if (algorithm := _algorithm(key)))
    if not usable:
        raise ValueError("no public key for RS256 (RSA) or EdDSA (Ed25519) is in it")
    return usable


def _pem_key(content: bytes) -> object:
    try:
        return load_pem_public_key(content)
    except UnsupportedAlgorithm as error:
        raise ValueError("its kind of key is not known") from error


def _key_set(content: bytes) -> tuple[tuple[Any, str | None], ...]:
    try:
        found = jwt.PyJWKSet.from_json(content.decode()).keys
    except (jwt.PyJWTError, AttributeError) as error:
        raise ValueError("it is no JSON Web Key Set") from error
    return tuple((key.key, key.key_id) for key in found if key.public_key_use in (None, "sig"))


def _algorithm(key: object) -> str | None:
    """The algorithm by the key's type: never by what a token says."""
    if isinstance(key, Ed25519PublicKey):
        return "EdDSA"
    if not isinstance(key, RSAPublicKey):
        return None
    if key.key_size < MIN_RSA_BITS:
        raise ValueError(f"an RSA key has at least {MIN_RSA_BITS} bits")
    return "RS256"


def _version(path: Path) -> object:
    status = path.stat()
    return status.st_mtime_ns, status.st_size, status.st_ino
