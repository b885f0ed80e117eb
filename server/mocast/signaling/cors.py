"""Pages of other origins, where the operator allows them."""

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

EXPOSED = "Location, Link, ETag, Retry-After"
ALLOWED_HEADERS = "Content-Type, Accept, If-Match, Authorization"
ALLOWED_METHODS = "GET, POST, PATCH, DELETE, OPTIONS"


def cors(origins: tuple[str, ...]) -> Middleware:
    """Return a middleware that lets pages of these origins (``*``: any) call the API; others stay shut out."""

    @web.middleware
    async def allow(request: web.Request, handler: Handler) -> web.StreamResponse:
        origin = request.headers.get("Origin")
        if origin is None or not ("*" in origins or origin in origins):
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
