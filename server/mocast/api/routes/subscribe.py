"""Watching a room: takes the SDP offer, returns the answer."""

from aiohttp import web

from mocast.api.authentication import PRINCIPAL
from mocast.api.client_address import client_of
from mocast.api.ice_servers import IceServers
from mocast.api.route import Route, route
from mocast.api.routes.offers import offer_answer, offer_options, read_offer, room_name
from mocast.model.options import SubscribeRequest
from mocast.rooms.registry import Rooms
from mocast.validation import read_query
from mocast.webrtc.offer import OfferLimits


def subscribe_routes(rooms: Rooms, ice: IceServers, limits: OfferLimits) -> list[Route]:
    """``POST`` and ``OPTIONS /v1/rooms/{room}/subscribe``."""

    async def subscribe(request: web.Request) -> web.Response:
        name = room_name(request)
        wanted = read_query(SubscribeRequest, request.query)
        offer = await read_offer(request, limits, needs_video=False)
        session, answer = await rooms.subscribe(name, offer, wanted, client_of(request), principal=request[PRINCIPAL])
        return offer_answer(session, answer, ice, request)

    async def options(request: web.Request) -> web.Response:
        return offer_options(ice, request)

    return [
        route("POST", "/v1/rooms/{room}/subscribe", subscribe, grant="subscribe"),
        route("OPTIONS", "/v1/rooms/{room}/subscribe", options, grant="subscribe"),
    ]
