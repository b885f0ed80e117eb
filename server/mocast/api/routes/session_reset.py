"""Ranges of motion and counts begin anew, over HTTP."""

from aiohttp import web

from mocast.api.authentication import PRINCIPAL
from mocast.api.route import Route, route
from mocast.rooms.registry import Rooms


def reset_routes(rooms: Rooms) -> list[Route]:
    """``POST /v1/sessions/{id}/reset``."""

    async def reset(request: web.Request) -> web.Response:
        rooms.sessions.publisher(request.match_info["id"], request[PRINCIPAL]).analysis.reset()
        return web.Response(status=204)

    return [route("POST", "/v1/sessions/{id}/reset", reset, grant="publish")]
