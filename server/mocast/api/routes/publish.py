"""Publishing to a room: takes the SDP offer, returns the answer."""

from dataclasses import replace

from aiohttp import web
from aiohttp.typedefs import Handler

from mocast.api.authentication import PRINCIPAL
from mocast.api.client_address import client_of
from mocast.api.route import Route, route
from mocast.api.routes.offers import MakeLocation, Signaling, relative_location, room_name
from mocast.model.options import PublishRequest
from mocast.rooms.registry import Rooms
from mocast.validation import read_query
from mocast.webrtc.offer import Flow


def publish_routes(rooms: Rooms, signaling: Signaling) -> list[Route]:
    """``POST`` and ``OPTIONS /v1/rooms/{room}/publish``."""
    path = "/v1/rooms/{room}/publish"
    return [
        route("POST", path, publish_handler(rooms, signaling), grant="publish", opens=True),
        route("OPTIONS", path, signaling.options(204), grant="publish"),
    ]


def publish_handler(
    rooms: Rooms,
    signaling: Signaling,
    *,
    kind: type[PublishRequest] = PublishRequest,
    flow: Flow | None = None,
    location: MakeLocation = relative_location,
) -> Handler:
    """Return what answers a publisher's offer. ``kind``: what its query may ask for, with the defaults."""

    async def publish(request: web.Request) -> web.Response:
        name = room_name(request)
        wanted = read_query(kind, request.query)
        offer = await signaling.read_offer(request, flow=flow)
        if flow is not None and wanted.options.return_ == "none":
            offer = replace(offer, wants_video_back=False)  # WHIP's answers are recvonly (RFC 9725, section 4.2)
        session, answer = await rooms.publish(name, offer, wanted, client_of(request), principal=request[PRINCIPAL])
        return signaling.answered(request, session, answer, location)

    return publish
