"""The names and addresses of a server: in its log, in its own certificate, and in what is handed to a phone."""

import sys
import time
from pathlib import Path

import structlog

from mocast.api.hosts import machine_names
from mocast.auth.authenticator import Authenticator
from mocast.certificate import fingerprint
from mocast.errors import Forbidden
from mocast.hosts import bracketed, is_loopback
from mocast.model.principal import GRANTS, Principal
from mocast.settings.settings import Settings
from mocast.settings.text import split
from mocast.webrtc.aiortc.gathering import host_addresses

INVITATION_S = 12 * 3600
"""How long the token in an address for phones is valid: an evening, or a day's work."""

EVERYWHERE = ("0.0.0.0", "::")
"""Addresses to listen on that stand for all of the machine's."""

CONTAINER_MARKS = (Path("/.dockerenv"), Path("/run/.containerenv"))
"""Files that Docker and Podman put into each container."""


log = structlog.get_logger(__name__)


def server_url(settings: Settings, port: int) -> str:
    """Return the address at which a browser on this machine reaches the server."""
    return f"{'https' if settings.tls_files else 'http'}://{display_host(settings.host)}:{port}"


def show_links(settings: Settings, url: str, port: int, authenticator: Authenticator) -> None:
    """Tell the certificate's fingerprint, and show in a terminal what opens the page: an address, and a QR code."""
    if authenticator.mode == "token" and may_show_tokens():
        print(f"\n  Your own page: {operator_url(url, authenticator)}\n", file=sys.stderr)
    files = settings.tls_files
    if files is None or not settings.tls_self_signed:
        return
    sha256 = fingerprint(files[0])
    log.info("self-signed certificate", file=str(files[0]), sha256=sha256)
    if may_show_tokens() and not is_loopback(settings.host):
        from mocast.invitation import invitation  # noqa: PLC0415 - 3 MB, which few servers need

        urls, expires = invitation_urls(settings.host, port, authenticator)
        print(invitation(urls, sha256, expires=expires), file=sys.stderr)


def own_names(settings: Settings) -> list[str]:
    """Return the names and addresses that a certificate of our own is for."""
    names = ["localhost", "127.0.0.1", "::1", *machine_names(), *host_addresses()]
    named = [settings.host, *split(settings.allowed_hosts)]
    return [name for name in [*names, *named] if "*" not in name and name not in EVERYWHERE]


def invitation_urls(host: str, port: int, authenticator: Authenticator) -> tuple[list[str], str]:
    """Return the addresses for a phone, the best first, and until when their token is valid; empty: they have none.

    The token grants what a camera needs. Where tokens are made elsewhere (``auth=jwt``) there is none.
    """
    hosts = [host] if host not in EVERYWHERE else [*host_addresses(), machine_names()[1]]
    urls = [f"https://{bracketed(name)}:{port}/" for name in sorted(hosts, key=lambda name: ":" in name)]
    expires_at = time.time() + INVITATION_S
    principal = Principal("phone", frozenset({"publish", "subscribe"}), ("*",), expires_at)
    try:
        token = authenticator.mint(principal)
    except Forbidden:
        return urls, ""
    return [f"{url}#access_token={token}" for url in urls], time.strftime("%H:%M", time.localtime(expires_at))


def operator_url(url: str, authenticator: Authenticator) -> str:
    """Return the page's address with a token in it that grants everything, for as long as an invitation.

    Raises ``Forbidden`` where no tokens are made here.
    """
    principal = Principal("operator", GRANTS, ("*",), time.time() + INVITATION_S)
    return f"{url}/#access_token={authenticator.mint(principal)}"


def may_show_tokens() -> bool:
    """Return whether what is written to stderr is seen in a terminal, and kept nowhere.

    In a container a terminal (``docker run -t``) is also written to the container's log.
    """
    return sys.stderr.isatty() and not any(mark.exists() for mark in CONTAINER_MARKS)


def display_host(host: str) -> str:
    """Return the host to show in an address: one that works in a browser on this machine."""
    return "localhost" if host in ("127.0.0.1", "::1", *EVERYWHERE) else bracketed(host)
