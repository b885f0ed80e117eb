"""CORS: which origins' pages may call the API; other origins' requests that would change something are refused."""

from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from mocast.api.problems import as_problem
from mocast.errors import Forbidden

EXPOSED = "Location, Link, ETag, Retry-After"
ALLOWED_HEADERS = "Content-Type, Accept, If-Match, Authorization"
ALLOWED_METHODS = "GET, POST, PUT, PATCH, DELETE, OPTIONS"
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


def cors(origins: tuple[str, ...]) -> Middleware:
    """Return a middleware that lets pages of these origins (``*``: any) call the API, and no others.

    A browser hides the answers from the others' pages but still sends their simple requests (cross-site request
    forgery): those are refused before they are handled.
    """

    @web.middleware
    async def allow(request: web.Request, handler: Handler) -> web.StreamResponse:
        origin = request.headers.get("Origin")
        if origin is None or not ("*" in origins or origin in origins):
            if not (_is_safe(request) or _is_own(request, origin)):
                return as_problem(Forbidden(f"Pages of {origin} may not call this server; see allowed_origins."))
            return await handler(request)
        if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
            response: web.StreamResponse = web.Response(status=204)
            response.headers["Access-Control-Allow-Methods"] = ALLOWED_METHODS
            response.headers["Access-Control-Allow-Headers"] = ALLOWED_HEADERS
            response.headers["Access-Control-Max-Age"] = "3600"
        else:
            response = await handler(request)
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Expose-Headers"] = EXPOSED
        response.headers.add("Vary", "Origin")
        return response

    return allow


def _is_safe(request: web.Request) -> bool:
    """Whether a call changes nothing, and browsers hide its answer from other origins, as they do not a WebSocket's."""
    return request.method in SAFE_METHODS and "Upgrade" not in request.headers


def _is_own(request: web.Request, origin: str | None) -> bool:
    """Whether the caller is our own page, or not a page.

    The scheme does not matter: a reverse proxy speaks HTTPS for us. ``Sec-Fetch-Site`` is the browser's own word, which
    no page can set; not every browser sends it.
    """
    if origin is None or request.headers.get("Sec-Fetch-Site") == "same-origin":
        return True
    return origin.partition("://")[2].lower() == request.headers.get("Host", "").lower()
