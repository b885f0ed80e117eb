"""Publishing to a room: takes the SDP offer, returns the answer (WHIP)."""

from aiohttp import web

from mocast.api.authentication import PRINCIPAL
from mocast.api.client_address import client_of
from mocast.api.ice_servers import IceServers
from mocast.api.route import Route, route
from mocast.api.routes.offers import offer_answer, offer_options, read_offer, room_name
from mocast.model.options import PublishRequest
from mocast.rooms.registry import Rooms
from mocast.validation import read_query
from mocast.webrtc.offer import OfferLimits


def publish_routes(rooms: Rooms, ice: IceServers, limits: OfferLimits) -> list[Route]:
    """``POST`` and ``OPTIONS /v1/rooms/{room}/publish``."""

    async def publish(request: web.Request) -> web.Response:
        name = room_name(request)
        wanted = read_query(PublishRequest, request.query)
        offer = await read_offer(request, limits)
        session, answer = await rooms.publish(name, offer, wanted, client_of(request), principal=request[PRINCIPAL])
        return offer_answer(session, answer, ice, request)

    async def options(request: web.Request) -> web.Response:
        return offer_options(ice, request)

    return [
        route("POST", "/v1/rooms/{room}/publish", publish, grant="publish"),
        route("OPTIONS", "/v1/rooms/{room}/publish", options, grant="publish"),
    ]
