"""The header ``If-Match``: a change is for one state of a thing, and refused in another."""

import re
from typing import Final

from aiohttp import hdrs, web

from mocast.errors import PreconditionFailed, PreconditionRequired

MAX_CHARACTERS: Final = 1_024
"""A client has one tag, of 18 characters. The headers of a request may have 64 KiB together: 16 ms of tags."""

_ENTITY_TAG: Final = re.compile(r'(W/)?("[^"]*")')
"""RFC 9110, section 8.8.3."""


def require_match(request: web.Request, etag: str, *, is_needed: bool) -> None:
    """Raise ``PreconditionFailed`` where ``If-Match`` names only other states than ``etag`` (RFC 9110, 13.1.1).

    ``*`` is any state, also in the quotes that RFC 9725's example has. Weak tags match nothing. ``is_needed``: raise
    ``PreconditionRequired`` where there is no such header (RFC 6585, section 3). What is behind ``MAX_CHARACTERS`` of
    it is not read.
    """
    given = ",".join(request.headers.getall(hdrs.IF_MATCH, ()))[:MAX_CHARACTERS]
    if not given:
        if is_needed:
            raise PreconditionRequired("Send the ETag of the answer to your offer as If-Match.")
        return
    strong = [tag for weak, tag in _ENTITY_TAG.findall(given) if not weak]
    if given.strip() != "*" and not {etag, '"*"'}.intersection(strong):
        raise PreconditionFailed("If-Match names another ICE session than the present one.")
