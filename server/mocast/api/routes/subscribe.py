"""Watching a room: takes the SDP offer, returns the answer."""

from aiohttp import web
from aiohttp.typedefs import Handler

from mocast.api.authentication import PRINCIPAL
from mocast.api.client_address import client_of
from mocast.api.route import Route, route
from mocast.api.routes.offers import MakeLocation, Signaling, relative_location, room_name
from mocast.model.options import SubscribeRequest
from mocast.rooms.registry import Rooms
from mocast.validation import read_query
from mocast.webrtc.offer import Flow


def subscribe_routes(rooms: Rooms, signaling: Signaling) -> list[Route]:
    """``POST`` and ``OPTIONS /v1/rooms/{room}/subscribe``."""
    path = "/v1/rooms/{room}/subscribe"
    return [
        route("POST", path, subscribe_handler(rooms, signaling), grant="subscribe", opens=True),
        route("OPTIONS", path, signaling.options(204), grant="subscribe"),
    ]


def subscribe_handler(
    rooms: Rooms,
    signaling: Signaling,
    *,
    flow: Flow | None = None,
    location: MakeLocation = relative_location,
    needs_publisher: bool = False,
) -> Handler:
    """Return what answers a viewer's offer. ``needs_publisher``: whether a room in which nobody publishes is a 409."""

    async def subscribe(request: web.Request) -> web.Response:
        name = room_name(request)
        wanted = read_query(SubscribeRequest, request.query)
        offer = await signaling.read_offer(request, needs_video=False, flow=flow)
        session, answer = await rooms.subscribe(
            name,
            offer,
            wanted,
            client_of(request),
            principal=request[PRINCIPAL],
            needs_publisher=needs_publisher,
        )
        return signaling.answered(request, session, answer, location)

    return subscribe
