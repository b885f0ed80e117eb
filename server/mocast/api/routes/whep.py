"""WHEP, the WebRTC-HTTP Egress Protocol (draft-ietf-wish-whep): watching a room with any of its players.

Offers are answered or refused; counter-offers, which the draft lets a server make, are not made.
"""

from mocast.api.route import Route
from mocast.api.routes.offers import Signaling, endpoint_routes, location_below
from mocast.api.routes.sessions import protocol_session_routes
from mocast.api.routes.subscribe import subscribe_handler
from mocast.rooms.registry import Rooms

ENDPOINT = "/whep"


def whep_routes(rooms: Rooms, signaling: Signaling) -> list[Route]:
    """``/whep/{room}``, the endpoint, and ``/whep/{room}/{id}``, a session."""
    subscribe = subscribe_handler(
        rooms, signaling, flow="egress", location=location_below(ENDPOINT), needs_publisher=True
    )
    return [
        *endpoint_routes(ENDPOINT, "subscribe", signaling, subscribe),
        *protocol_session_routes(ENDPOINT, "subscribe", "viewer", rooms),
    ]
