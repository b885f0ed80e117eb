"""Where and how it serves."""

import re
from pathlib import Path

from pydantic import BaseModel, Field, field_validator, model_validator

from mocast.settings.text import Networks, split
from mocast.settings.user_folder import user_folder

HOST_PATTERN = re.compile(r"\*|(\*\.)?[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*")
"""A name, ``*.`` and a name, or ``*``."""


class ServingSettings(BaseModel):
    """Where and how it serves."""

    host: str = Field("127.0.0.1", description="Address to listen on. `0.0.0.0`: every network (set in the container).")
    port: int = Field(8080, ge=0, le=65535, description="Port to listen on. 0: any free one.")
    published_on: str = Field(
        "",
        description="Addresses and names at which a container, or a proxy before it, is reached, comma-separated. "
        "These and not `host` decide who gets in then.",
    )
    tls_cert: Path | None = Field(
        None, description="Certificate for HTTPS, in PEM, with its chain; read again when it changes. Empty: HTTP."
    )
    tls_key: Path | None = Field(None, description="The certificate's key, in PEM, without a password.")
    tls_self_signed: bool = Field(
        False,
        description="HTTPS with a certificate of the server's own making, for this machine's addresses. It is kept in "
        "`tls_cert` and `tls_key`; where these are empty, in `mocast` in the user's own configuration folder.",
    )
    allowed_hosts: str = Field(
        "",
        description="Names of this server in the DNS or at a proxy, comma-separated; requests to others get 421. "
        "`localhost`, IP addresses and the machine's own name are always among them. `*.example.org`: all below. "
        "`*`: any, which lets any web page in (DNS rebinding).",
    )
    allowed_origins: str = Field(
        "", description="Web origins whose pages may call the API, comma-separated; `*`: any. Empty: only our own page."
    )
    trusted_proxies: Networks = Field(
        "127.0.0.0/8,::1",
        description="Proxies whose `X-Forwarded-For` says who the client is, and `X-Forwarded-Prefix` below which path "
        "the server is to it: networks or addresses, comma-separated. Whoever is in them can pretend to be any "
        "address. Empty: none.",
    )
    workers: str = Field(
        "1",
        description="Processes that serve, each with rooms of its own. `auto`: "
        "[one for about four usable cores](deployment.md#all-cores-of-a-machine).",
    )
    drain_s: float = Field(
        0,
        ge=0,
        le=86_400,
        description="Seconds that running sessions may go on after SIGTERM; new ones get 503. 0: they end at once.",
    )
    shutdown_timeout_s: float = Field(10, gt=0, description="Seconds that a graceful stop may take after draining.")

    @field_validator("allowed_hosts")
    @classmethod
    def _are_hosts(cls, text: str) -> str:
        for name in split(text):
            if HOST_PATTERN.fullmatch(name) is None:
                raise ValueError(f"{name} is not the name of a host: write it without scheme and port")
        return text

    @field_validator("workers")
    @classmethod
    def _is_count(cls, text: str) -> str:
        if re.fullmatch(r"auto|[1-9][0-9]?", text) is None:
            raise ValueError(f"{text} is not auto, nor a number from 1 to 99")
        return text

    @model_validator(mode="after")
    def _tls(self) -> "ServingSettings":
        if (self.tls_cert is None) != (self.tls_key is None):
            raise ValueError("tls_cert and tls_key need each other")
        if self.tls_self_signed and self.tls_files is None:
            raise ValueError("tls_self_signed needs tls_cert and tls_key, as the user has no home folder")
        return self

    @property
    def reached_at(self) -> tuple[str, ...]:
        """Addresses and names at which clients reach the server, as far as the operator has said."""
        return split(self.published_on) or (self.host,)

    @property
    def tls_files(self) -> tuple[Path, Path] | None:
        """The certificate and its key, with the default worked out; ``None``: HTTP."""
        if self.tls_cert is not None and self.tls_key is not None:
            return self.tls_cert, self.tls_key
        folder = user_folder("XDG_CONFIG_HOME", ".config") if self.tls_self_signed else None
        return (folder / "certificate.pem", folder / "key.pem") if folder is not None else None
