"""The headers that every answer has: what browsers may do with it, and which pages may read it (CORS).

They are set when an answer begins, so that files, streams, WebSockets and errors have them, too.
"""

from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import hdrs, web

from mocast.api.cors import EXPOSED, Origins

ANSWER_POLICY: Final = "default-src 'none'; frame-ancestors 'none'"
"""Of what is no page. The page has a policy of its own."""

SECURITY_HEADERS: Final = {
    "Content-Security-Policy": ANSWER_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(self), microphone=(self), geolocation=(), display-capture=()",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""Where an answer does not say otherwise. Pages of other sites cannot even show what they find here, unless CORS lets
them. Ids of sessions and credentials of TURN are nothing for a cache."""

HSTS: Final = "max-age=31536000"
"""A year. Only this host: what else runs below its name is not ours to decide."""


def secure(response: web.StreamResponse) -> None:
    """Add the headers that need no request."""
    for name, value in SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers[hdrs.SERVER] = "mocast"  # aiohttp's own tells versions


def response_headers(
    origins: Origins, *, strict_transport: bool
) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    """Return the handler of ``on_response_prepare``.

    ``strict_transport``: browsers are told to use HTTPS alone from now on (RFC 6797), over HTTPS, which is when they
    listen. Not for ``localhost``, where other programs serve without.
    """

    async def add(request: web.Request, response: web.StreamResponse) -> None:
        secure(response)
        if request.path == "/":  # the page for people, addresses for programs
            response.headers.add(hdrs.VARY, hdrs.ACCEPT)
        if strict_transport and request.secure and not request.host.startswith("localhost"):
            response.headers[hdrs.STRICT_TRANSPORT_SECURITY] = HSTS
        if not origins:
            return
        response.headers.add(hdrs.VARY, hdrs.ORIGIN)
        origin = request.headers.get(hdrs.ORIGIN)
        if origin is not None and origin in origins:
            response.headers[hdrs.ACCESS_CONTROL_ALLOW_ORIGIN] = origin
            response.headers[hdrs.ACCESS_CONTROL_EXPOSE_HEADERS] = EXPOSED

    return add
