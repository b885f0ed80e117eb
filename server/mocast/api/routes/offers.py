"""Offers and answers: what the routes of publishers and viewers share."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler

from mocast.api.bodies import media_type, read_body
from mocast.api.ice_servers import IceServers
from mocast.api.path_prefix import public_path
from mocast.api.route import Route, route
from mocast.errors import BodyTooLarge, RequestError, UnsupportedMedia
from mocast.model.options import ROOM_NAME, ROOM_NAME_RULE
from mocast.model.principal import Grant
from mocast.rooms.session import Session
from mocast.webrtc.offer import Flow, Offer, OfferLimits, parse_offer

SDP: Final = "application/sdp"
ACCEPT_POST: Final = {"Accept-Post": SDP}

MakeLocation = Callable[[web.Request, Session], str]
"""Returns the ``Location`` of a new session."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signaling:
    """The exchange of an SDP offer for an answer over HTTP, as our own calls, WHIP and WHEP have it."""

    limits: OfferLimits
    ice: IceServers

    async def read_offer(self, request: web.Request, *, needs_video: bool = True, flow: Flow | None = None) -> Offer:
        """Return the offer in the body.

        Raises ``UnsupportedMedia`` and what ``read_body`` and ``parse_offer`` raise.
        """
        if media_type(request.headers) != SDP:
            raise UnsupportedMedia(f"Send the SDP offer as {SDP}.", ACCEPT_POST)
        try:
            body = await read_body(request, self.limits.max_bytes)
        except BodyTooLarge as error:
            raise error.reached("offer_bytes")  # noqa: B904 (the same)
        return parse_offer(body, self.limits, needs_video=needs_video, flow=flow)

    def answered(self, request: web.Request, session: Session, answer: str, location: MakeLocation) -> web.Response:
        """Return the response to an accepted offer: 201 with the SDP answer and the session's ``Location``."""
        response = web.Response(status=201, body=answer.encode(), content_type=SDP)
        response.headers["Location"] = location(request, session)
        response.headers["ETag"] = session.etag
        return self._with_ice(request, response)

    def options(self, status: int) -> Handler:
        """Return the handler that says what a client may know before its offer: the ICE servers.

        A browser's own question before a page's request gets none: its answer cannot be read, and each is a user of
        the TURN server (RFC 9725, section 4.6).
        """

        async def options(request: web.Request) -> web.Response:
            room_name(request)
            response = web.Response(status=status, headers=ACCEPT_POST)
            is_preflight = "Access-Control-Request-Method" in request.headers
            return response if is_preflight else self._with_ice(request, response)

        return options

    def _with_ice(self, request: web.Request, response: web.Response) -> web.Response:
        for link in self.ice.links(_host_name(request)):
            response.headers.add("Link", link)
        return response


def room_name(request: web.Request) -> str:
    """Return the room in the request's path. Raises ``RequestError`` where it cannot be a room's name."""
    name = request.match_info["room"]
    if ROOM_NAME.fullmatch(name) is None:
        raise RequestError(ROOM_NAME_RULE)
    return name


def relative_location(_: web.Request, session: Session) -> str:
    """Return a session's location relative to the call's, so that it holds behind any path prefix of a proxy."""
    return f"../../sessions/{session.id}"


def location_below(endpoint: str) -> MakeLocation:
    """Return what makes the location of a session below that of its room, such as ``/whip/studio/{id}``.

    WHIP's and WHEP's clients do not all resolve what is relative to the call (see ``public_path``).
    """

    def location(request: web.Request, session: Session) -> str:
        return public_path(request, f"{endpoint}/{session.room.name}/{session.id}")

    return location


def endpoint_routes(endpoint: str, grant: Grant, signaling: Signaling, post: Handler) -> list[Route]:
    """``POST``, ``OPTIONS`` and ``GET`` of ``/whip/{room}`` or ``/whep/{room}``."""

    async def nothing(request: web.Request) -> web.Response:
        """There is nothing to be had, but whoever asks with HEAD learns what the address takes (WHEP, section 4.2)."""
        room_name(request)
        # aiohttp leaves the length out with HEAD, which has to have what GET has.
        return web.Response(content_type=SDP, headers={**ACCEPT_POST, "Content-Length": "0"})

    path = f"{endpoint}/{{room}}"
    return [
        route("POST", path, post, grant=grant, opens=True),
        route("OPTIONS", path, signaling.options(200), grant=grant, accepts=ACCEPT_POST),
        route("GET", path, nothing, grant=grant),
    ]


def _host_name(request: web.Request) -> str:
    """The host name without its port, as the client wrote it; brackets of an IPv6 address are kept."""
    match = re.fullmatch(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(:\d+)?", request.host)
    return match.group(1) if match else "localhost"
