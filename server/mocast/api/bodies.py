"""Bodies: those of requests are read within a limit, those of answers are JSON."""

import asyncio
from collections.abc import Mapping
from typing import Final

import orjson
from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from mocast.errors import BodyTooLarge, RequestError, TooSlow, UnsupportedMedia

MAX_JSON_BYTES = 16_384

READ: Final = web.RequestKey("read", bytes)
"""The body, where it was read to be sent to another node: whoever is asked next has it again."""

TIMEOUT_S = 10.0
"""How long a small body may take to arrive: 64 KB at 50 kbit/s."""


@web.middleware
async def plain_bodies(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse compressed bodies: a few bytes can hold gigabytes, and aiohttp inflates them on the event loop."""
    encoding = request.headers.get("Content-Encoding", "identity")
    if encoding.strip().lower() not in ("", "identity"):
        raise UnsupportedMedia(f"Send the body without compression, not as {encoding[:60]}.")
    return await handler(request)


def media_type(headers: Mapping[str, str]) -> str:
    """Return a body's type, in lower case and without its parameters; where none is told, bytes (RFC 9110, 8.3).

    ``Request.content_type`` of aiohttp reads all parameters with Python's parser of mail: 265 ms for 8 KB of them.
    """
    return headers.get(hdrs.CONTENT_TYPE, "application/octet-stream").partition(";")[0].strip().lower()


async def read_body(request: web.Request, limit: int) -> bytes:
    """Return the body.

    Raises ``BodyTooLarge`` as soon as it is above ``limit`` bytes, without keeping more, and ``TooSlow`` where it takes
    longer than ``TIMEOUT_S`` to arrive.
    """
    if READ in request:
        return _within(request[READ], limit)
    try:
        async with asyncio.timeout(TIMEOUT_S):
            return await _read(request, limit)
    except TimeoutError as error:
        raise TooSlow(f"The body did not arrive within {TIMEOUT_S:g} s.") from error


async def kept_body(request: web.Request, limit: int) -> bytes:
    """Return the body, and keep it for ``read_body``. Raises as that."""
    request[READ] = body = await read_body(request, limit)
    return body


async def read_json(request: web.Request, limit: int = MAX_JSON_BYTES, most_signs: int = MAX_JSON_BYTES) -> object:
    """Return the body's parsed JSON. Raises ``UnsupportedMedia`` and what ``read_body`` and ``parse_json`` raise.

    ``most_signs``: commas, brackets, braces and quotes that a longer body may have. What a parser makes of them holds
    the interpreter, and so the event loop, for as long as there are many.
    """
    if media_type(request.headers) != "application/json":
        raise UnsupportedMedia("Send it as application/json.")
    body = await read_body(request, limit)
    if sum(map(body.count, (b",", b"[", b"{", b'"'))) > most_signs:
        raise BodyTooLarge("The body has too many values.")
    return parse_json(body)


def parse_json(body: bytes) -> object:
    """Return the parsed JSON. Raises ``RequestError`` where it is malformed."""
    try:
        return orjson.loads(body)
    except ValueError as error:
        raise RequestError("The body is not JSON.") from error


def json_answer(data: object, status: int = 200) -> web.Response:
    """Return an answer in JSON."""
    return web.Response(status=status, body=orjson.dumps(data), content_type="application/json")


def _within(body: bytes, limit: int) -> bytes:
    if len(body) > limit:
        raise BodyTooLarge(f"The body has at most {limit} bytes.")
    return body


async def _read(request: web.Request, limit: int) -> bytes:
    if request.content_length is not None and request.content_length > limit:
        raise BodyTooLarge(f"The body has at most {limit} bytes.")
    body = bytearray()
    async for chunk in request.content.iter_chunked(65_536):
        body += chunk
        if len(body) > limit:
            raise BodyTooLarge(f"The body has at most {limit} bytes.")
    return bytes(body)
