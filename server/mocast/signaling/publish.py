"""Publishing to a room: the offer in, the answer out."""

import re

from aiohttp import web

from mocast.errors import RequestError, UnsupportedMedia
from mocast.media.offer import MAX_BYTES, parse_offer
from mocast.media.rooms import Rooms
from mocast.signaling.bodies import read_body
from mocast.signaling.choices import parse_publish_query
from mocast.signaling.ice import IceServers

ROOM_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")


def publish_routes(rooms: Rooms, ice: IceServers) -> list[web.RouteDef]:
    """``POST`` and ``OPTIONS /v1/rooms/{room}/publish``."""

    async def publish(request: web.Request) -> web.Response:
        room = _room_name(request)
        if request.content_type != "application/sdp":
            raise UnsupportedMedia("send the SDP offer as application/sdp")
        wanted = parse_publish_query(request.query)
        offer = parse_offer(await read_body(request, MAX_BYTES))
        session, answer = await rooms.publish(room, offer, wanted)
        response = web.Response(status=201, body=answer.encode(), content_type="application/sdp")
        response.headers["Location"] = f"/v1/sessions/{session.id}"
        response.headers["ETag"] = session.etag
        return _with_ice(response, request)

    async def options(request: web.Request) -> web.Response:
        _room_name(request)
        return _with_ice(web.Response(status=204, headers={"Accept-Post": "application/sdp"}), request)

    def _with_ice(response: web.Response, request: web.Request) -> web.Response:
        for link in ice.links(_host_name(request)):
            response.headers.add("Link", link)
        return response

    return [
        web.post("/v1/rooms/{room}/publish", publish),
        web.route("OPTIONS", "/v1/rooms/{room}/publish", options),
    ]


def _room_name(request: web.Request) -> str:
    room = request.match_info["room"]
    if ROOM_NAME.fullmatch(room) is None:
        raise RequestError("a room's name has 1 to 64 letters, digits, dots, dashes or underscores")
    return room


def _host_name(request: web.Request) -> str:
    """The host name without its port, as the client wrote it; brackets of an IPv6 address are kept."""
    match = re.fullmatch(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(:\d+)?", request.host)
    return match.group(1) if match else "localhost"
