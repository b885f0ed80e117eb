"""The route of still pictures, ``POST /v1/images``: a picture in; what was found in it out, as JSON or drawn on it."""

import asyncio
import warnings
from collections.abc import AsyncIterator
from typing import Final

from aiohttp import (
    BadContentDispositionHeader,
    BadContentDispositionParam,
    BodyPartReader,
    MultipartReader,
    web,
)

from mocast.api.accept import choose
from mocast.api.bodies import media_type
from mocast.api.client_address import client_of
from mocast.api.route import Route, route
from mocast.errors import BodyTooLarge, NotAcceptable, RequestError, UnsupportedMedia
from mocast.limiter import NOBODY, Client, Limiter
from mocast.model.options import ImageOptions
from mocast.pipeline.picture_driver import ANSWER_TYPES, PictureDriver
from mocast.validation import read_query

BODY_LIMIT: Final = 16 * 1024 * 1024
FIELD_LIMIT: Final = 2_560
"""Bytes of one header of a form's part, such as that with a file's name: of 255 characters of nine bytes, %-encoded."""
BODY_TIMEOUT_S: Final = 120
"""For a whole body: 16 MB at about 1 Mbit/s. A slower client would hold its share of the memory for too long."""

PICTURE_TYPES: Final = frozenset(
    {"image/jpeg", "image/jpg", "image/png", "image/bmp", "image/x-ms-bmp", "image/webp", "application/octet-stream"}
)

# Python keeps the text of each warning that it has told, and this one's is the client's.
warnings.filterwarnings("ignore", category=BadContentDispositionHeader)
warnings.filterwarnings("ignore", category=BadContentDispositionParam)


class Upload:
    """A body that is being received. Its bytes count until the end of the ``with`` block."""

    def __init__(self, limiter: Limiter, client: Client = NOBODY) -> None:
        self._limiter = limiter
        self._client = client
        self.body = bytearray()
        "What came so far."

    def __enter__(self) -> "Upload":
        return self

    def __exit__(self, *_: object) -> None:
        self._limiter.release("upload_bytes", self._client, amount=len(self.body))

    def add(self, chunk: bytes) -> None:
        """Take the next bytes.

        Raises ``BodyTooLarge`` above ``BODY_LIMIT``, ``TooManyRequests`` above the client's share, ``Unavailable``
        above that of all.
        """
        if len(self.body) + len(chunk) > BODY_LIMIT:
            raise _too_large()
        self._limiter.take("upload_bytes", self._client, amount=len(chunk))
        self.body += chunk


def _too_large() -> BodyTooLarge:
    return BodyTooLarge(f"A picture must have at most {BODY_LIMIT // 2**20} MB.")


def image_routes(pictures: PictureDriver, limiter: Limiter) -> list[Route]:
    """``POST /v1/images``."""

    async def post_image(request: web.Request) -> web.Response:
        options = read_query(ImageOptions, request.query)
        answer_type = choose(",".join(request.headers.getall("Accept", [])), ANSWER_TYPES)
        if answer_type is None:
            raise NotAcceptable(f"The answer can be {', '.join(ANSWER_TYPES)}; Accept names none of them.")
        client = client_of(request)
        limiter.require("pictures", client)
        with limiter.lease("uploads", client), Upload(limiter, client) as upload:
            try:
                async with asyncio.timeout(BODY_TIMEOUT_S):
                    await _receive(request, upload)
            except TimeoutError:
                raise RequestError(f"The picture did not arrive within {BODY_TIMEOUT_S} s.") from None
            body = await pictures.answer(upload.body, options, answer_type, client)
        return web.Response(body=body, content_type=answer_type)

    return [route("POST", "/v1/images", post_image, grant="images")]


async def _receive(request: web.Request, upload: Upload) -> None:
    """Read the picture, raw or from a form; refuse one that is too large or of another type as early as possible."""
    kind = media_type(request.headers)
    is_form = kind == "multipart/form-data"
    if not is_form:
        _check_type(kind)
    # The form's own lines come on top of the picture.
    if (request.content_length or 0) > BODY_LIMIT + (64 * 1024 if is_form else 0):
        raise _too_large()
    async for chunk in _form_picture(request) if is_form else request.content.iter_any():
        upload.add(chunk)
    if not upload.body:
        raise RequestError("There is no picture in the body.")


async def _form_picture(request: web.Request) -> AsyncIterator[bytes]:
    """The chunks of the form's ``image`` part; parts before it are discarded, within the same limit."""
    skipped = 0
    try:
        parts = MultipartReader(request.headers, request.content, max_field_size=FIELD_LIMIT)
        while part := await parts.next():
            if not isinstance(part, BodyPartReader):
                raise RequestError("A form within a form is not taken.")
            if part.name == "image":
                _check_type(media_type(part.headers))
                while chunk := await part.read_chunk():
                    yield chunk
                return
            while chunk := await part.read_chunk():
                skipped += len(chunk)
                if skipped > BODY_LIMIT:
                    raise _too_large()
    except (ValueError, AssertionError, RuntimeError):
        raise RequestError("The form is malformed.") from None
    raise RequestError('The form has no part named "image".')


def _check_type(content_type: str) -> None:
    if content_type not in PICTURE_TYPES:
        raise UnsupportedMedia(
            f"A picture must be a JPEG, PNG, BMP or WebP, not {content_type[:60]}: "
            'say which in the Content-Type header, such as "Content-Type: image/jpeg".'
        )
