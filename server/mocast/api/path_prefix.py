"""Addresses of this server as its clients see them, below a path prefix that a proxy takes away."""

import re
from typing import Final

from aiohttp import web

from mocast.api.client_address import comes_from_proxy

PREFIX_HEADER: Final = "X-Forwarded-Prefix"
"""No standard has it: RFC 7239 tells of host and protocol alone. Traefik sends it by itself; others are told to."""

_PREFIX: Final = re.compile(r"(/[A-Za-z0-9._~-]{1,64}){1,8}")
"""Begins with one slash: two would be another host's address."""


def public_path(request: web.Request, path: str) -> str:
    """Return a path of this server's with the prefix that clients put before it, which trusted proxies tell.

    Host and protocol are left out, so that they are right behind every proxy. A path from the root is what every client
    resolves: OBS takes it for the whole path, whatever it is relative to, and FFmpeg, GStreamer and browsers do as RFC
    3986 says.
    """
    told = request.headers.get(PREFIX_HEADER, "").rstrip("/")
    return f"{told}{path}" if _PREFIX.fullmatch(told) and comes_from_proxy(request) else path
