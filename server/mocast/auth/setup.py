"""Builds the authenticator that an operator has set up."""

import os
import re
import secrets
import stat
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

import structlog

from mocast.auth.auth_options import AuthMode, AuthOptions
from mocast.auth.authenticator import Authenticator, NoAuthentication, TokenAuthentication
from mocast.auth.key_file import KeyFile
from mocast.auth.signed_tokens import SignedTokens, derived_key

log = structlog.get_logger(__name__)

TOKEN_CHARACTERS: Final = 16
"""Fewest of a shared secret."""
JWT_SECRET_CHARACTERS: Final = 32
"""Fewest of a secret for HS256 (RFC 7518, section 3.2)."""


SENDABLE: Final = re.compile(r"[A-Za-z0-9._~+/-]+=*")
"""What a header can carry as a bearer token (RFC 6750, section 2.1)."""
UNSENDABLE: Final = "a token has letters, digits and the signs . _ ~ + / - only"


SECRETS: Final[Mapping[AuthMode, frozenset[str]]] = {
    "none": frozenset(),
    "token": frozenset({"token", "token_file"}),
    "jwt": frozenset({"jwt_secret", "jwt_secret_file", "jwt_key_file"}),
}
"""The options of which each mode needs one, and only one."""


CLAIMS: Final = ("jwt_issuer", "jwt_audience")
"""The options of ``jwt`` that may be left out."""


class SetupError(Exception):
    """What the operator has set cannot be used: an option that is missing or needless, a file without a key."""


def make_authenticator(options: AuthOptions, shared_secret: str | None = None) -> Authenticator:
    """Return the authenticator. Raises ``SetupError``.

    ``shared_secret``: what the processes of a server sign links with that can only check the issuer's tokens.
    """
    _check(options)
    if options.mode == "none":
        return NoAuthentication()
    if options.mode == "token":
        secret = options.token or _kept_secret(options.token_file)
        return TokenAuthentication(SignedTokens(derived_key(secret)), secret)
    if options.jwt_key_file is not None:
        # Who can only check the issuer's tokens signs links with a secret that lasts as long as the server.
        secret = shared_secret or secrets.token_hex(JWT_SECRET_CHARACTERS)
        keys: KeyFile | None = _keys(options.jwt_key_file)
    else:
        secret, keys = options.jwt_secret or _secret(options.jwt_secret_file, JWT_SECRET_CHARACTERS), None
    signed = SignedTokens(
        secret.encode(), keys, issuer=options.jwt_issuer or None, audience=options.jwt_audience or None
    )
    return TokenAuthentication(signed)


def _check(options: AuthOptions) -> None:
    given = {name for names in SECRETS.values() for name in names if getattr(options, name)}
    claims = {name for name in CLAIMS if getattr(options, name) and options.mode != "jwt"}
    wanted = SECRETS[options.mode]
    if needless := sorted((given - wanted) | claims):
        mode = next((mode for mode, names in SECRETS.items() if needless[0] in names), "jwt")
        raise SetupError(f"{needless[0]} does nothing with auth={options.mode}; it is for auth={mode}")
    if wanted and len(given) != 1:
        raise SetupError(f"auth={options.mode} needs one of {', '.join(sorted(wanted))}")
    for name, fewest in (("token", TOKEN_CHARACTERS), ("jwt_secret", JWT_SECRET_CHARACTERS)):
        if 0 < len(getattr(options, name)) < fewest:
            raise SetupError(f"{name} must have {fewest} characters or more")
    if options.token and not SENDABLE.fullmatch(options.token):
        raise SetupError(f"token: {UNSENDABLE}")


def _keys(path: Path) -> KeyFile:
    path = _expanded(path)
    try:
        return KeyFile(path)
    except ValueError as error:
        raise SetupError(f"{path}: {error}") from error
    except OSError as error:
        raise SetupError(f"{path}: {error.strerror}") from error


def _kept_secret(path: Path | None) -> str:
    """The secret in a file. Where there is none, one is made that only this user may read."""
    assert path is not None
    path = _expanded(path)
    try:
        if not path.exists():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write_once(path, secrets.token_hex(TOKEN_CHARACTERS))
    except OSError as error:
        raise SetupError(f"{path}: {error.strerror}") from error
    secret = _secret(path, TOKEN_CHARACTERS)
    _warn_of_readers(path)
    if not SENDABLE.fullmatch(secret):
        raise SetupError(f"{path}: {UNSENDABLE}")
    return secret


def _warn_of_readers(path: Path) -> None:
    if sys.platform == "win32":  # where a file's mode says nothing of who may read it
        return
    if path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
        log.warning("others on this machine can read the secret: chmod 600 the file", path=str(path))


def _expanded(path: Path) -> Path:
    """The path with ``~`` replaced, which a shell leaves as it is in ``--token-file=~/token``."""
    try:
        return path.expanduser()
    except RuntimeError as error:
        raise SetupError(f"{path}: this user has no home") from error


def _write_once(path: Path, secret: str) -> None:
    """Written aside, then linked: nobody reads half of it, and of two servers that start at once one wins."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(f"{secret}\n")
    with suppress(FileExistsError):
        path.hardlink_to(draft)
    draft.unlink()


def _secret(path: Path | None, fewest: int) -> str:
    assert path is not None
    path = _expanded(path)
    try:
        secret = path.read_text("utf-8").strip()
    except UnicodeDecodeError as error:
        raise SetupError(f"{path}: the secret in it is no text") from error
    except OSError as error:
        raise SetupError(f"{path}: {error.strerror}") from error
    if len(secret) < fewest:
        raise SetupError(f"{path}: the secret in it must have {fewest} characters or more")
    return secret
