"""Builds the authenticator that an operator has set up."""

import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mocast.auth.authenticator import Authenticator, AuthMode, NoAuthentication, TokenAuthentication
from mocast.auth.key_file import KeyFile
from mocast.auth.signed_tokens import SignedTokens, derived_key

TOKEN_BYTES: Final = 16
"""Fewest of a shared secret: 128 bits, where it is random."""
JWT_SECRET_BYTES: Final = 32
"""Fewest of a secret for HS256 (RFC 7518, section 3.2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthOptions:
    """What an operator may set. Of the secrets and files, one goes with ``token`` or ``jwt``."""

    mode: AuthMode = "none"
    token: str = ""
    token_file: Path | None = None
    jwt_secret: str = ""
    jwt_secret_file: Path | None = None
    jwt_key_file: Path | None = None
    jwt_issuer: str = ""
    jwt_audience: str = ""


def make_authenticator(options: AuthOptions) -> Authenticator:
    """Return the authenticator. Raises ``OSError`` or ``ValueError`` where a file does not hold what it should."""
    if options.mode == "none":
        return NoAuthentication()
    if options.mode == "token":
        secret = options.token or _kept_secret(options.token_file)
        return TokenAuthentication(SignedTokens(derived_key(secret)), secret)
    keys = KeyFile(options.jwt_key_file) if options.jwt_key_file else None
    if keys is not None:
        # Who can only check the issuer's tokens signs links with a secret that lasts as long as the process.
        secret = secrets.token_hex(JWT_SECRET_BYTES)
    else:
        secret = options.jwt_secret or _secret(options.jwt_secret_file, JWT_SECRET_BYTES)
    signed = SignedTokens(
        secret.encode(), keys, issuer=options.jwt_issuer or None, audience=options.jwt_audience or None
    )
    return TokenAuthentication(signed)


def _kept_secret(path: Path | None) -> str:
    """The secret in a file that only this user may read. Where there is none, one is made."""
    assert path is not None
    with suppress(FileExistsError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(TOKEN_BYTES) + "\n")
    return _secret(path, TOKEN_BYTES)


def _secret(path: Path | None, fewest_bytes: int) -> str:
    assert path is not None
    secret = path.read_text("utf-8").strip()
    if len(secret.encode()) < fewest_bytes:
        raise ValueError(f"{path}: the secret in it has {fewest_bytes} bytes or more")
    return secret
