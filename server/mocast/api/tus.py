"""tus 1.0.0, the protocol of resumable uploads: its headers. https://tus.io/protocols/resumable-upload"""

import base64
import binascii
import re
from email.utils import formatdate
from typing import Final

from aiohttp import web

from mocast.api.bodies import media_type
from mocast.api.route import GrantedRoute
from mocast.errors import BodyTooLarge, PreconditionFailed, RequestError, UnsupportedMedia

VERSION: Final = "1.0.0"
EXTENSIONS: Final = "creation,creation-with-upload,expiration,termination"
CHUNK_TYPE: Final = "application/offset+octet-stream"

RESUMABLE: Final = "Tus-Resumable"
OFFSET: Final = "Upload-Offset"
LENGTH: Final = "Upload-Length"
METADATA: Final = "Upload-Metadata"
EXPIRES: Final = "Upload-Expires"
OVERRIDE: Final = "X-HTTP-Method-Override"

MAX_METADATA: Final = 4_096
"""Characters of ``Upload-Metadata``, which is kept with the job."""

_NUMBER: Final = re.compile(r"[0-9]{1,18}")
_PAIR: Final = re.compile(r"[!-+\--~]+( [A-Za-z0-9+/=]*)?")
"""A key of printable ASCII without comma, and a value in Base64, or none."""


async def tus_version(request: web.Request, response: web.StreamResponse) -> None:
    """Add ``Tus-Resumable`` to what is answered about jobs, errors among it: a handler of ``on_response_prepare``."""
    route = request.match_info.route
    if isinstance(route, GrantedRoute) and ((route.resource and route.resource.canonical) or "").startswith("/v1/jobs"):
        response.headers[RESUMABLE] = VERSION


def require_version(request: web.Request, *, is_needed: bool) -> bool:
    """Return whether a request speaks tus. Raises ``PreconditionFailed`` where it speaks another version of it.

    ``is_needed``: also where it says nothing of it.
    """
    version = request.headers.get(RESUMABLE)
    if version is None and not is_needed:
        return False
    if version != VERSION:
        raise PreconditionFailed(f"Send Tus-Resumable: {VERSION}, the one version here.", {"Tus-Version": VERSION})
    return True


def require_chunk(request: web.Request) -> None:
    """Raise ``UnsupportedMedia`` unless the body is of tus's type."""
    if media_type(request.headers) != CHUNK_TYPE:
        raise UnsupportedMedia(f"Send it as {CHUNK_TYPE}.")


def number_of(request: web.Request, header: str) -> int:
    """Return a header's number. Raises ``RequestError`` where it has none, or is missing."""
    text = request.headers.get(header, "")
    if _NUMBER.fullmatch(text) is None:
        raise RequestError(f"{header} has to be a number of bytes.")
    return int(text)


def metadata_of(request: web.Request) -> tuple[str, dict[str, str]]:
    """Return the metadata as they were sent, and decoded; what is no text is left out of these.

    Raises ``RequestError`` where they are malformed, ``BodyTooLarge`` above ``MAX_METADATA``.
    """
    text = request.headers.get(METADATA, "").strip()
    if len(text) > MAX_METADATA:
        raise BodyTooLarge(f"{METADATA} has at most {MAX_METADATA} characters.")
    if not text:
        return "", {}
    words = [word.strip() for word in text.split(",")]
    if not all(map(_PAIR.fullmatch, words)):
        raise RequestError(f"{METADATA} has to be pairs of a name and a value in Base64.")
    pairs = [word.partition(" ") for word in words]
    if len({name for name, _, _ in pairs}) < len(pairs):
        raise RequestError(f"{METADATA} has the same name twice.")
    decoded = {}
    for name, _, value in pairs:
        try:
            decoded[name] = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            continue
    return text, decoded


def expires(at: float) -> dict[str, str]:
    """Return the header that says until when an upload may be resumed (seconds since 1970), as RFC 9110 has dates."""
    return {EXPIRES: formatdate(at, usegmt=True)}


def server_headers(most_bytes: int) -> dict[str, str]:
    """Return what OPTIONS tells."""
    return {
        "Tus-Version": VERSION,
        "Tus-Extension": EXTENSIONS,
        "Tus-Max-Size": str(most_bytes),
        "Accept-Post": "*/*",
        "Accept-Patch": CHUNK_TYPE,
    }
