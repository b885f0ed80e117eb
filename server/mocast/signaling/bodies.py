"""Reading a request's body within a limit."""

from aiohttp import web
from aiohttp.typedefs import Handler

from mocast.errors import BodyTooLarge, UnsupportedMedia


@web.middleware
async def plain_bodies(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse compressed bodies: a few bytes can hold gigabytes, and aiohttp inflates them on the event loop."""
    encoding = request.headers.get("Content-Encoding", "identity")
    if encoding.strip().lower() not in ("", "identity"):
        raise UnsupportedMedia(f"send the body without compression, not as {encoding[:60]}")
    return await handler(request)


async def read_body(request: web.Request, limit: int) -> bytes:
    """Return the body. Raises ``BodyTooLarge`` as soon as it is above ``limit`` bytes, without keeping more."""
    if request.content_length is not None and request.content_length > limit:
        raise BodyTooLarge(f"the body has at most {limit} bytes")
    body = bytearray()
    async for chunk in request.content.iter_chunked(65_536):
        body += chunk
        if len(body) > limit:
            raise BodyTooLarge(f"the body has at most {limit} bytes")
    return bytes(body)
