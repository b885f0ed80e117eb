"""Publishing to a room: the offer in, the answer out."""

from aiohttp import web

from mocast.media.offer import parse_offer
from mocast.media.rooms import Rooms
from mocast.signaling.choices import parse_publish_query
from mocast.signaling.ice import IceServers
from mocast.signaling.offers import answered, offer_options, read_offer, room_name


def publish_routes(rooms: Rooms, ice: IceServers) -> list[web.RouteDef]:
    """``POST`` and ``OPTIONS /v1/rooms/{room}/publish``."""

    async def publish(request: web.Request) -> web.Response:
        name = room_name(request)
        wanted = parse_publish_query(request.query)
        offer = parse_offer(await read_offer(request))
        return answered(*await rooms.publish(name, offer, wanted), ice, request)

    async def options(request: web.Request) -> web.Response:
        return offer_options(ice, request)

    return [
        web.post("/v1/rooms/{room}/publish", publish),
        web.route("OPTIONS", "/v1/rooms/{room}/publish", options),
    ]
