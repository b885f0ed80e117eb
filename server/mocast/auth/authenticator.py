"""Authenticators: what turns the token of a request into its principal. One for each value of the setting ``auth``."""

import hashlib
import hmac
from typing import Final, Protocol

from mocast.auth.auth_options import AuthMode
from mocast.auth.signed_tokens import SignedTokens
from mocast.errors import Forbidden, Unauthorized
from mocast.model.principal import EVERYBODY, GRANTS, Principal

OPERATOR: Final = Principal("operator", GRANTS, ("*",))
"""Who sends the shared secret itself."""


class Authenticator(Protocol):
    """Checks tokens, and makes them."""

    mode: AuthMode

    async def authenticate(self, token: str | None) -> Principal:
        """Return whose token it is. Raises ``Unauthorized`` where there is none, or it is not valid."""

    def mint(self, principal: Principal) -> str:
        """Return a token that makes its bearer this principal. Raises ``Forbidden`` where no tokens are in use."""


class NoAuthentication:
    """Everybody is one principal, who may do everything."""

    mode: AuthMode = "none"

    async def authenticate(self, token: str | None) -> Principal:
        """Return ``EVERYBODY``, whatever was sent."""
        return EVERYBODY

    def mint(self, principal: Principal) -> str:
        """Raise ``Forbidden``: nobody needs a token."""
        raise Forbidden("This server asks nobody for a token.")


class TokenAuthentication:
    """Tokens that were signed by this server or an issuer that it trusts, and a shared secret, where there is one."""

    def __init__(self, signed: SignedTokens, secret: str | None = None) -> None:
        """``secret``: who sends it may do everything; ``None``: only signed tokens are taken."""
        self.mode: AuthMode = "jwt" if secret is None else "token"
        self._signed = signed
        self._digest = None if secret is None else _digest(secret)

    async def authenticate(self, token: str | None) -> Principal:
        """Return the operator for the secret itself, else whom the token names. Raises ``Unauthorized``."""
        if not token:
            raise Unauthorized('Send a token: "Authorization: Bearer TOKEN".')
        # Of digests, which have one length: so the time that it takes tells nothing of the secret's (CWE-208).
        if self._digest is not None and hmac.compare_digest(_digest(token), self._digest):
            return OPERATOR
        return await self._signed.verify(token)

    def mint(self, principal: Principal) -> str:
        """Return a token that this server will take."""
        return self._signed.sign(principal)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode(errors="surrogateescape")).digest()
