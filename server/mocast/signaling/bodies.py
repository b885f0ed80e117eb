"""Reading a request's body within a limit."""

from aiohttp import web

from mocast.errors import BodyTooLarge


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
