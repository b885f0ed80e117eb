"""Every error that Mocast raises on purpose, with the HTTP status that the API answers it with.

::

    MocastError
    ├── RequestError              400  the client sent something that cannot be understood
    │   ├── UnsupportedMedia      415  a body of a type that this call does not take
    │   ├── NotAcceptable         406  no answer of a type that the client takes
    │   ├── BodyTooLarge          413  a body or a picture above its limit
    │   ├── Unprocessable         422  understood, but it cannot be done as asked
    │   └── TooSlow               408  a body that did not come in time
    ├── Unauthorized              401  no token, or one that is not valid
    ├── Forbidden                 403  a token without the grant; a page of another origin; what the operator forbids
    ├── Misdirected               421  the request names a host that is not this server
    ├── NotFound                  404  no such session, room, recording or page
    ├── Conflict                  409  the room has a publisher already; a recording still runs
    ├── PreconditionFailed        412  the session changed since the client last looked at it; another version of tus
    ├── PreconditionRequired      428  a change that has to name the state which it is for
    ├── TooManyRequests           429  the client asks for more than its share
    ├── Unavailable               503  full, draining or not ready yet; try again later
    ├── ProcessingError           500  a file cannot be read, tracked or written
    ├── InsufficientStorage       507  no room on the disk for what was sent
    └── TrackingError             500  the engine could not be built or failed on a frame
        └── TrackerHung           500  it did not return from a frame
"""

import os
import socket
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from types import MappingProxyType
from typing import Final, Literal, Self

_PHRASES: Final = {
    **{status.value: status.phrase for status in HTTPStatus},
    413: "Content Too Large",
    422: "Unprocessable Content",
}
"""Those of RFC 9110, section 15, which Python has of these two since 3.13."""


class MocastError(Exception):
    """The root of the tree: ``status`` and ``title`` are what an HTTP client is told."""

    status = 500
    errors: Sequence[Mapping[str, str]] = ()
    """What is wrong with single options: ``detail`` and ``pointer``, as in the example of RFC 9457, section 3; those of
    a query have ``parameter``, our own, in place of the pointer."""
    headers: Mapping[str, str] = MappingProxyType({})
    """Further headers of the answer."""
    retry_after_s: int | None = None
    """After how long it is worth asking again."""
    limit = ""
    """Which limit was reached, as the metric ``mocast_refused_total`` names it; empty: none."""

    @property
    def title(self) -> str:
        """The phrase of the status."""
        return status_phrase(self.status)

    def reached(self, limit: str) -> Self:
        """Name the limit that was reached, and return the error."""
        self.limit = limit
        return self


class RequestError(MocastError):
    """The client sent something that cannot be understood."""

    status = 400


class UnsupportedMedia(RequestError):
    """The body's type is not one that this call takes."""

    status = 415

    def __init__(self, detail: str, headers: Mapping[str, str] = MappingProxyType({})) -> None:
        """``headers``: which types are taken, such as ``Accept-Patch`` (RFC 5789, section 3.1)."""
        super().__init__(detail)
        self.headers = headers


class NotAcceptable(RequestError):
    """None of the types in ``Accept`` is one that this call answers with."""

    status = 406


class BodyTooLarge(RequestError):
    """The body, or the picture in it, is above its limit."""

    status = 413


class Unprocessable(RequestError):
    """The request was understood, but it cannot be done as asked."""

    status = 422

    def __init__(self, detail: str, errors: Sequence[Mapping[str, str]] = ()) -> None:
        super().__init__(detail)
        self.errors = errors


class TooSlow(RequestError):
    """The body did not come in time."""

    status = 408


class Unauthorized(MocastError):
    """The request has no token, or one that is not valid: forged, expired, of another server."""

    status = 401

    def __init__(self, detail: str, error: Literal["", "invalid_token"] = "") -> None:
        """``error``: the code of RFC 6750, section 3.1, for ``WWW-Authenticate``; empty where no token was sent."""
        super().__init__(detail)
        self.error = error


class Misdirected(MocastError):
    """The request names a host that is not this server."""

    status = 421


class Forbidden(MocastError):
    """The principal lacks the grant, the calling page is of an origin that may not, or the operator has not allowed
    it."""

    status = 403


class NotFound(MocastError):
    """There is no such session, room, recording or page."""

    status = 404


class Conflict(MocastError):
    """The request conflicts with the present state: a publisher in the room, a recording that runs."""

    status = 409

    def __init__(self, detail: str, retry_after_s: int | None = None) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s


class PreconditionFailed(MocastError):
    """The session changed since the client last looked at it, or the client's version of a protocol is not ours."""

    status = 412

    def __init__(self, detail: str, headers: Mapping[str, str] = MappingProxyType({})) -> None:
        """``headers``: which versions are, such as ``Tus-Version``."""
        super().__init__(detail)
        self.headers = headers


class PreconditionRequired(MocastError):
    """The change has to name the state of the session which it is for."""

    status = 428


class TooManyRequests(MocastError):
    """The client asks for more than its share."""

    status = 429

    def __init__(self, detail: str, retry_after_s: int | None = None) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s


class Unavailable(MocastError):
    """The server is full, draining or not ready yet."""

    status = 503

    def __init__(self, detail: str, retry_after_s: int = 5) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s


class ProcessingError(MocastError):
    """A file cannot be read, tracked or written."""


class InsufficientStorage(MocastError):
    """The disk has no room for what was sent, or none that it may take."""

    status = 507


class TrackingError(MocastError):
    """The engine could not be built, or it failed on a frame."""


class TrackerHung(TrackingError):
    """The engine did not return from a frame in time. Its thread is left alone, as nothing can end it."""


def status_phrase(status: int) -> str:
    """Return an HTTP status's phrase, ``Not Found``: the title of a problem of no type of its own (RFC 9457, 4.2.1)."""
    return _PHRASES.get(status, f"Status {status}")


def system_reason(error: OSError) -> str | None:
    """Return why a call of the system failed: the words for its number, else the error's own; ``None``: it has neither.

    asyncio's own words repeat the address. Those of a look-up are fine, and its numbers, above 0 on macOS, are not the
    system's.
    """
    if error.errno is not None and error.errno > 0 and not isinstance(error, socket.gaierror):
        return os.strerror(error.errno)
    return error.strerror
