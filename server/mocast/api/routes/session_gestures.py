"""A publisher's custom gestures over HTTP: show and replace them."""

from aiohttp import web

from mocast.api.authentication import PRINCIPAL
from mocast.api.bodies import json_answer, read_json
from mocast.api.route import Route, route
from mocast.rooms.publisher_analysis import PublisherAnalysis
from mocast.rooms.registry import Rooms


def gesture_routes(rooms: Rooms) -> list[Route]:
    """``GET`` and ``PUT /v1/sessions/{id}/gestures``."""

    def find(request: web.Request) -> PublisherAnalysis:
        return rooms.sessions.publisher(request.match_info["id"], request[PRINCIPAL]).analysis

    async def show(request: web.Request) -> web.Response:
        return json_answer(find(request).gestures)

    async def replace(request: web.Request) -> web.Response:
        analysis = find(request)
        return json_answer(analysis.set_gestures(await read_json(request)))

    path = "/v1/sessions/{id}/gestures"
    return [route("GET", path, show, grant="publish"), route("PUT", path, replace, grant="publish")]
