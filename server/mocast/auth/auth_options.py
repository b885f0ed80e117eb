"""What an operator may set of who gets in. It imports no cryptography: most commands need none."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

AuthMode = Literal["none", "token", "jwt"]


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
