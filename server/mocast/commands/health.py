"""``mocast health``: whether the server on this machine answers, for containers' health checks."""

import ssl
import sys
import urllib.error
import urllib.request

from mocast.commands.http_errors import reason
from mocast.hosts import bracketed
from mocast.settings.settings import Settings

TIMEOUT_S = 3.0

LOOPBACK = {"0.0.0.0": "127.0.0.1", "::": "::1"}
"""Where a server that listens on every address is asked."""


def health(settings: Settings) -> int:
    """Ask the server that has these settings; return 0 where it says that it is well, else 1."""
    host = bracketed(LOOPBACK.get(settings.host, settings.host))
    try:
        # Unverified: the certificate need not name the address at which a server asks itself.
        scheme, tls = ("https", ssl._create_unverified_context()) if settings.tls_files else ("http", None)
        url = f"{scheme}://{host}:{settings.port}/healthz"
        with urllib.request.urlopen(url, timeout=TIMEOUT_S, context=tls) as answer:
            return 0 if answer.status == 200 else 1
    except urllib.error.HTTPError as error:
        print(f"mocast: what is at port {settings.port} answers {error.code} {error.reason}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"mocast: no answer on port {settings.port}: {reason(error)}", file=sys.stderr)
        return 1
