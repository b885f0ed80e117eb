"""WHIP, the WebRTC-HTTP Ingestion Protocol (RFC 9725): publishing to a room from OBS, FFmpeg, GStreamer and others."""

from mocast.api.route import Route
from mocast.api.routes.offers import Signaling, endpoint_routes, location_below
from mocast.api.routes.publish import publish_handler
from mocast.api.routes.sessions import protocol_session_routes
from mocast.model.options import WhipRequest
from mocast.rooms.registry import Rooms

ENDPOINT = "/whip"


def whip_routes(rooms: Rooms, signaling: Signaling) -> list[Route]:
    """``/whip/{room}``, the endpoint, and ``/whip/{room}/{id}``, a session."""
    publish = publish_handler(rooms, signaling, kind=WhipRequest, flow="ingest", location=location_below(ENDPOINT))
    return [
        *endpoint_routes(ENDPOINT, "publish", signaling, publish),
        *protocol_session_routes(ENDPOINT, "publish", "publisher", rooms),
    ]
