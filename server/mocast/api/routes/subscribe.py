"""Watching a room: takes the SDP offer, returns the answer."""

from aiohttp import web
from aiohttp.typedefs import Handler

from mocast.api.authentication import PRINCIPAL
from mocast.api.client_address import client_of
from mocast.api.route import Route, route
from mocast.api.routes.offers import OfferCalls, SessionAddress, relative_address, room_name
from mocast.model.options import SubscribeRequest
from mocast.rooms.registry import Rooms
from mocast.validation import read_query
from mocast.webrtc.offer import Flow


def subscribe_routes(rooms: Rooms, calls: OfferCalls) -> list[Route]:
    """``POST`` and ``OPTIONS /v1/rooms/{room}/subscribe``."""
    path = "/v1/rooms/{room}/subscribe"
    return [
        route("POST", path, subscribe_handler(rooms, calls), grant="subscribe"),
        route("OPTIONS", path, calls.options(204), grant="subscribe"),
    ]


def subscribe_handler(
    rooms: Rooms,
    calls: OfferCalls,
    *,
    flow: Flow | None = None,
    address: SessionAddress = relative_address,
    needs_publisher: bool = False,
) -> Handler:
    """Return what answers a viewer's offer. ``needs_publisher``: whether a room in which nobody publishes is a 409."""

    async def subscribe(request: web.Request) -> web.Response:
        name = room_name(request)
        wanted = read_query(SubscribeRequest, request.query)
        offer = await calls.read(request, needs_video=False, flow=flow)
        session, answer = await rooms.subscribe(
            name,
            offer,
            wanted,
            client_of(request),
            principal=request[PRINCIPAL],
            needs_publisher=needs_publisher,
        )
        return calls.accepted(request, session, answer, address)

    return subscribe
