"""WHIP, the WebRTC-HTTP Ingestion Protocol (RFC 9725): publishing to a room from OBS, FFmpeg, GStreamer and others."""

from mocast.api.route import Route
from mocast.api.routes.offers import OfferCalls, address_below, endpoint_routes
from mocast.api.routes.publish import publish_handler
from mocast.api.routes.sessions import protocol_session_routes
from mocast.model.options import WhipRequest
from mocast.rooms.registry import Rooms

ENDPOINT = "/whip"


def whip_routes(rooms: Rooms, calls: OfferCalls) -> list[Route]:
    """``/whip/{room}``, the endpoint, and ``/whip/{room}/{id}``, a session."""
    publish = publish_handler(rooms, calls, kind=WhipRequest, flow="ingest", address=address_below(ENDPOINT))
    return [
        *endpoint_routes(ENDPOINT, "publish", calls, publish),
        *protocol_session_routes(ENDPOINT, "publish", "publisher", rooms),
    ]
