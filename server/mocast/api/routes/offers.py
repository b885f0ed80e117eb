"""Offers and answers: what the routes of publishers and viewers share."""

import re

from aiohttp import web

from mocast.api.bodies import read_body
from mocast.api.ice_servers import IceServers
from mocast.errors import BodyTooLarge, RequestError, UnsupportedMedia
from mocast.model.options import ROOM_NAME
from mocast.rooms.session import Session
from mocast.webrtc.offer import Offer, OfferLimits, parse_offer


def room_name(request: web.Request) -> str:
    """Return the room in the request's path. Raises ``RequestError`` where it cannot be a room's name."""
    name = request.match_info["room"]
    if ROOM_NAME.fullmatch(name) is None:
        raise RequestError("A room's name has 1 to 64 letters, digits, dots, dashes or underscores.")
    return name


async def read_offer(request: web.Request, limits: OfferLimits, *, needs_video: bool = True) -> Offer:
    """Return the offer in the body. Raises ``UnsupportedMedia`` and what ``read_body`` and ``parse_offer`` raise."""
    if request.content_type != "application/sdp":
        raise UnsupportedMedia("Send the SDP offer as application/sdp.")
    try:
        body = await read_body(request, limits.max_bytes)
    except BodyTooLarge as error:
        raise error.reached("offer_bytes")  # noqa: B904 (the same)
    return parse_offer(body, limits, needs_video=needs_video)


def offer_answer(session: Session, answer: str, ice: IceServers, request: web.Request) -> web.Response:
    """Return the response to an accepted offer: 201 with the SDP answer."""
    response = web.Response(status=201, body=answer.encode(), content_type="application/sdp")
    # Relative to the address of the call, so that it holds behind any path prefix of a proxy.
    response.headers["Location"] = f"../../sessions/{session.id}"
    response.headers["ETag"] = session.etag
    return _with_ice(response, ice, request)


def offer_options(ice: IceServers, request: web.Request) -> web.Response:
    """Return what a client may know before its offer: the ICE servers. Raises ``RequestError`` as ``room_name``."""
    room_name(request)
    return _with_ice(web.Response(status=204, headers={"Accept-Post": "application/sdp"}), ice, request)


def _with_ice(response: web.Response, ice: IceServers, request: web.Request) -> web.Response:
    for link in ice.links(_host_name(request)):
        response.headers.add("Link", link)
    return response


def _host_name(request: web.Request) -> str:
    """The host name without its port, as the client wrote it; brackets of an IPv6 address are kept."""
    match = re.fullmatch(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(:\d+)?", request.host)
    return match.group(1) if match else "localhost"
