"""The ICE servers that clients are told of, with TURN credentials that expire."""

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr


@dataclass(frozen=True, slots=True)
class IceServers:
    """What an operator set up for clients behind NAT."""

    stun_urls: tuple[str, ...] = ()
    turn_urls: tuple[str, ...] = ()
    "``{host}`` in them becomes the host name that the client used for us."
    turn_secret: str = ""
    turn_ttl_s: int = 3600
    clock: Callable[[], float] = time.time

    def links(self, host: str) -> list[str]:
        """Return the values of the ``Link`` headers (RFC 9725, section 4.6) for a client that calls us ``host``."""
        links = [f'<{url.replace("{host}", host)}>; rel="ice-server"' for url in self.stun_urls]
        username, credential = self.credentials()
        links += [
            f'<{url.replace("{host}", host)}>; rel="ice-server"; username="{username}"; '
            f'credential="{credential}"; credential-type="password"'
            for url in self.turn_urls
        ]
        return links

    def credentials(self) -> tuple[str, str]:
        """Return time-limited credentials, as coturn's ``use-auth-secret`` checks them: HMAC-SHA1 of the expiry time.

        Each answer is a user of its own, so that the TURN server's quota for a user means one client.
        Source: draft-uberti-behave-turn-rest-00, section 2.2.
        """
        username = f"{int(self.clock()) + self.turn_ttl_s}:{secrets.token_hex(4)}"
        digest = hmac.new(self.turn_secret.encode(), username.encode(), hashlib.sha1).digest()
        return username, base64.b64encode(digest).decode()


def turn_secret(secret: SecretStr | None, file: Path | None) -> str:
    """Return the secret that is shared with the TURN server; the file's where one is named. Empty: there is none."""
    if file is not None:
        return shared_secret(file)
    return secret.get_secret_value() if secret else ""


def shared_secret(path: Path) -> str:
    """Return the secret in the file. Where there is none, make one, for the TURN server that reads the same file.

    Readable to every user, since the TURN server is another one: the folder decides who gets there.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        # Written aside, then linked: nobody reads half of it, and of two servers that start at once one wins.
        draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")  # in containers every process is number 1
        draft.write_text(secrets.token_hex(32))
        with suppress(FileExistsError):
            path.hardlink_to(draft)
        draft.unlink()
    return path.read_text().strip()
