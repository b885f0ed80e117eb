"""JSON Web Tokens (RFC 7519) that say what a principal may do: checked, and made."""

import math
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, Protocol

import jwt
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from jwt.types import Options

from mocast.errors import Unauthorized
from mocast.model.principal import GRANTS, Principal

OWN_ALGORITHM: Final = "HS256"
"""Of the tokens that are signed with a secret of this server's, and of no others: a public key never checks them."""

ACCOUNT: Final = "account"
"""The claim with the subject whose limits count, where it is not the token's own. Of tokens that are signed with this
server's secret: an issuer may mean something else by it, and does not choose whose limits count."""

MAX_SUBJECT_CHARACTERS: Final = 128
MAX_ROOMS: Final = 64
"""Patterns in a token: each room is compared with them, on the event loop."""
LEEWAY_S: Final = 5
"""How far the issuer's clock may be ahead of ours. What has expired has expired."""

_OPTIONS: Final[Options] = {"require": ["exp", "sub"], "verify_exp": False, "enforce_minimum_key_length": True}


class PublicKeys(Protocol):
    """The keys of an issuer."""

    async def find(self, algorithm: str, key_id: str | None) -> Any | None:
        """Return the key that checks tokens of this algorithm under this name; ``None`` where there is none."""


class SignedTokens:
    """Tokens signed with a secret of this server's, or by an issuer whose public keys it has."""

    def __init__(
        self,
        secret: bytes,
        issuer_keys: PublicKeys | None = None,
        *,
        issuer: str | None = None,
        audience: str | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """``issuer``, ``audience``: what the claims ``iss`` and ``aud`` must be, where they are named."""
        self._secret = secret
        self._issuer_keys = issuer_keys
        self._issuer = issuer
        self._audience = audience
        self._clock = clock

    async def verify(self, token: str) -> Principal:
        """Return the principal whom a token names. Raises ``Unauthorized`` where anything about it is wrong."""
        try:
            header = jwt.get_unverified_header(token)
            algorithm, key = await self._key(header)
            claims = jwt.decode(
                token,
                key,
                algorithms=[algorithm],
                options=_OPTIONS,
                issuer=self._issuer,
                audience=self._audience,
                leeway=LEEWAY_S,
            )
            account = _subject(claims[ACCOUNT]) if algorithm == OWN_ALGORITHM and ACCOUNT in claims else ""
            principal = _principal(claims, account)
        # Not only its own: a header of thousands of brackets is a RecursionError, an infinite time an OverflowError.
        except (jwt.InvalidTokenError, ValueError, TypeError, OverflowError, RecursionError) as error:
            raise Unauthorized("The token is not valid here.", error="invalid_token") from error
        if principal.expires_at is None or principal.expires_at <= self._clock():
            raise Unauthorized("The token has expired.", error="invalid_token")
        return principal

    def sign(self, principal: Principal) -> str:
        """Return a token that makes its bearer this principal."""
        claims = {
            "sub": principal.subject,
            "grants": sorted(principal.grants),
            "rooms": list(principal.rooms),
            "iat": int(self._clock()),
            "exp": principal.expires_at,
            **({ACCOUNT: principal.account} if principal.account != principal.subject else {}),
            **({"iss": self._issuer} if self._issuer else {}),
            **({"aud": self._audience} if self._audience else {}),
        }
        return jwt.encode(claims, self._secret, OWN_ALGORITHM)

    async def _key(self, header: Mapping[str, Any]) -> tuple[str, Any]:
        """The one algorithm and key that may check a token. Raises ``ValueError`` where there is none.

        The header only chooses among keys, each of which goes with one algorithm (RFC 8725, 3.1).
        """
        if header.get("alg") == OWN_ALGORITHM:
            return OWN_ALGORITHM, self._secret
        algorithm, key_id = str(header.get("alg")), header.get("kid")
        key = await self._issuer_keys.find(algorithm, key_id) if self._issuer_keys else None
        if key is None:
            raise ValueError("no key for this token")
        return algorithm, key


def derived_key(secret: str) -> bytes:
    """Return the key that signs tokens where there is a shared secret: HKDF with SHA-256 (RFC 5869).

    The holder of a token can try guesses of the secret against it, so the secret must not be one that can be guessed.
    """
    return HKDF(SHA256(), length=32, salt=None, info=b"mocast signed tokens 1").derive(secret.encode())


def _principal(claims: Mapping[str, Any], account: str) -> Principal:
    """The principal of checked claims. Raises ``ValueError`` or ``TypeError`` where they are not of their types."""
    subject, expires_at = _subject(claims["sub"]), claims["exp"]
    if isinstance(expires_at, bool) or not isinstance(expires_at, int | float) or not math.isfinite(expires_at):
        raise TypeError("a time that is no number")
    # Grants of a later version, or of another service, give nothing here.
    grants = GRANTS.intersection(_texts(claims.get("grants", [])))
    rooms = tuple(_texts(claims.get("rooms", [])))
    if len(rooms) > MAX_ROOMS:
        raise ValueError("more patterns than are tried for each room")
    return Principal(subject, frozenset(grants), rooms, float(expires_at), account)


def _subject(value: object) -> str:
    if not isinstance(value, str) or not value.isprintable() or not 0 < len(value) <= MAX_SUBJECT_CHARACTERS:
        raise ValueError("a subject that cannot be shown")
    return value


def _texts(value: object) -> Iterable[str]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise TypeError("a claim that is no list of texts")
    return value
