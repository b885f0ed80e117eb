"""Who gets in."""

from pathlib import Path

from pydantic import BaseModel, Field, SecretStr

from mocast.auth.auth_options import AuthMode, AuthOptions
from mocast.settings.user_folder import user_folder


class AccessSettings(BaseModel):
    """Who gets in."""

    auth: AuthMode = Field(
        "none",
        description="What everybody is asked for. `none`: nothing, on this machine only. `token`: a shared secret, or "
        "a token that was made with it. `jwt`: a JSON Web Token.",
    )
    insecure: bool = Field(False, description="Serve other machines without asking anybody for a token.")
    token: SecretStr | None = Field(
        None, description="The secret of `auth=token`: 16 characters or more, such as `openssl rand -hex 16` gives."
    )
    token_file: Path | None = Field(
        None,
        description="File that holds the secret, in place of `token`; created where it is missing. Where both are "
        "empty: `mocast/token` in the user's own configuration folder.",
    )
    jwt_secret: SecretStr | None = Field(
        None, description="Secret of tokens signed with HS256, for `auth=jwt`: 32 characters or more."
    )
    jwt_secret_file: Path | None = Field(None, description="File that holds the secret, in place of `jwt_secret`.")
    jwt_key_file: Path | None = Field(
        None,
        description="File with the issuer's public keys for tokens signed with RS256 or EdDSA: one in PEM, or a JSON "
        "Web Key Set. Read again when it changes.",
    )
    jwt_issuer: str = Field("", description="What the claim `iss` must be. Empty: anything.")
    jwt_audience: str = Field("", description="What the claim `aud` must hold. Empty: there must be none.")

    @property
    def auth_options(self) -> AuthOptions:
        """How tokens are checked."""
        return AuthOptions(
            mode=self.auth,
            token=self.token.get_secret_value() if self.token else "",
            token_file=self.kept_token_file,
            jwt_secret=self.jwt_secret.get_secret_value() if self.jwt_secret else "",
            jwt_secret_file=self.jwt_secret_file,
            jwt_key_file=self.jwt_key_file,
            jwt_issuer=self.jwt_issuer,
            jwt_audience=self.jwt_audience,
        )

    @property
    def kept_token_file(self) -> Path | None:
        """The file that holds the shared secret, with the default worked out; ``None``: no file does."""
        if self.token_file is not None or self.auth != "token" or self.token is not None:
            return self.token_file
        folder = user_folder("XDG_CONFIG_HOME", ".config")
        return folder / "token" if folder is not None else None
