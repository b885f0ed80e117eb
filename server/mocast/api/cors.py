"""CORS: which origins' pages may call the API; other origins' requests that would change something are refused."""

from typing import Final

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware

from mocast.api.route import GrantedRoute
from mocast.errors import Forbidden

EXPOSED: Final = (
    "Location, Link, ETag, Accept-Post, Accept-Patch, Retry-After, Content-Disposition, Tus-Resumable, Tus-Version, "
    "Tus-Extension, Tus-Max-Size, Upload-Offset, Upload-Length, Upload-Metadata, Upload-Expires"
)
PREFLIGHT: Final = {
    hdrs.ACCESS_CONTROL_ALLOW_METHODS: "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS",
    hdrs.ACCESS_CONTROL_ALLOW_HEADERS: (
        "Content-Type, Accept, If-Match, Authorization, Range, Last-Event-ID, X-HTTP-Method-Override, Tus-Resumable, "
        "Upload-Offset, Upload-Length, Upload-Metadata"
    ),
    hdrs.ACCESS_CONTROL_MAX_AGE: "3600",
}
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class Origins(frozenset[str]):
    """The origins whose pages may call; ``*`` among them: any."""

    def __contains__(self, origin: object) -> bool:
        return super().__contains__("*") or super().__contains__(origin)


def cors(origins: Origins) -> Middleware:
    """Return a middleware that lets pages of these origins call the API, and no others.

    A browser hides the answers from the others' pages but still sends their simple requests (cross-site request
    forgery): those are refused before they are handled. Raises ``Forbidden``. What lets allowed pages read is in
    ``response_headers``.
    """

    @web.middleware
    async def allow(request: web.Request, handler: Handler) -> web.StreamResponse:
        origin = request.headers.get(hdrs.ORIGIN)
        if origin is not None and origin in origins:
            is_preflight = request.method == "OPTIONS" and hdrs.ACCESS_CONTROL_REQUEST_METHOD in request.headers
            return _preflight_answer(request) if is_preflight else await handler(request)
        if _is_safe(request) or _is_own(request, origin):
            return await handler(request)
        raise Forbidden(f"Pages of {origin} may not call this server; see allowed_origins.")

    return allow


def _preflight_answer(request: web.Request) -> web.Response:
    """Say which requests pages may make, and which bodies the address takes."""
    route = request.match_info.route
    answer = web.Response(headers=PREFLIGHT)
    if isinstance(route, GrantedRoute):
        answer.headers.update(route.accepts)
    return answer


def _is_safe(request: web.Request) -> bool:
    """Whether a call changes nothing, and browsers hide its answer from other origins, as they do not a WebSocket's."""
    return request.method in SAFE_METHODS and hdrs.UPGRADE not in request.headers


def _is_own(request: web.Request, origin: str | None) -> bool:
    """Whether the caller is our own page, or not a page.

    The scheme does not matter: a reverse proxy speaks HTTPS for us. ``Sec-Fetch-Site`` is the browser's own word, which
    no page can set; not every browser sends it.
    """
    if origin is None or request.headers.get("Sec-Fetch-Site") == "same-origin":
        return True
    return origin.partition("://")[2].lower() == request.headers.get(hdrs.HOST, "").lower()
